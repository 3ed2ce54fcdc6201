/**
 * Interceptors: what happens around calls, whichever the transport and the side.
 *
 * @module
 */
import type { MethodModel } from "../design/model.ts";
import type { ServiceError } from "../errors/service_error.ts";
import type { CallResponse } from "./call.ts";
import type { CallRequest, ResponseHead } from "./exchange.ts";

/** What is in a call's `context` when no interceptor puts anything there. */
export type EmptyContext = Record<never, never>;

/**
 * A call, as its interceptors see it: one object for all hooks of all interceptors from its opening to its end.
 *
 * @typeParam Context What the interceptor puts into `context`
 */
export interface InterceptedCall<Context extends object = EmptyContext> {
  /** On which side of the call the interceptor runs. */
  readonly side: "server" | "client";
  /** The method by design: its name, kind, `meta`, errors. */
  readonly method: MethodModel;
  /**
   * Transport, service, method, headers, peer, deadline. At a client the headers may be added to until `next()` is
   * called, and are those of this call alone (the client's own come below them).
   */
  readonly request: CallRequest;
  /** What verified the caller, as the handler gets it; `undefined` at a client and for methods without security. */
  readonly auth?: unknown;
  /** Headers and trailers to send; absent at a client. */
  readonly response?: CallResponse;
  /**
   * The payload: at a server validated, at a client as the caller gave it. `open` may replace it before `next()`; at a
   * client what is put here is validated. Not known (`undefined`) in `end` when the call failed before.
   */
  payload: unknown;
  /** What interceptors tell each other and the handler, which sees it as `call.context`. Empty at first. */
  readonly context: Partial<Context>;
  /** Aborts when the call fails, is cancelled or runs out of time; never because it ended well. */
  readonly signal: AbortSignal;
  /**
   * Resolves when the call is open: at a client when the server has accepted it, at a server when the handler sends, or
   * takes, its first message or ends. Rejects when the call fails before. Never an unhandled rejection.
   */
  readonly opened: Promise<ResponseHead>;
  /** When the call began, in ms since the epoch. */
  readonly startedAt: number;
  /**
   * Makes an error that the method declares, to be thrown.
   *
   * @param name Name of an error of the method, its service or its API
   * @param detail What happened; for an error with a type of its own, a value of that type
   */
  error(name: string, detail?: unknown): ServiceError;
  /**
   * Ends the call now with `reason`, on this side and for the other. Does nothing after the end.
   *
   * @param reason Default: a `ServiceError` named `canceled`. At a server what is no `ServiceError` is a `fault`
   */
  cancel(reason?: unknown): void;
}

/** How a call ended. */
export interface CallOutcome {
  /** Whether it ended well. */
  readonly ok: boolean;
  /**
   * What it ended with when it did not: a `ServiceError`, but for a client's call that was aborted with something else.
   */
  readonly error?: unknown;
  /** Trailers of a call that ended well, and at a server of any. */
  readonly trailers: Headers;
  /** Messages taken: of the stream, or the one result. The payload is none of them. */
  readonly received: number;
  /** Messages sent: of the stream, or the one result. The payload is none of them. */
  readonly sent: number;
  /** How long it took, in ms. */
  readonly ms: number;
}

