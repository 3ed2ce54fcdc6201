/**
 * What a client is typed as: one shape on every transport. Contract §4.
 *
 * @module
 */
import type { Has, MethodsTypes, MethodTypes, ServiceDesign } from "../design/method_types.ts";
import type { MethodsOf } from "../design/infer.ts";
import type { ResponseHead } from "./exchange.ts";
import type { RawRequestOptions, RawResult } from "./raw_types.ts";
import type { SendOptions } from "./send_room.ts";

/** What every call can be told besides its payload. */
export interface CallOptions {
  /** Ends the call when it aborts; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** ms until the call must be over; then it rejects with a `ServiceError` named `timeout`. Default: the client's. */
  readonly timeout?: number;
  /** Headers (gRPC metadata) of this call, on top of the client's. */
  readonly headers?: HeadersInit;
  /**
   * Told each time a stream's {@linkcode ClientStream.state} changes, for a user interface. What it throws is dropped.
   */
  readonly onState?: (state: StreamState) => void;
}

/**
 * Where a stream is in its life: `connecting` until the server has accepted the call, then `open`. When the connection
 * is lost and the stream can go on it is `paused` until the next try, `resuming` during a try, and `open` again after
 * it. `closed` at the end.
 */
export type StreamState = "connecting" | "open" | "paused" | "resuming" | "closed";

/** What every stream has, whichever way its messages go. */
export interface ClientStream extends AsyncDisposable {
  /**
   * Resolves with headers and view once the server has accepted the call, rejects with the reason why not. Never an
   * unhandled rejection.
   */
  readonly opened: Promise<ResponseHead>;
  /** Resolves with the trailers when the call ended well, rejects with its error. Never an unhandled rejection. */
  readonly closed: Promise<Headers>;
  /** The view of the result type in use, once {@linkcode ClientStream.opened}, where the transport can tell. */
  readonly view: string | undefined;
  /** Where the stream is in its life. */
  readonly state: StreamState;
  /**
   * How many times the call was made anew after its connection, and with it the server's end, was lost: that happens to
   * `Idempotent` methods alone, and their messages may then repeat.
   */
  readonly restarts: number;
  /** Round-trip time in ms as last measured, where the wire measures it (`goats.v1`). */
  readonly rtt: number | undefined;
  /**
   * Gives the call up: the server's handler sees its signal abort, everything pending here rejects with `reason`.
   * Does nothing after the end.
   *
   * @param reason Default: a `ServiceError` named `canceled`
   */
  cancel(reason?: unknown): void;
}

/** Messages from the server. `T` is the out side of the StreamingResult. */
export interface ReceivingStream<T> extends ClientStream, AsyncIterable<T> {
  /**
   * Takes the next message, `null` once the server has ended the stream well (and then always).
   *
   * Rejects with a validation `ServiceError` when that message is malformed or invalid; the next `recv` goes on after
   * it. Rejects with the call's error once every message before it was taken, and then always.
   */
  recv(): Promise<T | null>;
  /** Iterates over the messages; breaking out of the loop cancels the call. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined>;
  /** The same messages as a Web Stream; cancelling it cancels the call. */
  readonly readable: ReadableStream<T>;
}

/** Messages to the server. `T` is the in side of the StreamingPayload. */
export interface SendingStream<T> extends ClientStream {
  /**
   * Sends a message; resolves when the transport has room for another.
   *
   * Rejects with a validation `ServiceError` when the message is invalid (the call goes on), with the call's error
   * once the call is over, and with a `TypeError` after this side was closed. With a `timeout` it waits for room before
   * it takes the message, and rejects with a `ServiceError` named `timeout` when there is none in time: the message was
   * not sent, and the call goes on.
   */
  send(message: T, options?: SendOptions): Promise<void>;
  /**
   * Sends a message if there is room, and drops it if there is none: for what is soon out of date. What is sent while
   * the call is still connecting has room, up to a bound.
   *
   * Throws what `send` would reject with: when the message is invalid, and once nothing can be sent any more.
   *
   * @returns Whether the message was taken
   */
  trySend(message: T): boolean;
  /** The same as a Web Stream. Closing it ends this side; aborting it cancels the call. */
  readonly writable: WritableStream<T>;
}

