/**
 * Makes what others need of a design: `.proto` files, TypeScript types, and what describes its HTTP and its streams.
 *
 * ```sh
 * deno run -A jsr:@x/goats/gen design.ts --out gen
 * deno run -A jsr:@x/goats/gen design.ts --out gen --check
 * deno run -A jsr:@x/goats/gen scaffold design.ts
 * deno run -A jsr:@x/goats/gen scaffold
 * ```
 *
 * Imports each design module, takes the services that it exports, and writes the files that differ from what is there.
 * It never removes a file, and never writes over one that it did not make. With `--check` it writes nothing, and tells
 * what would change. The exit code is 0 when all is well, 1 when `--check` found something stale, 2 when a design or
 * the command is wrong.
 *
 * `scaffold` begins: for a design it writes an implementation, a client, tests and what serves them; without one, a new
 * project. What is there already it leaves.
 *
 * Deno ≥ 2.9; needs `--allow-read`, `--allow-write` unless it checks, and what the design modules need.
 *
 * @module
 */
import { genCommand } from "./command.ts";

export { genCommand, type GenCommandOptions } from "./command.ts";
export { generate } from "./generate.ts";
export type { GeneratedFile } from "./files.ts";

if (import.meta.main) Deno.exit(await genCommand(Deno.args));
