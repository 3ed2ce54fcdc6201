/**
 * Node, for peers that were made for it.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** Node: what is installed, or else npm's. */
export function nodeCommand(): [string, ...string[]] {
  try {
    const { stdout } = new Deno.Command("node", { args: ["--version"] }).outputSync();
    if (Number(/^v(\d+)/.exec(new TextDecoder().decode(stdout))?.[1]) >= 20) return ["node"];
  } catch {
    // There is none.
  }
  return ["npx", "-y", "node@22"];
}

/** Its version. */
export async function nodeVersion(): Promise<string> {
  const [command, ...args] = nodeCommand();
  const { stdout } = await new Deno.Command(command, { args: [...args, "--version"] }).output();
  return new TextDecoder().decode(stdout).trim();
}

/** Makes one file of a peer and all that it imports; what Node runs does the same as peer_process.ts. */
export async function bundlePeer(module: string, directory: string): Promise<string> {
  const name = module.replace(".ts", "");
  const [entry, made] = [`${directory}/${name}_entry.ts`, `${directory}/${name}.mjs`];
  await Deno.writeTextFile(
    entry,
    `import { peer } from ${JSON.stringify(import.meta.resolve(`./peers/${module}`))};
import { work } from ${JSON.stringify(import.meta.resolve("./worker.ts"))};
await work(peer, process.argv[2]);
`,
  );
  const config = fileURLToPath(import.meta.resolve("../deno.json"));
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--config", config, entry, "-o", made],
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`deno bundle: ${new TextDecoder().decode(stderr)}`);
  return made;
}
