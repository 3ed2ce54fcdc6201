/**
 * What the core and a transport agree on: the two sides of one call.
 *
 * `F` is the transport's frame, the encoded form of one message: a JSON text on WebSocket and in memory,
 * protobuf bytes on gRPC. The core decides what a call means (order, end, errors, views, validation);
 * a transport moves frames and tells the outcome.
 *
 * `read` and `write` follow WHATWG Streams' underlying sources and sinks, made cheap: they return a promise only when
 * there is something to wait for. The core makes Web Streams over them when somebody asks for one.
 *
 * @module
 */
import type { MethodModel } from "../design/model.ts";
import type { Waiter } from "./inbox.ts";
import type { PeerCertificate } from "./peer_certificate.ts";
import type { RawBody } from "./raw_body.ts";
import type { ServiceError } from "../errors/service_error.ts";

/** Name of a transport, as `call.request.transport` tells it. */
export type TransportName = "ws" | "sse" | "http" | "grpc" | "connect" | "grpc-web" | "memory";

/** What is known of a call before its payload is looked at. */
export interface CallRequest {
  /** What the call came by. */
  readonly transport: TransportName;
  /** Name of the service. */
  readonly service: string;
  /** Name of the method. */
  readonly method: string;
  /** Request headers, or gRPC metadata (values of `-bin` keys in base64). */
  readonly headers: Headers;
  /** Address of the peer, `host:port`; `""` when unknown. */
  readonly peer: string;
  /** When the call must be over, in ms since the epoch; absent when the caller set none. */
  readonly deadline?: number;
  /** The peer's certificate, where the server asked for one and has verified it (mTLS); absent otherwise. */
  readonly tls?: PeerCertificate;
}

/** What a server says before its first message. */
export interface ResponseHead {
  /** Headers that the handler set in `call.response.headers`. */
  readonly headers: Headers;
  /** View of the result type in use, when there is one to tell (`goa-view`). */
  readonly view?: string;
  /** Says that there are no headers, so that none need be made to look at. */
  readonly bare?: boolean;
}

/** How a call ended at the server: well, or with an error. */
export interface Outcome {
  /** Absent when the call ended well. Always a ServiceError: others were made `fault`s by the core. */
  readonly error?: ServiceError;
  /** Trailers that the handler set in `call.response.trailers`. */
  readonly trailers: Headers;
  /** Says that there are none, so that none need be made to look at. */
  readonly bare?: boolean;
}

/** The messages of one method in frames, as a server needs them. Both throw a validation ServiceError. */
export interface ServerCodec<F> {
  /**
   * The same for codecs that make the same frame of a message: it is then made once for many calls. Absent: each call
   * makes its own.
   */
  readonly alike?: object;
  /** Decodes one streaming payload. Only called for methods that have one. */
  decode(frame: F): unknown;
  /**
   * Encodes one result or streaming result (whichever `mode` says the call sends).
   *
   * @param view View of the result type to project on; `"default"` where there is none.
   */
  encode(value: unknown, view: string): F;
}

/** How a call's connection is doing, for those who watch over connections. */
export interface Vitals {
  /** What carries the call. */
  readonly wire: "plain" | "goats.v1" | "sse" | "connect" | "grpc-web";
  /** When anything last came from the peer, in ms since the epoch. */
  readonly lastSeen: number;
  /** Messages sent and not yet taken by the peer, and their size in characters. */
  readonly buffered: { readonly messages: number; readonly bytes: number };
  /** Round-trip time in ms as last measured; absent where the wire does not measure it. */
  readonly rtt?: number;
  /** Whether the connection is lost, and the call waits for its caller to come back. */
  readonly paused: boolean;
  /** How a WebSocket was closed, by whichever side; absent before, and on other wires. */
  readonly close?: { readonly code: number; readonly reason: string };
}

