/**
 * Sends what a handler returned or yields.
 *
 * @module
 */

import { SENT } from "./sent.ts";

/** The call that a source is pumped into. */
export interface PumpTarget {
  /** Whether the call has ended. */
  readonly over: boolean;
  /** Sends one message; gives {@linkcode SENT} when there is nothing to wait for. */
  write(message: unknown): Promise<void>;
  /** Calls `hook` when the call ends, unless removed before. Returns what removes it. */
  onOver(hook: () => void): () => void;
}

/** Whether a handler's return value is a source of messages. */
export function isStreamed(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/**
 * Sends every message of `source`. Once the call is over the source is told to stop (its `finally` runs, its `cancel`
 * is called), also while it waits for something.
 */
export function pump(source: AsyncIterable<unknown>, target: PumpTarget): Promise<void> {
  return source instanceof ReadableStream ? pumpStream(source, target) : pumpIterable(source, target);
}

async function pumpStream(source: ReadableStream<unknown>, target: PumpTarget): Promise<void> {
  const reader = source.getReader();
  // A pending read of a stream settles when the stream is cancelled; its own iterator would wait for it instead.
  const forget = target.onOver(() => void reader.cancel().catch(() => {}));
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || target.over) return;
      const sent = target.write(value);
      if (sent !== SENT) await sent;
    }
  } catch (error) {
    await reader.cancel(error).catch(() => {});
    throw error;
  } finally {
    forget();
  }
}

async function pumpIterable(source: AsyncIterable<unknown>, target: PumpTarget): Promise<void> {
  const iterator = source[Symbol.asyncIterator]();
  let stopped: Promise<unknown> | undefined;
  const stop = () => {
    stopped ??= (async () => {
      await iterator.return?.();
    })();
    // Awaited below; until then a rejection is not unhandled.
    stopped.catch(() => {});
    return stopped;
  };
  const forget = target.onOver(stop);
  try {
    for (;;) {
      const { done, value } = await iterator.next();
      if (done) return;
      if (target.over) break;
      try {
        const sent = target.write(value);
        if (sent !== SENT) await sent;
      } catch (error) {
        await stop();
        throw error;
      }
    }
    await stop();
  } finally {
    forget();
  }
}
