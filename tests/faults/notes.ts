/**
 * What both sides of a talk note down, and what has to hold of it whatever the network did: each side reads what the
 * other wrote, every message once and in order, up to a point; both are told a good end, and then the point is the end
 * of all; or both are told an error (a handler may have ended well by then, when it was the news of it that got lost).
 */
import { delay } from "@std/async";
import { ServiceError } from "../../src/errors/service_error.ts";
import type { Again } from "./again.ts";
import { type Schedule, textOf } from "./schedule.ts";

/** What a talk is made of. */
export interface Message {
  readonly seq: number;
  readonly text: string;
}

/** What one side has done. */
export interface Side {
  /** Messages that it began to send. */
  tried: number;
  /** Messages that `send` has taken. */
  sent: number;
  /** Messages that it received. */
  got: number;
  /** Whether it has told the other side that it sends no more. */
  finished: boolean;
  /** Whether it was told so. */
  sawEnd: boolean;
  end?: "ok" | { readonly error: unknown };
}

/** One talk. */
export interface Run {
  readonly schedule: Schedule;
  readonly client: Side;
  readonly server: Side;
  /** Calls of the handler. */
  calls: number;
  /** Instead of the handler's notes, where it may be called more than once. */
  readonly again: Again;
  /** Whether the caller was told that the stream is open. */
  opened: boolean;
  /** Reason of the handler's signal, once it aborts. */
  aborted?: unknown;
  /** What should not have happened. */
  readonly problems: string[];
}

/** Errors that a network may cause. */
export const EXPECTED: ReadonlySet<string> = new Set(["unavailable", "overloaded", "canceled", "timeout"]);

export function startRun(schedule: Schedule): Run {
  const side = (): Side => ({ tried: 0, sent: 0, got: 0, finished: false, sawEnd: false });
  const again: Again = { attempts: [], got: [], restarts: 0 };
  return { schedule, client: side(), server: side(), calls: 0, again, opened: false, problems: [] };
}

/** Whether a handler of the run has not ended. */
export function isServed({ calls, server, again }: Run): boolean {
  return (calls > 0 && server.end === undefined) || again.attempts.some(({ end }) => end === undefined);
}

/** Sends so many messages at the pace of the schedule. */
export async function sendAll(
  me: Side,
  count: number,
  { pace, longest }: Schedule,
  send: (message: Message) => Promise<void>,
): Promise<void> {
  for (let seq = 0; seq < count; seq++) {
    me.tried++;
    await send({ seq, text: textOf(seq, longest) });
    me.sent++;
    if (pace.ms > 0 && seq % pace.every === pace.every - 1) await delay(pace.ms);
  }
}

/** Receives to the end and looks at each message. */
export async function receiveAll(
  run: Run,
  me: Side,
  other: Side,
  recv: () => Promise<Message | null>,
): Promise<void> {
  const { reader, longest } = run.schedule;
  const who = me === run.client ? "client" : "server";
  for (let message = await recv(); message !== null; message = await recv()) {
    const { seq, text } = message;
    if (seq !== me.got) run.problems.push(`the ${who} got message ${seq} in place of ${me.got}`);
    else if (text !== textOf(seq, longest)) {
      run.problems.push(`the ${who} got another text in message ${seq}`);
    }
    if (seq >= other.tried) run.problems.push(`the ${who} got message ${seq}, which nobody sent`);
    me.got = seq + 1;
    if (reader.ms > 0 && seq % reader.every === reader.every - 1) await delay(reader.ms);
  }
  me.sawEnd = true;
  if (!other.finished) run.problems.push(`the ${who} was told an end that the other side had not come to`);
  if (me.got !== other.tried) {
    run.problems.push(`the ${who} was told the end after ${me.got} of ${other.tried} messages`);
  }
}

/** Waits for both halves of a talk; rejects with what the first of them did. */
export async function halves(...both: readonly [Promise<void>, Promise<void>]): Promise<void> {
  for (const half of await Promise.allSettled(both)) {
    if (half.status === "rejected") throw half.reason;
  }
}

/** Compares the notes of a talk that is over. */
export function compare(
  { schedule, client, server, calls, aborted, problems }: Run,
  survives: boolean,
): void {
  const says = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  if (client.end === undefined) return says(false, "the caller was never told an end");
  if (calls > 0 && server.end === undefined) return says(false, "the handler never ended");
  if (client.end === "ok") {
    says(calls > 0 && server.end === "ok", `the caller was told a good end, the handler ${told(server.end)}`);
    says(server.got === client.tried, `of ${client.tried} messages the server got ${server.got}`);
    says(client.got === server.tried, `of ${server.tried} messages the client got ${client.got}`);
    says(client.tried === 0 || client.tried === schedule.up, "the client did not send all");
    says(server.tried === 0 || server.tried === schedule.down, "the server did not send all");
    says(aborted === undefined, `the signal of a call that ended well aborted: ${aborted}`);
    return;
  }
  const { error } = client.end;
  says(error instanceof ServiceError && EXPECTED.has(error.name), `the caller was told ${told(client.end)}`);
  says(!survives, `a stream that could go on ended: ${told(client.end)}`);
  if (server.end === "ok" || server.end === undefined) return;
  says(aborted !== undefined, "the handler was told an error, and its signal nothing");
  says(
    aborted instanceof ServiceError && EXPECTED.has(aborted.name),
    `the handler's signal was told ${aborted}`,
  );
}

/** An end in words. */
export function told(end: Side["end"]): string {
  if (typeof end !== "object") return String(end);
  const { error } = end;
  return error instanceof ServiceError ? `${error.name} (${error.message})` : String(error);
}

/** Everything noted, for a report. */
export function stateOf({ client, server, calls, again, opened, aborted }: Run): string {
  const side = (me: Side): unknown => ({ ...me, end: told(me.end) });
  return JSON.stringify({
    client: side(client),
    server: side(server),
    calls,
    again: { ...again, attempts: again.attempts.map((one) => ({ ...one, end: told(one.end) })) },
    opened,
    aborted: String(aborted),
  });
}
