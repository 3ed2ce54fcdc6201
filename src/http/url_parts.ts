/**
 * Path and query of a request's URL, without the cost of a `URL`.
 *
 * @module
 */
import { ServiceError } from "../errors/service_error.ts";

/** Path and query, both still percent-encoded. */
export interface UrlParts {
  readonly path: string;
  /** Without the question mark; `""` when there is none. */
  readonly query: string;
}

/** Splits an absolute URL as `Request.url` gives it. */
export function urlParts(url: string): UrlParts {
  const fragment = url.indexOf("#");
  const end = fragment === -1 ? url.length : fragment;
  const authority = url.indexOf("://") + 3;
  let question = url.indexOf("?", authority);
  if (question === -1 || question > end) question = end;
  const slash = url.indexOf("/", authority);
  return {
    path: slash === -1 || slash > question ? "/" : url.slice(slash, question),
    query: url.slice(question + 1, end),
  };
}

/** Values of a query string by parameter name, in the order they came. */
export type QueryValues = ReadonlyMap<string, readonly string[]>;

const NO_VALUES: QueryValues = new Map();

/**
 * Parses a query string as forms write it (`+` is a space). Unlike `URLSearchParams` it refuses what is not
 * percent-encoded UTF-8 rather than replacing it: bad input is never silently changed.
 *
 * @throws {ServiceError} `invalid_format`
 */
export function parseQuery(query: string, context: string): QueryValues {
  if (query === "") return NO_VALUES;
  const values = new Map<string, string[]>();
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = decode(equals === -1 ? pair : pair.slice(0, equals), context);
    const value = equals === -1 ? "" : decode(pair.slice(equals + 1), context, name);
    const list = values.get(name);
    if (list === undefined) values.set(name, [value]);
    else list.push(value);
  }
  return values;
}

/** `name` is that of a value, which may be a credential: messages do not quote it. */
function decode(text: string, context: string, name?: string): string {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    throw new ServiceError(
      "invalid_format",
      `${context}: query string is malformed at ${JSON.stringify(name ?? text)}`,
    );
  }
}
