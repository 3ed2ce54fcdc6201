/** The kinds of stream and the wires that schedules are run on, with clocks that run fast. */
import type { Plan } from "../behaviour/proxy.ts";
import type { Mode } from "./runner.ts";
import type { Schedule } from "./schedule.ts";

/** Small, but not so that a machine with much else to do looks like a network that is dead. */
const limits = { idleMs: 3000, stallMs: 3000, openMs: 5000 };
/** Far beyond what all connections of a schedule that fail one after the other can take. */
const resumeMs = 15_000;
/** More than a talk: what the server has written, the buffers of the network may hold, and then lose. */
const resumeBytes = 16 * 1024 * 1024;
const heartbeatMs = 200;
const reconnect = { firstMs: 20, maxMs: 100 };

/** Where nothing comes back, only what nothing happened to comes through: chunks and delays are no harm. */
function isHarmless({ plans: [first] }: Schedule): boolean {
  return first === undefined || first.faults.length === 0;
}

/** Where the same connection has to last, and nobody finds out at the client that it is half-open. */
const lasting = {
  client: { limits, wire: "plain" },
  server: { limits, heartbeatMs },
  releaseMs: 9000,
} as const;

function plain(method: Mode["method"]): Mode {
  return { ...lasting, name: `plain/${method}`, method, survives: isHarmless };
}

function wireOf(method: Mode["method"]): string {
  return method === "events" ? "sse" : "goats.v1";
}

/** What is open goes on, whatever becomes of its connections: they are few enough. */
function resumed(method: Mode["method"]): Mode {
  return {
    name: `${wireOf(method)}/${method}`,
    method,
    client: { limits, heartbeatMs, reconnect, wire: "goats.v1" },
    server: { limits: { ...limits, resumeMs, resumeBytes }, heartbeatMs },
    survives: (schedule, { opened }) => opened || isHarmless(schedule),
  };
}

const NONE: Plan = { faults: [{ kind: "cut", at: { ms: 0 } }] };

/** When the connections of the schedule are used up, the server is out of reach for longer than it waits. */
function lost(method: Mode["method"]): Mode {
  return {
    name: `${wireOf(method)}-lost/${method}`,
    method,
    client: { limits, heartbeatMs, reconnect, wire: "goats.v1" },
    server: { limits: { ...limits, resumeMs: 1500 }, heartbeatMs },
    rest: NONE,
    survives: isHarmless,
  };
}

/**
 * Calls that are made anew, once they were open: the server keeps none, or for so short a time that some callers come
 * back too late.
 */
function again(
  name: string,
  wire: "plain" | "goats.v1",
  method: "again" | "eventsAgain",
  resumeMs: number,
): Mode {
  return {
    name: `${name}/${method}`,
    method,
    client: { limits, heartbeatMs, reconnect, wire },
    server: { limits: { ...limits, resumeMs, resumeBytes }, heartbeatMs },
    ...(wire === "plain" && { releaseMs: 7000 }),
    survives: (schedule, { opened }) => opened || isHarmless(schedule),
  };
}

const LATE_MS = 40;

const sockets = ["down", "up", "push", "both"] as const;

export const modes: readonly Mode[] = [
  ...sockets.map(plain),
  ...[...sockets, "events" as const].flatMap((method) => [resumed(method), lost(method)]),
  again("plain-again", "plain", "again", 0),
  again("goats.v1-again", "goats.v1", "again", 0),
  again("sse-again", "goats.v1", "eventsAgain", 0),
  again("goats.v1-late", "goats.v1", "again", LATE_MS),
  again("sse-late", "goats.v1", "eventsAgain", LATE_MS),
];
