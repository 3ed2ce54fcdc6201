/**
 * Finds out that a peer is gone though its connection seems to live, and keeps proxies from closing a quiet one.
 *
 * @module
 */

/** ms between two beats unless `heartbeatMs` says otherwise: as with SSE, often enough for any proxy. */
export const HEARTBEAT_MS = 15_000;

/** What a {@linkcode Heartbeat} needs to know. */
export interface HeartbeatOptions {
  /** Longest time between two beats, in ms. */
  readonly everyMs: number;
  /** Time without a word from the peer after which it counts as dead, in ms. */
  readonly deadMs: number;
  /** Sends something that the peer answers. */
  readonly beat: () => void;
  /** Called once, when the peer is dead; the heart has stopped then. */
  readonly dead: () => void;
}

/** A heart that beats until it is stopped. */
export interface Heartbeat {
  /** Tells that something came from the peer. */
  heard(): void;
  /** Stops; leaves no timer behind. */
  stop(): void;
}

/**
 * Starts a heart. The peer is dead when it was silent for so many beats in a row that `deadMs` is about to be over.
 *
 * A beat that comes late does not count: then it was this process that did not listen, and what the peer has said
 * meanwhile is still to be read. So a busy event loop takes no peer for dead.
 */
export function heartbeat({ everyMs, deadMs, beat, dead }: HeartbeatOptions): Heartbeat {
  const step = Math.max(1, Math.min(everyMs, deadMs / 3));
  const most = Math.max(1, Math.ceil(deadMs / step) - 1);
  let silent = 0;
  let heard = false;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const late = now - last > step * 1.5;
    last = now;
    if (heard) silent = 0;
    else if (!late) silent++;
    heard = false;
    if (silent >= most) {
      clearInterval(timer);
      dead();
    } else {
      beat();
    }
  }, step);
  return {
    heard() {
      heard = true;
    },
    stop() {
      clearInterval(timer);
    },
  };
}
