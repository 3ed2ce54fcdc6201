/**
 * Security: schemes, what methods require of them, and the attributes of payloads that carry credentials.
 *
 * @module
 */
import type {
  AttributeIn,
  AttributeOut,
  AttributeViews,
  HasDefault,
  TraitsOf,
  ViewsAmong,
} from "./attribute_types.ts";
import { part } from "./freeze.ts";
import type { CheckParts } from "./mistakes.ts";
import type { AttributeMember, AttributePart, MetaPart } from "./parts.ts";
import type { AttributeTraits } from "./type_parts.ts";
import type { SchemeKind } from "./security_model.ts";
import type {
  BearerFormatPart,
  FlowPart,
  NoSecurityPart,
  SchemeMember,
  SchemePart,
  ScopePart,
  SecurityMember,
  SecurityPart,
} from "./security_parts.ts";
import type { AuthOfSecurity } from "./security_types.ts";

function scheme<Name extends string, Auth>(
  kind: SchemeKind,
  name: Name,
  parts: readonly SchemeMember[],
): SchemePart<Name, Auth> {
  return part({ kind: "scheme", scheme: kind, name, parts });
}

/**
 * A user name and a password. Over HTTP they travel in the header `Authorization` (RFC 7617), over gRPC in metadata.
 *
 * @typeParam Auth What the verifying function returns, for `call.auth`
 *
 * @example
 * ```ts
 * import { BasicAuthSecurity } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(BasicAuthSecurity("basic", "Name and password").scheme, "basic");
 * ```
 */
export function BasicAuthSecurity<Auth = unknown, const Name extends string = string>(
  name: Name,
  ...parts: readonly SchemeMember[]
): SchemePart<Name, Auth> {
  return scheme("basic", name, parts);
}

/**
 * A key. It travels where `Header`, `Param` or `Cookie` say, else in the header `Authorization`.
 *
 * @typeParam Auth What the verifying function returns, for `call.auth`
 *
 * @example
 * ```ts
 * import { APIKeySecurity } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(APIKeySecurity("key").scheme, "api_key");
 * ```
 */
export function APIKeySecurity<Auth = unknown, const Name extends string = string>(
  name: Name,
  ...parts: readonly SchemeMember[]
): SchemePart<Name, Auth> {
  return scheme("api_key", name, parts);
}

/**
 * A JSON Web Token. It travels as `Authorization: Bearer …` unless mapped elsewhere.
 *
 * @typeParam Auth What the verifying function returns, for `call.auth`
 *
 * @example
 * ```ts
 * import { JWTSecurity, Scope } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * interface User {
 *   readonly name: string;
 * }
 * const jwt = JWTSecurity<User>("jwt", Scope("api:read", "Read all there is"));
 * assertEquals(jwt.scheme, "jwt");
 * ```
 */
export function JWTSecurity<Auth = unknown, const Name extends string = string>(
  name: Name,
  ...parts: readonly SchemeMember[]
): SchemePart<Name, Auth> {
  return scheme("jwt", name, parts);
}

/**
 * A token of whatever form. It travels as `Authorization: Bearer …` unless mapped elsewhere.
 *
 * @typeParam Auth What the verifying function returns, for `call.auth`
 *
 * @example
 * ```ts
 * import { BearerFormat, BearerSecurity } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(BearerSecurity("session", BearerFormat("opaque")).scheme, "bearer");
 * ```
 */
export function BearerSecurity<Auth = unknown, const Name extends string = string>(
  name: Name,
  ...parts: readonly SchemeMember[]
): SchemePart<Name, Auth> {
  return scheme("bearer", name, parts);
}

/**
 * An OAuth2 access token. It travels as `Authorization: Bearer …` unless mapped elsewhere.
 *
 * @typeParam Auth What the verifying function returns, for `call.auth`
 *
 * @example
 * ```ts
 * import { ClientCredentialsFlow, OAuth2Security, Scope } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const oauth2 = OAuth2Security(
 *   "oauth2",
 *   ClientCredentialsFlow("https://id.example.com/token", ""),
 *   Scope("api:write"),
 * );
 * assertEquals(oauth2.scheme, "oauth2");
 * ```
 */
export function OAuth2Security<Auth = unknown, const Name extends string = string>(
  name: Name,
  ...parts: readonly SchemeMember[]
): SchemePart<Name, Auth> {
  return scheme("oauth2", name, parts);
}

