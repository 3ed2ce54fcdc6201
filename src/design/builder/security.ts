/**
 * Resolves security: schemes, requirements, and the attributes that carry credentials.
 *
 * @module
 */
import { record } from "../freeze.ts";
import type { BodyPart } from "../http_parts.ts";
import type { AttributeModel, MappingModel, NamedAttributeModel } from "../model.ts";
import type { FlowModel, RequirementModel, SchemeKind, SchemeModel, ScopeModel } from "../security_model.ts";
import type { FlowPart, NoSecurityPart, SchemePart, SecurityPart } from "../security_parts.ts";
import { describe } from "./describe.ts";
import { type Build, report, type Scope } from "./scope.ts";
import { objectOf, underlying } from "./shape.ts";

/** One `Security(...)` before it meets a payload. */
export interface Requirement {
  readonly schemes: readonly SchemeModel[];
  readonly scopes: readonly string[];
}

/** The words of the schemes. */
const SCHEME_WORDS: Readonly<Record<SchemeKind, string>> = {
  basic: "BasicAuthSecurity",
  api_key: "APIKeySecurity",
  bearer: "BearerSecurity",
  jwt: "JWTSecurity",
  oauth2: "OAuth2Security",
};

const FLOW_WORDS: Readonly<Record<FlowPart["flow"], string>> = {
  authorization_code: "AuthorizationCodeFlow",
  implicit: "ImplicitFlow",
  password: "PasswordFlow",
  client_credentials: "ClientCredentialsFlow",
};

/** An attribute that a scheme needs: Goa's key of Meta, the word that writes it, what it is. */
interface Role {
  readonly key: string;
  readonly word: string;
  readonly what: string;
}

const ROLES: Readonly<Record<Exclude<SchemeKind, "api_key">, readonly Role[]>> = {
  basic: [
    { key: "security:username", word: "Username", what: "a user name" },
    { key: "security:password", word: "Password", what: "a password" },
  ],
  bearer: [{ key: "security:bearer", word: "BearerToken", what: "a token" }],
  jwt: [{ key: "security:token", word: "Token", what: "a token" }],
  oauth2: [{ key: "security:accesstoken", word: "AccessToken", what: "an access token" }],
};

const API_KEY = "security:apikey:";

function rolesOf({ kind, name }: Pick<SchemeModel, "kind" | "name">): readonly Role[] {
  return kind === "api_key" ? [{ key: API_KEY + name, word: "APIKey", what: "a key" }] : ROLES[kind];
}

/** The word that wrote an attribute with this key of Meta, and the scheme's word that it belongs to. */
function wordOf(key: string): readonly [word: string, scheme: string] | undefined {
  if (key.startsWith(API_KEY)) return ["APIKey", `APIKeySecurity "${key.slice(API_KEY.length)}"`];
  for (const kind of ["basic", "bearer", "jwt", "oauth2"] as const) {
    const role = ROLES[kind].find((one) => one.key === key);
    if (role !== undefined) return [role.word, SCHEME_WORDS[kind]];
  }
  return undefined;
}

/** Schemes of one build by name, so that two of one name are told. */
const known = new WeakMap<Build, Map<string, SchemePart>>();
/** A scheme's model is the same in every service. */
const models = new WeakMap<object, SchemeModel>();

function resolveScheme(scope: Scope, part: SchemePart): SchemeModel {
  let schemes = known.get(scope.build);
  if (schemes === undefined) known.set(scope.build, schemes = new Map());
  const other = schemes.get(part.name);
  if (other !== undefined && other !== part) report(scope, `there are two schemes named "${part.name}"`);
  const told = other === part;
  schemes.set(part.name, part);
  let model = models.get(part);
  if (model === undefined || !told) {
    const made = schemeModel(told ? undefined : scope, part);
    models.set(part, model ??= made);
  }
  return model;
}

