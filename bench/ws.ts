/**
 * How fast goats is over a WebSocket, as ratios to what one writes by hand with `Deno.upgradeWebSocket` and `JSON`.
 *
 * Every wire has a server process and a client process of its own; they take turns (A B C A B C …), so that a machine
 * that slows down slows down all of them, and the ratios are those of neighbours.
 *
 *     deno task bench:ws [--rounds 5] [--wires raw,plain] [--scenarios push,echo] [--kinds sample] [--scale 1]
 *
 * @module
 */
import { parseArgs } from "node:util";
import { median } from "./median.ts";
import { talk } from "./process.ts";
import type { Job, Kind, Scenario } from "./ws_design.ts";

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    rounds: { type: "string", default: "5" },
    wires: { type: "string", default: "raw,plain,goats.v1" },
    scenarios: { type: "string", default: "push,flood,echo,pingpong" },
    kinds: { type: "string", default: "sample,tick" },
    /** Multiplies the number of messages. */
    scale: { type: "string", default: "1" },
  },
});

/** Messages of a measurement: about half a second of the raw one. */
const COUNTS: Record<Scenario, number> = { push: 150_000, flood: 150_000, echo: 50_000, pingpong: 20_000 };
/** A faster wire gets more, so that what it takes to begin does not count for more. */
const FACTORS: Record<string, number> = { "goats.v1": 3 };

const path = (name: string) => new URL(name, import.meta.url).pathname;

async function startWire(wire: string) {
  const server = talk(path("ws_server.ts"), wire === "raw" ? "raw" : "goats");
  const client = talk(path("ws_client.ts"), wire, await server.line());
  return {
    wire,
    /** Runs a job; gives messages per second. */
    async run(scenario: Scenario, kind: Kind, scale: number): Promise<number> {
      const count = Math.ceil(COUNTS[scenario] * (FACTORS[wire] ?? 1) * scale);
      await client.write(JSON.stringify({ scenario, kind, count } satisfies Job));
      return count / Number(await client.line()) * 1000;
    },
    async end() {
      await client.end();
      await server.end();
    },
  };
}

const rounds = Number(options.rounds);
const scale = Number(options.scale);
const wires = await Promise.all(options.wires.split(",").map(startWire));
const names = wires.map(({ wire }) => wire);
console.log(
  `median of ${rounds} rounds, messages per second and ratio to raw (lowest to highest of the rounds)\n`,
);
console.log(["scenario".padEnd(18), ...names.map((name) => name.padEnd(34))].join(""));
for (const scenario of options.scenarios.split(",") as Scenario[]) {
  for (const kind of options.kinds.split(",") as Kind[]) {
    const rates = wires.map((): number[] => []);
    for (const wire of wires) await wire.run(scenario, kind, scale / 2); // Warms up.
    for (let round = 0; round < rounds; round++) {
      for (const [index, wire] of wires.entries()) rates[index]!.push(await wire.run(scenario, kind, scale));
    }
    const cells = rates.map((own) => {
      const rate = Math.round(median(own)).toLocaleString("en").padStart(9);
      if (own === rates[0]) return rate.padEnd(34);
      const ratios = own.map((value, round) => value / rates[0]![round]!);
      const range = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
      return `${rate}  ${median(ratios).toFixed(2)}× (${range})`.padEnd(34);
    });
    console.log([`${scenario} ${kind}`.padEnd(18), ...cells].join(""));
  }
}
for (const wire of wires) await wire.end();
