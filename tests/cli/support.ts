/** Runs the command within the test, on input and output of the test's own. */
import { cli, type CliIo } from "../../src/cli/main.ts";
import { httpHandler, type ServiceImplementation } from "@x/goats";
import { grpcServer } from "@x/goats/grpc";
import { auth } from "./service.ts";

/** What a run of the command gave. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command. */
export async function run(args: readonly string[], stdin = "", more: Partial<CliIo> = {}): Promise<Ran> {
  let out = "";
  let err = "";
  const utf8 = new TextDecoder();
  const code = await cli(args, {
    stdin: () => new Blob([stdin]).stream(),
    write(bytes) {
      out += utf8.decode(bytes, { stream: true });
      return Promise.resolve();
    },
    tell: (text) => void (err += text),
    terminal: { stdin: false, stdout: false, stderr: false },
    onSignal: () => () => {},
    exit(code) {
      throw new Error(`exit ${code}`);
    },
    ...more,
  });
  return { code, out, err };
}

/** Input and output of a command that is given `then` once something came of `first`. */
export function inTurn(first: Uint8Array<ArrayBuffer>, then: Uint8Array<ArrayBuffer>): Partial<CliIo> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const written = writer.write(first);
  return {
    stdin: () => readable,
    async write() {
      await written;
      await writer.write(then);
    },
  };
}

/** Serves services over HTTP and gRPC while `use` runs. */
export async function withServers(
  services: readonly ServiceImplementation[],
  use: (urls: { readonly http: string; readonly ws: string; readonly grpc: string }) => Promise<void>,
): Promise<void> {
  const handler = httpHandler(services, { auth, onError() {} });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  const grpc = grpcServer(services, { auth, onError() {} });
  const { port } = await grpc.listen("127.0.0.1:0");
  try {
    const at = `127.0.0.1:${server.addr.port}`;
    await use({ http: `http://${at}`, ws: `ws://${at}`, grpc: `grpc://127.0.0.1:${port}` });
  } finally {
    await grpc.shutdown(0);
    await handler.shutdown(0);
    await server.shutdown();
  }
}

/** The path of a file beside this one. */
export const here = (name: string): string => new URL(name, import.meta.url).pathname;

/** The command in a process of its own. */
export function command(args: readonly string[], stdin: "piped" | "null" = "piped"): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", new URL("../../src/cli/main.ts", import.meta.url).href, ...args],
    stdin,
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  });
}

/** Runs the command in a process of its own. */
export async function spawned(args: readonly string[]): Promise<Ran> {
  const { code, stdout, stderr } = await command(args, "null").output();
  const utf8 = new TextDecoder();
  return { code, out: utf8.decode(stdout), err: utf8.decode(stderr) };
}
