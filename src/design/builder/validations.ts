/**
 * Checks what is said of an attribute: against its type, and one thing against another.
 *
 * @module
 */
import type { AttributeModel, MapModel, PrimitiveKind, ValidationModel } from "../model.ts";
import { compilePattern, FORMATS } from "../text_rules.ts";
import { RULE_WORDS } from "./collect.ts";
import { report, type Scope } from "./scope.ts";
import { underlying } from "./shape.ts";
import { misfit } from "./values.ts";

/** Checks validations, default, enum and examples of an attribute, once all types are whole. */
export function checkAttribute(scope: Scope, attribute: AttributeModel): void {
  scope.build.later.push(() => {
    const { type, validation } = attribute;
    const kind = underlying(type)?.kind;
    if (kind === undefined) return;
    if (type.kind === "map") checkKey(scope, type);
    checkFit(scope, validation, kind);
    checkArguments(scope, validation);
    checkRange(scope, validation);
    const { enum: values, ...others } = validation;
    for (const value of values ?? []) {
      const problem = misfit(value, { ...attribute, validation: others });
      if (problem !== undefined) report(scope, `Enum: ${problem}`);
    }
    if (attribute.default !== undefined) {
      const problem = misfit(attribute.default, attribute);
      if (problem !== undefined) report(scope, `Default: ${problem}`);
    }
    for (const { value } of attribute.examples) {
      const problem = misfit(value, attribute, true);
      if (problem !== undefined) report(scope, `Example: ${problem}`);
    }
  });
}

const NUMBERS: ReadonlySet<string> = new Set<PrimitiveKind>([
  "int",
  "int32",
  "int64",
  "uint",
  "uint32",
  "uint64",
  "float32",
  "float64",
]);

const LENGTHS: ReadonlySet<string> = new Set(["string", "bytes", "array", "map"]);

function checkFit(scope: Scope, validation: ValidationModel, kind: string): void {
  for (const rule of ["format", "pattern"] as const) {
    if (validation[rule] !== undefined && kind !== "string") tell(rule, "a String");
  }
  for (const rule of ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] as const) {
    if (validation[rule] !== undefined && !NUMBERS.has(kind)) tell(rule, "a number");
  }
  for (const rule of ["minLength", "maxLength"] as const) {
    if (validation[rule] !== undefined && !LENGTHS.has(kind)) {
      tell(rule, "a String, Bytes, an array or a map");
    }
  }

  function tell(rule: keyof typeof RULE_WORDS, what: string): void {
    report(scope, `${RULE_WORDS[rule]} is for ${what}, not for ${KIND_WORDS[kind] ?? kind}`);
  }
}

/** Kinds of types, for messages. */
export const KIND_WORDS: Readonly<Record<string, string>> = {
  boolean: "a Boolean",
  int: "an Int",
  int32: "an Int32",
  int64: "an Int64",
  uint: "a UInt",
  uint32: "a UInt32",
  uint64: "a UInt64",
  float32: "a Float32",
  float64: "a Float64",
  string: "a String",
  bytes: "Bytes",
  any: "Any",
  array: "an array",
  map: "a map",
  object: "an object",
  union: "a union",
};

function checkArguments(scope: Scope, validation: ValidationModel): void {
  const { format, pattern } = validation;
  if (format !== undefined && !Object.hasOwn(FORMATS, format)) {
    report(scope, `Format: there is no format "${format}"`);
  }
  if (pattern !== undefined && regexOf(pattern) === undefined) {
    report(scope, `Pattern: "${pattern}" is no regular expression`);
  }
  for (const rule of ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] as const) {
    const value = validation[rule];
    if (value !== undefined && typeof value !== "bigint" && !Number.isFinite(value)) {
      report(scope, `${RULE_WORDS[rule]}: ${value} is no finite number`);
    }
  }
  for (const rule of ["minLength", "maxLength"] as const) {
    const value = validation[rule];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0)) {
      report(scope, `${RULE_WORDS[rule]}: ${value} is no length`);
    }
  }
}

/** The expression; `undefined` when it is none. */
export function regexOf(pattern: string): RegExp | undefined {
  try {
    return compilePattern(pattern);
  } catch {
    return undefined; // a SyntaxError: the callers tell
  }
}

function checkRange(scope: Scope, validation: ValidationModel): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, minLength, maxLength } = validation;
  if (minimum !== undefined && exclusiveMinimum !== undefined) {
    report(scope, "there are both Minimum and ExclusiveMinimum");
  }
  if (maximum !== undefined && exclusiveMaximum !== undefined) {
    report(scope, "there are both Maximum and ExclusiveMaximum");
  }
  if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
    report(scope, `Minimum ${minimum} is greater than Maximum ${maximum}`);
  }
  for (
    const [low, high, words] of [
      [minimum, exclusiveMaximum, ["Minimum", "ExclusiveMaximum"]],
      [exclusiveMinimum, maximum, ["ExclusiveMinimum", "Maximum"]],
      [exclusiveMinimum, exclusiveMaximum, ["ExclusiveMinimum", "ExclusiveMaximum"]],
    ] as const
  ) {
    if (low !== undefined && high !== undefined && low >= high) {
      report(scope, `${words[0]} ${low} is not less than ${words[1]} ${high}`);
    }
  }
  if (minLength !== undefined && maxLength !== undefined && minLength > maxLength) {
    report(scope, `MinLength ${minLength} is greater than MaxLength ${maxLength}`);
  }
}

/** In JSON, keys are text. */
function checkKey(scope: Scope, map: MapModel): void {
  const kind = underlying(map.key.type)?.kind;
  if (kind === undefined || kind === "string" || kind === "boolean" || NUMBERS.has(kind)) return;
  report(scope, `the keys of a MapOf are strings, numbers or booleans, not ${KIND_WORDS[kind] ?? kind}`);
}
