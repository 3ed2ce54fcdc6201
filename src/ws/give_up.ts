/**
 * Gives up a client's socket that may not be open yet.
 *
 * @module
 */

/** ms that the answer to a handshake is waited for, so that its server can be told that nobody is there any more. */
export const PATIENCE_MS = 1000;

/**
 * Closes a socket, whose listeners are gone. One that is still connecting is closed in a later turn: where the answer to
 * its handshake has come in this very turn, Deno 2.9.6 closes it with a promise of which nobody takes the failure, and
 * so a connection that was reset behind that answer ends the process.
 *
 * @param socket Of the client
 * @param code Of the close frame, should it be open by then: without one, that would be a good end
 * @param patienceMs How long it may take to open yet. A server of `goats.v1` that has let it in sees a connection that
 * is lost, if it is closed before, and waits for its caller to come back
 * @returns Resolves when it is done
 */
export function giveUp(socket: WebSocket, code: number, patienceMs = 0): Promise<void> {
  if (socket.readyState !== WebSocket.CONNECTING) {
    socket.close(code, "");
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const close = () => {
      clearTimeout(timer);
      socket.onopen = socket.onerror = socket.onclose = null;
      socket.close(code, "");
      resolve();
    };
    const timer = setTimeout(close, patienceMs);
    socket.onopen = socket.onerror = socket.onclose = close;
  });
}
