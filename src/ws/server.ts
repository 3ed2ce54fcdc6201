/**
 * A streaming call over a WebSocket, at the server: from the HTTP request that asks for the upgrade to the end.
 *
 * @module
 */
import { pinnedView, runtimeView, viewNames } from "../codec/view.ts";
import type { Endpoint } from "../core/endpoint.ts";
import type { CallRequest } from "../core/exchange.ts";
import { checkHeaders } from "../core/sendable_headers.ts";
import { serveCall, type ServeCallOptions } from "../core/serve_call.ts";
import type { MethodModel } from "../design/model.ts";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import { LOST_CODE } from "./close.ts";
import { HEARTBEAT_MS } from "./heartbeat.ts";
import { type ResolvedWsLimits, resolveLimits, type WsLimits } from "./limits.ts";
import { type Count, linger } from "./linger.ts";
import { listenTo, stopListening } from "./listen.ts";
import { originAllowed } from "./origin.ts";
import { plainServer } from "./plain_server.ts";
import { encodeControl } from "./control.ts";
import type { Sessions } from "./sessions.ts";
import { offeredProtocols, offeredResume, selectProtocol, V1 } from "./subprotocol.ts";
import { upgrade, type Upgraded, type UpgradeOptions, WEBSOCKET_VERSION } from "./upgrade.ts";
import { v1Server } from "./v1_server.ts";

/** What a WebSocket server needs to be told. */
export interface WsServerOptions extends ServeCallOptions {
  /** Bounds of each socket. */
  readonly limits?: WsLimits;
  /** Where streams of `goats.v1` are kept. Without it that wire is not spoken. */
  readonly sessions?: Sessions;
  /** ms between the pings of `goats.v1`; 0: none, and dead peers are not found. Default 15 s. */
  readonly heartbeatMs?: number;
  /**
   * Origins that may open a socket, as `scheme://host[:port]`, or `"*"`. Default: the origin whose host is the
   * request's own `Host`. A request without `Origin` passes always.
   */
  readonly origins?: readonly string[] | "*";
  /** Makes the HTTP response of a call that fails before the upgrade. */
  readonly errorResponse: (error: ServiceError) => Response;
  /** Counts a socket that is given up and yet stays open, until it is closed. */
  readonly count?: Count;
  /** The subprotocol to select, one of those offered, in place of goats' own choice; the plain wire serves then. */
  readonly protocol?: string;
  /** Serves the plain wire whatever else is offered. */
  readonly wire?: "plain";
  /** Further headers of the upgrade. */
  readonly headers?: Headers;
}

/**
 * Serves a streaming call over the WebSocket that `request` asks for. Routing, payload decoding and validation, and
 * security came before; here come the check of `Origin` (403 `forbidden` by `errorResponse`), the upgrade, and the call.
 *
 * Where the view is chosen at run time the upgrade waits for the core's `open`, so that `goa-view` can tell the view,
 * and an error before it is an ordinary HTTP response; else the upgrade is immediate, and headers that the handler
 * sets cannot be told.
 *
 * Nothing of `request` can be read any more once it is upgraded (Deno throws "Request closed"); the headers of `call`
 * are copied before that.
 *
 * @param request The HTTP request, an upgrade to WebSocket
 * @param call What is known of the call (transport `"ws"`)
 * @param endpoint Method and handler
 * @param payload The decoded and validated payload, or `undefined`
 * @param options See {@linkcode WsServerOptions}
 */
export function serveWebSocket(
  request: Request,
  call: CallRequest,
  endpoint: Endpoint,
  payload: unknown,
  options: WsServerOptions,
): Response | Promise<Response> {
  const { method } = endpoint;
  const where = `${method.service}.${method.name}`;
  if (!originAllowed(request.headers, options.origins)) {
    return options.errorResponse(builtinError("forbidden", `${where}: this origin may not connect`));
  }
  if (options.headers !== undefined) checkHeaders(options.headers);
  const limits = resolveLimits(options.limits);
  const offered = offeredProtocols(request.headers);
  const how: UpgradeOptions = {
    protocol: options.protocol ??
      selectProtocol(offered, options.sessions !== undefined && options.wire !== "plain"),
    idleMs: limits.idleMs,
    headers: options.headers,
  };
  const known = { ...call, headers: new Headers(call.headers) };
  const base = { call: known, method, payload, limits, count: options.count };
  if (how.protocol === V1) return serveV1(request, how, endpoint, base, offeredResume(offered), options);
  if (runtimeView(method)) return serveOnOpen(request, how, endpoint, base, options);

  let upgraded: Upgraded;
  try {
    upgraded = upgrade(request, { ...how, view: knownView(method) });
  } catch (error) {
    return badHandshake(where, error, options);
  }
  const wire = plainServer(base);
  wire.attach(upgraded.socket);
  // Never rejects: what goes wrong ends the call or is reported.
  void serveCall(endpoint, wire.exchange, options);
  return upgraded.response;
}

