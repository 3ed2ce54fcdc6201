/**
 * Tells a server's `onError`, whatever that makes of it.
 *
 * @module
 */
import type { ServiceError } from "../errors/service_error.ts";
import { attempt } from "./attempt.ts";
import type { CallRequest } from "./exchange.ts";

/** Sees errors, as the options of a server have it. */
export type OnError = (error: ServiceError, call: CallRequest) => void;

/** Tells it. What it throws, or rejects with, is dropped: a log that fails must end neither the process nor the call. */
export function tellError(onError: OnError | undefined, error: ServiceError, call: CallRequest): void {
  if (onError !== undefined) attempt(() => onError(error, call));
}
