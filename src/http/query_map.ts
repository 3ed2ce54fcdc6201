/**
 * The query string as a map: `MapParams`.
 *
 * @module
 */
import type { Json } from "../codec/codec.ts";
import { attributeOf, setOwn } from "../codec/json.ts";
import { textCodec } from "../codec/text.ts";
import { underlying } from "../codec/view.ts";
import type { AttributeModel, MapModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import { attributesOf, type TextMapping } from "./text_mapping.ts";
import { RESUME } from "../sse/resume.ts";
import { TIMEOUT } from "./timeout_parameter.ts";
import type { QueryValues } from "./url_parts.ts";

function mapOf(attribute: string, payload: AttributeModel): MapModel {
  const model = attribute === ""
    ? payload
    : attributesOf(payload).find((one) => one.name === attribute) ?? payload;
  return underlying(model.type) as MapModel;
}

/**
 * Makes what gives the JSON form of the map.
 *
 * @param attribute Name of the attribute; `""` for the whole payload
 * @param mapped Parameters that are attributes of their own
 */
export function queryMap(
  attribute: string,
  payload: AttributeModel,
  mapped: readonly TextMapping[],
): (values: QueryValues) => Json {
  const elem = textCodec(mapOf(attribute, payload).elem);
  const others = new Set([TIMEOUT, RESUME, ...mapped.map(({ name }) => name)]);
  return (values) => {
    const json: Record<string, Json> = {};
    let found = attribute === "";
    for (const [name, texts] of values) {
      if (others.has(name)) continue;
      setOwn(json, name, elem.toJson(texts));
      found = true;
    }
    // An attribute that nothing was said of is absent, so that it may have a default or be missing.
    return found ? json : undefined;
  };
}

/**
 * Makes what gives the parameters of the JSON form of a payload.
 *
 * @param context `service.method`, for messages
 */
export function mapQuery(
  attribute: string,
  payload: AttributeModel,
  mapped: readonly TextMapping[],
  context: string,
): (json: Json) => [string, string][] {
  const elem = textCodec(mapOf(attribute, payload).elem);
  const others = new Set([TIMEOUT, RESUME, ...mapped.map(({ name }) => name)]);
  return (json) => {
    const map = attributeOf(json, attribute);
    const pairs: [string, string][] = [];
    for (const [name, value] of Object.entries(map ?? {})) {
      if (value === undefined || value === null) continue;
      if (others.has(name)) {
        throw new ServiceError(
          "invalid_format",
          `${context}: ${attribute || "payload"} cannot have the key ${
            JSON.stringify(name)
          }, which is a parameter of its own`,
        );
      }
      const text = elem.encode(value);
      for (const one of typeof text === "string" ? [text] : text) pairs.push([name, one]);
    }
    return pairs;
  };
}
