/**
 * A bounded queue of frames between two ends in one process.
 *
 * @module
 */
import { type Inbox, inbox } from "../core/inbox.ts";

/** One direction of a call. */
export interface Pipe<F> extends Pick<Inbox<F>, "read" | "end" | "fail" | "abort" | "discard"> {
  /** Whether it has ended. */
  over(): boolean;
  /** Adds a frame; a promise when the writer should wait for the reader. */
  write(frame: F): void | Promise<void>;
}

/**
 * Makes a pipe.
 *
 * @param room Frames that may be unread before a writer waits
 */
export function pipe<F>(room: number): Pipe<F> {
  let waiting: { promise: Promise<void>; resolve: () => void } | undefined;
  const release = () => {
    waiting?.resolve();
    waiting = undefined;
  };
  const queue = inbox<F>({
    taken() {
      if (queue.size <= room / 2) release();
    },
  });
  return {
    read: queue.read,
    over: () => queue.over,
    write(frame) {
      queue.push(frame);
      if (queue.size < room || queue.over) return;
      return (waiting ??= Promise.withResolvers<void>()).promise;
    },
    end() {
      queue.end();
      release();
    },
    fail(reason) {
      queue.fail(reason);
      release();
    },
    abort(reason) {
      queue.abort(reason);
      release();
    },
    discard() {
      queue.discard();
      release();
    },
  };
}
