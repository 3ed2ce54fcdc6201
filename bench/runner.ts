/**
 * Runs peers in turn: a server and a client process for each, every round in another order.
 *
 * @module
 */
import { delay } from "@std/async";
import type { Kind } from "./messages.ts";
import { bundlePeer, nodeCommand } from "./node.ts";
import type { PeerInfo } from "./peers.ts";
import { talk } from "./process.ts";
import { BURST, type Family, type Metric, type ScenarioName, scenarios } from "./scenarios.ts";
import { starts } from "./startup.ts";
import type { Done, Job, Usage } from "./worker.ts";

/** What is to be run. */
export interface Plan {
  readonly peers: readonly PeerInfo[];
  readonly scenarios: readonly ScenarioName[];
  readonly kinds: readonly Kind[];
  readonly rounds: number;
  /** How often all of it is done with new processes: the same program may be a fifth slower from one to the next. */
  readonly pairs: number;
  /** How long a measurement takes, 1 being {@linkcode MEASURE_MS}. */
  readonly scale: number;
  /** How much longer than a measurement each runs unmeasured before: until then it is the compiler that is measured. */
  readonly warm: number;
  /** A handful of messages, once, unwarmed: does it all work? */
  readonly smoke: boolean;
}

/** One peer in one round of one scenario. */
export interface Measurement {
  readonly family: Family;
  readonly scenario: ScenarioName;
  readonly kind: Kind;
  readonly peer: string;
  readonly round: number;
  /** Messages that came through; connections, of the scenario `idle`; starts, of `startup`. */
  readonly count: number;
  readonly values: Readonly<Partial<Record<Metric, number>>>;
}

/** ms of a measurement, so that a slow peer takes no longer than a fast one. */
const MEASURE_MS = 300;
/** Rounds of what starts new processes, at most: it is steadier, and takes longer. */
const FRESH_ROUNDS = 3;
/** Starts of a round of `startup`. */
const STARTS = 4;
/** Deno, without the warning that it gives to those who look at `request.signal`. */
const DENO = [Deno.execPath(), "run", "-A", "--unstable-no-legacy-abort"] as const;
/** Streams, connections and messages where nothing is measured. */
const SMOKE = { streams: 5, count: 20, burst: 4 } as const;

/** Runs it all; tells the measurements of each scenario and kind as they are there. */
export async function run(
  plan: Plan,
  tell: (scenario: ScenarioName, kind: Kind, measurements: readonly Measurement[]) => void,
): Promise<Measurement[]> {
  const directory = await Deno.makeTempDir({ prefix: "goats_bench_" });
  try {
    const commands = await commandsOf(plan.peers, directory);
    const all: Measurement[] = [];
    for (const family of ["ws", "grpc"] as const) {
      const peers = plan.peers.filter((peer) => peer.family === family);
      const told = (scenario: ScenarioName, kind: Kind, measurements: readonly Measurement[]) => {
        all.push(...measurements);
        tell(scenario, kind, measurements);
      };
      const wanted = plan.scenarios.filter((name) => scenarios[name].families.includes(family));
      if (peers.length > 0) await runFamily({ ...plan, peers, scenarios: wanted }, commands, told);
    }
    return all;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** How a process of a peer starts. */
type CommandOf = (peer: PeerInfo, options: { gc?: boolean; server?: string }) => [string, ...string[]];

async function commandsOf(peers: readonly PeerInfo[], directory: string): Promise<CommandOf> {
  const bundles = new Map(
    await Promise.all(
      peers.filter(({ runtime }) => runtime === "node").map(async ({ module }) =>
        [module, await bundlePeer(module, directory)] as const
      ),
    ),
  );
  const node = bundles.size === 0 ? undefined : nodeCommand();
  const script = new URL("peer_process.ts", import.meta.url).pathname;
  return ({ module, runtime }, { gc = false, server }) => {
    const to = server === undefined ? [] : [server];
    if (runtime === "node") return [...node!, ...gc ? ["--expose-gc"] : [], bundles.get(module)!, ...to];
    return [...DENO, ...gc ? ["--v8-flags=--expose-gc"] : [], script, module, ...to];
  };
}

/** A server and a client of a peer. */
interface Pair extends AsyncDisposable {
  readonly peer: PeerInfo;
  /** Runs a job; gives also the CPU time of both ends together. */
  run(job: Job): Promise<Done>;
  /** Resident bytes of the server, after it has collected its garbage. */
  resident(): Promise<number>;
}

async function startPair(peer: PeerInfo, commandOf: CommandOf, gc: boolean): Promise<Pair> {
  const server = talk(commandOf(peer, { gc }));
  const client = talk(commandOf(peer, { server: await server.line() }));
  const usage = async (line: string): Promise<Usage> => JSON.parse(await server.ask(line));
  return {
    peer,
    async run(job) {
      const before = await usage("");
      const done: Done = JSON.parse(await client.ask(JSON.stringify(job)));
      return { ...done, cpu: (await usage("")).cpu - before.cpu + done.cpu };
    },
    resident: async () => (await usage("collect")).rss,
    async [Symbol.asyncDispose]() {
      await client.end();
      await server.end();
    },
  };
}

type Tell = (scenario: ScenarioName, kind: Kind, measurements: readonly Measurement[]) => void;

async function runFamily(plan: Plan, commandOf: CommandOf, tell: Tell): Promise<void> {
  const streaming = plan.scenarios.filter((name) => name !== "idle" && name !== "startup");
  const found = new Map<string, Measurement[]>();
  for (let pair = 0; pair < plan.pairs && streaming.length > 0; pair++) {
    // None is left for what follows: what is resident is counted with nothing else under way.
    await using started = new AsyncDisposableStack();
    const pairs = await Promise.all(
      plan.peers.map(async (peer) => started.use(await startPair(peer, commandOf, false))),
    );
    for (const scenario of streaming) {
      const able = pairs.filter(({ peer }) => peer.lacks?.[scenario] === undefined);
      for (const kind of scenario === "fanout" ? ["sample"] as const : plan.kinds) {
        const key = `${scenario} ${kind}`;
        const measured = (await measureSpeed(plan, scenario, kind, able))
          .map((one) => ({ ...one, round: one.round + pair * plan.rounds }));
        found.set(key, [...found.get(key) ?? [], ...measured]);
        if (pair === plan.pairs - 1) tell(scenario, kind, found.get(key)!);
      }
    }
  }
  for (const scenario of ["idle", "startup"] as const) {
    if (!plan.scenarios.includes(scenario)) continue;
    const able = plan.peers.filter(({ lacks }) => lacks?.[scenario] === undefined);
    const rounds = Math.min(plan.rounds, FRESH_ROUNDS);
    const measurements = await inTurns(rounds, able, async (peer, round) => {
      const measured = scenario === "idle" ? [await idle(plan, peer, commandOf)] : await startup(plan, peer);
      return measured.map((values, index) => ({
        family: peer.family,
        scenario,
        kind: "sample" as const,
        peer: peer.name,
        round: round * measured.length + index,
        count: scenario === "idle" ? streamsOf(plan, scenario) : 1,
        values,
      }));
    });
    tell(scenario, "sample", measurements.flat());
  }
}

/** Every round another one goes first. */
async function inTurns<T, U>(
  rounds: number,
  all: readonly T[],
  run: (one: T, round: number) => Promise<U>,
): Promise<U[]> {
  const results: U[] = [];
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < all.length; turn++) {
      results.push(await run(all[(round + turn) % all.length]!, round));
    }
  }
  return results;
}

