/**
 * What every peer of the benchmarks sends. Imports nothing: a peer's process loads what it measures, and no more.
 *
 * @module
 */

/** A realistic message, about 100 characters of JSON. */
export interface Sample {
  readonly cpu: number;
  readonly memory: number;
  readonly host: string;
  readonly at: string;
}

/** Next to nothing: here only the cost per message counts. */
export interface Tick {
  readonly n: number;
}

/** A message of either kind. */
export type Message = Sample | Tick;

const AT = new Date(0).toISOString();

/** Makes the messages, by kind: a new object each, as a program would. */
export const make = {
  sample: (n: number): Sample => ({
    cpu: (n % 400) / 4,
    memory: 43.25,
    host: "web-7.eu-central.example.com",
    at: AT,
  }),
  tick: (n: number): Tick => ({ n }),
} as const;

/** Kinds of messages. */
export type Kind = keyof typeof make;

/** Messages in flight of the scenario `echo`. */
export const IN_FLIGHT = 64;
