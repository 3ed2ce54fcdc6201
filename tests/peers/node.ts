/** Node, as a runtime that peers of npm were made for. */
import { fileURLToPath } from "node:url";

/** Node 22: what is installed, or else npm's. */
function nodeCommand(): string[] {
  try {
    const { stdout } = new Deno.Command("node", { args: ["--version"] }).outputSync();
    if (Number(/^v(\d+)/.exec(new TextDecoder().decode(stdout))?.[1]) >= 22) return ["node"];
  } catch {
    // There is none.
  }
  return ["npx", "-y", "node@22"];
}

/** Makes one file of a script of this folder and all that it imports. */
export async function bundleForNode(script: string): Promise<string> {
  const made = await Deno.makeTempFile({ suffix: ".mjs" });
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", fileURLToPath(import.meta.resolve(`./${script}`)), "-o", made],
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`deno bundle: ${new TextDecoder().decode(stderr)}`);
  return made;
}

/** Starts a bundled script. */
export function node(stdin: "null" | "piped", ...args: string[]): Deno.ChildProcess {
  const [command, ...before] = nodeCommand();
  return new Deno.Command(command!, {
    args: [...before, ...args],
    stdin,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}
