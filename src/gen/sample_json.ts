/**
 * A value of a type as JSON, for documents.
 *
 * @module
 */
import type { AttributeModel } from "../design/model.ts";
import { attributesOf } from "../http/text_mapping.ts";
import { jsonOf } from "./schema.ts";
import { sampleOf } from "./sample.ts";

/** A value that its sender could write; `undefined` when none was found, as for patterns. */
export function sampleJson(attribute: AttributeModel, view?: string, name = "value"): unknown {
  const value = sampleOf(attribute, name, { matching: () => [], missing() {} });
  return value === undefined ? undefined : jsonOf(attribute, value, view);
}

/** The part of a sample that a body has. */
export function sampleBody(
  whole: AttributeModel,
  { body, bodyAttribute }: { readonly body?: AttributeModel; readonly bodyAttribute?: string },
  view?: string,
): unknown {
  const json = sampleJson(whole, view);
  if (body === undefined || json === undefined) return undefined;
  if (bodyAttribute !== undefined) return (json as Record<string, unknown>)[bodyAttribute];
  const kept = new Set(attributesOf(body).map(({ name }) => name));
  if (attributesOf(whole).every(({ name }) => kept.has(name))) return json;
  const left: Record<string, unknown> = Object.create(null);
  for (const [key, value] of Object.entries(json as object)) if (kept.has(key)) left[key] = value;
  return left;
}
