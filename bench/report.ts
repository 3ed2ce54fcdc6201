/**
 * What a run came to, as people read it.
 *
 * @module
 */
import type { PeerInfo } from "./peers.ts";
import type { Figure, Results } from "./results.ts";
import { type Family, type Metric, type ScenarioName, scenarios } from "./scenarios.ts";
import { markdownTable, METRICS, ratioTold, type Table, told } from "./table.ts";

/** Names of families. */
export const FAMILIES: Readonly<Record<Family, string>> = { ws: "WebSocket", grpc: "gRPC" };

/** Where it is the difference that one pays. */
const ABSOLUTE: readonly Metric[] = ["ms", "rss"];

/** Peers with what was measured of each in one scenario. */
export function scenarioTable(
  peers: readonly Pick<PeerInfo, "name" | "family" | "validates">[],
  figures: readonly Figure[],
): Table {
  const metrics = scenarios[figures[0]!.scenario].metrics;
  const base = peers.find(({ name }) => figures.some(({ peer }) => peer === name))!.name;
  const rows = peers.flatMap((peer) => {
    const own = figures.filter((one) => one.family === peer.family && one.peer === peer.name);
    if (own.length === 0) return [];
    const cells = metrics.flatMap((metric) => {
      const figure = own.find((one) => one.metric === metric)!;
      const first = figures.find((one) => one.peer === base && one.metric === metric)!;
      const more = ABSOLUTE.includes(metric) ? `, ${told(metric, figure.median - first.median)} more` : "";
      return [
        told(metric, figure.median),
        peer.name === base ? "1" : `${ratioTold(figure.ratio)}${more}`,
      ];
    });
    return [[peer.name, peer.validates, ...cells]];
  });
  return {
    head: ["peer", "validates", ...metrics.flatMap((metric) => [METRICS[metric], `ratio to ${base}`])],
    rows,
  };
}

/** What a scenario with a kind of message is called. */
export function titleOf({ scenario, kind }: Pick<Figure, "scenario" | "kind">): string {
  return `${scenarios[scenario].title}${kind === "sample" ? "" : ` (${kind})`}`;
}

/** Scenarios down, peers across: the ratios, or where there is but one to compare with, what it is. */
function overview(results: Results, family: Family, metric: "rate" | "cpu"): Table {
  const peers = results.peers.filter((peer) => peer.family === family);
  const figures = results.figures.filter((one) => one.family === family && one.metric === metric);
  const rows = [...Map.groupBy(figures, titleOf)].map(([title, own]) => [
    title,
    ...peers.map(({ name }, index) => {
      const figure = own.find(({ peer }) => peer === name);
      if (figure === undefined) return "–";
      if (index === 0) return `${told(metric, figure.median)}${metric === "rate" ? "/s" : ""}`;
      const ratio = figure.ratio.median.toFixed(2);
      return name.startsWith("goats") ? `**${ratio}**` : ratio;
    }),
  ]);
  return { head: ["", ...peers.map(({ name }) => name)], rows };
}

function peersTable(results: Results, family: Family): Table {
  return {
    head: ["peer", "validates", "what waits is bounded by", "runs on", "which is"],
    rows: results.peers.filter((peer) => peer.family === family).map((peer) => {
      const packages = Object.entries(peer.packages).map(([name, version]) => `${name} ${version}`);
      return [
        peer.name,
        peer.validates,
        peer.backpressure,
        peer.runtime === "node" ? "Node" : "Deno",
        [peer.note, ...packages].join("; "),
      ];
    }),
  };
}

function lacking(results: Results, family: Family): string[] {
  return results.peers.filter((peer) => peer.family === family).flatMap(({ name, lacks = {} }) => {
    const reasons = Object.entries(lacks).filter(([scenario]) =>
      results.scenarios.includes(scenario as ScenarioName)
    );
    return [...Map.groupBy(reasons, ([, reason]) => reason)].map(([reason, of]) =>
      `- ${name}, ${of.map(([scenario]) => scenarios[scenario as ScenarioName].title).join("; ")}: ${reason}`
    );
  });
}

/** The page of a run. */
export function markdown(results: Results, charts: Readonly<Partial<Record<Family, string>>>): string {
  const { machine, options } = results;
  const parts = [
    "# Results",
    `Written by \`deno task bench\`; [what is measured, and how to read it](../README.md). ` +
    `${results.date.slice(0, 10)}, ${machine.os} ${machine.arch}, ${machine.cpus} cores ` +
    `(load ${machine.load.toFixed(1)} as it began), Deno ${machine.deno}` +
    `${machine.node === undefined ? "" : `, Node ${machine.node}`}; ` +
    `${options.rounds} rounds${
      options.pairs > 1 ? ` of ${options.pairs} pairs of processes` : ""
    }, scale ${options.scale}, ${results.seconds} s. Every figure is the median of the ` +
    `rounds; ratios are those to the first peer, within each round, with the lowest and the highest in brackets.`,
  ];
  for (const family of ["ws", "grpc"] as const) {
    const figures = results.figures.filter((one) => one.family === family);
    if (figures.length === 0) continue;
    const title = FAMILIES[family];
    const base = results.peers.find((peer) => peer.family === family)!.name;
    parts.push(
      `## ${title}`,
      `![${title} benchmarks: ratios to ${base}](${charts[family]})`,
      markdownTable(peersTable(results, family)),
    );
    if (figures.some(({ metric }) => metric === "rate")) {
      parts.push(
        `### ${title}: messages per second, as ratios to ${base} (more is better)`,
        markdownTable(overview(results, family, "rate")),
        `### ${title}: CPU time per message, both ends together, as ratios to ${base} (less is better)`,
        markdownTable(overview(results, family, "cpu")),
      );
    }
    const left = lacking(results, family);
    if (left.length > 0) parts.push("Left out:", left.join("\n"));
    for (const own of Map.groupBy(figures, titleOf).values()) {
      parts.push(`### ${title}: ${titleOf(own[0]!)}`, markdownTable(scenarioTable(results.peers, own)));
    }
  }
  return parts.join("\n\n") + "\n";
}
