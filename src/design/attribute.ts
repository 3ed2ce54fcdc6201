/**
 * Attributes, and what is said of them besides validations (validation.ts).
 *
 * @module
 */
import type {
  AttributeIn,
  AttributeOut,
  AttributeViews,
  HasDefault,
  TraitsOf,
  ViewsAmong,
} from "./attribute_types.ts";
import { literal, part } from "./freeze.ts";
import type { CheckParts } from "./mistakes.ts";
import type {
  AttributeMember,
  AttributePart,
  DefaultPart,
  DescriptionPart,
  ExamplePart,
  MetaPart,
  RequiredPart,
} from "./parts.ts";

/**
 * An attribute with a field number for protobuf. Its parts, in any order: a type (String when there is none), a
 * description, validations, `Default`, `Example`, `Meta`, `View`; or attributes, which make it an inline object.
 *
 * @example
 * ```ts
 * import { Field, Int, Minimum } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const interval = Field(1, "interval", Int, "Sampling interval in seconds", Minimum(1));
 * assertEquals(interval.name, "interval");
 * ```
 */
export function Field<const Name extends string, const P extends readonly AttributeMember[]>(
  tag: number,
  name: Name,
  ...parts: CheckParts<P>
): AttributePart<
  Name,
  AttributeIn<P>,
  AttributeOut<P>,
  HasDefault<P>,
  AttributeViews<P>,
  ViewsAmong<P>["name"],
  TraitsOf<P>
> {
  return part({ kind: "attribute", name, tag, parts: parts as unknown as P });
}

/**
 * An attribute without a field number: as {@linkcode Field}, where gRPC plays no part.
 *
 * @example
 * ```ts
 * import { Attribute, String } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Attribute("name", String).tag, undefined);
 * ```
 */
export function Attribute<const Name extends string, const P extends readonly AttributeMember[]>(
  name: Name,
  ...parts: CheckParts<P>
): AttributePart<
  Name,
  AttributeIn<P>,
  AttributeOut<P>,
  HasDefault<P>,
  AttributeViews<P>,
  ViewsAmong<P>["name"],
  TraitsOf<P>
> {
  return part({ kind: "attribute", name, parts: parts as unknown as P });
}

/**
 * The attributes that a sender may not leave out (unless they have a `Default`).
 *
 * @example
 * ```ts
 * import { Field, Float32, Required, StreamingResult } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const result = StreamingResult(Field(1, "cpu", Float32), Required("cpu"));
 * assertEquals(result.role, "streamingResult");
 * ```
 */
export function Required<const Names extends string>(...names: readonly Names[]): RequiredPart<Names> {
  return part({ kind: "required", names });
}

/**
 * What the receiver sees when the sender left the attribute out.
 *
 * @example
 * ```ts
 * import { Default, Field, Int } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Field(1, "size", Int, Default(10)).name, "size");
 * ```
 */
export function Default<const Value>(value: Value): DefaultPart<Value> {
  return part({ kind: "default", value: literal(value) });
}

/**
 * An example value, for documentation: `Example(value)` or `Example(summary, value)`.
 *
 * @example
 * ```ts
 * import { Example } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Example("a vintage", 2019).summary, "a vintage");
 * assertEquals(Example(2019).value, 2019);
 * ```
 */
export function Example(
  ...args: readonly [value: unknown] | readonly [summary: string, value: unknown]
): ExamplePart {
  return args.length > 1
    ? part({ kind: "example", summary: args[0] as string, value: literal(args[1]) })
    : part({ kind: "example", summary: "default", value: literal(args[0]) });
}

/**
 * What a service, a method, an attribute or a response is, for people. A bare string among the parts means the same.
 *
 * @example
 * ```ts
 * import { Description } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Description("System metrics").text, "System metrics");
 * ```
 */
export function Description(text: string): DescriptionPart {
  return part({ kind: "description", text });
}

/**
 * A key and values for generators and extensions.
 *
 * @example
 * ```ts
 * import { Meta } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Meta("struct:name:proto", "Sample").values, ["Sample"]);
 * ```
 */
export function Meta<const Name extends string, const Values extends readonly string[]>(
  name: Name,
  ...values: Values
): MetaPart<Name, Values> {
  return part({ kind: "meta", name, values });
}
