/**
 * Makes the typed client of a design over any transport.
 *
 * @module
 */
import { underlying } from "../codec/view.ts";
import type { MethodsTypes } from "../design/method_types.ts";
import type { MethodModel, ServiceModel } from "../design/model.ts";
import { openCall } from "./client_call.ts";
import { clientStream } from "./client_stream.ts";
import type { CallOptions, Client } from "./client_types.ts";
import { invalidTimeout, isTimeout } from "./deadline.ts";
import type { ClientTransport } from "./exchange.ts";
import { clientChains } from "./intercept.ts";
import { interceptTransport } from "./intercept_client.ts";
import type { InterceptorOptions } from "./interceptor.ts";
import { rawUnary } from "./raw_unary.ts";
import { onlyResult } from "./unary.ts";

/** What clients of every transport can be told. */
export interface CreateClientOptions extends InterceptorOptions {
  /** ms that a call may take unless it says otherwise. Default: no limit. */
  readonly timeout?: number;
}

/**
 * Makes a client: one function per method of the service.
 *
 * @param design What `Service(...)` returned
 * @throws {TypeError} When the timeout is no number
 */
export function createClient<Methods extends MethodsTypes>(
  design: { readonly model: ServiceModel; readonly "~types"?: Methods },
  bare: ClientTransport,
  options: CreateClientOptions = {},
): Client<Methods> {
  if (options.timeout !== undefined && !isTimeout(options.timeout)) {
    throw invalidTimeout(`make a client of ${design.model.name}`, options.timeout);
  }
  const transport = interceptTransport(bare, clientChains(design.model, options));
  let closed: Promise<void> | undefined;
  const close = () => closed ??= Promise.resolve(transport.close());
  const client: Record<PropertyKey, unknown> = { close, [Symbol.asyncDispose]: close };
  const add = (name: string, call: unknown) =>
    Object.defineProperty(client, name, { value: call, enumerable: true });
  for (const method of Object.values(design.model.methods)) {
    const mixed = method.result !== undefined && method.kind === "server";
    if (method.kind === "unary" || mixed) add(method.name, unary(method, transport, options));
    if (method.kind !== "unary") {
      add(mixed ? `${method.name}Stream` : method.name, stream(method, transport, options));
    }
  }
  return Object.freeze(client) as unknown as Client<Methods>;
}

function unary(method: MethodModel, transport: ClientTransport, defaults: CreateClientOptions) {
  const isRaw = method.http?.rawRequest || method.http?.rawResponse;
  return (...args: unknown[]): Promise<unknown> => {
    const { payload, options } = argumentsOf(method, args, defaults);
    if (isRaw) return rawUnary(method, transport, payload, options);
    return onlyResult(method, openCall(transport, method, { payload, streaming: false }, options, true));
  };
}

function stream(method: MethodModel, transport: ClientTransport, defaults: CreateClientOptions) {
  const streaming = method.streamingResult !== undefined;
  return (...args: unknown[]): object => {
    const { payload, options } = argumentsOf(method, args, defaults);
    return clientStream(method, openCall(transport, method, { payload, streaming }, options));
  };
}

function argumentsOf(
  method: MethodModel,
  args: readonly unknown[],
  defaults: CreateClientOptions,
): { readonly payload: unknown; readonly options: CallOptions } {
  const has = method.payload !== undefined;
  const options = (has ? args[1] : args[0]) as CallOptions | undefined;
  return {
    payload: has ? payloadOf(method, args[0]) : undefined,
    options: { timeout: defaults.timeout, ...options },
  };
}

/** A payload without required attributes may be left out. */
function payloadOf(method: MethodModel, given: unknown): unknown {
  if (given !== undefined || method.payload === undefined) return given;
  return underlying(method.payload.type).kind === "object" ? {} : undefined;
}
