/**
 * The client over HTTP: fetch for unary methods, Server-Sent Events or a WebSocket for streams.
 *
 * @module
 */
import { connectCall } from "../connect/client.ts";
import { jsonMethods } from "../connect/messages.ts";
import { checkNumber, checkNumbers, durationOr } from "../core/check_options.ts";
import { type Backoff, backoff, type ReconnectOptions, resolveReconnect } from "../core/backoff.ts";
import { createClient, type CreateClientOptions } from "../core/client.ts";
import { deferredExchange } from "../core/deferred_exchange.ts";
import type { Client } from "../core/client_types.ts";
import type { ClientExchange, ClientRequest, ClientTransport } from "../core/exchange.ts";
import { clientClosed, failedExchange } from "../core/failed_exchange.ts";
import { markLost } from "../core/lost.ts";
import { OpenCalls } from "../core/open_calls.ts";
import type { RawBody } from "../core/raw_body.ts";
import { CONTROL } from "../core/sendable_headers.ts";
import type { MethodsTypes, ServiceDesign } from "../design/method_types.ts";
import type { MethodModel, ServiceModel } from "../design/model.ts";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import { EVENT_STREAM } from "../sse/accept.ts";
import { openEvents } from "../sse/client.ts";
import { ACCEPT_RESUMABLE, LAST, RESUME } from "../sse/resume.ts";
import { type Handshake, openWebSocket, sendsHeaders } from "../ws/client.ts";
import type { Frame } from "../ws/batch.ts";
import { plainClientCodec } from "../ws/codec.ts";
import { resolveLimits, WS_LIMITS, type WsLimits } from "../ws/limits.ts";
import { PLAIN, tokenProtocol } from "../ws/subprotocol.ts";
import { ERROR_HEADER } from "./error_name.ts";
import { rawCall } from "./raw_client.ts";
import { recall } from "./recall.ts";
import { MESSAGE_BYTES, readBytes, readText } from "./read_text.ts";
import { type BuiltRequest, type RequestBuild, requestBuild } from "./request_build.ts";
import { responseError } from "./response_error.ts";
import { type ResultDecode, resultDecode } from "./result_decode.ts";
import { credentialHeaders } from "./text_mapping.ts";
import { toHeaderValue } from "./header_text.ts";
import { TIMEOUT, timeoutText } from "./timeout_parameter.ts";
import { type Fetch, type RequestParts, unaryCall } from "./unary_client.ts";

/** Headers for every call, or what makes them anew for each (an access token, say). */
export type ClientHeaders = HeadersInit | (() => HeadersInit | Promise<HeadersInit>);

/** Options of {@linkcode httpClient}. */
export interface HttpClientOptions extends CreateClientOptions {
  /**
   * Headers for every call; those given with a call come on top. A browser's WebSocket cannot send any: there, streams
   * refuse to open with them.
   */
  readonly headers?: ClientHeaders;
  /** Bounds of responses and of each WebSocket. */
  readonly limits?: WsLimits;
  /**
   * What WebSocket streams travel by. Default `"goats.v1"`, where the server speaks it: flow control both ways, and
   * resume after a lost connection; else, and with `"plain"` always, Goa's own wire.
   */
  readonly wire?: "goats.v1" | "plain";
  /**
   * What carries methods that have `GRPC(...)`: `"connect"` calls those over the Connect protocol, in JSON, which any
   * Connect server understands; it needs no protobuf, and none of their `HTTP(...)`. Default `"http"`: as the design maps
   * them to HTTP, which is how methods without `GRPC(...)` travel in any case. Browsers send client streams over Connect
   * where their `fetch` can (Chromium, on HTTP/2), and cannot stream both ways: those methods fail with `unimplemented`.
   */
  readonly protocol?: "http" | "connect";
  /** ms between the pings of `goats.v1`; 0: none, and a dead server is not found. Default 15 s. */
  readonly heartbeatMs?: number;
  /**
   * When a stream whose connection is lost is tried again, if it is one that can go on; `false`: never, it ends with
   * `unavailable`.
   */
  readonly reconnect?: false | ReconnectOptions;
  /**
   * Sends requests in place of the global `fetch`; an `httpHandler` fits, for unary calls and Server-Sent Events within
   * the process.
   */
  readonly fetch?: (request: Request) => Promise<Response>;
  /**
   * Makes sockets in place of the global `WebSocket`: one that trusts a CA of its own, say. There are headers only where
   * the runtime's sockets can send some.
   */
  readonly webSocket?: (
    url: string,
    options: { readonly protocols: string[]; readonly headers?: Headers },
  ) => WebSocket;
}

