/**
 * What our servers know of a request that grpc-js (1.14.7) does not tell, or does not take as it is meant.
 *
 * @module
 */
import type { Metadata } from "@grpc/grpc-js";
import { LONGEST } from "../core/deadline.ts";
import { compressionFault, type MessageFrames, messageFrames } from "./message_frames.ts";
import { timeoutMs } from "./timeout.ts";

/** The part of a stream that is used. */
interface Stream {
  // deno-lint-ignore no-explicit-any
  on(event: string, listener: (...args: any[]) => void): unknown;
}

/** A request that has come. */
export interface Arrival {
  /** Its messages. */
  readonly frames: MessageFrames;
  /** `grpc-timeout`, where it is none. */
  readonly malformedTimeout?: string;
  /** Name of a header whose bytes cannot be read: of what is no base64, `node:buffer` makes something all the same. */
  readonly malformedBytes?: string;
  /** ms since the epoch: a deadline that grpc-js is not told of. */
  readonly deadline?: number;
  /** Called when {@linkcode MessageFrames.fault} was found. */
  spoilt?: () => void;
}

/** Marks requests, so that none is taken for another. */
const MARK = "goats-arrival";
/** The request that came last: it is handed over before anything else happens, or not at all where it is refused. */
let latest: { readonly mark: string; readonly arrival: Arrival } | undefined;
let marks = 0;

/** Paths of ours on servers of somebody else's. */
const paths = new Set<unknown>();

/** Has requests of a path looked at, whatever server they come to. */
export function notePath(path: string): void {
  paths.add(path);
}

/** The same as {@linkcode noteArrival}, for a server that may be somebody else's: what is not ours stays as it is. */
export function noteArrivalOfOurs(stream: Stream, headers: Record<string, unknown>): void {
  if (paths.has(headers[":path"])) noteArrival(stream, headers);
}

/** Looks at a request before grpc-js does: to be called with what its server tells of it. */
export function noteArrival(stream: Stream, headers: Record<string, unknown>): void {
  const arrival: Writable<Arrival> = {
    frames: messageFrames(compressionFault(headers["grpc-encoding"])),
    ...("grpc-timeout" in headers ? takeTimeout(headers) : undefined),
  };
  for (const name in headers) {
    if (!name.endsWith("-bin") || isBase64(`${headers[name]}`)) continue;
    arrival.malformedBytes = name;
    break;
  }
  const mark = headers[MARK] = `${marks = (marks + 1) % Number.MAX_SAFE_INTEGER}`;
  latest = { mark, arrival };
  watch(stream, arrival);
}

/** The request of a call that begins. */
export function arrivalOf(metadata: Metadata): Arrival | undefined {
  const [mark] = metadata.get(MARK);
  if (mark === undefined) return undefined;
  metadata.remove(MARK);
  const found = latest?.mark === mark ? latest.arrival : undefined;
  latest = undefined;
  return found;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const BASE64 = /^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2,3})?={0,2}$/;

/** Whether a value, or several joined by commas, is base64, padded or not (PROTOCOL-HTTP2.md). */
function isBase64(text: string): boolean {
  return text.split(",").every((part) => BASE64.test(part.trim()));
}

/** Leaves to grpc-js what it takes as it is meant: it finds a timeout in whatever has one somewhere in it. */
function takeTimeout(headers: Record<string, unknown>): Pick<Arrival, "malformedTimeout" | "deadline"> {
  const text = `${headers["grpc-timeout"]}`;
  const ms = timeoutMs(text);
  // It takes a longer one than timers keep for a shorter one (`| 0`), or one that is over.
  if (ms !== undefined && ms <= LONGEST) return {};
  delete headers["grpc-timeout"];
  return ms === undefined ? { malformedTimeout: text } : { deadline: Date.now() + ms };
}

/** Hands on bytes as far as they are messages. */
function watch(stream: Stream, arrival: Arrival): void {
  const { on } = stream;
  const { frames } = arrival;
  const watched: Stream["on"] = (event, listener) =>
    on.call(
      stream,
      event,
      event !== "data" ? listener : (chunk: Uint8Array) => {
        const before = frames.fault;
        const sound = frames.take(chunk);
        if (sound > 0) listener(sound === chunk.length ? chunk : chunk.subarray(0, sound));
        if (frames.fault !== before) arrival.spoilt?.();
      },
    );
  stream.on = watched;
}
