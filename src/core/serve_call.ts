/**
 * Runs one call at the server: payload, handler, messages, outcome.
 *
 * @module
 */
import { viewNames } from "../codec/view.ts";
import { builtinError, faultOf, isInstance } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import { type ActiveCalls, shutdownError } from "./active_calls.ts";
import type { Authorize } from "./auth.ts";
import type { CallResponse } from "./call.ts";
import { callError } from "./call_error.ts";
import type { ConnectionEntry, ConnectionRegistry } from "./connections.ts";
import { startDeadline } from "./deadline.ts";
import type { Endpoint } from "./endpoint.ts";
import type { CallRequest, Outcome, ResponseHead, ServerCodec, ServerExchange } from "./exchange.ts";
import type { Waiter } from "./inbox.ts";
import { interceptServer } from "./intercept_server.ts";
import { messageOf } from "./null_message.ts";
import { isStreamed, pump } from "./pump.ts";
import { rawAnswer } from "./raw_body.ts";
import { type MessageReader, messageReader } from "./reader.ts";
import { quiet, type SendRoom, sendRoom, SENT } from "./send_room.ts";
import { type ServerCall, serverStream } from "./server_stream.ts";
import { tellError } from "./tell_error.ts";
import { fairness } from "./turn.ts";
import { unless } from "./unless.ts";
import { isUnsendable, markUnsendable } from "./unsendable.ts";

/** What servers of every transport can be told. */
export interface ServeCallOptions {
  /**
   * Sees every error that a call ends with, its `cause` included, and what a handler throws after its call was over.
   * What it throws itself, or rejects with, is dropped.
   */
  readonly onError?: (error: ServiceError, call: CallRequest) => void;
  /** Lets calls of methods in that have security; without it none is. */
  readonly authorize?: Authorize;
  /** Where the call is counted while it runs, so that a shutdown can wait for it. */
  readonly active?: Pick<ActiveCalls, "add">;
  /** Where the call's connection is listed, if it has one of its own. */
  readonly connections?: ConnectionRegistry;
  /** ms after which a call with a connection of its own is ended as by a shutdown; 0: never. Default 0. */
  readonly lifeMs?: number;
  /** The last word before the handler runs; what it throws refuses the call. */
  readonly admit?: (payload: unknown, auth: unknown) => Admission | void | Promise<Admission | void>;
}

/** How a call is let in. */
export interface Admission {
  /** Response headers, which the handler may change. */
  readonly headers?: HeadersInit;
  /** In place of that of all calls. */
  readonly lifeMs?: number;
}

/**
 * Serves one call on an exchange.
 *
 * @returns Never rejects; resolves once the exchange was ended and the handler has settled
 */
