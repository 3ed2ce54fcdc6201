/**
 * A unary call over HTTP, at the server.
 *
 * @module
 */
import type { Endpoint } from "../core/endpoint.ts";
import type { CallRequest, CallSignal, Outcome, ResponseHead, ServerExchange } from "../core/exchange.ts";
import { checkHeaders } from "../core/sendable_headers.ts";
import { serveCall, type ServeCallOptions } from "../core/serve_call.ts";
import { microtasks } from "../core/turn.ts";
import { builtinError } from "../errors/builtin.ts";
import type { ServiceError } from "../errors/service_error.ts";
import { chooseMediaType } from "./accept.ts";
import { errorResponse } from "./error_response.ts";
import { rawServer } from "./raw_server.ts";
import { readPayload } from "./read_payload.ts";
import { received } from "./read_text.ts";
import type { RequestPayload } from "./request_payload.ts";
import type { ResultFrame, ResultResponse } from "./result_response.ts";

/** One unary method on one route, compiled. */
export interface UnaryPlan {
  readonly endpoint: Endpoint;
  readonly payload: RequestPayload;
  readonly response: ResultResponse;
}

/** What a unary server needs to be told. */
export interface UnaryServerOptions extends ServeCallOptions {
  /** Largest request body. */
  readonly messageBytes: number;
  /** ms in which some of a request body must come. */
  readonly stallMs: number;
  /** Whether the request came over the network. */
  readonly served: boolean;
}

/**
 * Serves a unary call.
 *
 * @param params Raw values of the route's parameters
 * @param query Raw query string
 * @returns Never rejects; an answer to HEAD has its body yet
 */
export function serveUnary(
  request: Request,
  call: CallRequest,
  plan: UnaryPlan,
  params: readonly string[],
  query: string,
  options: UnaryServerOptions,
): Promise<Response> {
  const { endpoint, payload, response } = plan;
  const { method } = endpoint;
  const where = `${method.service}.${method.name}`;
  const answer = Promise.withResolvers<Response>();
  const gone = new CallerGone(request, where);
  let head: ResponseHead | undefined;
  let frame: ResultFrame = response.empty;

  let mediaType: string | undefined;
  const { offered } = response;

  function negotiate(offers: readonly string[]): void {
    mediaType = chooseMediaType(call.headers.get("accept"), offers);
    if (mediaType === undefined) {
      throw builtinError("not_acceptable", `${where}: the response can only be ${offers.join(" or ")}`);
    }
  }

  const raw = method.http?.rawRequest || method.http?.rawResponse
    ? rawServer(request, where, {
      gone() {
        gone.tell();
        return gone.reason;
      },
      answer(body, trailers) {
        // From here on its stream tells when the caller leaves.
        gone.stop();
        answer.resolve(respond(endpoint, head, { ...frame, body }, { trailers }));
      },
    })
    : undefined;

  const exchange: ServerExchange<ResultFrame> = {
    request: call,
    signal: gone,
    streaming: false,
    codec: {
      encode: offered === undefined
        ? response.encode
        : (value, view) => response.encode(value, view, mediaType),
      decode() {
        throw new TypeError(`Cannot decode a stream: ${where} is unary`);
      },
    },
    async payload() {
      if (offered !== undefined) negotiate(offered);
      const body = options.served ? received(request) : request;
      const routed = { request: body, params, query, headers: call.headers };
      const value = await readPayload(routed, payload, options.messageBytes, where, options.stallMs);
      void gone.watch();
      return value;
    },
    read: () => null,
    body: raw?.body,
    sendBody: raw?.sendBody,
    stopReading() {},
    open(opened) {
      head = opened;
    },
    write(written) {
      frame = written;
    },
    end(outcome) {
      gone.stop();
      if (raw?.end(outcome.error)) return;
      try {
        const { init } = frame;
        const bare = init !== undefined && outcome.error === undefined && outcome.bare === true &&
          head?.bare === true && head.view === undefined;
        answer.resolve(
          bare ? new Response(frame.body as BodyInit, init) : respond(endpoint, head, frame, outcome),
        );
      } catch (error) {
        answer.reject(error);
      }
    },
  };
  void serveCall(endpoint, exchange, options);
  return answer.promise;
}

/** A result on its way out, its body raw or not. */
type Sent = Omit<ResultFrame, "body" | "init"> & {
  readonly body: ResultFrame["body"] | ReadableStream<Uint8Array>;
};

/** What a unary call sends is known when it ends: its trailers are headers as good as the others. */
function respond(
  { method }: Endpoint,
  head: ResponseHead | undefined,
  frame: Sent,
  { error, trailers }: Outcome,
): Response {
  const headers = head?.headers ?? new Headers();
  trailers.forEach((value, name) => headers.append(name, value));
  checkHeaders(headers);
  const raw = frame.body instanceof ReadableStream;
  // They describe the body, which is not the handler's unless it is raw.
  if (!raw) headers.delete("content-length");
  headers.delete("transfer-encoding");
  if (error !== undefined) return errorResponse(error, method, headers);
  for (const [name, value] of frame.headers) headers.set(name, value);
  if (frame.cookies !== undefined) {
    for (const cookie of frame.cookies) {
      headers.append("set-cookie", cookie);
    }
  }
  if (head?.view !== undefined) headers.set("goa-view", head.view);
  if (frame.body !== null && !(raw && headers.has("content-type"))) {
    headers.set("content-type", frame.contentType);
  }
  return new Response(frame.body as BodyInit | null, { status: frame.status, headers });
}

/** Turns of the microtask queue that a handler which waits for nothing takes at most, and some more. */
const TURNS = 32;

/**
 * Tells when the caller leaves. Deno aborts `request.signal` after a good end too, so it only counts before ours; and
 * warns about that, once, whoever touches the signal. Calls that end within a turn of the event loop never do, and
 * most of those do not even pay for a timer, which costs more than all else here.
 */
class CallerGone implements CallSignal {
  aborted = false;
  reason: ServiceError | undefined;
  readonly #request: Request;
  readonly #where: string;
  readonly #listeners: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #source: AbortSignal | undefined;
  #stopped = false;

  constructor(request: Request, where: string) {
    this.#request = request;
    this.#where = where;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const at = this.#listeners.indexOf(listener);
    if (at !== -1) this.#listeners.splice(at, 1);
  }

  /** Tells that the caller has gone. */
  readonly tell = (): void => {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = builtinError("canceled", `${this.#where}: the caller has gone`);
    for (const listener of this.#listeners.splice(0)) listener();
  };

  /** Looks out for that, from now on. */
  async watch(): Promise<void> {
    await microtasks(TURNS, () => this.#stopped);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#source = this.#request.signal;
      if (this.#source.aborted) this.tell();
      else this.#source.addEventListener("abort", this.tell, { once: true });
    }, 0);
  }

  /** Looks no more. */
  stop(): void {
    this.#stopped = true;
    // The first look at it would load Deno's timers, for nothing.
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#source?.removeEventListener("abort", this.tell);
  }
}
