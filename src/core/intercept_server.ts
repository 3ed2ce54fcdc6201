/**
 * A server's call with its interceptors: the endpoint and the exchange that the core serves in place of the bare ones.
 *
 * Frames here are the messages themselves; the bare exchange's codec runs inside, so that hooks may take their time.
 *
 * @module
 */
import { builtinError, serviceErrorOf } from "../errors/builtin.ts";
import type { ServiceError } from "../errors/service_error.ts";
import { callError } from "./call_error.ts";
import type { Call, CallResponse } from "./call.ts";
import type { Endpoint } from "./endpoint.ts";
import type { CallRequest, Outcome, ResponseHead, ServerExchange } from "./exchange.ts";
import { cannotGoOn, type Chain, runOpen, tellEnd } from "./intercept.ts";
import type { InterceptedCall } from "./interceptor.ts";
import { isStreamed, pump } from "./pump.ts";
import type { Sending } from "./call.ts";
import { dropAnswer } from "./raw_body.ts";
import { sharedAccessors } from "./shared_accessors.ts";
import { type OnError, tellError } from "./tell_error.ts";
import { markUnsendable } from "./unsendable.ts";

const withHandled = sharedAccessors("response", "auth", "opened");
const withOver = sharedAccessors("over");

/** A message whose hooks need time, or refused it. */
class Later {
  constructor(readonly message: Promise<unknown>, readonly view: string) {}
}

/** What {@linkcode interceptServer} makes. */
export interface Intercepted {
  readonly endpoint: Endpoint;
  readonly exchange: ServerExchange<unknown>;
}

