/**
 * What was written where it has no place, for messages.
 *
 * @module
 */

/** Words of parts that have but one, where it is not their kind in capitals: `type_name` is `TypeName`. */
const WORDS: Readonly<Record<string, string>> = {
  api: "API",
  array: "ArrayOf",
  collection: "CollectionOf",
  grpc: "GRPC",
  http: "HTTP",
  map: "MapOf",
  mappings: "Params or Headers",
  multipart: "MultipartRequest",
  sse: "ServerSentEvents",
  union: "OneOf",
  uri: "URI",
};

/** For kinds of several words: the property that tells them apart. */
const TOLD_BY: Readonly<Record<string, string>> = {
  access: "access",
  cookie_attribute: "attribute",
  data: "role",
  flag: "flag",
  flow: "flow",
  info: "info",
  interceptors: "side",
  link: "link",
  mapping: "place",
  media_types: "direction",
  primitive: "primitive",
  raw_body: "side",
  route: "verb",
  scheme: "scheme",
  sse_field: "field",
  validation: "rule",
};

/** What stands around that property in the word. */
const AROUND: Readonly<Record<string, readonly [before: string, after: string]>> = {
  cookie_attribute: ["Cookie", ""],
  flow: ["", "Flow"],
  interceptors: ["", "Interceptor"],
  raw_body: ["Skip", "BodyEncodeDecode"],
  scheme: ["", "Security"],
  sse_field: ["SSEEvent", ""],
};

/** Words that capitals alone do not make. */
const SPELT: Readonly<Record<string, string>> = {
  BasicSecurity: "BasicAuthSecurity",
  ApiKeySecurity: "APIKeySecurity",
  JwtSecurity: "JWTSecurity",
  Oauth2Security: "OAuth2Security",
  CookieHttpOnly: "CookieHTTPOnly",
  SSEEventId: "SSEEventID",
  SSEEventRequestId: "SSERequestID",
  Uint: "UInt",
  Uint32: "UInt32",
  Uint64: "UInt64",
  Url: "URL",
};

/** What whoever forgets to import a word, or takes goats' types for JavaScript's, gets. */
const OWN: ReadonlySet<unknown> = new Set([Array, BigInt, Boolean, Date, Number, Object, String]);

/** Whether it is a type of JavaScript's, which would pass for a thunk. */
export function isOwn(value: unknown): boolean {
  return OWN.has(value);
}

/** A value that has no place where it is: the word that made it, if one did. */
export function describe(value: unknown): string {
  if (isOwn(value)) return `JavaScript's own ${(value as { name: string }).name}`;
  if (value instanceof Error) return "JavaScript's own Error";
  if (typeof value !== "object" || value === null) {
    return value === undefined || value === null ? String(value) : `a ${typeof value}`;
  }
  const part = value as Readonly<Record<string, unknown>>;
  const { kind, name } = part;
  if (typeof kind !== "string") return "an object that no word made";
  const by = TOLD_BY[kind];
  const [before, after] = AROUND[kind] ?? ["", ""];
  const word = WORDS[kind] ?? `${before}${capitalised(by === undefined ? kind : `${part[by]}`)}${after}`;
  if (kind === "attribute") return `attribute "${name}"`;
  return NAMED.has(kind) && typeof name === "string" ? `${word} "${name}"` : SPELT[word] ?? word;
}

/** Kinds of which there are many: it helps to say which. */
const NAMED: ReadonlySet<string> = new Set([
  "attribute",
  "error",
  "interceptor",
  "method",
  "service",
  "type",
]);

/** `no_security` and `noSecurity` as `NoSecurity`. */
function capitalised(name: string): string {
  return name.replace(/(?:^|_)[a-z]/g, (start) => start.at(-1)!.toUpperCase());
}
