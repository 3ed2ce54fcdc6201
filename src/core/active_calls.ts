/**
 * The calls that run at a server, for its shutdown.
 *
 * @module
 */

/** A running call as a shutdown sees it. */
export interface ActiveCall {
  /** Aborts the call's signal with `reason`; the handler decides what to do. */
  abort(reason: unknown): void;
  /** Ends the call with `error` whether its handler likes it or not. */
  kill(error: unknown): void;
}

/** A set of running calls. */
export interface ActiveCalls {
  add(call: ActiveCall): void;
  delete(call: ActiveCall): void;
  readonly size: number;
  /**
   * Lets the calls end: after half of `graceMs` their signals abort, after all of it they are ended with
   * `unavailable`. Resolves when none is left.
   */
  drain(graceMs: number): Promise<void>;
}
