/**
 * A server stream as Server-Sent Events, at the server: from the HTTP request to the end of the response.
 *
 * @module
 */
import { errorJsonCodec } from "../codec/error_json.ts";
import { runtimeView } from "../codec/view.ts";
import { isShutdown } from "../core/active_calls.ts";
import type { Endpoint } from "../core/endpoint.ts";
import type { CallRequest, ResponseHead, ServerExchange } from "../core/exchange.ts";
import { serveCall, type ServeCallOptions } from "../core/serve_call.ts";
import { builtinError } from "../errors/builtin.ts";
import type { ServiceError } from "../errors/service_error.ts";
import { eventBody } from "./body.ts";
import { END, ERROR, eventServerCodec } from "./codec.ts";
import { encodeEvent } from "./event_stream.ts";

/** ms between heartbeats unless `heartbeatMs` says otherwise: the standard's own advice (§9.2.7), for proxies' sake. */
export const HEARTBEAT_MS: number = 15_000;

/** ms in which a caller must take something of what waits for it, unless `stallMs` says otherwise. */
const STALL_MS = 30_000;

/**
 * ms that the head of the response waits for the handler's first message, so that an error before it is an ordinary
 * HTTP response. Longer, and callers and proxies would doubt that the server lives.
 */
const HEAD_MS = 500;

/** What a server of events needs to be told. */
export interface SseServerOptions extends ServeCallOptions {
  /** ms of silence after which a comment says that the stream is alive; 0: never. Default 15 s. */
  readonly heartbeatMs?: number;
  /** ms in which the caller must take something of what waits for it. Default 30 s. */
  readonly stallMs?: number;
  /** Makes the HTTP response of a call that fails before its first event. */
  readonly errorResponse: (error: ServiceError) => Response;
}

/**
 * Serves a server stream with the response to `request`. Routing came before.
 *
 * The head is sent with the first `setView` or `send`, at the end, or half a second after the handler started,
 * whichever comes first; where the view is chosen at run time it waits for the handler, so that `goa-view` can tell it.
 * An error before the head is an ordinary HTTP response; later it is an event of type `error`, whose data is the error
 * as JSON. A good end is an event of type `end`, whose data is a JSON object of the trailers.
 *
 * @param request The HTTP request
 * @param call What is known of the call (transport `"sse"`)
 * @param endpoint Method and handler
 * @param payload Decodes and validates the payload
 * @param options See {@linkcode SseServerOptions}
 * @returns Never rejects
 */
export function serveEvents(
  request: Request,
  call: CallRequest,
  endpoint: Endpoint,
  payload: () => unknown,
  options: SseServerOptions,
): Promise<Response> {
  const { method } = endpoint;
  const { heartbeatMs = HEARTBEAT_MS, stallMs = STALL_MS } = options;
  const where = `${method.service}.${method.name}`;
  const answer = Promise.withResolvers<Response>();
  const controller = new AbortController();
  const gone = () => controller.abort(builtinError("canceled", `${where}: the caller has gone`));
  const body = eventBody({
    heartbeatMs,
    stallMs,
    gone,
    stalled: () =>
      controller.abort(
        builtinError("overloaded", `${where}: the caller has taken nothing for ${stallMs} ms`),
      ),
  });
  let opened = false;
  let headTimer: ReturnType<typeof setTimeout> | undefined;
  let signal: AbortSignal | undefined;
  // Whoever touches this signal makes Deno warn, once, that it aborts after a response that went well, too. A handler
  // that sends at once is spared that, and from the head on the body tells.
  const watchTimer = setTimeout(() => {
    signal = request.signal;
    if (signal.aborted) gone();
    else signal.addEventListener("abort", gone, { once: true });
  }, 0);

  /** The head is decided. */
  function decide(response: Response): void {
    clearTimeout(headTimer);
    clearTimeout(watchTimer);
    signal?.removeEventListener("abort", gone);
    answer.resolve(response);
  }

  const exchange: ServerExchange<string> = {
    // Of the request nothing can be read any more once its response is over, which a handler may outlive.
    request: { ...call, headers: new Headers(call.headers) },
    signal: controller.signal,
    vitals: {
      wire: "sse",
      paused: false,
      get lastSeen() {
        return body.lastTaken;
      },
      get buffered() {
        return body.queued;
      },
    },
    streaming: true,
    codec: eventServerCodec(method),
    payload,
    ready(open) {
      if (!runtimeView(method)) headTimer = setTimeout(open, HEAD_MS);
    },
    read: () => null,
    stopReading() {},
    open(head) {
      opened = true;
      decide(new Response(body.stream, { headers: responseHeaders(head) }));
      body.start();
    },
    write: body.write,
    end({ error, trailers }) {
      if (error === undefined) {
        return body.end(encodeEvent({ type: END, data: JSON.stringify(Object.fromEntries(trailers)) }));
      }
      if (opened) {
        const data = errorJsonCodec(method).encode(error);
        return body.end(encodeEvent({ type: ERROR, data, lost: isShutdown(error) }));
      }
      decide(options.errorResponse(error));
    },
  };
  void serveCall(endpoint, exchange, options);
  return answer.promise;
}

function responseHeaders({ headers, view }: ResponseHead): Headers {
  const all = new Headers(headers);
  // They describe the body, which is not the handler's.
  all.delete("content-length");
  all.delete("transfer-encoding");
  all.set("content-type", "text/event-stream");
  // Not to be kept, nor held back to be compressed.
  if (!all.has("cache-control")) all.set("cache-control", "no-cache, no-transform");
  // nginx holds responses back unless told.
  if (!all.has("x-accel-buffering")) all.set("x-accel-buffering", "no");
  if (view !== undefined) all.set("goa-view", view);
  return all;
}
