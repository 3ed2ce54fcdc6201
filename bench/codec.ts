/**
 * Codecs of goats, with validation, against those that people use instead, in one process and in turns: CPU time per
 * message, as ratios.
 *
 *     deno task bench:codec --kinds=sample --jobs="proto encode" --rounds=15 --ms=30
 *
 * @module
 */
import { cpuUsage } from "node:process";
import { parseArgs } from "node:util";
import { contenders, type Job, type Kind, KINDS, type Run } from "./codec_peers.ts";
import { median } from "./median.ts";

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    kinds: { type: "string", default: KINDS.join(",") },
    jobs: { type: "string", default: "proto encode,proto decode,json encode,json decode" },
    rounds: { type: "string", default: "15" },
    ms: { type: "string", default: "30" },
  },
});

/** CPU time of the process so far, in ns: other programs do not count. */
function cpu(): number {
  const { user, system } = cpuUsage();
  return (user + system) * 1000;
}

function timed(run: Run, times: number): number {
  const began = cpu();
  run(times);
  return (cpu() - began) / times;
}

/** How many times take about so many ms, once the engine has made what it can of it. */
function calibrate(run: Run, ms: number): number {
  let times = 256;
  for (;;) {
    const took = timed(run, times) * times / 1e6;
    if (took >= ms) return Math.max(64, Math.round(times * ms / took));
    times *= 2;
  }
}

const ms = Number(options.ms);
const rounds = Number(options.rounds);
for (const kind of options.kinds.split(",") as Kind[]) {
  const jobs = contenders(kind);
  for (const job of options.jobs.split(",") as Job[]) {
    const runs = Object.entries(jobs[job]);
    const times = new Map(runs.map(([name, run]) => [name, calibrate(run, 4 * ms) / 4 | 0]));
    const found = new Map<string, number[]>(runs.map(([name]) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < runs.length; i++) {
        // Another one first in each round.
        const [name, run] = runs[(i + round) % runs.length]!;
        found.get(name)!.push(timed(run, times.get(name)!));
      }
    }
    const goats = found.get("goats")!;
    console.log(`\n${kind}: ${job}`);
    for (const [name, took] of found) {
      const ratios = took.map((one, round) => one / goats[round]!);
      const [low, high] = [Math.min(...ratios), Math.max(...ratios)];
      console.log(
        `  ${name.padEnd(22)} ${median(took).toFixed(0).padStart(6)} ns` +
          (name === "goats"
            ? ""
            : `   goats is ${median(ratios).toFixed(2)}× as fast (${low.toFixed(2)}–${high.toFixed(2)})`),
      );
    }
  }
}
