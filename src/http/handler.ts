/**
 * The fetch handler that serves unary calls and Server-Sent Events, and upgrades to WebSocket for other streams.
 *
 * @module
 */
import { type ActiveCalls, activeCalls, shutdownError } from "../core/active_calls.ts";
import { authorizer, type Verifiers } from "../core/auth.ts";
import { checkNumber, checkNumbers, durationOr } from "../core/check_options.ts";
import { connectionRegistry, type Connections } from "../core/connections.ts";
import type { Endpoint, ServiceImplementation } from "../core/endpoint.ts";
import type { CallRequest } from "../core/exchange.ts";
import { withInterceptors } from "../core/intercept.ts";
import { tellRefused } from "../core/intercept_server.ts";
import type { InterceptorOptions } from "../core/interceptor.ts";
import { logFaults } from "../core/error_log.ts";
import type { ServeCallOptions } from "../core/serve_call.ts";
import { tellError } from "../core/tell_error.ts";
import type { RouteModel } from "../design/model.ts";
import { builtinError, faultOf, serviceErrorOf } from "../errors/builtin.ts";
import type { ServiceError } from "../errors/service_error.ts";
import { readPosition, RESUME } from "../sse/resume.ts";
import { resumeEvents, serveEvents } from "../sse/server.ts";
import { eventSessions } from "../sse/sessions.ts";
import { originAllowed } from "../ws/origin.ts";
import { resolveLimits } from "../ws/limits.ts";
import { serveWebSocket } from "../ws/server.ts";
import { sessions } from "../ws/sessions.ts";
import { offeredProtocols, offeredResume, V1, withOffered } from "../ws/subprotocol.ts";
import { connectionCount } from "./connection_count.ts";
import { type AcceptChoice, type HttpConnectionHooks, upgradeChoice } from "./connection_hooks.ts";
import { type CorsOptions, isForgeable, makeCors } from "./cors.ts";
import { decideEarly } from "./early_decision.ts";
import { errorResponse, refusal } from "./error_response.ts";
import { type Answer, filesAnswer, redirectAnswer } from "./file_answer.ts";
import { HTTP_LIMITS, type HttpLimits, STREAM_LIMITS } from "./limits.ts";
import { MESSAGE_BYTES, STALL_MS } from "./read_text.ts";
import { readPayload } from "./read_payload.ts";
import { type RequestPayload, requestPayload } from "./request_payload.ts";
import { type ResultResponse, resultResponse } from "./result_response.ts";
import { type Match, type Route, router } from "./router.ts";
import { rpcs } from "./rpc.ts";
import { credentialHeaders } from "./text_mapping.ts";
import { readDeadline } from "./timeout_parameter.ts";
import { asksForWebSocket, isProbe, transportOf } from "./transport_asked.ts";
import { serveUnary } from "./unary_server.ts";
import { noWebSocket, unmatched, upgradeRequired } from "./unserved.ts";
import { parseQuery, urlParts } from "./url_parts.ts";
import { withoutBody } from "./without_body.ts";

/** Options of {@linkcode httpHandler}. */
export interface HttpHandlerOptions extends InterceptorOptions {
  /** What verifies callers, by name of security scheme: one for each scheme in use. */
  readonly auth?: Verifiers;
  /** Bounds of what callers may cost. */
  readonly limits?: HttpLimits;
  /** Decides on streams (headers, subprotocol, limits, or no), and is told of them: opened, pinged, closed. */
  readonly connection?: HttpConnectionHooks;
  /**
   * Tells the address of a caller, for `request.peer` and `limits.connectionsPerPeer`, where the connection's own is a
   * proxy's: from a header that this proxy sets, say. `undefined` leaves it at the connection's.
   */
  readonly peer?: (request: Request, info: ConnectionInfo | undefined) => string | undefined;
  /**
   * Origins whose pages may call and open a WebSocket, as `scheme://host[:port]`, or `"*"` for all. Default: the origin
   * whose host is the request's own `Host`. Requests without `Origin` (no browser) always pass.
   */
  readonly origins?: readonly string[] | "*";
  /** What pages of those `origins` may do besides. */
  readonly cors?: CorsOptions;
  /**
   * Whether methods with `GRPC(...)` are there over the Connect protocol and gRPC-Web, too, at
   * `/<package>.<Service>/<Method>`. Default `true`.
   */
  readonly connect?: boolean;
  /**
   * Sees every error that a call ends with, its `cause` included. What it throws itself, or rejects with, is dropped.
   * Default: faults, which are handlers' mistakes, are written to the console.
   */
  readonly onError?: (error: ServiceError, call: CallRequest) => void;
  /**
   * ms of silence after which a stream of Server-Sent Events sends a comment, so that proxies and callers see that it is
   * alive; 0: never. Default 15 s.
   */
  readonly heartbeatMs?: number;
  /** ms that a shutdown lets open calls go on, unless it says otherwise. Default 10 s. */
  readonly graceMs?: number;
}

