/**
 * Types that a designer names or composes.
 *
 * @module
 */
import type {
  AttributeIn,
  AttributeOut,
  BaseIn,
  BaseOut,
  EmptyObject,
  EnumAmong,
  InOf,
  MadeViews,
  Narrowed,
  OutOf,
  ViewsOf,
} from "./attribute_types.ts";
import { part } from "./freeze.ts";
import type { CheckParts, CheckResultType } from "./mistakes.ts";
import { type Schema, schema } from "./standard_schema.ts";
import type {
  ArrayType,
  AttributeMember,
  CollectionType,
  DescriptionPart,
  ElemPart,
  KeyPart,
  MapType,
  TypeLike,
  TypeMember,
  TypeNamePart,
  Types,
  ViewMember,
  ViewPart,
} from "./parts.ts";

/**
 * A named type, made by the word `Type`. Annotate a recursive one, as TypeScript wants it:
 * `const Node: Type<Node> = Type("Node", Field(1, "next", () => Node))`.
 */
export interface Type<In, Out = In> extends Schema<Out> {
  /** Tells parts apart. */
  readonly kind: "type";
  /** Name of the type. */
  readonly name: string;
  /** Its attributes, or its base type, and what is said of it. */
  readonly parts: readonly TypeMember[];
  /** Never there at run time. */
  readonly "~types"?: Types<In, Out, never>;
}

/** A named type with views, made by the word `ResultType`. */
export interface ResultType<In, Out = In, Views = { readonly default: Out }> extends Schema<Out> {
  /** Tells parts apart. */
  readonly kind: "result_type";
  /** Media type. */
  readonly identifier: string;
  /** Its attributes, its views, and what is said of it. */
  readonly parts: readonly TypeMember[];
  /** Never there at run time. */
  readonly "~types"?: Types<In, Out, Views>;
}

/**
 * A named type: of attributes, or another name for a type with more said of it. Refers to types by value; to itself,
 * or to one that is written later, by a thunk.
 *
 * @example
 * ```ts
 * import { Field, String, Type } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * interface Node {
 *   name?: string;
 *   next?: Node;
 * }
 * const Node: Type<Node> = Type("Node", Field(1, "name", String), Field(2, "next", () => Node));
 * assertEquals(Node.name, "Node");
 * ```
 */
export function Type<const P extends readonly TypeMember[]>(
  name: string,
  ...parts: CheckParts<P>
): Type<AttributeIn<P, EmptyObject>, AttributeOut<P, EmptyObject>> {
  return part(schema({ kind: "type", name, parts: parts as unknown as P })) as never;
}

/**
 * A type with views, named by its media type: `"application/vnd.cellar.bottle"` is `CellarBottle`, unless `TypeName`
 * says otherwise. Unless a `View("default", …)` is written, that view shows all attributes.
 *
 * @example
 * ```ts
 * import { Field, Int, Required, ResultType, String, View } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const Bottle = ResultType(
 *   "application/vnd.bottle",
 *   Field(1, "id", Int),
 *   Field(2, "name", String),
 *   View("tiny", "id"),
 *   Required("id", "name"),
 * );
 * assertEquals(Bottle.identifier, "application/vnd.bottle");
 * ```
 */
export function ResultType<const P extends readonly TypeMember[]>(
  identifier: string,
  ...parts: CheckResultType<P>
): ResultType<BaseIn<P, EmptyObject>, DefaultView<MadeViews<P>, BaseOut<P, EmptyObject>>, MadeViews<P>> {
  return part(schema({ kind: "result_type", identifier, parts: parts as unknown as P })) as never;
}

/** What the view `default` shows; `Otherwise` when there is none. */
export type DefaultView<Views, Otherwise> = Views extends { readonly default: infer Out } ? Out : Otherwise;

/** Out side of a collection: an array of the elements in their default view. */
export type CollectionViews<Views, Names> = {
  [V in keyof Views as [Names] extends [never] ? V : Extract<V, Names>]: Views[V][];
};

/** Collections already made, so that the same words give the same type. */
const collections = new WeakMap<object, CollectionType<never, unknown, unknown>>();

/**
 * An array of a result type; it has the views of its elements, or those that `View("tiny")` picks.
 *
 * @example
 * ```ts
 * import { CollectionOf, Field, ResultType } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const Bottle = ResultType("application/vnd.bottle", Field(1, "name"));
 * assertEquals(CollectionOf(Bottle).elem, Bottle);
 * ```
 */
export function CollectionOf<
  const T extends TypeLike,
  const P extends readonly (ViewPart | TypeNamePart | DescriptionPart | string)[],
