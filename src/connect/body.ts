/**
 * A body whose messages are in envelopes, of a response or of a request: bytes out as fast as the peer takes them.
 *
 * @module
 */
import { inNextTurn } from "../core/turn.ts";
import { joined } from "./envelope.ts";

/** What a {@linkcode FrameBody} needs to know. */
export interface FrameBodyOptions {
  /** ms in which the peer must take something of what waits for it; absent: no bound. */
  readonly stallMs?: number;
  /** Called when the peer has let go of the body, or took nothing for too long: it is cut off then. */
  readonly gone?: () => void;
  /** What is made of each chunk. */
  readonly encode?: (chunk: Uint8Array) => Uint8Array<ArrayBuffer>;
}

/** A body under way. */
export interface FrameBody {
  /** What goes into the response or request. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Adds bytes; a promise when the writer should wait. */
  write(bytes: Uint8Array<ArrayBuffer>): void | Promise<void>;
  /** Adds the last bytes, if any, and ends the body. Resolves when the peer has taken all of it, or is gone. */
  end(bytes?: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Ends the body without what waits. */
  drop(): void;
  /** Breaks the body off, so that its peer does not take it for ended. */
  abort(reason: unknown): void;
  /** What waits for the peer, and its size. */
  readonly queued: { readonly messages: number; readonly bytes: number };
  /** When the peer last took something, in ms since the epoch. */
  readonly lastTaken: number;
}

/** Bytes that may wait before writers do, and that are not kept back for more. */
const ROOM = 64 * 1024;

/** Makes a body. What is written within one turn of the event loop leaves as one chunk (runtime.md, fact 6). */
export function frameBody({ stallMs, gone, encode }: FrameBodyOptions): FrameBody {
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
      gone?.();
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
    gone?.();
  }

  function add(bytes: Uint8Array<ArrayBuffer>): void {
    queue.push(bytes);
    size += bytes.length;
    if (size >= ROOM && pulled !== undefined) flush();
    else soon();
  }

  /** Lets what waits leave together with what else comes in this turn; when nobody takes it, not for ever. */
  function soon(): void {
    if (pulled !== undefined) cancelFlush ??= inNextTurn(flush);
    else if (stallMs !== undefined) stallTimer ??= setTimeout(cut, stallMs);
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
        if (bytes === undefined) soon();
        else add(bytes);
      }
      return done.promise;
    },
    abort(reason) {
      if (over) return;
      controller.error(reason);
      release();
    },
    drop() {
      if (over) return;
      queue = [];
      ended = true;
      flush();
    },
    get queued() {
      return { messages: queue.length, bytes: size };
    },
    get lastTaken() {
      return lastTaken;
    },
  };
}
