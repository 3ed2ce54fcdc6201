/**
 * The queue between a transport that pushes frames and a reader that pulls them.
 *
 * @module
 */

/** What an {@linkcode Inbox} tells its transport. */
export interface InboxOptions<F> {
  /** Called as a frame is taken, so that the transport can let the sender go on (a window, `resume()`). */
  readonly taken?: (frame: F) => void;
}

/** Who is told of a frame instead of waiting for a promise of it: once, by one of these. */
export interface Waiter<F> {
  /** The frame, or `null` at the end. */
  resolve(frame: F | null): void;
  /** There is none: see `read` of the exchanges. */
  reject(reason: unknown): void;
}

/** A queue of frames, one reader. Costs no promise while the writer is ahead of the reader. */
export interface Inbox<F> {
  /** Adds a frame; ignored once ended, failed or discarded. */
  push(frame: F): void;
  /** Adds many at once, as `push` would one by one. The queue keeps the array: it is not the caller's any more. */
  pushAll(frames: F[]): void;
  /** Ends the queue well: `null` after what is queued. The first of `end` and `fail` counts. */
  end(): void;
  /** Ends the queue with an error, after what is queued. */
  fail(reason: unknown): void;
  /** Drops what is queued and fails at once: the pending and every later read rejects with `reason`. */
  abort(reason: unknown): void;
  /** Drops what is queued and what still comes, as nobody will read. Reads then give `null`. */
  discard(): void;
  /** See `read` of the exchanges. */
  read(): F | null | Promise<F | null>;
  /** The same without a promise: where there is no frame yet `undefined` is returned, and `waiter` told of it. */
  read(waiter: Waiter<F>): F | null | undefined | Promise<F | null>;
  /** Frames queued and not yet taken. */
  readonly size: number;
  /** Whether the end (either kind) was told. */
  readonly over: boolean;
  readonly discarded: boolean;
}

/** Makes an {@linkcode Inbox}. */
export function inbox<F>(options: InboxOptions<F> = {}): Inbox<F> {
  const { taken } = options;
  let queue: F[] = [];
  let head = 0;
  let failed = false;
  let reason: unknown;
  let waiting: Waiter<F> | undefined;

  function settle(): void {
    const waiter = waiting;
    if (waiter === undefined) return;
    waiting = undefined;
    if (failed) waiter.reject(reason);
    else waiter.resolve(null);
  }

  function take(): F {
    const frame = queue[head]!;
    queue[head++] = undefined as F;
    if (head === queue.length) {
      queue = [];
      head = 0;
    } else if (head >= 1024 && head * 2 >= queue.length) {
      // Long queues give memory back as they are read, at a cost that stays constant per frame.
      queue = queue.slice(head);
      head = 0;
    }
    self.size = queue.length - head;
    taken?.(frame);
    return frame;
  }

  function read(): F | null | Promise<F | null>;
  function read(waiter: Waiter<F>): F | null | undefined | Promise<F | null>;
  function read(waiter?: Waiter<F>): F | null | undefined | Promise<F | null> {
    if (head < queue.length) return take();
    if (failed) return Promise.reject(reason);
    if (self.over) return null;
    if (waiter === undefined) return new Promise((resolve, reject) => waiting = { resolve, reject });
    waiting = waiter;
  }

  const self = {
    push(frame: F) {
      if (self.over || self.discarded) return;
      const waiter = waiting;
      if (waiter !== undefined) {
        waiting = undefined;
        waiter.resolve(frame);
        taken?.(frame);
        return;
      }
      queue.push(frame);
      self.size++;
    },
    pushAll(frames: F[]) {
      if (self.over || self.discarded || frames.length === 0) return;
      const empty = head === queue.length;
      if (empty) {
        queue = frames;
        head = 0;
      } else for (let i = 0; i < frames.length; i++) queue.push(frames[i]!);
      self.size = queue.length - head;
      const waiter = waiting;
      if (waiter === undefined) return;
      waiting = undefined;
      waiter.resolve(take());
    },
    end() {
      if (self.over) return;
      self.over = true;
      settle();
    },
    fail(why: unknown) {
      if (self.over) return;
      self.over = failed = true;
      reason = why;
      settle();
    },
    abort(why: unknown) {
      queue = [];
      head = self.size = 0;
      self.over = failed = true;
      reason = why;
      settle();
    },
    discard() {
      self.discarded = true;
      const dropped = queue.slice(head);
      queue = [];
      head = self.size = 0;
      if (taken !== undefined) { for (const frame of dropped) taken(frame); }
      if (!failed) {
        self.over = true;
        settle();
      }
    },
    read,
    // No accessors: see shared_accessors.ts.
    size: 0,
    over: false,
    discarded: false,
  };
  return self;
}
