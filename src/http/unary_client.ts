/**
 * A unary call over HTTP, at the client: one fetch.
 *
 * @module
 */
import type { ClientCodec, ClientExchange } from "../core/exchange.ts";
import type { MethodModel } from "../design/model.ts";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import { readBytes, readText, received } from "./read_text.ts";
import { responseError } from "./response_error.ts";
import type { ResultDecode, ResultParts } from "./result_decode.ts";

/** Sends a request; `fetch` does, and so does a handler within the process. */
export type Fetch = (request: Request) => Promise<Response>;

/** What a request is made of. `fetch` makes one of it itself: given one, it would make a second of that. */
export interface RequestParts {
  readonly url: string;
  readonly init: RequestInit;
}

/** How to make a call. */
export interface UnaryClientOptions {
  readonly fetch: (request: RequestParts) => Promise<Response>;
  /** Whether that is the platform's. */
  readonly overNetwork: boolean;
  /** Largest response body. */
  readonly messageBytes: number;
  /** Makes the request; the signal aborts when the call is given up. */
  readonly request: (signal: AbortSignal) => RequestParts | Promise<RequestParts>;
}

/** Makes a call. Never throws. */
export function unaryCall(
  method: MethodModel,
  result: ResultDecode,
  options: UnaryClientOptions,
): ClientExchange<ResultParts> {
  const where = `${method.service}.${method.name}`;
  const controller = new AbortController();
  const { signal } = controller;
  const answer = Promise.withResolvers<ResultParts>();
  let over = false;
  let taken = false;

  async function send(): Promise<ResultParts> {
    const request = await options.request(signal);
    let response: Response;
    let body: ResultParts["body"];
    try {
      response = await options.fetch(request);
      // Errors are JSON, whatever results are.
      const read = result.binary && result.isSuccess(response.status) ? readBytes : readText;
      body = await read(
        options.overNetwork ? received(response) : response,
        options.messageBytes,
        `${where}: response body`,
      );
    } catch (error) {
      if (error instanceof ServiceError) throw error;
      throw builtinError(
        "unavailable",
        `${where}: cannot reach ${new URL(request.url).origin}: ${textOf(error)}`,
        {
          cause: error,
        },
      );
    }
    if (!result.isSuccess(response.status)) throw responseError(response, body as string, method);
    return { status: response.status, headers: response.headers, body };
  }

  send().then((parts) => {
    over = true;
    answer.resolve(parts);
  }, (error) => {
    over = true;
    answer.reject(error);
  });

  return {
    codec: { ...NO_STREAM, decode: result.decode },
    opened: answer.promise.then(({ headers }) => ({ headers, view: headers.get("goa-view") ?? undefined })),
    closed: answer.promise.then(() => new Headers()),
    async read() {
      const parts = await answer.promise;
      if (taken || method.result === undefined) return null;
      taken = true;
      return parts;
    },
    write: () => Promise.reject(new TypeError(`Cannot send on ${where}: it is no stream`)),
    closeSend() {},
    cancel(reason) {
      if (over) return;
      over = true;
      // First, so that what fetch makes of the signal comes too late.
      answer.reject(reason);
      controller.abort(reason);
    },
  };
}

const NO_STREAM: Pick<ClientCodec<ResultParts>, "encode"> = {
  encode() {
    throw new TypeError("Cannot encode a message: the call is no stream");
  },
};

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
