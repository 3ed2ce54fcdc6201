/**
 * Calls gRPC's methods over the Connect protocol, in JSON: with `fetch` alone, and without protobufjs.
 *
 * @module
 */
import type { ProtoMethod } from "../codec/proto_method.ts";
import type { ClientExchange, ClientRequest } from "../core/exchange.ts";
import { inbox } from "../core/inbox.ts";
import { markLost } from "../core/lost.ts";
import { essenceOf } from "../design/media_type.ts";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import { clientExchange } from "../grpc/client_exchange.ts";
import type { ClientEvents, ClientWire, ReceivedStatus, WireRequest } from "../grpc/wire.ts";
import { type FrameBody, frameBody } from "./body.ts";
import { codeOfHttpStatus } from "./codes.ts";
import { readErrorJson } from "./end.ts";
import { END_STREAM, envelope, envelopeReader } from "./envelope.ts";
import { addMetadata, CONNECT_TIMEOUT, splitTrailers } from "./headers.ts";
import { streamProtocol, unaryProtocol } from "./protocol.ts";
import { checkUploads, isFullDuplex } from "./uploads.ts";

/** How to make calls. */
export interface ConnectClientOptions {
  /** What comes before the path. */
  readonly base: string;
  readonly fetch: (request: Request) => Promise<Response>;
  /** Largest message. */
  readonly messageBytes: number;
  /** Makes the headers that all calls have. */
  readonly headers: () => Headers | Promise<Headers>;
  /** Reads a body whole; rejects when it is too large. */
  readonly readBody: (response: Response, what: string) => Promise<Uint8Array<ArrayBuffer>>;
  /** The error of a response that is none of Connect's but tells one all the same; `undefined` for any other. */
  readonly refused: (response: Response, body: string) => ServiceError | undefined;
}

/** Bytes of unread messages beyond which the server is made to wait, and what one costs besides. */
const HELD = 64 * 1024;
const OVERHEAD = 64;

/** ms for a server to close the connection once it has ended the stream; then it is closed from here. */
const CLOSE_MS = 1000;

const utf8 = new TextDecoder();

/**
 * Opens a call.
 *
 * @throws When the payload is invalid, or when it is a stream that this runtime cannot send
 */
export function connectCall(
  method: ProtoMethod,
  request: ClientRequest,
  options: ConnectClientOptions,
): ClientExchange<Uint8Array> {
  checkUploads(method.model);
  const open = (asked: WireRequest, events: ClientEvents) => openWire(method, asked, events, options);
  return clientExchange(method, request, { open });
}

