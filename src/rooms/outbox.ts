/**
 * Messages for readers who each have to say that they got them, in batches of which one at a time is under way.
 *
 * Deno's `BroadcastChannel` drops what an isolate has not taken once 256 messages of all channels wait for it, without a
 * word to either side (denoland/deno ext/web: a bounded broadcast queue, whose laggards skip). One batch at a time keeps
 * far from that, and what was dropped because of others is sent again.
 *
 * @module
 */

/** Sends batches. */
export interface Outbox<Item> {
  /** Adds an item: it goes with the next batch. */
  push(item: Item): void;
  /** A reader says that it got a batch. */
  acknowledged(batch: number, reader: string): void;
  /** Looks again at who reads: somebody has come or gone. */
  changed(): void;
  /** Resolves when so few items wait that more may be added; `undefined` when it is so. */
  room(): Promise<void> | undefined;
  /** Sends no more. */
  stop(): void;
}

/** ms after which a batch that somebody did not get is sent again. */
const AGAIN_MS = 1000;

/** Items that may wait. */
const WAITING = 1000;

/**
 * Makes an outbox.
 *
 * @param post Posts a batch: the same number is the same batch
 * @param readers Who is to get the next batch; `undefined` when it is not known yet
 */
export function outbox<Item>(
  post: (batch: number, items: readonly Item[]) => void,
  readers: () => Iterable<string> | undefined,
): Outbox<Item> {
  let waiting: Item[] = [];
  let sent: readonly Item[] | undefined;
  let batch = 0;
  let missing = new Set<string>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let scheduled = false;
  let stopped = false;
  let room: PromiseWithResolvers<void> | undefined;

  function next(): void {
    scheduled = false;
    if (stopped || sent !== undefined || waiting.length === 0) return;
    const all = readers();
    if (all === undefined) return;
    missing = new Set(all);
    const items = waiting;
    waiting = [];
    room?.resolve();
    room = undefined;
    if (missing.size === 0) return;
    sent = items;
    const number = ++batch;
    post(number, items);
    timer = setInterval(() => post(number, items), AGAIN_MS);
  }

  /** What is added in one go leaves together. */
  function schedule(): void {
    if (scheduled || sent !== undefined) return;
    scheduled = true;
    queueMicrotask(next);
  }

  function settle(): void {
    if (sent === undefined || missing.size > 0) return;
    clearInterval(timer);
    sent = undefined;
    next();
  }

  return {
    push(item) {
      if (stopped) return;
      waiting.push(item);
      schedule();
    },
    acknowledged(number, reader) {
      if (number !== batch) return;
      missing.delete(reader);
      settle();
    },
    changed() {
      const left = new Set(readers());
      for (const reader of missing) if (!left.has(reader)) missing.delete(reader);
      settle();
      schedule();
    },
    room() {
      if (stopped || waiting.length < WAITING) return undefined;
      return (room ??= Promise.withResolvers<void>()).promise;
    },
    stop() {
      stopped = true;
      clearInterval(timer);
      waiting = [];
      room?.resolve();
    },
  };
}