/** Serves a new call on `goats.v1`, or goes on with one. */
function serveV1(
  request: Request,
  how: UpgradeOptions,
  endpoint: Endpoint,
  { call, method, payload, limits, count }: CallParts,
  resume: string | undefined,
  options: WsServerOptions,
): Response {
  const where = `${method.service}.${method.name}`;
  let upgraded: Upgraded;
  try {
    // Its own pings find dead peers: the runtime's would close a stream that could be resumed.
    upgraded = upgrade(request, { ...how, idleMs: 0, view: knownView(method) });
  } catch (error) {
    return badHandshake(where, error, options);
  }
  const { socket, response } = upgraded;
  if (resume !== undefined) {
    const stream = options.sessions!.find(resume);
    if (stream?.where === where) stream.resume(socket);
    else refuseResume(socket, count);
    return response;
  }
  const wire = v1Server({
    call,
    method,
    payload,
    limits: options.limits ?? {},
    resolved: limits,
    heartbeatMs: options.heartbeatMs ?? HEARTBEAT_MS,
    sessions: options.sessions!,
    count,
  });
  wire.attach(socket);
  void serveCall(endpoint, wire.exchange, options);
  return response;
}

/** Tells a caller that the stream it comes back to is not here. */
function refuseResume(socket: WebSocket, count: Count | undefined): void {
  listenTo(socket, {
    opened() {
      socket.send(encodeControl({ type: "lost" }));
      socket.close(LOST_CODE, "");
      stopListening(socket);
      linger(socket, count);
    },
    message() {},
    // What a socket throws that nobody listens to ends the process.
    failed() {},
    closed() {},
  });
}

/** A call that may be served. */
interface CallParts {
  readonly call: CallRequest;
  readonly method: MethodModel;
  readonly payload: unknown;
  readonly limits: ResolvedWsLimits;
  readonly count: Count | undefined;
}

/** Upgrades when the core opens the call. */
function serveOnOpen(
  request: Request,
  how: UpgradeOptions,
  endpoint: Endpoint,
  base: CallParts,
  options: WsServerOptions,
): Promise<Response> {
  const { method } = endpoint;
  const answer = Promise.withResolvers<Response>();
  let signal: AbortSignal | undefined;
  const onAbort = () => wire.gone();
  // Whoever touches this signal makes Deno warn, once, that it aborts after a response that went well, too. A handler
  // that chooses its view at once is spared that, and from the upgrade on the socket tells.
  const timer = setTimeout(() => {
    signal = request.signal;
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  }, 0);
  const ignoreSignal = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  };
  const wire = plainServer({
    ...base,
    upgrade({ headers, view }) {
      ignoreSignal();
      checkHeaders(headers);
      try {
        how.headers?.forEach((value, name) => headers.append(name, value));
        const { socket, response } = upgrade(request, { ...how, headers, view });
        answer.resolve(response);
        return socket;
      } catch (error) {
        answer.resolve(badHandshake(`${method.service}.${method.name}`, error, options));
        throw error;
      }
    },
    refuse(error) {
      ignoreSignal();
      answer.resolve(options.errorResponse(error));
    },
  });
  void serveCall(endpoint, wire.exchange, options);
  return answer.promise;
}

/** The view of what a method sends when its design leaves no choice. */
function knownView(method: MethodModel): string | undefined {
  const sent = method.streamingResult ?? method.result;
  return pinnedView(method) ?? (sent !== undefined && viewNames(sent).length > 0 ? "default" : undefined);
}

function badHandshake(where: string, cause: unknown, { errorResponse }: WsServerOptions): Response {
  const response = errorResponse(
    new ServiceError("bad_handshake", `${where}: not a proper WebSocket handshake`, { cause }),
  );
  // The one that would have been understood (RFC 6455 §4.4).
  response.headers.set("sec-websocket-version", WEBSOCKET_VERSION);
  return response;
}
