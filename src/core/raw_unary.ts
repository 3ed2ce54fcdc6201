/**
 * A call with a raw body, at the client.
 *
 * @module
 */
import type { MethodModel } from "../design/model.ts";
import { type ClientCall, openCall } from "./client_call.ts";
import type { CallOptions } from "./client_types.ts";
import type { ClientTransport } from "./exchange.ts";
import { isRawBody, relayBody } from "./raw_body.ts";
import type { RawRequestOptions } from "./raw_types.ts";
import { onlyResult } from "./unary.ts";

/** Makes a call; the result, and the body with it where that is raw. */
export async function rawUnary(
  method: MethodModel,
  transport: ClientTransport,
  payload: unknown,
  options: CallOptions & Partial<RawRequestOptions>,
): Promise<unknown> {
  const where = `${method.service}.${method.name}`;
  const given = method.http?.rawRequest ? options.body : undefined;
  if (method.http?.rawRequest && !isRawBody(given)) {
    throw new TypeError(`Cannot call ${where}: body must be a ReadableStream, a Blob or a Uint8Array`);
  }
  let call: ClientCall<unknown> | undefined;
  const relay = given instanceof ReadableStream
    // The caller's own error is what the call ends with.
    ? relayBody(given, {
      failed(error) {
        call?.cancel(error);
        return error;
      },
    })
    : undefined;
  const opened = call = openCall(
    transport,
    method,
    { payload, streaming: false, body: relay?.stream ?? given },
    options,
  );
  if (relay !== undefined) {
    const drop = () => relay.fail(new TypeError(`Cannot send the body of ${where}: the call is over`));
    opened.exchange.closed.then(drop, (error) => relay.fail(error));
  }
  const result = await onlyResult(method, opened);
  if (!method.http?.rawResponse) return result;
  // None when an interceptor has answered.
  const body = opened.exchange.takeBody?.() ?? new Blob().stream();
  return method.result === undefined ? { body } : { result, body };
}