function openWire(
  { model }: ProtoMethod,
  asked: WireRequest,
  events: ClientEvents,
  options: ConnectClientOptions,
): ClientWire {
  const { messageBytes } = options;
  const where = `${model.service}.${model.name}`;
  const unary = model.kind === "unary";
  const protocol = unary ? unaryProtocol(true) : streamProtocol(true);
  const giveUp = new AbortController();
  const upload: FrameBody | undefined = model.streamingPayload === undefined ? undefined : frameBody({});
  let held = 0;
  let room: (() => void) | undefined;
  const queue = inbox<Uint8Array>({
    taken(message) {
      held -= message.length + OVERHEAD;
      if (held <= HELD / 2) room?.();
    },
  });
  /** What writes reject with, once the call is over. */
  let over: { readonly reason: unknown } | undefined;
  /** The one message of a call that sends one. */
  const message = asked.message as Uint8Array<ArrayBuffer> | undefined;
  /** Lets go of the connection: what a handler within the process answers knows nothing of the request's signal. */
  let leave: (() => void) | undefined;

  function cut(text: string, cause?: unknown): ServiceError {
    return markLost(builtinError("unavailable", `${where}: ${text}`, { cause }));
  }

  function broken(cause: unknown): never {
    if (cause instanceof ServiceError) throw cause;
    throw cut(`the connection was cut: ${textOf(cause)}`, cause);
  }

  function bad(text: string): ServiceError {
    return new ServiceError("bad_response", `${where}: ${text}`);
  }

  async function requestOf(): Promise<Request> {
    const all = new Headers(await options.headers());
    for (const [name, value] of asked.headers) all.set(name, value);
    const headers = addMetadata(new Headers(), all, asked.pairs);
    headers.set("content-type", protocol.contentType);
    headers.set("connect-protocol-version", "1");
    if (asked.deadline !== undefined) {
      headers.set(CONNECT_TIMEOUT, `${Math.max(0, Math.ceil(asked.deadline - Date.now()))}`);
    }
    return new Request(options.base + asked.path, {
      method: "POST",
      headers,
      body: upload?.stream ?? (unary ? message : envelope(0, message ?? new Uint8Array())),
      signal: giveUp.signal,
      ...(upload === undefined ? {} : { duplex: "half" }),
    });
  }

  async function fetched(): Promise<Response> {
    const request = await requestOf();
    if (over !== undefined) throw over.reason;
    try {
      return await options.fetch(request);
    } catch (cause) {
      const why = upload === undefined || isFullDuplex()
        ? ""
        : " (browsers send streams over HTTP/2 and later alone)";
      throw cut(`cannot reach ${new URL(request.url).origin}: ${textOf(cause)}${why}`, cause);
    }
  }

  /** The status of a response that has no messages. */
  async function refusal(response: Response): Promise<ReceivedStatus> {
    const bytes = await options.readBody(response, `${where}: response body`).catch(broken);
    const body = utf8.decode(bytes);
    const { headers, trailers } = splitTrailers(response.headers);
    const told = isJson(response) ? readErrorJson(parsed(body)) : undefined;
    if (told === undefined) {
      const error = options.refused(response, body);
      if (error !== undefined) throw error;
    }
    events.headers(headers);
    return {
      code: told?.code ?? codeOfHttpStatus(response.status),
      message: told?.message ?? `${where}: the server answered ${response.status}`,
      trailers,
      ...(told === undefined ? {} : { told: told.details }),
    };
  }

  async function wrongType(response: Response): Promise<never> {
    const type = response.headers.get("content-type");
    await response.body?.cancel();
    throw bad(`the server answered ${type ?? "nothing"}, not ${protocol.contentType}`);
  }

  async function receiveOne(response: Response): Promise<ReceivedStatus> {
    const bytes = await options.readBody(response, `${where}: response body`).catch(broken);
    const { headers, trailers } = splitTrailers(response.headers);
    events.headers(headers);
    queue.push(bytes);
    return { code: 0, message: "", trailers };
  }

  async function receiveMany(response: Response): Promise<ReceivedStatus> {
    const envelopes = envelopeReader(response.body, {
      messageBytes,
      what: `${where}: response body`,
      early: () => cut("the connection was closed within a message"),
    });
    leave = envelopes.cancel;
    events.headers(response.headers);
    for (;;) {
      let found = envelopes.read();
      if (found instanceof Promise) found = await found.catch(broken);
      if (found === null) throw cut("the connection was closed before the end of the stream");
      const { flags, data } = found;
      if (flags === END_STREAM) {
        const status = endOf(data);
        await lastOf(envelopes.read, envelopes.cancel);
        return status;
      }
      if (flags !== 0) throw bad(`a message came with flags that nobody asked for: ${flags}`);
      held += data.length + OVERHEAD;
      queue.push(data);
      if (held > HELD && over === undefined) {
        await new Promise<void>((resolve) => room = resolve);
        room = undefined;
      }
    }
  }

  function endOf(data: Uint8Array): ReceivedStatus {
    const json = parsed(utf8.decode(data));
    if (typeof json !== "object" || json === null) throw bad("the end of the stream is none");
    const { error, metadata } = json as { readonly error?: unknown; readonly metadata?: unknown };
    const trailers = trailersOf(metadata);
    if (error === undefined || error === null) return { code: 0, message: "", trailers };
    const told = readErrorJson(error);
    if (told === undefined) throw bad("the end of the stream has an error that is none");
    return { code: told.code ?? UNKNOWN, message: told.message, trailers, told: told.details };
  }

  async function run(): Promise<void> {
    let status: ReceivedStatus;
    try {
      const response = await fetched();
      leave = () => void response.body?.cancel().catch(() => {});
      if (over !== undefined) return leave();
      if (response.status !== 200) status = await refusal(response);
      else if (essenceOf(response.headers.get("content-type") ?? "") !== protocol.contentType) {
        status = await wrongType(response);
      } else status = unary ? await receiveOne(response) : await receiveMany(response);
    } catch (reason) {
      leave?.();
      status = { code: UNKNOWN, message: "", trailers: new Headers(), failure: { reason } };
    }
    upload?.drop();
    if (over !== undefined) return;
    over = { reason: events.status(status)() };
    events.drained();
  }

  // In a turn of its own: the exchange has to know the wire before the wire tells of anything.
  queueMicrotask(() => void run());
  return {
    inbox: queue,
    write(given) {
      if (over !== undefined) return Promise.reject(over.reason);
      return upload?.write(envelope(0, given))?.then(() => {
        if (over !== undefined) throw over.reason;
      });
    },
    closeSend() {
      void upload?.end();
    },
    cancel(reason) {
      if (over !== undefined) return;
      over = { reason };
      giveUp.abort(reason);
      leave?.();
      room?.();
      upload?.abort(reason);
    },
  };
}

const UNKNOWN = 2;

/** Lets the server close the connection, so that it can be used again; closes it when it does not. */
async function lastOf(read: () => unknown, cancel: () => void): Promise<void> {
  const timer = setTimeout(cancel, CLOSE_MS);
  try {
    await read();
  } catch {
    // The stream has ended; how its connection ends is all the same.
  } finally {
    clearTimeout(timer);
    cancel();
  }
}

function isJson(response: Response): boolean {
  return essenceOf(response.headers.get("content-type") ?? "") === "application/json";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Trailers as a Connect stream tells them: lists of values by name. What cannot be one is left out. */
function trailersOf(metadata: unknown): Headers {
  const trailers = new Headers();
  if (typeof metadata !== "object" || metadata === null) return trailers;
  for (const [name, values] of Object.entries(metadata)) {
    for (const value of Array.isArray(values) ? values : []) {
      try {
        trailers.append(name, `${value}`);
      } catch {
        // gRPC allows keys that HTTP headers do not; nobody can ask for them by this name.
      }
    }
  }
  return trailers;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
