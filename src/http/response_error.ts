/**
 * Rebuilds the error that a response tells.
 *
 * @module
 */
import type { Json } from "../codec/codec.ts";
import { errorJsonCodec } from "../codec/error_json.ts";
import { parseJson } from "../codec/json_text.ts";
import { markLost } from "../core/lost.ts";
import type { MethodModel } from "../design/model.ts";
import { ServiceError, type ServiceErrorOptions } from "../errors/service_error.ts";
import { ERROR_HEADER, RETRY_AFTER } from "./error_name.ts";
import { fromHeaderValue } from "./header_text.ts";
import { receivedCookies } from "./set_cookie.ts";
import { headerTexts, textMappings } from "./text_mapping.ts";

/** What a bare status says, from a proxy or from a server that is no goats: contract §7 backwards. */
const BY_STATUS: Readonly<Record<number, readonly [string, ServiceErrorOptions?]>> = {
  400: ["bad_request"],
  401: ["unauthorized"],
  403: ["forbidden"],
  404: ["not_found"],
  405: ["method_not_allowed"],
  406: ["not_acceptable"],
  408: ["timeout", { timeout: true }],
  413: ["too_large"],
  415: ["unsupported_media_type"],
  429: ["overloaded", { temporary: true }],
  499: ["canceled"],
  501: ["unimplemented"],
  502: ["unavailable", { temporary: true }],
  503: ["unavailable", { temporary: true }],
  504: ["timeout", { timeout: true, temporary: true }],
};

/**
 * The error of a response: from its body, which `goa-error` names, else by its status.
 *
 * @param body Text of the response's body
 */
export function responseError(response: Response, body: string, method: MethodModel): ServiceError {
  const error = errorOf(response, body, method);
  return isGone(response) ? markLost(error) : error;
}

/** Answers of a gateway whose server is not there, and of a goats server that shuts down. */
function isGone({ status, headers }: Response): boolean {
  if (status !== 502 && status !== 503 && status !== 504) return false;
  return !headers.has(ERROR_HEADER) || (status === 503 && headers.has(RETRY_AFTER));
}

function errorOf(response: Response, body: string, method: MethodModel): ServiceError {
  const { status, headers } = response;
  const header = headers.get(ERROR_HEADER);
  const name = header === null ? undefined : fromHeaderValue(header);
  const codec = errorJsonCodec(method);
  const json = withHeaders(parseOrUndefined(body), headers, method, name);
  const error = codec.fromJson(json, { name, status });
  if (error !== undefined) return error;
  const [byStatus, flags] = BY_STATUS[status] ??
    (status >= 500 ? ["fault", { fault: true }] : ["bad_response"]);
  const text = response.statusText === "" ? "" : ` ${response.statusText}`;
  return new ServiceError(
    name ?? byStatus,
    `${method.service}.${method.name}: the server answered ${status}${text}`,
    flags,
  );
}

/** Goa's servers take attributes that are headers out of the body. */
function withHeaders(json: Json, headers: Headers, method: MethodModel, name: string | undefined): Json {
  if (name === undefined || !Object.hasOwn(method.errors, name)) return json;
  const declared = method.errors[name]!.attribute;
  const mapped = method.http?.errors[name];
  if (declared === undefined || mapped === undefined) return json;
  const { headers: mappings, cookies = [], bodyAttribute, bodyStated } = mapped;
  if (mappings.length === 0 && cookies.length === 0 && !bodyStated) return json;
  const whole: Record<string, Json> = {};
  if (bodyAttribute !== undefined) {
    if (json !== undefined) whole[bodyAttribute] = json;
  } else if (typeof json === "object" && json !== null && !Array.isArray(json)) Object.assign(whole, json);
  for (const mapping of textMappings(mappings, declared)) {
    const value = headers.get(mapping.name);
    if (value === null || Object.hasOwn(whole, mapping.attribute)) continue;
    whole[mapping.attribute] = mapping.codec.toJson(headerTexts(mapping, fromHeaderValue(value)));
  }
  if (cookies.length > 0) {
    const received = receivedCookies(headers);
    for (const mapping of textMappings(cookies, declared)) {
      const value = received.get(mapping.name);
      if (value === undefined || Object.hasOwn(whole, mapping.attribute)) continue;
      whole[mapping.attribute] = mapping.codec.toJson([value]);
    }
  }
  return whole;
}

function parseOrUndefined(text: string): Json {
  try {
    return parseJson(text, true);
  } catch {
    // Some proxy's page, or no body at all: the status speaks.
    return undefined;
  }
}
