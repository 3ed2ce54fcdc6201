/**
 * The plain wire at the server: Goa's own, one JSON value per text frame. Contract §6.
 *
 * @module
 */
import type { CallRequest, Outcome, ResponseHead, ServerExchange, Vitals } from "../core/exchange.ts";
import { isShutdown } from "../core/active_calls.ts";
import type { Waiter } from "../core/inbox.ts";
import { vitals } from "../core/vitals.ts";
import type { MethodModel } from "../design/model.ts";
import { builtinError } from "../errors/builtin.ts";
import type { ServiceError } from "../errors/service_error.ts";
import { CANCELED, isNormal, NORMAL_CLOSE, serverClose } from "./close.ts";
import { plainServerCodec } from "./codec.ts";
import type { ResolvedWsLimits } from "./limits.ts";
import { type Count, linger } from "./linger.ts";
import { listenTo, stopListening } from "./listen.ts";
import { outbox } from "./outbox.ts";
import { receiver } from "./receiver.ts";
import { isEnd } from "./text.ts";

/** What the plain wire needs to know of a call. */
export interface PlainServerOptions {
  readonly call: CallRequest;
  readonly method: MethodModel;
  /** Decoded and validated. */
  readonly payload: unknown;
  readonly limits: ResolvedWsLimits;
  /** Called with the head when there is no socket yet: makes it, or throws when the caller has gone. */
  readonly upgrade?: (head: ResponseHead) => WebSocket;
  /** Called instead when the call ends without head. */
  readonly refuse?: (error: ServiceError) => void;
  /** See {@linkcode linger}. */
  readonly count?: Count;
}

/** One call on the plain wire. */
export interface PlainServer {
  /** What the core serves. */
  readonly exchange: ServerExchange<string>;
  /** Uses a socket that was just upgraded. */
  attach(socket: WebSocket): void;
  /** Tells that the caller has gone before there was a socket. */
  gone(): void;
}

/** Time for a peer to answer a close frame: the socket cannot be cut off, only forgotten (runtime.md, fact 4). */
const CLOSE_MS = 3000;

