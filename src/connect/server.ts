/**
 * Serves gRPC's methods over the Connect protocol and gRPC-Web: from the HTTP request to the end of the response.
 * Loaded with the first call, as it loads protobufjs.
 *
 * @module
 */
import { fromBase64, toBase64 } from "../codec/base64.ts";
import { PROTOBUF, protoService } from "../codec/proto.ts";
import { PROTO_JSON } from "../codec/proto_json.ts";
import { type ProtoMethod, protoMethod } from "../codec/proto_method.ts";
import { protoSchema } from "../codec/proto_schema.ts";
import { runtimeView } from "../codec/view.ts";
import { tellRefused } from "../core/intercept_server.ts";
import type { CallRequest, Vitals } from "../core/exchange.ts";
import { vitals } from "../core/vitals.ts";
import { serveCall, type ServeCallOptions } from "../core/serve_call.ts";
import { tellError } from "../core/tell_error.ts";
import type { ServiceModel } from "../design/model.ts";
import { builtinError, serviceErrorOf } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import { statusOf } from "../grpc/error_status.ts";
import { serverExchange } from "../grpc/server_exchange.ts";
import type { CallWire, WireStatus } from "../grpc/wire.ts";
import { frameBody } from "./body.ts";
import { httpStatusOfCode } from "./codes.ts";
import { compress, decompress, ENCODINGS, isGzip, takesGzip } from "./compression.ts";
import { endStream, errorJson, grpcTrailers } from "./end.ts";
import { COMPRESSED, END_STREAM, type Envelope, envelope, envelopeReader, TRAILERS } from "./envelope.ts";
import { addMetadata, readTimeout } from "./headers.ts";
import { comesUnasked, readAhead } from "./read_ahead.ts";
import type { ConnectTarget } from "./paths.ts";
import type { Protocol } from "./protocol.ts";

/** What a server needs to be told. */
export interface ConnectServerOptions extends ServeCallOptions {
  /** Largest message. */
  readonly messageBytes: number;
  /** ms in which some of a request must come, and some of a response be taken. */
  readonly stallMs: number;
  /** What of a stream may be unread where its caller cannot be made to wait. */
  readonly unreadMessages: number;
  /** The same in size. */
  readonly unreadBytes: number;
  /** Reads the body of a unary request. */
  readonly readBody: (what: string) => Promise<Uint8Array>;
  /** The parameters of a GET. */
  readonly query: ReadonlyMap<string, readonly string[]>;
  /** Looks whether the call may be made at all; throws what refuses it. */
  readonly check?: (call: CallRequest) => void;
}

/** As for Server-Sent Events: callers and proxies want to see that a server lives. */
const HEAD_MS = 500;

const jsonMethods = new WeakMap<ServiceModel, Record<string, ProtoMethod>>();

/** The messages of a method. */
function messagesOf({ service, endpoint }: ConnectTarget, json: boolean): ProtoMethod {
  const { name } = endpoint.method;
  if (!json) return protoService(service).methods[name]!;
  let methods = jsonMethods.get(service);
  if (methods === undefined) {
    jsonMethods.set(service, methods = Object.create(null) as typeof methods & object);
  }
  if (methods[name] === undefined) {
    const schema = protoSchema(service);
    const rpc = schema.rpcs.find(({ method }) => method.name === name)!;
    methods[name] = protoMethod(schema, rpc, PROTO_JSON, PROTOBUF);
  }
  return methods[name]!;
}

/** A call as its protocol carries it. */
interface ConnectWire extends CallWire {
  /** The response, once its head is decided. */
  readonly answer: Promise<Response>;
  readonly vitals?: Vitals;
}

/**
 * Serves a call with the response to `request`. Routing came before.
 *
 * @param call What is known of the call
 * @returns Never rejects
 */
