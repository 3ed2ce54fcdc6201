/**
 * The command line of `./gen`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { shortDiff } from "./diff.ts";
import { generate } from "./generate.ts";
import { LoadError, loadServices } from "./load.ts";
import { isForeign, type OutputFile, readOutput, writeOutput } from "./output.ts";
import { scaffold } from "./scaffold.ts";

/** Where the command tells what it does. */
export interface GenCommandOptions {
  /** Takes what is told. Default: `console.log`. */
  readonly log?: (line: string) => void;
  /** Takes what went wrong. Default: `console.error`. */
  readonly error?: (line: string) => void;
}

const USAGE = `Usage: gen <design.ts>… [--out <folder>] [--check]
       gen scaffold [<design.ts> | <folder>]

Makes .proto, TypeScript and what describes HTTP and streams, of the services that the modules export.

  --out <folder>  Where the files are. Default: gen
  --check         Write nothing; exit with 1 when a file is missing or stale
  --help          Tell this

scaffold begins an implementation of a design, or a project: gen scaffold --help`;

/** What the command line says. */
interface Arguments {
  readonly modules: readonly string[];
  readonly out: string;
  readonly check: boolean;
  readonly help: boolean;
}

/** The command line is wrong. */
class UsageError extends Error {}

/**
 * Runs the command.
 *
 * @param args What follows the command's name: modules and flags
 * @param options Where to tell what happens
 * @returns The exit code: 0 when all is well, 1 when `--check` found something stale, 2 when a design or the command is
 * wrong
 *
 * @example
 * ```ts
 * import { genCommand } from "@x/goats/gen";
 * import { assertEquals } from "@std/assert";
 *
 * const told: string[] = [];
 * const code = await genCommand(["missing.ts"], { error: (line) => told.push(line) });
 * assertEquals(code, 2);
 * assertEquals(told, ["gen: there is no file missing.ts"]);
 * ```
 */
export async function genCommand(args: readonly string[], options: GenCommandOptions = {}): Promise<number> {
  if (args[0] === "scaffold") return await scaffold(args.slice(1), options);
  const { log = (line) => console.log(line), error = (line) => console.error(line) } = options;
  try {
    const { modules, out, check, help } = argumentsOf(args);
    if (help) {
      log(USAGE);
      return 0;
    }
    const designs = (await loadServices(modules)).map(({ design }) => design);
    const files = await readOutput(out, generated(() => generate(...designs)));
    return check ? told(files, log, error) : await written(files, log);
  } catch (thrown) {
    const why = messageFor(thrown);
    if (why === undefined) throw thrown;
    error(`gen: ${why}`);
    return 2;
  }
}

function argumentsOf(args: readonly string[]): Arguments {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        out: { type: "string", default: "gen" },
        check: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    // What follows the first sentence is about other programs.
    throw new UsageError(error instanceof Error ? error.message.split(". ")[0]! : `${error}`);
  }
  const { values: { out, check, help }, positionals } = parsed;
  if (!help && positionals.length === 0) throw new UsageError("no design is named");
  if (out === "") throw new UsageError("--out names no folder");
  return { modules: positionals, out, check, help };
}

/** What a generator throws is about the design. */
function generated<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof TypeError) throw new LoadError(error.message, { cause: error });
    throw error;
  }
}

/** What went wrong, where its author can do something about it; `undefined` for a mistake of ours. */
function messageFor(thrown: unknown): string | undefined {
  if (thrown instanceof UsageError) return `${thrown.message}\n\n${USAGE}`;
  if (thrown instanceof LoadError) return thrown.message;
  const isSystem = Object.values(Deno.errors).some((kind) => thrown instanceof kind);
  return isSystem ? (thrown as Error).message : undefined;
}

async function written(files: readonly OutputFile[], log: (line: string) => void): Promise<number> {
  // Before the first is written: all or none.
  const foreign = files.filter(isForeign);
  if (foreign.length > 0) {
    const list = foreign.map(({ path }) => `  ${path}`).join("\n");
    throw new LoadError(
      `Cannot write over what gen did not make: move it, or name another folder with --out\n${list}`,
    );
  }
  const changed = files.filter(({ text, present }) => text !== present);
  for (const file of changed) {
    await writeOutput(file);
    log(`${file.path} ${file.present === undefined ? "made" : "changed"}`);
  }
  const same = files.length - changed.length;
  log(`${changed.length} written, ${same} unchanged`);
  return 0;
}

/** Lines of the diff of one file. */
const DIFF_LINES = 20;

function told(
  files: readonly OutputFile[],
  log: (line: string) => void,
  error: (line: string) => void,
): number {
  const stale = files.filter(({ text, present }) => text !== present);
  for (const { path, text, present } of stale) {
    if (present === undefined) error(`missing: ${path}`);
    else error([`stale: ${path}`, ...shortDiff(present, text, DIFF_LINES)].join("\n"));
  }
  if (stale.length === 0) log(`${files.length} up to date`);
  else error(`gen: ${stale.length} of ${files.length} files are stale: run gen without --check`);
  return stale.length === 0 ? 0 : 1;
}
