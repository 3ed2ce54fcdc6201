/**
 * Attributes taken from other types, and attributes with a part to play.
 *
 * @module
 */
import type { AttributeIn, AttributeOut, TraitsOf } from "./attribute_types.ts";
import { ERROR_NAME_META } from "./error_name.ts";
import { part } from "./freeze.ts";
import type { CheckParts } from "./mistakes.ts";
import type { AttributeMember, AttributePart } from "./parts.ts";
import type { ResultType, Type } from "./types.ts";
import type { AttributesPart, ExtendPart, ReferencePart } from "./type_parts.ts";

/** A type with attributes, or a thunk that gives it. */
export type ObjectLike =
  | Type<never, unknown>
  | ResultType<never, unknown, unknown>
  | (() => Type<never, unknown> | ResultType<never, unknown, unknown>);

/**
 * Takes over all attributes of a type, and what is required of them. An attribute of the same name that is written here
 * wins, and keeps what it does not say itself.
 *
 * @example
 * ```ts
 * import { Extend, Field, type InOf, Int, MinLength, Required, String, Type } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const Create = Type("Create", Field(1, "name", String, MinLength(3)), Required("name"));
 * const Update = Type("Update", Field(2, "id", Int), Extend(Create), Required("id"));
 * const update: InOf<typeof Update> = { id: 1, name: "Merlot" };
 * assertEquals(update.name, "Merlot");
 * ```
 */
export function Extend<const T extends ObjectLike>(type: T): ExtendPart<T> {
  return part({ kind: "extend", type });
}

/**
 * Says more of the attributes written here: those of the same name in the type give what is not written, the type of
 * the attribute above all. Attributes that are not written here are not taken over.
 *
 * @example
 * ```ts
 * import { Field, Int, type OutOf, Reference, Required, String, Type } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const Bottle = Type("Bottle", Field(1, "name", String), Field(2, "vintage", Int), Required("name"));
 * const Label = Type("Label", Reference(Bottle), Field(1, "name"), Field(2, "vintage"));
 * const label: OutOf<typeof Label> = { name: "Merlot", vintage: 2019 };
 * assertEquals(label.vintage, 2019);
 * ```
 */
export function Reference<const T extends ObjectLike>(type: T): ReferencePart<T> {
  return part({ kind: "reference", type });
}

/**
 * The attributes of a `ResultType`, apart from its views; the same as writing them one by one.
 *
 * @example
 * ```ts
 * import { Attributes, Field, Int, Required, ResultType, View } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const Bottle = ResultType(
 *   "application/vnd.bottle",
 *   Attributes(Field(1, "id", Int), Field(2, "name"), Required("id")),
 *   View("tiny", "id"),
 * );
 * assertEquals(Bottle.parts.length, 2);
 * ```
 */
export function Attributes<const P extends readonly AttributeMember[]>(
  ...parts: CheckParts<P>
): AttributesPart<P> {
  return part({ kind: "attributes", parts: parts as unknown as P });
}

/** Arguments of `ErrorName`: those of `Attribute` or those of `Field`. */
export type ErrorNameArgs =
  | readonly [name: string, ...parts: readonly AttributeMember[]]
  | readonly [tag: number, name: string, ...parts: readonly AttributeMember[]];

/** The name among the arguments of `ErrorName`. */
export type ErrorNameOf<A extends ErrorNameArgs> = A extends readonly [infer N extends string, ...unknown[]]
  ? N
  : A extends readonly [number, infer N extends string, ...unknown[]] ? N
  : never;

/** The parts among the arguments of `ErrorName`. */
export type ErrorNameParts<A extends ErrorNameArgs> = A extends
  readonly [number, string, ...infer P extends readonly AttributeMember[]] ? P
  : A extends readonly [string, ...infer P extends readonly AttributeMember[]] ? P
  : never;

/**
 * The attribute of an error's type that tells the name of the error, where several errors share the type. Takes what
 * `Attribute` or `Field` take. It is filled in: `call.error("busy", { … })` need not repeat the name.
 *
 * @example
 * ```ts
 * import { Error, ErrorName, Field, Method, Required, Service, String, Type } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const Problem = Type(
 *   "Problem",
 *   ErrorName(1, "name", String, "Name of the error"),
 *   Field(2, "hint", String),
 *   Required("name", "hint"),
 * );
 * const cellar = Service("cellar", Method("drink", Error("empty", Problem), Error("locked", Problem)));
 * assertEquals(Object.keys(cellar.model.methods["drink"]!.errors), ["empty", "locked"]);
 * ```
 */
export function ErrorName<const A extends ErrorNameArgs>(
  ...args: A
): AttributePart<
  ErrorNameOf<A>,
  AttributeIn<ErrorNameParts<A>>,
  AttributeOut<ErrorNameParts<A>>,
  true,
  never,
  never,
  TraitsOf<ErrorNameParts<A>>
> {
  const [tag, name, ...parts] = typeof args[0] === "number" ? args : [undefined, ...args];
  const all: AttributeMember[] = [...parts as AttributeMember[], ERROR_NAME];
  const made = tag === undefined
    ? { kind: "attribute" as const, name: name as ErrorNameOf<A>, parts: all }
    : { kind: "attribute" as const, name: name as ErrorNameOf<A>, tag: tag as number, parts: all };
  return part(made);
}

const ERROR_NAME = part({ kind: "meta" as const, name: ERROR_NAME_META, values: [] });
