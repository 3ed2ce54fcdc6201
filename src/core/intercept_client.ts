/**
 * A client's calls with their interceptors: a transport around a transport.
 *
 * Its frames are the messages themselves; the inner transport's codec runs inside, so that hooks may take their time.
 *
 * @module
 */
import { builtinError } from "../errors/builtin.ts";
import { callError } from "./call_error.ts";
import type {
  CallRequest,
  ClientExchange,
  ClientRequest,
  ClientTransport,
  ResponseHead,
} from "./exchange.ts";
import { cannotGoOn, type Chain, runOpen, tellEnd } from "./intercept.ts";
import type { InterceptedCall } from "./interceptor.ts";
import { OpenCalls } from "./open_calls.ts";
import { sharedAccessors } from "./shared_accessors.ts";
import { onlyResult } from "./unary.ts";
import { unless } from "./unless.ts";

const withSignal = sharedAccessors("signal");
const withStatus = sharedAccessors("status");

/** Wraps the calls of those methods of a transport that have interceptors. */
export function interceptTransport(
  transport: ClientTransport,
  chains: ReadonlyMap<string, Chain>,
): ClientTransport {
  if (chains.size === 0) return transport;
  const calls = new OpenCalls();
  return {
    ...transport,
    call(request) {
      const chain = chains.get(request.method.name);
      if (chain === undefined) return transport.call(request);
      const exchange = interceptCall(chain, transport, request);
      calls.add(exchange, request.method);
      return exchange;
    },
    async close() {
      await transport.close();
      // Those not sent yet, and those that have ended but were not read to their end.
      calls.close();
    },
  };
}

const IDENTITY = { encode: (value: unknown) => value, decode: (frame: unknown) => frame };

