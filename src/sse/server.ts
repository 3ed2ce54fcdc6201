/**
 * A server stream as Server-Sent Events, at the server: from the HTTP request to the end of the response.
 *
 * @module
 */
import { errorJsonCodec } from "../codec/error_json.ts";
import { runtimeView } from "../codec/view.ts";
import { isShutdown } from "../core/active_calls.ts";
import { vitals } from "../core/vitals.ts";
import type { Endpoint } from "../core/endpoint.ts";
import type { CallRequest, ResponseHead, ServerExchange } from "../core/exchange.ts";
import { checkHeaders } from "../core/sendable_headers.ts";
import { serveCall, type ServeCallOptions } from "../core/serve_call.ts";
import type { MethodModel } from "../design/model.ts";
import { builtinError } from "../errors/builtin.ts";
import type { ServiceError } from "../errors/service_error.ts";
import { eventBody } from "./body.ts";
import { END, ERROR, eventServerCodec } from "./codec.ts";
import { encodeEvent } from "./event_stream.ts";
import { asksToResume, encodeNews, FORGOTTEN, makeToken, type Position, RESUME, STREAM } from "./resume.ts";
import { type EventSession, eventSession } from "./session.ts";
import { type EventSessions, RESUME_BYTES } from "./sessions.ts";

/** ms between heartbeats unless `heartbeatMs` says otherwise: the standard's own advice (§9.2.7), for proxies' sake. */
export const HEARTBEAT_MS: number = 15_000;

/** ms in which a caller must take something of what waits for it, unless `stallMs` says otherwise. */
const STALL_MS = 30_000;

/**
 * ms that the head of the response waits for the handler's first message, so that an error before it is an ordinary
 * HTTP response. Longer, and callers and proxies would doubt that the server lives.
 */
const HEAD_MS = 500;

/** ms that a stream without a connection goes on, unless limits say. */
const RESUME_MS = 30_000;

/** How a stream outlives its connection. */
export interface ResumeOptions {
  /** Where callers find it again. */
  readonly sessions: EventSessions;
  /** Whether an `EventSource` asked: then events have ids of our making, unless the design has its own. */
  readonly ids: boolean;
  /** See `StreamLimits.resumeMs`. */
  readonly resumeMs?: number;
  /** See `StreamLimits.resumeBytes`. */
  readonly resumeBytes?: number;
}

/** What a server of events needs to be told. */
export interface SseServerOptions extends ServeCallOptions {
  /** ms of silence after which a comment says that the stream is alive; 0: never. Default 15 s. */
  readonly heartbeatMs?: number;
  /** ms in which the caller must take something of what waits for it. Default 30 s. */
  readonly stallMs?: number;
  /** How a stream outlives its connection, for callers that come back; absent: not at all. */
  readonly resume?: ResumeOptions;
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
  const ends = callEnds(where, stallMs);
  const { gone, stalled } = ends;
  const session = options.resume && keep(options.resume, call, method, { heartbeatMs, stallMs, ...ends });
  const plain = session === undefined ? eventBody({ heartbeatMs, stallMs, gone, stalled }) : undefined;
  const body = session ?? plain!;
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

  /** The body of the first connection. */
  function begin(headers: Headers): ReadableStream<Uint8Array<ArrayBuffer>> {
    if (session === undefined) {
      plain!.start();
      return plain!.stream;
    }
    const { sessions, resumeMs = RESUME_MS } = options.resume!;
    sessions.add({ session, endpoint, headers });
    if (asksToResume(call.headers)) {
      headers.set(STREAM, encodeNews({ token: session.token, resumeMs, heartbeatMs }));
    }
    return session.open();
  }

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
    signal: ends.signal,
    vitals: vitals("sse", {
      paused: () => session?.paused() ?? false,
      lastSeen: () => body.lastTaken(),
      buffered: () => body.queued(),
    }),
    streaming: true,
    codec: eventServerCodec(method),
    payload,
    ready(open) {
      if (!runtimeView(method)) headTimer = setTimeout(open, HEAD_MS);
    },
    read: () => null,
    stopReading() {},
    open(head) {
      const headers = responseHeaders(head);
      opened = true;
      const stream = begin(headers);
      decide(new Response(stream, { headers }));
    },
    write: body.write,
    end({ error, trailers }) {
      if (error === undefined) {
        return body.end(
          encodeEvent({ type: END, data: JSON.stringify(Object.fromEntries(trailers)) }),
          false,
        );
      }
      if (opened) {
        const data = errorJsonCodec(method).encode(error);
        const lost = isShutdown(error);
        return body.end(encodeEvent({ type: ERROR, data, lost }), lost);
      }
      decide(options.errorResponse(error));
    },
  };
  void serveCall(endpoint, exchange, options);
  return answer.promise;
}

