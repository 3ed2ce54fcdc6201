/**
 * `scaffold`: a service that runs, a client and tests from a design; or a new project from nothing.
 *
 * @module
 */
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { GenCommandOptions } from "./command.ts";
import type { GeneratedFile } from "./files.ts";
import { LoadError } from "./load.ts";
import { designFiles } from "./scaffold_design.ts";
import { projectFiles } from "./scaffold_project.ts";

const USAGE = `Usage: gen scaffold <design.ts> [--out <folder>]
       gen scaffold [<folder>]

For a design: what implements, calls, tests and serves its services. Without one: a new project.
Files that are there already are left as they are.

  --out <folder>  Where to write. Default: the design's own folder
  --help          Tell this`;

/** What the command line says. */
interface Arguments {
  /** The design's module, or the folder of a new project. */
  readonly from: string;
  readonly out: string | undefined;
  readonly help: boolean;
}

/**
 * Writes what is needed to begin: for a design, or for a new project. Nothing that is there already is touched.
 *
 * @param args What follows `scaffold` on the command line
 * @param options Where to tell what happens
 * @returns The exit code: 0 when all is well, 2 when the design or the command is wrong
 */
export async function scaffold(args: readonly string[], options: GenCommandOptions = {}): Promise<number> {
  const { log = (line) => console.log(line), error = (line) => console.error(line) } = options;
  let given: Arguments;
  try {
    given = argumentsOf(args);
  } catch (thrown) {
    error(`scaffold: ${(thrown as Error).message.split(". ")[0]}\n\n${USAGE}`);
    return 2;
  }
  const { from, out, help } = given;
  if (help) {
    log(USAGE);
    return 0;
  }
  const isDesign = /\.[cm]?[jt]sx?$/.test(from);
  const folder = resolve(out ?? (isDesign ? dirname(from) : from));
  try {
    if (isDesign) await write(folder, await designFiles(from, folder), log);
    else await project(folder, log);
  } catch (thrown) {
    const isSystem = Object.values(Deno.errors).some((kind) => thrown instanceof kind);
    if (!(thrown instanceof LoadError) && !isSystem) throw thrown;
    error(`scaffold: ${(thrown as Error).message}`);
    return 2;
  }
  return 0;
}

function argumentsOf(args: readonly string[]): Arguments {
  const { values: { out, help }, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { out: { type: "string" }, help: { type: "boolean", short: "h", default: false } },
  });
  if (positionals.length > 1) throw new TypeError("there is more than one design or folder");
  if (out === "") throw new TypeError("--out names no folder");
  const [from = "."] = positionals;
  // Windows has drive letters where URLs have schemes.
  if (/^[a-z][a-z\d+.-]+:/i.test(from)) throw new TypeError("a design to begin with is a file, no URL");
  return { from, out, help };
}

/**
 * Where this package is, and what it is linked to itself, as a project in `folder` names them: whoever runs a checkout
 * wants it, and may have no JSR. Nothing where this was taken from a registry.
 */
async function checkout(folder: string): Promise<readonly string[]> {
  const { protocol } = new URL(import.meta.url);
  if (protocol !== "file:") return [];
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const config = await Deno.readTextFile(join(root, "deno.json")).catch(() => "{}");
  const { links = [] } = JSON.parse(config) as { readonly links?: readonly string[] };
  return [".", ...links].map((link) => relative(folder, join(root, link)).replaceAll("\\", "/"));
}

/** A new project, beside whatever is there. */
async function project(folder: string, log: (line: string) => void): Promise<void> {
  const files = projectFiles(basename(folder), await checkout(folder));
  const jsonc = await Deno.readTextFile(join(folder, "deno.jsonc")).catch(() => undefined);
  if (jsonc !== undefined) log("deno.jsonc left as it is"); // Deno would not look at it beside a deno.json
  await write(folder, jsonc === undefined ? files : files.filter(({ path }) => path !== "deno.json"), log);
  const config = jsonc ?? await Deno.readTextFile(join(folder, "deno.json"));
  if (config.includes("@x/goats") && config.includes("@std/assert")) return;
  const name = jsonc === undefined ? "deno.json" : "deno.jsonc";
  log(`${name} knows nothing of goats: deno add jsr:@x/goats jsr:@std/assert`);
}

/** Writes what is not there yet, and tells. */
async function write(
  folder: string,
  files: readonly GeneratedFile[],
  log: (line: string) => void,
): Promise<void> {
  const written: string[] = [];
  for (const { path, text } of files) {
    const file = join(folder, path);
    await Deno.mkdir(dirname(file), { recursive: true });
    try {
      await Deno.writeTextFile(file, text, { createNew: true });
      written.push(file);
      log(`${path} made`);
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      log(`${path} left as it is`);
    }
  }
  await format(folder, written);
}

/** Lays out what was written as the folder's configuration says. What cannot be is right as it is. */
async function format(folder: string, files: readonly string[]): Promise<void> {
  const code = files.filter((file) => file.endsWith(".ts"));
  if (code.length === 0) return;
  const args = ["fmt", "--quiet", ...code];
  await new Deno.Command(Deno.execPath(), { args, cwd: folder, stdout: "null", stderr: "null" }).output();
}
