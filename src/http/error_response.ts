/**
 * How errors leave over HTTP. Contract §7: status by design, by name or by flags; the error as JSON; its name in
 * `goa-error`.
 *
 * @module
 */
import type { Json } from "../codec/codec.ts";
import { errorJsonCodec } from "../codec/error_json.ts";
import { jsonCodec } from "../codec/json.ts";
import type { MethodModel } from "../design/model.ts";
import { httpStatusOf } from "../errors/http_status.ts";
import { type ErrorBody, ServiceError } from "../errors/service_error.ts";
import { ERROR_HEADER } from "./error_name.ts";
import { toHeaderValue } from "./header_text.ts";
import { headersOf } from "./result_response.ts";
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
  const body = errorJsonCodec(method).encode(error);
  for (const [name, value] of dataHeaders(error, method)) headers.set(name, value);
  return jsonError(httpStatusOf(error, method), error.name, body, headers);
}

/** Headers that the design makes of a custom error's attributes; the body has them too, for clients that look there. */
function dataHeaders(error: ServiceError, method: MethodModel): [string, string][] {
  const declared = Object.hasOwn(method.errors, error.name)
    ? method.errors[error.name]!.attribute
    : undefined;
  const mappings = method.http?.errors[error.name]?.headers;
  if (declared === undefined || mappings === undefined || mappings.length === 0) return [];
  const codec = jsonCodec(declared, { root: error.name, context: `${method.service}.${method.name}` });
  let json: Json;
  try {
    json = codec.toJson(error.data);
  } catch (problem) {
    // Data that does not fit the design does not leave by the body either: errorJsonCodec leaves it out.
    if (problem instanceof ServiceError) return [];
    throw problem;
  }
  return headersOf(textMappings(mappings, declared), json);
}

/** Makes the response of a request that no method takes: there is no route, or not with this verb, or no server. */
export function refusal(status: number, error: ServiceError, headers: Headers = new Headers()): Response {
  const { name, id, message, temporary, timeout, fault } = error;
  const body: ErrorBody = { name, id, message, temporary, timeout, fault };
  return jsonError(status, name, JSON.stringify(body), headers);
}

function jsonError(status: number, name: string, body: string, headers: Headers): Response {
  headers.set("content-type", "application/json");
  headers.set(ERROR_HEADER, toHeaderValue(name));
  return new Response(body, { status, headers });
}
