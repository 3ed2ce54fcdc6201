/**
 * Resolves what stands in a `Response` besides headers: tag, content type, cookies.
 *
 * @module
 */
import type { BodyPart, ContentTypePart, CookieAttributePart, TagPart } from "../http_parts.ts";
import { mediaFormatOf } from "../media_type.ts";
import type { AttributeModel, CookieAttributesModel, HttpResponseModel, TagModel } from "../model.ts";
import type { ResponsePart } from "../parts.ts";
import { misfit } from "./http_body.ts";
import { report, type Scope } from "./scope.ts";
import { objectOf, underlying } from "./shape.ts";

/** The parts, sorted. */
export interface ResponseExtras {
  readonly bodies: BodyPart[];
  readonly tags: TagPart[];
  readonly contentTypes: ContentTypePart[];
  readonly cookieAttributes: CookieAttributePart[];
}

/** Takes a part that is one of them. */
export function takeExtra(extras: ResponseExtras, part: { readonly kind: string }): boolean {
  switch (part.kind) {
    case "body":
      extras.bodies.push(part as BodyPart);
      return true;
    case "tag":
      extras.tags.push(part as TagPart);
      return true;
    case "content_type":
      extras.contentTypes.push(part as ContentTypePart);
      return true;
    case "cookie_attribute":
      extras.cookieAttributes.push(part as CookieAttributePart);
      return true;
    default:
      return false;
  }
}

/** Resolves the tag of a response. */
export function resolveTag(
  scope: Scope,
  parts: readonly TagPart[],
  value: AttributeModel | undefined,
): TagModel | undefined {
  if (parts.length > 1) report(scope, "Tag is there twice");
  if (parts[0] === undefined) return undefined;
  const { attribute: name, value: text } = parts[0];
  const object = value === undefined ? undefined : objectOf(value.type);
  if (object === undefined) {
    report(scope, `Tag "${name}": the result is no object`);
    return { attribute: name, value: text };
  }
  const attribute = object.attributes.find((one) => one.name === name);
  if (attribute === undefined) {
    report(scope, `Tag: the result has no attribute named "${name}"`);
    return { attribute: name, value: text };
  }
  if (underlying(attribute.type)?.kind !== "string") report(scope, `Tag: attribute "${name}" is no String`);
  else if (attribute.validation.enum?.includes(text) === false) {
    report(scope, `Tag: attribute "${name}" is never "${text}"`);
  }
  return Object.freeze({ attribute: name, value: text });
}

/** Resolves the media type of a response's body. */
export function resolveContentType(
  scope: Scope,
  parts: readonly ContentTypePart[],
  body: AttributeModel | undefined,
  ofError: boolean,
  raw: boolean,
): string | undefined {
  if (parts.length > 1) report(scope, "ContentType is there twice");
  if (parts[0] === undefined) return undefined;
  const { mediaType } = parts[0];
  const format = mediaFormatOf(mediaType);
  if (format === undefined) report(scope, `ContentType: "${mediaType}" is no media type`);
  else if (raw) return mediaType;
  else if (format === "unknown" || format === "form") {
    report(scope, `ContentType: goats has no codec for "${mediaType}"`);
  } else if (ofError && format !== "json") {
    report(scope, `ContentType: the body of an error is JSON, not "${mediaType}"`);
  } else if (body !== undefined) {
    const reason = misfit(mediaType, body);
    if (reason !== undefined) report(scope, `ContentType: a body of "${mediaType}" is ${reason}`);
  }
  return mediaType;
}

const COOKIE_WORDS = {
  maxAge: "CookieMaxAge",
  domain: "CookieDomain",
  path: "CookiePath",
  secure: "CookieSecure",
  httpOnly: "CookieHTTPOnly",
  sameSite: "CookieSameSite",
} as const;

/** RFC 6265 §4.1.1: a name is a token; the value of an attribute has no control characters and no semicolon. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
// deno-lint-ignore no-control-regex
const NOT_VALUE = /[\x00-\x1f\x7f;]/;

/** Resolves what is said of the cookies of a response. */
export function resolveCookies(
  scope: Scope,
  parts: readonly CookieAttributePart[],
  cookies: HttpResponseModel["cookies"],
): CookieAttributesModel | undefined {
  for (const { name } of cookies ?? []) {
    if (!TOKEN.test(name)) report(scope, `Cookie: "${name}" is no name of a cookie`);
  }
  if (parts.length === 0) return undefined;
  const model: Record<string, unknown> = {};
  for (const { attribute, value } of parts) {
    const word = COOKIE_WORDS[attribute];
    if (cookies === undefined || cookies.length === 0) report(scope, `${word}: the response has no cookies`);
    if (Object.hasOwn(model, attribute)) report(scope, `${word} is there twice`);
    if (attribute === "maxAge" && !Number.isSafeInteger(value)) {
      report(scope, `${word}: ${value} is no whole number of seconds`);
    }
    if (typeof value === "string" && (value === "" || NOT_VALUE.test(value))) {
      report(scope, `${word}: ${JSON.stringify(value)} cannot stand in a cookie`);
    }
    model[attribute] = value;
  }
  return Object.freeze(model) as CookieAttributesModel;
}

/** The messages of a stream are whole and JSON, and its response was sent before the first of them. */
export function checkStreamed(scope: Scope, parts: ResponsePart["parts"]): void {
  for (const part of parts) {
    if (typeof part === "string") continue;
    const cookie = part.kind === "mapping" && part.place === "cookie";
    const word = cookie ? "Cookie" : STREAMED_WORDS[part.kind];
    if (word !== undefined) report(scope, `${word} has no place in the response of a stream`);
  }
}

const STREAMED_WORDS: Readonly<Record<string, string>> = {
  body: "Body",
  tag: "Tag",
  content_type: "ContentType",
};

/** Goa's rules: responses that a tag chooses among have one without, and have results with attributes. */
export function checkTags(scope: Scope, responses: readonly HttpResponseModel[]): void {
  const untagged = responses.filter((response) => response.tag === undefined);
  if (responses.length > 0 && untagged.length === 0) {
    report(scope, "every Response has a Tag; one must have none");
  }
  const distinct = new Set(untagged.map(({ status }) => status));
  if (distinct.size > 1) {
    const statuses = [...distinct].join(", ");
    report(scope, `only one Response can be without a Tag, not those with status ${statuses}`);
  }
  const seen = new Set<string>();
  for (const { tag } of responses) {
    if (tag === undefined) continue;
    const key = JSON.stringify([tag.attribute, tag.value]);
    if (seen.has(key)) report(scope, `Tag("${tag.attribute}", "${tag.value}") is there twice`);
    seen.add(key);
  }
}
