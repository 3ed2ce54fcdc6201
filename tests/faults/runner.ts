/** Runs schedules: a client and a handler that talk through a proxy which fails to plan. */
import { delay } from "@std/async";
import type { ClientOf, ClientStream } from "../../src/core/client_types.ts";
import { httpClient, type HttpClientOptions } from "../../src/http/client.ts";
import { CLEAR, type Plan, proxy } from "../behaviour/proxy.ts";
import type { HttpHandlerOptions } from "../../src/http/handler.ts";
import { faults } from "./design.ts";
import { compareAgain, takeAgain } from "./again.ts";
import {
  compare,
  halves,
  isServed,
  type Message,
  receiveAll,
  type Run,
  sendAll,
  startRun,
  stateOf,
} from "./notes.ts";
import { type Schedule, scheduleOf } from "./schedule.ts";
import type { World } from "./world.ts";

/** A kind of stream on a wire. */
export interface Mode {
  /** `wire/method`. */
  readonly name: string;
  readonly method: "down" | "up" | "push" | "both" | "events" | "again" | "eventsAgain";
  readonly client: HttpClientOptions;
  readonly server: HttpHandlerOptions;
  /**
   * ms after which the proxy lets go of connections that are still there, for callers that have no means to find out
   * that a half-open connection is dead; then again after twice that time, and so on. Absent where they must find out.
   */
  readonly releaseMs?: number;
  /** What becomes of connections beyond those that the schedule has plans for. Default: nothing. */
  readonly rest?: Plan;
  /** Whether the stream must come through a schedule unharmed, once it was open or before. */
  readonly survives: (schedule: Schedule, run: Pick<Run, "opened">) => boolean;
}

/** What one run came to. */
export interface Verdict {
  readonly schedule: Schedule;
  readonly end: "ok" | "error";
  /** What should not have happened; empty when all is well. */
  readonly problems: readonly string[];
  /** What both sides noted, for a report. */
  readonly state: string;
  /** Connections that the client made. */
  readonly connections: number;
  /** Whether it took the release of the connections to end it. */
  readonly released: boolean;
}

/** ms that a run may take: far beyond all timeouts in use. */
const WATCHDOG_MS = 45_000;

/** Runs one schedule. */
export async function runSchedule(world: World, mode: Mode, schedule: Schedule): Promise<Verdict> {
  const run = startRun(schedule);
  const { client: me, problems } = run;
  world.runs.set(schedule.seed, run);
  const between = await proxy(world.port, (connection) => schedule.plans[connection] ?? mode.rest ?? CLEAR);
  const client = httpClient(faults, `http://127.0.0.1:${between.port}`, mode.client);
  const bark = new AbortController();
  const watchdog = setTimeout(() => {
    problems.push(`after ${WATCHDOG_MS} ms it still runs, on ${between.open} connections`);
    bark.abort();
  }, WATCHDOG_MS);
  let released = false;
  let release: ReturnType<typeof setTimeout> | undefined;
  const releaseAfter = (ms: number): void => {
    release = setTimeout(() => {
      released = true;
      if (run.calls > 0 && run.server.end === undefined) {
        problems.push(`after ${ms} ms the server had not found out that its caller was lost`);
      }
      between.cut();
      // What is made anew must have the time to come through.
      releaseAfter(2 * ms);
    }, ms);
  };
  if (mode.releaseMs !== undefined) releaseAfter(mode.releaseMs);
  try {
    try {
      await call(client, mode, run, bark.signal);
      me.end = "ok";
    } catch (error) {
      if (!bark.signal.aborted) me.end = { error };
    }
    // The caller knows; the handler may have to wait until a clock of its own tells it.
    const ended = async () => {
      while (isServed(run) && !bark.signal.aborted) await delay(5);
    };
    await ended();
    clearTimeout(release);
    await client.close();
    await between.stop();
    // It may even have begun only then.
    await ended();
  } finally {
    clearTimeout(watchdog);
    world.runs.delete(schedule.seed);
  }
  const check = isAgain(mode.method) ? compareAgain : compare;
  check(run, mode.survives(schedule, run));
  return {
    schedule,
    end: me.end === "ok" ? "ok" : "error",
    problems,
    state: stateOf(run),
    connections: between.taken,
    released,
  };
}

/** Whether the caller makes the call anew. */
function isAgain(method: Mode["method"]): method is "again" | "eventsAgain" {
  return method === "again" || method === "eventsAgain";
}

