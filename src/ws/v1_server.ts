/**
 * The wire `goats.v1` at the server: one call, on one socket after another. See PROTOCOL.md.
 *
 * @module
 */
import { errorJsonCodec } from "../codec/error_json.ts";
import { runtimeView } from "../codec/view.ts";
import { isShutdown } from "../core/active_calls.ts";
import type { CallRequest, Outcome, ServerExchange } from "../core/exchange.ts";
import { vitals } from "../core/vitals.ts";
import type { MethodModel } from "../design/model.ts";
import { builtinError, faultOf } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import { type Close, isLostCode, NORMAL_CLOSE, RETURNING, serverClose } from "./close.ts";
import type { Frame } from "./batch.ts";
import { plainServerCodec } from "./codec.ts";
import type { Control } from "./control.ts";
import { type Heartbeat, heartbeat } from "./heartbeat.ts";
import { type ResolvedWsLimits, windowOf, type WsLimits } from "./limits.ts";
import { type Count, linger } from "./linger.ts";
import { listenTo, stopListening } from "./listen.ts";
import { session } from "./session.ts";
import type { Resumable, Sessions } from "./sessions.ts";

/** What the wire needs to know of a call. */
export interface V1ServerOptions {
  readonly call: CallRequest;
  readonly method: MethodModel;
  /** Decoded and validated. */
  readonly payload: unknown;
  /** As they were set: some have other defaults here. */
  readonly limits: WsLimits;
  /** The same with the defaults of all sockets. */
  readonly resolved: ResolvedWsLimits;
  /** ms between pings; 0: none, and dead peers are not found. */
  readonly heartbeatMs: number;
  /** Where the stream is kept for its caller to come back. */
  readonly sessions: Sessions;
  /** See {@linkcode linger}. */
  readonly count?: Count;
}

/** One call on the wire. */
export interface V1Server {
  /** What the core serves. */
  readonly exchange: ServerExchange<Frame>;
  /** Uses the first socket, which was just upgraded. */
  attach(socket: WebSocket): void;
}

/** Time for a peer to answer the last word, and then a close frame: the socket cannot be cut off (runtime.md, fact 4). */
const CLOSE_MS = 3000;

/** ms that the head waits for the handler's first message, so that it can tell what the handler sets: as with SSE. */
const HEAD_MS = 500;

/** What a caller is told, if it still listens, that has said that it leaves. */
const LEFT: Close = { code: 1001, reason: "" };

/** What a socket is told that another one has replaced. Nobody listens there any more. */
const REPLACED: Close = { code: RETURNING, reason: "" };

