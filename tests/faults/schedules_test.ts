/** A selection of the schedules of `deno task test:faults`: some that stay, and some that nobody has seen yet. */
import { assertEquals } from "@std/assert";
import { leftovers, type Mode, report, runMany } from "./runner.ts";
import { modes } from "./modes.ts";
import { world } from "./world.ts";

const SCHEDULES = 8;
const seeds = [1, Math.floor(Math.random() * 1e9)];

async function problemsOf(mode: Mode): Promise<string[]> {
  const server = world(mode.server);
  try {
    const tallies = await Promise.all(seeds.map((seed) => runMany(server, mode, seed, SCHEDULES, SCHEDULES)));
    const failed = tallies.flatMap((tally) => tally.failed.map((verdict) => report(mode, verdict)));
    return [...failed, ...(await leftovers(server)).map((problem) => `${mode.name}: ${problem}`)];
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

Deno.test({
  name: `faults: ${SCHEDULES} schedules for each mode from seed ${seeds.join(" and from ")}`,
  // Deno never settles an upgrade whose peer was gone before the 101 (runtime.md).
  sanitizeOps: false,
  async fn() {
    // Some at once: most of the time they wait.
    const problems: string[][] = [];
    const left = [...modes];
    await Promise.all(Array.from({ length: 6 }, async () => {
      for (let mode = left.pop(); mode !== undefined; mode = left.pop()) {
        problems.push(await problemsOf(mode));
      }
    }));
    assertEquals(problems.flat().join("\n"), "");
  },
});
