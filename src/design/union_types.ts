/**
 * How the type of a union follows from its members.
 *
 * @module
 */
import type { AttributesAmong, InOf, OutOf, Parts, Simplify } from "./attribute_types.ts";

/** First value of the `Meta` of that name; `Otherwise` when there is none. */
export type MetaAmong<P extends Parts, Name extends string, Otherwise> = [
  Extract<P[number], { readonly kind: "meta"; readonly name: Name }>,
] extends [never] ? Otherwise
  : Extract<P[number], { readonly kind: "meta"; readonly name: Name }>["values"][0];

/** What tells a member of a union from the others: its name, unless `Meta("oneof:type:tag", …)` says otherwise. */
export type LabelOf<M> = M extends { readonly "~types"?: { readonly traits: { readonly label: infer L } } }
  ? [L] extends [never] ? NameOf<M> : string extends L ? NameOf<M> : L
  : NameOf<M>;

/** Name of an attribute. */
export type NameOf<M> = M extends { readonly name: infer N } ? N : never;

/** One member of a union, in side. */
export type MemberIn<M, Type, Value> = M extends unknown
  ? Simplify<{ [K in Type & string]: LabelOf<M> } & { [K in Value & string]: InOf<M> }>
  : never;

/** One member of a union, out side. */
export type MemberOut<M, Type, Value> = M extends unknown
  ? Simplify<{ [K in Type & string]: LabelOf<M> } & { [K in Value & string]: OutOf<M> }>
  : never;

/**
 * In side of a union: `{ type: "a"; value: A } | …`. Looked up and inferred, so that an editor and the compiler's
 * messages show just that, rather than the name of this type with all parts of the design.
 */
export type UnionIn<P extends Parts> = {
  [N in NameOf<AttributesAmong<P>> & string]: MemberIn<
    Extract<AttributesAmong<P>, { readonly name: N }>,
    MetaAmong<P, "oneof:type:field", "type">,
    MetaAmong<P, "oneof:value:field", "value">
  >;
}[NameOf<AttributesAmong<P>> & string] extends infer U ? U : never;

/** Out side of a union: `{ type: "a"; value: A } | …`. */
export type UnionOut<P extends Parts> = {
  [N in NameOf<AttributesAmong<P>> & string]: MemberOut<
    Extract<AttributesAmong<P>, { readonly name: N }>,
    MetaAmong<P, "oneof:type:field", "type">,
    MetaAmong<P, "oneof:value:field", "value">
  >;
}[NameOf<AttributesAmong<P>> & string] extends infer U ? U : never;
