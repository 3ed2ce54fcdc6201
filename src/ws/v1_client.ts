/**
 * The wire `goats.v1` at the client: one call, on one socket after another. See PROTOCOL.md.
 *
 * @module
 */
import { errorJsonCodec } from "../codec/error_json.ts";
import { backoff, type ResolvedReconnect, wait } from "../core/backoff.ts";
import type { ClientExchange, ClientRequest, ResponseHead } from "../core/exchange.ts";
import { isLost, markLost } from "../core/lost.ts";
import { onPageLeft } from "../core/page_left.ts";
import type { MethodModel } from "../design/model.ts";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import {
  CANCELED,
  clientClose,
  closeError,
  endsStream,
  LOST_CODE,
  NORMAL_CLOSE,
  RETURNING,
} from "./close.ts";
import type { Frame } from "./batch.ts";
import type { WsClientCodec } from "./codec.ts";
import type { Control } from "./control.ts";
import { giveUp, PATIENCE_MS } from "./give_up.ts";
import { type Heartbeat, heartbeat } from "./heartbeat.ts";
import { type ResolvedWsLimits, windowOf, type WsLimits } from "./limits.ts";
import { listenTo, stopListening } from "./listen.ts";
import { session } from "./session.ts";
import { resumeProtocol, V1 } from "./subprotocol.ts";

/** What the wire needs to know of a call. */
export interface V1ClientOptions {
  readonly method: MethodModel;
  readonly codec: WsClientCodec;
  /** As they were set: some have other defaults here. */
  readonly limits: WsLimits;
  /** The same with the defaults of all sockets. */
  readonly resolved: ResolvedWsLimits;
  /** ms between pings; 0: none, and a dead server is not found. */
  readonly heartbeatMs: number;
  /** How a lost connection is tried again; absent: not at all. */
  readonly reconnect: ResolvedReconnect | undefined;
  /** Open, and just that: what it brings was not looked at. */
  readonly socket: WebSocket;
  /** Makes a further socket, with headers made anew. */
  readonly connect: (protocol: string) => Promise<WebSocket>;
  /** See `WsClientOptions.probe`. */
  readonly probe?: (signal: AbortSignal) => Promise<ServiceError | undefined>;
  /** See `ClientRequest.onState`. */
  readonly onState?: ClientRequest["onState"];
  /** See `WsClientOptions.background`. */
  readonly background?: (task: Promise<void>) => void;
}

/**
 * Deno's WebSocket client writes a frame above 1024 bytes in two parts, without TCP_NODELAY: the second waits for the
 * acknowledgement of the first, which the server's kernel puts off by 40 ms. One that fits goes out at once, and what the
 * server says to it lets the next ones go.
 */
const SMALL_FRAME = "Deno" in globalThis ? 1024 : undefined;