/** A method, compiled when it is first called. */
interface Plan {
  readonly build: RequestBuild;
  readonly result: ResultDecode;
}

/**
 * Makes a client of a service over HTTP: `fetch` for unary methods and, where the design says `ServerSentEvents`, for
 * streams; a WebSocket for other streams. Runs in browsers, too.
 *
 * @param design What `Service(...)` returned
 * @param baseUrl `http://` or `https://`; its path, if any, comes before the routes
 * @param options Headers, timeout, limits
 * @throws {TypeError} When `baseUrl` is no such URL, or a limit is not allowed or not known
 *
 * @example
 * ```ts
 * import { httpClient, httpHandler, implement } from "@x/goats";
 * import { Field, GET, HTTP, Int, Method, Payload, Required, Result, Service } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const calc = Service(
 *   "calc",
 *   Method("double", Payload(Field(1, "n", Int), Required("n")), Result(Int), HTTP(GET("/double/{n}"))),
 * );
 * const handler = httpHandler([implement(calc, { double: ({ payload }) => payload.n * 2 })]);
 *
 * await using client = httpClient(calc, "http://localhost:8080", { fetch: handler });
 * assertEquals(await client.double({ n: 21 }), 42);
 * ```
 */
export function httpClient<Methods extends MethodsTypes>(
  design: ServiceDesign<Methods>,
  baseUrl: string,
  options: HttpClientOptions = {},
): Client<Methods> {
  return createClient(design, httpTransport(design.model, baseUrl, options), options);
}

