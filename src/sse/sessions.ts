/**
 * The event streams whose callers may come back.
 *
 * @module
 */
import type { Endpoint } from "../core/endpoint.ts";
import { TransientMap } from "../core/transient.ts";
import type { EventSession } from "./session.ts";

/** A stream that can be resumed. */
export interface KeptStream {
  readonly session: EventSession;
  readonly endpoint: Endpoint;
  /** Headers of its response. */
  readonly headers: Headers;
}

/** The streams of one handler. */
export interface EventSessions {
  /** Adds a stream that begins. */
  add(stream: KeptStream): void;
  /** The stream of a token. */
  find(token: string): KeptStream | undefined;
  /** Tells that a stream was sent to its end: it is kept for a while, as long as there is room for its `size`. */
  sent(token: string, size: number, ms: number): void;
  /** Tells that its caller is back, and takes the rest: until it is sent again, it is kept whatever room there is. */
  claimed(token: string): void;
  /** Takes a stream out. */
  delete(token: string): void;
  /** Lets all go. */
  dropAll(): void;
  /** How many there are. */
  readonly size: number;
}

/** Characters of its events that are kept of a stream, unless limits say. */
export const RESUME_BYTES: number = 4 * 1024 * 1024;

/**
 * Streams of the largest size that have ended, and are kept for callers who did not get the end. Of smaller ones it is
 * as many as cost the same, for which there is always so much room.
 */
const ENDED = 8;
const ENDED_BYTES = 16 * 1024 * 1024;

/** What a stream costs besides its events: objects, measured. */
const COST = 5 * 1024;

/**
 * Makes an empty set of streams.
 *
 * @param resumeBytes Characters that are kept of each
 */
export function eventSessions(resumeBytes: number = RESUME_BYTES): EventSessions {
  const most = Math.max(ENDED * resumeBytes, ENDED_BYTES);
  const streams = new TransientMap<string, KeptStream>();
  /** Those that have ended, oldest first. No timer: what is left of them is bounded. */
  const ended = new Map<string, { readonly size: number; readonly until: number }>();
  let bytes = 0;

  function settle(token: string): void {
    const one = ended.get(token);
    if (one === undefined) return;
    bytes -= one.size;
    ended.delete(token);
  }

  function prune(): void {
    const now = Date.now();
    for (const [token, { until }] of ended) {
      if (until > now && bytes <= most) return;
      streams.get(token)?.session.forget();
    }
  }

  return {
    add(stream) {
      prune();
      streams.set(stream.session.token, stream);
    },
    find(token) {
      prune();
      return streams.get(token);
    },
    sent(token, size, ms) {
      settle(token);
      ended.set(token, { size: size + COST, until: Date.now() + ms });
      bytes += size + COST;
      prune();
    },
    claimed: settle,
    delete(token) {
      settle(token);
      streams.delete(token);
    },
    dropAll() {
      for (const { session } of streams.all()) session.forget();
    },
    get size() {
      return streams.size;
    },
  };
}