/**
 * In a scheme, a scope that it knows; in `Security`, one that the caller needs.
 *
 * @example
 * ```ts
 * import { Scope } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Scope("api:read", "Read all there is").name, "api:read");
 * ```
 */
export function Scope(name: string, description?: string): ScopePart {
  return part(
    description === undefined ? { kind: "scope", name } : { kind: "scope", name, description },
  );
}

/**
 * What a bearer token looks like, for people and for OpenAPI.
 *
 * @example
 * ```ts
 * import { BearerFormat } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(BearerFormat("opaque").format, "opaque");
 * ```
 */
export function BearerFormat(format: string): BearerFormatPart {
  return part({ kind: "bearer_format", format });
}

/**
 * Secures a method, or every method of a service or an API that says nothing of security itself. All schemes of one
 * `Security` are required, and the scopes; of several `Security`, any one will do.
 *
 * @example
 * ```ts
 * import { APIKeySecurity, JWTSecurity, Scope, Security } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const jwt = JWTSecurity("jwt", Scope("api:read"));
 * const key = APIKeySecurity("key");
 * assertEquals(Security(jwt, key, Scope("api:read")).parts.length, 3);
 * ```
 */
export function Security<const P extends readonly SecurityMember[]>(
  ...parts: P
): SecurityPart<AuthOfSecurity<P>> {
  return part({ kind: "security", parts });
}

/**
 * Takes a method out of the security of its service and API.
 *
 * @example
 * ```ts
 * import { NoSecurity } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(NoSecurity().kind, "no_security");
 * ```
 */
export function NoSecurity(): NoSecurityPart {
  return part({ kind: "no_security" });
}

/** A URL that was written; `""` is none. */
function url<Name extends string>(name: Name, text: string): { readonly [N in Name]?: string } {
  return (text === "" ? {} : { [name]: text }) as { readonly [N in Name]?: string };
}

/**
 * An OAuth2 flow in which a person agrees and a server exchanges the code for a token.
 *
 * @example
 * ```ts
 * import { AuthorizationCodeFlow } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const flow = AuthorizationCodeFlow("https://id.example.com/authorize", "https://id.example.com/token", "");
 * assertEquals(flow.tokenUrl, "https://id.example.com/token");
 * ```
 */
export function AuthorizationCodeFlow(
  authorizationUrl: string,
  tokenUrl: string,
  refreshUrl: string = "",
): FlowPart {
  return part({
    kind: "flow",
    flow: "authorization_code",
    ...url("authorizationUrl", authorizationUrl),
    ...url("tokenUrl", tokenUrl),
    ...url("refreshUrl", refreshUrl),
  });
}

/**
 * An OAuth2 flow in which a person agrees and the page gets the token at once.
 *
 * @example
 * ```ts
 * import { ImplicitFlow } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ImplicitFlow("https://id.example.com/authorize").flow, "implicit");
 * ```
 */
export function ImplicitFlow(authorizationUrl: string, refreshUrl: string = ""): FlowPart {
  return part({
    kind: "flow",
    flow: "implicit",
    ...url("authorizationUrl", authorizationUrl),
    ...url("refreshUrl", refreshUrl),
  });
}

/**
 * An OAuth2 flow that exchanges a person's name and password for a token.
 *
 * @example
 * ```ts
 * import { PasswordFlow } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(PasswordFlow("https://id.example.com/token").flow, "password");
 * ```
 */
export function PasswordFlow(tokenUrl: string, refreshUrl: string = ""): FlowPart {
  return part({
    kind: "flow",
    flow: "password",
    ...url("tokenUrl", tokenUrl),
    ...url("refreshUrl", refreshUrl),
  });
}

/**
 * An OAuth2 flow that exchanges a program's own credentials for a token.
 *
 * @example
 * ```ts
 * import { ClientCredentialsFlow } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ClientCredentialsFlow("https://id.example.com/token").flow, "client_credentials");
 * ```
 */
export function ClientCredentialsFlow(tokenUrl: string, refreshUrl: string = ""): FlowPart {
  return part({
    kind: "flow",
    flow: "client_credentials",
    ...url("tokenUrl", tokenUrl),
    ...url("refreshUrl", refreshUrl),
  });
}

/** An attribute that carries a credential, told by Goa's keys of `Meta`. */
function credential<
  Name extends string,
  In,
  Out,
  Defaulted extends boolean,
  Views,
  Pin extends string,
  Traits extends AttributeTraits,
