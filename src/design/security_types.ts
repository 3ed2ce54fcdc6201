/**
 * How the type of `call.auth` follows from `Security(...)`.
 *
 * @module
 */
import type { NoSecurityPart, SchemePart, SecurityMember, SecurityPart } from "./security_parts.ts";

/** The auth of a method that says nothing of security: that of its service. */
export interface InheritedAuth {
  /** Never there. */
  readonly "~inherited": true;
}

/** What the verifying function of a scheme returns. */
export type AuthOfScheme<S> = S extends { readonly "~auth"?: infer F }
  ? NonNullable<F> extends (auth: infer Auth) => void ? Auth : unknown
  : unknown;

/** The schemes in a list, as a list. */
export type SchemesIn<P extends readonly unknown[]> = P extends readonly [infer First, ...infer Rest]
  ? First extends SchemePart ? [First, ...SchemesIn<Rest>] : SchemesIn<Rest>
  : [];

/** What `call.auth` is after one `Security(...)`: of one scheme its own, of several theirs by name. */
export type AuthOfSecurity<P extends readonly SecurityMember[]> = SchemesIn<P> extends
  readonly [infer Only extends SchemePart] ? AuthOfScheme<Only>
  : { readonly [S in SchemesIn<P>[number] as S["name"]]: AuthOfScheme<S> };

/** The auths of the `Security(...)` among parts: any one of them. */
export type AuthAmong<P extends readonly unknown[]> = NonNullable<
  Extract<P[number], SecurityPart>["~auth"]
>["auth"];

/** The auth of a method by its own parts. */
export type AuthOfMethod<P extends readonly unknown[]> = [Extract<P[number], NoSecurityPart>] extends [never]
  ? [Extract<P[number], SecurityPart>] extends [never] ? InheritedAuth
  : AuthAmong<P>
  : undefined;

/** The auth of what has no `NoSecurity`: a service, an API. */
export type SharedAuth<P extends readonly unknown[], Otherwise> = [Extract<P[number], SecurityPart>] extends
  [never] ? Otherwise : AuthAmong<P>;

/**
 * `call.auth` by what the design says of the method; `undefined` where nothing secures it. Types that `gen` writes out
 * have both that nothing was said and that it is `NoSecurity`.
 */
export type CallAuth<Auth> = [Auth] extends [InheritedAuth | undefined] ? undefined : Auth;
