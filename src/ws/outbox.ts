/**
 * What goes out on a socket: never more than a little ahead of what the peer takes.
 *
 * A native WebSocket takes whatever it is given and tells of its queue by `bufferedAmount` alone, without an event
 * (runtime.md, fact 4). So once the queue is long, whoever writes waits until it is empty, found out by asking.
 *
 * @module
 */
import { inNextTurn } from "../core/turn.ts";

/** What is needed of a socket. */
export interface OutSocket {
  /** Bytes not yet handed to the network; 0 once the socket is not open, whatever became of them. */
  readonly bufferedAmount: number;
  /** 1 while it is open. */
  readonly readyState: number;
  /** Queues a text frame. */
  send(text: string): void;
}

/** What an {@linkcode Outbox} needs to know. */
export interface OutboxOptions {
  /** Time without progress after which the peer counts as stalled. */
  readonly stallMs: number;
  /** Called when it is. Asked again after another `stallMs` unless the outbox was stopped. */
  readonly stalled: () => void;
}

/** The sending half of a socket. */
export interface Outbox {
  /** Sends a frame, or keeps it until `open`: see `write` of the exchanges. */
  write(frame: string): void | Promise<void>;
  /** Sends what was kept, as the socket is open. */
  open(socket: OutSocket): void;
  /** Resolves once everything is handed to the network, or the outbox was stopped. */
  flushed(): Promise<void>;
  /**
   * Rejects waiting and later writes with what `why` makes, asked only if there are any: most streams end well, and an
   * error costs more than a message. Drops what was kept. Leaves no timer behind.
   */
  stop(why: () => unknown): void;
  /** Whether somebody waits to write on. */
  waits(): boolean;
  /** What was written and not yet handed to the network: at most so many frames, so many bytes. */
  queued(): { readonly messages: number; readonly bytes: number };
}

/** A queued frame costs about 0.9 KiB whatever its size (runtime.md, fact 4), so both count and bytes have a mark. */
const HIGH_FRAMES = 1024;
const HIGH_BYTES = 1024 * 1024;
/** Asking costs a tenth of what sending costs: it is done once per so many frames or characters. */
const ASK_FRAMES = 64;
const ASK_BYTES = 64 * 1024;
/** Turns of the event loop to ask in before asking every {@linkcode SLOW_MS}: a fast peer is done by then. */
const FAST_TURNS = 64;
const SLOW_MS = 2;

function after(ms: number, task: () => void): () => void {
  const timer = setTimeout(task, ms);
  return () => clearTimeout(timer);
}

/** {@linkcode WebSocket.OPEN}. */
const OPEN = 1;

/**
 * Bytes not yet handed to the network. A socket that is closing takes nothing more and drops what it is given, yet its
 * queue seems empty: when the runtime closes it (Deno does, when `idleTimeout` is over) and the peer reads nothing, no
 * 'close' ever comes. So that counts as a queue that does not move.
 */
function unsentOf(socket: OutSocket): number {
  return socket.readyState === OPEN ? socket.bufferedAmount : Infinity;
}

/** Makes an {@linkcode Outbox}. */
export function outbox({ stallMs, stalled }: OutboxOptions): Outbox {
  let socket: OutSocket | undefined;
  let kept: string[] = [];
  let keptLength = 0;
  /** Frames that may be queued, those `unseen` aside. */
  let frames = 0;
  /** Frames sent, and their size, since the socket was last asked for its queue. */
  let unseen = 0;
  let unseenLength = 0;
  let stopped: (() => unknown) | undefined;
  let room: PromiseWithResolvers<void> | undefined;
  let stopAsking: (() => void) | undefined;
  let turns = 0;
  let last = 0;
  let progress = 0;

  /** Sends a frame; tells whether there is room for another. */
  function send(to: OutSocket, frame: string): boolean {
    to.send(frame);
    unseenLength += frame.length;
    if (++unseen < ASK_FRAMES && unseenLength < ASK_BYTES) return true;
    const queued = unsentOf(to);
    // When no more is queued than was sent since it was last asked, all before that has left.
    frames = queued <= unseenLength ? unseen : frames + unseen;
    unseen = unseenLength = 0;
    return frames < HIGH_FRAMES && queued < HIGH_BYTES;
  }

  function untilEmpty(): Promise<void> {
    if (room === undefined) {
      room = Promise.withResolvers();
      // Who waits is told; a write that nobody waits for must not end the process when it fails.
      room.promise.catch(() => {});
      if (socket !== undefined) startAsking();
    }
    return room.promise;
  }

  function startAsking(): void {
    turns = 0;
    last = Infinity;
    progress = performance.now();
    ask();
  }

  function ask(): void {
    const unsent = unsentOf(socket!);
    if (unsent === 0) {
      stopAsking = undefined;
      frames = unseen = unseenLength = 0;
      const waiting = room;
      room = undefined;
      waiting?.resolve();
      return;
    }
    const now = performance.now();
    if (unsent < last) {
      progress = now;
    } else if (now - progress > stallMs) {
      progress = now;
      stalled();
      if (stopped !== undefined) return;
    }
    last = unsent;
    stopAsking = turns++ < FAST_TURNS ? inNextTurn(ask) : after(SLOW_MS, ask);
  }

  return {
    write(frame) {
      if (stopped !== undefined) return Promise.reject(stopped());
      if (socket !== undefined) return send(socket, frame) ? undefined : untilEmpty();
      kept.push(frame);
      keptLength += frame.length;
      return kept.length < HIGH_FRAMES && keptLength < HIGH_BYTES ? undefined : untilEmpty();
    },
    open(opened) {
      if (stopped !== undefined) return;
      socket = opened;
      for (const frame of kept) send(opened, frame);
      kept = [];
      keptLength = 0;
      if (room !== undefined) startAsking();
    },
    flushed() {
      if (stopped !== undefined) return Promise.resolve();
      if (socket === undefined ? kept.length === 0 : unsentOf(socket) === 0) return Promise.resolve();
      return untilEmpty().catch(() => {});
    },
    stop(why) {
      if (stopped !== undefined) return;
      stopped = why;
      kept = [];
      stopAsking?.();
      stopAsking = undefined;
      const waiting = room;
      room = undefined;
      waiting?.reject(why());
    },
    waits: () => room !== undefined,
    queued() {
      if (socket === undefined) return { messages: kept.length, bytes: keptLength };
      const bytes = socket.bufferedAmount;
      return { messages: bytes === 0 ? 0 : frames, bytes };
    },
  };
}
