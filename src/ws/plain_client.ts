/**
 * The plain wire at the client: Goa's own, one JSON value per text frame. Contract §6.
 *
 * @module
 */
import { pinnedView, runtimeView } from "../codec/view.ts";
import { startDeadline } from "../core/deadline.ts";
import type { ClientExchange, ResponseHead } from "../core/exchange.ts";
import { markLost } from "../core/lost.ts";
import type { MethodModel } from "../design/model.ts";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import { CANCELED, clientClose, closeError, isDropped } from "./close.ts";
import type { WsClientCodec } from "./codec.ts";
import { giveUp } from "./give_up.ts";
import type { ResolvedWsLimits } from "./limits.ts";
import { listenTo, stopListening } from "./listen.ts";
import { outbox } from "./outbox.ts";
import { receiver } from "./receiver.ts";

/** What the plain wire needs to know of a call. */
export interface PlainClientOptions {
  readonly method: MethodModel;
  readonly codec: WsClientCodec;
  readonly limits: ResolvedWsLimits;
  /** See `WsClientOptions.probe`. */
  readonly probe?: (signal: AbortSignal) => Promise<ServiceError | undefined>;
  /** Makes the socket; may throw. */
  readonly connect: () => WebSocket;
}

/** The caller's end of its side. */
const END = "null";

/** Opens a call. Never throws. */
export function plainClient(options: PlainClientOptions): ClientExchange<string> {
  const { method, codec, limits } = options;
  const where = `${method.service}.${method.name}`;
  const opened = Promise.withResolvers<ResponseHead>();
  const closed = Promise.withResolvers<Headers>();
  // They stay observable, but a caller that never looks at them must not end the process.
  opened.promise.catch(() => {});
  closed.promise.catch(() => {});
  const incoming = receiver({ limits, where, overloaded: fail });
  const { inbox } = incoming;
  const outgoing = outbox({
    stallMs: limits.stallMs,
    stalled: () =>
      fail(builtinError("overloaded", `${where}: the server has taken nothing for ${limits.stallMs} ms`)),
  });
  const probing = new AbortController();
  let stopOpening: (() => void) | undefined;
  let socket: WebSocket | undefined;
  let open = false;
  let over = false;
  let sideEnded = false;
  let received = 0;

  function detach(): void {
    incoming.stop();
    stopOpening?.();
    if (socket !== undefined) stopListening(socket);
  }

  function onOpen(): void {
    stopOpening?.();
    open = true;
    outgoing.open(socket!);
    opened.resolve({ headers: new Headers(), view: pinnedView(method) });
  }

  function onMessage(data: string | ArrayBuffer): void {
    received++;
    const error = incoming.tooLarge(data);
    if (error === undefined) incoming.hold(data);
    else fail(error);
  }

  function onError(): void {
    // A 'close' follows and tells more; but Node fires none when the handshake has failed.
    if (!open) onClose(0, "");
  }

  function onClose(code: number, reason: string): void {
    detach();
    if (!open) {
      void refused();
      return;
    }
    // Goa's servers drop the connection after the result.
    const done = method.kind === "client" && method.result !== undefined && received > 0;
    finish(done && isDropped(code) ? undefined : closeError(code, reason, method));
  }

  /** Ends the call as the server, or the network, would have it: what came before is still read. */
  function finish(error: unknown): void {
    if (over) return;
    over = true;
    detach();
    if (error === undefined) {
      outgoing.stop(() => new TypeError(`Cannot send on ${where}: the call is over`));
      inbox.end();
      closed.resolve(new Headers());
      return;
    }
    outgoing.stop(() => error);
    inbox.fail(error);
    opened.reject(error);
    closed.reject(error);
  }

  /** Ends the call from here with an error that the server is told. */
  function fail(error: ServiceError): void {
    if (over) return;
    const { code, reason } = clientClose(error, method);
    finish(error);
    socket?.close(code, reason);
  }

  /** A handshake that failed: a native WebSocket does not tell why. */
  async function refused(): Promise<void> {
    let error: unknown;
    try {
      error = await options.probe?.(probing.signal);
    } catch (cause) {
      error = cause instanceof ServiceError ? cause : refusedBy(cause);
    }
    finish(error ?? refusedBy());
  }

  /** A handshake that nobody answers: the network may have lost it without a word. */
  function late(): void {
    finish(unreachable(`the server did not answer within ${limits.openMs} ms`));
    void giveUp(socket!, CANCELED);
  }

  function refusedBy(cause?: unknown): ServiceError {
    return unreachable("the server did not accept a WebSocket", cause);
  }

  function unreachable(why: string, cause?: unknown): ServiceError {
    const message = `Cannot open ${where}: ${why}`;
    return markLost(builtinError("unavailable", message, { cause }));
  }

  try {
    socket = options.connect();
    socket.binaryType = "arraybuffer";
    listenTo(socket, {
      opened: onOpen,
      message: onMessage,
      failed: onError,
      closed: onClose,
    });
    // One on which the wire was negotiated is open, or has failed.
    if (socket.readyState === WebSocket.OPEN) onOpen();
    else if (socket.readyState !== WebSocket.CONNECTING) onClose(0, "");
    // Where the view is chosen at run time, the answer waits for the handler.
    else if (!runtimeView(method)) stopOpening = startDeadline(limits.openMs, late);
  } catch (cause) {
    finish(refusedBy(cause));
  }

  return {
    codec,
    opened: opened.promise,
    closed: closed.promise,
    read: inbox.read,
    write: outgoing.write,
    closeSend() {
      if (sideEnded || over) return;
      sideEnded = true;
      return outgoing.write(END);
    },
    cancel(reason) {
      if (over) return;
      over = true;
      detach();
      probing.abort(reason);
      outgoing.stop(() => reason);
      inbox.abort(reason);
      opened.reject(reason);
      closed.reject(reason);
      if (socket !== undefined) void giveUp(socket, CANCELED);
    },
  };
}