function interceptCall(
  chain: Chain,
  transport: ClientTransport,
  request: ClientRequest,
): ClientExchange<unknown> {
  const { method, streaming } = request;
  const { receive, send } = chain;
  const where = `${method.service}.${method.name}`;
  const began = performance.now();
  /** The inner exchange, once `open` hooks let the call go out. */
  const gate = quiet<ClientExchange<unknown>>();
  /** The result of a call that has one. */
  const answer = quiet<unknown>();
  const opened = quiet<ResponseHead>();
  const closed = quiet<Headers>();
  let inner: ClientExchange<unknown> | undefined;
  let performed = false;
  let view = "default";
  let controller: AbortController | undefined;
  let failure: { readonly reason: unknown } | undefined;
  let trailers = new Headers();
  let over = false;
  let toldEnd = false;
  let forget: (() => void) | undefined;
  let reading = false;
  let taken = false;
  let received = 0;
  let sent = 0;
  /** The last message that waits for something: later ones, and the end, must not overtake it. */
  let tail: Promise<unknown> | undefined;
  /** Ends what waits for hooks on what is sent, once nothing can be sent any more. */
  const unsent = new Set<() => void>();
  /** Ends what waits for a hook on what has come, when its reader goes. */
  let unread: ((reason: unknown) => void) | undefined;
  let left: { readonly reason: unknown } | undefined;

  const call: InterceptedCall = withSignal({
    side: "client" as const,
    method,
    request: requestOf(transport, request),
    payload: request.payload,
    context: {},
    opened: opened.promise,
    startedAt: Date.now(),
    error: (name: string, detail?: unknown) => callError(method, name, detail),
    cancel: (reason?: unknown) =>
      cancel(reason ?? builtinError("canceled", `${where}: an interceptor has cancelled`)),
  }, {
    signal() {
      if (controller === undefined) {
        controller = new AbortController();
        if (failure !== undefined) controller.abort(failure.reason);
      }
      return controller.signal;
    },
  });

  function tell(): void {
    if (toldEnd) return;
    toldEnd = true;
    forget?.();
    const ms = performance.now() - began;
    const error = failure === undefined ? {} : { error: failure.reason };
    // A client has nobody to tell what goes wrong there.
    tellEnd(chain, { ok: failure === undefined, ...error, trailers, received, sent, ms }, call, () => {});
  }

  function settle(): void {
    over = true;
    for (const end of [...unsent]) end();
    // The outcome of a stream is known to its reader once everything was read.
    if (!streaming || !reading) tell();
  }

  function fail(reason: unknown): void {
    if (over) return;
    failure = { reason };
    controller?.abort(reason);
    for (const one of [opened, closed, gate, answer]) one.reject(reason);
    inner?.cancel(reason);
    settle();
  }

  function succeed(value: unknown): void {
    if (over) return;
    answer.resolve(value);
    if (inner === undefined || !performed) {
      // Answered by an interceptor.
      opened.resolve({ headers: new Headers() });
      closed.resolve(trailers);
      gate.reject(new TypeError(`Cannot send on ${where}: the call is over`));
      settle();
      inner?.cancel(builtinError("canceled", `${where}: an interceptor has answered`));
      return;
    }
    inner.closed.then((headers) => {
      if (over) return;
      trailers = headers;
      closed.resolve(headers);
      settle();
    }, fail);
  }

  function cancel(reason: unknown): void {
    fail(reason);
    tell();
    if (unread === undefined) return;
    left = { reason };
    unread(reason);
  }

  /** What a send is told that comes too late. */
  function refusal(): unknown {
    return failure === undefined
      ? new TypeError(`Cannot send on ${where}: the call is over`)
      : failure.reason;
  }

  /** What the innermost `next()` does. */
  async function perform(): Promise<unknown> {
    if (failure !== undefined) throw failure.reason;
    if (over) throw cannotGoOn(method, "an interceptor has answered");
    const exchange = inner = transport.call({ ...request, payload: call.payload });
    exchange.opened.then((head) => {
      view = head.view ?? "default";
      opened.resolve(head);
    }, () => {});
    gate.resolve(exchange);
    let result: unknown;
    if (streaming) await exchange.closed;
    else {
      result = await onlyResult(method, {
        exchange,
        where,
        view: () => undefined,
        state: () => "open",
        cancel: (reason) => exchange.cancel(reason),
      });
      if (method.result !== undefined) {
        received++;
        if (receive !== undefined) result = await receive(result, call);
      }
    }
    performed = true;
    return result;
  }

  function take(frame: unknown): unknown {
    if (frame === null) return ending();
    const message = inner!.codec.decode(frame, inner!.status?.view ?? view);
    received++;
    if (receive === undefined) return message;
    const given = receive(message, call);
    if (!(given instanceof Promise)) return given;
    return unless(given, (_resolve, leave) => {
      unread = leave;
      return () => unread = undefined;
    });
  }

  /** The end of a stream, told by what the `open` hooks made of it. */
  async function ending(): Promise<null> {
    try {
      await closed.promise;
      return null;
    } finally {
      tell();
    }
  }

  function readStream(): unknown {
    reading = true;
    if (left !== undefined) return Promise.reject(left.reason);
    if (inner === undefined) {
      return gate.promise.then(() => readStream(), ending);
    }
    try {
      const frame = inner.read();
      return frame instanceof Promise ? frame.then(take, ending) : take(frame);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async function readResult(): Promise<unknown> {
    if (taken) return null;
    taken = true;
    return await answer.promise ?? null;
  }

  function put(exchange: ClientExchange<unknown>, message: unknown): void | Promise<void> {
    const room = exchange.write(exchange.codec.encode(message));
    sent++;
    return room;
  }

  /** Does something once everything before it was done and the call has gone out. */
  function later(work: (exchange: ClientExchange<unknown>) => Promise<void>): Promise<void> {
    if (over) return Promise.reject(refusal());
    const before = tail;
    const done = unless(
      (async () => {
        await before;
        if (over) throw refusal();
        await work(inner ?? await gate.promise);
      })(),
      (_resolve, leave) => {
        const end = () => leave(refusal());
        unsent.add(end);
        return () => unsent.delete(end);
      },
    );
    const last: Promise<unknown> = done.catch(() => {}).then(() => {
      if (tail === last) tail = undefined;
    });
    tail = last;
    return done;
  }

  runOpen(chain, call, perform).then(succeed, fail);
  return withStatus({
    codec: IDENTITY,
    opened: opened.promise,
    closed: closed.promise,
    read: streaming ? readStream : readResult,
    takeBody: () => inner?.takeBody?.(),
    write(value: unknown) {
      const message = send === undefined ? value : send(value, call);
      if (message instanceof Promise) {
        message.catch(() => {});
        return later(async (exchange) => await put(exchange, await message));
      }
      if (inner === undefined || tail !== undefined) {
        return later(async (exchange) => await put(exchange, message));
      }
      return put(inner, message);
    },
    closeSend() {
      if (inner !== undefined && tail === undefined) return inner.closeSend();
      return later(async (exchange) => await exchange.closeSend());
    },
    cancel,
    onOver(hook: () => void) {
      // An interceptor may have given the call up before anybody knew of it.
      if (toldEnd) hook();
      else forget = hook;
    },
  }, { status: () => inner?.status });
}

function requestOf(transport: ClientTransport, request: ClientRequest): CallRequest {
  const { method, timeout, headers } = request;
  return {
    ...transport.route?.(request) ?? { transport: "memory", peer: "" },
    service: method.service,
    method: method.name,
    headers,
    ...(timeout === undefined ? {} : { deadline: Date.now() + timeout }),
  };
}

/** A promise whose rejection is nobody's concern until somebody asks for it. */
function quiet<T>(): PromiseWithResolvers<T> {
  const made = Promise.withResolvers<T>();
  made.promise.catch(() => {});
  return made;
}