/** What the core needs of an {@linkcode AbortSignal}: such a one is as good as any. */
export interface CallSignal {
  readonly aborted: boolean;
  readonly reason: ServiceError | undefined;
  addEventListener(type: "abort", listener: () => void, options?: { once: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** One call as its transport gives it to the core, at the server. */
export interface ServerExchange<F> {
  readonly request: CallRequest;
  readonly codec: ServerCodec<F>;
  /**
   * Aborts when the caller has gone or has cancelled, with a ServiceError (`canceled`, `unavailable`, …) as its
   * reason. Must not abort on a successful end.
   */
  readonly signal: CallSignal;
  /**
   * Whether the call streams results. Differs between calls only for a method with both Result and
   * StreamingResult.
   */
  readonly streaming: boolean;
  /** How its connection is doing; absent for calls that have none of their own. */
  readonly vitals?: Vitals;
  /** Given whom to tell of each round-trip time (ms) as it is measured; before the payload is asked for. */
  onPing?(told: (rttMs: number) => void): void;
  /** The decoded and validated payload; throws or rejects with the ServiceError that ends the call. */
  payload(): unknown;
  /**
   * Given what sends the head, before the handler runs: for a transport that cannot wait for the first message without
   * limit. It may be called at any time, and does nothing when it is not needed.
   */
  ready?(open: () => void): void;
  /**
   * Takes the next frame of the caller's stream: a frame, or `null` at its end (and then always). A rejection tells
   * that the connection failed, and then always. The core never calls it again before the last promise settled.
   */
  read(): F | null | Promise<F | null>;
  /**
   * The same for whoever need not have a promise, one per message: where there is no frame yet, a transport that can
   * returns `undefined` and tells `waiter` of what it would settle the promise with.
   */
  read(waiter: Waiter<F>): F | null | undefined | Promise<F | null>;
  /** The raw request body, of a method that has one. Once the call has ended it errors. */
  body?(): ReadableStream<Uint8Array>;
  /**
   * Sends a raw response body, after the write if there is one; resolves when all of it was taken, rejects when it
   * fails.
   *
   * @param trailers What is to be told by then: nothing follows such a body
   */
  sendBody?(body: ReadableStream<Uint8Array>, trailers: Headers): Promise<void>;
  /** Tells that nobody will read any more: drop what is unread and what still comes. */
  stopReading(): void;
  /** Sends the head, once, before the first write, or before the end when nothing was written. */
  open(head: ResponseHead): void;
  /**
   * Writes a frame: nothing is returned while there is room for more, else a promise for the room. Rejects when the
   * connection is gone. May be called again before that promise settles; order is kept.
   */
  write(frame: F): void | Promise<void>;
  /** Ends the call, exactly once and after all writes: flushes what is written, then tells the outcome. */
  end(outcome: Outcome): void | Promise<void>;
  /**
   * Where `end` may have to wait for something that never comes: ends without it, right now, and with this error unless
   * there is one. Tells whether it still waited.
   */
  cut?(why: ServiceError): boolean;
}

/** The messages of one method in frames, as a client needs them. Both throw a validation ServiceError. */
export interface ClientCodec<F> {
  /** Encodes one streaming payload. */
  encode(value: unknown): F;
  /** Decodes one result or streaming result under the view that the head told (`"default"` without). */
  decode(frame: F, view: string): unknown;
}

/** What the core asks a client transport to open. */
export interface ClientRequest {
  readonly method: MethodModel;
  /** The payload as the user gave it (in side, not yet validated); `undefined` when there is none. */
  readonly payload: unknown;
  /** The raw body, for a method that has one. */
  readonly body?: RawBody;
  readonly headers: Headers;
  /** ms from now until the call must be over, for the transport to tell the server. The core enforces it here. */
  readonly timeout?: number;
  /** See {@linkcode ServerExchange.streaming}. */
  readonly streaming: boolean;
  /** Told when the connection is lost (`paused`), tried again (`resuming`) and there again (`open`). */
  readonly onState?: (state: "open" | "paused" | "resuming") => void;
}

/** What may change while a client's call runs. */
export interface ExchangeStatus {
  /** See `ClientStream.restarts`. */
  readonly restarts: number;
  /** See `ClientStream.rtt`. */
  readonly rtt: number | undefined;
  /** View of the messages that are read now, where a restart may change it; else absent. */
  readonly view?: string;
}

/** The one result of a call that has ended well. */
export interface OnlyResult<F> {
  /** As `read` gives it, or anything where the method has no result. */
  readonly frame: F;
  readonly view: string | undefined;
}

/** One call as its transport gives it to the core, at the client. */
export interface ClientExchange<F> {
  readonly codec: ClientCodec<F>;
  /** Absent where nothing of it ever changes. */
  readonly status?: ExchangeStatus;
  /**
   * Resolves when the server has accepted the call; rejects with a ServiceError when it has not. Where a transport
   * cannot tell acceptance apart, it resolves with the first sign of it. Never left unhandled by the core.
   */
  readonly opened: Promise<ResponseHead>;
  /**
   * Takes the next frame: `null` when the server ended the call well (and then always). Rejects with the call's error
   * once every frame before it was taken, and then always. The core never calls it again before the last promise
   * settled.
   */
  read(): F | null | Promise<F | null>;
  /**
   * The same for whoever need not have a promise, one per message: where there is no frame yet, a transport that can
   * returns `undefined` and tells `waiter` of what it would settle the promise with.
   */
  read(waiter: Waiter<F>): F | null | undefined | Promise<F | null>;
  /**
   * Of a unary call whose transport knows all of it at once: resolves with its result when the call has ended well,
   * rejects with its error. In place of `read`, `opened` and `closed`, which then need not be made.
   */
  only?(): Promise<OnlyResult<F>>;
  /** The raw response body, once `read` has told of the end: of a method that has one. The call lasts as long. */
  takeBody?(): ReadableStream<Uint8Array> | undefined;
  /**
   * Writes a frame, queueing it while the call is still opening: nothing is returned while there is room, else a
   * promise for it. Rejects with the call's error once the call is over.
   */
  write(frame: F): void | Promise<void>;
  /** Ends this side of the stream (half-close). */
  closeSend(): void | Promise<void>;
  /**
   * Gives the call up: tells the server, frees everything. From then on pending and later `read`, `write`, `opened`
   * and `closed` reject with `reason`. Does nothing after the end.
   */
  cancel(reason: unknown): void;
  /** Resolves with the trailers when the call ended well, rejects with its error. Does not wait for readers. */
  readonly closed: Promise<Headers>;
  /**
   * Calls `hook` when there is nothing to cancel any more, at once if there is nothing already. Asked for once at most, by
   * who keeps the open calls. Absent: that is when `closed` settles, which here need not be made for it, or is too early.
   */
  onOver?(hook: () => void): void;
}

/** How a client reaches its service. */
export interface ClientTransport {
  /** Opens a call. Never throws: what goes wrong (an invalid payload too) rejects `opened` and all else. */
  // deno-lint-ignore no-explicit-any
  call(request: ClientRequest): ClientExchange<any>;
  /** What a call goes by and to, for interceptors. */
  route?(request: ClientRequest): Pick<CallRequest, "transport" | "peer">;
  /** Ends open calls with `canceled` and lets go of connections. */
  close(): void | Promise<void>;
}
