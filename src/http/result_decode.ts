/**
 * Makes results of responses: the other side of result_response.ts. Compiled once per method.
 *
 * @module
 */
import type { Json } from "../codec/codec.ts";
import { attributeOf, setOwn } from "../codec/json.ts";
import { parseJson } from "../codec/json_text.ts";
import { viewCodecs } from "../codec/view_codecs.ts";
import type { AttributeModel, HttpResponseModel, MethodModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import type { BodyFormat } from "./body_format.ts";
import { fromHeaderValue } from "./header_text.ts";
import { isJsonType } from "./media_type.ts";
import { responseFormats } from "./result_body.ts";
import { receivedCookies } from "./set_cookie.ts";
import { attributesOf, headerTexts, type TextMapping, textMappings } from "./text_mapping.ts";

/** What of a response can carry a result. */
export interface ResultParts {
  readonly status: number;
  readonly headers: Headers;
  /** The body: text, or bytes where `binary` asks for them. */
  readonly body: string | Uint8Array<ArrayBuffer>;
}

/** Takes responses for results. */
export interface ResultDecode {
  /** The header of the request: which media types the design knows. */
  readonly accept: string;
  /** Whether bodies may be something else than JSON, and so are wanted as bytes. */
  readonly binary: boolean;
  /** Whether a status tells success: one of the design's, or any other 2xx. */
  isSuccess(status: number): boolean;
  /** The result, validated, defaults filled in. */
  decode(parts: ResultParts, view: string): unknown;
}

const utf8 = new TextDecoder("utf-8");

/** Compiles the results of a method. */
export function resultDecode(method: MethodModel): ResultDecode {
  const { result, http } = method;
  const responses = http?.responses ?? [];
  const isSuccess = (status: number) =>
    (status >= 200 && status < 300) || responses.some((response) => response.status === status) ||
    // Browsers hide what a redirection that is not followed answers.
    (status === 0 && http?.redirect !== undefined);
  const common = { accept: "application/json", binary: false, isSuccess };
  if (result === undefined) return { ...common, decode: () => undefined };
  const context = `${method.service}.${method.name}`;
  const codecOf = viewCodecs(method, result);
  const plans = responses.map((response) => planOf(method, response, result));
  if (plans.length === 1 && plans[0]!.simple) {
    return { ...common, decode: ({ body }, view) => codecOf(view).decode(body as string) };
  }
  const formats = plans.flatMap((plan) => plan.formats ?? []);
  const types = formats.map(({ mediaType }) => mediaType);
  if (plans.some((plan) => plan.formats === undefined)) types.push("application/json");
  const binary = formats.length > 0;

  function parse(text: string): Json {
    try {
      return parseJson(text, true);
    } catch (cause) {
      throw new ServiceError(
        "decode_payload",
        `${context}: cannot decode result: ${(cause as Error).message}`,
        { cause },
      );
    }
  }

  function bodyJson({ body, headers }: ResultParts, plan: ResponsePlan): Json {
    if (typeof body === "string") return parse(body);
    const type = headers.get("content-type") ?? "";
    const format = plan.formats?.find((one) => one.matches(type));
    if (format !== undefined) return format.decode(body, type);
    if (isJsonType(type)) return parse(utf8.decode(body));
    throw new ServiceError(
      "decode_payload",
      `${context}: cannot decode result: it is ${type || "of no type"}`,
    );
  }

  return {
    accept: [...new Set(types)].join(", "),
    binary,
    isSuccess,
    decode(parts, view) {
      // A status that the design does not know is read as its first response.
      const plan = plans.find(({ status }) => status === parts.status) ?? plans[0]!;
      let json: Json = {};
      // An empty String or empty Bytes is a body, too; nothing at all is no JSON.
      if (parts.body.length > 0 || (plan.formats !== undefined && parts.headers.has("content-type"))) {
        json = bodyJson(parts, plan);
        if (plan.bodyAttribute !== undefined) json = { [plan.bodyAttribute]: json };
      }
      plan.complete(parts.headers, {
        put(attribute, item) {
          if (attribute === "") json = item;
          else if (typeof json === "object" && json !== null) {
            setOwn(json as Record<string, Json>, attribute, item);
          }
        },
      });
      const { tag } = plan;
      if (tag !== undefined && typeof json === "object" && json !== null) {
        const told = attributeOf(json, tag.attribute) ?? tag.value;
        setOwn(json as Record<string, Json>, tag.attribute, told);
      }
      return codecOf(view).fromJson(json);
    },
  };
}

/** One response of the design. */
interface ResponsePlan extends Pick<HttpResponseModel, "status" | "bodyAttribute" | "tag"> {
  /** Whether all of the result is in a JSON body. */
  readonly simple: boolean;
  readonly formats?: readonly BodyFormat[];
  /** Puts what headers and cookies carry. */
  complete(headers: Headers, into: { put(attribute: string, json: Json): void }): void;
}

function planOf(method: MethodModel, response: HttpResponseModel, result: AttributeModel): ResponsePlan {
  const { status, bodyAttribute, tag } = response;
  const headers = textMappings(response.headers, result);
  const cookies = textMappings(response.cookies ?? [], result);
  const formats = responseFormats(method, response);
  const whole = response.body !== undefined &&
    attributesOf(response.body).length === attributesOf(result).length;
  return {
    status,
    bodyAttribute,
    tag,
    simple: headers.length === 0 && cookies.length === 0 && formats === undefined &&
      bodyAttribute === undefined && whole,
    formats,
    complete(from, into) {
      for (const mapping of headers) {
        const value = from.get(mapping.name);
        if (value !== null) {
          into.put(mapping.attribute, mapping.codec.toJson(headerTexts(mapping, fromHeaderValue(value))));
        }
      }
      if (cookies.length > 0) putCookies(cookies, from, into.put);
    },
  };
}

function putCookies(
  mappings: readonly TextMapping[],
  headers: Headers,
  put: (attribute: string, json: Json) => void,
): void {
  const values = receivedCookies(headers);
  for (const mapping of mappings) {
    const value = values.get(mapping.name);
    if (value !== undefined) put(mapping.attribute, mapping.codec.toJson([value]));
  }
}
