/**
 * Makes a payload of a request: the path, the query string, headers, cookies and the body give one JSON value, which
 * the payload's codec then validates as a whole. Compiled once per method and route.
 *
 * @module
 */
import type { Json } from "../codec/codec.ts";
import { AUTHORIZATION, holdsCredential, payloadToDecode } from "../codec/credentials.ts";
import { jsonCodec } from "../codec/json.ts";
import { parseJson } from "../codec/json_text.ts";
import type { BasicAuthModel, MethodModel, RouteModel, SegmentModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import { type BodyFormat, bodyFormat } from "./body_format.ts";
import { parseBasic } from "./basic_auth.ts";
import { cookieValues } from "./cookies.ts";
import { fromHeaderValue } from "./header_text.ts";
import { queryMap } from "./query_map.ts";
import { decodeSegment } from "./router.ts";
import { attributesOf, headerMappings, headerTexts, textMappings } from "./text_mapping.ts";
import { parseQuery } from "./url_parts.ts";

/** What of a request can carry a payload. */
export interface RequestParts {
  /** Raw values of the route's parameters, in order. */
  readonly params: readonly string[];
  /** Raw query string. */
  readonly query: string;
  readonly headers: Headers;
  /** Text of the body; `""` when there is none. */
  readonly body: string;
  /** The body as JSON value instead, where one of the formats has decoded it. */
  readonly json?: Json;
}

/** Decodes payloads. */
export interface RequestPayload {
  /** Whether the body carries any of the payload. */
  readonly readsBody: boolean;
  /** Media types that the body may have; absent where it is JSON alone. */
  readonly formats?: readonly BodyFormat[];
  /**
   * The payload, validated, defaults filled in; `undefined` for a method without payload. A parameter or header of a
   * single value that comes more than once counts the first time, as in Goa.
   *
   * @throws {ServiceError} With a validation name
   */
  decode(parts: RequestParts): unknown;
}

type ParamModel = Extract<SegmentModel, { kind: "param" }>;

/** Writes an attribute of the value under construction. */
type Put = (attribute: string, json: Json) => void;

/** Compiles the payload of a method as one of its routes carries it. */
export function requestPayload(method: MethodModel, route: RouteModel): RequestPayload {
  const { http } = method;
  const payload = payloadToDecode(method);
  if (payload === undefined || http === undefined) return { readsBody: false, decode: () => undefined };
  const context = `${method.service}.${method.name}`;
  const codec = jsonCodec(payload, { root: "payload", context });
  const { body } = http;
  const readsBody = body !== undefined;
  const params = route.segments.filter((s): s is ParamModel => s.kind === "param");
  const paths = textMappings(params, payload);
  const query = textMappings(http.query, payload);
  const headers = headerMappings(http.headers, payload);
  const cookies = textMappings(http.cookies, payload);
  const all = [...paths, ...query, ...headers, ...cookies];
  const requestId = http.sse?.requestId;
  const { bodyAttribute } = http;
  const fillMap = http.mapParams === undefined ? undefined : queryMap(http.mapParams, payload, query);
  const partial = bodyAttribute !== undefined ||
    (body !== undefined && attributesOf(body).length < attributesOf(payload).length);
  const { basic } = http;
  const mapped = all.length > 0 || basic !== undefined || requestId !== undefined || fillMap !== undefined ||
    partial;
  /** A payload that is no object comes from one place as a whole. */
  const isWhole = all.some((mapping) => mapping.attribute === "") || http.mapParams === "";

  const bodyNames = body === undefined || bodyAttribute !== undefined
    ? []
    : attributesOf(body).map((a) => a.name);
  const bodyNeeded = bodyAttribute !== undefined
    ? attributesOf(payload).some((a) => a.name === bodyAttribute && a.required && a.default === undefined)
    : body !== undefined && (bodyNames.length === 0 ||
      attributesOf(body).some((a) => a.required && a.default === undefined));

  const secret = body !== undefined && holdsCredential(body);

  function missing(): ServiceError {
    return new ServiceError("missing_payload", `${context}: missing required payload`);
  }

  function bodyJson(text: string): Json {
    if (text === "") {
      if (bodyNeeded) throw missing();
      return {};
    }
    try {
      return parseJson(text, true);
    } catch (cause) {
      throw new ServiceError(
        "decode_payload",
        // The parser's message may quote a password.
        `${context}: cannot decode payload${secret ? "" : `: ${(cause as Error).message}`}`,
        {
          cause,
        },
      );
    }
  }

  function putParams(values: readonly string[], put: Put): void {
    paths.forEach((mapping, i) => {
      // The slashes of a wildcard separate its parts; one within a part is encoded.
      const text = values[i]!.split("/").map(decode).join("/");
      put(mapping.attribute, mapping.codec.toJson([text]));
    });
  }

  function putQuery(text: string, put: Put): void {
    const values = parseQuery(text, context);
    for (const mapping of query) {
      const texts = values.get(mapping.name);
      if (texts !== undefined) put(mapping.attribute, mapping.codec.toJson(texts));
    }
  }

  function putHeaders(from: Headers, put: Put): void {
    for (const mapping of headers) {
      const value = from.get(mapping.name);
      if (value === null) continue;
      put(mapping.attribute, mapping.codec.toJson(headerTexts(mapping, fromHeaderValue(value))));
    }
  }

  function putBasic(from: Headers, { username, password }: BasicAuthModel, put: Put): void {
    const header = from.get(AUTHORIZATION);
    const found = header === null ? undefined : parseBasic(header);
    if (found === undefined) return;
    put(username, found.username);
    put(password, found.password);
  }

  function putCookies(from: Headers, put: Put): void {
    const values = cookieValues(from.get("cookie") ?? "");
    for (const mapping of cookies) {
      const value = values.get(mapping.name);
      if (value !== undefined) put(mapping.attribute, mapping.codec.toJson([value]));
    }
  }

  /** What a caller saw last beats what it asked for when it came first. */
  function putRequestId(attribute: string, from: Headers, put: Put): void {
    const value = from.get("last-event-id");
    if (value !== null && value !== "") put(attribute, fromHeaderValue(value));
  }

  return {
    readsBody,
    ...(http.consumes === undefined || body === undefined
      ? {}
      : { formats: http.consumes.map((type) => bodyFormat(type, body, context)) }),
    decode(parts) {
      if (!mapped) {
        if (parts.json !== undefined) return codec.fromJson(parts.json);
        if (parts.body === "") return codec.fromJson(bodyJson(""));
        return readsBody ? codec.decode(parts.body) : codec.fromJson({});
      }
      // Only what the design puts there is taken from the body: it cannot speak for a path parameter or a header.
      let whole: Json;
      const attributes: Record<string, Json> = Object.create(null);
      if (bodyAttribute !== undefined) {
        if (parts.json !== undefined) attributes[bodyAttribute] = parts.json;
        else if (parts.body !== "" || bodyNeeded) attributes[bodyAttribute] = bodyJson(parts.body);
      } else if (readsBody) {
        const json = parts.json === undefined ? bodyJson(parts.body) : parts.json;
        // Not an object: let the codec say so.
        if (typeof json !== "object" || json === null || Array.isArray(json)) return codec.fromJson(json);
        for (const name of bodyNames) {
          if (Object.hasOwn(json, name)) attributes[name] = (json as Record<string, Json>)[name];
        }
      }
      const put: Put = (attribute, json) => {
        if (attribute === "") whole = json;
        else attributes[attribute] = json;
      };
      if (paths.length > 0) putParams(parts.params, put);
      if (query.length > 0) putQuery(parts.query, put);
      if (fillMap !== undefined) put(http.mapParams!, fillMap(parseQuery(parts.query, context)));
      if (headers.length > 0) putHeaders(parts.headers, put);
      if (cookies.length > 0) putCookies(parts.headers, put);
      if (basic !== undefined) putBasic(parts.headers, basic, put);
      if (requestId !== undefined) putRequestId(requestId, parts.headers, put);
      if (!isWhole) return codec.fromJson(attributes);
      if (whole === undefined) throw missing();
      return codec.fromJson(whole);
    },
  };
}

/** The router has made sure that every segment decodes. */
function decode(segment: string): string {
  return decodeSegment(segment) ?? segment;
}
