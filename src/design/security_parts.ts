/**
 * The parts that the words of security return.
 *
 * @module
 */
import type { DescriptionPart, MetaPart } from "./parts.ts";
import type { FlowKind, SchemeKind } from "./security_model.ts";

/** `Scope(name, description)` of a scheme, `Scope(name)` of `Security`. */
export interface ScopePart {
  /** Tells parts apart. */
  readonly kind: "scope";
  /** Name. */
  readonly name: string;
  /** What it allows. */
  readonly description?: string;
}

/** `AuthorizationCodeFlow(...)` and its like. */
export interface FlowPart {
  /** Tells parts apart. */
  readonly kind: "flow";
  /** Which one. */
  readonly flow: FlowKind;
  /** Where a person agrees. */
  readonly authorizationUrl?: string;
  /** Where tokens are had. */
  readonly tokenUrl?: string;
  /** Where tokens are had anew. */
  readonly refreshUrl?: string;
}

/** `BearerFormat(format)`. */
export interface BearerFormatPart {
  /** Tells parts apart. */
  readonly kind: "bearer_format";
  /** What a token looks like. */
  readonly format: string;
}

/** What may stand in a scheme. */
export type SchemeMember = string | DescriptionPart | ScopePart | FlowPart | BearerFormatPart | MetaPart;

/**
 * A security scheme, made by `JWTSecurity(...)` and its like.
 *
 * @typeParam Name Its name
 * @typeParam Auth What its verifying function returns: `call.auth`
 */
export interface SchemePart<Name extends string = string, Auth = never> {
  /** Tells parts apart. */
  readonly kind: "scheme";
  /** Which kind of scheme. */
  readonly scheme: SchemeKind;
  /** Name. */
  readonly name: Name;
  /** What was said of it. */
  readonly parts: readonly SchemeMember[];
  /** Never there at run time. */
  readonly "~auth"?: (auth: Auth) => void;
}

/** What may stand in `Security`. */
export type SecurityMember = SchemePart | ScopePart;

/** `Security(...)`. */
export interface SecurityPart<Auth = unknown> {
  /** Tells parts apart. */
  readonly kind: "security";
  /** Schemes and scopes. */
  readonly parts: readonly SecurityMember[];
  /** Never there at run time. */
  readonly "~auth"?: { readonly auth: Auth };
}

/** `NoSecurity()`. */
export interface NoSecurityPart {
  /** Tells parts apart. */
  readonly kind: "no_security";
}
