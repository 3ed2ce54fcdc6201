/**
 * Offline stand-in for `jsr:@std/async`: the part of it that is used here, with the same names and signatures.
 *
 * @module
 */
export { delay, type DelayOptions } from "./delay.ts";
export { deadline, type DeadlineOptions } from "./deadline.ts";
