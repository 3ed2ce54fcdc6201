/**
 * Whether a stream has room for another message, known from the promises that its exchange's `write` returns: for those
 * who would rather not send than wait (without limit).
 *
 * @module
 */
import { builtinError } from "../errors/builtin.ts";
import { invalidTimeout, isTimeout, startDeadline } from "./deadline.ts";

/** How a message is to be sent. */
export interface SendOptions {
  /**
   * ms to wait for room. When there is none by then, `send` rejects with a `ServiceError` named `timeout`; the message
   * was not sent, and the stream goes on. Where there is room `send` resolves as soon as the message is taken. Default:
   * the message is taken at once, and `send` waits for room for another as long as it takes. With 0, or less, there is
   * room at once or not at all; what is no number rejects with a `TypeError`.
   */
  readonly timeout?: number;
}

/** The room of one stream. */
export interface SendRoom {
  /** Whether a write waits for room. */
  readonly full: boolean;
  /** Takes down that a write waits for room. */
  note(written: Promise<void>): void;
  /**
   * Writes once there is room, those first who came first.
   *
   * @param ms How long it may take to come to that; rejects when it is no number
   * @param put Writes; throws, or returns a promise that is rejected already, when the stream is over
   */
  within(ms: number, put: () => void | Promise<void>): Promise<void>;
  /** Lets everybody write who waits, and be told that the stream is over. */
  end(): void;
}

/**
 * Makes a {@linkcode SendRoom}.
 *
 * @param where `service.method`, for messages
 */
export function sendRoom(where: string): SendRoom {
  /** Writes that wait for room. */
  let held = 0;
  const waiting = new Set<() => void>();

  function free(): void {
    held--;
    room.full = held > 0;
    for (const go of waiting) {
      if (held > 0) return;
      go();
    }
  }

  const room = {
    full: false,
    note(written: Promise<void>) {
      held++;
      room.full = true;
      written.then(free, free);
    },
    within(ms: number, put: () => void | Promise<void>): Promise<void> {
      if (!isTimeout(ms)) return quiet(Promise.reject(invalidTimeout(`send on ${where}`, ms)));
      return quiet(
        new Promise<void>((resolve, reject) => {
          let stop = () => {};
          const go = () => {
            waiting.delete(go);
            stop();
            try {
              const written = put();
              if (written === undefined) return resolve();
              // Taken, unless the stream is over: then this is rejected already, and told of before the next task.
              written.catch(reject);
              queueMicrotask(resolve);
            } catch (error) {
              reject(error);
            }
          };
          if (held === 0) return go();
          waiting.add(go);
          stop = startDeadline(ms, () => {
            waiting.delete(go);
            reject(builtinError("timeout", `Cannot send on ${where}: there was no room within ${ms} ms`));
          });
        }),
      );
    },
    end() {
      for (const go of [...waiting]) go();
    },
  };
  return room;
}

export { SENT } from "./sent.ts";

/** A promise that its owner may look away from: a send that fails must not end the process of who does not care. */
export function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