/** `scope` is absent when the problems were told before. */
function schemeModel(scope: Scope | undefined, part: SchemePart): SchemeModel {
  const word = `${SCHEME_WORDS[part.scheme]} "${part.name}"`;
  const tell = (message: string) => scope && report(scope, `${word}: ${message}`);
  const scopes = new Map<string, ScopeModel>();
  const flows: FlowModel[] = [];
  const meta: Record<string, readonly string[]> = record();
  let description: string | undefined;
  let bearerFormat: string | undefined;
  if (part.name === "") tell("the scheme has no name");
  for (const member of part.parts) {
    if (typeof member === "string") description = member;
    else {
      switch (member?.kind) {
        case "description":
          description = member.text;
          break;
        case "scope": {
          const { name } = member;
          if (name === "") tell("a scope has no name");
          if (scopes.has(name)) tell(`there are two scopes named "${name}"`);
          scopes.set(
            name,
            Object.freeze(
              member.description === undefined ? { name } : { name, description: member.description },
            ),
          );
          break;
        }
        case "flow":
          if (part.scheme !== "oauth2") tell(`${FLOW_WORDS[member.flow]} stands only in OAuth2Security`);
          flows.push(flowModel(tell, member));
          break;
        case "bearer_format":
          if (part.scheme !== "bearer" && part.scheme !== "jwt") {
            tell("BearerFormat stands only in BearerSecurity and JWTSecurity");
          }
          bearerFormat = member.format;
          break;
        case "meta":
          meta[member.name] = member.values;
          break;
        default:
          tell(`${describe(member)} has no place in a scheme`);
      }
    }
  }
  return Object.freeze({
    kind: part.scheme,
    name: part.name,
    ...(description === undefined ? {} : { description }),
    scopes: Object.freeze([...scopes.values()]),
    flows: Object.freeze(flows),
    ...(bearerFormat === undefined ? {} : { bearerFormat }),
    meta: Object.freeze(meta),
  });
}

function flowModel(tell: (message: string) => void, part: FlowPart): FlowModel {
  const { flow, authorizationUrl, tokenUrl, refreshUrl } = part;
  const words = { authorization: authorizationUrl, token: tokenUrl, refresh: refreshUrl };
  for (const [name, url] of Object.entries(words)) {
    // As Goa, relative ones will do.
    if (url !== undefined && !URL.canParse(url, "http://localhost")) {
      tell(`${FLOW_WORDS[flow]}: "${url}" is no ${name} URL`);
    }
  }
  return Object.freeze({
    kind: flow,
    ...(authorizationUrl === undefined ? {} : { authorizationUrl }),
    ...(tokenUrl === undefined ? {} : { tokenUrl }),
    ...(refreshUrl === undefined ? {} : { refreshUrl }),
  });
}

/** Resolves the `Security(...)` of a service, an API or a method. */
export function resolveSecurity(scope: Scope, parts: readonly SecurityPart[]): readonly Requirement[] {
  return parts.map((part) => {
    const schemes: SchemeModel[] = [];
    const scopes: string[] = [];
    for (const member of part.parts) {
      if (member?.kind === "scheme") schemes.push(resolveScheme(scope, member));
      else if (member?.kind === "scope") {
        if (member.description !== undefined) {
          report(scope, `Security: Scope "${member.name}" is described in its scheme, not here`);
        }
        scopes.push(member.name);
      } else report(scope, `${describe(member)} has no place in Security`);
    }
    if (schemes.length === 0) report(scope, "Security has no scheme");
    for (const scheme of new Set(schemes)) {
      if (schemes.indexOf(scheme) !== schemes.lastIndexOf(scheme)) {
        report(scope, `Security: scheme "${scheme.name}" is there twice`);
      }
    }
    for (const name of scopes) {
      if (!schemes.some((scheme) => scheme.scopes.some((one) => one.name === name))) {
        report(scope, `Security: no scheme has a scope named "${name}"`);
      }
    }
    return { schemes, scopes };
  });
}

/**
 * What a method requires: its own, else what its service requires, nothing after `NoSecurity`. Goa's rules: the payload
 * has an attribute for each credential, and no other attributes of that sort.
 */
export function methodSecurity(
  scope: Scope,
  parts: readonly (SecurityPart | NoSecurityPart)[],
  payload: AttributeModel | undefined,
  inherited: readonly Requirement[],
): readonly RequirementModel[] {
  const own = parts.filter((part) => part.kind === "security");
  const none = own.length < parts.length;
  if (none && own.length > 0) report(scope, "there are both Security and NoSecurity");
  const requirements = none ? [] : own.length > 0 ? resolveSecurity(scope, own) : inherited;
  const attributes = (payload && objectOf(payload.type)?.attributes) ?? [];
  const missing = new Set<string>();
  const used = new Set<string>();
  const resolved = requirements.map(({ schemes, scopes }): RequirementModel =>
    Object.freeze({
      schemes: Object.freeze(schemes.map((scheme) =>
        Object.freeze({
          scheme,
          attributes: Object.freeze(
            rolesOf(scheme).flatMap(({ key, word, what }) => {
              used.add(key);
              const found = attributes.find((attribute) => Object.hasOwn(attribute.meta, key));
              if (found === undefined) {
                missing.add(`scheme "${scheme.name}": the payload has no attribute for ${what}: use ${word}`);
              }
              return found === undefined ? [] : [found.name];
            }),
          ),
        })
      )),
      scopes: Object.freeze([...scopes]),
    })
  );
  for (const message of missing) report(scope, message);
  checkCredentials(scope, attributes, used);
  return Object.freeze(resolved);
}