/** The caller's part; rejects with the error that it is told. */
async function call(
  client: ClientOf<typeof faults>,
  { method }: Mode,
  run: Run,
  signal: AbortSignal,
): Promise<void> {
  const { client: me, server: other, schedule, problems } = run;
  const payload = { run: schedule.seed };
  const send = async (to: (message: Message) => Promise<void>): Promise<void> => {
    await sendAll(me, schedule.up, schedule, to);
    me.finished = true;
  };
  const receive = (from: () => Promise<Message | null>): Promise<void> => receiveAll(run, me, other, from);
  switch (method) {
    case "again":
    case "eventsAgain": {
      const stream = client[method](payload, { signal });
      const { reader } = schedule;
      const taken = (async () => {
        let count = 0;
        for await (const message of stream) {
          takeAgain(run, message, stream.restarts);
          if (reader.ms > 0 && ++count % reader.every === 0) await delay(reader.ms);
        }
      })();
      try {
        return await agreeing(stream, run, taken);
      } finally {
        run.again.restarts = stream.restarts;
      }
    }
    case "down":
    case "events": {
      const stream = client[method](payload, { signal });
      return await agreeing(stream, run, receive(stream.recv));
    }
    case "up": {
      const stream = client.up(payload, { signal });
      const counted = send(stream.send).then(() => stream.closeAndRecv()).then(({ count }) => {
        if (count !== schedule.up) problems.push(`the result counts ${count} of ${schedule.up} messages`);
      });
      return await agreeing(stream, run, counted);
    }
    case "push": {
      const stream = client.push(payload, { signal });
      return await agreeing(stream, run, send(stream.send).then(() => stream.close()));
    }
    case "both": {
      const stream = client.both(payload, { signal });
      const sent = send(stream.send).then(() => stream.closeSend());
      return await agreeing(stream, run, halves(sent, receive(stream.recv)));
    }
  }
}

/** Waits for a talk and for the end of its stream, which have to say the same. */
async function agreeing(stream: ClientStream, run: Run, talk: Promise<void>): Promise<void> {
  stream.opened.then(() => run.opened = true, () => {});
  const [said, closed] = await Promise.allSettled([talk, stream.closed]);
  const { problems } = run;
  if (stream.state !== "closed") problems.push(`a call that is over is ${stream.state}`);
  const [one, other] = [said, closed].map((end) => end.status === "rejected" ? end.reason : undefined);
  if (one !== other) problems.push(`one call told two ends: ${one} and, by closed, ${other}`);
  if (said.status === "rejected") throw one;
}

/** What many runs came to. */
export interface Tally {
  readonly failed: readonly Verdict[];
  readonly ok: number;
  readonly error: number;
  readonly released: number;
  readonly connections: number;
}

/** Runs the schedules of `count` seeds, so many at a time. */
export async function runMany(
  world: World,
  mode: Mode,
  seed: number,
  count: number,
  atOnce: number,
): Promise<Tally> {
  const failed: Verdict[] = [];
  const tally = { ok: 0, error: 0, released: 0, connections: 0 };
  let next = 0;
  async function worker(): Promise<void> {
    while (next < count) {
      const verdict = await runSchedule(world, mode, scheduleOf(seed + next++));
      if (verdict.problems.length > 0) failed.push(verdict);
      tally[verdict.end]++;
      tally.connections += verdict.connections;
      if (verdict.released) tally.released++;
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { ...tally, failed };
}

/** ms for the server to let go of the last calls: the close handshakes that nobody answers take 3 s. */
const REST_MS = 25_000;

/** Says what else is wrong with a server whose runs are over. */
export async function leftovers(world: World): Promise<string[]> {
  for (const start = Date.now(); world.calls > 0 && Date.now() - start < REST_MS;) await delay(20);
  const left = world.calls > 0 ? [`${world.calls} calls are left at the server`] : [];
  return [...world.faults, ...left];
}

/** A failed run, and how to see it again. */
export function report(mode: Mode, { schedule, problems, state }: Verdict): string {
  return [
    `${mode.name}, seed ${schedule.seed}: ${problems.join("; ")}`,
    `  notes: ${state}`,
    `  schedule: ${JSON.stringify(schedule)}`,
    `  again: deno task test:faults --mode=${mode.name} --seed=${schedule.seed} --schedules=1`,
  ].join("\n");
}
