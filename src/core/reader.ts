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

/** Who waits for a frame. */
interface Waiting<F> {
  promise: Promise<unknown> | undefined;
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
  readonly finish: (frame: F | null) => unknown;
}

const NOBODY = () => {};

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
  /** Who is told of the next frame. */
  let waiting: Waiting<F> | undefined;
  /** Who asked while another was waiting, in order. */
  const behind: Waiting<F>[] = [];

  /** One for all frames, of which one is waited for at a time. Told once more after `end` or `fail`, it does nothing. */
  const waiter: Waiter<F> = {
    resolve(frame) {
      const one = settled();
      if (one === undefined) return;
      give(one, frame);
      goOn();
    },
    reject(reason) {
      const one = settled();
      if (one === undefined) return;
      refuse(one, reason);
      goOn();
    },
  };

  function settled(): Waiting<F> | undefined {
    const one = waiting;
    waiting = undefined;
    return one;
  }

  function give(one: Waiting<F>, frame: F | null): void {
    try {
      one.resolve(one.finish(frame));
    } catch (error) {
      refuse(one, error);
    }
  }

  /** Who asked is told; a message that nobody waits for any more must not end the process when it fails. */
  function refuse(one: Waiting<F>, reason: unknown): void {
    one.promise!.catch(() => {});
    one.reject(reason);
  }

  /** Reads for those who are behind, until one has to wait. */
  function goOn(): void {
    while (waiting === undefined && behind.length > 0) {
      const one = behind.shift()!;
      try {
        const frame = read(waiter);
        if (frame === undefined) wait(one);
        else if (frame instanceof Promise) wait(one, frame);
        else give(one, frame);
      } catch (error) {
        refuse(one, error);
      }
    }
  }

  function wait(one: Waiting<F>, later?: Promise<F | null>): void {
    waiting = one;
    later?.then(waiter.resolve, waiter.reject);
  }

  function asking<R>(finish: (frame: F | null) => R): Waiting<F> {
    const one: Waiting<F> = { promise: undefined, resolve: NOBODY, reject: NOBODY, finish };
    // Not withResolvers, which costs half as much again.
    one.promise = new Promise((resolve, reject) => {
      one.resolve = resolve;
      one.reject = reject;
    });
    return one;
  }

  /** Takes the next frame and finishes it: with one promise, as this runs once per message. */
  function take<R>(finish: (frame: F | null) => R): Promise<R> {
    if (waiting !== undefined) {
      const one = asking(finish);
      behind.push(one);
      return one.promise as Promise<R>;
    }
    try {
      const frame = read(waiter);
      if (frame !== undefined && !(frame instanceof Promise)) return Promise.resolve(finish(frame));
      const one = asking(finish);
      wait(one, frame as Promise<F | null> | undefined);
      return one.promise as Promise<R>;
    } catch (error) {
      return Promise.reject(error);
    }
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
