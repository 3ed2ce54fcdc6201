/**
 * One reader over `read` of an exchange, at either side: decodes, keeps order, and gives the three faces of a stream
 * of messages (`recv`, async iteration, `ReadableStream`).
 *
 * @module
 */

import type { Waiter } from "./inbox.ts";

/** Frames in, messages out. */
export interface MessageReader<T> {
  /** Takes the next message, `null` at the end. A message that cannot be decoded rejects this call alone. */
  recv(): Promise<T | null>;
  /** Ends the wait for a read that is under way, as if it had brought `null`. */
  end(): void;
  /** Fails it. */
  fail(reason: unknown): void;
  /** Iterates over the messages; `left` is called when the consumer breaks out early. */
  iterate(left?: () => Promise<void> | void): AsyncIterator<T, undefined>;
  /** Makes a Web Stream of the messages; `left` is called when the consumer cancels it or a message is invalid. */
  stream(left: (reason: unknown) => Promise<void> | void): ReadableStream<T>;
}

/** A promise under way. */
interface Waiting<F> {
  readonly promise: Promise<unknown>;
  readonly finish: (frame: F | null) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Makes a {@linkcode MessageReader}.
 *
 * @param read Takes the next frame, as that of the exchanges; never called again before what it told last
 * @param decode Decodes a frame; throws when it is invalid
 */
export function messageReader<F, T>(
  read: (waiter: Waiter<F>) => F | null | undefined | Promise<F | null>,
  decode: (frame: F) => T,
): MessageReader<T> {
  /** The last read while it is under way: the next one queues behind it. */
  let last: Promise<unknown> | undefined;
  /** Who waits for a frame. */
  let waiting: Waiting<F> | undefined;

  /** One for all frames, of which one is waited for at a time. Told once more after `end` or `fail`, it does nothing. */
  const waiter: Waiter<F> = {
    resolve(frame) {
      const one = settled();
      if (one === undefined) return;
      try {
        one.resolve(one.finish(frame));
      } catch (error) {
        failed(one, error);
      }
    },
    reject(reason) {
      const one = settled();
      if (one !== undefined) failed(one, reason);
    },
  };

  function settled(): Waiting<F> | undefined {
    const one = waiting;
    waiting = undefined;
    if (last === one?.promise) last = undefined;
    return one;
  }

  /** Who asked is told; a message that nobody waits for any more must not end the process when it fails. */
  function failed(one: Waiting<F>, reason: unknown): void {
    one.promise.catch(() => {});
    one.reject(reason);
  }

  /** Takes the next frame and finishes it: with one promise, as this runs once per message. */
  function take<R>(finish: (frame: F | null) => R): Promise<R> {
    return last === undefined ? start(finish) : queue(finish);
  }

  function start<R>(finish: (frame: F | null) => R): Promise<R> {
    try {
      const frame = read(waiter);
      const later = frame instanceof Promise;
      if (frame !== undefined && !later) return Promise.resolve(finish(frame));
      const { promise, resolve, reject } = Promise.withResolvers<R>();
      waiting = { promise, finish, resolve: resolve as (value: unknown) => void, reject };
      last ??= promise;
      if (later) frame.then(waiter.resolve, waiter.reject);
      return promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  function queue<R>(finish: (frame: F | null) => R): Promise<R> {
    const go = () => start(finish);
    const queued = last!.then(go, go);
    last = queued;
    const done = () => {
      if (last === queued) last = undefined;
    };
    queued.then(done, done);
    return queued;
  }

  const message = (frame: F | null): T | null => frame === null ? null : decode(frame);
  const step = (frame: F | null): IteratorResult<T, undefined> =>
    frame === null ? { done: true, value: undefined } : { done: false, value: decode(frame) };
  const recv = (): Promise<T | null> => take(message);

  return {
    recv,
    end() {
      waiter.resolve(null);
    },
    fail: waiter.reject,
    iterate: (left) => ({
      next: () => take(step),
      async return() {
        await left?.();
        return { done: true, value: undefined };
      },
    }),
    stream: (left) =>
      new ReadableStream<T>({
        async pull(controller) {
          let value: T | null;
          try {
            value = await recv();
          } catch (error) {
            // A Web Stream cannot go on after an error: whoever reads it has left with it.
            await left(error);
            throw error;
          }
          if (value === null) controller.close();
          else controller.enqueue(value);
        },
        cancel: left,
      }, { highWaterMark: 0 }),
  };
}
