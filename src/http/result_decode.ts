/**
 * Makes results of responses: the other side of result_response.ts. Compiled once per method.
 *
 * @module
 */
import type { Json } from "../codec/codec.ts";
import { parseJson } from "../codec/json_text.ts";
import type { MethodModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import { fromHeaderValue } from "./header_text.ts";
import { viewCodecs } from "./result_response.ts";
import { headerTexts, textMappings } from "./text_mapping.ts";

/** What of a response can carry a result. */
export interface ResultParts {
  readonly headers: Headers;
  /** Text of the body. */
  readonly body: string;
}

/** Takes responses for results. */
export interface ResultDecode {
  /** Whether a status tells success: one of the design's, or any other 2xx. */
  isSuccess(status: number): boolean;
  /** The result, validated, defaults filled in. */
  decode(parts: ResultParts, view: string): unknown;
}

/** Compiles the results of a method. */
export function resultDecode(method: MethodModel): ResultDecode {
  const { result, http } = method;
  const responses = http?.responses ?? [];
  const isSuccess = (status: number) =>
    (status >= 200 && status < 300) || responses.some((response) => response.status === status);
  if (result === undefined) return { isSuccess, decode: () => undefined };
  const context = `${method.service}.${method.name}`;
  const codecOf = viewCodecs(method, result);
  const mappings = textMappings(responses[0]?.headers ?? [], result);
  if (mappings.length === 0) return { isSuccess, decode: ({ body }, view) => codecOf(view).decode(body) };

  function parse(body: string): Json {
    if (body === "") return {};
    try {
      return parseJson(body, true);
    } catch (cause) {
      throw new ServiceError(
        "decode_payload",
        `${context}: cannot decode result: ${(cause as Error).message}`,
        {
          cause,
        },
      );
    }
  }

  return {
    isSuccess,
    decode({ headers, body }, view) {
      let json = parse(body);
      for (const mapping of mappings) {
        const value = headers.get(mapping.name);
        if (value === null) continue;
        const item = mapping.codec.toJson(headerTexts(mapping, fromHeaderValue(value)));
        if (mapping.attribute === "") json = item;
        else if (typeof json === "object" && json !== null) {
          (json as Record<string, Json>)[mapping.attribute] = item;
        }
      }
      return codecOf(view).fromJson(json);
    },
  };
}
