/**
 * A transport within the process: the same validation, order, backpressure and errors as over a network, no socket.
 *
 * @module
 */
import { errorJsonCodec } from "../codec/error_json.ts";
import type { ActiveCalls } from "../core/active_calls.ts";
import type { Endpoint, ServiceImplementation } from "../core/endpoint.ts";
import type {
  ClientExchange,
  ClientRequest,
  ClientTransport,
  Outcome,
  ResponseHead,
  ServerExchange,
} from "../core/exchange.ts";
import { clientClosed, failedExchange } from "../core/failed_exchange.ts";
import { OpenCalls } from "../core/open_calls.ts";
import { relayBody, type RelayedBody, streamOf } from "../core/raw_body.ts";
import { serveCall, type ServeCallOptions } from "../core/serve_call.ts";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import { type MemoryCodec, memoryCodec } from "./codec.ts";
import { pipe } from "./pipe.ts";

/** Frames that may be unread in each direction before the sender waits. */
const ROOM = 64;

/** Options of {@linkcode memoryTransport}. */
export interface MemoryTransportOptions extends ServeCallOptions {
  /** Counts the calls that run. */
  readonly active: ActiveCalls;
}

/** Makes a transport that calls `implementation` directly. */
export function memoryTransport(
  implementation: ServiceImplementation,
  options: MemoryTransportOptions,
): ClientTransport {
  const calls = new OpenCalls();
  return {
    route: () => ({ transport: "memory", peer: "memory" }),
    call(request) {
      const { method, streaming, payload } = request;
      if (calls.closed) return failedExchange(clientClosed(method));
      const endpoint = implementation.endpoints.get(method.name);
      if (endpoint === undefined) {
        return failedExchange(
          builtinError("unimplemented", `${implementation.service.name} has no method ${method.name}`),
        );
      }
      // The caller's design encodes, the server's decodes: as over a network, they may be two versions of one design.
      const caller = memoryCodec(method, streaming);
      let text: string | undefined;
      try {
        text = caller.payload?.encode(payload);
      } catch (error) {
        return failedExchange(error);
      }
      const exchange = connect(endpoint, caller, text, request, options);
      calls.add(exchange, method);
      return exchange;
    },
    close: () => calls.close(),
  };
}

function connect(
  endpoint: Endpoint,
  caller: MemoryCodec,
  payload: string | undefined,
  request: ClientRequest,
  options: MemoryTransportOptions,
): ClientExchange<string> {
  const { method } = endpoint;
  const codec = memoryCodec(method, request.streaming);
  const up = pipe<string>(ROOM);
  const down = pipe<string>(ROOM);
  const gone = new AbortController();
  const opened = Promise.withResolvers<ResponseHead>();
  const closed = Promise.withResolvers<Headers>();
  for (const { promise } of [opened, closed] as { promise: Promise<unknown> }[]) promise.catch(() => {});
  const upBody = request.body === undefined ? undefined : relayBody(streamOf(request.body));
  let downBody: RelayedBody | undefined;
  let over = false;
  /** Why nothing can be sent any more: made when somebody tries, as most calls end well. */
  let reason = (): unknown => undefined;

  function end({ error, trailers }: Outcome): void {
    if (over) return;
    over = true;
    up.discard();
    upBody?.fail(error ?? new TypeError(`Cannot read the body of ${where}: the call is over`));
    downBody?.fail(cut());
    if (error === undefined) {
      reason = () => new TypeError(`Cannot send on ${where}: the call is over`);
      down.end();
      closed.resolve(new Headers(trailers));
      return;
    }
    const told = received(error, method, request);
    reason = () => told;
    down.fail(told);
    opened.reject(told);
    closed.reject(told);
  }

  const where = `${method.service}.${method.name}`;
  const cut = () => builtinError("unavailable", `${where}: the response body was cut`);

  /** Its caller has the head from here on; the call is over when the body is. */
  function sendBody(body: ReadableStream<Uint8Array>): Promise<void> {
    const sent = Promise.withResolvers<void>();
    downBody = relayBody(body, {
      end: sent.resolve,
      failed(error) {
        sent.reject(error);
        return cut();
      },
      cancelled() {
        over = true;
        closed.resolve(new Headers());
        gone.abort(canceled());
        upBody?.fail(gone.signal.reason);
        sent.resolve();
      },
    });
    down.end();
    return sent.promise;
  }

  const canceled = () => builtinError("canceled", `${where}: the caller has cancelled`);

  const server: ServerExchange<string> = {
    request: {
      transport: "memory",
      service: method.service,
      method: method.name,
      headers: new Headers(request.headers),
      peer: "memory",
      deadline: request.timeout === undefined ? undefined : Date.now() + request.timeout,
    },
    codec,
    signal: gone.signal,
    streaming: request.streaming && method.streamingResult !== undefined,
    payload: () => payload === undefined ? undefined : codec.payload?.decode(payload),
    read: up.read,
    body: () => upBody?.stream ?? new Blob().stream(),
    sendBody,
    stopReading: up.discard,
    open: ({ headers, view }) => opened.resolve({ headers: new Headers(headers), view }),
    write: down.write,
    end,
  };

  // As over a network, the handler starts after the caller has got its stream.
  queueMicrotask(() => serveCall(endpoint, server, options));

  return {
    codec: caller.client,
    opened: opened.promise,
    closed: closed.promise,
    read: down.read,
    write: (frame) => over ? Promise.reject(reason()) : up.write(frame),
    takeBody: () => downBody?.stream,
    closeSend: () => up.end(),
    cancel(why) {
      if (over && down.over()) return;
      if (!over) {
        over = true;
        reason = () => why;
        opened.reject(why);
        closed.reject(why);
        up.abort(why);
        gone.abort(canceled());
        upBody?.fail(gone.signal.reason);
        downBody?.fail(why);
      }
      down.abort(why);
    },
  };
}

/** The error as the other end of a network would rebuild it: no cause, custom data copied. */
function received(error: ServiceError, method: Endpoint["method"], request: ClientRequest): ServiceError {
  const text = errorJsonCodec(method).encode(error);
  return errorJsonCodec(request.method).decode(text) ??
    new ServiceError(error.name, error.message, { id: error.id });
}
