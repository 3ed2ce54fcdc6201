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

/** Calls `turn` in the next turn of the event loop. Returns what takes that back. */
type Schedule = (turn: () => void) => () => void;

const byImmediates: Schedule = (turn) => {
  const handle = timers.setImmediate!(turn);
  return () => timers.clearImmediate?.(handle);
};

/**
 * Turns of a browser: by a message to itself, as timers are held back to 4 ms when they nest (WHATWG HTML §8.6), and to
 * a second and more in pages that are not looked at.
 */
function byMessages(): Schedule {
  const { port1, port2 } = new MessageChannel();
  let next: (() => void) | undefined;
  port1.onmessage = () => {
    const turn = next;
    next = undefined;
    turn?.();
  };
  return (turn) => {
    next = turn;
    port2.postMessage(null);
    return () => {
      next = undefined;
    };
  };
}

/**
 * Tasks of one turn. What they send is written once it is over: of a thousand streams that have something to send, the
 * first peers are to have theirs, and get to work, before the last are seen to.
 */
const TASKS = 32;

function taskTurns(schedule: Schedule): typeof inNextTurn {
  let tasks: Task[] = [];
  /** How many of them were not taken back. */
  let due = 0;
  let cancel: (() => void) | undefined;

  function turn(): void {
    cancel = undefined;
    const now = tasks;
    // What comes meanwhile comes after those that wait.
    tasks = now.splice(TASKS);
    if (tasks.length > 0) cancel = schedule(turn);
    let next = 0;
    try {
      while (next < now.length) start(now[next++]!);
    } finally {
      // One has thrown: that is its own matter.
      if (next < now.length) {
        tasks = [...now.slice(next), ...tasks];
        cancel ??= schedule(turn);
      }
    }
  }

  function start(task: Task): void {
    const { run } = task;
    if (run === undefined) return;
    task.run = undefined;
    due--;
    run();
  }

  function takeBack(task: Task): void {
    if (task.run === undefined) return;
    task.run = undefined;
    if (--due > 0) return;
    tasks = [];
    cancel?.();
    cancel = undefined;
  }

  return (run) => {
    const task: Task = { run };
    tasks.push(task);
    due++;
    cancel ??= schedule(turn);
    return () => takeBack(task);
  };
}

let inTurns: typeof inNextTurn | undefined;

/** Calls `task` in the next turn of the event loop, or one soon after it. Returns what takes that back. */
export function inNextTurn(task: () => void): () => void {
  // Looked up here: the first look at a timer has Deno load those of Node, which is 5 ms and 2 MiB of a start.
  inTurns ??= taskTurns(timers.setImmediate === undefined ? byMessages() : byImmediates);
  return inTurns(task);
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
