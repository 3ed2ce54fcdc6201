/**
 * Timeouts, and timers for deadlines.
 *
 * @module
 */

/** The longest delay that timers keep (2^31 - 1 ms); a longer one would fire at once. */
export const LONGEST = 0x7fffffff;

/** Whether a timeout is one: any number, of which those below zero have passed already. */
export function isTimeout(timeout: unknown): timeout is number {
  return typeof timeout === "number" && !Number.isNaN(timeout);
}

/**
 * What whoever gives anything else is told.
 *
 * @param action What was asked for, e.g. `call monitor.watch`
 */
export function invalidTimeout(action: string, timeout: unknown): TypeError {
  return new TypeError(`Cannot ${action}: timeout must be a number of ms, not ${String(timeout)}`);
}

/**
 * Calls `passed` once `ms` have gone by, however long that is.
 *
 * @returns Stops the timer
 */
export function startDeadline(ms: number, passed: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const start = (left: number) => {
    timer = left > LONGEST
      ? setTimeout(() => start(left - LONGEST), LONGEST)
      : setTimeout(passed, Math.max(0, left));
  };
  start(ms);
  return () => clearTimeout(timer);
}
