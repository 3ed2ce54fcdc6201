/** grpc-go's interop binaries, as peers: made by install.sh. */
const FOLDER = new URL("./.go/bin/", import.meta.url);

/** Starts one of them. */
export function interopGo(name: "client" | "server", ...args: string[]): Deno.ChildProcess {
  try {
    return new Deno.Command(FOLDER.pathname + name, { args, stdout: "null", stderr: "piped" }).spawn();
  } catch (cause) {
    throw new Error(`grpc-go's interop ${name} is not installed: run tests/peers/install.sh`, { cause });
  }
}
