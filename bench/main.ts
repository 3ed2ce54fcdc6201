/**
 * goats beside what people would pick instead: `deno task bench`. See README.md.
 *
 *     deno task bench [--rounds 5] [--pairs 1] [--scale 1] [--warm 5] [--families ws,grpc] [--peers raw,goats.v1]
 *                     [--scenarios push,flood] [--kinds sample,tick] [--out DIRECTORY] [--smoke]
 *
 * @module
 */
import { parseArgs } from "node:util";
import { loadavg } from "node:os";
import { type Kind, make } from "./messages.ts";
import { peers } from "./peers.ts";
import { FAMILIES, scenarioTable, titleOf } from "./report.ts";
import { figuresOf, resultsOf } from "./results.ts";
import { type Plan, run } from "./runner.ts";
import { type Family, type ScenarioName, scenarios } from "./scenarios.ts";
import { textTable } from "./table.ts";
import { write } from "./write.ts";

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    rounds: { type: "string", default: "5" },
    /** How often new processes are measured, so many rounds each. */
    pairs: { type: "string", default: "1" },
    /** Multiplies the time that a measurement takes. */
    scale: { type: "string", default: "1" },
    /** How many measurements' time goes unmeasured before. */
    warm: { type: "string", default: "5" },
    families: { type: "string" },
    peers: { type: "string" },
    scenarios: { type: "string" },
    kinds: { type: "string" },
    /** Where the results are written: the file, the page and the charts. */
    out: { type: "string" },
    /** A handful of messages of each peer in each scenario: does it all work? */
    smoke: { type: "boolean", default: false },
  },
});

/** What an option lists, or all there is. */
function listed<T extends string>(option: string, value: string | undefined, known: readonly T[]): T[] {
  const wanted = value?.split(",").map((name) => name.trim());
  const unknown = wanted?.filter((name) => !known.includes(name as T)) ?? [];
  if (unknown.length > 0) {
    console.error(`--${option}: there is no ${unknown.join(", ")}, only ${known.join(", ")}`);
    Deno.exit(2);
  }
  return known.filter((name) => wanted?.includes(name) ?? true);
}

/** A number greater than nothing. */
function positive(option: string, value: string): number {
  const number = Number(value);
  if (number > 0) return number;
  console.error(`--${option}: ${value} is no number greater than 0`);
  Deno.exit(2);
}

const families = listed("families", options.families, Object.keys(FAMILIES) as Family[]);
// Names have commas of their own.
const names = options.peers?.replaceAll("goats, plain", "plain").split(",").map((name) => name.trim());
const known = peers.map(({ name }) => name === "goats, plain" ? "plain" : name);
const chosen = listed("peers", names?.join(), known);
const plan: Plan = {
  peers: peers.filter(({ family }, index) => families.includes(family) && chosen.includes(known[index]!)),
  scenarios: listed("scenarios", options.scenarios, Object.keys(scenarios) as ScenarioName[]),
  kinds: listed("kinds", options.kinds ?? "sample", Object.keys(make) as Kind[]),
  rounds: options.smoke ? 1 : Math.ceil(positive("rounds", options.rounds)),
  pairs: Math.ceil(positive("pairs", options.pairs)),
  scale: positive("scale", options.scale),
  warm: positive("warm", options.warm),
  smoke: options.smoke,
};

const began = new Date();
const load = loadavg()[0]!;
console.log(
  `Medians of ${plan.rounds * plan.pairs} rounds; ratios with the lowest and the highest of the rounds.`,
);
const measurements = await run(plan, (_scenario, _kind, own) => {
  const figures = figuresOf(plan.peers, own);
  if (figures.length === 0) return;
  console.log(`\n${FAMILIES[figures[0]!.family]}: ${titleOf(figures[0]!)}`);
  console.log(textTable(scenarioTable(plan.peers, figures)));
});
const results = await resultsOf(plan, began, load, measurements);
console.log(`\n${measurements.length} measurements in ${results.seconds} s`);
if (options.out !== undefined) { for (const file of await write(results, options.out)) console.log(file); }
