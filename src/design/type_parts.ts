/**
 * Parts that types are put together from: unions, and attributes taken from other types.
 *
 * @module
 */
import type {
  AnyAttributePart,
  AttributeMember,
  DescriptionPart,
  ExamplePart,
  MetaPart,
  TypeLike,
  Types,
} from "./parts.ts";

/** What else is known of an attribute where others build on it. */
export interface AttributeTraits {
  /** `true` when neither type nor attributes nor `Enum` were written, so that `Reference` and `Extend` tell the type. */
  readonly bare: boolean;
  /** What `Meta("oneof:type:tag", …)` says; `never` without it. */
  readonly label: string;
}

/** A union of named members, made by the word `OneOf`. */
export interface UnionType<In, Out = In> {
  /** Tells parts apart. */
  readonly kind: "union";
  /** Name: that of the attribute. */
  readonly name: string;
  /** The members. */
  readonly members: readonly AnyAttributePart[];
  /** Names of the two properties, where they are not `type` and `value`. */
  readonly meta: readonly MetaPart[];
  /** Never there at run time. */
  readonly "~types"?: Types<In, Out, never>;
}

/** What may stand in a `OneOf`: its members, and what is said of it. */
export type UnionMember = AnyAttributePart | string | DescriptionPart | MetaPart | ExamplePart;

/** `Extend(type)`. */
export interface ExtendPart<T extends TypeLike = TypeLike> {
  /** Tells parts apart. */
  readonly kind: "extend";
  /** The type whose attributes are taken over. */
  readonly type: T;
}

/** `Reference(type)`. */
export interface ReferencePart<T extends TypeLike = TypeLike> {
  /** Tells parts apart. */
  readonly kind: "reference";
  /** The type whose attributes say more of those with the same name. */
  readonly type: T;
}

/** `Attributes(...)`. */
export interface AttributesPart<P extends readonly AttributeMember[] = readonly AttributeMember[]> {
  /** Tells parts apart. */
  readonly kind: "attributes";
  /** The attributes. */
  readonly parts: P;
}

/** `Idempotent()`. */
export interface IdempotentPart {
  /** Tells parts apart. */
  readonly kind: "idempotent";
}

/** `Deprecated()`. */
export interface DeprecatedPart {
  /** Tells parts apart. */
  readonly kind: "deprecated";
}
