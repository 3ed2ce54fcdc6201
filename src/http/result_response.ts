/**
 * How results leave over HTTP: status and headers by design, and the body for the rest. Compiled once per method.
 *
 * @module
 */
import type { Json, JsonCodec } from "../codec/codec.ts";
import { jsonCodec } from "../codec/json.ts";
import { stringifyJson } from "../codec/json_text.ts";
import type { AttributeModel, HttpResponseModel, MethodModel } from "../design/model.ts";
import { toHeaderValue } from "./header_text.ts";
import { type TextMapping, textMappings } from "./text_mapping.ts";

/** A result on its way out. */
export interface ResultFrame {
  readonly status: number;
  /** Name and value of the headers that attributes of the result make. */
  readonly headers: readonly (readonly [string, string])[];
  /** JSON text; `null` when nothing is left for a body. */
  readonly body: string | null;
  readonly contentType: string;
}

/** Makes frames of results. */
export interface ResultResponse {
  /** What a method without a result answers. */
  readonly empty: ResultFrame;
  /** @throws {ServiceError} With a validation name */
  encode(value: unknown, view: string): ResultFrame;
}

/** Compiles the response of a method. */
export function resultResponse(method: MethodModel): ResultResponse {
  const response = method.http!.responses[0]!;
  const { status, contentType = "application/json" } = response;
  const empty: ResultFrame = { status, headers: [], body: null, contentType };
  const { result } = method;
  if (result === undefined) return { empty, encode: () => empty };
  const codecOf = viewCodecs(method, result);
  const mappings = textMappings(response.headers, result);
  const hasBody = allowsBody(response);
  if (mappings.length === 0) {
    return {
      empty,
      encode: (value, view) => {
        const body = codecOf(view).encode(value);
        return hasBody ? { status, headers: [], body, contentType } : empty;
      },
    };
  }
  return {
    empty,
    encode(value, view) {
      const json = codecOf(view).toJson(value);
      const headers = headersOf(mappings, json);
      if (!hasBody) return { status, headers, body: null, contentType };
      const rest = { ...json as Record<string, Json> };
      for (const { attribute } of mappings) delete rest[attribute];
      return { status, headers, body: stringifyJson(rest), contentType };
    },
  };
}

/** A method's result codecs by view, made when first asked for. */
export function viewCodecs(method: MethodModel, result: AttributeModel): (view: string) => JsonCodec {
  const codecs = new Map<string, JsonCodec>();
  return (view) => {
    let codec = codecs.get(view);
    if (codec === undefined) {
      codec = jsonCodec(result, { root: "result", context: `${method.service}.${method.name}`, view });
      codecs.set(view, codec);
    }
    return codec;
  };
}

/** The headers that attributes of a JSON value make. */
export function headersOf(mappings: readonly TextMapping[], json: Json): [string, string][] {
  const headers: [string, string][] = [];
  for (const { attribute, name, codec } of mappings) {
    const value = attribute === "" ? json : (json as Record<string, Json>)[attribute];
    if (value === undefined || value === null) continue;
    const text = codec.encode(value);
    headers.push([name, toHeaderValue(typeof text === "string" ? text : text.join(", "))]);
  }
  return headers;
}

/** Whether a response has a body: the design leaves something for it, and its status allows one (Fetch: null body status). */
export function allowsBody({ status, body }: HttpResponseModel): boolean {
  return body !== undefined && ![101, 103, 204, 205, 304].includes(status);
}
