/**
 * What validate.ts checks, as source: conditions on a variable.
 *
 * @module
 */
import { isDetached } from "../design/bytes.ts";
import type { FormatName, PrimitiveKind, TypeModel, ValidationModel } from "../design/model.ts";
import { compilePattern, FORMATS } from "../design/text_rules.ts";
import { newWalk } from "./problem.ts";
import { limit, literal, type SourceWriter } from "./source_writer.ts";
import { type Check, constraintsOf, lengthOf } from "./validate.ts";
import { underlying } from "./view.ts";

const MAX_FLOAT32 = "3.4028234663852886e38";
const MAX_FLOAT64 = "1.7976931348623157e308";

/** Formats of nothing but printable ASCII without quotes and backslashes. */
export const PLAIN_FORMATS: ReadonlySet<string> = new Set([
  "date",
  "date-time",
  "uuid",
  "ipv4",
  "ipv6",
  "ip",
  "mac",
  "cidr",
  "hostname",
  "rfc1123",
]);

/** What a kind's value is, of a variable `$`. */
const KINDS: Readonly<Record<Exclude<PrimitiveKind, "any">, string>> = {
  boolean: `typeof $ === "boolean"`,
  int: `typeof $ === "number" && Number.isSafeInteger($)`,
  int32: `typeof $ === "number" && ($ | 0) === $`,
  int64: `typeof $ === "bigint" && BigInt.asIntN(64, $) === $`,
  uint: `typeof $ === "number" && $ >= 0 && Number.isSafeInteger($)`,
  uint32: `typeof $ === "number" && ($ >>> 0) === $`,
  uint64: `typeof $ === "bigint" && BigInt.asUintN(64, $) === $`,
  // A little below what rounds to infinity, which the closures know better.
  float32: `typeof $ === "number" && $ >= -${MAX_FLOAT32} && $ <= ${MAX_FLOAT32}`,
  float64: `typeof $ === "number" && $ >= -${MAX_FLOAT64} && $ <= ${MAX_FLOAT64}`,
  string: `typeof $ === "string"`,
  bytes: `$ instanceof Uint8Array`,
};

/** Whether a variable is a value of a kind (of a string: not whether it is well-formed). */
export function isKind(kind: Exclude<PrimitiveKind, "any">, x: string): string {
  return KINDS[kind].replaceAll("$", x);
}

/** Whether bytes that are to be sent are there, of a variable that holds bytes. */
export function areThere({ named }: SourceWriter, x: string): string {
  return `${x}.length !== 0 || !${named(isDetached)}(${x})`;
}

const MAX_INLINE_ENUM = 8;
const NUMBERS: ReadonlySet<string> = new Set(["int", "int32", "uint", "uint32", "float32", "float64"]);

/** Whether the values of a kind are numbers. */
export function isNumber(kind: string): boolean {
  return NUMBERS.has(kind);
}

function isNumeric(kind: string): boolean {
  return NUMBERS.has(kind) || kind === "int64" || kind === "uint64";
}

/** A check as a function that tells. */
export function passes(check: Check): (value: unknown) => boolean {
  return (value) => {
    const walk = newWalk();
    check(value, walk);
    return walk.count === 0;
  };
}

/**
 * The validations of what has passed its kind's check.
 *
 * @param unless Makes a statement that leaves unless a condition holds
 * @param skip A format that is checked otherwise
 */
export function constraintsCode(
  source: SourceWriter,
  type: TypeModel,
  x: string,
  validations: readonly ValidationModel[],
  unless: (condition: string) => string,
  skip?: FormatName,
): string {
  const { kind } = underlying(type);
  let code = "";
  for (const validation of validations) {
    const rest: Record<string, unknown> = {};
    for (const [rule, bound] of Object.entries(validation)) {
      if (bound === undefined || rule === "format" && bound === skip) continue;
      const condition = conditionOf(source, kind, rule, bound, x);
      if (condition === undefined) rest[rule] = bound;
      else code += unless(condition);
    }
    const check = constraintsOf(rest as ValidationModel, type);
    if (check !== undefined) code += unless(`${source.named(passes(check))}(${x})`);
  }
  return code;
}

function conditionOf(
  { named }: SourceWriter,
  kind: TypeModel["kind"],
  rule: string,
  bound: unknown,
  x: string,
): string | undefined {
  switch (rule) {
    case "enum": {
      const allowed = bound as readonly unknown[];
      const of = kind === "string" ? "string" : NUMBERS.has(kind) ? "number" : undefined;
      if (of === undefined || !allowed.every((item) => typeof item === of)) return undefined;
      if (allowed.length > MAX_INLINE_ENUM) return `${named(new Set(allowed))}.has(${x})`;
      return allowed.map((item) => `${x} === ${typeof item === "string" ? literal(item) : String(item)}`)
        .join(" || ") || "false";
    }
    case "format":
      return kind === "string"
        ? `${named(FORMATS[bound as NonNullable<ValidationModel["format"]>])}(${x})`
        : undefined;
    case "pattern":
      return kind === "string" ? `${named(compilePattern(bound as string))}.test(${x})` : undefined;
    case "minimum":
      return isNumeric(kind) ? `${x} >= ${limit(bound as number)}` : undefined;
    case "exclusiveMinimum":
      return isNumeric(kind) ? `${x} > ${limit(bound as number)}` : undefined;
    case "maximum":
      return isNumeric(kind) ? `${x} <= ${limit(bound as number)}` : undefined;
    case "exclusiveMaximum":
      return isNumeric(kind) ? `${x} < ${limit(bound as number)}` : undefined;
    case "minLength":
      if (kind === "array" || kind === "bytes") return `${x}.length >= ${limit(bound as number)}`;
      return kind === "string"
        ? `${x}.length >= ${limit(2 * (bound as number))} || ${named(lengthOf)}(${x}) >= ${
          limit(bound as number)
        }`
        : undefined;
    case "maxLength":
      if (kind === "array" || kind === "bytes") return `${x}.length <= ${limit(bound as number)}`;
      return kind === "string"
        ? `${x}.length <= ${limit(bound as number)} || ${named(lengthOf)}(${x}) <= ${limit(bound as number)}`
        : undefined;
  }
  return undefined;
}
