/** @module */

/** Options of {@linkcode deadline}. */
export interface DeadlineOptions {
  /** Ends the wait early: it rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Waits for a promise, for `ms` milliseconds at most: then it rejects with a `DOMException` named `TimeoutError`.
 *
 * @example
 * ```ts
 * import { deadline } from "@std/async";
 *
 * await deadline(Promise.resolve(1), 1_000);
 * ```
 */
export async function deadline<T>(p: Promise<T>, ms: number, options: DeadlineOptions = {}): Promise<T> {
  const { signal } = options;
  signal?.throwIfAborted();
  const { promise: given, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal!.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const timer = setTimeout(
    () => reject(new DOMException("Signal timed out.", "TimeoutError")),
    Math.min(ms, 0x7fff_ffff),
  );
  try {
    return await Promise.race([p, given]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}
