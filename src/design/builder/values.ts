/**
 * Checks the values that a designer writes: defaults, enums, examples.
 *
 * @module
 */
import { isDetached } from "../bytes.ts";
import type { AttributeModel, ObjectModel, TypeModel, UnionModel, ValidationModel } from "../model.ts";
import { FORMATS } from "../text_rules.ts";
import { KIND_WORDS, regexOf } from "./validations.ts";

/**
 * What is wrong with a value for an attribute, in words; `undefined` when it fits.
 *
 * @param lenient Takes what JSON would hold (numbers for 64 bits, base64 for bytes), as examples are written
 */
export function misfit(value: unknown, attribute: AttributeModel, lenient = false): string | undefined {
  const { type, validation } = attribute;
  const problem = type.kind === "user"
    ? misfit(value, type.attribute, lenient)
    : misfitType(value, type, lenient);
  return problem ?? misfitValidation(value, validation);
}

const RANGES: Readonly<Record<string, readonly [number | bigint, number | bigint]>> = {
  int: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint: [0, Number.MAX_SAFE_INTEGER],
  uint32: [0, 2 ** 32 - 1],
  uint64: [0n, 2n ** 64n - 1n],
};

function misfitType(
  value: unknown,
  type: Exclude<TypeModel, { kind: "user" }>,
  lenient: boolean,
): string | undefined {
  switch (type.kind) {
    case "boolean":
      return fits(typeof value === "boolean");
    case "string":
      return fits(typeof value === "string") ??
        (!(value as string).isWellFormed() ? `${show(value)} has a lone surrogate` : undefined);
    case "bytes":
      return fits(value instanceof Uint8Array && !isDetached(value) || lenient && typeof value === "string");
    case "any":
      return undefined;
    case "union":
      return fits(isRecord(value)) ?? misfitUnion(value as Record<string, unknown>, type, lenient);
    case "float32":
    case "float64":
      return fits(typeof value === "number" && Number.isFinite(value));
    case "array":
      return fits(Array.isArray(value)) ??
        first(value as unknown[], (elem) => misfit(elem, type.elem, lenient));
    case "map": {
      const entries = value instanceof Map ? [...value] : isRecord(value) ? Object.entries(value) : undefined;
      const wrong = fits(entries !== undefined);
      if (wrong !== undefined) return wrong;
      const parse = value instanceof Map ? (key: unknown) => key : undefined;
      return first(
        entries!,
        ([key, elem]) => (parse && misfit(key, type.key, lenient)) ?? misfit(elem, type.elem, lenient),
      );
    }
    case "object":
      return fits(isRecord(value)) ?? misfitObject(value as Record<string, unknown>, type, lenient);
    default: {
      const big = type.kind === "int64" || type.kind === "uint64";
      const right = big
        ? typeof value === "bigint" || lenient && Number.isSafeInteger(value)
        : Number.isSafeInteger(value);
      const [low, high] = RANGES[type.kind]!;
      return fits(right) ?? ((value as number) < low || (value as number) > high ? say() : undefined);
    }
  }

  function fits(right: boolean): string | undefined {
    return right ? undefined : say();
  }

  function say(): string {
    return `${show(value)} is not ${KIND_WORDS[type.kind] ?? type.kind}`;
  }
}

function misfitUnion(
  value: Readonly<Record<string, unknown>>,
  { members, typeField, valueField }: UnionModel,
  lenient: boolean,
): string | undefined {
  const tags = members.map(({ name, meta }) => meta["oneof:type:tag"]?.[0] ?? name);
  const member = members[tags.indexOf(value[typeField] as string)];
  if (member === undefined) return `"${typeField}" is not one of ${tags.map(show).join(", ")}`;
  if (value[valueField] === undefined || value[valueField] === null) {
    return `attribute "${valueField}" is missing`;
  }
  const problem = misfit(value[valueField], member, lenient);
  return problem === undefined ? undefined : `attribute "${valueField}": ${problem}`;
}

