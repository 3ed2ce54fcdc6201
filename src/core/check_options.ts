/**
 * Looks at the numbers among options when something is made of them: a limit that is none, or is not known by the name
 * it has, would bound nothing, or everything, without a word.
 *
 * @module
 */
import { LONGEST } from "./deadline.ts";

/** What a number may be. */
export interface NumberRule {
  /** The least that it may be. */
  readonly least: number;
  /** The most, if there is such. */
  readonly most?: number;
  /** What is allowed, in words. */
  readonly words: string;
}

/** The rules of all options of one kind by their names: there are no others. */
export type NumberRules<T> = Readonly<Record<keyof Required<T> & string, NumberRule>>;

/** What counts or weighs something: from `least` on, without an end. */
export function amount(least: number): NumberRule {
  return { least, words: `a number from ${least} on, or Infinity` };
}

/** A time that a timer keeps, in ms. */
export const DURATION: NumberRule = {
  least: 1,
  most: LONGEST,
  words: `a number of ms from 1 to ${LONGEST}`,
};

/** The same where 0 says something of its own. */
export function durationOr(zero: string): NumberRule {
  return { least: 0, most: LONGEST, words: `a number of ms from 0 (${zero}) to ${LONGEST}` };
}

/**
 * Checks one number; `undefined` has its default.
 *
 * @param action What is being made, e.g. `make a client`
 * @param name The option
 * @throws {TypeError} When it is not allowed
 */
export function checkNumber(action: string, name: string, value: unknown, rule: NumberRule): void {
  const { least, most = Infinity, words } = rule;
  if (value === undefined || typeof value === "number" && value >= least && value <= most) return;
  throw new TypeError(`Cannot ${action}: ${name} must be ${words}, not ${shown(value)}`);
}

/**
 * Checks an option that holds others, all of them numbers; `undefined` has the defaults.
 *
 * @param action What is being made, e.g. `make a client`
 * @param name The option that holds them
 * @throws {TypeError} When one is not allowed, or not known
 */
export function checkNumbers<T>(
  action: string,
  name: string,
  value: T | undefined,
  rules: NumberRules<T>,
): void {
  if (value === undefined) return;
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`Cannot ${action}: ${name} must be an object, not ${shown(value)}`);
  }
  for (const key of Object.keys(value)) {
    const rule = Object.hasOwn(rules, key) ? rules[key as keyof typeof rules] : undefined;
    if (rule === undefined) {
      const known = Object.keys(rules).join(", ");
      throw new TypeError(`Cannot ${action}: ${name}.${key} is not known: there are ${known}`);
    }
    checkNumber(action, `${name}.${key}`, (value as Record<string, unknown>)[key], rule);
  }
}

/** Of numbers that two kinds of options share, those of one kind. */
export function numbersOf<T>(value: T | undefined, rules: NumberRules<T>): T | undefined {
  return value && Object.fromEntries(Object.entries(value).filter(([key]) => Object.hasOwn(rules, key))) as T;
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