/** Puts a chain of interceptors between a call's exchange and its handler. */
export function interceptServer<F>(
  endpoint: Endpoint,
  chain: Chain,
  bare: ServerExchange<F>,
  onError: OnError | undefined,
): Intercepted {
  const { method } = endpoint;
  const { receive, send } = chain;
  const began = performance.now();
  const own = new AbortController();
  const context = {};
  const overHooks = new Set<() => void>();
  let handled: Call | undefined;
  let opening: PromiseWithResolvers<ResponseHead> | undefined;
  let head: ResponseHead | undefined;
  let received = 0;
  let sent = 0;
  let settled = false;
  let thrown = false;
  let over = false;
  let error: ServiceError | undefined;
  /** The last message that hooks still work on, or that waits for one: later ones must not overtake it. */
  let tail: Promise<unknown> | undefined;
  /** Ends a call that waits for hooks without them. */
  let hurry: ((why: ServiceError | undefined) => void) | undefined;

  const call: InterceptedCall = withHandled({
    side: "server" as const,
    method,
    request: bare.request,
    payload: undefined,
    context,
    signal: own.signal,
    startedAt: Date.now(),
    error: (name: string, detail?: unknown) => callError(method, name, detail),
    cancel(reason?: unknown) {
      if (over) return;
      const why = reason === undefined
        ? builtinError("canceled", `${method.service}.${method.name}: an interceptor has cancelled the call`)
        : serviceErrorOf(reason);
      own.abort(why);
      // The core takes what a signal aborts with for the caller's doing, which it does not report.
      report(why);
    },
  }, {
    response: () => handled?.response ?? NO_RESPONSE(),
    auth: () => handled?.auth,
    opened() {
      if (opening === undefined) {
        opening = Promise.withResolvers();
        opening.promise.catch(() => {});
        if (head !== undefined) opening.resolve(head);
        else if (over) opening.reject(error);
      }
      return opening.promise;
    },
  });

  const onGone = () => own.abort(bare.signal.reason);
  if (bare.signal.aborted) onGone();
  else bare.signal.addEventListener("abort", onGone, { once: true });

  function report(thrown: unknown): void {
    tellError(onError, serviceErrorOf(thrown), bare.request);
  }

  function take(frame: F | null): unknown {
    if (frame === null) return null;
    const message = bare.codec.decode(frame);
    received++;
    return receive === undefined ? message : receive(message, call);
  }

  function put(frame: F): void | Promise<void> {
    const room = bare.write(frame);
    sent++;
    return room;
  }

  async function putLater(frame: unknown, before: Promise<unknown> | undefined): Promise<void> {
    await before;
    if (!(frame instanceof Later)) return await put(frame as F);
    const message = await frame.message;
    let encoded: F;
    try {
      encoded = bare.codec.encode(message, frame.view);
    } catch (error) {
      markUnsendable(error);
      throw error;
    }
    await put(encoded);
  }

  /** What a handler returned or yields is sent within `open`. */
  async function handle(): Promise<unknown> {
    const result = await endpoint.handler(handled);
    if (!bare.streaming || !isStreamed(result)) return result;
    const stream = handled!.stream as unknown as Sending<unknown>;
    const target = {
      write: (message: unknown) => stream.send(message),
      onOver(hook: () => void) {
        overHooks.add(hook);
        return () => overHooks.delete(hook);
      },
    };
    await pump(result, withOver(target, { over: () => over }));
    return undefined;
  }

  const wrapped: Endpoint = {
    method,
    async handler(plain: Call & { payload: unknown; context: object }) {
      handled = plain;
      let returned: unknown;
      call.payload = plain.payload;
      plain.context = context;
      try {
        return await runOpen(chain, call, () => {
          if (over) throw error ?? cannotGoOn(method, "the call is over");
          if (settled) throw cannotGoOn(method, "an interceptor has answered");
          plain.payload = call.payload;
          return handle().then((result) => returned = result);
        });
      } catch (refused) {
        thrown = true;
        if (method.http?.rawResponse) dropAnswer(returned, refused);
        throw refused;
      } finally {
        settled = true;
      }
    },
  };

  function tell({ trailers }: Outcome): void {
    tellEnd(
      chain,
      {
        ok: error === undefined,
        ...(error === undefined ? {} : { error }),
        trailers,
        received,
        sent,
        ms: performance.now() - began,
      },
      call,
      report,
    );
  }

  function endBare(outcome: Outcome): void | Promise<void> {
    bare.signal.removeEventListener("abort", onGone);
    try {
      return bare.end(outcome);
    } finally {
      tell(outcome);
    }
  }

  async function endLater(outcome: Outcome, last: Promise<unknown>): Promise<void> {
    const why = await new Promise<ServiceError | undefined>((resolve) => {
      hurry = resolve;
      last.then(() => resolve(undefined));
    });
    hurry = undefined;
    if (why === undefined || error !== undefined) return await endBare(outcome);
    error = why;
    if (!own.signal.aborted) own.abort(why);
    await endBare({ error: why, trailers: outcome.trailers });
  }

  const exchange: ServerExchange<unknown> = {
    ...bare,
    signal: own.signal,
    codec: {
      // Without hooks on what is sent, its frames are those of any other call.
      ...(send === undefined ? { alike: bare.codec.alike } : {}),
      decode: (message) => message,
      encode(value, view) {
        if (send === undefined) return bare.codec.encode(value, view);
        let message: unknown;
        try {
          message = send(value, call);
        } catch (refused) {
          // What a hook throws is the sender's to see as it is, and no message that could not be encoded.
          message = Promise.reject(refused);
        }
        if (!(message instanceof Promise)) return bare.codec.encode(message, view);
        message.catch(() => {});
        return new Later(message, view);
      },
    },
    read() {
      try {
        const frame = bare.read();
        return frame instanceof Promise ? frame.then(take) : take(frame);
      } catch (error) {
        return Promise.reject(error);
      }
    },
    open(told) {
      // A plain object: what interceptors spread or print of it is all there is.
      head = { headers: told.headers, view: told.view };
      opening?.resolve(head);
      bare.open(told);
    },
    write(frame) {
      if (tail === undefined && !(frame instanceof Later)) return put(frame as F);
      const written = putLater(frame, tail);
      const last: Promise<unknown> = written.catch(() => {}).then(() => {
        if (tail === last) tail = undefined;
      });
      tail = last;
      return written;
    },
    end(outcome) {
      over = true;
      error = outcome.error;
      if (error !== undefined && !own.signal.aborted) own.abort(error);
      if (head === undefined) opening?.reject(error);
      for (const hook of [...overHooks]) hook();
      // What was sent goes out first, unless the call is cut short.
      if (tail !== undefined && (error === undefined || thrown)) return endLater(outcome, tail);
      return endBare(outcome);
    },
    cut(why) {
      const waits = hurry !== undefined;
      hurry?.(why);
      hurry = undefined;
      return waits;
    },
  };
  return { endpoint: wrapped, exchange };
}

/** Before a call has a handler there is nothing that could be sent. */
function NO_RESPONSE(): CallResponse {
  return { headers: new Headers(), trailers: new Headers() };
}

/** Tells interceptors of a call that was refused before it could be served. */
export function tellRefused(
  endpoint: Endpoint,
  request: CallRequest,
  error: ServiceError,
  onError: OnError | undefined,
): void {
  if (endpoint.chain === undefined) return;
  const signal = new AbortController().signal;
  const { exchange } = interceptServer<unknown>(endpoint, endpoint.chain, {
    request,
    signal,
    streaming: false,
    codec: { decode: (frame) => frame, encode: (value) => value },
    payload() {},
    read: () => null,
    stopReading() {},
    open() {},
    write() {},
    end() {},
  }, onError);
  void exchange.end({ error, trailers: new Headers() });
}
