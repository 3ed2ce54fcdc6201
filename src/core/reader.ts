/**
 * One reader over `read` of an exchange, at either side: decodes, keeps order, and gives the three faces of a stream
 * of messages (`recv`, async iteration, `ReadableStream`).
 *
 * @module
 */

/** Who waits for a read. */
interface Waiter<F> {
  readonly resolve: (frame: F | null) => void;
  readonly reject: (reason: unknown) => void;
}

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
  /** Who waits for that read. */
  let waiting: Waiter<F> | undefined;

  /** Takes the next frame and finishes it: with one promise, as this runs once per message. */
  function take<R>(finish: (frame: F | null) => R): Promise<R> {
    if (pending !== undefined) return queue(finish);
    const frame = read();
    if (frame instanceof Promise) return track(wait(frame, finish));
    try {
      return Promise.resolve(finish(frame));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Waits for a frame, or for `settle`. */
  function wait<R>(frame: Promise<F | null>, finish: (frame: F | null) => R): Promise<R> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter<F> = {
        resolve(taken) {
          if (waiting !== waiter) return;
          waiting = undefined;
          try {
            resolve(finish(taken));
          } catch (error) {
            reject(error);
          }
        },
        reject(reason) {
          if (waiting !== waiter) return;
          waiting = undefined;
          reject(reason);
        },
      };
      waiting = waiter;
      frame.then(waiter.resolve, waiter.reject);
    });
  }

  function queue<R>(finish: (frame: F | null) => R): Promise<R> {
    const go = () => {
      const frame = read();
      return frame instanceof Promise ? wait(frame, finish) : finish(frame);
    };
    return track(pending!.then(go, go));
  }

  function track<R>(next: Promise<R>): Promise<R> {
    pending = next;
    const done = () => {
      if (pending === next) pending = undefined;
    };
    // Who asked is told; a message that nobody waits for any more must not end the process when it fails.
    next.then(done, done);
    return next;
  }

  const message = (frame: F | null): T | null => frame === null ? null : decode(frame);
  const step = (frame: F | null): IteratorResult<T, undefined> =>
    frame === null ? { done: true, value: undefined } : { done: false, value: decode(frame) };
  const recv = (): Promise<T | null> => take(message);

  return {
    recv,
    end() {
      waiting?.resolve(null);
    },
    fail(reason) {
      waiting?.reject(reason);
    },
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
