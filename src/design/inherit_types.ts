/**
 * How the types of attributes follow from those that `Extend` and `Reference` name. Looked at only where these words
 * stand.
 *
 * @module
 */
import type {
  AttributesAmong,
  DefaultedAmong,
  EmptyObject,
  Flat,
  InOf,
  NameAmong,
  OutOf,
  Parts,
  RequiredAmong,
  Simplify,
  ValueAmong,
} from "./attribute_types.ts";
import type { AnyAttributePart } from "./parts.ts";

/** The types that `Extend` names. */
export type ExtendedAmong<P extends Parts> = Extract<Flat<P>, { readonly kind: "extend" }>["type"];

/** The types that `Extend` and `Reference` name. */
export type ParentsAmong<P extends Parts> = Extract<
  Flat<P>,
  { readonly kind: "extend" | "reference" }
>["type"];

/** Names of the properties that are always there, among the members of a union. */
export type FirmNames<U> = U extends unknown
  ? { [K in keyof U]-?: EmptyObject extends Pick<U, K> ? never : K }[keyof U]
  : never;

/** Value of an own attribute: where its type was not written, that of the attribute of this name among `Parent`. */
export type OwnValue<E extends { readonly name: string }, Value, Parent> = E extends {
  readonly "~types"?: { readonly traits: { readonly bare: true } };
} ? E["name"] extends NameAmong<Parent> ? Exclude<ValueAmong<Parent, E["name"]>, undefined>
  : Value
  : Value;

/** Names of attributes that a sender may not leave out. */
export type FirmIn<P extends Parts> = Exclude<
  RequiredAmong<P> | FirmNames<InOf<ParentsAmong<P>>>,
  DefaultedAmong<P> | Exclude<FirmNames<OutOf<ParentsAmong<P>>>, FirmNames<InOf<ParentsAmong<P>>>>
>;

/** Names of attributes that a receiver always finds. */
export type FirmOut<P extends Parts> =
  | RequiredAmong<P>
  | DefaultedAmong<P>
  | FirmNames<OutOf<ParentsAmong<P>>>;

/** In side of an object with own attributes `A`, those of `Base` and what `Parent` says of all. */
export type MergedIn<A extends AnyAttributePart, Base, Parent, Firm> = Simplify<
  & { [E in A as Extract<E["name"], Firm>]: OwnValue<E, InOf<E>, Parent> }
  & { [E in A as Exclude<E["name"], Firm>]?: OwnValue<E, InOf<E>, Parent> | undefined }
  & Taken<Base, A["name"], Firm>
>;

/** Out side of an object with own attributes `A`, those of `Base` and what `Parent` says of all. */
export type MergedOut<A extends AnyAttributePart, Base, Parent, Firm> = Simplify<
  & { [E in A as Extract<E["name"], Firm>]: OwnValue<E, OutOf<E>, Parent> }
  & { [E in A as Exclude<E["name"], Firm>]?: OwnValue<E, OutOf<E>, Parent> | undefined }
  & Taken<Base, A["name"], Firm>
>;

/** The attributes of `Base` that are not written anew. */
export type Taken<Base, Own, Firm> =
  & { [K in Exclude<Extract<NameAmong<Base>, Firm>, Own>]: Exclude<ValueAmong<Base, K>, undefined> }
  & { [K in Exclude<NameAmong<Base>, Firm | Own>]?: Exclude<ValueAmong<Base, K>, undefined> | undefined };

/** In side of an object with `Extend` or `Reference` among its parts. */
export type InheritIn<P extends Parts> = MergedIn<
  AttributesAmong<P>,
  InOf<ExtendedAmong<P>>,
  InOf<ParentsAmong<P>>,
  FirmIn<P>
>;

/** Out side of an object with `Extend` or `Reference` among its parts. */
export type InheritOut<P extends Parts> = MergedOut<
  AttributesAmong<P>,
  OutOf<ExtendedAmong<P>>,
  OutOf<ParentsAmong<P>>,
  FirmOut<P>
>;
