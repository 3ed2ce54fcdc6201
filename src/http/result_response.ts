/**
 * How results leave over HTTP: status and headers by design, and the body for the rest. Compiled once per method.
 *
 * @module
 */
import type { Json } from "../codec/codec.ts";
import { attributeOf, getOwn, isInherited } from "../codec/json.ts";
import { viewCodecs } from "../codec/view_codecs.ts";
import { stringifyJson } from "../codec/json_text.ts";
import { CONTROL } from "../core/sendable_headers.ts";
import type { HttpResponseModel, MethodModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import { toHeaderValue } from "./header_text.ts";
import type { Body } from "./body_format.ts";
import { bodyPicker, responseFormats } from "./result_body.ts";
import { cookieSuffix, setCookies } from "./set_cookie.ts";
import { attributesOf, type TextMapping, textMappings } from "./text_mapping.ts";

/** A result on its way out. */
export interface ResultFrame {
  readonly status: number;
  /** Name and value of the headers that attributes of the result make. */
  readonly headers: readonly (readonly [string, string])[];
  /** Values of `Set-Cookie`. */
  readonly cookies?: readonly string[];
  /** `null` when nothing is left for a body. */
  readonly body: Body | null;
  readonly contentType: string;
  /** What makes a response of the body where nothing is added to it. */
  readonly init?: ResponseInit;
}

/** Makes frames of results. */
export interface ResultResponse {
  /** What a method without a result answers. */
  readonly empty: ResultFrame;
  /** Media types that the caller may choose among by `Accept`; absent where there is no choice. */
  readonly offered?: readonly string[];
  /**
   * @param mediaType The one of `offered` that was chosen
   * @throws {ServiceError} With a validation name
   */
  encode(value: unknown, view: string, mediaType?: string): ResultFrame;
}

/** Compiles the response of a method. */
export function resultResponse(method: MethodModel): ResultResponse {
  const { responses, produces } = method.http!;
  if (responses.length > 1) return taggedResponse(method);
  const plan = responsePlan(method, responses[0]!);
  return produces === undefined ? plan : { ...plan, offered: produces };
}

/** The response whose tag fits the result, else the one without a tag. */
function taggedResponse(method: MethodModel): ResultResponse {
  const { responses, produces } = method.http!;
  const attributes = method.result === undefined ? [] : attributesOf(method.result);
  const plans = responses.map((response) => {
    const { tag } = response;
    const preset = attributes.find(({ name }) => name === tag?.attribute)?.default;
    return { tag, preset, plan: responsePlan(method, response) };
  });
  const other = plans.find(({ tag }) => tag === undefined)!.plan;
  return {
    empty: other.empty,
    ...(produces === undefined ? {} : { offered: produces }),
    encode(value, view, mediaType) {
      const fits = (typeof value !== "object" || value === null)
        ? undefined
        : plans.find(({ tag, preset }) =>
          tag !== undefined &&
          (getOwn(value as Record<string, unknown>, tag.attribute, isInherited(tag.attribute)) ?? preset) ===
            tag.value
        );
      return (fits?.plan ?? other).encode(value, view, mediaType);
    },
  };
}

const OCTET_STREAM = "application/octet-stream";

function responsePlan(method: MethodModel, response: HttpResponseModel): ResultResponse {
  const { status, contentType = method.http?.rawResponse ? OCTET_STREAM : "application/json" } = response;
  const empty: ResultFrame = { status, headers: [], body: null, contentType };
  const { result } = method;
  if (result === undefined) return { empty, encode: () => empty };
  const codecOf = viewCodecs(method, result);
  const mappings = textMappings(response.headers, result);
  const hasBody = allowsBody(response);
  const cookies = textMappings(response.cookies ?? [], result);
  const bodyOf = bodyPicker(response, result);
  const formats = responseFormats(method, response);
  if (mappings.length === 0 && cookies.length === 0 && bodyOf === undefined && formats === undefined) {
    const init = { status, headers: { "content-type": contentType } };
    return {
      empty,
      encode: (value, view) => {
        const body = codecOf(view).encode(value);
        return hasBody ? { status, headers: [], body, contentType, init } : empty;
      },
    };
  }
  const suffix = cookieSuffix(response.cookieAttributes);
  const context = `${method.service}.${method.name}: result`;
  return {
    empty,
    encode(value, view, mediaType) {
      const json = codecOf(view).toJson(value);
      const frame = {
        status,
        headers: headersOf(mappings, json, context),
        ...(cookies.length === 0 ? {} : { cookies: setCookies(cookies, json, suffix, context) }),
        contentType,
      };
      const body = hasBody ? bodyOf === undefined ? json : bodyOf(json) : undefined;
      if (body === undefined) return { ...frame, body: null };
      const format = formats?.find((one) => one.mediaType === mediaType) ?? formats?.[0];
      return format === undefined
        ? { ...frame, body: stringifyJson(body) }
        : { ...frame, body: format.encode(body), contentType: format.mediaType };
    },
  };
}

/**
 * The headers that attributes of a JSON value make.
 *
 * @throws {ServiceError} `invalid_format` when one holds what no header can
 */
export function headersOf(mappings: readonly TextMapping[], json: Json, where: string): [string, string][] {
  const headers: [string, string][] = [];
  for (const { attribute, name, codec } of mappings) {
    const value = attributeOf(json, attribute);
    if (value === undefined || value === null) continue;
    const texts = codec.encode(value);
    const text = typeof texts === "string" ? texts : texts.join(", ");
    if (CONTROL.test(text)) {
      throw new ServiceError("invalid_format", `${where}: ${attribute || "it"} cannot be sent in a header`);
    }
    headers.push([name, toHeaderValue(text)]);
  }
  return headers;
}

/** Whether a response has a body: the design leaves something for it, and its status allows one (Fetch: null body status). */
export function allowsBody({ status, body }: HttpResponseModel): boolean {
  return body !== undefined && ![101, 103, 204, 205, 304].includes(status);
}
