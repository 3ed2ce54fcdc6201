/**
 * How the types of attributes follow from their parts.
 *
 * Two habits keep checking cheap: a list of parts is looked at as the union `P[number]`, never one by one, and
 * nothing recurses, since a part carries its own types finished in `"~types"`.
 *
 * @module
 */
import type { ExtendedAmong, InheritIn, InheritOut, ParentsAmong } from "./inherit_types.ts";
import type { MetaAmong } from "./union_types.ts";
import type { AnyAttributePart, ErrorMember, TypeLike, TypeMember } from "./parts.ts";

/** A list of parts. */
export type Parts = readonly (TypeMember | ErrorMember)[];

/** One object type out of an intersection, for people to read. */
export type Simplify<T> = { [K in keyof T]: T[K] } & unknown;

/** An object without attributes. */
export type EmptyObject = Record<never, never>;

/** The phantom types of a part or of a type, where a thunk may stand for the type. */
export type TypesOf<T> = T extends () => infer R ? TypesOf<R>
  : T extends { readonly "~types"?: infer X } ? NonNullable<X>
  : never;

/** In side of a type. */
export type InOf<T> = TypesOf<T> extends infer X
  ? X extends { readonly in: (value: infer In) => void } ? In : never
  : never;

/** Out side of a type: of its `default` view, if it has views. */
export type OutOf<T> = TypesOf<T> extends infer X ? X extends { readonly out: infer Out } ? Out : never
  : never;

/** Out sides of a type by view; `never` without views. */
export type ViewsOf<T> = TypesOf<T> extends infer X
  ? X extends { readonly views: infer Views } ? Views : never
  : never;

/** The type among the parts; `never` when none is there. */
export type TypeAmong<P extends Parts> = Extract<P[number], TypeLike>;

/** The parts, those in `Attributes(...)` included. */
export type Flat<P extends Parts> =
  | P[number]
  | Extract<P[number], { readonly kind: "attributes" }>["parts"][number];

/** The attributes among the parts. */
export type AttributesAmong<P extends Parts> = Extract<Flat<P>, { readonly kind: "attribute" }>;

/** The names in `Required`. */
export type RequiredAmong<P extends Parts> = Extract<
  Flat<P>,
  { readonly kind: "required" }
>["names"][number];

/** The values of `Enum`. */
export type EnumAmong<P extends Parts> = Extract<P[number], { readonly kind: "enum" }>["values"][number];

/** The views among the parts, made or picked. */
export type ViewsAmong<P extends Parts> = Extract<P[number], { readonly kind: "view" }>;

/** Names of the attributes that have a `Default`. */
export type DefaultedAmong<P extends Parts> = Extract<
  AttributesAmong<P>,
  { readonly "~types"?: { readonly defaulted: true } }
>["name"];

/** Whether a `Default` is among the parts. */
export type HasDefault<P extends Parts> = [Extract<P[number], { readonly kind: "default" }>] extends [never]
  ? false
  : true;

/** An object with the attributes `A`, of which those named `Must` are always there: the in side. */
export type ObjectIn<A extends AnyAttributePart, Must> = Simplify<
  & { [E in A as Extract<E["name"], Must>]: InOf<E> }
  & { [E in A as Exclude<E["name"], Must>]?: InOf<E> | undefined }
>;

/** An object with the attributes `A`, of which those named `Must` are always there: the out side. */
export type ObjectOut<A extends AnyAttributePart, Must> = Simplify<
  & { [E in A as Extract<E["name"], Must>]: OutOf<E> }
  & { [E in A as Exclude<E["name"], Must>]?: OutOf<E> | undefined }
>;

/** Those of `Names` that a receiver may find missing. */
export type Missable<Out, Names> = {
  [K in keyof Out]: K extends Names ? EmptyObject extends Pick<Out, K> ? K : never : never;
}[keyof Out];

/** `T` with the attributes `K` always there. */
export type Demand<T, K> = [K] extends [never] ? T
  : Simplify<Omit<T, K & PropertyKey> & { [N in keyof T as Extract<N, K>]-?: Exclude<T[N], undefined> }>;

/** In side of parts before `Enum` narrows it. `Bare` is what they are without a type and without attributes. */
export type BaseIn<P extends Parts, Bare = string> = [ParentsAmong<P>] extends [never] ? PlainIn<P, Bare>
  : InheritIn<P>;

/** In side of parts that take nothing from other types by `Extend` or `Reference`. */
export type PlainIn<P extends Parts, Bare> = [AttributesAmong<P>] extends [never]
  ? [TypeAmong<P>] extends [never] ? Bare
  : [RequiredAmong<P>] extends [never] ? InOf<TypeAmong<P>>
  : Demand<InOf<TypeAmong<P>>, Missable<OutOf<TypeAmong<P>>, RequiredAmong<P>>>
  : ObjectIn<AttributesAmong<P>, Exclude<RequiredAmong<P>, DefaultedAmong<P>>>;

/** Out side of parts before `Enum` narrows it and `View` picks. */
export type BaseOut<P extends Parts, Bare = string> = [ParentsAmong<P>] extends [never] ? PlainOut<P, Bare>
  : InheritOut<P>;

