/**
 * Calls that are made anew: the notes of both sides, and what has to hold of them. Of each call of the handler the
 * caller reads what it wrote, in order and from the start, up to a point; then what a later call wrote. A good end comes
 * after all that the last of them wrote.
 */
import { ServiceError } from "../../src/errors/service_error.ts";
import { EXPECTED, type Message, type Run, told } from "./notes.ts";
import { textOf } from "./schedule.ts";

/** One call of the handler. */
export interface Attempt {
  /** Messages that it began to send. */
  tried: number;
  end?: "ok" | { readonly error: unknown };
  /** Reason of its signal, once it aborts. */
  aborted?: unknown;
}

/** What both sides have done. */
export interface Again {
  readonly attempts: Attempt[];
  /** Calls that the caller read something of: which one, and how many messages. */
  readonly got: { readonly attempt: number; count: number }[];
  /** As the caller's stream says. */
  restarts: number;
}

/** A message tells by its number which call sent it: none sends as many. */
const MOST = 1000;

/** The number of a message. */
export function seqOf(attempt: number, n: number): number {
  return attempt * MOST + n;
}

/** Takes a message and looks at it. */
export function takeAgain(
  { again, schedule, problems }: Run,
  { seq, text }: Message,
  restarts: number,
): void {
  const attempt = Math.floor(seq / MOST);
  const n = seq % MOST;
  const before = again.got.at(-1);
  if (before !== undefined && attempt < before.attempt) {
    problems.push(`message ${n} of call ${attempt} came after one of call ${before.attempt}`);
  }
  const mine = before?.attempt === attempt ? before : { attempt, count: 0 };
  if (mine !== before) again.got.push(mine);
  if (n !== mine.count) problems.push(`message ${n} of call ${attempt} came in place of ${mine.count}`);
  if (text !== textOf(n, schedule.longest)) problems.push(`message ${n} of call ${attempt} is another text`);
  if (n >= (again.attempts[attempt]?.tried ?? 0)) {
    problems.push(`nobody sent message ${n} of call ${attempt}`);
  }
  if (restarts < again.restarts) problems.push(`${restarts} restarts after ${again.restarts}`);
  mine.count = n + 1;
  again.restarts = restarts;
}

/** Compares the notes of a call that is over. */
export function compareAgain({ again, client, schedule, problems }: Run, survives: boolean): void {
  const { attempts, got, restarts } = again;
  const says = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  if (client.end === undefined) return says(false, "the caller was never told an end");
  for (const [at, { end, aborted }] of attempts.entries()) {
    says(end !== undefined, `call ${at} of the handler never ended`);
    if (end === undefined || end === "ok") continue;
    says(
      aborted instanceof ServiceError && EXPECTED.has(aborted.name),
      `the signal of call ${at}, which ended with an error, was told ${aborted}`,
    );
  }
  says(restarts >= got.length - 1, `${restarts} restarts, but messages of ${got.length} calls`);
  says(restarts <= Math.max(0, attempts.length - 1), `${restarts} restarts, but ${attempts.length} calls`);
  if (client.end !== "ok") {
    const { error } = client.end;
    says(
      error instanceof ServiceError && EXPECTED.has(error.name),
      `the caller was told ${told(client.end)}`,
    );
    return says(!survives, `a call that could be made anew ended: ${told(client.end)}`);
  }
  const last = got.at(-1);
  says((last?.count ?? 0) === schedule.down, `a good end after ${last?.count} messages of ${schedule.down}`);
  const good = last === undefined
    ? attempts.some(({ end }) => end === "ok")
    : attempts[last.attempt]?.end === "ok";
  says(good, "a good end that the handler had not come to");
}
