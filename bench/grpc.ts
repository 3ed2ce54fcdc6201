/**
 * gRPC by goats against gRPC by others: `deno task bench:grpc`. A server and a client process for each library, the same
 * messages, every round in another order, ratios to grpc-js by hand.
 *
 * @module
 */
import { parseArgs } from "node:util";
import type { Job, Kind, Scenario } from "./grpc_design.ts";
import { median } from "./median.ts";
import { talk } from "./process.ts";

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    rounds: { type: "string", default: "7" },
    libraries: { type: "string", default: "raw,goats,nice-grpc,connect-node" },
    scenarios: { type: "string", default: "unary,unary50,push,flood,echo,pingpong" },
    kinds: { type: "string", default: "sample,tick" },
    /** Multiplies the number of messages. */
    scale: { type: "string", default: "1" },
  },
});

/** Messages of a measurement: about half a second of that by hand. */
const COUNTS: Readonly<Record<Scenario, number>> = {
  unary: 1_000,
  unary50: 2_000,
  push: 40_000,
  flood: 25_000,
  echo: 15_000,
  pingpong: 4_000,
};

const path = new URL("grpc_process.ts", import.meta.url).pathname;

/** What a measurement came to. */
interface Figures {
  /** Messages per second. */
  readonly rate: number;
  /** CPU time that a message costs, at both ends together, in µs: it suffers less from what else the machine does. */
  readonly cpu: number;
}

async function start(library: string) {
  const server = talk(path, library);
  const client = talk(path, library, await server.line());
  async function serverCpu(): Promise<number> {
    await server.write("");
    return Number(await server.line());
  }
  return {
    library,
    /** Runs a job. */
    async run(scenario: Scenario, kind: Kind, scale: number): Promise<Figures> {
      const count = Math.ceil(COUNTS[scenario] * scale);
      const before = await serverCpu();
      await client.write(JSON.stringify({ scenario, kind, count } satisfies Job));
      const [ms, cpu] = JSON.parse(await client.line());
      return { rate: count / ms * 1000, cpu: (await serverCpu() - before + cpu) / count };
    },
    async end() {
      await client.end();
      await server.end();
    },
  };
}

const WIDTH = 60;
/** Messages before those that are measured: until then it is the compiler that is measured. */
const WARM = 4;
const rounds = Number(options.rounds);
const scale = Number(options.scale);
const started = await Promise.all(options.libraries.split(",").map(start));
console.log(
  `median of ${rounds} rounds: messages per second, µs of CPU time per message at both ends together, and the ratios of ` +
    `both to the first (lowest to highest of the rounds)\n`,
);
console.log(["scenario".padEnd(18), ...started.map(({ library }) => library.padEnd(WIDTH))].join(""));
for (const scenario of options.scenarios.split(",") as Scenario[]) {
  for (const kind of options.kinds.split(",") as Kind[]) {
    const runs = started.map((): Figures[] => []);
    for (const each of started) await each.run(scenario, kind, scale * WARM);
    for (let round = 0; round < rounds; round++) {
      // Another one goes first each time.
      for (let turn = 0; turn < started.length; turn++) {
        const index = (round + turn) % started.length;
        runs[index]!.push(await started[index]!.run(scenario, kind, scale));
      }
    }
    const cells = runs.map((own) => {
      const rate = Math.round(median(own.map(({ rate }) => rate))).toLocaleString("en").padStart(8);
      const cpu = median(own.map(({ cpu }) => cpu)).toFixed(1).padStart(7);
      if (own === runs[0]) return `${rate}/s ${cpu} µs`.padEnd(WIDTH);
      const told = (["rate", "cpu"] as const).map((of) => {
        const ratios = own.map((figures, round) => figures[of] / runs[0]![round]![of]);
        return `${median(ratios).toFixed(2)}× (${Math.min(...ratios).toFixed(2)}–${
          Math.max(...ratios).toFixed(2)
        })`;
      });
      return `${rate}/s ${told[0]} ${cpu} µs ${told[1]}`.padEnd(WIDTH);
    });
    console.log([`${scenario} ${kind}`.padEnd(18), ...cells].join(""));
  }
}
for (const each of started) await each.end();
