/**
 * Options that mean nothing are told when they are set.
 *
 * @module
 */
import type { Policy } from "./types.ts";

const POLICIES: ReadonlySet<Policy> = new Set(["wait", "drop-oldest", "drop-newest", "disconnect"]);

/**
 * Makes sure of options of rooms, and of those who join.
 *
 * @param word What cannot be done with others
 * @param numbers From 0 on, by name
 * @param policy One that there is: by any other, messages would be lost without a word
 * @throws {TypeError} When they are not
 */
export function checkOptions(
  word: string,
  numbers: Readonly<Record<string, number | undefined>>,
  policy: Policy | undefined,
): void {
  for (const [option, value] of Object.entries(numbers)) {
    if (value !== undefined && !(value >= 0)) {
      throw new TypeError(`Cannot ${word}: ${option} must not be ${value}`);
    }
  }
  if (policy !== undefined && !POLICIES.has(policy)) {
    throw new TypeError(`Cannot ${word}: there is no policy ${JSON.stringify(policy)}`);
  }
}
