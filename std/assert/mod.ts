/**
 * Offline stand-in for `jsr:@std/assert`: the part of it that is used here, with the same names and signatures.
 *
 * @module
 */
import { inspect } from "node:util";
import { AssertionError } from "./assertion_error.ts";
import { equal } from "./equal.ts";

export { AssertionError } from "./assertion_error.ts";
export { equal } from "./equal.ts";
export { assertRejects, assertThrows } from "./throws.ts";

/** A class, abstract ones too. */
// deno-lint-ignore no-explicit-any
export type AnyConstructor = abstract new (...args: any[]) => any;

/** The values that are not truthy. */
export type Falsy = false | 0 | 0n | "" | null | undefined;

function show(value: unknown): string {
  return inspect(value, { depth: 100, sorted: true, maxArrayLength: 200, breakLength: 100 });
}

function failed(what: string, msg?: string): never {
  throw new AssertionError(`${what}${msg ? `: ${msg}` : ""}`);
}

/** Asserts that `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Asserts that `expr` is falsy. */
export function assertFalse(expr: unknown, msg = ""): asserts expr is Falsy {
  if (expr) throw new AssertionError(msg);
}

/** Asserts deep equality. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  failed(
    "Values are not equal",
    `${msg ?? ""}\n  actual:   ${show(actual)}\n  expected: ${show(expected)}\n`,
  );
}

/** Asserts that two values are not deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) failed(`Expected actual: ${show(actual)} not to be: ${show(expected)}`, msg);
}

/** Asserts identity (`Object.is`). */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  if (Object.is(actual, expected)) return;
  failed(
    "Values are not strictly equal",
    `${msg ?? ""}\n  actual:   ${show(actual)}\n  expected: ${show(expected)}\n`,
  );
}

/** Asserts that two values are not identical (`Object.is`). */
export function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void {
  if (Object.is(actual, expected)) {
    failed(`Expected "actual" to not be strictly equal to: ${show(actual)}`, msg);
  }
}

/** Asserts that a value is neither `null` nor `undefined`. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) {
    failed(`Expected actual: "${actual}" to not be null or undefined`, msg);
  }
}

/** Asserts that `actual` is an instance of a class. */
export function assertInstanceOf<T extends AnyConstructor>(
  actual: unknown,
  expectedType: T,
  msg = "",
): asserts actual is InstanceType<T> {
  if (actual instanceof expectedType) return;
  failed(`Expected object to be an instance of "${expectedType.name}" but was ${show(actual)}`, msg);
}

/** Asserts that a text matches. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) failed(`Expected actual: "${actual}" to match: "${expected}"`, msg);
}

/** Asserts that a text does not match. */
export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void {
  if (expected.test(actual)) failed(`Expected actual: "${actual}" to not match: "${expected}"`, msg);
}

/** Asserts that a text holds another. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) failed(`Expected actual: "${actual}" to contain: "${expected}"`, msg);
}

/** Asserts that `actual` holds each of `expected`, by deep equality. */
export function assertArrayIncludes<T>(actual: ArrayLike<T>, expected: ArrayLike<T>, msg?: string): void {
  const items = Array.from(actual);
  const missing = Array.from(expected).filter((wanted) => !items.some((item) => equal(item, wanted)));
  if (missing.length > 0) failed(`Expected actual: ${show(actual)} to include: ${show(missing)}`, msg);
}

/** Asserts that `expected` is a subset of `actual`, nested objects too. */
export function assertObjectMatch(
  // deno-lint-ignore no-explicit-any
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void {
  assertEquals(subset(actual, expected), expected, msg);
}

/** The part of `actual` that `expected` speaks of. */
function subset(actual: unknown, expected: unknown): unknown {
  if (!isPlain(actual) || !isPlain(expected)) return actual;
  if (Array.isArray(expected)) {
    return Array.isArray(actual)
      ? actual.map((item, i) => i in expected ? subset(item, expected[i]) : item)
      : actual;
  }
  if (actual instanceof Map || actual instanceof Set || actual instanceof Date) return actual;
  const part: Record<PropertyKey, unknown> = Object.create(Object.getPrototypeOf(actual));
  for (const key of Reflect.ownKeys(expected)) {
    if (key in actual) part[key] = subset(actual[key], expected[key]);
  }
  return isSameKind(actual, expected) ? part : { ...part };
}

function isPlain(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null && !ArrayBuffer.isView(value);
}

function isSameKind(a: object, b: object): boolean {
  return Object.getPrototypeOf(a) === Object.getPrototypeOf(b);
}

/** Asserts `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) failed(`Expect ${show(actual)} > ${show(expected)}`, msg);
}

/** Asserts `actual >= expected`. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual >= expected)) failed(`Expect ${show(actual)} >= ${show(expected)}`, msg);
}

/** Asserts `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) failed(`Expect ${show(actual)} < ${show(expected)}`, msg);
}

/** Asserts `actual <= expected`. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual <= expected)) failed(`Expect ${show(actual)} <= ${show(expected)}`, msg);
}

/** Asserts that two numbers are within `tolerance` of each other. */
export function assertAlmostEquals(actual: number, expected: number, tolerance?: number, msg?: string): void {
  if (Object.is(actual, expected)) return;
  const allowed = tolerance ?? (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  const delta = Math.abs(expected - actual);
  if (delta <= allowed) return;
  failed(
    `Expected actual: "${actual}" to be close to "${expected}": delta "${delta}" is greater than "${allowed}"`,
    msg,
  );
}

/** Fails. */
export function fail(msg?: string): never {
  failed("Failed assertion", msg ?? "");
}

/** Fails, where the code should never come to. */
export function unreachable(reason?: string): never {
  failed("Unreachable", reason ?? "");
}
