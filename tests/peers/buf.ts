/** Buf's command line, as a peer: npm has it. */
import { type Said, said } from "./go.ts";

/** Earlier ones spoke HTTP/1.1 where no TLS told otherwise. */
const VERSION = "1.74.0";

function command(...args: string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-config", "-A", `npm:@bufbuild/buf@${VERSION}`, ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stderr: "piped",
  });
}

/** Leaves out a test, saying why, where npm cannot give it. */
export function bufPeer(): { readonly ignore: boolean } {
  const { success, stderr } = command("--version").outputSync();
  if (!success) console.warn(`tests with buf are left out: ${new TextDecoder().decode(stderr)}`);
  return { ignore: !success };
}

/** Runs `buf curl`. */
export async function bufCurl(...args: string[]): Promise<Said> {
  return said(await command("curl", ...args).output());
}
