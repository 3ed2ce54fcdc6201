/**
 * When to try again: exponential backoff with full jitter.
 *
 * @module
 */
import { amount, checkNumbers, type NumberRules } from "./check_options.ts";
import { startDeadline } from "./deadline.ts";

/** How a client tries again once the connection of a stream is lost; what is left out has its default. */
export interface ReconnectOptions {
  /** Longest wait before the first try, in ms: each wait is anything from 0 to its longest. Default 500. */
  readonly firstMs?: number;
  /** What the longest wait is multiplied by after each try in vain. Default 2. */
  readonly factor?: number;
  /** What it grows to at most, in ms. Default 30 s. */
  readonly maxMs?: number;
  /** Tries in vain, one after the other, after which the stream ends with the last error. Default: no limit. */
  readonly tries?: number;
  /** ms without a connection after which it does, whatever `tries` says; the last try is at its end. Default 2 min. */
  readonly giveUpMs?: number;
}

/** {@linkcode ReconnectOptions} with the defaults filled in. */
export type ResolvedReconnect = Required<ReconnectOptions>;

/**
 * Full jitter, and half a second at first: a server that restarts is met by clients spread over that time. Two minutes
 * are a restart, a deployment or a tunnel; beyond them a user wants to be told.
 */
const DEFAULTS: ResolvedReconnect = {
  firstMs: 500,
  factor: 2,
  maxMs: 30_000,
  tries: Infinity,
  giveUpMs: 120_000,
};

const RULES: NumberRules<ReconnectOptions> = {
  firstMs: amount(0),
  factor: amount(1),
  maxMs: amount(0),
  tries: amount(0),
  giveUpMs: amount(0),
};

/**
 * Fills in the defaults; `undefined` when nothing is to be tried again.
 *
 * @throws {TypeError} When an option is no number, too small, or not known
 */
export function resolveReconnect(options: false | ReconnectOptions = {}): ResolvedReconnect | undefined {
  if (options === false) return undefined;
  checkNumbers("make a client", "reconnect", options, RULES);
  const {
    firstMs = DEFAULTS.firstMs,
    factor = DEFAULTS.factor,
    maxMs = DEFAULTS.maxMs,
    tries = DEFAULTS.tries,
    giveUpMs = DEFAULTS.giveUpMs,
  } = options;
  return { firstMs, factor, maxMs, tries, giveUpMs };
}

/** ms that a connection must last to have worked, whether a message came over it or not. */
export const SETTLED_MS = 5000;

/** The waits of one connection that is to be kept up. */
export interface Backoff {
  /** Counts a failure: gives the ms to wait before the next try, `undefined` when there is to be none. */
  next(): number | undefined;
  /** Tells that the connection works: the next failure is the first again. */
  reset(): void;
  /** Takes over what the peer says (`retry` of an event): waits are never shorter, and grow from there. */
  told(ms: number): void;
  /** Failures since the connection last worked. */
  readonly failures: number;
}

/** What tests replace. */
export interface BackoffSources {
  /** As `Math.random`. */
  readonly random?: () => number;
  /** As `performance.now`. */
  readonly now?: () => number;
}

/** Makes the waits of one connection. */
export function backoff(options: ResolvedReconnect, sources: BackoffSources = {}): Backoff {
  const { random = Math.random, now = () => performance.now() } = sources;
  const { factor, maxMs, tries, giveUpMs } = options;
  let { firstMs } = options;
  let least = 0;
  let failures = 0;
  let since = 0;
  return {
    next() {
      if (failures === 0) since = now();
      const left = giveUpMs - (now() - since);
      if (failures >= tries || left <= 0) return undefined;
      const longest = Math.min(maxMs, firstMs * factor ** failures++);
      return Math.min(left, least + random() * longest);
    },
    reset() {
      failures = 0;
    },
    told(ms) {
      least = Math.min(ms, maxMs);
      // Nothing times two is nothing.
      firstMs = Math.max(least, 1);
    },
    get failures() {
      return failures;
    },
  };
}

/**
 * Waits for `ms`, or for the signal to abort.
 *
 * @returns Whether the time has passed; `false` when the signal aborted. Never rejects
 */
export function wait(ms: number, signal?: AbortSignal): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const settle = (passed: boolean) => {
      stop();
      signal?.removeEventListener("abort", aborted);
      resolve(passed);
    };
    const aborted = () => settle(false);
    const stop = startDeadline(ms, () => settle(true));
    signal?.addEventListener("abort", aborted, { once: true });
  });
}