>(
  elem: T,
  ...parts: P
): CollectionType<
  readonly InOf<T>[],
  OutOf<T>[],
  CollectionViews<ViewsOf<T>, Extract<P[number], { readonly kind: "view" }>["name"]>
> {
  const known = parts.length === 0 ? collections.get(elem) : undefined;
  // deno-lint-ignore no-explicit-any
  if (known !== undefined) return known as any;
  // deno-lint-ignore no-explicit-any
  const made = part(schema({ kind: "collection", elem, parts })) as CollectionType<any, any, any>;
  if (parts.length === 0) collections.set(elem, made);
  return made;
}

/**
 * An array. What follows the type is said of the elements.
 *
 * @example
 * ```ts
 * import { ArrayOf, MinLength, String } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ArrayOf(String, MinLength(1)).kind, "array");
 * ```
 */
export function ArrayOf<const P extends readonly AttributeMember[]>(
  ...elem: CheckParts<P>
): ArrayType<AttributeIn<P>, AttributeOut<P>> {
  return part(schema({ kind: "array", elem: elem as unknown as P })) as never;
}

/** What `Enum` says in `Key(...)` or `Elem(...)`. */
export type EnumOf<P extends readonly (KeyPart | ElemPart)[], Kind extends "key" | "elem"> = EnumAmong<
  Extract<P[number], { readonly kind: Kind }>["parts"]
>;

/** In side of a map. */
export type MapIn<K, V> = [K] extends [string]
  ? string extends K ? Readonly<Record<string, V>> : { readonly [N in K]?: V | undefined }
  : ReadonlyMap<K, V>;

/** Out side of a map. */
export type MapOut<K, V> = [K] extends [string] ? string extends K ? Record<string, V> : { [N in K]?: V }
  : Map<K, V>;

/**
 * A map: a `Record` when the keys are strings, else a `Map`. `Key(...)` and `Elem(...)` say more of keys and values.
 *
 * @example
 * ```ts
 * import { Int, MapOf, String } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(MapOf(String, Int).kind, "map");
 * ```
 */
export function MapOf<
  const K extends TypeLike,
  const V extends TypeLike,
  const P extends readonly (KeyPart | ElemPart)[],
>(
  key: K,
  elem: V,
  ...parts: P
): MapType<
  MapIn<Narrowed<InOf<K>, EnumOf<P, "key">>, Narrowed<InOf<V>, EnumOf<P, "elem">>>,
  MapOut<Narrowed<OutOf<K>, EnumOf<P, "key">>, Narrowed<OutOf<V>, EnumOf<P, "elem">>>
> {
  const about = (kind: "key" | "elem"): readonly AttributeMember[] =>
    parts.flatMap((one) => one.kind === kind ? one.parts : []);
  return part(schema({ kind: "map", key: [key, ...about("key")], elem: [elem, ...about("elem")] })) as never;
}

/**
 * What is said of the keys of a MapOf.
 *
 * @example
 * ```ts
 * import { Int, Key, MapOf, MinLength, String } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(MapOf(String, Int, Key(MinLength(1))).key.length, 2);
 * ```
 */
export function Key<const P extends readonly AttributeMember[]>(...parts: P): KeyPart<P> {
  return part({ kind: "key", parts });
}

/**
 * What is said of the values of a MapOf, or in an attribute of the elements of its ArrayOf.
 *
 * @example
 * ```ts
 * import { Elem, Int, MapOf, Minimum, String } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(MapOf(String, Int, Elem(Minimum(1))).elem.length, 2);
 * ```
 */
export function Elem<const P extends readonly AttributeMember[]>(...parts: P): ElemPart<P> {
  return part({ kind: "elem", parts });
}

/**
 * With names of attributes: a view of a ResultType. Without: the view to use where a result type stands, in a Result,
 * in an attribute, or in an attribute of a view.
 *
 * @example
 * ```ts
 * import { Attribute, View } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const tiny = View("tiny", "id", Attribute("owner", View("tiny")));
 * assertEquals(tiny.attributes.length, 2);
 * ```
 */
export function View<const Name extends string, const Shown extends readonly ViewMember[]>(
  name: Name,
  ...attributes: Shown
): ViewPart<Name, Shown[number]> {
  return part({ kind: "view", name, attributes });
}

/**
 * The name of a type, where it should not be the one derived from the media type.
 *
 * @example
 * ```ts
 * import { TypeName } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(TypeName("Bottle").name, "Bottle");
 * ```
 */
export function TypeName(name: string): TypeNamePart {
  return part({ kind: "type_name", name });
}