/**
 * What happens around calls: one type for servers and clients, for unary methods and streams, on every transport. All
 * hooks are optional; one that is not there costs nothing.
 *
 * Interceptors lie around each other like the skins of an onion, the first of those passed outermost; see
 * {@linkcode InterceptorOptions} for the order with those that a design declares. `open` runs from the outside in, and
 * so do messages on their way to a handler, or from a caller to its transport; messages the other way, and `end`, run
 * from the inside out.
 *
 * @typeParam Context What it puts into `call.context`, for the handler to find there
 *
 * @example
 * ```ts
 * import { implement, type Interceptor, ServiceError } from "@x/goats";
 * import { memoryClient } from "@x/goats/testing";
 * import { Method, Result, Service, String } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const auth: Interceptor<{ user: string }> = {
 *   open(call, next) {
 *     const user = call.request.headers.get("x-user");
 *     if (user === null) throw new ServiceError("unauthorized", "who is there?");
 *     call.context.user = user;
 *     return next();
 *   },
 * };
 * const hello = Service("hello", Method("greet", Result(String)));
 * const service = implement(hello, {
 *   greet: ({ context }) => `Hello, ${context.user}`, // context.user is a string
 * }, { interceptors: [auth] });
 *
 * await using client = memoryClient(service);
 * assertEquals(await client.greet({ headers: { "x-user": "Ada" } }), "Hello, Ada");
 * assertEquals(await client.greet().catch((error) => error.name), "unauthorized");
 * ```
 */
export interface Interceptor<Context extends object = EmptyContext> {
  /**
   * Runs around the whole call. At a server it starts once the payload was validated; at a client before anything is
   * sent.
   *
   * Throwing before `next()` refuses the call. `next()` goes on with it, once; it settles when the handler has, its
   * stream included, at a server, and when the server has ended the call at a client: with the result of a method that
   * does not stream results, else with `undefined`. What `open` returns is the result in place of that; when it returns
   * nothing, the result, or the error, stays what `next()` gave. Without `next()` the handler never runs, or nothing is
   * sent: a method then has the result that `open` returned, a stream is empty. A second `next()`, and one that comes
   * when `open` has settled or the call is over, rejects and goes nowhere.
   *
   * @param call The call
   * @param next Goes on
   */
  open?(call: InterceptedCall<Context>, next: () => Promise<unknown>): unknown;
  /**
   * Sees each message that comes in: the caller's stream at a server, the result or the stream of results at a client.
   * What it returns, or resolves to, takes the message's place; nothing leaves it. What it throws rejects that `recv`
   * alone (or the call, when the message is its one result).
   */
  receive?(message: unknown, call: InterceptedCall<Context>): unknown;
  /**
   * Sees each message that goes out, before it is validated: the result or the stream of results at a server, the
   * caller's stream at a client. What it returns, or resolves to, takes the message's place; nothing leaves it. What it
   * throws rejects that `send` alone (or the call, when the message is its one result). Messages keep their order.
   */
  send?(message: unknown, call: InterceptedCall<Context>): unknown;
  /**
   * Is told the outcome of every call, exactly once, of one that was refused before this interceptor's `open` too. At a
   * client a stream of results ends once its messages were taken, or it was given up. What `end` throws harms nothing:
   * a server's `onError` sees it, a client drops it.
   */
  end?(outcome: CallOutcome, call: InterceptedCall<Context>): void;
}

/**
 * Interceptors, as servers, clients and `implement` take them.
 *
 * From the inside out: those that the design declares for the method, the service and the API (of several in one place
 * the first is innermost; one declared twice runs once, in its innermost place), as in Goa; then those given to
 * `implement`, then those given when serving, of which the first is outermost.
 */
export interface InterceptorOptions {
  /** Run around every call, the first outermost. */
  readonly interceptors?: readonly Interceptor[];
  /** What the interceptors do that the design declares, by name. One that is missing throws here. */
  readonly declared?: Readonly<Record<string, Interceptor>>;
}

/** What the interceptors of some options put into `call.context`, all together. */
export type ContextFrom<O> = ContextOf<
  | (O extends { readonly interceptors: readonly (infer I)[] } ? I : never)
  | (O extends { readonly declared: infer D } ? D[keyof D] : never)
>;

/** What interceptors put into `call.context`, all together: the intersection of their contexts. */
export type ContextOf<I> = [I] extends [never] ? EmptyContext
  : ContextArgument<I> extends (context: infer C extends object) => void ? C
  : EmptyContext;

/** Each interceptor's context as an argument, so that several become an intersection. */
export type ContextArgument<I> = I extends Interceptor<infer C> ? (context: C) => void : never;