/** Makes the plain wire of one call. */
export function plainServer(options: PlainServerOptions): PlainServer {
  const { call, method, limits } = options;
  const where = `${method.service}.${method.name}`;
  const controller = new AbortController();
  const incoming = receiver({ limits, where, overloaded: fail });
  const { inbox } = incoming;
  const outgoing = outbox({ stallMs: limits.stallMs, stalled });
  let socket: WebSocket | undefined;
  /** Whether the caller has ended its side by `null`. */
  let callerEnded = false;
  /** Whether the core has read at all, and waits for a frame. */
  let reading = false;
  let waiting = false;
  /** Whether the core was given the end, or will not come for it. */
  let endRead = method.streamingPayload === undefined;
  /** Whether the connection is no more. */
  let left = false;
  /** Whether the socket was let go of. */
  let detached = false;
  /** Whether the core has ended the call. */
  let ended = false;
  /** Why the connection was closed from here before the core ended the call. */
  let failure: ServiceError | undefined;
  /** The reason to abort with once what the caller sent before it left is read. */
  let departure: ServiceError | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Wakes `end`, when the socket opens and when it is gone. */
  let wake: (() => void) | undefined;
  let open = false;
  let lastSeen = Date.now();
  /** How the socket was closed: what this end said counts over what came back. */
  let closing: Vitals["close"];

  function after(ms: number, task: () => void): void {
    clearTimeout(timer);
    timer = setTimeout(task, ms);
  }

  function attach(upgraded: WebSocket): void {
    socket = upgraded;
    socket.binaryType = "arraybuffer";
    // 'close' follows an 'error', with a code; but nothing may hang on that.
    listenTo(socket, { opened: onOpen, message: onMessage, failed: gone, closed: leave });
    // When the peer is gone before the upgrade is done, Deno fires nothing at all.
    after(limits.openMs, () => {
      upgraded.close();
      leave(0);
    });
  }

  function detach(): void {
    if (socket !== undefined && !detached) {
      stopListening(socket);
      if (open) linger(socket, options.count);
    }
    detached = true;
    incoming.stop();
    clearTimeout(timer);
  }

  function onOpen(): void {
    clearTimeout(timer);
    open = true;
    lastSeen = Date.now();
    outgoing.open(socket!);
    wake?.();
  }

  function onMessage(data: string | ArrayBuffer): void {
    lastSeen = Date.now();
    if (ended || failure !== undefined) return;
    const tooLarge = incoming.tooLarge(data);
    if (tooLarge !== undefined) return fail(tooLarge);
    // What nobody asked for, and what follows the end, is ignored.
    if (method.streamingPayload === undefined || callerEnded) return;
    if (typeof data === "string" && isEnd(data)) {
      callerEnded = true;
      endInbox();
      return;
    }
    waiting = false;
    incoming.hold(data);
  }

  function endInbox(): void {
    inbox.end();
    // A handler that reads is told the end first; one that never did, with nothing to read, need not be waited for.
    if (waiting || (!reading && inbox.size === 0)) endRead = true;
  }

  /** Ends the call from here. The close goes out at once: a peer that floods must not go on until the handler ends. */
  function fail(error: ServiceError): void {
    if (left || ended || failure !== undefined) return;
    failure = error;
    incoming.stop();
    inbox.abort(error);
    outgoing.stop(() => error);
    close(error);
    controller.abort(error);
  }

  function stalled(): void {
    const error = builtinError(
      "overloaded",
      `${where}: the caller has taken nothing for ${limits.stallMs} ms`,
    );
    if (ended) outgoing.stop(() => error);
    else fail(error);
  }

  function close(error: ServiceError | undefined): void {
    const { code, reason } = error === undefined ? NORMAL_CLOSE : serverClose(error, method);
    closing ??= { code, reason };
    socket?.close(code, reason);
  }

  function callerGone(): ServiceError {
    return builtinError("canceled", `${where}: the caller has gone`);
  }

  function leave(code: number, said = ""): void {
    if (left) return;
    left = true;
    // Deno has 0 where RFC 6455 §7.1.5 has 1006: no close frame came.
    if (socket !== undefined) closing ??= { code: code === 0 ? 1006 : code, reason: said };
    detach();
    wake?.();
    if (ended || failure !== undefined) return outgoing.stop(callerGone);
    const reason = callerGone();
    const sending = outgoing.waits();
    outgoing.stop(() => {
      // Who writes now hears of it.
      if (departure !== undefined && !ended) controller.abort(departure);
      return reason;
    });
    if (code === CANCELED || !(callerEnded || isNormal(code))) {
      inbox.abort(reason);
      controller.abort(reason);
      return;
    }
    // Goa's clients drop the connection after `null`, and a browser's close() says as much: what they sent counts.
    endInbox();
    // Without a result nothing is left to tell them, and the handler can finish its work.
    if (method.kind === "client" && method.result === undefined) return;
    departure = reason;
    if (sending) controller.abort(reason);
    else depart();
  }

  /** Aborts once the caller's messages are read: in a later turn, so that a handler that ends with them ends well. */
  function depart(): void {
    after(endRead ? 0 : limits.stallMs, () => controller.abort(departure));
  }

  function untilWoken(ms: number): Promise<void> {
    return new Promise((resolve) => {
      wake = resolve;
      after(ms, resolve);
    });
  }

  async function end({ error }: Outcome): Promise<void> {
    ended = true;
    incoming.stop();
    clearTimeout(timer);
    inbox.discard();
    if (socket === undefined) {
      options.refuse?.(error ?? callerGone());
      return;
    }
    try {
      if (!left && failure === undefined) {
        if (!open) await untilWoken(limits.openMs);
        // At a shutdown there is no time for slow readers; what is queued goes out before the close frame all the same.
        if (open && (error === undefined || !isShutdown(error))) await outgoing.flushed();
        if (!left) close(error);
      }
      if (!left) await untilWoken(CLOSE_MS);
    } finally {
      outgoing.stop(() => error ?? new TypeError(`Cannot send on ${where}: the call is over`));
      detach();
    }
  }

  function read(): string | null | Promise<string | null>;
  function read(waiter: Waiter<string>): string | null | undefined | Promise<string | null>;
  function read(waiter?: Waiter<string>): string | null | undefined | Promise<string | null> {
    reading = true;
    const frame = waiter === undefined ? inbox.read() : inbox.read(waiter);
    if (frame === null) endRead = true;
    else waiting = typeof frame !== "string";
    if (departure !== undefined && !ended) depart();
    return frame;
  }

  const exchange: ServerExchange<string> = {
    request: call,
    codec: plainServerCodec(method),
    signal: controller.signal,
    vitals: vitals("plain", {
      lastSeen: () => lastSeen,
      buffered: outgoing.queued,
      close: () => closing,
    }),
    streaming: method.streamingResult !== undefined,
    payload: () => options.payload,
    read,
    stopReading() {
      inbox.discard();
      endRead = true;
      if (departure !== undefined && !ended) depart();
    },
    open(head) {
      if (socket !== undefined || left || options.upgrade === undefined) return;
      try {
        attach(options.upgrade(head));
      } catch {
        // A request can be upgraded once and only while its caller is there: its signal has told, or will now.
        gone();
      }
    },
    write: outgoing.write,
    end,
  };

  function gone(): void {
    leave(0);
  }

  return { exchange, attach, gone };
}
