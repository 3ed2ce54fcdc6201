/**
 * How the compiler tells mistakes: a part that does not fit is asked to be a {@linkcode DesignMistake} as well, whose
 * first argument the error message shows.
 *
 * @module
 */
import type { AttributeIn, AttributeViews, BaseIn, NamesAmong, Parts, TypeAmong } from "./attribute_types.ts";
import type { DefaultPart, EnumPart, RequiredPart, ViewPart } from "./parts.ts";

/** Never a part: what is wrong with the one in its place, and what was expected. */
export interface DesignMistake<Text extends string, Expected = never> {
  /** What is wrong. */
  readonly "~mistake": Text;
  /** The type that was expected. */
  readonly "~expected"?: Expected;
}

/** `Required`, `Default`, `Enum` and `View` among the parts of an attribute, a payload, a result or a type. */
export type CheckParts<P extends Parts> = { [I in keyof P]: P[I] & CheckPart<P[I], P> };

/** `CheckParts` for a result type, where `View` names attributes. */
export type CheckResultType<P extends Parts> = { [I in keyof P]: P[I] & CheckResultPart<P[I], P> };

/** `unknown` for a part that fits, else the mistake. */
export type CheckPart<E, P extends Parts> = E extends RequiredPart<infer N> ? CheckRequired<N, NamesAmong<P>>
  : E extends DefaultPart<infer V> ? [V] extends [AttributeIn<P>] ? unknown
    : DesignMistake<"Default: not a value of the attribute's type", AttributeIn<P>>
  : E extends EnumPart<infer V> ? [V] extends [BaseIn<P>] ? unknown
    : DesignMistake<"Enum: not a value of the attribute's type", BaseIn<P>>
  : E extends ViewPart<infer N> ? CheckPick<N, AttributeViews<P>, TypeAmong<P>>
  : unknown;

/** As {@linkcode CheckPart}, in a result type. */
export type CheckResultPart<E, P extends Parts> = E extends RequiredPart<infer N>
  ? CheckRequired<N, NamesAmong<P>>
  : E extends ViewPart<infer V, infer S>
    ? [Exclude<S extends { readonly name: infer N } ? N : S, NamesAmong<P>>] extends [never] ? unknown
    : DesignMistake<
      `View "${V}": no attribute is named "${
        & Exclude<S extends { readonly name: infer N } ? N : S, NamesAmong<P>>
        & string}"`
    >
  : unknown;

/** Whether the names are those of attributes. */
export type CheckRequired<N extends string, Names> = [Exclude<N, Names>] extends [never] ? unknown
  : DesignMistake<`Required: no attribute is named "${Exclude<N, Names>}"`>;

/** Whether the type `T` has the view that is picked. Without a type nobody knows yet. */
export type CheckPick<N extends string, Views, T> = [T] extends [never] ? unknown
  : [Views] extends [never] ? DesignMistake<`View "${N}": the type has no views`>
  : [Exclude<N, keyof Views>] extends [never] ? unknown
  : DesignMistake<`View: the type has no view named "${Exclude<N, keyof Views>}"`>;