function streamsOf({ smoke }: Plan, scenario: ScenarioName): number {
  const { streams } = scenarios[scenario];
  return smoke ? Math.min(SMOKE.streams, streams) : streams;
}

async function measureSpeed(
  plan: Plan,
  scenario: ScenarioName,
  kind: Kind,
  pairs: readonly Pair[],
): Promise<Measurement[]> {
  const { least, longer = 1 } = scenarios[scenario];
  const job = { scenario, kind, streams: streamsOf(plan, scenario), burst: plan.smoke ? SMOKE.burst : BURST };
  const ms = MEASURE_MS * plan.scale * longer;

  /** Messages that take so long; finding out how many warms it up. */
  async function countFor(pair: Pair): Promise<number> {
    if (plan.smoke) return SMOKE.count;
    let count = least;
    let warm = 0;
    for (;;) {
      const done = await pair.run({ ...job, count });
      warm += done.ms;
      const fitting = Math.max(least, Math.ceil(done.count * ms / done.ms));
      if (warm >= ms * plan.warm) return fitting;
      // What was measured cold tells little of how many it takes warm.
      count = Math.min(fitting, done.count * 8);
    }
  }

  const counts = new Map<Pair, number>();
  for (const pair of pairs) counts.set(pair, await countFor(pair));
  return await inTurns(plan.rounds, pairs, async (pair, round) => {
    const { count, ms, cpu } = await pair.run({ ...job, count: counts.get(pair)! });
    const { family, name } = pair.peer;
    return {
      family,
      scenario,
      kind,
      peer: name,
      round,
      count,
      values: { rate: count / ms * 1000, cpu: cpu / count },
    };
  });
}

/** Bytes that an idle connection costs the server. */
async function idle(plan: Plan, peer: PeerInfo, commandOf: CommandOf): Promise<{ bytes: number }> {
  const streams = streamsOf(plan, "idle");
  await using pair = await startPair(peer, commandOf, true);
  const job = { scenario: "idle", kind: "sample", count: 0, burst: 0 } as const;
  const settled = async () => {
    await pair.resident();
    if (!plan.smoke) await delay(200); // What the collector has freed is given back a little later.
    return await pair.resident();
  };
  // What the first few leave behind is no connection's cost.
  await pair.run({ ...job, streams: Math.ceil(streams / 10) });
  await pair.run({ ...job, streams: 0 });
  const before = await settled();
  await pair.run({ ...job, streams });
  return { bytes: (await settled() - before) / streams };
}

/** Starts its program; the first start compiles what was changed since it last ran, and does not count. */
async function startup(plan: Plan, peer: PeerInfo): Promise<{ ms: number; rss: number }[]> {
  const program = new URL(`peers/${peer.startup}`, import.meta.url).pathname;
  const [measured] = await starts([program], plan.smoke ? 1 : STARTS);
  return measured!.map(({ ms, mib }) => ({ ms, rss: mib * 2 ** 20 }));
}
