/**
 * Lines of a stream of bytes, taken no faster than they are asked for.
 *
 * @module
 */
import { ServiceError } from "../errors/service_error.ts";

/** Longest line, in characters: more is no item but a stream without line ends. */
const MAX_LINE = 64 * 1024 * 1024;

/** A line, and where it stands. */
export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** Without its end. */
  readonly text: string;
}

/** Reads lines. */
export interface LineReader {
  /** The next lines, as many as came at once; `null` at the end. Blank ones are left out. */
  next(): Promise<readonly Line[] | null>;
  /** Ends it early: a pending `next` gives `null`. */
  stop(): void;
}

/** Makes a {@linkcode LineReader}. */
export function lineReader(source: ReadableStream<Uint8Array>): LineReader {
  const reader = source.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let stopped = false;
  let number = 0;
  /** What came of a line that is not at its end. */
  let parts: string[] = [];
  let length = 0;

  function decode(chunk?: Uint8Array): string {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch (cause) {
      throw new ServiceError("decode_payload", `line ${number + 1} or after it: not UTF-8`, { cause });
    }
  }

  function split(text: string): Line[] {
    const pieces = text.split("\n");
    const last = pieces.pop()!;
    const lines: Line[] = [];
    for (const piece of pieces) {
      let whole = piece;
      if (parts.length > 0) {
        parts.push(piece);
        whole = parts.join("");
        parts = [];
        length = 0;
      }
      number++;
      if (whole.trim() !== "") lines.push({ number, text: whole });
    }
    if (last !== "") {
      parts.push(last);
      length += last.length;
      if (length > MAX_LINE) {
        throw new ServiceError("too_large", `line ${number + 1}: longer than ${MAX_LINE} characters`);
      }
    }
    return lines;
  }

  return {
    async next() {
      while (!stopped) {
        const { done, value } = await reader.read();
        if (stopped) break;
        const lines = split(done ? `${decode()}\n` : decode(value));
        if (done) {
          stopped = true;
          return lines.length > 0 ? lines : null;
        }
        if (lines.length > 0) return lines;
      }
      return null;
    },
    stop() {
      if (stopped) return;
      stopped = true;
      reader.cancel().catch(() => {});
    },
  };
}
