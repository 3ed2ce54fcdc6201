/**
 * What of a result its body holds, and in which media types. Compiled once per response.
 *
 * @module
 */
import type { Json } from "../codec/codec.ts";
import { attributeOf } from "../codec/json.ts";
import type { AttributeModel, HttpResponseModel, MethodModel } from "../design/model.ts";
import { mediaFormatOf } from "../design/media_type.ts";
import { type BodyFormat, bodyFormat } from "./body_format.ts";
import { attributesOf } from "./text_mapping.ts";

/** Takes the body out of the JSON form of a value. */
export type BodyOf = (json: Json) => Json;

/** Makes what takes the body of a response out of the value; `undefined` when the value itself is the body. */
export function bodyPicker(response: HttpResponseModel, value: AttributeModel): BodyOf | undefined {
  const { body, bodyAttribute } = response;
  if (bodyAttribute !== undefined) return (json) => attributeOf(json, bodyAttribute);
  if (body === undefined) return undefined;
  const kept = new Set(attributesOf(body).map((attribute) => attribute.name));
  const dropped = attributesOf(value).map(({ name }) => name).filter((name) => !kept.has(name));
  if (dropped.length === 0) return undefined;
  return (json) => {
    const rest = { ...json as Record<string, Json> };
    for (const name of dropped) delete rest[name];
    return rest;
  };
}

/** The media types that the body of a response may have; `undefined` where it is JSON alone. */
export function responseFormats(
  method: MethodModel,
  response: HttpResponseModel,
): readonly BodyFormat[] | undefined {
  const { body, contentType } = response;
  if (body === undefined) return undefined;
  const types = contentType === undefined ? method.http?.produces : [contentType];
  if (types === undefined || (contentType !== undefined && mediaFormatOf(contentType) === "json")) {
    return undefined;
  }
  const context = `${method.service}.${method.name}`;
  return types.map((type) => bodyFormat(type, body, context));
}
