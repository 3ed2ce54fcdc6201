/**
 * Sockets that are given up and not closed: a native WebSocket cannot be cut off (runtime.md, fact 4), so one whose
 * peer neither takes what waits for it nor answers the close frame stays, with what it holds, until that peer goes.
 *
 * @module
 */

/** Counts something in, and returns what counts it out. */
export type Count = () => () => void;

/**
 * Has a socket to which nobody listens any more count on until its peer lets go of it: else a peer that never does could
 * have as many as it likes. One that never opened may never tell of its end, and is not to be given.
 */
export function linger(socket: WebSocket, count: Count | undefined): void {
  if (count === undefined || socket.readyState !== WebSocket.CLOSING) return;
  // Deno may fire it twice; whatever counts out does so once.
  socket.onclose = count();
}
