/**
 * What a run came to, as its file holds it.
 *
 * @module
 */
import { nodeVersion } from "./node.ts";
import { type Spread, spread } from "./median.ts";
import type { Kind } from "./messages.ts";
import type { PeerInfo } from "./peers.ts";
import type { Measurement, Plan } from "./runner.ts";
import { type Family, type Metric, type ScenarioName, scenarios } from "./scenarios.ts";

/** A metric of one peer in one scenario, over all rounds. */
export interface Figure extends Spread {
  readonly family: Family;
  readonly scenario: ScenarioName;
  readonly kind: Kind;
  readonly peer: string;
  readonly metric: Metric;
  /** To the first peer of the family that was measured: the ratios within each round. */
  readonly ratio: Spread;
  /** What it was in each round. */
  readonly rounds: readonly number[];
  /** Messages, connections or starts of a round. */
  readonly count: number;
}

/** Everything of a run. */
export interface Results {
  readonly format: 1;
  /** When it began, ISO 8601. */
  readonly date: string;
  readonly machine: {
    readonly os: string;
    readonly arch: string;
    readonly cpus: number;
    /** Processes that wanted to run, on average over the minute before, as it began. */
    readonly load: number;
    readonly deno: string;
    readonly v8: string;
    /** Where a peer ran on it. */
    readonly node?: string;
  };
  readonly options: Pick<Plan, "rounds" | "pairs" | "scale" | "kinds" | "smoke">;
  /** How long it took, in seconds. */
  readonly seconds: number;
  /** With the versions of their packages. */
  readonly peers: readonly (Omit<PeerInfo, "packages"> & { readonly packages: Record<string, string> })[];
  readonly scenarios: readonly ScenarioName[];
  readonly figures: readonly Figure[];
}

/** Sums up what was measured of one scenario with one kind of message. */
export function figuresOf(peers: readonly PeerInfo[], measurements: readonly Measurement[]): Figure[] {
  return peers.flatMap((peer) => {
    const own = measurements.filter((one) => one.family === peer.family && one.peer === peer.name)
      .toSorted(byRound);
    const [first] = own;
    if (first === undefined) return [];
    const { family, scenario, kind } = first;
    const base = peers.find((other) =>
      other.family === family && measurements.some((one) => one.family === family && one.peer === other.name)
    )!;
    const bases = measurements.filter((one) => one.family === family && one.peer === base.name)
      .toSorted(byRound);
    return scenarios[scenario].metrics.map((metric) => ({
      family,
      scenario,
      kind,
      peer: peer.name,
      metric,
      count: first.count,
      ...spread(own.map(({ values }) => values[metric]!)),
      ratio: spread(own.map(({ values }, round) => values[metric]! / bases[round]!.values[metric]!)),
      rounds: own.map(({ values }) => values[metric]!),
    }));
  });
}

function byRound(a: Measurement, b: Measurement): number {
  return a.round - b.round;
}

/** Puts a run together. */
export async function resultsOf(
  plan: Plan,
  began: Date,
  load: number,
  measurements: readonly Measurement[],
): Promise<Results> {
  const versions = await lockedVersions();
  const groups = Map.groupBy(
    measurements,
    ({ family, scenario, kind }) => [family, scenario, kind].join(),
  );
  return {
    format: 1,
    date: began.toISOString(),
    machine: {
      os: Deno.build.os,
      arch: Deno.build.arch,
      cpus: navigator.hardwareConcurrency,
      load,
      deno: Deno.version.deno,
      v8: Deno.version.v8,
      node: plan.peers.some(({ runtime }) => runtime === "node") ? await nodeVersion() : undefined,
    },
    options: {
      rounds: plan.rounds,
      pairs: plan.pairs,
      scale: plan.scale,
      kinds: plan.kinds,
      smoke: plan.smoke,
    },
    seconds: Math.round((Date.now() - began.getTime()) / 1000),
    peers: plan.peers.map((peer) => ({
      ...peer,
      packages: Object.fromEntries(peer.packages.map((name) => [name, versions(name)])),
    })),
    scenarios: plan.scenarios,
    figures: [...groups.values()].flatMap((group) => figuresOf(plan.peers, group)),
  };
}

/** Versions of packages, as the lock file has them. */
async function lockedVersions(): Promise<(name: string) => string> {
  const read = async (file: string) =>
    JSON.parse(await Deno.readTextFile(new URL(`../${file}`, import.meta.url)));
  const [{ imports }, { specifiers }] = [await read("deno.json"), await read("deno.lock")];
  // The lock file tells the version of a peer dependency behind an underscore.
  return (name) => (specifiers[imports[name]] as string).split("_")[0]!;
}
