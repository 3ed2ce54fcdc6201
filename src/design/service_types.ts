/**
 * How the types of methods and services follow from their parts.
 *
 * @module
 */
import type {
  AttributeIn,
  AttributeOut,
  AttributeViews,
  Loose,
  Parts,
  Simplify,
  TypeAmong,
  ViewsAmong,
} from "./attribute_types.ts";
import type { AnyAPIPart, APIMember } from "./api_parts.ts";
import type { MethodTypes } from "./method_types.ts";
import type { DesignMistake } from "./mistakes.ts";
import type { AuthOfMethod, InheritedAuth, SharedAuth } from "./security_types.ts";
import type {
  AnyErrorPart,
  AnyMethodPart,
  DataPart,
  DataRole,
  GRPCPart,
  HTTPPart,
  MethodMember,
  ServiceMember,
} from "./parts.ts";

/** Names of the views a handler may choose among: when the type has several and none is picked. */
export type OpenViews<P extends Parts> = [AttributeViews<P>] extends [never] ? never
  : [ViewsAmong<P>] extends [never] ? Several<keyof AttributeViews<P> & string>
  : never;

/** The names, if they are more than `"default"` alone. */
export type Several<Names extends string> = [Exclude<Names, "default">] extends [never] ? never : Names;

/** Out side of a result: what some view leaves out is optional when the view is chosen at run time. */
export type ResultOut<P extends Parts> = [OpenViews<P>] extends [never] ? AttributeOut<P, undefined>
  : Loose<AttributeViews<P>[keyof AttributeViews<P>]>;

/** In and out side of an error's type; `undefined` for the built-in one. */
export interface ErrorTypesOf<P extends Parts> {
  /** In side. */
  readonly in: IsBuiltin<P> extends true ? undefined : AttributeIn<P, undefined>;
  /** Out side. */
  readonly out: IsBuiltin<P> extends true ? undefined : AttributeOut<P, undefined>;
}

/** Whether the type among the parts is `ErrorResult`. */
export type IsBuiltin<P extends Parts> = [TypeAmong<P>] extends [never] ? false
  : [TypeAmong<P>] extends [{ readonly identifier: "application/vnd.goa.error" }] ? true
  : false;

/** The part with the role, among the parts of a method. */
export type DataAmong<P extends readonly MethodMember[], Role extends DataRole> = Extract<
  P[number],
  { readonly kind: "data"; readonly role: Role }
>;

/** In side of what a method carries; `undefined` when it does not carry it. */
export type DataIn<D> = [D] extends [never] ? undefined
  : D extends DataPart<DataRole, infer In, unknown, string> ? In
  : undefined;

/** Out side of what a method carries; `undefined` when it does not carry it. */
export type DataOut<D> = [D] extends [never] ? undefined
  : D extends DataPart<DataRole, never, infer Out, string> ? Out
  : undefined;

/** Open views of what a method carries. */
export type DataViews<D> = D extends DataPart<DataRole, never, unknown, infer Views> ? Views : never;

/** Errors by name. */
export type ErrorsOfParts<P extends readonly unknown[]> = {
  [E in Extract<P[number], AnyErrorPart> as E["name"]]: NonNullable<E["~types"]>;
};

/** The errors of the API among the parts of a service, by name. */
export type ErrorsOfAPI<P extends readonly unknown[]> = NonNullable<Extract<P[number], AnyAPIPart>["~types"]>;

/** The errors of a service by name: its own, then those of its API. */
export type SharedErrors<P extends readonly unknown[]> = [Extract<P[number], AnyAPIPart>] extends [never]
  ? ErrorsOfParts<P>
  : Simplify<ErrorsOfParts<P> & Omit<ErrorsOfAPI<P>, keyof ErrorsOfParts<P>>>;

/** Names of the errors that an API maps, as far as it declares them. */
export type CheckAPI<P extends readonly APIMember[]> = {
  [I in keyof P]: P[I] & CheckAPIMember<P[I], ErrorsOfParts<P>>;
};

/** `unknown` for a part that fits its API, else the mistake. */
export type CheckAPIMember<E, Errors> = E extends
  { readonly kind: "http" | "grpc"; readonly "~errors"?: infer N }
  ? CheckMapped<Exclude<NonNullable<N>, keyof Errors>, "the API">
  : unknown;

/** Names of the errors that `HTTP` and `GRPC` map. */
export type MappedErrors<P extends readonly unknown[]> = NonNullable<
  Extract<P[number], HTTPPart | GRPCPart>["~errors"]
>;

/** The bodies of a method that its `HTTP` leaves raw. */
export type RawAmong<P extends readonly unknown[]> = NonNullable<Extract<P[number], HTTPPart>["~raw"]>;

