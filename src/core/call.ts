/**
 * What a handler gets: one `Call`, typed from its method.
 *
 * @module
 */
import type { CallBody, RawReturn } from "./raw_types.ts";
import type { Has, MethodsTypes, MethodTypes, ServiceDesign } from "../design/method_types.ts";
import type { MethodsOf } from "../design/infer.ts";
import type { CallAuth } from "../design/security_types.ts";
import type { ServiceError } from "../errors/service_error.ts";
import type { CallRequest } from "./exchange.ts";
import type { EmptyContext } from "./interceptor.ts";
import type { SendOptions } from "./send_room.ts";

/** Messages from the caller. `T` is the out side of the StreamingPayload. */
export interface Receiving<T> extends AsyncIterable<T> {
  /**
   * Takes the next message, `null` once the caller has closed its side (and then always).
   *
   * Rejects with a validation `ServiceError` when that message is malformed or invalid; the next `recv` goes on after
   * it. Rejects with the call's error, and then always, once the caller is gone.
   */
  recv(): Promise<T | null>;
  /** The same messages as a Web Stream. It errors at the first invalid message. */
  readonly readable: ReadableStream<T>;
}

/** Messages to the caller. `T` is the in side of the StreamingResult. */
export interface Sending<T> {
  /**
   * Sends a message; resolves when the transport has room for another.
   *
   * Rejects with a validation `ServiceError` when the message is invalid (the stream goes on), with the call's error
   * once the caller is gone, and with a `TypeError` after `close`. With a `timeout` it waits for room before it takes
   * the message, and rejects with a `ServiceError` named `timeout` when there is none in time: the message was not
   * sent, and the stream goes on.
   */
  send(message: T, options?: SendOptions): Promise<void>;
  /**
   * Sends a message if there is room, and drops it if there is none: for what is soon out of date.
   *
   * Throws what `send` would reject with: when the message is invalid, and once nothing can be sent any more.
   *
   * @returns Whether the message was taken
   */
  trySend(message: T): boolean;
  /**
   * Says that no message follows. A server stream ends at once; a stream that also receives can go on receiving and
   * ends when its handler returns.
   */
  close(): Promise<void>;
  /** The same as a Web Stream. Closing it is `close`; aborting it ends the call with the reason as its error. */
  readonly writable: WritableStream<T>;
}

/** Chooses the view of the ResultType. `V` is the union of the views there are. */
export interface ChoosingView<V extends string> {
  /**
   * Names the view of all messages: once, before the first message sent or received. Default: `"default"`.
   *
   * Rejects with `invalid_enum_value` when it comes later or names no view. A call that named none, and no other since,
   * ends with that error, whether it was waited for or not.
   */
  setView(view: V): Promise<void>;
}

/** The result of a client stream. `T` is the in side of the Result. */
export interface SendingResult<T> {
  /** Sends the result and ends the call well. The handler need not return anything after it. */
  sendAndClose(result: T): Promise<void>;
}

/** Ends a client stream that has no result. */
export interface Closing {
  /** Ends the call well. */
  close(): Promise<void>;
}

/** Adds `setView` where there are views to choose among. */
export type WithView<M extends MethodTypes> = [M["views"]] extends [never] ? unknown
  : ChoosingView<M["views"]>;

/** The `stream` of a method's call; `undefined` for unary methods, maybe `undefined` for mixed ones. */
export type CallStream<M extends MethodTypes> = Has<M["streamingPayloadOut"]> extends true
  ? Has<M["streamingResultIn"]> extends true
    ? Receiving<M["streamingPayloadOut"]> & Sending<M["streamingResultIn"]> & WithView<M>
  : Has<M["resultIn"]> extends true
    ? Receiving<M["streamingPayloadOut"]> & SendingResult<M["resultIn"]> & WithView<M>
  : Receiving<M["streamingPayloadOut"]> & Closing
  : Has<M["streamingResultIn"]> extends true
    ? Has<M["resultIn"]> extends true ? (Sending<M["streamingResultIn"]> & WithView<M>) | undefined
    : Sending<M["streamingResultIn"]> & WithView<M>
  : undefined;

/** Second argument of {@linkcode Call.error}: a message, or the in object of the error's custom type. */
export type ErrorDetail<M extends MethodTypes, N extends keyof M["errors"]> =
  Has<M["errors"][N]["in"]> extends true ? [data: M["errors"][N]["in"]] : [message?: string];

