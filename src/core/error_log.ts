/**
 * Who is told of the errors that calls end with, and of mistakes in handlers where nobody asked to be.
 *
 * @module
 */
import type { ServiceError } from "../errors/service_error.ts";
import type { CallRequest } from "./exchange.ts";

/**
 * `onError` of servers that were given none: writes faults to the console with what caused them. Their callers are told
 * no more than an id, so that nobody else would ever know. What callers are told in full, and what they do wrong, is
 * left out.
 */
function logFaults(error: ServiceError, { service, method }: CallRequest): void {
  if (error.fault && error.cause !== undefined) {
    console.error(`${service}.${method}: fault ${error.id}`, error.cause);
  }
}

/**
 * Makes of a server's `onError` what can be told of errors: a log that fails, at once or later, must end neither the
 * process nor the call.
 *
 * @param onError As it was given. Default: faults are written to the console
 */
export function errorLog(
  onError: (error: ServiceError, call: CallRequest) => unknown = logFaults,
): (error: ServiceError, call: CallRequest) => void {
  return (error, call) => {
    try {
      const told = onError(error, call);
      if (told instanceof Promise) told.catch(() => {});
    } catch {
      // As above.
    }
  };
}