export async function serveCall<F>(
  endpoint: Endpoint,
  exchange: ServerExchange<F>,
  options: ServeCallOptions = {},
): Promise<void> {
  if (endpoint.chain !== undefined) {
    const intercepted = interceptServer(endpoint, endpoint.chain, exchange, options.onError);
    return await serveCall(intercepted.endpoint, intercepted.exchange, options);
  }
  const { method } = endpoint;
  const { request, signal } = exchange;
  const where = `${method.service}.${method.name}`;
  const response = new LazyResponse();
  // A method that has both sends one or the other, as its caller asks.
  const sent = exchange.streaming ? method.streamingResult : method.result;
  const views = sent === undefined ? [] : viewNames(sent);
  const breathe = fairness();
  const controller = new AbortController();
  let aborted: ServiceError | undefined;
  let hooks: Set<() => void> | undefined;
  let reader: MessageReader<unknown> | undefined;
  let room: SendRoom | undefined;
  let view = sent?.view ?? "default";
  let opened = false;
  let unopened: { readonly why: unknown } | undefined;
  let reason: ServiceError | undefined;
  let ended: void | Promise<void> = undefined;
  let stopDeadline: (() => void) | undefined;
  let stopLife: (() => void) | undefined;
  let connection: ConnectionEntry | undefined;
  let { lifeMs = 0 } = options;

  const call: { -readonly [K in keyof ServerCall]: ServerCall[K] } = {
    over: false,
    closed: false,
    unsent: undefined,
    open() {
      if (unopened !== undefined) throw unopened.why;
      if (opened) return;
      opened = true;
      try {
        exchange.open(new Head(response, views.length > 0 ? view : undefined));
      } catch (why) {
        // Headers that cannot be sent, say: no message can follow, and no good end.
        unopened = { why };
        throw why;
      }
    },
    write(message) {
      try {
        const room = call.put(message) ?? breathe();
        // What was written before a good end is sent, whether there was room or not.
        return room === undefined ? SENT : quiet(untilOver<unknown>(room, null) as Promise<void>);
      } catch (error) {
        return quiet(Promise.reject(error));
      }
    },
    put(message) {
      if (call.over) throw call.refusal();
      let frame: F;
      try {
        frame = exchange.codec.encode(
          exchange.streaming ? messageOf(message, where, "result") : message,
          view,
        );
      } catch (error) {
        markUnsendable(error);
        throw error;
      }
      // An interceptor that saw it may have ended the call.
      if (call.over) throw call.refusal();
      call.open();
      const written = exchange.write(frame);
      if (written !== undefined) call.room().note(written);
      return written;
    },
    checkShared(message) {
      if (exchange.codec.alike !== undefined) message.frame(exchange.codec, view);
    },
    putShared(message) {
      if (call.over) throw call.refusal();
      const frame = message.frame(exchange.codec, view);
      if (call.over) throw call.refusal();
      call.open();
      const written = exchange.write(frame);
      if (written !== undefined) call.room().note(written);
      return written;
    },
    lane() {
      const { codec, write } = exchange;
      if (!opened || codec.alike === undefined) return undefined;
      return {
        call,
        codec: codec as ServerCodec<unknown>,
        view,
        write: write as (frame: unknown) => void,
        note,
      };
    },
    room() {
      if (room === undefined) {
        room = sendRoom(where);
        call.onOver(room.end);
      }
      return room;
    },
    setView(name) {
      // Who does not wait for it must not end the process: a view may be named by the caller.
      if (call.over) return quiet(Promise.reject(call.refusal()));
      if (opened) {
        const late = invalidView("view must be chosen before the first message, not now");
        return quiet(Promise.reject(late));
      }
      const names = sent?.view === undefined && views.length > 1 ? views : [];
      if (!names.includes(name)) {
        const known = names.map((n) => `"${n}"`).join(", ");
        const why = invalidView(`value of view must be one of ${known} but got value "${name}"`);
        // Nor must it be overlooked, as the default view would be sent.
        unopened = { why };
        return quiet(Promise.reject(why));
      }
      view = name;
      unopened = undefined;
      if (exchange.streaming || method.kind === "client") {
        try {
          call.open();
        } catch (why) {
          return quiet(Promise.reject(why));
        }
      }
      return Promise.resolve();
    },
    refusal() {
      if (reason !== undefined) return reason;
      const error = new TypeError(`Cannot send on ${where}: the stream is closed`);
      refusals.add(error);
      return error;
    },
    onOver(hook) {
      const all = hooks ??= new Set();
      all.add(hook);
      return () => all.delete(hook);
    },
    finish(thrown) {
      if (call.over) return;
      call.over = true;
      stopLife?.();
      if (thrown === undefined) {
        try {
          call.open();
        } catch (why) {
          thrown = why;
        }
      }
      if (thrown !== undefined) {
        reason = toServiceError(thrown);
        // A caller that left is no news; everything else is.
        if (reason !== signal.reason) report(reason);
        abort(reason);
      }
      try {
        ended = exchange.end(new End(response, reason));
      } catch (error) {
        report(faultOf(error));
      }
      if (exchange.cut !== undefined && ended instanceof Promise) ended.then(unwatch, unwatch);
      else unwatch();
      if (connection !== undefined) {
        // Its handler may go on, and may do so for ever: the connection does not.
        const { closed } = connection;
        if (ended instanceof Promise) ended.then(() => closed(reason), () => closed(reason));
        else closed(reason);
      }
      if (reason === undefined) reader?.end();
      else reader?.fail(reason);
      if (hooks !== undefined) { for (const hook of [...hooks]) hook(); }
    },
  };

  function note(written: Promise<void>): void {
    call.room().note(written);
  }

  function abort(why: ServiceError): void {
    if (aborted !== undefined) return;
    aborted = why;
    controller.abort(why);
  }

  function invalidView(message: string): ServiceError {
    return new ServiceError("invalid_enum_value", `${where}: ${message}`);
  }

  function report(error: ServiceError): void {
    tellError(options.onError, error, request);
  }

  function toServiceError(thrown: unknown): ServiceError {
    if (isInstance(thrown, ServiceError)) return isUnsendable(thrown) ? faultOf(thrown) : thrown;
    // Web and Deno APIs that were given the signal throw its reason or an AbortError of their own.
    if (aborted !== undefined && isAbortError(thrown)) return aborted;
    return faultOf(thrown);
  }

  /** Settles as `waiting` does, or with the call's end if that comes first: `atEnd` when it ended well. */
  function untilOver<T>(waiting: Promise<T>, atEnd?: T): Promise<T> {
    return unless(waiting, (resolve, reject) => {
      const forget = call.onOver(() => {
        forget();
        if (reason === undefined && atEnd !== undefined) resolve(atEnd);
        else reject(call.refusal());
      });
      return forget;
    });
  }

  function readNext(waiter: Waiter<F>): F | null | undefined | Promise<F | null> {
    if (call.over) return reason === undefined ? null : Promise.reject(reason);
    call.open();
    // Whoever waits for it when the call ends is told by the reader.
    return exchange.read(waiter);
  }

  function unwatch(): void {
    stopDeadline?.();
    signal.removeEventListener("abort", gone);
  }

  function gone(): void {
    cut(signal.reason!);
  }

  /** Ends the call, also one that has ended but for something that it waits for. */
  function cut(why: ServiceError): void {
    if (!call.over) {
      abort(why);
      call.finish(why);
    } else if (exchange.cut?.(why) && reason === undefined) {
      reason = why;
      if (why !== signal.reason) report(why);
    }
  }

  function authorized(payload: unknown): unknown {
    if (options.authorize === undefined) {
      throw new TypeError(`Cannot let callers of ${where} in: no one verifies`);
    }
    return options.authorize(method, payload, request);
  }

  function admitted({ headers, lifeMs: own }: Admission): void {
    if (headers !== undefined) {
      new Headers(headers).forEach((value, name) => response.headers.append(name, value));
    }
    lifeMs = own ?? lifeMs;
  }

  function startLife(ms: number): void {
    if (ms <= 0 || exchange.vitals === undefined) return;
    stopLife = startDeadline(ms, () => {
      call.finish(shutdownError(`${where}: the stream has been open for ${ms} ms, as long as it may be`));
    });
  }

  async function run(): Promise<void> {
    const payload = await exchange.payload();
    if (call.over) return;
    const auth = method.security === undefined ? undefined : await authorized(payload);
    if (call.over) return;
    if (options.admit !== undefined) {
      const admission = await options.admit(payload, auth);
      if (call.over) return;
      if (admission) admitted(admission);
    }
    startLife(lifeMs);
    connection?.opened(auth);
    exchange.ready?.(() => {
      if (!call.over) call.open();
    });
    reader = method.streamingPayload === undefined
      ? undefined
      : messageReader<F, unknown>(readNext, (frame) =>
        messageOf(exchange.codec.decode(frame), where, "streaming_payload"));
    const handlerCall = {
      payload,
      body: method.http?.rawRequest ? exchange.body?.() : undefined,
      stream: exchange.streaming || reader !== undefined
        ? serverStream(method, call, reader, () => exchange.stopReading())
        : undefined,
      signal: controller.signal,
      request,
      response,
      auth,
      context: NO_CONTEXT,
      error: (name: string, detail?: unknown) => callError(method, name, detail),
      setView: call.setView,
    };
    const result = await endpoint.handler(handlerCall);
    if (exchange.streaming) {
      if (isStreamed(result)) await pump(result, call);
    } else if (method.http?.rawResponse) {
      await sendRaw(result);
    } else if (method.result !== undefined && !call.over) {
      if (result === undefined && call.unsent !== undefined) throw call.unsent;
      await call.write(result);
    }
    call.finish();
  }

  async function sendRaw(returned: unknown): Promise<void> {
    const { result, body } = rawAnswer(returned, where);
    try {
      if (call.over) throw call.refusal();
      if (method.result !== undefined) await call.write(result);
      call.open();
    } catch (error) {
      // It is not going to be sent: whoever makes it may stop.
      await body.cancel(error).catch(() => {});
      throw error;
    }
    await untilOver(exchange.sendBody!(body, response.trailers));
  }

  const leave = options.active?.add({
    abort,
    kill(why) {
      cut(why);
      // Its handler may never return: a shutdown does not wait for it.
      leave?.();
    },
  });
  if (exchange.vitals !== undefined) {
    const { vitals, onPing } = exchange;
    const close = (error = shutdownError(`${where}: the server has closed this stream`)) =>
      call.finish(error);
    connection = options.connections?.add({ request, vitals, onPing }, close);
  }
  if (signal.aborted) {
    gone();
  } else {
    signal.addEventListener("abort", gone, { once: true });
    if (request.deadline !== undefined) {
      stopDeadline = startDeadline(request.deadline - Date.now(), () => {
        cut(builtinError("timeout", `${where}: the deadline has passed`));
      });
    }
    try {
      await run();
    } catch (thrown) {
      // What a handler rejects with may be nothing; that is no good end.
      if (!call.over) call.finish(thrown === undefined ? faultOf(thrown) : thrown);
      else if (thrown !== reason && !isAbortError(thrown) && !refusals.has(thrown as object)) {
        report(toServiceError(thrown));
      }
    }
  }
  try {
    await ended;
  } catch (error) {
    report(faultOf(error));
  }
  leave?.();
}

