/**
 * Gives up a client's socket that may not be open yet.
 *
 * @module
 */

/**
 * Closes a socket, whose listeners are gone. One that is still connecting is closed in a later turn: where the answer to
 * its handshake has come in this very turn, Deno 2.9.6 closes it with a promise of which nobody takes the failure, and
 * so a connection that was reset behind that answer ends the process.
 *
 * @param socket Of the client
 * @param code Of the close frame, should it be open by then: without one, that would be a good end
 */
export function giveUp(socket: WebSocket, code: number): void {
  if (socket.readyState !== WebSocket.CONNECTING) return socket.close(code, "");
  setTimeout(() => socket.close(code, ""));
}
