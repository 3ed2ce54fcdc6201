/** Programs in Go, as peers: made by install.sh. */
const FOLDER = new URL("./.go/bin/", import.meta.url);

/** What install.sh makes: grpc-go's interop client and server, a server with its reflection, and grpcurl. */
export type GoPeer = "client" | "server" | "reflect" | "grpcurl";

/** Leaves out a test, saying why, where Go could not make its peer. */
export function goPeer(name: GoPeer): { readonly ignore: boolean } {
  try {
    return { ignore: !Deno.statSync(new URL(name, FOLDER)).isFile };
  } catch {
    console.warn(`tests with the peer ${name} are left out: tests/peers/install.sh has not installed it`);
    return { ignore: true };
  }
}

/** Starts one of grpc-go's interop binaries. */
export function interopGo(name: "client" | "server", ...args: string[]): Deno.ChildProcess {
  return new Deno.Command(FOLDER.pathname + name, { args, stdout: "null", stderr: "piped" }).spawn();
}

/** Runs grpcurl. */
export async function grpcurl(...args: string[]): Promise<Said> {
  return said(await new Deno.Command(`${FOLDER.pathname}grpcurl`, { args, stdin: "null" }).output());
}

/** What a program said. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Reads the output of a program. */
export function said({ code, stdout, stderr }: Deno.CommandOutput): Said {
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** Starts grpcurl. */
export function grpcurlProcess(...args: string[]): Deno.ChildProcess {
  return new Deno.Command(`${FOLDER.pathname}grpcurl`, {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}
