/**
 * Errors that tell of a lost connection, or of a server that went away: what a call made anew may mend. The error of a
 * handler is never one of them, whatever its name.
 *
 * @module
 */
import type { ServiceError } from "../errors/service_error.ts";

const lost = new WeakSet<object>();

/** Marks an error that stands for a lost connection; gives it back. */
export function markLost<E extends ServiceError>(error: E): E {
  lost.add(error);
  return error;
}

/** Whether an error was marked by {@linkcode markLost}. */
export function isLost(error: unknown): boolean {
  return typeof error === "object" && error !== null && lost.has(error);
}
