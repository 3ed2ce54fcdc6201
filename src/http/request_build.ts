/**
 * Makes the request of a payload: the other side of request_payload.ts. Compiled once per method.
 *
 * @module
 */
import type { Json } from "../codec/codec.ts";
import { jsonCodec } from "../codec/json.ts";
import { stringifyJson } from "../codec/json_text.ts";
import type { AttributeModel, MethodModel, RouteModel, SegmentModel } from "../design/model.ts";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import { toHeaderValue } from "./header_text.ts";
import { attributesOf, type TextMapping, textMappings } from "./text_mapping.ts";

/** A request, but for its server. */
export interface BuiltRequest {
  readonly verb: string;
  /** Path and query, percent-encoded. */
  readonly target: string;
  /** Headers that attributes make, cookies included. */
  readonly headers: readonly (readonly [string, string])[];
  /** JSON text; absent when there is no body. */
  readonly body?: string;
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

/** Compiles the requests of a method. With several routes, the first counts whose parameters all have a value. */
export function requestBuild(method: MethodModel): RequestBuild {
  const { http, payload } = method;
  const context = `${method.service}.${method.name}`;
  if (http === undefined) throw builtinError("unimplemented", `${context} is not served over HTTP`);
  const { routes } = http;
  if (payload === undefined) {
    const [route] = routes;
    const request: BuiltRequest = {
      verb: route!.verb,
      target: pathOf(route!, () => undefined, context),
      headers: [],
    };
    return { build: () => request };
  }
  const codec = jsonCodec(payload, { root: "payload", context });
  const query = textMappings(http.query, payload);
  const headers = textMappings(http.headers, payload);
  const cookies = textMappings(http.cookies, payload);
  const compiled = routes.map((route) => {
    const params = textMappings(paramsOf(route), payload);
    const mapped = params.length + query.length + headers.length + cookies.length > 0;
    return { route, params, mapped };
  });
  const bodyOf = http.body === undefined ? () => undefined : bodyMaker(http.body, payload);

  return {
    build(value) {
      const json = codec.toJson(value);
      const whole = attributesOf(payload).length === 0;
      const textsOf = ({ attribute, codec }: TextMapping): Texts | undefined => {
        const item = attribute === "" || whole ? json : (json as Record<string, Json>)[attribute];
        if (item === undefined || item === null) return undefined;
        const text = codec.encode(item);
        return typeof text === "string" ? [text] : text;
      };
      const chosen =
        compiled.find(({ params }) => params.every((mapping) => textsOf(mapping) !== undefined)) ??
          compiled[0]!;
      const { route, params } = chosen;
      let target = pathOf(route, (i) => textsOf(params[i]!), context);
      let separator = "?";
      for (const mapping of query) {
        for (const text of textsOf(mapping) ?? []) {
          target += `${separator}${encodeURIComponent(mapping.name)}=${encodeURIComponent(text)}`;
          separator = "&";
        }
      }
      return {
        verb: route.verb,
        target,
        headers: [...headerPairs(headers, textsOf, context), ...cookiePairs(cookies, textsOf, context)],
        body: bodyOf(json),
      };
    },
  };
}

function bodyMaker(body: AttributeModel, payload: AttributeModel): (json: Json) => string {
  const names = attributesOf(body).map((attribute) => attribute.name);
  const all = attributesOf(payload).length === names.length;
  return (json) => {
    if (all) return stringifyJson(json);
    const rest: Record<string, Json> = {};
    for (const name of names) {
      const value = (json as Record<string, Json>)[name];
      if (Object.hasOwn(json as object, name) && value !== undefined) {
        Object.defineProperty(rest, name, { value, enumerable: true });
      }
    }
    return stringifyJson(rest);
  };
}

type ParamModel = Extract<SegmentModel, { kind: "param" }>;

function paramsOf(route: RouteModel): ParamModel[] {
  return route.segments.filter((segment): segment is ParamModel => segment.kind === "param");
}

function pathOf(route: RouteModel, textsOf: (param: number) => Texts | undefined, context: string): string {
  let path = "";
  let param = 0;
  for (const segment of route.segments) {
    if (segment.kind === "literal") {
      if (segment.text !== "") path += `/${encodeURIComponent(segment.text)}`;
      continue;
    }
    const texts = textsOf(param++);
    if (texts === undefined) {
      throw new ServiceError(
        "missing_field",
        `${context}: ${segment.attribute} is missing, the path needs it`,
      );
    }
    const parts = segment.wildcard ? texts.join("/").split("/") : [texts];
    for (const part of parts) path += `/${pathSegment(part, segment, context)}`;
  }
  return path === "" || (route.path.length > 1 && route.path.endsWith("/")) ? `${path}/` : path;
}

/** One segment; the values of an array are separated by commas, as in Goa. */
function pathSegment(part: string | Texts, { attribute, wildcard }: ParamModel, context: string): string {
  const text = typeof part === "string" ? encodeURIComponent(part) : part.map(encodeURIComponent).join(",");
  // URL parsers take these out of the path, percent-encoded or not, and so change which resource is meant.
  if (text === "." || text === ".." || (text === "" && !wildcard)) {
    throw new ServiceError(
      "invalid_format",
      `${context}: ${attribute} cannot be ${JSON.stringify(text)} in a path`,
    );
  }
  return text;
}

/** What a header value cannot hold: line ends and NUL (RFC 9110 §5.5), nor blanks at its ends, which peers cut off. */
const UNSAFE = /[\0\r\n]|^[ \t]|[ \t]$/;

function headerPairs(
  mappings: readonly TextMapping[],
  textsOf: (mapping: TextMapping) => Texts | undefined,
  context: string,
): [string, string][] {
  const pairs: [string, string][] = [];
  for (const mapping of mappings) {
    const texts = textsOf(mapping);
    if (texts === undefined || texts.length === 0) continue;
    for (const text of texts) {
      if (UNSAFE.test(text) || (mapping.array && text.includes(","))) {
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

/** What a cookie's value cannot hold (RFC 6265 §4.1.1). */
const NOT_COOKIE = /[^\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]/;

function cookiePairs(
  mappings: readonly TextMapping[],
  textsOf: (mapping: TextMapping) => Texts | undefined,
  context: string,
): [string, string][] {
  const cookies: string[] = [];
  for (const mapping of mappings) {
    const text = textsOf(mapping)?.[0];
    if (text === undefined) continue;
    if (NOT_COOKIE.test(text)) {
      throw new ServiceError("invalid_format", `${context}: ${mapping.attribute} cannot be sent in a cookie`);
    }
    cookies.push(`${mapping.name}=${text}`);
  }
  return cookies.length === 0 ? [] : [["cookie", cookies.join("; ")]];
}
