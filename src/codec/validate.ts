/**
 * What every codec checks of a value, whatever the wire: the kind of a primitive and the validations of an attribute.
 * Both take JavaScript values, so that JSON and protobuf accept and refuse the same.
 *
 * @module
 */
import { isDetached } from "../design/bytes.ts";
import type { PrimitiveKind, TypeModel, ValidationModel } from "../design/model.ts";
import { compilePattern, FORMATS } from "../design/text_rules.ts";
import {
  invalidEnum,
  invalidFormat,
  invalidLength,
  invalidPattern,
  invalidRange,
  invalidType,
  keyStep,
  MAX_DEPTH,
  tooDeep,
  type Walk,
  within,
} from "./problem.ts";
import { underlying } from "./view.ts";

/** Checks a value; what it finds goes into the walk. */
export type Check = (value: unknown, walk: Walk) => void;

/** Goa's name of a kind in messages. */
export const KIND_NAMES: Readonly<Record<PrimitiveKind, string>> = {
  boolean: "boolean",
  int: "integer",
  int32: "integer",
  int64: "integer",
  uint: "unsigned integer",
  uint32: "unsigned integer",
  uint64: "unsigned integer",
  float32: "float",
  float64: "float",
  string: "string",
  bytes: "byte array",
  any: "JSON value",
};

const GREATER = "greater or equal than";
const LESSER = "lesser or equal than";
const MAX_FLOAT32 = 3.4028234663852886e38;

/** An integer between two limits; outside of them it is `invalid_range`, as any other limit. */
function integer(name: string, min: number, max: number, safe: boolean): Check {
  return (value, walk) => {
    if (typeof value !== "number" || !(safe ? Number.isSafeInteger(value) : Number.isInteger(value))) {
      invalidType(walk, value, name);
    } else if (value < min) invalidRange(walk, value, GREATER, min);
    else if (value > max) invalidRange(walk, value, LESSER, max);
  };
}

function bigInteger(name: string, min: bigint, max: bigint): Check {
  return (value, walk) => {
    if (typeof value !== "bigint") invalidType(walk, value, name);
    else if (value < min) invalidRange(walk, value, GREATER, min);
    else if (value > max) invalidRange(walk, value, LESSER, max);
  };
}

function checkFloat64(value: unknown, walk: Walk): void {
  if (typeof value !== "number" || !Number.isFinite(value)) invalidType(walk, value, KIND_NAMES.float64);
}

function checkFloat32(value: unknown, walk: Walk): void {
  if (typeof value !== "number" || !Number.isFinite(value)) invalidType(walk, value, KIND_NAMES.float32);
  // Infinite once rounded to 32 bits, which no transport may carry.
  else if (!Number.isFinite(Math.fround(value))) {
    if (value > 0) invalidRange(walk, value, LESSER, MAX_FLOAT32);
    else invalidRange(walk, value, GREATER, -MAX_FLOAT32);
  }
}

/** Text that UTF-8 cannot carry is invalid on every transport. */
export function checkString(value: unknown, walk: Walk): void {
  if (typeof value !== "string") invalidType(walk, value, KIND_NAMES.string);
  else if (!value.isWellFormed()) invalidFormat(walk, value, "well-formed Unicode string");
}

/**
 * Checks that a value is JSON: null, booleans, finite numbers, well-formed strings, arrays and plain objects of these,
 * nested no deeper than {@linkcode MAX_DEPTH}. A property that is `undefined` counts as absent.
 */
export function checkAny(value: unknown, walk: Walk): void {
  anyAt(value, walk, 0);
}

function anyAt(value: unknown, walk: Walk, depth: number): void {
  switch (typeof value) {
    case "string":
      return checkString(value, walk);
    case "boolean":
      return;
    case "number":
      if (!Number.isFinite(value)) invalidType(walk, value, KIND_NAMES.any);
      return;
    case "object":
      if (value === null) return;
      // Cycles end here too.
      if (depth >= MAX_DEPTH) return tooDeep(walk);
      if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++) {
          const before = walk.count;
          anyAt(value[i], walk, depth + 1);
          if (walk.count !== before) within(walk, before, `[${i}]`);
        }
        return;
      }
      if (!isPlain(value)) break;
      for (const key of Object.keys(value)) {
        const item = (value as Record<string, unknown>)[key];
        if (item === undefined) continue;
        const before = walk.count;
        checkString(key, walk);
        anyAt(item, walk, depth + 1);
        if (walk.count !== before) within(walk, before, keyStep(key));
      }
      return;
  }
  invalidType(walk, value, KIND_NAMES.any);
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  // The second: Object.prototype of another realm.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The check of each primitive kind, on the value that a user sees. */
export const KIND_CHECKS: Readonly<Record<PrimitiveKind, Check>> = {
  boolean: (value, walk) => {
    if (typeof value !== "boolean") invalidType(walk, value, KIND_NAMES.boolean);
  },
  int: integer(KIND_NAMES.int, -Infinity, Infinity, true),
  int32: integer(KIND_NAMES.int32, -2147483648, 2147483647, false),
  int64: bigInteger(KIND_NAMES.int64, -9223372036854775808n, 9223372036854775807n),
  uint: integer(KIND_NAMES.uint, 0, Infinity, true),
  uint32: integer(KIND_NAMES.uint32, 0, 4294967295, false),
  uint64: bigInteger(KIND_NAMES.uint64, 0n, 18446744073709551615n),
  float32: checkFloat32,
  float64: checkFloat64,
  string: checkString,
  bytes: (value, walk) => {
    if (!(value instanceof Uint8Array) || isDetached(value)) invalidType(walk, value, KIND_NAMES.bytes);
  },
  any: checkAny,
};

