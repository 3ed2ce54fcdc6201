/**
 * Notices that nothing is heard any more.
 *
 * @module
 */
import { LONGEST } from "../core/deadline.ts";

/** Watches over one connection. */
export interface Silence {
  /** Sets how long silence may last; 0: for ever. */
  limit(ms: number): void;
  /** What {@linkcode Silence.limit} was told. */
  ms(): number;
  /** Tells that something was heard; goes on after a pause. */
  heard(): void;
  /** Tells that nobody listens. */
  pause(): void;
  /** Ends it. */
  stop(): void;
}

/** Watches over a connection: `silent` is called once when it was silent for too long. */
export function silence(silent: () => void): Silence {
  let limit = 0;
  let since = performance.now();
  let paused = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** One timer is enough: it looks when the last word came, and waits for the rest. */
  function arm(ms: number): void {
    timer = setTimeout(() => {
      timer = undefined;
      if (paused) return;
      const left = limit - (performance.now() - since);
      if (left > 0) arm(left);
      else silent();
    }, Math.min(ms, LONGEST));
  }

  return {
    ms: () => limit,
    limit(ms) {
      if (ms === limit) return;
      limit = ms;
      clearTimeout(timer);
      timer = undefined;
      if (limit > 0 && !paused) arm(limit);
    },
    heard() {
      since = performance.now();
      paused = false;
      if (timer === undefined && limit > 0) arm(limit);
    },
    pause() {
      paused = true;
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
      limit = 0;
    },
  };
}
