/**
 * One reader over `read` of an exchange, at either side: decodes, keeps order, and gives the three faces of a stream
 * of messages (`recv`, async iteration, `ReadableStream`).
 *
 * @module
 */

/** Frames in, messages out. */
export interface MessageReader<T> {
  /** Takes the next message, `null` at the end. A message that cannot be decoded rejects this call alone. */
  recv(): Promise<T | null>;
  /** Iterates over the messages; `left` is called when the consumer breaks out early. */
  iterate(left?: () => Promise<void> | void): AsyncIterator<T, undefined>;
  /** Makes a Web Stream of the messages; `left` is called when the consumer cancels it or a message is invalid. */
  stream(left: (reason: unknown) => Promise<void> | void): ReadableStream<T>;
}

/**
 * Makes a {@linkcode MessageReader}.
 *
 * @param read Takes the next frame; never called again before its last promise settled
 * @param decode Decodes a frame; throws when it is invalid
 */
export function messageReader<F, T>(
  read: () => F | null | Promise<F | null>,
  decode: (frame: F) => T,
): MessageReader<T> {
  /** The last read while it is under way: the next one queues behind it. */
  let pending: Promise<unknown> | undefined;

  async function settle(frame: Promise<F | null>): Promise<T | null> {
    const taken = await frame;
    return taken === null ? null : decode(taken);
  }

  function track(next: Promise<T | null>): Promise<T | null> {
    pending = next;
    const done = () => {
      if (pending === next) pending = undefined;
    };
    next.then(done, done);
    return next;
  }

  function now(): Promise<T | null> {
    const frame = read();
    if (frame === null) return Promise.resolve(null);
    if (frame instanceof Promise) return track(settle(frame));
    try {
      return Promise.resolve(decode(frame));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  function recv(): Promise<T | null> {
    return pending === undefined ? now() : track(pending.then(later, later));
  }

  async function later(): Promise<T | null> {
    const frame = await read();
    return frame === null ? null : decode(frame);
  }

  return {
    recv,
    iterate: (left) => ({
      async next() {
        const value = await recv();
        return value === null ? { done: true, value: undefined } : { done: false, value };
      },
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
