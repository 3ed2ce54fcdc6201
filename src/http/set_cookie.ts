/**
 * Cookies of responses (RFC 6265 §4.1).
 *
 * @module
 */
import type { Json } from "../codec/codec.ts";
import { attributeOf } from "../codec/json.ts";
import type { CookieAttributesModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import type { TextMapping } from "./text_mapping.ts";

/** What a cookie's value cannot hold (RFC 6265 §4.1.1). */
export const NOT_COOKIE: RegExp = /[^\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]/;

const SITES = { strict: "Strict", lax: "Lax", none: "None" } as const;

/** What follows the value in every cookie of a response. */
export function cookieSuffix(attributes: CookieAttributesModel = {}): string {
  const { maxAge, domain, path, secure, httpOnly, sameSite = "default" } = attributes;
  let text = "";
  if (maxAge !== undefined) text += `; Max-Age=${maxAge}`;
  if (domain !== undefined) text += `; Domain=${domain}`;
  if (path !== undefined) text += `; Path=${path}`;
  if (secure) text += "; Secure";
  if (httpOnly) text += "; HttpOnly";
  if (sameSite !== "default") text += `; SameSite=${SITES[sameSite]}`;
  return text;
}

/**
 * The values of `Set-Cookie` that attributes of a JSON value make.
 *
 * @throws {ServiceError} `invalid_format`
 */
export function setCookies(
  mappings: readonly TextMapping[],
  json: Json,
  suffix: string,
  context: string,
): string[] {
  const cookies: string[] = [];
  for (const { attribute, name, codec } of mappings) {
    const value = attributeOf(json, attribute);
    if (value === undefined || value === null) continue;
    const text = codec.encode(value) as string;
    if (NOT_COOKIE.test(text)) {
      throw new ServiceError("invalid_format", `${context}: ${attribute || "it"} cannot be sent in a cookie`);
    }
    cookies.push(`${name}=${text}${suffix}`);
  }
  return cookies;
}

/** The cookies that a response sets. Browsers hide them from scripts. */
export function receivedCookies(headers: Headers): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const cookie of headers.getSetCookie()) {
    const [pair] = cookie.split(";", 1);
    const equals = pair!.indexOf("=");
    if (equals > 0) values.set(pair!.slice(0, equals).trim(), pair!.slice(equals + 1).trim());
  }
  return values;
}
