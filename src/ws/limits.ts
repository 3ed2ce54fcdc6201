/**
 * What one WebSocket may cost, at either end.
 *
 * @module
 */

import { amount, DURATION, durationOr, type NumberRules } from "../core/check_options.ts";

/** Bounds of one socket; what is left out has its default. */
export interface WsLimits {
  /** Largest message taken, in bytes of UTF-8. Default 1 MiB. */
  readonly messageBytes?: number;
  /** Most messages held, at the end of a turn of the event loop, that were received and not yet read. Default 65,536. */
  readonly unreadMessages?: number;
  /** The same in size, counted in characters (UTF-16 units). Default 4 Mi. */
  readonly unreadBytes?: number;
  /** Time without a word from the peer (pongs count) after which a server takes it for dead; 0: never. Default 30 s. */
  readonly idleMs?: number;
  /** Time in which a peer must take something of what waits for it. Default 30 s. */
  readonly stallMs?: number;
  /**
   * Time for a socket to open: at the server from the upgrade, as a peer may be gone by then; at a client for the server to
   * answer. Default 10 s.
   */
  readonly openMs?: number;
  /**
   * Time that a server keeps a stream whose connection was lost, for its caller to come back; 0: not at all. On the wire
   * `goats.v1`, and of Server-Sent Events for callers that ask for it, as `httpClient` does. Default 30 s.
   */
  readonly resumeMs?: number;
}

/** What each may be. */
export const WS_LIMITS: NumberRules<WsLimits> = {
  messageBytes: amount(1),
  unreadMessages: amount(1),
  unreadBytes: amount(1),
  idleMs: durationOr("never"),
  stallMs: DURATION,
  openMs: DURATION,
  resumeMs: durationOr("not at all"),
};

/** {@linkcode WsLimits} with the defaults filled in. */
export type ResolvedWsLimits = Required<WsLimits>;

/**
 * Some 5 MB is what a peer can make a call hold, in small messages or in large ones: generous, as a peer of the plain
 * wire cannot be made to wait, and a burst must not end the stream of a handler that is merely slower than the network.
 */
const DEFAULTS: ResolvedWsLimits = {
  messageBytes: 1024 * 1024,
  unreadMessages: 65_536,
  unreadBytes: 4 * 1024 * 1024,
  idleMs: 30_000,
  stallMs: 30_000,
  openMs: 10_000,
  resumeMs: 30_000,
};

/** Fills in the defaults. A limit that is `undefined` has its default too. */
export function resolveLimits(limits: WsLimits = {}): ResolvedWsLimits {
  return {
    messageBytes: limits.messageBytes ?? DEFAULTS.messageBytes,
    unreadMessages: limits.unreadMessages ?? DEFAULTS.unreadMessages,
    unreadBytes: limits.unreadBytes ?? DEFAULTS.unreadBytes,
    idleMs: limits.idleMs ?? DEFAULTS.idleMs,
    stallMs: limits.stallMs ?? DEFAULTS.stallMs,
    openMs: limits.openMs ?? DEFAULTS.openMs,
    resumeMs: limits.resumeMs ?? DEFAULTS.resumeMs,
  };
}

/** What a `goats.v1` peer may send ahead of the reader, unless limits say otherwise. */
const WINDOW = { messages: 8192, size: 1024 * 1024 };

/** The largest: what is granted is a sum of windows, and told as an integer, which Infinity is not. */
const MAX_WINDOW = 2 ** 31 - 1;

/**
 * The window of a `goats.v1` stream: as its peer waits, a smaller one than what the plain wire must bear costs nothing.
 */
export function windowOf({ unreadMessages, unreadBytes }: WsLimits): { messages: number; size: number } {
  return {
    messages: Math.min(Math.ceil(unreadMessages ?? WINDOW.messages), MAX_WINDOW),
    size: Math.min(Math.ceil(unreadBytes ?? WINDOW.size), MAX_WINDOW),
  };
}
