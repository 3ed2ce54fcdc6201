/**
 * Limits that bound nothing are told when they are set.
 *
 * @module
 */

/**
 * Makes sure that limits are numbers from 0 on: compared with NaN, as `Number()` makes of an environment variable that
 * is not set, everything is within bounds.
 *
 * @param word What cannot be done with others
 * @param limits Those that are set; `undefined` is the default
 * @param within Where they are set
 * @throws {TypeError} When they are not
 */
export function checkLimits(word: string, limits: object | undefined, within = "limits."): void {
  for (const [name, value] of Object.entries(limits ?? {})) {
    if (value === undefined || typeof value === "number" && value >= 0) continue;
    const shown = typeof value === "string" ? JSON.stringify(value) : String(value);
    throw new TypeError(`Cannot ${word}: ${within}${name} must be a number from 0 on, not ${shown}`);
  }
}
