/**
 * Documents in JSON as generators write them: two spaces, a line feed at the end, 64-bit integers with all digits.
 *
 * @module
 */
import { exactJson } from "../codec/json_text.ts";

/** An object of a document. */
export type Node = Record<string, unknown>;

/** An object that takes any name, `__proto__` too, without what is `undefined`. */
export function node(members: Readonly<Record<string, unknown>> = {}): Node {
  const made: Node = Object.create(null);
  for (const [name, value] of Object.entries(members)) if (value !== undefined) made[name] = value;
  return made;
}

/** An object of names and values; `undefined` when there are none. */
export function nodeOf(entries: Iterable<readonly [string, unknown]>): Node | undefined {
  const made = node();
  let empty = true;
  for (const [name, value] of entries) {
    made[name] = value;
    empty = false;
  }
  return empty ? undefined : made;
}

/** The list, or `undefined` when nothing is in it: documents leave such members out. */
export function some<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** The text of a document. */
export function documentText(value: unknown): string {
  return JSON.stringify(value, (_name, item) => typeof item === "bigint" ? exactJson(item) : item, 2) + "\n";
}