/** What the server knows of a connection: `Deno.ServeHandlerInfo` fits. */
export interface ConnectionInfo {
  /** Address of the peer. */
  readonly remoteAddr?: {
    /** `"tcp"`, `"unix"`, … */
    readonly transport?: string;
    /** IP address. */
    readonly hostname?: string;
    /** Port. */
    readonly port?: number;
  };
}

/** A fetch handler, for `Deno.serve(handler)` and `export default { fetch: handler }`. */
export interface HttpHandler {
  /**
   * Serves one request. Never rejects.
   *
   * @param request The request
   * @param info What the server knows of its connection
   */
  (request: Request, info?: ConnectionInfo): Promise<Response>;
  /**
   * Refuses further calls (503), lets the open ones end within the grace period (their signals abort when half of it
   * is over), then ends them with `unavailable`. Resolves when none is left.
   *
   * @param graceMs ms; default: the option `graceMs`
   */
  shutdown(graceMs?: number): Promise<void>;
  /** The streams that are open, of WebSockets and Server-Sent Events. */
  readonly connections: Connections;
  /** How many calls run: streams, and unary calls that have not answered yet. */
  readonly calls: number;
}

/** A method on one of its routes. Codecs are made when it is first used. */
interface Target {
  readonly endpoint: Endpoint;
  readonly payload: () => RequestPayload;
  readonly response: () => ResultResponse;
  /** Whether pages of other origins can send it without asking. */
  readonly forgeable: boolean;
}

/** A route without a method. */
interface Plain {
  readonly answer: Answer;
  readonly service: string;
  readonly label: string;
}

/**
 * Makes one fetch handler that serves all methods of some services that have `HTTP(...)`.
 *
 * @param implementations What `implement` returned
 * @param options Limits, allowed origins, where errors are seen
 * @throws {TypeError} When two methods have the same route, a security scheme has no function in `auth`, or a limit is
 * not allowed or not known
 *
 * @example
 * ```ts
 * import { httpHandler, implement } from "@x/goats";
 * import { Field, GET, HTTP, Int, Method, Payload, Required, Result, Service } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const calc = Service(
 *   "calc",
 *   Method("double", Payload(Field(1, "n", Int), Required("n")), Result(Int), HTTP(GET("/double/{n}"))),
 * );
 * const handler = httpHandler([implement(calc, { double: ({ payload }) => payload.n * 2 })]);
 *
 * // Deno.serve(handler), or: export default { fetch: handler };
 * const response = await handler(new Request("http://localhost/double/21"));
 * assertEquals(await response.json(), 42);
 * ```
 */
