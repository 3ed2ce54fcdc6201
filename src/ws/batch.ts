/**
 * The messages of one frame parsed at once: engines parse a list of objects that are alike a third faster than each of
 * them alone.
 *
 * @module
 */
import type { Json } from "../codec/codec.ts";
import { MAX_KEPT } from "../codec/compile_scan.ts";

/** A message that was parsed with others. */
export class Parsed {
  constructor(
    /** What JSON.parse gave. */
    readonly json: Json,
    /** Size of its text in UTF-16 code units. */
    readonly length: number,
  ) {}
}

/** A message that is part of a large frame: a slice of it keeps all of that. */
export class Part {
  /** Size of the text. */
  readonly length: number;
  constructor(
    readonly text: string,
    /** Size of the frame. */
    readonly of: number,
  ) {
    this.length = text.length;
  }
}

/** A message as it came, or as JSON.parse gave it. */
export type Frame = string | Part | Parsed;

/** From so many on it pays. */
const FEW = 8;

/**
 * Parses lines together. Where not each of them is JSON of its own, or they are few, gives them back as they are: whoever
 * parses them one by one finds out which is wrong. (Lines that are JSON only taken together, as many values as lines,
 * pass for these values.)
 */
export function parseTogether(lines: string[]): Frame[] {
  if (lines.length < FEW) return lines;
  let all: Json[];
  try {
    all = JSON.parse(`[${lines.join(",")}]`);
  } catch {
    return lines;
  }
  return all.length === lines.length ? all.map((json, n) => new Parsed(json, lines[n]!.length)) : lines;
}

/** The lines of a frame, those of a large one as parts of it. */
export function partsOf(lines: string[], size: number): Frame[] {
  return lines.length === 1 || size <= MAX_KEPT ? lines : lines.map((line) => new Part(line, size));
}
