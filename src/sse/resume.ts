/**
 * How a caller asks for a stream that it can resume, and comes back to it.
 *
 * A goats client asks by `Accept: text/event-stream;goats=resume, text/event-stream` (a header of its own would cost
 * pages of other origins a preflight request) and is told a token in the response's header `goats-stream`. It counts
 * events, and comes back with the header `goats-resume: <token>.<events taken>`. An `EventSource` asks by the query `goats-resume=1`: its events have the ids `<token>.<n>`, which it sends back by
 * itself, in `Last-Event-ID`.
 *
 * @module
 */
import { EVENT_STREAM } from "./accept.ts";

/** What a client accepts that can resume. */
export const ACCEPT_RESUMABLE = `${EVENT_STREAM};goats=resume, ${EVENT_STREAM}`;

/** The header of a response whose stream can be resumed. */
export const STREAM = "goats-stream";

/** The header that resumes, and the query parameter that asks for ids. */
export const RESUME = "goats-resume";

/** Status of the answer to who comes back too late, or to another server. */
export const FORGOTTEN = 410;

/** In place of a count: the caller needs no more, and the server may forget the stream. */
export const LAST = "end";

/** Which stream a caller comes back to, and what it has. */
export interface Position {
  readonly token: string;
  /** Events taken; `undefined` when it needs no more. */
  readonly taken: number | undefined;
}

const POSITION = /^(goats-[A-Za-z0-9_-]{32})\.(end|[0-9]{1,15})$/;

/** Whether the caller is a goats client that wants to be able to resume. */
export function asksToResume(headers: Headers): boolean {
  return /;\s*goats=resume\b/.test(headers.get("accept") ?? "");
}

/** Reads a position; `undefined` when it is none, as the ids of a design are. */
export function readPosition(text: string | null): Position | undefined {
  const [, token, taken] = POSITION.exec(text ?? "") ?? [];
  return token === undefined ? undefined : { token, taken: taken === LAST ? undefined : Number(taken) };
}

/** Makes a token that nobody guesses: 192 random bits. */
export function makeToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return `goats-${btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_")}`;
}

/** What the head of a stream tells its client. */
export interface StreamNews {
  readonly token: string;
  /** ms that the server keeps the call once its connection is lost. */
  readonly resumeMs: number;
  /** ms between signs of life; 0: there are none. */
  readonly heartbeatMs: number;
}

/** Writes the value of `goats-stream`. */
export function encodeNews({ token, resumeMs, heartbeatMs }: StreamNews): string {
  return `${token} ${resumeMs} ${heartbeatMs}`;
}

const NEWS = /^(goats-[A-Za-z0-9_-]{32}) ([0-9]{1,15}) ([0-9]{1,15})$/;

/** Reads it; `undefined` when a later version says something else. */
export function decodeNews(text: string): StreamNews | undefined {
  const [, token, resumeMs, heartbeatMs] = NEWS.exec(text) ?? [];
  return token === undefined
    ? undefined
    : { token, resumeMs: Number(resumeMs), heartbeatMs: Number(heartbeatMs) };
}
