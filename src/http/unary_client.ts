/**
 * A unary call over HTTP, at the client: one fetch.
 *
 * @module
 */
import type { ClientCodec, ClientExchange, OnlyResult, ResponseHead } from "../core/exchange.ts";
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
  return new UnaryExchange(method, result, options);
}

/** A class, so that what only interceptors look at costs nothing before they do. */
class UnaryExchange implements ClientExchange<ResultParts> {
  readonly codec: ClientCodec<ResultParts>;
  readonly #method: MethodModel;
  readonly #answer = Promise.withResolvers<ResultParts>();
  readonly #controller = new AbortController();
  #forget: (() => void) | undefined;
  #over = false;
  #taken = false;

  constructor(method: MethodModel, result: ResultDecode, options: UnaryClientOptions) {
    this.#method = method;
    this.codec = { encode: refuse, decode: result.decode };
    void this.#send(result, options);
  }

  async #send(result: ResultDecode, options: UnaryClientOptions): Promise<void> {
    try {
      const parts = await fetchParts(this.#method, result, options, this.#controller.signal);
      this.#end();
      this.#answer.resolve(parts);
    } catch (error) {
      this.#fail(error);
    }
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#forget?.();
  }

  #fail(reason: unknown): void {
    this.#end();
    this.#answer.promise.catch(() => {});
    this.#answer.reject(reason);
  }

  get opened(): Promise<ResponseHead> {
    return this.#answer.promise.then(({ headers }) => ({ headers, view: viewOf(headers) }));
  }

  get closed(): Promise<Headers> {
    return this.#answer.promise.then(() => new Headers());
  }

  async only(): Promise<OnlyResult<ResultParts>> {
    const parts = await this.#answer.promise;
    return { frame: parts, view: viewOf(parts.headers) };
  }

  async read(): Promise<ResultParts | null> {
    const parts = await this.#answer.promise;
    if (this.#taken || this.#method.result === undefined) return null;
    this.#taken = true;
    return parts;
  }

  write(): Promise<void> {
    return Promise.reject(
      new TypeError(`Cannot send on ${this.#method.service}.${this.#method.name}: it is no stream`),
    );
  }

  closeSend(): void {}

  onOver(hook: () => void): void {
    if (this.#over) hook();
    else this.#forget = hook;
  }

  cancel(reason: unknown): void {
    if (this.#over) return;
    // First, so that what fetch makes of the signal comes too late.
    this.#fail(reason);
    this.#controller.abort(reason);
  }
}

async function fetchParts(
  method: MethodModel,
  result: ResultDecode,
  options: UnaryClientOptions,
  signal: AbortSignal,
): Promise<ResultParts> {
  const made = options.request(signal);
  const request = made instanceof Promise ? await made : made;
  let response: Response;
  let body: ResultParts["body"];
  try {
    response = await options.fetch(request);
    // Errors are JSON, whatever results are.
    const read = result.binary && result.isSuccess(response.status) ? readBytes : readText;
    body = await read(
      options.overNetwork ? received(response) : response,
      options.messageBytes,
      `${method.service}.${method.name}: response body`,
    );
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    throw builtinError(
      "unavailable",
      `${method.service}.${method.name}: cannot reach ${new URL(request.url).origin}: ${textOf(error)}`,
      { cause: error },
    );
  }
  const { status, headers } = response;
  if (!result.isSuccess(status)) throw responseError(response, body as string, method);
  return { status, headers, body };
}

function viewOf(headers: Headers): string | undefined {
  return headers.get("goa-view") ?? undefined;
}

function refuse(): never {
  throw new TypeError("Cannot encode a message: the call is no stream");
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
