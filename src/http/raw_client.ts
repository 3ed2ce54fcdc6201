/**
 * A call with a raw response body over HTTP, at the client: one fetch, over when its body is.
 *
 * @module
 */
import type { ClientExchange } from "../core/exchange.ts";
import { relayBody, type RelayedBody } from "../core/raw_body.ts";
import type { MethodModel } from "../design/model.ts";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import { readText } from "./read_text.ts";
import { responseError } from "./response_error.ts";
import type { ResultDecode, ResultParts } from "./result_decode.ts";
import type { UnaryClientOptions } from "./unary_client.ts";

/** Makes a call. Never throws. */
export function rawCall(
  method: MethodModel,
  result: ResultDecode,
  options: UnaryClientOptions,
): ClientExchange<ResultParts> {
  const where = `${method.service}.${method.name}`;
  const controller = new AbortController();
  const answer = Promise.withResolvers<ResultParts>();
  const closed = Promise.withResolvers<Headers>();
  for (const { promise } of [answer, closed] as { promise: Promise<unknown> }[]) promise.catch(() => {});
  let body: RelayedBody | undefined;
  let over = false;
  let taken = false;

  function end(): void {
    over = true;
    closed.resolve(new Headers());
  }

  function fail(reason: unknown): void {
    over = true;
    // First, so that what fetch makes of the signal comes too late.
    answer.reject(reason);
    closed.reject(reason);
  }

  async function send(): Promise<ResultParts> {
    const request = await options.request(controller.signal);
    const { origin } = new URL(request.url);
    const unreachable = (cause: unknown) =>
      cause instanceof ServiceError ? cause : builtinError(
        "unavailable",
        `${where}: cannot reach ${origin}: ${cause instanceof Error ? cause.message : cause}`,
        { cause },
      );
    let response: Response;
    let refusal: string | undefined;
    try {
      response = await options.fetch(request);
      if (!result.isSuccess(response.status)) {
        refusal = await readText(response, options.messageBytes, `${where}: response body`);
      }
    } catch (error) {
      throw unreachable(error);
    }
    if (refusal !== undefined) throw responseError(response, refusal, method);
    body = relayBody(response.body ?? new Blob().stream(), {
      end,
      cancelled: end,
      failed(cause) {
        const error = builtinError("unavailable", `${where}: the response body was cut`, { cause });
        fail(error);
        return error;
      },
    });
    // Given up while the answer came.
    if (over) body.fail(controller.signal.reason);
    return { status: response.status, headers: response.headers, body: "" };
  }

  send().then(answer.resolve, fail);

  return {
    codec: {
      encode() {
        throw new TypeError("Cannot encode a message: the call is no stream");
      },
      decode: result.decode,
    },
    opened: answer.promise.then(({ headers }) => ({ headers })),
    closed: closed.promise,
    async read() {
      const parts = await answer.promise;
      if (taken || method.result === undefined) return null;
      taken = true;
      return parts;
    },
    takeBody: () => body?.stream,
    write: () => Promise.reject(new TypeError(`Cannot send on ${where}: it is no stream`)),
    closeSend() {},
    cancel(reason) {
      if (over) return;
      fail(reason);
      body?.fail(reason);
      controller.abort(reason);
    },
  };
}