export async function serveConnect(
  request: Request,
  call: CallRequest,
  target: ConnectTarget,
  protocol: Protocol,
  options: ConnectServerOptions,
): Promise<Response> {
  const { endpoint } = target;
  const where = `${call.service}.${call.method}`;
  const method = messagesOf(target, protocol.json);
  let known = call;
  let wire: ConnectWire;
  try {
    checkVersion(request, protocol, options, where);
    const timeout = readTimeout(request.headers, protocol.kind === "grpc-web", where);
    if (timeout !== undefined) known = { ...call, deadline: Date.now() + timeout };
    options.check?.(known);
    wire = makeWire(request, known, protocol, method, options);
  } catch (thrown) {
    const error = serviceErrorOf(thrown);
    tellError(options.onError, error, known);
    tellRefused(endpoint, known, error, options.onError);
    return refuse(protocol, statusOf(error, method, new Headers()));
  }
  const exchange = serverExchange(method, wire);
  let headTimer: ReturnType<typeof setTimeout> | undefined;
  const { end } = exchange;
  void serveCall(endpoint, {
    ...exchange,
    ...(wire.vitals === undefined ? {} : { vitals: wire.vitals }),
    ready(open) {
      if (protocol.kind !== "unary" && !runtimeView(endpoint.method)) headTimer = setTimeout(open, HEAD_MS);
    },
    end(outcome) {
      clearTimeout(headTimer);
      return end(outcome);
    },
  }, options);
  return await wire.answer;
}

/** Of Connect's protocol there is one version, which callers may name. */
function checkVersion(
  { method, headers }: Request,
  { kind }: Protocol,
  { query }: ConnectServerOptions,
  where: string,
): void {
  const [name, version, only] = method === "GET"
    ? ["connect", query.get("connect")?.[0], "v1"]
    : ["connect-protocol-version", headers.get("connect-protocol-version"), "1"];
  if (kind === "grpc-web" || version === undefined || version === null || version === only) return;
  throw new ServiceError("invalid_format", `${where}: ${name} must be "${only}"`);
}

/** A response in place of a call. */
function refuse(protocol: Protocol, status: WireStatus): Response {
  if (protocol.kind === "unary") return unaryError(status, new Headers());
  const last = protocol.kind === "stream"
    ? envelope(END_STREAM, endStream(status))
    : envelope(TRAILERS, grpcTrailers(status));
  return new Response(protocol.text ? base64(last) : last, { headers: streamHeaders(protocol, false) });
}

function unaryError(status: WireStatus, headers: Headers): Response {
  headers.set("content-type", "application/json");
  if (status.code === 12) headers.set("accept-encoding", ENCODINGS);
  return new Response(JSON.stringify(errorJson(status)), {
    status: httpStatusOfCode(status.code),
    headers,
  });
}

function streamHeaders({ kind, contentType }: Protocol, gzip: boolean): Headers {
  const headers = new Headers({ "content-type": contentType });
  const name = kind === "stream" ? "connect" : "grpc";
  headers.set(`${name}-accept-encoding`, ENCODINGS);
  if (gzip) headers.set(kind === "stream" ? "connect-content-encoding" : "grpc-encoding", "gzip");
  // Not to be held back to be compressed; nginx holds responses back unless told.
  headers.set("cache-control", "no-cache, no-transform");
  headers.set("x-accel-buffering", "no");
  return headers;
}

const ascii = new TextEncoder();

function base64(chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  return ascii.encode(toBase64(chunk));
}

function makeWire(
  request: Request,
  call: CallRequest,
  protocol: Protocol,
  method: ProtoMethod,
  options: ConnectServerOptions,
): ConnectWire {
  return protocol.kind === "unary"
    ? unaryWire(request, call, protocol, options)
    : streamWire(request, call, protocol, method, options);
}