/** A stream of results: the method has a StreamingResult alone. */
export type ServerStreaming<Out> = ReceivingStream<Out>;

/** A stream of payloads that ends in a result: the method has a StreamingPayload and a Result. */
export interface ClientStreaming<In, Result> extends SendingStream<In> {
  /** Ends this side and waits for the result. */
  closeAndRecv(): Promise<Result>;
}

/** A stream of payloads without a result. */
export interface ClientStreamingOnly<In> extends SendingStream<In> {
  /** Ends this side and waits until the server has ended the call. */
  close(): Promise<void>;
}

/** Messages both ways: the method has a StreamingPayload and a StreamingResult. */
export interface BidiStreaming<In, Out> extends ReceivingStream<Out>, SendingStream<In> {
  /** Ends this side; the server may go on sending. */
  closeSend(): Promise<void>;
}

/** Arguments of a method: its payload, if it has one, then {@linkcode CallOptions}. */
export type CallArguments<M extends MethodTypes> = "request" extends M["raw"] ? RawArguments<M>
  : Has<M["payloadIn"]> extends false ? [options?: CallOptions]
  : Record<never, never> extends M["payloadIn"] ? [payload?: M["payloadIn"], options?: CallOptions]
  : [payload: M["payloadIn"], options?: CallOptions];

/** Arguments of a method with a raw request body: the options, which hold it, cannot be left out. */
export type RawArguments<M extends MethodTypes> = Has<M["payloadIn"]> extends false
  ? [options: CallOptions & RawRequestOptions]
  : Record<never, never> extends M["payloadIn"]
    ? [payload: M["payloadIn"] | undefined, options: CallOptions & RawRequestOptions]
  : [payload: M["payloadIn"], options: CallOptions & RawRequestOptions];

/** `void` for what a method does not have. */
export type OrVoid<T> = Has<T> extends true ? T : void;

/** What calling a method gives. */
export type CallResult<M extends MethodTypes> = "response" extends M["raw"] ? Promise<RawResult<M>>
  : Has<M["streamingPayloadIn"]> extends true
    ? Has<M["streamingResultOut"]> extends true
      ? BidiStreaming<M["streamingPayloadIn"], M["streamingResultOut"]>
    : Has<M["resultOut"]> extends true ? ClientStreaming<M["streamingPayloadIn"], M["resultOut"]>
    : ClientStreamingOnly<M["streamingPayloadIn"]>
  : Has<M["streamingResultOut"]> extends true
    ? Has<M["resultOut"]> extends true ? Promise<M["resultOut"]> : ServerStreaming<M["streamingResultOut"]>
  : Promise<OrVoid<M["resultOut"]>>;

/** Names of the methods with a Result and a StreamingResult: they get a second function, for the stream. */
export type Mixed<Methods extends MethodsTypes> = {
  [K in keyof Methods]: Has<Methods[K]["streamingPayloadIn"]> extends true ? never
    : Has<Methods[K]["streamingResultOut"]> extends true
      ? Has<Methods[K]["resultOut"]> extends true ? K : never
    : never;
}[keyof Methods];

/** What every client has besides its methods. */
export interface ClientControl extends AsyncDisposable {
  /** Ends open calls with `canceled` and lets go of connections. */
  close(): Promise<void>;
}

/** A client: one function per method (two for a mixed one: `m` unary, `mStream`). */
export type Client<Methods extends MethodsTypes> =
  & { readonly [K in keyof Methods]: (...args: CallArguments<Methods[K]>) => CallResult<Methods[K]> }
  & {
    readonly [K in Mixed<Methods> & string as `${K}Stream`]: (
      ...args: CallArguments<Methods[K]>
    ) => ServerStreaming<Methods[K]["streamingResultOut"]>;
  }
  & ClientControl;

/** Type of a design's client, whichever transport it calls over. */
export type ClientOf<S extends ServiceDesign> = Client<MethodsOf<S>>;
