/**
 * Timers for deadlines.
 *
 * @module
 */

/** The longest delay that timers keep (2^31 - 1 ms); a longer one would fire at once. */
const LONGEST = 0x7fffffff;

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