/** Makes the transport of {@linkcode httpClient}. */
export function httpTransport(
  service: ServiceModel,
  baseUrl: string,
  options: HttpClientOptions = {},
): ClientTransport {
  const base = baseOf(baseUrl);
  const { limits } = options;
  checkNumbers("make a client", "limits", limits, WS_LIMITS);
  checkNumber("make a client", "heartbeatMs", options.heartbeatMs, durationOr("none"));
  const messageBytes = limits?.messageBytes ?? MESSAGE_BYTES;
  const reconnect = resolveReconnect(options.reconnect);
  // Called as a property of nothing: browsers refuse `this.fetch` on another object.
  const send: Fetch = options.fetch ?? ((request) => fetch(request));
  const sendParts = options.fetch === undefined
    ? ({ url, init }: RequestParts) => fetch(url, init)
    : ({ url, init }: RequestParts) => send(new Request(url, init));
  const plans = new Map<MethodModel, Plan>();
  const calls = new OpenCalls();
  /** What still goes on for calls that are over. */
  const tasks = new Set<Promise<void>>();
  const overConnect = (method: MethodModel) => options.protocol === "connect" && method.grpc !== undefined;

  function background(task: Promise<void>): void {
    tasks.add(task);
    task.then(() => tasks.delete(task));
  }

  function planOf(method: MethodModel): Plan {
    let plan = plans.get(method);
    if (plan === undefined) {
      plans.set(method, plan = { build: requestBuild(method), result: resultDecode(method) });
    }
    return plan;
  }

  function unary(call: ClientRequest, built: BuiltRequest, { result }: Plan): ClientExchange<unknown> {
    const own = options.headers === undefined ? undefined : clientHeaders(options.headers);
    const make = (signal: AbortSignal, defaults: Headers | undefined): RequestParts => {
      const headers = requestFields(defaults, call, built);
      if (built.body instanceof FormData) delete headers["content-type"]; // fetch chooses the boundary.
      else if (call.body !== undefined) headers["content-type"] ??= rawType(call.body);
      else if (built.body !== undefined) headers["content-type"] = built.contentType ?? "application/json";
      if (!call.method.http?.rawResponse) headers.accept = result.accept;
      if (call.timeout !== undefined) headers[TIMEOUT] = timeoutText(call.timeout);
      const init: RequestInit & { duplex?: "half" } = {
        method: built.verb,
        headers,
        body: call.body ?? built.body,
        signal,
      };
      if (call.body instanceof ReadableStream) init.duplex = "half";
      if (call.method.http?.redirect !== undefined) init.redirect = "manual";
      return { url: base.http + built.target, init };
    };
    const perform = call.method.http?.rawResponse ? rawCall : unaryCall;
    return perform(call.method, result, {
      fetch: sendParts,
      overNetwork: options.fetch === undefined,
      messageBytes,
      request: (signal) => own instanceof Promise ? own.then((h) => make(signal, h)) : make(signal, own),
    });
  }

  function events(
    call: ClientRequest,
    built: BuiltRequest,
    make: () => Headers | Promise<Headers>,
    seen: SeenEvents,
    waits: Backoff | undefined,
  ): ClientExchange<unknown> {
    const { method } = call;
    return openEvents({
      method,
      fetch: send,
      messageBytes,
      waits,
      idleMs: limits?.idleMs,
      openMs: resolveLimits(limits).openMs,
      onState: call.onState,
      seen: (id) => seen.lastId = id,
      background,
      async request(signal, position) {
        const headers = requestHeaders(await (position === undefined ? make : headersAgain)(), call, built);
        // Nothing is read of a call that is given up.
        const body = position?.endsWith(LAST) ? undefined : built.body;
        if (body !== undefined) headers.set("content-type", built.contentType ?? "application/json");
        headers.set("accept", waits === undefined ? EVENT_STREAM : ACCEPT_RESUMABLE);
        if (call.timeout !== undefined) headers.set(TIMEOUT, timeoutText(call.timeout));
        if (seen.lastId !== undefined && method.idempotent && method.http?.sse?.id !== undefined) {
          if (CONTROL.test(seen.lastId)) {
            const where = `${method.service}.${method.name}`;
            const message = `${where}: the stream was cut, and the id of its last event cannot be sent back`;
            throw builtinError("unavailable", message);
          }
          headers.set("last-event-id", toHeaderValue(seen.lastId));
        }
        if (position !== undefined) headers.set(RESUME, position);
        return new Request(base.http + built.target, {
          method: built.verb,
          headers,
          body,
          signal,
        });
      },
      async refused(response) {
        const body = await readText(
          response,
          messageBytes,
          `${method.service}.${method.name}: response body`,
        );
        return responseError(response, body, method);
      },
    });
  }

  /** A stream; of an `Idempotent` method it is made anew when it is lost. */
  function openAgain(call: ClientRequest, built: BuiltRequest, way: "sse" | "ws"): ClientExchange<unknown> {
    const seen: SeenEvents = {};
    const open = (attempt: ClientRequest, waits?: Backoff, again?: boolean) => {
      const headers = again ? headersAgain : () => clientHeaders(options.headers);
      return way === "sse"
        ? events(attempt, built, headers, seen, waits ?? (reconnect && backoff(reconnect)))
        : stream(attempt, built, headers());
    };
    return reconnect !== undefined && call.method.idempotent ? recall(call, reconnect, open) : open(call);
  }

  function connect(call: ClientRequest): ClientExchange<unknown> {
    const { method } = call;
    const open = (attempt: ClientRequest, again = false) =>
      connectCall(jsonMethods(service)[method.name]!, attempt, {
        base: base.http,
        fetch: send,
        messageBytes,
        headers: again ? headersAgain : () => clientHeaders(options.headers),
        readBody: (response, what) => readBytes(response, messageBytes, what),
        refused: (response, body) =>
          response.headers.has(ERROR_HEADER) ? responseError(response, body, method) : undefined,
      });
    if (reconnect === undefined || !method.idempotent || method.kind === "unary") return open(call);
    return recall(call, reconnect, (attempt, _waits, again) => open(attempt, again));
  }

  /** Headers for a call that is made anew: whoever makes them may need the network, too. */
  async function headersAgain(): Promise<Headers> {
    try {
      return await clientHeaders(options.headers);
    } catch (cause) {
      if (cause instanceof ServiceError) throw cause;
      throw markLost(builtinError("unavailable", `${service.name}: cannot make the headers`, { cause }));
    }
  }

  function stream(
    call: ClientRequest,
    built: BuiltRequest,
    own: Headers | Promise<Headers>,
  ): ClientExchange<unknown> {
    const start = (defaults: Headers) => openStream(call, built, defaults);
    if (!(own instanceof Promise)) return start(own);
    let givenUp: { readonly reason: unknown } | undefined;
    const ready = own.then((defaults) => {
      // Who has given up wants no connection any more, not even one to close.
      if (givenUp !== undefined) throw givenUp.reason;
      return start(defaults);
    });
    return deferredExchange(plainClientCodec(call.method), ready, (reason) => givenUp = { reason });
  }

  function openStream(call: ClientRequest, built: BuiltRequest, defaults: Headers): ClientExchange<Frame> {
    const { method } = call;
    let last: ReturnType<typeof handshake>;
    try {
      last = handshake(call, built, defaults);
    } catch (error) {
      return failedExchange(error);
    }
    return openWebSocket(call, {
      ...last,
      again: async () => last = handshake(call, built, await clientHeaders(options.headers)),
      limits,
      wire: options.wire,
      heartbeatMs: options.heartbeatMs,
      reconnect,
      background,
      probe: (signal) => probe(method, base.http + last.target, last.headers, signal),
    });
  }

  /** How to ask for a WebSocket. Throws when that cannot tell the call's headers. */
  function handshake(
    call: ClientRequest,
    built: BuiltRequest,
    defaults: Headers,
  ): Handshake & { readonly headers: Headers; readonly target: string } {
    const { method, timeout } = call;
    const headers = requestHeaders(defaults, call, built);
    let { target } = built;
    const protocols: string[] = [];
    if (!sendsHeaders()) {
      const credentials = credentialHeaders(method);
      const refused = [...headers.keys()].filter((name) => !credentials.has(name));
      if (refused.length > 0) throw noHeaders(method, refused);
      for (const [name, value] of headers) protocols.push(tokenProtocol(name, value));
      if (protocols.length > 0) protocols.unshift(PLAIN);
      if (timeout !== undefined) {
        target += `${target.includes("?") ? "&" : "?"}${TIMEOUT}=${timeoutText(timeout)}`;
      }
    } else if (timeout !== undefined) {
      headers.set(TIMEOUT, timeoutText(timeout));
    }
    return { url: base.ws + target, target, protocols, headers, webSocket: options.webSocket };
  }

  /** Asks why a handshake failed: contract §6. */
  async function probe(
    method: MethodModel,
    url: string,
    headers: Headers,
    signal: AbortSignal,
  ): Promise<ServiceError | undefined> {
    const asking = new Headers(headers);
    asking.set("goats-probe", "1");
    const response = await send(new Request(url, { headers: asking, signal }));
    const body = await readText(response, messageBytes, `${method.service}.${method.name}: response body`);
    // A server that has nothing against the call says that it takes an upgrade; one that says 2xx knows no probes.
    return response.status === 426 || response.ok ? undefined : responseError(response, body, method);
  }

  /** As the design maps it to HTTP. */
  function mapped(call: ClientRequest): ClientExchange<unknown> {
    const plan = planOf(call.method);
    const built = plan.build.build(call.payload);
    const way = wayOf(call);
    return way === "http" ? unary(call, built, plan) : openAgain(call, built, way);
  }

  return {
    route: (request) => ({
      transport: overConnect(request.method) ? "connect" : wayOf(request),
      peer: base.host,
    }),
    call(request) {
      const { method } = request;
      if (calls.closed) return failedExchange(clientClosed(method));
      try {
        const exchange = overConnect(method) ? connect(request) : mapped(request);
        calls.add(exchange, method);
        return exchange;
      } catch (error) {
        return failedExchange(error);
      }
    },
    async close() {
      calls.close();
      await Promise.all(tasks);
    },
  };
}

