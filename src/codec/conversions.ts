/**
 * Conversions between JSON and messages, both ways, by closures made once per type.
 *
 * @module
 */
import { MAX_DEPTH, tooDeep, type Walk } from "./problem.ts";

/** Validates one side and gives the other. What it returns counts only if the walk found no problem. */
export type Convert = (value: unknown, walk: Walk) => unknown;

/** Both ways of one type. */
export interface Conversions {
  /** From a message to JSON. */
  readonly encode: Convert;
  /** From JSON to a message. */
  readonly decode: Convert;
}

/** A type that is still being made, as one that contains itself is: looked up when used. */
export function linkTo(inner: Partial<Conversions>): Conversions {
  return {
    encode: (value, walk) => inner.encode!(value, walk),
    decode: (value, walk) => inner.decode!(value, walk),
  };
}

/** The same of a type whose values are levels: counted, so that no message can exhaust the stack. */
export function levelOf(inner: Partial<Conversions>): Conversions {
  const side = (name: keyof Conversions): Convert => (value, walk) => {
    if (walk.depth > MAX_DEPTH) return tooDeep(walk);
    walk.depth++;
    const converted = inner[name]!(value, walk);
    walk.depth--;
    return converted;
  };
  return { encode: side("encode"), decode: side("decode") };
}
