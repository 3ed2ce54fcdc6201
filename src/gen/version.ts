/**
 * The version of this package, for what is written to depend on it. A test keeps it the same as the configuration's.
 *
 * @module
 */

/** As in `deno.json`. */
export const VERSION = "0.1.0";
