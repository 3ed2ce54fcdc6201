/**
 * What security is once it is resolved.
 *
 * @module
 */

/** The kinds of security schemes. */
export type SchemeKind = "basic" | "api_key" | "bearer" | "jwt" | "oauth2";

/** The kinds of OAuth2 flows. */
export type FlowKind = "authorization_code" | "implicit" | "password" | "client_credentials";

/** A scope that a scheme defines. */
export interface ScopeModel {
  /** Name. */
  readonly name: string;
  /** What it allows, for people. */
  readonly description?: string;
}

/** An OAuth2 flow. */
export interface FlowModel {
  /** Tells kinds apart. */
  readonly kind: FlowKind;
  /** Where a person agrees. */
  readonly authorizationUrl?: string;
  /** Where tokens are had. */
  readonly tokenUrl?: string;
  /** Where tokens are had anew. */
  readonly refreshUrl?: string;
}

/** A security scheme. */
export interface SchemeModel {
  /** Tells kinds apart. */
  readonly kind: SchemeKind;
  /** Name: the key of its function among the `auth` option of servers. */
  readonly name: string;
  /** What it is, for people. */
  readonly description?: string;
  /** The scopes that it knows. */
  readonly scopes: readonly ScopeModel[];
  /** How OAuth2 gives tokens. */
  readonly flows: readonly FlowModel[];
  /** What a bearer token looks like, for people: `"JWT"`, say. */
  readonly bearerFormat?: string;
  /** Keys and values of `Meta`. */
  readonly meta: Readonly<Record<string, readonly string[]>>;
}

/** A scheme as one method uses it: which attributes of the payload carry its credentials. */
export interface SchemeUseModel {
  /** The scheme. */
  readonly scheme: SchemeModel;
  /** Names of attributes: of the user name and the password, or of the one token or key. */
  readonly attributes: readonly string[];
}

/** One `Security(...)`: all of its schemes are required. */
export interface RequirementModel {
  /** The schemes, in the order written. */
  readonly schemes: readonly SchemeUseModel[];
  /** Names of the scopes that the caller needs. */
  readonly scopes: readonly string[];
}
