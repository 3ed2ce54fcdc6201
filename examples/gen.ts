/**
 * Makes what is in the `gen` folder of each example: `deno task gen`, and `deno task gen --check`.
 *
 * @module
 */
import { genCommand } from "@x/goats/gen";

/** The examples that have one. */
const EXAMPLES = ["monitor", "analytics", "chat", "cellar", "guide"] as const;

/** As a user would run it, once for each: the worst exit code of all. */
export async function generateExamples(flags: readonly string[]): Promise<number> {
  let worst = 0;
  for (const name of EXAMPLES) {
    const code = await genCommand([
      new URL(`${name}/design.ts`, import.meta.url).href,
      "--out",
      `examples/${name}/gen`,
      ...flags,
    ]);
    worst = Math.max(worst, code);
  }
  return worst;
}

if (import.meta.main) Deno.exit(await generateExamples(Deno.args));
