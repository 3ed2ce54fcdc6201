/**
 * The body of a response whose messages are in envelopes: bytes out as fast as the caller takes them.
 *
 * @module
 */
import { inNextTurn } from "../core/turn.ts";
import { joined } from "./envelope.ts";

/** What a {@linkcode FrameBody} needs to know. */
export interface FrameBodyOptions {
  /** ms in which the caller must take something of what waits for it. */
  readonly stallMs: number;
  /** Called when the caller has let go of the body. */
  readonly gone: () => void;
  /** Called when the caller took nothing for too long; the body is cut off. */
  readonly stalled: () => void;
  /** What is made of each chunk. */
  readonly encode?: (chunk: Uint8Array) => Uint8Array<ArrayBuffer>;
}

/** A body under way. */
export interface FrameBody {
  /** What goes into the response. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Adds bytes; a promise when the writer should wait. */
  write(bytes: Uint8Array<ArrayBuffer>): void | Promise<void>;
  /** Adds the last bytes and ends the body. Resolves when the caller has taken all of it, or is gone. */
  end(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** What waits for the caller, and its size. */
  readonly queued: { readonly messages: number; readonly bytes: number };
  /** When the caller last took something, in ms since the epoch. */
  readonly lastTaken: number;
}

/** Bytes that may wait before writers do, and that are not kept back for more. */
const ROOM = 64 * 1024;

/** Makes a body. What is written within one turn of the event loop leaves as one chunk (runtime.md, fact 6). */
export function frameBody({ stallMs, gone, stalled, encode }: FrameBodyOptions): FrameBody {
  const done = Promise.withResolvers<void>();
  let queue: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  let lastTaken = Date.now();
  let ended = false;
  let over = false;
  let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  /** Ends a pull that waits for bytes. */
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
      if (queue.length > 0 || ended) return flush();
      return new Promise<void>((resolve) => pulled = resolve);
    },
    cancel() {
      if (over) return;
      release();
      gone();
    },
  }, { highWaterMark: 0 });

  function flush(): void {
    if (over) return;
    cancelFlush?.();
    cancelFlush = undefined;
    clearTimeout(stallTimer);
    stallTimer = undefined;
    if (queue.length > 0) {
      const chunk = queue.length === 1 ? queue[0]! : joined(queue);
      queue = [];
      size = 0;
      controller.enqueue(encode === undefined ? chunk : encode(chunk));
      // The runtime writes it at once, and when that fails lets go of the body before this returns.
      if (over) return;
    }
    room?.resolve();
    room = undefined;
    if (ended) {
      controller.close();
      release();
    }
    pulled?.();
    pulled = undefined;
  }

  function release(): void {
    over = true;
    queue = [];
    size = 0;
    cancelFlush?.();
    clearTimeout(stallTimer);
    // Who waits for room learns from the end of the call why there is none.
    room?.resolve();
    room = undefined;
    pulled?.();
    pulled = undefined;
    done.resolve();
  }

  function cut(): void {
    // Deno cuts the connection then, and writes the error's stack to stderr: without one it is a line.
    const error = new Error("a stream was cut: its caller takes nothing");
    error.stack = undefined;
    controller.error(error);
    release();
    stalled();
  }

  function add(bytes: Uint8Array<ArrayBuffer>): void {
    queue.push(bytes);
    size += bytes.length;
    if (pulled === undefined) stallTimer ??= setTimeout(cut, stallMs);
    else if (size >= ROOM) flush();
    else cancelFlush ??= inNextTurn(flush);
  }

  return {
    stream,
    write(bytes) {
      if (over || ended) return;
      add(bytes);
      if (size < ROOM) return;
      return (room ??= Promise.withResolvers<void>()).promise;
    },
    end(bytes) {
      if (!over && !ended) {
        ended = true;
        add(bytes);
      }
      return done.promise;
    },
    get queued() {
      return { messages: queue.length, bytes: size };
    },
    get lastTaken() {
      return lastTaken;
    },
  };
}