/** Opens a call on an open socket. Never throws. */
export function v1Client(options: V1ClientOptions): ClientExchange<Frame> {
  const { method, codec, resolved, heartbeatMs } = options;
  const where = `${method.service}.${method.name}`;
  const opened = Promise.withResolvers<ResponseHead>();
  const closed = Promise.withResolvers<Headers>();
  // They stay observable, but a caller that never looks at them must not end the process.
  opened.promise.catch(() => {});
  closed.promise.catch(() => {});
  const stream = session({
    where,
    window: windowOf(options.limits),
    messageBytes: resolved.messageBytes,
    smallFrame: SMALL_FRAME,
    together: codec.together,
    control: onControl,
    violated: fail,
  });
  const { inbox } = stream;
  /** Ends what goes on to have the connection again; made for that, as aborting one makes an error. */
  let givenUp: AbortController | undefined;
  let socket: WebSocket | undefined;
  let heart: Heartbeat | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let token: Uint8Array | undefined;
  let resumeMs = 0;
  const status: { readonly restarts: 0; rtt: number | undefined } = { restarts: 0, rtt: undefined };
  let pingId = 0;
  let pingAt = 0;
  let sideEnded = false;
  let over = false;
  /** Ends the try under way to resume: with `true` when the server goes on. */
  let resumed: ((well: boolean) => void) | undefined;

  function attach(next: WebSocket): void {
    socket = next;
    next.binaryType = "arraybuffer";
    listenTo(next, {
      opened() {},
      message: onMessage,
      failed: () => onClose(0, ""),
      closed: onClose,
    });
    stream.attach(next as { send(data: string | Uint8Array<ArrayBuffer>): void });
    if (heartbeatMs > 0 && resolved.idleMs > 0) {
      heart = heartbeat({ everyMs: heartbeatMs, deadMs: resolved.idleMs, beat, dead: () => onClose(0, "") });
    }
    // A server that never says a word is as good as none.
    timer = setTimeout(() => onClose(0, ""), resolved.openMs);
  }

  function detach(code?: number, reason = ""): void {
    const at = socket;
    socket = undefined;
    heart?.stop();
    heart = undefined;
    clearTimeout(timer);
    stream.detach();
    if (at === undefined) return;
    stopListening(at);
    if (code !== undefined) at.close(code, reason);
  }

  function beat(): void {
    pingAt = performance.now();
    stream.control({ type: "ping", id: ++pingId, received: stream.received() });
  }

  function onMessage(data: string | ArrayBuffer): void {
    heart?.heard();
    try {
      stream.receive(data);
    } catch (cause) {
      // What a socket's listener throws ends the process: headers that are none, say.
      violated((cause as Error).message);
    }
  }

  function onControl(control: Control): void {
    switch (control.type) {
      case "hello":
        if (token !== undefined) return violated("it greets twice");
        clearTimeout(timer);
        token = control.token;
        resumeMs = control.resumeMs;
        // A caller that also sends waits with it until it has to: a small frame right before another costs that one up
        // to 40 ms (Nagle's algorithm against delayed acknowledgement).
        if (method.streamingPayload === undefined) {
          stream.control({ type: "grant", grant: stream.grant() });
        }
        stream.start(control.grant);
        return;
      case "head":
        opened.resolve({ headers: new Headers(control.headers as [string, string][]), view: control.view });
        return;
      case "end":
        return succeed(new Headers(control.trailers as [string, string][]));
      case "error":
        return finish(errorOf(control.code, control.json));
      case "resume": {
        if (resumed === undefined) return violated("there is nothing to resume");
        clearTimeout(timer);
        const error = stream.resume(control.grant);
        return error === undefined ? tellTry(true) : fail(error);
      }
      case "lost":
        return finish(lost("the server does not know the stream any more"));
      case "pong":
        if (control.id === pingId) status.rtt = performance.now() - pingAt;
        return;
      default:
        return violated(`a server sends no frame of type ${control.type}`);
    }
  }

  function violated(message: string): void {
    fail(new ServiceError("decode_payload", `${where}: the peer breaks goats.v1: ${message}`));
  }

  function errorOf(code: number, json: string): ServiceError {
    const told = errorJsonCodec(method).decode(json);
    if (told === undefined) {
      return closeError(code, "", method) ?? lost("it ended with an error that is none");
    }
    // A server that goes away has nothing against the call.
    return code === GOING_AWAY ? markLost(told) : told;
  }

  function lost(message: string, cause?: unknown): ServiceError {
    return markLost(builtinError("unavailable", `${where}: ${message}`, { cause }));
  }

  function onClose(code: number, reason: string): void {
    // It may be this end that has seen no sign of life: the server is told that it is not for good.
    detach(RETURNING);
    if (over) return;
    if (code === LOST_CODE) return finish(lost("the server does not know the stream any more"));
    if (endsStream(code)) {
      finish(closeError(code, reason, method) ?? lost("the server closed the connection"));
      return;
    }
    if (resumed !== undefined) return tellTry(false);
    const { reconnect } = options;
    if (token === undefined || reconnect === undefined || resumeMs <= 0) {
      finish(lost(`the connection was lost (code ${code})`));
      return;
    }
    void comeBack(reconnect);
  }

  /** Ends the try under way: from here on a connection that is lost is lost anew. */
  function tellTry(well: boolean): void {
    const tell = resumed;
    resumed = undefined;
    tell?.(well);
  }

  /** Tries until the server goes on, says that it does not, or has forgotten the stream. */
  async function comeBack(reconnect: ResolvedReconnect): Promise<void> {
    const tries = backoff({ ...reconnect, giveUpMs: Math.min(reconnect.giveUpMs, resumeMs) });
    const { signal } = givenUp = new AbortController();
    for (;;) {
      enter("paused");
      const ms = tries.next();
      if (ms === undefined) return finish(lost("the connection was lost and could not be had again"));
      if (!await wait(ms, signal)) return;
      enter("resuming");
      try {
        if (await resume(signal)) {
          // It may be lost again by now, and another one is tried.
          if (socket !== undefined) enter("open");
          return;
        }
      } catch (error) {
        return finish(error);
      }
      if (over) return;
    }
  }

  function enter(state: "open" | "paused" | "resuming"): void {
    if (!over) options.onState?.(state);
  }

  /** One try. Resolves with whether the stream goes on; rejects when it never will. */
  async function resume(signal: AbortSignal): Promise<boolean> {
    let next: WebSocket;
    try {
      next = await options.connect(resumeProtocol(token!));
    } catch {
      // Whoever makes the headers may need the network, too.
      return false;
    }
    if (over) {
      options.background?.(giveUp(next, CANCELED, PATIENCE_MS));
      return false;
    }
    const outcome = await opens(next, { ms: resolved.openMs, signal, background: options.background }, () => {
      const answer = new Promise<boolean>((resolve) => resumed = resolve);
      attach(next);
      stream.control({ type: "resume", grant: stream.grant() });
      return { answer };
    });
    if (outcome === undefined) {
      if (!over) await explain(signal);
      return false;
    }
    // Another server than before, which has no streams to go on with.
    if (next.protocol !== V1) throw lost("the server does not know the stream any more");
    return await outcome.answer;
  }

  /** Throws what a server has against the stream that it did not let in again. */
  async function explain(signal: AbortSignal): Promise<void> {
    let error: ServiceError | undefined;
    try {
      error = await options.probe?.(signal);
    } catch {
      return;
    }
    if (error !== undefined && !isLost(error)) throw error;
  }

  function succeed(trailers: Headers): void {
    if (over) return;
    settle(NORMAL_CLOSE.code, "");
    stream.stop(() => new TypeError(`Cannot send on ${where}: the call is over`));
    inbox.end();
    opened.resolve({ headers: new Headers() });
    closed.resolve(trailers);
  }

  /** Ends the call as the server, or the network, would have it: what came before is still read. */
  function finish(error: unknown): void {
    if (over) return;
    settle(NORMAL_CLOSE.code, "");
    stream.stop(() => error);
    inbox.fail(error);
    opened.reject(error);
    closed.reject(error);
  }

  /** Ends the call from here with an error that the server is told. */
  function fail(error: ServiceError): void {
    if (over) return;
    const { code, reason } = clientClose(error, method);
    settle(code, reason);
    stream.stop(() => error);
    inbox.fail(error);
    opened.reject(error);
    closed.reject(error);
  }

  /**
   * The user leaves the page. The browser closes the socket, too, but a server that sends just then sees a connection
   * that breaks, and would wait for the caller to come back.
   */
  function leave(): void {
    if (socket !== undefined) stream.control({ type: "leave" });
  }

  function settle(code: number, reason: string): void {
    over = true;
    stopWatching();
    detach(code, reason);
    tellTry(false);
    givenUp?.abort();
  }

  const stopWatching = onPageLeft(leave);
  attach(options.socket);
  return {
    codec,
    status,
    opened: opened.promise,
    closed: closed.promise,
    read: inbox.read,
    write: stream.write,
    closeSend() {
      if (sideEnded || over) return;
      sideEnded = true;
      stream.finish((messages) => ({ type: "end", messages, trailers: [] }));
    },
    cancel(reason) {
      if (over) return;
      settle(CANCELED, "");
      stream.stop(() => reason);
      inbox.abort(reason);
      opened.reject(reason);
      closed.reject(reason);
    },
  };
}

