/**
 * Makes the request of a payload: the other side of request_payload.ts. Compiled once per method.
 *
 * @module
 */
import type { Json } from "../codec/codec.ts";
import { AUTHORIZATION } from "../codec/credentials.ts";
import { attributeOf, jsonCodec } from "../codec/json.ts";
import { stringifyJson } from "../codec/json_text.ts";
import { CONTROL } from "../core/sendable_headers.ts";
import type { AttributeModel, BasicAuthModel, MethodModel, RouteModel } from "../design/model.ts";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import { type Body, type BodyFormat, bodyFormat } from "./body_format.ts";
import { formatBasic } from "./basic_auth.ts";
import { toHeaderValue } from "./header_text.ts";
import { mapQuery } from "./query_map.ts";
import { NOT_COOKIE } from "./set_cookie.ts";
import { attributesOf, headerMappings, type TextMapping, textMappings } from "./text_mapping.ts";

/** A request, but for its server. */
export interface BuiltRequest {
  readonly verb: string;
  /** Path and query, percent-encoded. */
  readonly target: string;
  /** Headers that attributes make, cookies included. */
  readonly headers: readonly (readonly [string, string])[];
  /** Absent when there is no body. */
  readonly body?: Body;
  /** Media type of the body; absent where it is JSON. */
  readonly contentType?: string;
}

/** Makes requests of payloads. */
export interface RequestBuild {
  /**
   * Validates the payload and makes the request.
   *
   * @throws {ServiceError} With a validation name
   */
  build(payload: unknown): BuiltRequest;
}

type Texts = readonly string[];

const NO_HEADERS: BuiltRequest["headers"] = [];

/** Compiles the requests of a method, on the first of its routes that fetch can take. */
export function requestBuild(method: MethodModel): RequestBuild {
  const { http, payload } = method;
  const context = `${method.service}.${method.name}`;
  // No fetch sends TRACE (Fetch standard, "forbidden method").
  const route = http?.routes.find(({ verb }) => verb !== "TRACE");
  if (http !== undefined && http.routes.length > 0 && route === undefined) {
    throw builtinError("unimplemented", `${context}: TRACE cannot be sent with fetch`);
  }
  if (http === undefined || route === undefined) {
    throw builtinError("unimplemented", `${context} is not served over HTTP`);
  }
  if (payload === undefined) {
    const request: BuiltRequest = { verb: route.verb, target: pathOf(route, [], context), headers: [] };
    return { build: () => request };
  }
  const codec = jsonCodec(payload, { root: "payload", context });
  const params = textMappings(route.segments.filter((segment) => segment.kind === "param"), payload);
  const query = textMappings(http.query, payload);
  const headers = headerMappings(http.headers, payload);
  const cookies = textMappings(http.cookies, payload);
  const format = http.body === undefined || http.consumes === undefined
    ? undefined
    : bodyFormat(http.consumes[0]!, http.body, context);
  const bodyOf = http.body === undefined
    ? () => undefined
    : bodyMaker(http.body, payload, http.bodyAttribute, format);
  const mapTexts = http.mapParams === undefined
    ? undefined
    : mapQuery(http.mapParams, payload, query, context);

  /** Whether the payload is the body, as it is. */
  const whole = http.body !== undefined && format === undefined && http.bodyAttribute === undefined &&
    hasAll(http.body, payload) && http.basic === undefined &&
    mapTexts === undefined && [params, query, headers, cookies].every((mappings) => mappings.length === 0);
  if (whole) {
    const { verb } = route;
    const target = pathOf(route, [], context);
    return { build: (value) => ({ verb, target, headers: NO_HEADERS, body: codec.encode(value) }) };
  }

  return {
    build(value) {
      const json = codec.toJson(value);
      const textsOf = ({ attribute, codec }: TextMapping): Texts => {
        const item = attributeOf(json, attribute);
        if (item === undefined || item === null) return [];
        const text = codec.encode(item);
        return typeof text === "string" ? [text] : text;
      };
      let target = pathOf(route, params.map(textsOf), context);
      let separator = "?";
      for (const mapping of query) {
        for (const text of textsOf(mapping)) {
          target += `${separator}${encodeURIComponent(mapping.name)}=${encodeURIComponent(text)}`;
          separator = "&";
        }
      }
      for (const [name, text] of mapTexts?.(json) ?? []) {
        target += `${separator}${encodeURIComponent(name)}=${encodeURIComponent(text)}`;
        separator = "&";
      }
      return {
        verb: route.verb,
        target,
        headers: firstOfEach([
          ...headerPairs(headers, textsOf, context),
          ...basicPairs(http.basic, json, context),
          ...cookiePairs(cookies, textsOf, context),
        ]),
        body: bodyOf(json),
        ...(format === undefined ? {} : { contentType: format.mediaType }),
      };
    },
  };
}