/** On gRPC Int and UInt have 32 bits (contract §7). */
export const GRPC_KIND_CHECKS: Readonly<Record<PrimitiveKind, Check>> = {
  ...KIND_CHECKS,
  int: integer(KIND_NAMES.int, -2147483648, 2147483647, true),
  uint: integer(KIND_NAMES.uint, 0, 4294967295, true),
};

function codePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // The check before this one made sure that every high surrogate has its low one.
    if (unit >= 0xd800 && unit <= 0xdbff) {
      count--;
      i++;
    }
  }
  return count;
}

/** Length as Goa counts it, of text that is well-formed. */
export function lengthOf(value: unknown): number {
  if (typeof value === "string") return codePoints(value);
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length;
  if (value instanceof Map) return value.size;
  return Object.keys(value as object).length;
}

function isNumeric(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint";
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  // -0 may become 0; the design may write a 64-bit integer as a number.
  if (isNumeric(a) && isNumeric(b)) return a == b;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, item]) => b.has(key) && same(item, b.get(key)));
  }
  if (Array.isArray(a) !== Array.isArray(b) || a instanceof Uint8Array !== b instanceof Uint8Array) {
    return false;
  }
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length &&
    keys.every((key) =>
      Object.hasOwn(b, key) &&
      same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])
    );
}

function enumCheck(allowed: readonly unknown[]): Check {
  const set = new Set(allowed);
  const simple = allowed.every((item) => typeof item === "string" || typeof item === "number");
  return (value, walk) => {
    if (set.has(value)) return;
    if (!simple || typeof value === "bigint") {
      if (allowed.some((item) => same(item, value))) return;
    }
    invalidEnum(walk, value, allowed);
  };
}

/**
 * Makes one check of all validations of an attribute, in Goa's order; `undefined` when there is nothing to check. It
 * relies on the value having passed its kind's check.
 */
export function constraintsOf(validation: ValidationModel, type: TypeModel): Check | undefined {
  const checks: Check[] = [];
  const add = <T>(bound: T | undefined, make: (bound: T) => Check): void => {
    if (bound !== undefined) checks.push(make(bound));
  };
  const { kind } = underlying(type);
  const text = kind === "string";

  add(validation.enum, enumCheck);
  add(text ? validation.format : undefined, (format) => {
    const matches = FORMATS[format];
    return (value, walk) => {
      if (!matches(value as string)) invalidFormat(walk, value as string, format);
    };
  });
  add(text ? validation.pattern : undefined, (source) => {
    const pattern = compilePattern(source);
    return (value, walk) => {
      if (!pattern.test(value as string)) invalidPattern(walk, value as string, source);
    };
  });
  add(validation.exclusiveMinimum, (bound) => (value, walk) => {
    if ((value as number) <= bound) invalidRange(walk, value, "greater than", bound);
  });
  add(validation.minimum, (bound) => (value, walk) => {
    if ((value as number) < bound) invalidRange(walk, value, GREATER, bound);
  });
  add(validation.exclusiveMaximum, (bound) => (value, walk) => {
    if ((value as number) >= bound) invalidRange(walk, value, "lesser than", bound);
  });
  add(validation.maximum, (bound) => (value, walk) => {
    if ((value as number) > bound) invalidRange(walk, value, LESSER, bound);
  });
  add(validation.minLength, (bound) => (value, walk) => {
    // Nor less than half as many.
    if (typeof value === "string" && value.length >= 2 * bound) return;
    const length = lengthOf(value);
    if (length < bound) invalidLength(walk, value, length, GREATER, bound);
  });
  add(validation.maxLength, (bound) => (value, walk) => {
    // No text has more code points than units: most need not be counted.
    if (typeof value === "string" && value.length <= bound) return;
    const length = lengthOf(value);
    if (length > bound) invalidLength(walk, value, length, LESSER, bound);
  });
  if (checks.length <= 1) return checks[0];
  return (value, walk) => {
    for (let i = 0; i < checks.length; i++) checks[i]!(value, walk);
  };
}
