/**
 * Writes lines to standard output: those of one turn at once, and no faster than they are taken.
 *
 * @module
 */
import { inNextTurn } from "../core/turn.ts";

/** Characters that may wait to be written before whoever writes is made to wait. */
const ROOM = 64 * 1024;

/** Writes lines. */
export interface Printer {
  /** Adds a line. Returns a promise when there is no room for another; throws when it cannot be written. */
  line(text: string): void | Promise<void>;
  /** Waits until everything is written. */
  flush(): Promise<void>;
}

/** Makes a {@linkcode Printer}. */
export function printer(write: (bytes: Uint8Array) => Promise<void>): Printer {
  const utf8 = new TextEncoder();
  let waiting = "";
  let writing: Promise<void> | undefined;
  let failed: { readonly reason: unknown } | undefined;

  async function writeAll(): Promise<void> {
    await new Promise<void>((resolve) => inNextTurn(resolve));
    while (waiting !== "") {
      const bytes = utf8.encode(waiting);
      waiting = "";
      await write(bytes);
    }
    // In the same breath as the look at what waits: a line that is added next starts anew.
    writing = undefined;
  }

  function start(): Promise<void> {
    const started = writeAll();
    // Whoever adds the next line is told.
    started.catch((reason) => failed = { reason });
    return started;
  }

  return {
    line(text) {
      if (failed !== undefined) throw failed.reason;
      waiting += text + "\n";
      writing ??= start();
      if (waiting.length >= ROOM) return writing;
    },
    async flush() {
      if (failed !== undefined) throw failed.reason;
      await writing;
    },
  };
}