function misfitObject(
  value: Readonly<Record<string, unknown>>,
  type: ObjectModel,
  lenient: boolean,
): string | undefined {
  const names = new Set<string>();
  for (const attribute of type.attributes) {
    names.add(attribute.name);
    const item = Object.hasOwn(value, attribute.name) ? value[attribute.name] : undefined;
    if (item === undefined || item === null) {
      if (attribute.required && attribute.default === undefined) {
        return `attribute "${attribute.name}" is missing`;
      }
      continue;
    }
    const problem = misfit(item, attribute, lenient);
    if (problem !== undefined) return `attribute "${attribute.name}": ${problem}`;
  }
  const unknown = Object.keys(value).find((name) => !names.has(name));
  return unknown === undefined ? undefined : `there is no attribute named "${unknown}"`;
}

/** What is wrong with a value for validations; it has the right type. */
export function misfitValidation(value: unknown, validation: ValidationModel): string | undefined {
  const { format, pattern, minimum, maximum, exclusiveMinimum, exclusiveMaximum, minLength, maxLength } =
    validation;
  if (validation.enum !== undefined && !validation.enum.some((one) => same(one, value))) {
    return `${show(value)} is not one of ${validation.enum.map(show).join(", ")}`;
  }
  if (typeof value === "string" && format !== undefined && FORMATS[format]?.(value) === false) {
    return `${show(value)} does not have Format "${format}"`;
  }
  if (typeof value === "string" && pattern !== undefined && regexOf(pattern)?.test(value) === false) {
    return `${show(value)} does not match Pattern "${pattern}"`;
  }
  if (typeof value === "number" || typeof value === "bigint") {
    if (minimum !== undefined && value < minimum) return `${value} is less than Minimum ${minimum}`;
    if (maximum !== undefined && value > maximum) return `${value} is greater than Maximum ${maximum}`;
    if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) {
      return `${value} is not greater than ExclusiveMinimum ${exclusiveMinimum}`;
    }
    if (exclusiveMaximum !== undefined && value >= exclusiveMaximum) {
      return `${value} is not less than ExclusiveMaximum ${exclusiveMaximum}`;
    }
  }
  if (minLength === undefined && maxLength === undefined) return undefined;
  const length = lengthOf(value);
  if (length === undefined) return undefined;
  if (minLength !== undefined && length < minLength) {
    return `${show(value)} is shorter than MinLength ${minLength}`;
  }
  if (maxLength !== undefined && length > maxLength) {
    return `${show(value)} is longer than MaxLength ${maxLength}`;
  }
  return undefined;
}

function lengthOf(value: unknown): number | undefined {
  if (typeof value === "string") return [...value].length;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length;
  if (value instanceof Map) return value.size;
  return isRecord(value) ? Object.keys(value).length : undefined;
}

/** Whether a value can be an object of the design, or a map with keys of text. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Map) &&
    !ArrayBuffer.isView(value);
}

function first<T>(values: readonly T[], problem: (value: T) => string | undefined): string | undefined {
  for (const value of values) {
    const found = problem(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether two values that a designer wrote are the same, deep down. */
function same(one: unknown, other: unknown): boolean {
  return Object.is(one, other) ||
    typeof one === "object" && typeof other === "object" && textOf(one) === textOf(other);
}

/** A value for a message: whatever it is, and not at length. */
export function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  let text: string;
  try {
    text = textOf(value);
  } catch {
    return "an object that JSON cannot hold"; // it contains itself, or nests too deep
  }
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN).toWellFormed()}…`;
}

const MAX_SHOWN = 200;

function textOf(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Uint8Array) return isDetached(value) ? "detached bytes" : `bytes ${value}`;
  if (value instanceof Map) return `a Map of ${textOf([...value])}`;
  if (typeof value !== "object") return typeof value === "string" ? JSON.stringify(value) : String(value);
  return JSON.stringify(value, (_key, inner) => typeof inner === "bigint" ? `${inner}n` : inner);
}
