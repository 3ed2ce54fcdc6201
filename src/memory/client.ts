/**
 * A client of an implementation in the same process.
 *
 * @module
 */
import { activeCalls } from "../core/active_calls.ts";
import { createClient, type CreateClientOptions } from "../core/client.ts";
import type { Client } from "../core/client_types.ts";
import { authorizer, type Verifiers } from "../core/auth.ts";
import type { ServiceImplementation } from "../core/endpoint.ts";
import type { CallRequest } from "../core/exchange.ts";
import { withInterceptors } from "../core/intercept.ts";
import type { InterceptorOptions } from "../core/interceptor.ts";
import { logFaults } from "../core/error_log.ts";
import type { MethodsTypes } from "../design/method_types.ts";
import type { ServiceError } from "../errors/service_error.ts";
import { memoryTransport } from "./transport.ts";

/** Options of {@linkcode memoryClient}. */
export interface MemoryClientOptions extends CreateClientOptions {
  /**
   * Sees every error that a call ends with at the server's side, its `cause` included. Default: faults are written to
   * the console.
   */
  readonly onError?: (error: ServiceError, call: CallRequest) => void;
  /** Interceptors at the server's side, as `httpHandler` and `grpcServer` take them; the other ones are the caller's. */
  readonly server?: InterceptorOptions;
  /** What verifies callers, by name of security scheme. */
  readonly auth?: Verifiers;
}

/**
 * Makes a client that calls `implementation` in this process: validation, order, backpressure, views, deadlines and
 * errors are those of the network transports, without a socket.
 *
 * @param implementation What `implement` returned
 * @returns The typed client; `close()` (or `await using`) ends its open calls
 * @throws {TypeError} When a security scheme has no function in `auth`
 *
 * @example
 * ```ts
 * import { implement } from "@x/goats";
 * import { memoryClient } from "@x/goats/testing";
 * import { Field, Int, Method, Payload, Required, Service, StreamingResult } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const counter = Service(
 *   "counter",
 *   Method("count", Payload(Field(1, "to", Int), Required("to")), StreamingResult(Int)),
 * );
 * const service = implement(counter, {
 *   async *count({ payload }) {
 *     for (let n = 1; n <= payload.to; n++) yield n;
 *   },
 * });
 *
 * await using client = memoryClient(service);
 * assertEquals(await Array.fromAsync(client.count({ to: 3 })), [1, 2, 3]);
 * ```
 */
export function memoryClient<Methods extends MethodsTypes>(
  implementation: ServiceImplementation<Methods>,
  options: MemoryClientOptions = {},
): Client<Methods> {
  const served = withInterceptors(implementation, options.server ?? {});
  const transport = memoryTransport(served, {
    onError: options.onError ?? logFaults,
    authorize: authorizer([implementation], options.auth),
    active: activeCalls(),
  });
  return createClient<Methods>({ model: implementation.service }, transport, options);
}
