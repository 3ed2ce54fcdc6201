/**
 * The calls that run at a server, for its shutdown.
 *
 * @module
 */
import { builtinError } from "../errors/builtin.ts";
import type { ServiceError } from "../errors/service_error.ts";
import { startDeadline } from "./deadline.ts";
import { TransientSet } from "./transient.ts";

/** A running call as a shutdown sees it. */
export interface ActiveCall {
  /** Aborts the call's signal with `reason`; the handler decides what to do. */
  abort(reason: ServiceError): void;
  /** Ends the call with `error` whether its handler likes it or not. */
  kill(error: ServiceError): void;
}

/** A set of running calls. */
export interface ActiveCalls {
  /** Counts a call in. Returns what counts it out, and does nothing the second time. */
  add(call: ActiveCall): () => void;
  /** How many calls run. */
  readonly size: number;
  /**
   * Lets the calls end: after half of `graceMs` their signals abort, after all of it they are ended with
   * `unavailable`. Resolves when none is left.
   */
  drain(graceMs: number): Promise<void>;
}

/**
 * Why calls end at a shutdown, or when the server closes one in the same way; transports tell it by a code of their own
 * (1001, UNAVAILABLE).
 */
export function shutdownError(why = "the server is shutting down"): ServiceError {
  const error = builtinError("unavailable", why);
  shutdowns.add(error);
  return error;
}

const shutdowns = new WeakSet<object>();

/** Whether an error is one of {@linkcode shutdownError}: a handler may throw an `unavailable` of its own. */
export function isShutdown(error: ServiceError): boolean {
  return shutdowns.has(error);
}

/** Makes an empty set of running calls. */
export function activeCalls(): ActiveCalls {
  const calls = new TransientSet<ActiveCall>();
  const idle: (() => void)[] = [];
  return {
    add(call) {
      const remove = calls.add(call);
      return () => {
        remove();
        if (calls.size === 0 && idle.length > 0) { for (const resolve of idle.splice(0)) resolve(); }
      };
    },
    get size() {
      return calls.size;
    },
    async drain(graceMs) {
      if (calls.size === 0) return;
      const done = new Promise<void>((resolve) => idle.push(resolve));
      // One error for both: a handler that throws its signal's reason only repeats how the call was ended.
      const why = shutdownError();
      const warn = () => {
        for (const call of calls.all()) call.abort(why);
      };
      const kill = () => {
        for (const call of calls.all()) call.kill(why);
      };
      const stops = graceMs > 0 ? [startDeadline(graceMs / 2, warn), startDeadline(graceMs, kill)] : [];
      // NaN is no time either.
      if (stops.length === 0) {
        warn();
        kill();
      }
      try {
        await done;
      } finally {
        for (const stop of stops) stop();
      }
    },
  };
}