export function httpHandler(
  implementations: readonly ServiceImplementation[],
  options: HttpHandlerOptions = {},
): HttpHandler {
  const { limits = {}, origins, heartbeatMs, graceMs = 10_000, connection: hooks = {} } = options;
  checkNumbers("make an HTTP handler", "limits", options.limits, HTTP_LIMITS);
  checkNumber("make an HTTP handler", "heartbeatMs", heartbeatMs, durationOr("never"));
  checkNumber("make an HTTP handler", "graceMs", options.graceMs, durationOr("none"));
  const { onError = logFaults } = options;
  const { messageBytes = MESSAGE_BYTES, stallMs = STALL_MS, lifeMs } = limits;
  const intercepted = implementations.map((one) => withInterceptors(one, options));
  const routes = router<Target | Plain>(intercepted.flatMap((one) => [...targetsOf(one), ...filesOf(one)]));
  const cors = makeCors(origins, options.cors);
  const authorize = authorizer(
    implementations,
    options.auth,
    (method) => method.http !== undefined || options.connect !== false && method.grpc !== undefined,
  );
  const calls = activeCalls();
  const streams = activeCalls();
  const registry = connectionRegistry(hooks, onError);
  const count = connectionCount(limits);
  const kept = sessions();
  const events = eventSessions(limits.resumeBytes);
  const unaryOptions = { messageBytes, stallMs, onError, authorize, active: calls, served: false };
  const servedOptions = { ...unaryOptions, served: true };
  const overConnect = rpcs(options.connect === false ? [] : intercepted, {
    ...resolveLimits(limits),
    onError,
    authorize,
    connections: registry,
    lifeMs,
    origins,
    activeOf: ({ peer }, streams) => streams ? counted(peer) : calls,
    check(call, streams) {
      if (closing !== undefined) throw shutdownError();
      if (streams) count.check(call);
    },
    admitOf,
  });
  let closing: Promise<unknown> | undefined;

  const report = (error: ServiceError, call: CallRequest): void => tellError(onError, error, call);

  function serveStream(
    request: Request,
    call: CallRequest,
    target: Target,
    params: readonly string[],
    query: string,
  ): Response | Promise<Response> {
    const { endpoint } = target;
    const { method } = endpoint;
    const probing = isProbe(request);
    if (call.transport === "sse") {
      if (probing || asksForWebSocket(request)) return noWebSocket(call);
      return serveEventStream(request, call, target, params, query);
    }
    if (!probing && !asksForWebSocket(request)) return upgradeRequired(call, method);

    const headers = method.security === undefined
      ? call.headers
      : withOffered(call.headers, credentialHeaders(method));
    const payload = target.payload().decode({ params, query, headers, body: "" });
    // A stream that goes on was accepted when it began.
    const resumed = resumesSocket(request);
    const accept = resumed ? undefined : hooks.accept;
    if (method.security === undefined && accept === undefined) {
      return upgradeStream(request, call, endpoint, payload);
    }
    if (!resumed) count.check(call);
    // Who waits to be let in counts as well: how long that takes is up to functions that goats does not know.
    const leave = resumed ? undefined : count.enter(call.peer);
    return decideEarly(call, request, async () => {
      const auth = method.security === undefined ? undefined : await authorize(method, payload, call);
      if (accept === undefined) return { auth };
      checkOrigin(request, call);
      return { auth, choice: await accept.call(hooks, request, { ...call, payload, auth }) };
    }).finally(leave).then(({ auth, choice }) => {
      if (closing !== undefined && !resumesSocket(request)) throw shutdownError();
      return upgradeStream(request, call, endpoint, payload, auth, choice ?? undefined);
    });
  }

  /** Upgrades, once it is known who calls. */
  function upgradeStream(
    request: Request,
    call: CallRequest,
    endpoint: Endpoint,
    payload: unknown,
    auth?: unknown,
    choice: AcceptChoice = {},
  ): Response | Promise<Response> {
    const { method } = endpoint;
    const { peer } = call;
    if (!resumesSocket(request)) count.check(call);
    const chosen = upgradeChoice(choice, request, where(call));
    if (!isProbe(request)) {
      const own = choice.limits === undefined ? limits : { ...limits, ...choice.limits };
      return serveWebSocket(request, call, endpoint, payload, {
        limits: own,
        lifeMs: own.lifeMs,
        origins,
        onError,
        authorize: () => auth,
        active: counted(peer),
        connections: registry,
        count: () => count.enter(peer),
        sessions: kept,
        heartbeatMs,
        ...chosen,
        errorResponse: (error) => errorResponse(error, method),
      });
    }
    // The same decision as for an upgrade, without one: a native WebSocket cannot read why it was refused.
    checkOrigin(request, call);
    return upgradeRequired(call, method);
  }

  function checkOrigin(request: Request, call: CallRequest): void {
    if (originAllowed(request.headers, origins)) return;
    throw builtinError("forbidden", `${where(call)}: this origin may not connect`);
  }

  /** Where one stream is counted while its call runs. */
  function counted(peer: string): Pick<ActiveCalls, "add"> {
    return {
      add(call) {
        const leave = count.enter(peer);
        const remove = streams.add(call);
        return () => {
          leave();
          remove();
        };
      },
    };
  }

  /** Whether a handshake goes on with a stream that is open already. */
  function resumes(request: Request): boolean {
    if (events.size > 0) {
      const position = positionOf(request);
      if (position !== undefined) return events.find(position.token) !== undefined;
    }
    return resumesSocket(request);
  }

  /** The same, for an upgrade: what names a stream of events does not make it less of a new one. */
  function resumesSocket(request: Request): boolean {
    if (kept.size === 0) return false;
    const offered = offeredProtocols(request.headers);
    // Without this offer it would be a new call.
    if (!offered.includes(V1)) return false;
    const token = offeredResume(offered);
    return token !== undefined && kept.find(token) !== undefined;
  }

  function serveEventStream(
    request: Request,
    call: CallRequest,
    { endpoint, payload }: Target,
    params: readonly string[],
    query: string,
  ): Promise<Response> {
    const plan = payload();
    const read = (headers: Headers) => () =>
      readPayload({ request, params, query, headers }, plan, messageBytes, where(call), stallMs);
    const serve = (headers: Headers) => serveNewEvents(request, call, endpoint, read(headers), query);
    const position = positionOf(request);
    if (position === undefined) return serve(call.headers);
    const headers = new Headers(call.headers);
    // It is ours, not the design's.
    if (!headers.has(RESUME)) headers.delete("last-event-id");
    const authorized = async () => {
      if (endpoint.method.security === undefined) return;
      await authorize(endpoint.method, await read(headers)(), call);
    };
    return resumeEvents(request, position, endpoint, events, authorized).then((response) => {
      if (response !== undefined) return response;
      if (closing !== undefined) throw shutdownError();
      return serve(headers);
    });
  }

  function serveNewEvents(
    request: Request,
    call: CallRequest,
    endpoint: Endpoint,
    payload: () => unknown,
    query: string,
  ): Promise<Response> {
    count.check(call);
    return serveEvents(request, call, endpoint, payload, {
      resume: {
        sessions: events,
        ids: query.includes(RESUME) && parseQuery(query, where(call)).get(RESUME)?.[0] === "1",
        resumeMs: limits.resumeMs,
        resumeBytes: limits.resumeBytes,
      },
      heartbeatMs,
      stallMs,
      onError,
      authorize,
      active: counted(call.peer),
      connections: registry,
      lifeMs,
      admit: admitOf(request, call),
      errorResponse: (error) => errorResponse(error, endpoint.method),
    });
  }

  /** What asks whether a stream that is no WebSocket may begin. */
  function admitOf(request: Request, call: CallRequest): ServeCallOptions["admit"] {
    return hooks.accept && (async (payload, auth) => {
      const choice = await hooks.accept!(request, { ...call, payload, auth });
      checkNumbers(`accept ${where(call)}`, "limits", choice?.limits, STREAM_LIMITS);
      if (closing !== undefined) throw shutdownError();
      return choice && { headers: choice.headers, lifeMs: choice.limits?.lifeMs };
    });
  }

  async function serveTarget(
    request: Request,
    info: ConnectionInfo | undefined,
    { target, params }: Extract<Match<Target>, { kind: "found" }>,
    query: string,
  ): Promise<Response> {
    const { method } = target.endpoint;
    const call: CallRequest = {
      transport: transportOf(method, request),
      service: method.service,
      method: method.name,
      headers: request.headers,
      peer: peerOf(info),
    };
    try {
      const deadline = readDeadline(request.headers, query, where(call));
      const peer = options.peer?.(request, info);
      const known: CallRequest = peer === undefined && deadline === undefined ? call : {
        ...call,
        ...(peer !== undefined && { peer }),
        ...(deadline !== undefined && { deadline }),
      };
      if (target.forgeable && !originAllowed(request.headers, origins)) {
        throw builtinError("forbidden", `${where(call)}: this origin may not call`);
      }
      if (call.transport !== "http") return await serveStream(request, known, target, params, query);
      const plan = { endpoint: target.endpoint, payload: target.payload(), response: target.response() };
      return await serveUnary(request, known, plan, params, query, info ? servedOptions : unaryOptions);
    } catch (thrown) {
      const error = serviceErrorOf(thrown);
      // The upgrade that a probe asks about was reported already.
      if (!isProbe(request)) {
        report(error, call);
        tellRefused(target.endpoint, call, error, onError);
      }
      return errorResponse(error, method);
    }
  }

  function serveFound(
    request: Request,
    info: ConnectionInfo | undefined,
    { target, params }: Extract<Match<Target | Plain>, { kind: "found" }>,
    query: string,
  ): Promise<Response> {
    return "answer" in target
      ? servePlain(request, info, target, params)
      : serveTarget(request, info, { kind: "found", target, params }, query);
  }

  async function servePlain(
    request: Request,
    info: ConnectionInfo | undefined,
    { answer, service, label }: Plain,
    params: readonly string[],
  ): Promise<Response> {
    try {
      return await answer(request, params);
    } catch (thrown) {
      const error = faultOf(thrown);
      const { headers } = request;
      report(error, { transport: "http", service, method: label, headers, peer: peerOf(info) });
      return refusal(500, error);
    }
  }

  function serveRoute(
    request: Request,
    info: ConnectionInfo | undefined,
    path: string,
    query: string,
  ): Response | Promise<Response> {
    const match = routes.match(request.method, path);
    const response = match.kind === "found"
      ? serveFound(request, info, match, query)
      : overConnect.refuse(request.method, path) ?? unmatched(match, request.method, path);
    return request.method === "HEAD" ? withoutBody(response, isRaw(match)) : response;
  }

  async function handle(request: Request, info?: ConnectionInfo): Promise<Response> {
    try {
      // Streams that are still open may lose their connection, and get it back, in the grace period.
      if (closing !== undefined && !resumes(request)) {
        const refused = refusal(503, shutdownError(), new Headers({ connection: "close" }));
        return cors === undefined ? refused : cors.allow(request, refused);
      }
      const { path, query } = urlParts(request.url);
      const preflight = cors?.preflight(
        request,
        (verb) => overConnect.match(verb, path) ?? routes.match(verb, path),
      );
      if (preflight !== undefined) return cors!.allow(request, preflight);
      const peer = () => options.peer?.(request, info) ?? peerOf(info);
      const response =
        await (overConnect.serve(request, path, query, peer) ?? serveRoute(request, info, path, query));
      return cors === undefined ? response : cors.allow(request, response);
    } catch (error) {
      return refusal(500, faultOf(error));
    }
  }

  async function shutdown(grace: number = graceMs): Promise<void> {
    closing ??= Promise.all([calls.drain(grace), streams.drain(grace)]);
    await closing;
    kept.dropAll();
    events.dropAll();
  }

  return Object.defineProperties(handle, {
    shutdown: { value: shutdown },
    connections: { value: registry.connections },
    calls: { get: () => calls.size + streams.size },
  }) as HttpHandler;
}

