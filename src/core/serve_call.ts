/**
 * Runs one call at the server: payload, handler, messages, outcome.
 *
 * @module
 */
import type { CallRequest, ServerExchange } from "./exchange.ts";
import type { Endpoint } from "./endpoint.ts";
import type { ActiveCalls } from "./active_calls.ts";
import type { ServiceError } from "../errors/service_error.ts";

/** What servers of every transport can be told. */
export interface ServeCallOptions {
  /** Sees every error a call ends with, its `cause` included. */
  readonly onError?: (error: ServiceError, call: CallRequest) => void;
  /** Where the call is counted while it runs, so that a shutdown can wait for it. */
  readonly active?: ActiveCalls;
}

/** Serves one call on an exchange. Never rejects; resolves when the exchange was ended. */
export declare function serveCall<F>(
  endpoint: Endpoint,
  exchange: ServerExchange<F>,
  options?: ServeCallOptions,
): Promise<void>;
