/**
 * Writes the source of functions that are made for one type, and makes them with `new Function`. Nothing of a design
 * becomes code but by JSON.stringify: names and texts are string literals, limits are numbers, all else is handed over
 * as a value.
 *
 * @module
 */

/** Whether the engine was found to make code; `false` stops trying, as some pages have each try reported. */
let possible = true;

/** Lets tests do without. Returns what was. */
export function allowCode(allowed: boolean): boolean {
  const before = possible;
  possible = allowed;
  return before;
}

/** Whether it is worth writing any. */
export function codeAllowed(): boolean {
  return possible;
}

/** Thrown and caught by those who write code: of this type theirs has nothing to say. */
export const UNFIT = new Error("unfit");

/** What `make` makes; `undefined` where it throws {@linkcode UNFIT}. */
export function fitting<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error !== UNFIT) throw error;
    return undefined;
  }
}

/** A text as source. */
export const literal = (value: string): string => JSON.stringify(value);

/** A number as source. */
export function limit(bound: number | bigint): string {
  return typeof bound === "bigint" ? `${bound}n` : String(bound);
}

/** Source under way. */
export interface SourceWriter {
  /** A name that nothing else has. */
  fresh(): string;
  /** A name for a value. */
  named(value: unknown): string;
  /** Adds a statement that stands before what {@linkcode make} returns. */
  declare(code: string): void;
  /** Reads a property that objects inherit only when it is the value's own. */
  get(x: string, name: string): string;
  /**
   * Makes the function.
   *
   * @param code `return function …;`
   * @returns `undefined` where the engine makes none
   */
  make(code: string): unknown;
}

/** Starts a source. */
export function sourceWriter(): SourceWriter {
  const values: unknown[] = [];
  const statements: string[] = [];
  const known = new Map<unknown, string>();
  let names = 0;
  const fresh = (): string => `x${names++}`;
  return {
    fresh,
    named(value) {
      // As keys of a Map, 0 and -0 are one.
      let name = typeof value === "number" ? undefined : known.get(value);
      if (name === undefined) {
        known.set(value, name = fresh());
        statements.push(`const ${name} = c[${values.push(value) - 1}];\n`);
      }
      return name;
    },
    declare: (code) => void statements.push(code),
    get(x, name) {
      const property = `${x}[${literal(name)}]`;
      return name in Object.prototype
        ? `(Object.hasOwn(${x}, ${literal(name)}) ? ${property} : undefined)`
        : property;
    },
    make(code) {
      try {
        return new Function(
          "c",
          `"use strict";
const stringify = JSON.stringify, prototypeOf = Object.getPrototypeOf, plain = Object.prototype;
${statements.join("")}${code}`,
        )(values);
      } catch {
        possible = false;
        return undefined;
      }
    },
  };
}
