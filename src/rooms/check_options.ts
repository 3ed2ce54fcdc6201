/**
 * Options that mean nothing are told when they are set.
 *
 * @module
 */
import { amount, checkNumber } from "../core/check_options.ts";
import type { Policy } from "./types.ts";

const POLICIES: ReadonlySet<Policy> = new Set(["wait", "drop-oldest", "drop-newest", "disconnect"]);
const FROM_ZERO = amount(0);

/**
 * Makes sure of options of rooms, and of those who join.
 *
 * @param action What is asked for, e.g. `make rooms`
 * @param numbers From 0 on, by name
 * @param policy One that there is: by any other, messages would be lost without a word
 * @throws {TypeError} When they are not
 */
export function checkOptions(
  action: string,
  numbers: Readonly<Record<string, number | undefined>>,
  policy: Policy | undefined,
): void {
  for (const [option, value] of Object.entries(numbers)) checkNumber(action, option, value, FROM_ZERO);
  if (policy !== undefined && !POLICIES.has(policy)) {
    throw new TypeError(`Cannot ${action}: there is no policy ${JSON.stringify(policy)}`);
  }
}
