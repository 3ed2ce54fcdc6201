/** Debian's Python with gRPC's C core, as a peer. */
import { fileURLToPath } from "node:url";

/** Debian's own, whatever else is called python3 on this machine. */
const PYTHON = "/usr/bin/python3";
const HERE = fileURLToPath(import.meta.resolve("./"));

/** Leaves out a test, saying why, where there is no such Python. */
export function pythonPeer(): { readonly ignore: boolean } {
  return { ignore: missing ??= isMissing() };
}

let missing: boolean | undefined;

const isMissing = () =>
  [[PYTHON, "-c", "import grpc, google.protobuf"], ["protoc", "--version"]].some(
    ([name, ...args]) => {
      try {
        const { success, stderr } = new Deno.Command(name!, { args, stderr: "piped" }).outputSync();
        if (success) return false;
        console.warn(`tests with the C core are left out: ${new TextDecoder().decode(stderr)}`);
      } catch {
        console.warn(`tests with the C core are left out: tests/peers/install.sh has not installed ${name}`);
      }
      return true;
    },
  );

/** Makes Python modules of .proto files; resolves to their folder. */
export async function protoModules(files = ["trip_log.proto", "details.proto"]): Promise<string> {
  const folder = await Deno.makeTempDir();
  const { success, stderr } = await new Deno.Command("protoc", {
    args: [`--proto_path=${HERE}`, `--python_out=${folder}`, ...files],
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`protoc: ${new TextDecoder().decode(stderr)}`);
  return folder;
}

/** Starts a script of this folder. The server ends when its stdin does. */
export function python(script: string, stdin: "null" | "piped", ...args: string[]): Deno.ChildProcess {
  return new Deno.Command(PYTHON, {
    args: [HERE + script, ...args],
    stdin,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Takes the port out of the line `port N` that a server prints. */
export async function portOf(lines: ReadableStreamDefaultReader<string>): Promise<number> {
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await lines.read();
    if (done) break;
    text += value;
  }
  const port = /port (\d+)/.exec(text)?.[1];
  if (port === undefined) throw new Error(`the server said ${JSON.stringify(text)}`);
  return Number(port);
}