/** Whether a body has all attributes of a payload. */
function hasAll(body: AttributeModel, payload: AttributeModel): boolean {
  return attributesOf(body).length === attributesOf(payload).length;
}

function bodyMaker(
  body: AttributeModel,
  payload: AttributeModel,
  bodyAttribute: string | undefined,
  format: BodyFormat | undefined,
): (json: Json) => Body | undefined {
  const encode = format?.encode ?? stringifyJson;
  if (bodyAttribute !== undefined) {
    return (json) => {
      const value = attributeOf(json, bodyAttribute);
      return value === undefined ? undefined : encode(value);
    };
  }
  if (hasAll(body, payload)) return encode;
  const names = attributesOf(body).map((attribute) => attribute.name);
  return (json) => {
    const rest: Record<string, Json> = {};
    for (const name of names) {
      const value = (json as Record<string, Json>)[name];
      if (Object.hasOwn(json as object, name) && value !== undefined) {
        Object.defineProperty(rest, name, { value, enumerable: true });
      }
    }
    return encode(rest);
  };
}

function pathOf(route: RouteModel, params: readonly Texts[], context: string): string {
  let path = "";
  let param = 0;
  for (const segment of route.segments) {
    if (segment.kind === "literal") {
      path += `/${encodeURI(segment.text)}`;
      continue;
    }
    const { attribute, wildcard } = segment;
    const [text] = params[param++]!;
    if (text === undefined) {
      throw new ServiceError("missing_field", `${context}: ${attribute} is missing, the path needs it`);
    }
    for (const part of wildcard ? text.split("/") : [text]) {
      // URL parsers take dots out of the path, percent-encoded or not, and so change which resource is meant.
      if (part === "." || part === ".." || (part === "" && !wildcard)) {
        throw new ServiceError(
          "invalid_format",
          `${context}: ${attribute} cannot be ${JSON.stringify(part)} in a path`,
        );
      }
      path += `/${encodeURIComponent(part)}`;
    }
  }
  return path;
}

/** Blanks at the ends of a header value, which peers cut off. */
const BLANKS = /^[ \t]|[ \t]$/;

function headerPairs(
  mappings: readonly TextMapping[],
  textsOf: (mapping: TextMapping) => Texts,
  context: string,
): [string, string][] {
  const pairs: [string, string][] = [];
  for (const mapping of mappings) {
    const texts = textsOf(mapping);
    if (texts.length === 0) continue;
    for (const text of texts) {
      if (CONTROL.test(text) || BLANKS.test(text) || (mapping.array && text.includes(","))) {
        throw new ServiceError(
          "invalid_format",
          `${context}: ${mapping.attribute} cannot be sent in a header`,
        );
      }
    }
    pairs.push([mapping.name, toHeaderValue(texts.join(", "))]);
  }
  return pairs;
}

/** The header of Basic authentication, when there are credentials for it. */
function basicPairs(basic: BasicAuthModel | undefined, json: Json, context: string): [string, string][] {
  if (basic === undefined) return [];
  const username = attributeOf(json, basic.username);
  const password = attributeOf(json, basic.password);
  if (typeof username !== "string" || typeof password !== "string") return [];
  return [[AUTHORIZATION, formatBasic({ username, password }, context)]];
}

/** Credentials of alternative schemes may share a header: the first that is there travels. */
function firstOfEach(pairs: readonly [string, string][]): [string, string][] {
  return [...new Map([...pairs].reverse())].reverse();
}

function cookiePairs(
  mappings: readonly TextMapping[],
  textsOf: (mapping: TextMapping) => Texts,
  context: string,
): [string, string][] {
  const cookies: string[] = [];
  for (const mapping of mappings) {
    const [text] = textsOf(mapping);
    if (text === undefined) continue;
    if (NOT_COOKIE.test(text)) {
      throw new ServiceError("invalid_format", `${context}: ${mapping.attribute} cannot be sent in a cookie`);
    }
    cookies.push(`${mapping.name}=${text}`);
  }
  return cookies.length === 0 ? [] : [["cookie", cookies.join("; ")]];
}