/** The types of a method, from its parts. */
export type MethodTypesOf<P extends readonly MethodMember[]> = {
  readonly payloadIn: DataIn<DataAmong<P, "payload">>;
  readonly payloadOut: DataOut<DataAmong<P, "payload">>;
  readonly streamingPayloadIn: DataIn<DataAmong<P, "streamingPayload">>;
  readonly streamingPayloadOut: DataOut<DataAmong<P, "streamingPayload">>;
  readonly resultIn: DataIn<DataAmong<P, "result">>;
  readonly resultOut: DataOut<DataAmong<P, "result">>;
  readonly streamingResultIn: DataIn<DataAmong<P, "streamingResult">>;
  readonly streamingResultOut: DataOut<DataAmong<P, "streamingResult">>;
  readonly errors: ErrorsOfParts<P>;
  readonly views: DataViews<DataAmong<P, "result" | "streamingResult">>;
  readonly auth: AuthOfMethod<P>;
  readonly raw: RawAmong<P>;
};

/** The types of a method with more errors: those of its service. Its own win. */
export type WithErrors<T extends MethodTypes, Errors> = keyof Errors extends never ? T : {
  readonly payloadIn: T["payloadIn"];
  readonly payloadOut: T["payloadOut"];
  readonly streamingPayloadIn: T["streamingPayloadIn"];
  readonly streamingPayloadOut: T["streamingPayloadOut"];
  readonly resultIn: T["resultIn"];
  readonly resultOut: T["resultOut"];
  readonly streamingResultIn: T["streamingResultIn"];
  readonly streamingResultOut: T["streamingResultOut"];
  readonly errors: Simplify<T["errors"] & Omit<Errors, keyof T["errors"]>>;
  readonly views: T["views"];
  readonly auth: T["auth"];
  readonly raw: T["raw"];
};

/** The types of a method with the auth of its service, unless it has one of its own. */
export type WithAuth<T extends MethodTypes, Auth> = [Auth] extends [InheritedAuth] ? T
  : [T["auth"]] extends [InheritedAuth] ? {
      readonly payloadIn: T["payloadIn"];
      readonly payloadOut: T["payloadOut"];
      readonly streamingPayloadIn: T["streamingPayloadIn"];
      readonly streamingPayloadOut: T["streamingPayloadOut"];
      readonly resultIn: T["resultIn"];
      readonly resultOut: T["resultOut"];
      readonly streamingResultIn: T["streamingResultIn"];
      readonly streamingResultOut: T["streamingResultOut"];
      readonly errors: T["errors"];
      readonly views: T["views"];
      readonly auth: Auth;
      readonly raw: T["raw"];
    }
  : T;

/** The auth that methods take over from their service, or it from its API. */
export type ServiceAuth<P extends readonly unknown[]> = SharedAuth<
  P,
  [Extract<P[number], AnyAPIPart>] extends [never] ? InheritedAuth
    : NonNullable<Extract<P[number], AnyAPIPart>["~auth"]>["auth"]
>;

/** The methods among the parts of a service. */
export type MethodsAmong<P extends readonly ServiceMember[]> = Extract<
  P[number],
  { readonly kind: "method" }
>;

/** The types of a service's methods by name, from its parts. */
export type MethodsTypesOf<P extends readonly ServiceMember[]> = {
  readonly [M in MethodsAmong<P> as M["name"]]: WithAuth<
    WithErrors<NonNullable<M["~types"]>, SharedErrors<P>>,
    ServiceAuth<P>
  >;
};

/** Methods by name; two of one name become a union. */
export type MethodsByName<P extends readonly ServiceMember[]> = { [M in MethodsAmong<P> as M["name"]]: M };

/** Names of methods and of the errors that they map, as far as a service can tell they are right. */
export type CheckService<P extends readonly ServiceMember[]> = {
  [I in keyof P]: P[I] & CheckMethod<P[I], MethodsByName<P>, SharedErrors<P>>;
};

/** `unknown` for a method that fits its service, else the mistake. */
export type CheckMethod<M, ByName, Errors> = M extends AnyMethodPart
  ? [ByName[M["name"] & keyof ByName]] extends [M] ? CheckMapped<
      Exclude<NonNullable<M["~errors"]>, keyof Errors>,
      `method "${M["name"]}"`
    >
  : DesignMistake<`Service: there are two methods named "${M["name"]}"`>
  : M extends { readonly kind: "http" | "grpc"; readonly "~errors"?: infer E } ? CheckMapped<
      Exclude<NonNullable<E>, keyof Errors>,
      "the service"
    >
  : unknown;

/** The mistake that tells which errors are mapped and not declared. */
export type CheckMapped<Missing, Where extends string> = [Missing] extends [never] ? unknown
  : DesignMistake<`Response: ${Where} has no error named "${Missing & string}"`>;
