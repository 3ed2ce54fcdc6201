/**
 * Mistakes in handlers, where nobody asked to be told of errors.
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
export function logFaults(error: ServiceError, { service, method }: CallRequest): void {
  if (error.fault && error.cause !== undefined) {
    console.error(`${service}.${method}: fault ${error.id}`, error.cause);
  }
}