/** Tells, once, that the caller has gone before there was a body to tell it. */
function watchCaller(request: Request): {
  onGone(hook: (why?: ServiceError) => unknown): void;
  gone(why?: ServiceError): unknown;
  left(): boolean;
  stop(): void;
} {
  let hook: ((why?: ServiceError) => unknown) | undefined;
  let signal: AbortSignal | undefined;
  let told: { readonly reason: unknown } | undefined;
  const gone = (why?: ServiceError) => (told ??= { reason: hook?.(why) }).reason;
  const left = () => gone();
  // Whoever touches this signal makes Deno warn, once, that it aborts after a response that went well, too: quick calls
  // are spared that.
  const timer = setTimeout(() => {
    signal = request.signal;
    if (signal.aborted) left();
    else signal.addEventListener("abort", left, { once: true });
  }, 0);
  return {
    onGone: (given) => void (hook = given),
    gone,
    left: () => told !== undefined,
    stop() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", left);
    },
  };
}

/** What every wire tells of its call. */
function told(
  { peer, deadline }: CallRequest,
  request: Request,
  { transport }: Protocol,
): Pick<CallWire, "headers" | "peer" | "deadline" | "transport"> {
  // Of the request nothing can be read any more once its response is over, which a handler may outlive.
  const headers = new Headers(request.headers);
  return { headers: () => headers, peer, deadline, transport };
}

function unaryWire(
  request: Request,
  call: CallRequest,
  protocol: Protocol,
  options: ConnectServerOptions,
): ConnectWire {
  const { messageBytes } = options;
  const where = `${call.service}.${call.method}`;
  const what = `${where}: request body`;
  const answer = Promise.withResolvers<Response>();
  const get = request.method === "GET";
  const gzipped = isGzip(
    get ? options.query.get("compression")?.[0] ?? null : request.headers.get("content-encoding"),
    where,
  );
  const caller = watchCaller(request);
  const headers = new Headers();
  let taken = false;
  let result: Uint8Array = new Uint8Array();

  async function read(): Promise<Uint8Array | null> {
    if (taken) return null;
    taken = true;
    const body = get ? messageOf(options.query, where) : await options.readBody(what);
    if (body.length > messageBytes) {
      throw builtinError("too_large", `${where}: message is larger than ${messageBytes} bytes`);
    }
    return gzipped && body.length > 0 ? decompress(body, messageBytes, what) : body;
  }

  function respond(status: WireStatus): Response {
    addMetadata(headers, status.trailers, status.pairs, "trailer-");
    if (get) headers.append("vary", "accept-encoding");
    if (status.code !== 0) return unaryError(status, headers);
    headers.set("content-type", protocol.contentType);
    const compressed = takesGzip(request.headers.get("accept-encoding")) ? compress(result) : undefined;
    if (compressed !== undefined) headers.set("content-encoding", "gzip");
    return new Response((compressed ?? result) as Uint8Array<ArrayBuffer>, { headers });
  }

  return {
    ...told(call, request, protocol),
    answer: answer.promise,
    onGone: caller.onGone,
    inbox: { read, discard() {} },
    sendHeaders: (sent, pairs) => void addMetadata(headers, sent, pairs),
    write(message) {
      result = message;
    },
    end(status) {
      // What it throws becomes a status of its own, by which it ends then.
      const response = respond(status);
      caller.stop();
      answer.resolve(response);
      return Promise.resolve();
    },
  };
}

/** The message in the URL of a GET. */
function messageOf(query: ConnectServerOptions["query"], where: string): Uint8Array {
  const text = query.get("message")?.[0] ?? "";
  if (query.get("base64")?.[0] !== "1") return new TextEncoder().encode(text);
  const bytes = fromBase64(text);
  if (bytes === undefined) throw new ServiceError("decode_payload", `${where}: message is not base64`);
  return bytes;
}

