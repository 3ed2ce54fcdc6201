/**
 * How errors leave over HTTP. Contract §7: status by design, by name or by flags; the error as JSON; its name in
 * `goa-error`.
 *
 * @module
 */
import type { Json } from "../codec/codec.ts";
import { errorJsonCodec } from "../codec/error_json.ts";
import { jsonCodec } from "../codec/json.ts";
import { stringifyJson } from "../codec/json_text.ts";
import { isShutdown } from "../core/active_calls.ts";
import type { MethodModel } from "../design/model.ts";
import { httpStatusOf } from "../errors/http_status.ts";
import { type ErrorBody, ServiceError } from "../errors/service_error.ts";
import { challengeOf } from "./challenge.ts";
import { IDENTITY, isEncodingRefusal } from "./content_encoding.ts";
import { ERROR_HEADER, RETRY_AFTER } from "./error_name.ts";
import { toHeaderValue } from "./header_text.ts";
import { bodyPicker } from "./result_body.ts";
import { headersOf } from "./result_response.ts";
import { cookieSuffix, setCookies } from "./set_cookie.ts";
import { textMappings } from "./text_mapping.ts";

/**
 * Makes the response of an error that a method's call ended with.
 *
 * @param headers Further headers to send; taken over
 */
export function errorResponse(
  error: ServiceError,
  method: MethodModel,
  headers: Headers = new Headers(),
): Response {
  const { body = errorJsonCodec(method).encode(error), contentType } = dataParts(error, method, headers);
  const status = httpStatusOf(error, method);
  const challenge = status === 401 ? challengeOf(method) : undefined;
  if (challenge !== undefined && !headers.has("www-authenticate")) headers.set("www-authenticate", challenge);
  return jsonError(status, error, body, headers, contentType);
}

/** What the design makes of an error's data besides the body of every error. */
interface DataParts {
  /** The body, where `Body` says what it is. */
  readonly body?: string | null;
  readonly contentType?: string;
}

/**
 * Sets the headers and cookies that the design makes of a custom error's attributes. Unless `Body` says otherwise the
 * body has them too, for clients that look there.
 */
function dataParts(error: ServiceError, method: MethodModel, headers: Headers): DataParts {
  const mapped = method.http?.errors[error.name];
  if (mapped === undefined) return {};
  const { cookies = [], contentType, bodyStated, body } = mapped;
  const declared = Object.hasOwn(method.errors, error.name)
    ? method.errors[error.name]!.attribute
    : undefined;
  if (declared === undefined || (mapped.headers.length === 0 && cookies.length === 0 && !bodyStated)) {
    return { contentType };
  }
  const context = `${method.service}.${method.name}`;
  let json: Json;
  let setting: string[];
  let sent: [string, string][];
  try {
    json = jsonCodec(declared, { root: error.name, context }).toJson(error.data);
    const suffix = cookieSuffix(mapped.cookieAttributes);
    sent = headersOf(textMappings(mapped.headers, declared), json, `${context}: ${error.name}`);
    setting = setCookies(textMappings(cookies, declared), json, suffix, `${context}: ${error.name}`);
  } catch (problem) {
    // Data that does not fit the design does not leave by the body either: errorJsonCodec leaves it out.
    if (problem instanceof ServiceError) return { contentType };
    throw problem;
  }
  for (const [name, value] of sent) headers.set(name, value);
  for (const cookie of setting) headers.append("set-cookie", cookie);
  if (!bodyStated) return { contentType };
  const picked = body === undefined ? undefined : (bodyPicker(mapped, declared) ?? same)(json);
  return { contentType, body: picked === undefined ? null : stringifyJson(picked) };
}

function same(json: Json): Json {
  return json;
}

/** Makes the response of a request that no method takes: there is no route, or not with this verb, or no server. */
export function refusal(status: number, error: ServiceError, headers: Headers = new Headers()): Response {
  const { name, id, message, temporary, timeout, fault } = error;
  const body: ErrorBody = { name, id, message, temporary, timeout, fault };
  return jsonError(status, error, JSON.stringify(body), headers);
}

function jsonError(
  status: number,
  error: ServiceError,
  body: string | null,
  headers: Headers,
  contentType = "application/json",
): Response {
  if (body !== null) headers.set("content-type", contentType);
  headers.set(ERROR_HEADER, toHeaderValue(error.name));
  // By it callers tell a server that goes from a handler that is not available (RFC 9110 §10.2.3).
  if (isShutdown(error)) headers.set(RETRY_AFTER, "1");
  // By this, that it is not the media type (RFC 9110 §12.5.3, §15.5.16).
  if (isEncodingRefusal(error)) headers.set("accept-encoding", IDENTITY);
  return new Response(body, { status, headers });
}
