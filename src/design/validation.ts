/**
 * Validations.
 *
 * @module
 */
import { literal, part } from "./freeze.ts";
import type { FormatName } from "./model.ts";
import type { EnumPart, ValidationPart, ValidationRule } from "./parts.ts";

function validation(rule: ValidationRule, value: string | number | bigint): ValidationPart {
  return part({ kind: "validation", rule, value });
}

/**
 * The values that are allowed. The attribute's type narrows to their union.
 *
 * @example
 * ```ts
 * import { Enum, Field, String } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Field(1, "colour", String, Enum("red", "white")).name, "colour");
 * ```
 */
export function Enum<const Values extends readonly unknown[]>(...values: Values): EnumPart<Values[number]> {
  return part({ kind: "enum", values: values.map(literal) });
}

/**
 * A named format that a string must have, one of the `Format…` constants.
 *
 * @example
 * ```ts
 * import { Format, FormatDateTime } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Format(FormatDateTime).value, "date-time");
 * ```
 */
export function Format(name: FormatName): ValidationPart {
  return validation("format", name);
}

/**
 * A regular expression that a string must match somewhere.
 *
 * @example
 * ```ts
 * import { Pattern } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Pattern("^[a-z]+$").value, "^[a-z]+$");
 * ```
 */
export function Pattern(source: string | RegExp): ValidationPart {
  return validation("pattern", typeof source === "string" ? source : source.source);
}

/**
 * The least value of a number.
 *
 * @example
 * ```ts
 * import { Minimum } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Minimum(1).value, 1);
 * ```
 */
export function Minimum(value: number | bigint): ValidationPart {
  return validation("minimum", value);
}

/**
 * The greatest value of a number.
 *
 * @example
 * ```ts
 * import { Maximum } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Maximum(100).value, 100);
 * ```
 */
export function Maximum(value: number | bigint): ValidationPart {
  return validation("maximum", value);
}

/**
 * What a number must be above.
 *
 * @example
 * ```ts
 * import { ExclusiveMinimum } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ExclusiveMinimum(0).rule, "exclusiveMinimum");
 * ```
 */
export function ExclusiveMinimum(value: number | bigint): ValidationPart {
  return validation("exclusiveMinimum", value);
}

/**
 * What a number must be below.
 *
 * @example
 * ```ts
 * import { ExclusiveMaximum } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ExclusiveMaximum(1).rule, "exclusiveMaximum");
 * ```
 */
export function ExclusiveMaximum(value: number | bigint): ValidationPart {
  return validation("exclusiveMaximum", value);
}

/**
 * The least length: characters of a string, bytes, elements of an array or a map.
 *
 * @example
 * ```ts
 * import { MinLength } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(MinLength(1).value, 1);
 * ```
 */
export function MinLength(value: number): ValidationPart {
  return validation("minLength", value);
}

/**
 * The greatest length: characters of a string, bytes, elements of an array or a map.
 *
 * @example
 * ```ts
 * import { MaxLength } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(MaxLength(80).value, 80);
 * ```
 */
export function MaxLength(value: number): ValidationPart {
  return validation("maxLength", value);
}
