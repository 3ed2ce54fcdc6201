/**
 * Turns of the event loop.
 *
 * A producer that never has to wait goes on in microtasks alone: no timer fires, no socket is read, and the news that
 * nobody listens any more never arrives. So whoever sends gives the event loop a turn now and then.
 *
 * @module
 */

/** Browsers have no `setImmediate`; there the shortest timer does. */
const { setImmediate, clearImmediate } = globalThis as {
  setImmediate?: (task: () => void) => unknown;
  clearImmediate?: (handle: unknown) => void;
};

/** Calls `task` in the next turn of the event loop. Returns what takes that back. */
export function inNextTurn(task: () => void): () => void {
  if (setImmediate === undefined) {
    const timer = setTimeout(task, 0);
    return () => clearTimeout(timer);
  }
  const handle = setImmediate(task);
  return () => clearImmediate?.(handle);
}

/** Messages in a row without a turn: a turn costs some 5 µs, so this many make it cheap. */
const RUN = 256;

/** Makes what a sender calls after each message that it need not wait for: now and then there is a turn to wait for. */
export function fairness(): () => void | Promise<void> {
  let run = 0;
  return () => {
    if (++run < RUN) return;
    run = 0;
    return new Promise((resolve) => inNextTurn(resolve));
  };
}