/** Out side of parts that take nothing from other types by `Extend` or `Reference`. */
export type PlainOut<P extends Parts, Bare> = [AttributesAmong<P>] extends [never]
  ? [TypeAmong<P>] extends [never] ? Bare
  : [RequiredAmong<P>] extends [never] ? OutOf<TypeAmong<P>>
  : Demand<OutOf<TypeAmong<P>>, Missable<OutOf<TypeAmong<P>>, RequiredAmong<P>>>
  : ObjectOut<AttributesAmong<P>, RequiredAmong<P> | DefaultedAmong<P>>;

/** `T` narrowed to the values of `Enum`, if it is a primitive. */
export type Narrowed<T, Values> = [Values] extends [never] ? T
  : [T] extends [string | number | bigint | boolean] ? Values
  : T;

/** In side of the attribute that the parts make. */
export type AttributeIn<P extends Parts, Bare = string> = Narrowed<BaseIn<P, Bare>, EnumAmong<P>>;

/** Out sides by view of the type among the parts; `never` without views. */
export type AttributeViews<P extends Parts> = [ViewsOf<TypeAmong<P>>] extends [never] ? never
  : [RequiredAmong<P>] extends [never] ? ViewsOf<TypeAmong<P>>
  : DemandViews<ViewsOf<TypeAmong<P>>, RequiredAmong<P>>;

/** The views of a type with some attributes made required. */
export type DemandViews<Views, Names> = { [V in keyof Views]: Demand<Views[V], Missable<Views[V], Names>> };

/** Out side of the attribute that the parts make: of the view that it picks, or of the default one. */
export type AttributeOut<P extends Parts, Bare = string> = [ViewsAmong<P>] extends [never]
  ? Narrowed<BaseOut<P, Bare>, EnumAmong<P>>
  : [AttributeViews<P>] extends [never] ? Narrowed<BaseOut<P, Bare>, EnumAmong<P>>
  : AttributeViews<P>[ViewsAmong<P>["name"] & keyof AttributeViews<P>];

/** Names of the attributes that parts have, whether their own or their type's. */
export type NamesAmong<P extends Parts> =
  | AttributesAmong<P>["name"]
  | ([TypeAmong<P>] extends [never] ? never : keyof InOf<TypeAmong<P>>)
  | NameAmong<InOf<ExtendedAmong<P>>>;

/** What others that build on an attribute need to know of it: see {@linkcode AttributeTraits}. */
export interface TraitsOf<P extends Parts> {
  /** Whether neither type nor attributes nor `Enum` are there. */
  readonly bare: [TypeAmong<P> | AttributesAmong<P> | ParentsAmong<P> | EnumAmong<P>] extends [never] ? true
    : false;
  /** What `Meta("oneof:type:tag", …)` says. */
  readonly label: MetaAmong<P, "oneof:type:tag", never> & string;
}

/** Out side of one view: of `Full` what it `Shows`, nested views as it picks them. */
export type ViewOut<P extends Parts, Shows, Full> = [Extract<Shows, AnyAttributePart>] extends [never]
  ? Simplify<Pick<Full, Shows & keyof Full>>
  : Simplify<
    & Pick<Full, Shows & keyof Full>
    & {
      [K in keyof Pick<Full, Extract<Shows, AnyAttributePart>["name"] & keyof Full>]: NestedOut<
        Extract<AttributesAmong<P>, { readonly name: K }>,
        TypesOf<Extract<Shows, { readonly name: K }>>,
        Full[K]
      >;
    }
  >;

/** Out side of attribute `A` in the view that `Shown` picks; `Otherwise` when it picks none. */
export type NestedOut<A, Shown, Otherwise> = [Shown] extends [{ readonly pin: infer Pin }]
  ? [Pin] extends [never] ? Otherwise
  : [A] extends [{ readonly "~types"?: { readonly traits: { readonly bare: true } } }] ? unknown // from a parent
  : [ViewsOf<A>] extends [never] ? Otherwise
  : ViewsOf<A>[Pin & keyof ViewsOf<A>]
  : Otherwise;

/** The views that the parts of a `ResultType` make; all attributes are the `default` one unless it is written. */
export type MadeViews<P extends Parts, Full = BaseOut<P, EmptyObject>> = Simplify<
  & { [V in ViewsAmong<P> as V["name"]]: ViewOut<P, V["attributes"][number], Full> }
  & ("default" extends ViewsAmong<P>["name"] ? unknown : { default: Full })
>;

/** Every value of the property `K` among the members of a union. */
export type ValueAmong<U, K> = U extends unknown ? K extends keyof U ? U[K] : never : never;

/** Every name of a property among the members of a union. */
export type NameAmong<U> = U extends unknown ? keyof U : never;

/**
 * Out side where the view is chosen at run time: what is not in every view is optional. `U` is the union of views; its
 * elements are not inferred, as that would keep the poorest view alone.
 */
export type Loose<U> = [U] extends [readonly unknown[]] ? Loose<U[number]>[]
  : Simplify<
    & Pick<U, keyof U>
    & { [K in Exclude<NameAmong<U>, keyof U>]?: ValueAmong<U, K> | undefined }
  >;
