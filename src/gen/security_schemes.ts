/**
 * Security schemes as OpenAPI and AsyncAPI tell them: a scheme of goats says what a credential is, theirs also where it
 * travels, which may differ from method to method.
 *
 * @module
 */
import { AUTHORIZATION } from "../codec/credentials.ts";
import type { MethodModel, ServiceModel } from "../design/model.ts";
import type { FlowKind, SchemeModel, SchemeUseModel } from "../design/security_model.ts";
import { documentText, type Node, node } from "./document.ts";

/** Where a credential travels. */
export interface CredentialPlace {
  readonly in: "header" | "query" | "cookie";
  readonly name: string;
}

/** A scheme of one method. */
export interface PlacedScheme {
  readonly scheme: SchemeModel;
  /** Absent where it is in the body, which neither document can tell. */
  readonly place?: CredentialPlace;
  readonly attributes: readonly string[];
  /** The scopes that the method requires of it. */
  readonly scopes: readonly string[];
}

/** The security of a method: any one of these, all of each. */
export function requirementsOf(method: MethodModel): readonly (readonly PlacedScheme[])[] {
  return (method.security ?? []).map(({ schemes, scopes }) =>
    schemes.map((use) => ({
      scheme: use.scheme,
      place: placeOf(use, method),
      attributes: use.attributes,
      scopes: scopes.filter((name) => use.scheme.scopes.some((scope) => scope.name === name)),
    }))
  );
}

function placeOf({ scheme, attributes }: SchemeUseModel, { http }: MethodModel): CredentialPlace | undefined {
  if (http === undefined) return undefined;
  const [attribute] = attributes;
  if (scheme.kind === "basic" && http.basic !== undefined) return { in: "header", name: AUTHORIZATION };
  const find = (list: readonly { readonly attribute: string; readonly name: string }[]) =>
    list.find((one) => one.attribute === attribute)?.name;
  const header = find(http.headers);
  if (header !== undefined) return { in: "header", name: header };
  const query = find(http.query);
  if (query !== undefined) return { in: "query", name: query };
  const cookie = find(http.cookies);
  return cookie === undefined ? undefined : { in: "cookie", name: cookie };
}

/** Names of the attributes of a method whose places its security schemes tell. */
export function placedCredentials(method: MethodModel): ReadonlySet<string> {
  return new Set(
    requirementsOf(method).flat().filter(({ place }) => place !== undefined).flatMap(({ attributes }) =>
      attributes
    ),
  );
}

/** The schemes of a document, and how a method refers to them. */
export interface SchemeNames {
  /** By name, sorted. */
  readonly all: readonly (readonly [name: string, scheme: Node])[];
  /** The name of a scheme as a method uses it; `undefined` when its credential is in the body. */
  nameOf(placed: PlacedScheme): string | undefined;
}

/**
 * Names the schemes of services: as the design does, with the place behind the name where there are several.
 *
 * @param describe Tells a scheme in the words of the document
 */
export function schemeNames(
  services: readonly ServiceModel[],
  describe: (placed: PlacedScheme, place: CredentialPlace) => Node,
): SchemeNames {
  const known = new Map<string, Map<string, { readonly placed: PlacedScheme; readonly scheme: Node }>>();
  const keyOf = (placed: PlacedScheme): string | undefined =>
    placed.place && documentText(describe(placed, placed.place));
  for (const method of services.flatMap(({ methods }) => Object.values(methods))) {
    for (const placed of requirementsOf(method).flat()) {
      const key = keyOf(placed);
      if (key === undefined) continue;
      const { name } = placed.scheme;
      let list = known.get(name);
      if (list === undefined) known.set(name, list = new Map());
      if (!list.has(key)) list.set(key, { placed, scheme: describe(placed, placed.place!) });
    }
  }
  const names = new Map<string, string>();
  const all = new Map<string, Node>();
  for (const [name, list] of known) {
    for (const [key, { placed: { scheme: { kind }, place }, scheme }] of list) {
      const plain = list.size === 1 ? name : `${name}_${place!.in}_${place!.name}`;
      let unique = plain.replace(/[^\w.-]/g, "_");
      if (all.has(unique)) unique += `_${kind}`;
      for (let n = 2; all.has(unique); n++) unique = `${unique.replace(/_\d+$/, "")}_${n}`;
      names.set(`${name}\n${key}`, unique);
      all.set(unique, scheme);
    }
  }
  return {
    all: [...all].sort(([a], [b]) => a < b ? -1 : 1),
    nameOf(placed) {
      const key = keyOf(placed);
      return key === undefined ? undefined : names.get(`${placed.scheme.name}\n${key}`);
    },
  };
}

/** Whether a credential is where its kind has it by the standards: `Authorization: Bearer …`, say. */
export function isStandard({ name }: CredentialPlace): boolean {
  return name === AUTHORIZATION;
}

const FLOWS: Readonly<Record<FlowKind, string>> = {
  authorization_code: "authorizationCode",
  implicit: "implicit",
  password: "password",
  client_credentials: "clientCredentials",
};

/** What the two documents call by different words. */
interface SchemeWords {
  /** The type of a scheme whose credential is just a value somewhere. */
  readonly apiKey: "apiKey" | "httpApiKey";
  /** The scopes of an OAuth2 flow. */
  readonly scopes: "scopes" | "availableScopes";
}

/** Makes what tells a scheme in the words of a document. */
export function schemeDescriber(words: SchemeWords): (placed: PlacedScheme, place: CredentialPlace) => Node {
  return ({ scheme }, place) => {
    const { kind, description, bearerFormat } = scheme;
    if (kind === "basic") return node({ type: "http", description, scheme: "basic" });
    if (kind === "oauth2" && isStandard(place)) {
      return node({ type: "oauth2", description, flows: flowsOf(scheme, words.scopes) });
    }
    if (kind === "api_key" || !isStandard(place)) return node({ type: words.apiKey, description, ...place });
    return node({
      type: "http",
      description,
      scheme: "bearer",
      bearerFormat: bearerFormat ?? (kind === "jwt" ? "JWT" : undefined),
    });
  };
}

/** The flows of OAuth2; `word` is what the document calls their scopes. */
function flowsOf({ flows, scopes }: SchemeModel, word: SchemeWords["scopes"]): Node {
  const available = node();
  for (const { name, description } of scopes) available[name] = description ?? "";
  const all = node();
  for (const { kind, authorizationUrl, tokenUrl, refreshUrl } of flows) {
    all[FLOWS[kind]] = node({ authorizationUrl, tokenUrl, refreshUrl, [word]: available });
  }
  return all;
}