/** Errors that the core itself gave a handler as an echo after the end. */
const refusals = new WeakSet<object>();

/** The context of calls without interceptors. */
const NO_CONTEXT = Object.freeze({});

/** Headers and trailers, made when first asked for. */
class LazyResponse implements CallResponse {
  #headers: Headers | undefined;
  #trailers: Headers | undefined;

  get headers(): Headers {
    return this.#headers ??= new Headers();
  }

  get trailers(): Headers {
    return this.#trailers ??= new Headers();
  }

  /** Whether nobody has asked for headers, or for trailers. */
  get noHeaders(): boolean {
    return this.#headers === undefined;
  }

  get noTrailers(): boolean {
    return this.#trailers === undefined;
  }
}

/** The head of a response, as it is when it is read. */
class Head implements ResponseHead {
  readonly view: string | undefined;
  readonly #response: LazyResponse;

  constructor(response: LazyResponse, view: string | undefined) {
    this.view = view;
    this.#response = response;
  }

  get headers(): Headers {
    return this.#response.headers;
  }

  get bare(): boolean {
    return this.#response.noHeaders;
  }
}

/** The outcome of a call, as it is when it is read. */
class End implements Outcome {
  readonly error: ServiceError | undefined;
  readonly #response: LazyResponse;

  constructor(response: LazyResponse, error: ServiceError | undefined) {
    this.error = error;
    this.#response = response;
  }

  get trailers(): Headers {
    return this.#response.trailers;
  }

  get bare(): boolean {
    return this.#response.noTrailers;
  }
}

function isAbortError(thrown: unknown): boolean {
  try {
    return thrown instanceof Error && thrown.name === "AbortError";
  } catch {
    // As with isInstance.
    return false;
  }
}