/** What was last seen of the events of a call, over all its connections. */
interface SeenEvents {
  lastId?: string;
}

/** How a call travels, by design and, for a method with a result and a stream, as its caller asks. */
function wayOf({ method, streaming }: ClientRequest): "http" | "sse" | "ws" {
  if (method.kind === "unary" || (method.kind === "server" && !streaming)) return "http";
  return method.kind === "server" && method.http?.sse !== undefined ? "sse" : "ws";
}

/** What comes before the routes, for requests and for sockets. */
function baseOf(
  baseUrl: string,
): { readonly host: string; readonly http: string; readonly ws: string } {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const secure = url?.protocol === "https:" || url?.protocol === "wss:";
  if (url === undefined || !(secure || url.protocol === "http:" || url.protocol === "ws:")) {
    throw new TypeError(`Cannot make a client: ${JSON.stringify(baseUrl)} is no http or https URL`);
  }
  const { host } = url;
  const rest = `://${host}${url.pathname.replace(/\/+$/, "")}`;
  return secure
    ? { host, http: `https${rest}`, ws: `wss${rest}` }
    : { host, http: `http${rest}`, ws: `ws${rest}` };
}

function clientHeaders(headers: ClientHeaders | undefined): Headers | Promise<Headers> {
  const given = typeof headers === "function" ? headers() : headers;
  return given instanceof Promise ? given.then((h) => new Headers(h)) : new Headers(given);
}