/** Ends of a call that are its caller's doing. */
interface CallEnds {
  readonly signal: AbortSignal;
  /** The caller has gone. */
  readonly gone: () => void;
  /** It takes nothing. */
  readonly stalled: () => void;
}

// Here, and not within serveEvents, as `keep` is: a stream that has ended is kept without its request and response.
function callEnds(where: string, stallMs: number): CallEnds {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    gone: () => controller.abort(builtinError("canceled", `${where}: the caller has gone`)),
    stalled() {
      const message = `${where}: the caller has taken nothing for ${stallMs} ms`;
      controller.abort(builtinError("overloaded", message));
    },
  };
}

/** A stream that its caller can resume; `undefined` when it did not ask, or there is nothing to resume by. */
function keep(
  { sessions, ids: asked, resumeMs = RESUME_MS, resumeBytes = RESUME_BYTES }: ResumeOptions,
  { headers }: CallRequest,
  method: MethodModel,
  { heartbeatMs, stallMs, gone, stalled }: CallEnds & {
    readonly heartbeatMs: number;
    readonly stallMs: number;
  },
): EventSession | undefined {
  const ids = !asksToResume(headers);
  if (resumeMs <= 0 || (ids && (!asked || method.http?.sse?.id !== undefined))) return undefined;
  const token = makeToken();
  return eventSession({
    token,
    ids,
    resumeMs,
    resumeBytes,
    // Long enough for a caller to notice silence, and to come back.
    keepMs: resumeMs + 4 * heartbeatMs,
    body: (hooks) => eventBody({ heartbeatMs, stallMs, ...hooks }),
    expired: (byStall) => byStall ? stalled() : gone(),
    canceled: gone,
    sent: (size) => sessions.sent(token, size, resumeMs),
    claimed: () => sessions.claimed(token),
    removed: () => sessions.delete(token),
  });
}

/**
 * Serves a caller that comes back: what it missed, and how it goes on.
 *
 * @param position Which stream it means
 * @param endpoint What the request's route leads to
 * @param authorized Verifies the caller again; rejects when it may not go on
 * @returns `undefined` when the call is to be made anew, for an `EventSource` that knows no better
 */
export async function resumeEvents(
  request: Request,
  position: Position,
  endpoint: Endpoint,
  sessions: EventSessions,
  authorized: () => Promise<unknown>,
): Promise<Response | undefined> {
  const { method } = endpoint;
  const { token, taken } = position;
  const find = () => {
    const kept = sessions.find(token);
    return kept?.endpoint.method === method ? kept : undefined;
  };
  if (taken === undefined) {
    find()?.session.forget();
    // To an EventSource this says not to come again (WHATWG HTML §9.2).
    return new Response(null, { status: 204 });
  }
  if (find() !== undefined) await authorized();
  const kept = find();
  const stream = kept?.session.resume(taken);
  if (stream !== undefined) return new Response(stream, { headers: new Headers(kept!.headers) });
  // Too late, in part: what it missed is gone, and nobody will ask for the rest.
  kept?.session.forget();
  if (request.headers.has(RESUME)) return new Response(null, { status: FORGOTTEN });
  return method.idempotent ? undefined : new Response(null, { status: 204 });
}

function responseHeaders({ headers, view }: ResponseHead): Headers {
  checkHeaders(headers);
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