/** Which event stream a caller comes back to, if it does. */
function positionOf({ headers }: Request): ReturnType<typeof readPosition> {
  return readPosition(headers.get(RESUME) ?? headers.get("last-event-id"));
}

function filesOf({ service }: ServiceImplementation): Route<Plain>[] {
  return (service.files ?? []).flatMap((files) => {
    const answer = filesAnswer(files);
    return files.routes.map((route) => {
      const label = `Files "${route.path}"`;
      return { route, label: `${service.name}: ${label}`, target: { answer, service: service.name, label } };
    });
  });
}

function targetsOf({ service, endpoints }: ServiceImplementation): Route<Target | Plain>[] {
  return Object.values(service.methods).flatMap((method): Route<Target | Plain>[] => {
    const endpoint = endpoints.get(method.name);
    if (endpoint === undefined || method.http === undefined) return [];
    const place = method.location === undefined ? "" : ` (${method.location})`;
    const response = once(() => resultResponse(method));
    const label = `${method.service}.${method.name}${place}`;
    const { routes, redirect } = method.http;
    if (redirect !== undefined) {
      const target = { answer: redirectAnswer(redirect), service: method.service, label: method.name };
      return routes.map((route) => ({ route, label, target }));
    }
    return routes.map((route: RouteModel) => ({
      route,
      label,
      target: {
        endpoint,
        payload: once(() => requestPayload(method, route)),
        response,
        forgeable: isForgeable(method, route),
      },
    }));
  });
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Whether a route leads to a method that makes its response body itself. */
function isRaw(match: Match<Target | Plain>): boolean {
  return match.kind === "found" && "endpoint" in match.target &&
    match.target.endpoint.method.http?.rawResponse === true;
}

function where(call: CallRequest): string {
  return `${call.service}.${call.method}`;
}

function peerOf(info: ConnectionInfo | undefined): string {
  const { hostname, port } = info?.remoteAddr ?? {};
  if (hostname === undefined) return "";
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return port === undefined ? host : `${host}:${port}`;
}
