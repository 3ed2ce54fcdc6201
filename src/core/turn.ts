/**
 * Turns of the event loop.
 *
 * A producer that never has to wait goes on in microtasks alone: no timer fires, no socket is read, and the news that
 * nobody listens any more never arrives. So whoever sends gives the event loop a turn now and then.
 *
 * @module
 */

/** Browsers have no `setImmediate`. */
const timers = globalThis as {
  setImmediate?: (task: () => void) => unknown;
  clearImmediate?: (handle: unknown) => void;
};

/** A task that may have been taken back. */
interface Task {
  run?: () => void;
}

/**
 * Turns of a browser: by a message to itself, as timers are held back to 4 ms when they nest (WHATWG HTML §8.6), and to
 * a second and more in pages that are not looked at.
 */
function messageTurns(): (task: () => void) => () => void {
  const { port1, port2 } = new MessageChannel();
  let tasks: Task[] = [];
  port1.onmessage = () => {
    const due = tasks;
    tasks = [];
    for (const task of due) task.run?.();
  };
  return (run) => {
    const task: Task = { run };
    if (tasks.push(task) === 1) port2.postMessage(null);
    return () => {
      task.run = undefined;
    };
  };
}

let inMessageTurn: ReturnType<typeof messageTurns> | undefined;

/** Calls `task` in the next turn of the event loop. Returns what takes that back. */
export function inNextTurn(task: () => void): () => void {
  // Looked up here: the first look at a timer has Deno load those of Node, which is 5 ms and 2 MiB of a start.
  if (timers.setImmediate === undefined) return (inMessageTurn ??= messageTurns())(task);
  const handle = timers.setImmediate(task);
  return () => timers.clearImmediate?.(handle);
}

/** Lets others have microtasks until `done` says that it is enough, and at most so many. */
export async function microtasks(most: number, done: () => boolean): Promise<void> {
  for (let n = 0; n < most && !done(); n++) await undefined;
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