/** As {@linkcode requestFields} has them, where headers are looked at and changed. */
function requestHeaders(defaults: Headers, call: ClientRequest, built: BuiltRequest): Headers {
  return new Headers(requestFields(defaults, call, built));
}

/**
 * The client's headers, the call's over them, and what the design puts into headers over both. A record, which fetch
 * takes in less time than headers.
 */
function requestFields(
  defaults: Headers | undefined,
  call: ClientRequest,
  built: BuiltRequest,
): Record<string, string> {
  const fields: Record<string, string> = Object.create(null);
  const set = (value: string, name: string) => {
    // `Headers` takes it; what fetch and WebSocket make of it looks like a server that is away.
    if (CONTROL.test(value)) {
      const where = `${call.method.service}.${call.method.name}`;
      throw new TypeError(`Cannot call ${where}: the value of header ${name} has a control character`);
    }
    fields[name] = value;
  };
  defaults?.forEach(set);
  // Not a loop over its entries, which costs ten times as much where there are none.
  call.headers.forEach(set);
  for (const [name, value] of built.headers) fields[name.toLowerCase()] = value;
  return fields;
}

/** The type of a raw body, unless the call's headers tell it. */
function rawType(body: RawBody): string {
  return body instanceof Blob && body.type !== "" ? body.type : "application/octet-stream";
}

function noHeaders(method: MethodModel, names: readonly string[]): ServiceError {
  return builtinError(
    "unimplemented",
    `${method.service}.${method.name}: a browser's WebSocket cannot send headers (${names.join(", ")})`,
  );
}
