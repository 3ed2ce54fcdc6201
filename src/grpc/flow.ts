/**
 * Backpressure between Node's streams and the promises of the exchanges.
 *
 * @module
 */
import { type Inbox, inbox } from "../core/inbox.ts";

/** Messages and bytes that may wait for the reader before the sender is told to wait. */
const ROOM = { messages: 64, bytes: 256 * 1024 };

/** Where messages come from. */
export interface Source {
  /** Stops the flow of messages; a few may still come. */
  pause(): void;
  /** Lets messages flow again. */
  resume(): void;
}

/** Makes an inbox that stops its source while it is full. */
export function pausingInbox(source: Source): Inbox<Uint8Array> {
  let bytes = 0;
  let paused = false;
  const queue = inbox<Uint8Array>({
    taken(message) {
      bytes -= message.length;
      if (paused && bytes <= ROOM.bytes / 2 && queue.size <= ROOM.messages / 2) {
        paused = false;
        source.resume();
      }
    },
  });
  const { push } = queue;
  const pushAndPause = (message: Uint8Array) => {
    if (queue.over || queue.discarded) return;
    bytes += message.length;
    push(message);
    if (!paused && (bytes > ROOM.bytes || queue.size >= ROOM.messages)) {
      paused = true;
      source.pause();
    }
  };
  queue.push = pushAndPause;
  return queue;
}

/** One promise for all writers that wait for room. */
export interface Gate {
  /** Waits for `open`; rejects once `fail` was called. */
  wait(): Promise<void>;
  /** Lets those through who wait. */
  open(): void;
  /** Rejects those who wait and all who will; the reason is made when there is somebody. */
  fail(reason: () => unknown): void;
}

/** Makes a {@linkcode Gate}. */
export function gate(): Gate {
  let waiting: PromiseWithResolvers<void> | undefined;
  let failed: (() => unknown) | undefined;
  return {
    wait() {
      if (failed !== undefined) return Promise.reject(failed());
      if (waiting === undefined) {
        waiting = Promise.withResolvers<void>();
        // A writer may look away: that the call has ended is told elsewhere too.
        waiting.promise.catch(() => {});
      }
      return waiting.promise;
    },
    open() {
      waiting?.resolve();
      waiting = undefined;
    },
    fail(reason) {
      failed ??= reason;
      waiting?.reject(failed());
      waiting = undefined;
    },
  };
}