function checkCredentials(scope: Scope, attributes: readonly NamedAttributeModel[], used: Set<string>): void {
  const seen = new Set<string>();
  for (const attribute of attributes) {
    const place: Scope = { ...scope, attribute: `payload.${attribute.name}` };
    for (const key of Object.keys(attribute.meta)) {
      const words = wordOf(key);
      if (words === undefined) continue;
      if (underlying(attribute.type)?.kind !== "string") report(place, `${words[0]} is no String`);
      if (seen.has(key)) report(place, `${words[0]} is there twice`);
      seen.add(key);
      if (!used.has(key)) report(place, `${words[0]} is of no use: the method has no ${words[1]}`);
    }
  }
}

/** The attributes that `Body` names, which so travel nowhere else. */
export function bodyNames(parts: readonly BodyPart[]): readonly string[] {
  return parts.flatMap((part) => part.parts).flatMap((one) => {
    if (typeof one === "string") return [one];
    return typeof one === "object" && one?.kind === "attribute" ? [one.name] : [];
  });
}

/** A header or metadata, in lower case. */
const AUTHORIZATION = "authorization";

/** What security adds to the mappings of a transport. */
export interface CredentialMappings {
  /** Attributes that travel in `authorization` as nothing else was said of them. */
  readonly implicit: readonly MappingModel[];
  /** The attributes that make the header of Basic authentication. */
  readonly basic?: { readonly username: string; readonly password: string };
}

/**
 * Where credentials travel over HTTP. Goa's rules: Basic authentication always in `Authorization`, which is no other
 * attribute's then; the others there, too, when they are not mapped.
 *
 * @param headers As written
 * @param taken Attributes that are mapped
 */
export function httpCredentials(
  scope: Scope,
  requirements: readonly RequirementModel[],
  headers: readonly MappingModel[],
  taken: ReadonlySet<string>,
): CredentialMappings {
  const implicit = new Map<string, MappingModel>();
  let basic: CredentialMappings["basic"];
  for (const { schemes } of requirements) {
    let holder: string | undefined;
    const hold = (name: string): void => {
      if (holder !== undefined) {
        report(
          scope,
          `schemes "${holder}" and "${name}" are required together and both travel in the header ` +
            `"authorization": map one of them elsewhere`,
        );
      }
      holder ??= name;
    };
    for (const { scheme, attributes } of schemes) {
      const [first, second] = attributes;
      if (first === undefined) continue;
      if (scheme.kind === "basic") {
        if (second === undefined) continue;
        basic = { username: first, password: second };
        hold(scheme.name);
      } else if (!taken.has(first)) {
        implicit.set(first, Object.freeze({ attribute: first, name: AUTHORIZATION }));
        hold(scheme.name);
      } else if (headers.some(({ attribute, name }) => attribute === first && name === AUTHORIZATION)) {
        hold(scheme.name);
      }
    }
  }
  if (basic !== undefined) {
    for (const { attribute, name } of headers) {
      if (name !== AUTHORIZATION) continue;
      report(
        scope,
        `header "authorization" belongs to BasicAuthSecurity: map attribute "${attribute}" to another one`,
      );
    }
    for (const name of [basic.username, basic.password]) {
      if (taken.has(name)) {
        report(scope, `attribute "${name}" travels in the header of BasicAuthSecurity and nowhere else`);
      }
    }
  }
  return { implicit: [...implicit.values()], ...(basic === undefined ? {} : { basic }) };
}

/**
 * The metadata that credentials travel in over gRPC when the design puts them nowhere. Goa's rule: user name and
 * password under their attributes' names, all else in `authorization`.
 *
 * @param taken Attributes that the design maps itself
 */
export function grpcCredentials(
  scope: Scope,
  requirements: readonly RequirementModel[],
  taken: ReadonlySet<string>,
): readonly MappingModel[] {
  const mappings = new Map<string, MappingModel>();
  for (const { schemes } of requirements) {
    const implicit = schemes.filter(({ scheme, attributes }) =>
      scheme.kind !== "basic" && attributes.some((name) => !taken.has(name))
    );
    if (implicit.length > 1) {
      const [one, other] = implicit.map(({ scheme }) => `"${scheme.name}"`);
      report(
        scope,
        `schemes ${one} and ${other} are required together and both travel in the metadata ` +
          `"authorization": map one of them with Metadata`,
      );
    }
    for (const { scheme, attributes } of schemes) {
      for (const attribute of attributes) {
        if (taken.has(attribute)) continue;
        const name = scheme.kind === "basic" ? attribute.toLowerCase() : AUTHORIZATION;
        if (!/^[0-9a-z_.-]+$/.test(name)) {
          report(scope, `attribute "${attribute}" is no name for metadata: map it with Metadata`);
        }
        mappings.set(attribute, Object.freeze({ attribute, name }));
      }
    }
  }
  return [...mappings.values()];
}
