/**
 * Runs many schedules: `deno task test:faults [--mode=plain/both] [--seed=N] [--schedules=1000] [--at-once=60]`.
 * Prints the seed; a schedule that fails, with the command that runs it again. Exits 1 when one did.
 */
import { parseArgs } from "node:util";
import { modes } from "./modes.ts";
import { leftovers, report, runMany } from "./runner.ts";
import { world } from "./world.ts";

const { values } = parseArgs({
  options: {
    mode: { type: "string", default: "" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
    schedules: { type: "string", default: "1000" },
    "at-once": { type: "string", default: "60" },
  },
});
const seed = Number(values.seed);
const schedules = Number(values.schedules);
let failures = 0;
console.log(`seed ${seed}, ${schedules} schedules for each mode`);
for (const mode of modes.filter(({ name }) => name.startsWith(values.mode))) {
  const start = performance.now();
  await using server = world(mode.server);
  const tally = await runMany(server, mode, seed, schedules, Number(values["at-once"]));
  const left = await leftovers(server);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  const { ok, error, released, connections, failed } = tally;
  console.log(
    `${mode.name}: ${ok} ended well, ${error} with an error (${released} after the release), ` +
      `${connections} connections, ${failed.length} failed, ${seconds} s`,
  );
  for (const verdict of failed) console.log(report(mode, verdict));
  for (const problem of left) console.log(`${mode.name}: ${problem}`);
  failures += failed.length + left.length;
}
Deno.exit(failures > 0 ? 1 : 0);