>(
  name: Name,
  parts: readonly unknown[],
  role: string,
  tag?: number,
): AttributePart<Name, In, Out, Defaulted, Views, Pin, Traits> {
  const meta: MetaPart = part({ kind: "meta", name: `security:${role}`, values: [] });
  const all = [...parts as readonly AttributeMember[], meta];
  return part(
    tag === undefined
      ? { kind: "attribute", name, parts: all }
      : { kind: "attribute", name, tag, parts: all },
  );
}

/**
 * The attribute of the payload that carries the user name of Basic authentication. Otherwise as `Attribute`; its value never
 * shows in messages of errors.
 *
 * @example
 * ```ts
 * import { String, Username } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Username("username", String).name, "username");
 * ```
 */
export function Username<const Name extends string, const P extends readonly AttributeMember[]>(
  name: Name,
  ...parts: CheckParts<P>
): AttributePart<
  Name,
  AttributeIn<P>,
  AttributeOut<P>,
  HasDefault<P>,
  AttributeViews<P>,
  ViewsAmong<P>["name"],
  TraitsOf<P>
> {
  return credential(name, parts, "username");
}

/**
 * As {@linkcode Username}, with a field number.
 *
 * @example
 * ```ts
 * import { String, UsernameField } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(UsernameField(1, "username", String).tag, 1);
 * ```
 */
export function UsernameField<const Name extends string, const P extends readonly AttributeMember[]>(
  tag: number,
  name: Name,
  ...parts: CheckParts<P>
): AttributePart<
  Name,
  AttributeIn<P>,
  AttributeOut<P>,
  HasDefault<P>,
  AttributeViews<P>,
  ViewsAmong<P>["name"],
  TraitsOf<P>
> {
  return credential(name, parts, "username", tag);
}

/**
 * The attribute of the payload that carries the password of Basic authentication. Otherwise as `Attribute`; its value never
 * shows in messages of errors.
 *
 * @example
 * ```ts
 * import { String, Password } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Password("password", String).name, "password");
 * ```
 */
export function Password<const Name extends string, const P extends readonly AttributeMember[]>(
  name: Name,
  ...parts: CheckParts<P>
): AttributePart<
  Name,
  AttributeIn<P>,
  AttributeOut<P>,
  HasDefault<P>,
  AttributeViews<P>,
  ViewsAmong<P>["name"],
  TraitsOf<P>
> {
  return credential(name, parts, "password");
}

/**
 * As {@linkcode Password}, with a field number.
 *
 * @example
 * ```ts
 * import { String, PasswordField } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(PasswordField(1, "password", String).tag, 1);
 * ```
 */
export function PasswordField<const Name extends string, const P extends readonly AttributeMember[]>(
  tag: number,
  name: Name,
  ...parts: CheckParts<P>
): AttributePart<
  Name,
  AttributeIn<P>,
  AttributeOut<P>,
  HasDefault<P>,
  AttributeViews<P>,
  ViewsAmong<P>["name"],
  TraitsOf<P>
> {
  return credential(name, parts, "password", tag);
}

/**
 * The attribute of the payload that carries the JSON Web Token. Otherwise as `Attribute`; its value never
 * shows in messages of errors.
 *
 * @example
 * ```ts
 * import { String, Token } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Token("token", String).name, "token");
 * ```
 */
export function Token<const Name extends string, const P extends readonly AttributeMember[]>(
  name: Name,
  ...parts: CheckParts<P>
): AttributePart<
  Name,
  AttributeIn<P>,
  AttributeOut<P>,
  HasDefault<P>,
  AttributeViews<P>,
  ViewsAmong<P>["name"],
  TraitsOf<P>
> {
  return credential(name, parts, "token");
}

/**
 * As {@linkcode Token}, with a field number.
 *
 * @example
 * ```ts
 * import { String, TokenField } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(TokenField(1, "token", String).tag, 1);
 * ```
 */
export function TokenField<const Name extends string, const P extends readonly AttributeMember[]>(
  tag: number,
  name: Name,
  ...parts: CheckParts<P>
): AttributePart<
  Name,
  AttributeIn<P>,
  AttributeOut<P>,
  HasDefault<P>,
  AttributeViews<P>,
  ViewsAmong<P>["name"],
  TraitsOf<P>