function streamWire(
  request: Request,
  call: CallRequest,
  protocol: Protocol,
  { model }: ProtoMethod,
  { messageBytes, stallMs, unreadMessages, unreadBytes }: ConnectServerOptions,
): ConnectWire {
  const where = `${call.service}.${call.method}`;
  const what = `${where}: request body`;
  const grpc = protocol.kind === "grpc-web";
  const answer = Promise.withResolvers<Response>();
  const gzipped = isGzip(
    request.headers.get(grpc ? "grpc-encoding" : "connect-content-encoding"),
    where,
  );
  const caller = watchCaller(request);
  const gzip = takesGzip(request.headers.get(grpc ? "grpc-accept-encoding" : "connect-accept-encoding"));
  const envelopes = envelopeReader(request.body, {
    messageBytes,
    what,
    text: protocol.text,
    // A stream may be silent; a payload has no reason to.
    ...(model.streamingPayload === undefined ? { stallMs } : {}),
  });
  const body = frameBody({
    stallMs,
    gone: () => gone(),
    ...(protocol.text ? { encode: base64 } : {}),
  });
  let answered = false;
  let failure: { readonly reason: unknown } | undefined;

  function gone(): void {
    failure ??= { reason: caller.gone() };
    envelopes.cancel();
  }

  /** A read under way, and what takes over from it once messages come unasked. */
  let reading: Promise<unknown> | undefined;
  let ahead: ReturnType<typeof readAhead> | undefined;

  function next(): Uint8Array | null | Promise<Uint8Array | null> {
    if (ahead !== undefined) return ahead.read();
    const found = taken();
    if (found instanceof Promise) reading = found;
    return found;
  }

  function startAhead(): void {
    let last = reading;
    // What is being read already is its reader's.
    const first = () => {
      const before = last!.catch(() => {});
      last = undefined;
      return before.then(taken);
    };
    ahead = readAhead(() => last === undefined ? taken() : first(), {
      unreadMessages,
      unreadBytes,
      where,
      overloaded(error) {
        caller.gone(error);
        envelopes.cancel();
      },
      broken: gone,
    });
  }

  function taken(): Uint8Array | null | Promise<Uint8Array | null> {
    const found = envelopes.read();
    if (found instanceof Promise) return found.then(opened);
    try {
      return opened(found);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  function opened(found: Envelope | null): Uint8Array | null {
    if (found === null) return null;
    const { flags, data } = found;
    if ((flags & ~COMPRESSED) !== 0) {
      throw new ServiceError("decode_payload", `${what} has a message of unknown flags: ${flags}`);
    }
    if ((flags & COMPRESSED) === 0) return data;
    if (!gzipped) {
      throw new ServiceError("decode_payload", `${what} has a compressed message, and names no compression`);
    }
    return data.length === 0 ? data : decompress(data, messageBytes, `${what}: message`);
  }

  function sendHeaders(metadata: Headers, pairs?: Parameters<CallWire["sendHeaders"]>[1]): void {
    if (answered) return;
    const headers = addMetadata(streamHeaders(protocol, gzip), metadata, pairs);
    answered = true;
    if (model.streamingPayload !== undefined && comesUnasked(request.headers)) startAhead();
    answer.resolve(new Response(body.stream, { headers }));
  }

  return {
    ...told(call, request, protocol),
    answer: answer.promise,
    ...(model.kind === "unary" ? {} : {
      vitals: vitals(protocol.transport, { lastSeen: body.lastTaken, buffered: body.queued }),
    }),
    onGone: caller.onGone,
    inbox: { read: next, discard: () => (ahead?.discard(), envelopes.cancel()) },
    sendHeaders,
    write(message) {
      if (failure !== undefined) return Promise.reject(failure.reason);
      const compressed = gzip ? compress(message) : undefined;
      return body.write(
        compressed === undefined ? envelope(0, message) : envelope(COMPRESSED, compressed),
      );
    },
    async end(status) {
      const last = grpc ? envelope(TRAILERS, grpcTrailers(status)) : envelope(END_STREAM, endStream(status));
      envelopes.cancel();
      // From here on the body tells when the caller leaves.
      caller.stop();
      if (!answered && caller.left()) return answer.resolve(new Response(null, { status: 499 }));
      sendHeaders(new Headers());
      await body.end(last);
    },
  };
}
