/**
 * The events of a socket, until nobody wants them any more.
 *
 * The handlers are the same functions for all sockets, and find who listens at the socket: functions of each call,
 * written where they are assigned, keep all of it until the next full collection, whatever they are replaced with (see
 * core/shared_accessors.ts).
 *
 * @module
 */

/** Who listens to a socket. */
export interface SocketListener {
  /** It is open. */
  opened(): void;
  /** A frame came. */
  message(data: string | ArrayBuffer): void;
  /** Something went wrong; `closed` may follow. */
  failed(): void;
  /** It is closed. */
  closed(code: number, reason: string): void;
}

/** Where a socket keeps who listens to it. */
const LISTENER = Symbol("listener");

/** A socket as the handlers get it. */
interface Heard {
  [LISTENER]?: SocketListener;
}

function onopen(this: Heard): void {
  this[LISTENER]?.opened();
}

function onmessage(this: Heard, { data }: MessageEvent): void {
  this[LISTENER]?.message(data);
}

function onerror(this: Heard): void {
  this[LISTENER]?.failed();
}

function onclose(this: Heard, { code, reason }: CloseEvent): void {
  this[LISTENER]?.closed(code, reason);
}

/** Has `listener`, and nobody else, told of what happens at a socket. */
export function listenTo(socket: WebSocket, listener: SocketListener): void {
  (socket as Heard)[LISTENER] = listener;
  Object.assign(socket, { onopen, onmessage, onerror, onclose });
}

/** Has nobody told any more. */
export function stopListening(socket: WebSocket): void {
  (socket as Heard)[LISTENER] = undefined;
  socket.onopen =
    socket.onmessage =
    socket.onerror =
    socket.onclose =
      null;
}
