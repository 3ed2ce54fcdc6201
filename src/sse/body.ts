/**
 * The body of a response that is an event stream: text in, bytes out as fast as the caller takes them.
 *
 * @module
 */
import { inNextTurn } from "../core/turn.ts";
import { HEARTBEAT } from "./event_stream.ts";

/** What a {@linkcode EventBody} needs to know. */
export interface EventBodyOptions {
  /** ms of silence after which a comment says that the stream is alive; 0: never. */
  readonly heartbeatMs: number;
  /** ms in which the caller must take something of what waits for it. */
  readonly stallMs: number;
  /** Called when the caller has let go of the body. */
  readonly gone: () => void;
  /** Called when the caller took nothing for too long; the body is cut off. */
  readonly stalled: () => void;
  /** Called with each heartbeat that is due, sent or not. */
  readonly beat?: () => void;
}

/** A body under way. */
export interface EventBody {
  /** What goes into the response. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Starts heartbeats. */
  start(): void;
  /** Adds text; a promise when the writer should wait. It rejects when the caller is gone. */
  write(text: string): void | Promise<void>;
  /** Adds the last text and ends the body. Resolves when the caller has taken all of it, or is gone. */
  end(text: string): Promise<void>;
  /** Lets go of a caller that is elsewhere by now: what waits for it is dropped. */
  drop(): void;
  /** Texts that wait for the caller, and their size. */
  readonly queued: { readonly messages: number; readonly bytes: number };
  /** When the caller last took something, in ms since the epoch. */
  readonly lastTaken: number;
}

/** Characters that may wait before writers do, and that are not kept back for more. */
const ROOM = 64 * 1024;

/** Bytes in a chunk at most: that a slow caller gets on with a large one is seen only as it comes for the next. */
const CHUNK = 4 * ROOM;

const utf8 = new TextEncoder();

/**
 * Makes a body. What is written within one turn of the event loop leaves as one chunk: a chunk costs far more than an
 * event (runtime.md, fact 6).
 */
export function eventBody(options: EventBodyOptions): EventBody {
  const { heartbeatMs, stallMs } = options;
  const done = Promise.withResolvers<void>();
  let queue: string[] = [];
  let size = 0;
  /** What is left of a text larger than a chunk. */
  let rest: Uint8Array<ArrayBuffer> | undefined;
  let lastTaken = Date.now();
  /** Whether something was written since the last heartbeat was due. */
  let busy = true;
  let ended = false;
  let over = false;
  let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  /** Ends a pull that waits for text. */
  let pulled: (() => void) | undefined;
  let room: PromiseWithResolvers<void> | undefined;
  let cancelFlush: (() => void) | undefined;
  let stallTimer: ReturnType<typeof setTimeout> | undefined;
  let beatTimer: ReturnType<typeof setInterval> | undefined;

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
      options.gone();
    },
  }, { highWaterMark: 0 });

  function flush(): void {
    if (over) return;
    cancelFlush?.();
    cancelFlush = undefined;
    clearTimeout(stallTimer);
    stallTimer = undefined;
    if (rest === undefined && queue.length > 0) {
      const text = queue.length === 1 ? queue[0]! : queue.join("");
      queue = [];
      size = 0;
      rest = utf8.encode(text);
    }
    if (rest !== undefined) {
      const chunk = rest.length <= CHUNK ? rest : rest.subarray(0, CHUNK);
      rest = chunk === rest ? undefined : rest.subarray(CHUNK);
      controller.enqueue(chunk);
      // The runtime writes it at once, and when that fails lets go of the body before this returns.
      if (over) return;
    }
    if (rest !== undefined || queue.length > 0) {
      stallTimer = setTimeout(stalled, stallMs);
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
    rest = undefined;
    cancelFlush?.();
    clearTimeout(stallTimer);
    clearInterval(beatTimer);
    // Who waits for room learns from the end of the call why there is none.
    room?.resolve();
    room = undefined;
    pulled?.();
    pulled = undefined;
    done.resolve();
  }

  function stalled(): void {
    // Deno cuts the connection then, and writes the error's stack to stderr: without one it is a line.
    const error = new Error("an event stream was cut: its caller takes nothing");
    error.stack = undefined;
    controller.error(error);
    release();
    options.stalled();
  }

  function add(text: string): void {
    busy = true;
    queue.push(text);
    size += text.length;
    if (pulled === undefined) stallTimer ??= setTimeout(stalled, stallMs);
    else if (size >= ROOM) flush();
    else cancelFlush ??= inNextTurn(flush);
  }

  return {
    stream,
    start() {
      if (heartbeatMs <= 0 || over) return;
      beatTimer = setInterval(() => {
        options.beat?.();
        // What waits for the caller will tell it; more would only pile up.
        if (!busy && queue.length === 0) add(HEARTBEAT);
        busy = false;
      }, heartbeatMs);
    },
    write(text) {
      if (over || ended) return;
      add(text);
      if (size < ROOM) return;
      return (room ??= Promise.withResolvers<void>()).promise;
    },
    end(text) {
      if (!over && !ended) {
        clearInterval(beatTimer);
        add(text);
        ended = true;
      }
      return done.promise;
    },
    drop() {
      if (over) return;
      controller.close();
      release();
    },
    get queued() {
      return { messages: queue.length, bytes: size + (rest?.length ?? 0) };
    },
    get lastTaken() {
      return lastTaken;
    },
  };
}
