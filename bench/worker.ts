/**
 * What a process of the benchmark does. A server prints where it is, and answers each line on stdin with the CPU time that
 * it has had and its resident bytes; a client answers each job on stdin with what it took. Both end when stdin does. On
 * Deno and on Node.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { IN_FLIGHT, type Kind, make } from "./messages.ts";
import type { Calls, Closing, Peer } from "./peer.ts";
import type { ScenarioName } from "./scenarios.ts";

/** One measurement, as the runner asks a client for it. */
export interface Job {
  readonly scenario: ScenarioName;
  readonly kind: Kind;
  /** Messages, in all. */
  readonly count: number;
  /** Streams, calls or connections at a time. */
  readonly streams: number;
  /** Messages of a burst. */
  readonly burst: number;
}

/** What a job came to. */
export interface Done {
  /** Messages that were to come through: those asked for, or somewhat more. */
  readonly count: number;
  readonly ms: number;
  /** µs of CPU time of the client. */
  readonly cpu: number;
}

/** What a server tells of itself. */
export interface Usage {
  /** µs of CPU time so far, of all its threads. */
  readonly cpu: number;
  readonly rss: number;
}

function cpu(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Does jobs until there are no more. */
export async function work(peer: Peer, server?: string): Promise<never> {
  // Made when they are read: lines that come before are lost.
  const lines = () => createInterface({ input: process.stdin });
  if (server === undefined) {
    console.log(await peer.serve());
    for await (const line of lines()) {
      if (line === "collect") (globalThis as { gc?: () => void }).gc?.();
      console.log(JSON.stringify({ cpu: cpu(), rss: process.memoryUsage().rss } satisfies Usage));
    }
  } else {
    const run = jobs(await peer.connect(server));
    for await (const line of lines()) console.log(JSON.stringify(await run(JSON.parse(line))));
  }
  process.exit(0);
}

function jobs(calls: Calls): (job: Job) => Promise<Done> {
  /** Connections that stay open from one job to the next of the same scenario. */
  let open: Closing[] = [];
  let told = 0;
  let until = Infinity;
  let reached = () => {};
  const got = () => {
    if (++told >= until) reached();
  };

  async function prepare({ scenario, streams }: Job): Promise<void> {
    const connect = { fanout: calls.follow, idle: calls.idle }[scenario as string];
    if (connect !== undefined && open.length === streams) return;
    await Promise.all(open.map((close) => close()));
    open = [];
    // A few at a time, as a listening socket's queue is short.
    while (connect !== undefined && open.length < streams) {
      const few = Math.min(50, streams - open.length);
      open.push(...await Promise.all(Array.from({ length: few }, () => connect(got))));
    }
  }

  async function fanout({ count, streams, burst }: Job): Promise<[count: number, got: number]> {
    told = 0;
    const bursts = Math.ceil(count / (streams * burst));
    for (let n = 1; n <= bursts; n++) {
      const all = new Promise<void>((resolve) => reached = resolve);
      until = n * burst * streams;
      await calls.burst!(burst);
      await all;
    }
    return [bursts * burst * streams, told];
  }

  async function unary({ count, kind, streams }: Job): Promise<[count: number, got: number]> {
    let started = 0;
    let ended = 0;
    await Promise.all(Array.from({ length: streams }, async () => {
      while (started < count) {
        await calls.unary!(kind, make[kind](started++), streams);
        ended++;
      }
    }));
    return [count, ended];
  }

  async function measured(job: Job): Promise<[count: number, got: number]> {
    const { scenario, kind, streams } = job;
    if (scenario === "idle") return [streams, open.length];
    if (scenario === "fanout") return await fanout(job);
    if (scenario.startsWith("unary")) return await unary(job);
    const each = Math.ceil(job.count / streams);
    const one = scenario === "echo" || scenario === "pingpong"
      ? () => calls.echo!(kind, each, scenario === "echo" ? IN_FLIGHT : 1)
      : scenario.startsWith("push")
      ? () => calls.push(kind, each)
      : () => calls.flood!(kind, each);
    const counts = await Promise.all(Array.from({ length: streams }, one));
    return [each * streams, counts.reduce((sum, count) => sum + count, 0)];
  }

  return async (job) => {
    await prepare(job);
    const [began, used] = [performance.now(), cpu()];
    const [count, got] = await measured(job);
    if (got !== count) throw new Error(`${job.scenario}: ${got} of ${count} messages`);
    return { count, ms: performance.now() - began, cpu: cpu() - used };
  };
}
