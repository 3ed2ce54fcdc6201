/**
 * The body of a request or a response whose pieces come one after the other: bytes out as fast as the peer takes them.
 *
 * @module
 */
import { inNextTurn } from "./turn.ts";

/** What an {@linkcode OutgoingBody} needs to know; `P` is what is written. */
export interface OutgoingBodyOptions<P> {
  /** Makes bytes of what leaves together. */
  readonly encode: (pieces: P[]) => Uint8Array<ArrayBuffer>;
  /** Bytes in a chunk at most: that a slow peer gets on with a large one is seen only as it comes for the next. */
  readonly chunkBytes?: number;
  /** ms in which the peer must take something of what waits for it; absent: no bound. */
  readonly stallMs?: number;
  /** Called when the peer has let go of the body. */
  readonly gone?: () => void;
  /** Called when the peer took nothing for too long: it is cut off then. */
  readonly stalled?: () => void;
  /** What is cut off then, for people: `an event stream`. */
  readonly what: string;
}

/** A body under way. */
export interface OutgoingBody<P> {
  /** What goes into the request or response. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Whether it has ended, or its peer is gone. */
  over(): boolean;
  /** Adds a piece; a promise when the writer should wait. */
  write(piece: P): void | Promise<void>;
  /** Adds the last piece, if any, and ends the body. Resolves when the peer has taken all of it, or is gone. */
  end(piece?: P): Promise<void>;
  /** Ends the body without what waits. */
  drop(): void;
  /** Breaks the body off, so that its peer does not take it for ended. */
  abort(reason: unknown): void;
  /** Pieces that wait for the peer, and their size. */
  queued(): { readonly messages: number; readonly bytes: number };
  /** When the peer last took something, in ms since the epoch. */
  lastTaken(): number;
}

/** What may wait before writers do, and that is not kept back for more: bytes, or characters. */
const ROOM = 64 * 1024;

/**
 * Makes a body. What is written within one turn of the event loop leaves as one chunk: a chunk costs far more than a
 * piece (runtime.md, fact 6).
 */
export function outgoingBody<P extends { readonly length: number }>(
  options: OutgoingBodyOptions<P>,
): OutgoingBody<P> {
  const { encode, chunkBytes = Infinity, stallMs, gone, what } = options;
  const done = Promise.withResolvers<void>();
  let queue: P[] = [];
  let size = 0;
  /** What is left of what is larger than a chunk. */
  let rest: Uint8Array<ArrayBuffer> | undefined;
  let lastTaken = Date.now();
  let ended = false;
  let over = false;
  let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  /** Ends a pull that waits for pieces. */
  let pulled: (() => void) | undefined;
  let room: PromiseWithResolvers<void> | undefined;
  let cancelFlush: (() => void) | undefined;
  let stallTimer: ReturnType<typeof setTimeout> | undefined;

  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(given) {
      controller = given;
    },
    pull() {
      lastTaken = Date.now();
      if (queue.length > 0 || rest !== undefined || ended) return flush();
      return new Promise<void>((resolve) => pulled = resolve);
    },
    cancel() {
      if (over) return;
      release();
      gone?.();
    },
  }, { highWaterMark: 0 });

  function flush(): void {
    if (over) return;
    cancelFlush?.();
    cancelFlush = undefined;
    clearTimeout(stallTimer);
    stallTimer = undefined;
    if (rest === undefined && queue.length > 0) {
      const pieces = queue;
      queue = [];
      size = 0;
      rest = encode(pieces);
    }
    if (rest !== undefined) {
      const chunk = rest.length <= chunkBytes ? rest : rest.subarray(0, chunkBytes);
      rest = chunk === rest ? undefined : rest.subarray(chunkBytes);
      controller.enqueue(chunk);
      // The runtime writes it at once, and when that fails lets go of the body before this returns.
      if (over) return;
    }
    if (rest !== undefined || queue.length > 0) {
      watch();
    } else {
      room?.resolve();
      room = undefined;
      if (ended) {
        controller.close();
        release();
      }
    }
    pulled?.();
    pulled = undefined;
  }

  function release(): void {
    over = true;
    queue = [];
    size = 0;
    rest = undefined;
    cancelFlush?.();
    clearTimeout(stallTimer);
    // Who waits for room learns from the end of the call why there is none.
    room?.resolve();
    room = undefined;
    pulled?.();
    pulled = undefined;
    done.resolve();
  }

  /** Gives the peer time to take something. */
  function watch(): void {
    if (stallMs !== undefined) stallTimer ??= setTimeout(cut, stallMs);
  }

  function cut(): void {
    // Deno cuts the connection then, and writes the error's stack to stderr: without one it is a line.
    const error = new Error(`${what} was cut: its caller takes nothing`);
    error.stack = undefined;
    controller.error(error);
    release();
    options.stalled?.();
  }

  /** Lets what waits leave together with what else comes in this turn. */
  function leave(): void {
    if (pulled === undefined) watch();
    else if (size >= ROOM) flush();
    else cancelFlush ??= inNextTurn(flush);
  }

  function add(piece: P): void {
    queue.push(piece);
    size += piece.length;
    leave();
  }

  return {
    stream,
    over: () => over || ended,
    write(piece) {
      if (over || ended) return;
      add(piece);
      if (size < ROOM) return;
      return (room ??= Promise.withResolvers<void>()).promise;
    },
    end(piece) {
      if (!over && !ended) {
        ended = true;
        if (piece === undefined) leave();
        else add(piece);
      }
      return done.promise;
    },
    drop() {
      if (over) return;
      controller.close();
      release();
    },
    abort(reason) {
      if (over) return;
      controller.error(reason);
      release();
    },
    queued: () => ({ messages: queue.length, bytes: size + (rest?.length ?? 0) }),
    lastTaken: () => lastTaken,
  };
}