> {
  return credential(name, parts, "token", tag);
}

/**
 * The attribute of the payload that carries the OAuth2 access token. Otherwise as `Attribute`; its value never
 * shows in messages of errors.
 *
 * @example
 * ```ts
 * import { String, AccessToken } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(AccessToken("token", String).name, "token");
 * ```
 */
export function AccessToken<const Name extends string, const P extends readonly AttributeMember[]>(
  name: Name,
  ...parts: CheckParts<P>
): AttributePart<
  Name,
  AttributeIn<P>,
  AttributeOut<P>,
  HasDefault<P>,
  AttributeViews<P>,
  ViewsAmong<P>["name"],
  TraitsOf<P>
> {
  return credential(name, parts, "accesstoken");
}

/**
 * As {@linkcode AccessToken}, with a field number.
 *
 * @example
 * ```ts
 * import { String, AccessTokenField } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(AccessTokenField(1, "token", String).tag, 1);
 * ```
 */
export function AccessTokenField<const Name extends string, const P extends readonly AttributeMember[]>(
  tag: number,
  name: Name,
  ...parts: CheckParts<P>
): AttributePart<
  Name,
  AttributeIn<P>,
  AttributeOut<P>,
  HasDefault<P>,
  AttributeViews<P>,
  ViewsAmong<P>["name"],
  TraitsOf<P>
> {
  return credential(name, parts, "accesstoken", tag);
}

/**
 * The attribute of the payload that carries the bearer token. Otherwise as `Attribute`; its value never
 * shows in messages of errors.
 *
 * @example
 * ```ts
 * import { String, BearerToken } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(BearerToken("token", String).name, "token");
 * ```
 */
export function BearerToken<const Name extends string, const P extends readonly AttributeMember[]>(
  name: Name,
  ...parts: CheckParts<P>
): AttributePart<
  Name,
  AttributeIn<P>,
  AttributeOut<P>,
  HasDefault<P>,
  AttributeViews<P>,
  ViewsAmong<P>["name"],
  TraitsOf<P>
> {
  return credential(name, parts, "bearer");
}

/**
 * As {@linkcode BearerToken}, with a field number.
 *
 * @example
 * ```ts
 * import { String, BearerTokenField } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(BearerTokenField(1, "token", String).tag, 1);
 * ```
 */
export function BearerTokenField<const Name extends string, const P extends readonly AttributeMember[]>(
  tag: number,
  name: Name,
  ...parts: CheckParts<P>
): AttributePart<
  Name,
  AttributeIn<P>,
  AttributeOut<P>,
  HasDefault<P>,
  AttributeViews<P>,
  ViewsAmong<P>["name"],
  TraitsOf<P>
> {
  return credential(name, parts, "bearer", tag);
}

/**
 * The attribute of the payload that carries the key of an `APIKeySecurity`. Otherwise as `Attribute`; its value never
 * shows in messages of errors.
 *
 * @example
 * ```ts
 * import { APIKey, APIKeySecurity, String } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const partner = APIKeySecurity("partner");
 * assertEquals(APIKey(partner, "key", String).name, "key");
 * ```
 */
export function APIKey<const Name extends string, const P extends readonly AttributeMember[]>(
  scheme: SchemePart,
  name: Name,
  ...parts: CheckParts<P>
): AttributePart<
  Name,
  AttributeIn<P>,
  AttributeOut<P>,
  HasDefault<P>,
  AttributeViews<P>,
  ViewsAmong<P>["name"],
  TraitsOf<P>
> {
  return credential(name, parts, `apikey:${scheme.name}`);
}

/**
 * As {@linkcode APIKey}, with a field number.
 *
 * @example
 * ```ts
 * import { APIKeyField, APIKeySecurity, String } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const partner = APIKeySecurity("partner");
 * assertEquals(APIKeyField(1, partner, "key", String).tag, 1);
 * ```
 */
export function APIKeyField<const Name extends string, const P extends readonly AttributeMember[]>(
  tag: number,
  scheme: SchemePart,
  name: Name,
  ...parts: CheckParts<P>
): AttributePart<
  Name,
  AttributeIn<P>,
  AttributeOut<P>,
  HasDefault<P>,
  AttributeViews<P>,
  ViewsAmong<P>["name"],
  TraitsOf<P>
> {
  return credential(name, parts, `apikey:${scheme.name}`, tag);
}