/** Makes the wire of one call. */
export function v1Server(options: V1ServerOptions): V1Server {
  const { call, method, resolved, heartbeatMs } = options;
  const where = `${method.service}.${method.name}`;
  const codec = plainServerCodec(method);
  const controller = new AbortController();
  const stream = session({
    where,
    window: windowOf(options.limits),
    messageBytes: resolved.messageBytes,
    prompt: true,
    together: codec.together,
    silentPeer: method.streamingPayload === undefined,
    control: onControl,
    violated: fail,
  });
  let socket: WebSocket | undefined;
  let heart: Heartbeat | undefined;
  /** Whether a socket was ever open, and the caller knows its token. */
  let greeted = false;
  /** Whether the socket at hand is one to resume on, and the caller has said so. */
  let resuming = false;
  let head: Control | undefined;
  let headTimer: ReturnType<typeof setTimeout> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastSeen = Date.now();
  let rtt: number | undefined;
  let pinged: ((ms: number) => void) | undefined;
  /** How the last connection was closed. */
  let closed: Close | undefined;
  let pingId = 0;
  let pingAt = 0;
  /** Whether the core has ended the call. */
  let ended = false;
  let outcome: Outcome | undefined;
  /** Whether nothing is left to do. */
  let over = false;
  const done = Promise.withResolvers<void>();

  const resumable: Resumable = {
    where,
    resume(next) {
      detach(REPLACED);
      closed = undefined;
      resuming = true;
      attach(next);
    },
    drop() {
      if (over) return;
      release(canceled("the server has ended"), { code: 1001, reason: "" });
    },
  };
  const token = options.sessions.add(resumable);
  const callerGone = canceled("the caller has gone");

  function after(ms: number, task: () => void): void {
    clearTimeout(timer);
    timer = setTimeout(task, ms);
  }

  function attach(upgraded: WebSocket): void {
    socket = upgraded;
    upgraded.binaryType = "arraybuffer";
    // 'close' follows an 'error', with a code; but nothing may hang on that.
    listenTo(upgraded, {
      opened: onOpen,
      message: onMessage,
      failed: () => onClose(0),
      closed: onClose,
    });
    // When the peer is gone before the upgrade is done, Deno fires nothing at all.
    after(resolved.openMs, () => lost());
  }

  /** Lets go of the socket, whatever becomes of it. */
  function detach(close?: Close): void {
    const at = socket;
    socket = undefined;
    resuming = false;
    heart?.stop();
    heart = undefined;
    stream.detach();
    clearTimeout(timer);
    if (at === undefined) return;
    if (close !== undefined) closed ??= close;
    if (close !== undefined) at.close(close.code, close.reason);
    stopListening(at);
    linger(at, options.count);
  }

  function onOpen(): void {
    clearTimeout(timer);
    lastSeen = Date.now();
    const to = socket!;
    stream.attach(to as { send(data: string | Uint8Array<ArrayBuffer>): void });
    if (heartbeatMs > 0 && resolved.idleMs > 0) {
      heart = heartbeat({ everyMs: heartbeatMs, deadMs: resolved.idleMs, beat, dead: () => lost() });
    }
    if (greeted) {
      stream.control({ type: "resume", grant: stream.grant() });
      after(resolved.openMs, () => lost());
      return;
    }
    greeted = true;
    stream.control({ type: "hello", token, resumeMs: resolved.resumeMs, grant: stream.grant() });
    if (head !== undefined) stream.control(head);
    if (ended) awaitGoodbye();
  }

  function beat(): void {
    pingAt = performance.now();
    stream.control({ type: "ping", id: ++pingId, received: stream.received() });
  }

  function onMessage(data: string | ArrayBuffer): void {
    lastSeen = Date.now();
    heart?.heard();
    try {
      stream.receive(data);
    } catch (cause) {
      // What a socket's listener throws ends the process.
      fail(faultOf(cause));
    }
  }

  function onControl(control: Control): void {
    switch (control.type) {
      case "resume": {
        if (!resuming) return violated("there is nothing to resume");
        resuming = false;
        clearTimeout(timer);
        // It may have missed it; told twice it does no harm.
        if (head !== undefined) stream.control(head);
        const error = stream.resume(control.grant);
        if (error !== undefined) return fail(error);
        if (ended) awaitGoodbye();
        return;
      }
      case "end":
        stream.inbox.end();
        return;
      case "pong":
        if (control.id !== pingId) return;
        rtt = performance.now() - pingAt;
        pinged?.(rtt);
        return;
      case "leave":
        return release(callerGone, LEFT);
      default:
        return violated(`a client sends no frame of type ${control.type}`);
    }
  }

  function violated(message: string): void {
    fail(new ServiceError("decode_payload", `${where}: the peer breaks goats.v1: ${message}`));
  }

  /** The peer has broken the rules: the call ends here, and it is told why. */
  function fail(error: ServiceError): void {
    if (over) return;
    stream.finishNow(lastWord({ error, trailers: new Headers() }));
    release(() => error, serverClose(error, method));
  }

  /** The socket is closed. A peer that said so has left; any other may come back. */
  function onClose(code: number, reason = ""): void {
    // As RFC 6455 §7.1.5 has it for a connection without a close frame; Deno says 0.
    closed = { code: code === 0 ? 1006 : code, reason };
    if (!isLostCode(code) && code !== RETURNING) return left();
    lost();
  }

  function left(): void {
    release(callerGone);
  }

  /** The connection is lost: the call waits for its caller. */
  function lost(): void {
    if (over) return;
    detach({ code: 1001, reason: "" });
    if (!greeted || resolved.resumeMs <= 0) return left();
    after(resolved.resumeMs, () => release(canceled("the caller has gone and did not come back")));
  }

  function canceled(message: string): () => ServiceError {
    return () => builtinError("canceled", `${where}: ${message}`);
  }

  /** Ends all that there is of the call here. `why` is asked where somebody is told: calls that have ended well need none. */
  function release(why: () => ServiceError, close?: Close): void {
    if (over) return;
    over = true;
    detach(close);
    clearTimeout(headTimer);
    options.sessions.delete(token);
    if (ended) {
      stream.stop(why);
    } else {
      const error = why();
      stream.stop(() => error);
      stream.inbox.abort(error);
      controller.abort(error);
    }
    done.resolve();
  }

  /** The last word is said: the caller takes its leave, or is shown the door. */
  function awaitGoodbye(): void {
    if (!stream.finished()) {
      after(CLOSE_MS, awaitGoodbye);
      return;
    }
    after(CLOSE_MS, () => {
      const { code, reason } = closeOf(outcome!);
      socket?.close(code, reason);
      after(CLOSE_MS, left);
    });
  }

  function closeOf({ error }: Outcome): Close {
    return error === undefined ? NORMAL_CLOSE : serverClose(error, method);
  }

  function lastWord({ error, trailers }: Outcome): (messages: number) => Control {
    if (error === undefined) return (messages) => ({ type: "end", messages, trailers: [...trailers] });
    const { code } = serverClose(error, method);
    const json = errorJsonCodec(method).encode(error);
    return (messages) => ({ type: "error", messages, code, json });
  }

  const exchange: ServerExchange<Frame> = {
    request: call,
    codec,
    signal: controller.signal,
    streaming: method.streamingResult !== undefined,
    vitals: vitals("goats.v1", {
      lastSeen: () => lastSeen,
      buffered: stream.buffered,
      rtt: () => rtt,
      paused: () => socket === undefined,
      close: () => over ? closed : undefined,
    }),
    onPing(told) {
      pinged = told;
    },
    payload: () => options.payload,
    ready(open) {
      // Where the view is chosen at run time its head has to tell it.
      if (!runtimeView(method)) headTimer = setTimeout(open, HEAD_MS);
    },
    read: stream.inbox.read,
    stopReading: stream.inbox.discard,
    open({ view, headers }) {
      clearTimeout(headTimer);
      head = { type: "head", view, headers: [...headers] };
      if (greeted && !resuming) stream.control(head);
    },
    write: stream.write,
    end(told) {
      ended = true;
      outcome = told;
      clearTimeout(headTimer);
      stream.inbox.discard();
      if (over) return;
      // At a shutdown there is no time for slow readers.
      if (told.error !== undefined && isShutdown(told.error)) stream.finishNow(lastWord(told));
      else stream.finish(lastWord(told));
      if (greeted && socket !== undefined && !resuming) awaitGoodbye();
      return done.promise;
    },
  };

  return { exchange, attach };
}
