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

  /** Takes the next frame and finishes it: with one promise, as this runs once per message. */
  function take<R>(finish: (frame: F | null) => R): Promise<R> {
    if (pending !== undefined) return queue(finish);
    const frame = read();
    if (frame instanceof Promise) return track(frame, finish);
    try {
      return Promise.resolve(finish(frame));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  function track<R>(frame: Promise<F | null>, finish: (frame: F | null) => R): Promise<R> {
    const next: Promise<R> = frame.then((taken) => {
      if (pending === next) pending = undefined;
      return finish(taken);
    }, (error) => {
      if (pending === next) pending = undefined;
      throw error;
    });
    return follow(next);
  }

  function queue<R>(finish: (frame: F | null) => R): Promise<R> {
    const done = (frame: F | null) => {
      if (pending === next) pending = undefined;
      return finish(frame);
    };
    const go = () => {
      const frame = read();
      return frame instanceof Promise ? frame.then(done) : done(frame);
    };
    const next: Promise<R> = pending!.then(go, go);
    return follow(next);
  }

  function follow<R>(next: Promise<R>): Promise<R> {
    pending = next;
    // Who asked is told; a message that nobody waits for any more must not end the process when it fails.
    next.catch(() => {
      if (pending === next) pending = undefined;
    });
    return next;
  }

  const message = (frame: F | null): T | null => frame === null ? null : decode(frame);
  const step = (frame: F | null): IteratorResult<T, undefined> =>
    frame === null ? { done: true, value: undefined } : { done: false, value: decode(frame) };
  const recv = (): Promise<T | null> => take(message);

  return {
    recv,
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