/** RFC 6455 §7.4.1. */
const GOING_AWAY = 1001;

/** How a socket is waited for. */
export interface OpensOptions {
  /** How long; `Infinity`: however long it takes, as a handler has to answer first. */
  readonly ms: number;
  /** Aborts when nobody wants it any more. */
  readonly signal: AbortSignal;
  /** Takes what goes on once it was given up. */
  readonly background?: (task: Promise<void>) => void;
}

/**
 * Resolves with what `use` makes of the socket as it opens, before it brings anything; with nothing when it does not open
 * in time, and then it is closed.
 */
export function opens<T>(
  socket: WebSocket,
  { ms, signal, background }: OpensOptions,
  use: () => T,
): Promise<T | undefined> {
  return new Promise((resolve) => {
    const settle = (open: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", unwanted);
      stopListening(socket);
      resolve(open ? use() : undefined);
    };
    // One that is not closed keeps its process alive.
    const failed = () => {
      settle(false);
      void giveUp(socket, CANCELED);
    };
    const unwanted = () => {
      settle(false);
      const done = giveUp(socket, CANCELED, ms === Infinity ? 0 : PATIENCE_MS);
      background?.(done);
    };
    const timer = ms === Infinity ? undefined : setTimeout(failed, ms);
    listenTo(socket, {
      opened: () => settle(true),
      message() {},
      failed,
      closed: failed,
    });
    signal.addEventListener("abort", unwanted, { once: true });
    if (signal.aborted) unwanted();
  });
}