/** What the handler may tell besides messages. */
export interface CallResponse {
  /** Response headers; what is set before the first message (or `setView`) is sent. */
  readonly headers: Headers;
  /** Trailers; what is set before the handler ends is sent, on transports that have them. */
  readonly trailers: Headers;
}

/**
 * One call, as its handler sees it. Properties may be destructured.
 *
 * @typeParam M Types of the method
 * @typeParam Context What interceptors put into `context`
 */
export interface Call<M extends MethodTypes = MethodTypes, Context extends object = EmptyContext> {
  /** The validated payload, defaults filled in; `undefined` for a method without one. */
  readonly payload: M["payloadOut"];
  /** The messages of a streaming method; `undefined` for a unary one. */
  readonly stream: CallStream<M>;
  /**
   * The raw request body of a method with `SkipRequestBodyEncodeDecode`, as it comes; `undefined` for any other.
   * Errors with the call's error once the call is over.
   */
  readonly body: CallBody<M>;
  /**
   * Aborts with a `ServiceError` when the caller disconnects or cancels (`canceled`), the deadline passes
   * (`timeout`) or the server shuts down (`unavailable`); never because the call ended well.
   */
  readonly signal: AbortSignal;
  /** Transport, headers, peer, deadline. */
  readonly request: CallRequest;
  /**
   * What verified the caller: what the function of the security scheme returned; by name of scheme where a `Security`
   * has several; `undefined` for a method without security. `unknown` unless the scheme was made with a type, as in
   * `JWTSecurity<User>("jwt")`.
   */
  readonly auth: CallAuth<M["auth"]>;
  /** Headers and trailers to send. */
  readonly response: CallResponse;
  /** What interceptors put there, those given to `implement` typed; empty without. */
  readonly context: Context;
  /**
   * Makes a declared error, to be thrown.
   *
   * @param name Name of an error of the method, its service or its API
   * @param detail What happened; for an error with a type of its own, a value of that type
   */
  error<N extends keyof M["errors"] & string>(name: N, ...detail: ErrorDetail<M, N>): ServiceError;
  /** Chooses the view of a unary result; streams choose theirs with `stream.setView`. */
  setView(view: M["views"]): Promise<void>;
}

/** Messages that a handler yields, or returns to be sent: any async iterable; a `ReadableStream` is one. */
export type Streamed<T> = AsyncIterable<T>;

/** What a handler may return: contract §3's table. */
export type HandlerReturn<M extends MethodTypes> = "response" extends M["raw"] ? RawReturn<M>
  : Has<M["streamingResultIn"]> extends true ? Has<M["resultIn"]> extends true ?
        | Promise<M["resultIn"] | void | Streamed<M["streamingResultIn"]>>
        | M["resultIn"]
        | Streamed<M["streamingResultIn"]>
        | void
    : Promise<void | Streamed<M["streamingResultIn"]>> | Streamed<M["streamingResultIn"]> | void
  : Has<M["resultIn"]> extends true
    ? Has<M["streamingPayloadIn"]> extends true ? Promise<M["resultIn"] | void> | M["resultIn"] | void
    : Promise<M["resultIn"]> | M["resultIn"]
  : Promise<void> | void;

/** A method's handler. */
export type Handler<M extends MethodTypes, Context extends object = EmptyContext> = (
  call: Call<M, Context>,
) => HandlerReturn<M>;

/**
 * One handler for each method of a service.
 *
 * The conditional type is there for TypeScript alone: it makes what `implement` has learnt of the design by then known
 * to a handler without parameters, so that in `() => ({ state: "up" })` an `Enum`'s value does not become a `string`.
 */
export type Handlers<Methods extends MethodsTypes, Context extends object = EmptyContext> = {
  readonly [K in keyof Methods]: Methods[K] extends infer M extends MethodTypes ? Handler<M, Context> : never;
};

/**
 * Type of a method's call, for handlers in files of their own.
 *
 * @example
 * ```ts ignore
 * import type { CallOf } from "@x/goats";
 * export async function* watch({ payload }: CallOf<typeof monitor, "watch">) {}
 * ```
 */
export type CallOf<
  S extends ServiceDesign,
  K extends keyof MethodsOf<S>,
  Context extends object = EmptyContext,
> = Call<MethodsOf<S>[K], Context>;

/** Type of a method's handler, for handlers in files of their own. */
export type HandlerOf<
  S extends ServiceDesign,
  K extends keyof MethodsOf<S>,
  Context extends object = EmptyContext,
> = Handler<MethodsOf<S>[K], Context>;
