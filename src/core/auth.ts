/**
 * Who calls: credentials out of a payload, given to the functions that verify them. Once for every transport.
 *
 * @module
 */
import type { MethodModel } from "../design/model.ts";
import type { SchemePart } from "../design/security_parts.ts";
import type { AuthOfScheme } from "../design/security_types.ts";
import type { RequirementModel, SchemeModel, SchemeUseModel } from "../design/security_model.ts";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import { requiredCredentials } from "../codec/credentials.ts";
import type { ServiceImplementation } from "./endpoint.ts";
import type { CallRequest } from "./exchange.ts";

/** What a caller proves itself with. What the kind of scheme does not have is `""`. */
export interface Credentials {
  /** The scheme that they are of. */
  readonly scheme: SchemeModel;
  /** User name, of Basic authentication. */
  readonly username: string;
  /** Password, of Basic authentication. Compare it in constant time. */
  readonly password: string;
  /** Token or key, of all others: without `Bearer`. */
  readonly token: string;
}

/** What a verifying function may look at besides credentials. */
export interface VerifyContext {
  /** Names of the scopes of this scheme that the method requires. */
  readonly scopes: readonly string[];
  /** Transport, service, method, headers, peer. */
  readonly request: CallRequest;
}

/**
 * Verifies credentials. What it returns, or resolves to, is `call.auth`: whatever it is, the caller is let in. To
 * refuse, it throws: a `ServiceError` is told to the caller as it is (`unauthorized` is 401, `forbidden` 403, gRPC's
 * UNAUTHENTICATED and PERMISSION_DENIED); anything else is told as `unauthorized` and no more, with it as the `cause`
 * that `onError` sees.
 */
export type Verify = (credentials: Credentials, context: VerifyContext) => unknown;

/**
 * The verifying function of a scheme, so that it returns what the scheme says: `VerifyOf<typeof jwt>`.
 *
 * @example
 * ```ts
 * import { ServiceError, type VerifyOf } from "@x/goats";
 * import { JWTSecurity } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const jwt = JWTSecurity<{ readonly name: string }>("jwt");
 * const verify: VerifyOf<typeof jwt> = ({ token }) => {
 *   if (token !== "t0ken") throw new ServiceError("unauthorized", "this token is not known");
 *   return { name: "Ann" };
 * };
 * assertEquals(typeof verify, "function");
 * ```
 */
export type VerifyOf<S extends SchemePart> = (
  credentials: Credentials,
  context: VerifyContext,
) => AuthOfScheme<S> | Promise<AuthOfScheme<S>>;

/** Verifying functions by name of scheme. */
export type Verifiers = Readonly<Record<string, Verify>>;

/**
 * Lets a call in: returns or resolves to its `auth`, throws or rejects with the error that refuses it. For methods
 * that have security.
 */
export type Authorize = (method: MethodModel, payload: unknown, request: CallRequest) => unknown;

/**
 * Makes what lets calls in.
 *
 * @param served Whether the server serves a method
 * @throws {TypeError} When a scheme that some method uses has no function, or two kinds of schemes have one name
 */
export function authorizer(
  implementations: readonly ServiceImplementation[],
  verifiers: Verifiers = {},
  served: (method: MethodModel) => boolean = () => true,
): Authorize {
  const kinds = new Map<string, { readonly kind: string; readonly where: string }>();
  for (const { service } of implementations) {
    for (const method of Object.values(service.methods)) {
      if (method.security === undefined || !served(method)) continue;
      for (const { scheme } of method.security.flatMap(({ schemes }) => schemes)) {
        const where = `${service.name}.${method.name}`;
        const other = kinds.get(scheme.name);
        if (other !== undefined && other.kind !== scheme.kind) {
          throw new TypeError(
            `Cannot serve ${where}: its security scheme "${scheme.name}" is of another kind than that of ${other.where}`,
          );
        }
        if (other === undefined) kinds.set(scheme.name, { kind: scheme.kind, where });
        if (verifierOf(verifiers, scheme) === undefined) {
          throw new TypeError(
            `Cannot serve ${where}: the option auth has no function ` +
              `for its security scheme "${scheme.name}"`,
          );
        }
      }
    }
  }
  return (method, payload, request) => authorize(method, payload, request, verifiers);
}

function verifierOf(verifiers: Verifiers, { name }: SchemeModel): Verify | undefined {
  const verify = Object.hasOwn(verifiers, name) ? verifiers[name] : undefined;
  return typeof verify === "function" ? verify : undefined;
}

/** Any one requirement lets the call in. Else the last one tells why not whose credentials were there. */
async function authorize(
  method: MethodModel,
  payload: unknown,
  request: CallRequest,
  verifiers: Verifiers,
): Promise<unknown> {
  const where = `${method.service}.${method.name}`;
  let refusal: ServiceError | undefined;
  for (const requirement of method.security ?? []) {
    const credentials = requirement.schemes.map((use) => credentialsOf(use, payload));
    if (!credentials.every((one) => one !== undefined)) continue;
    try {
      const auth = await verifyAll(requirement, credentials, request, verifiers);
      checkRequired(method, payload, where);
      return auth;
    } catch (thrown) {
      refusal = thrown instanceof ServiceError
        ? thrown
        : builtinError("unauthorized", `${where}: the credentials are not accepted`, { cause: thrown });
    }
  }
  throw refusal ?? builtinError("unauthorized", `${where}: credentials are missing`);
}

/** Every scheme of a requirement, one after the other, as the first that refuses ends it. */
async function verifyAll(
  { schemes, scopes }: RequirementModel,
  credentials: readonly Credentials[],
  request: CallRequest,
  verifiers: Verifiers,
): Promise<unknown> {
  const auths: Record<string, unknown> = Object.create(null);
  for (const [index, { scheme }] of schemes.entries()) {
    const own = scopes.filter((name) => scheme.scopes.some((scope) => scope.name === name));
    const auth = await verifierOf(verifiers, scheme)!(credentials[index]!, { scopes: own, request });
    if (schemes.length === 1) return auth;
    auths[scheme.name] = auth;
  }
  return auths;
}

/** What the payload holds of a scheme's credentials; `undefined` when they are not all there. */
function credentialsOf({ scheme, attributes }: SchemeUseModel, payload: unknown): Credentials | undefined {
  const values = attributes.map((name) => textAt(payload, name));
  if (!values.every((value) => value !== undefined)) return undefined;
  const [first = "", second = ""] = values;
  if (scheme.kind === "basic") return { scheme, username: first, password: second, token: "" };
  return first === "" ? undefined : { scheme, username: "", password: "", token: first };
}

function textAt(payload: unknown, name: string): string | undefined {
  if (typeof payload !== "object" || payload === null || !Object.hasOwn(payload, name)) return undefined;
  const value = (payload as Record<string, unknown>)[name];
  return typeof value === "string" ? value : undefined;
}

/** Decoding leaves it to here whether required credentials are there, so that a caller without any is unauthorized. */
function checkRequired(method: MethodModel, payload: unknown, where: string): void {
  for (const name of requiredCredentials(method)) {
    if (textAt(payload, name) === undefined) {
      throw new ServiceError("missing_field", `${where}: ${JSON.stringify(name)} is missing from payload`);
    }
  }
}
