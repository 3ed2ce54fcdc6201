/**
 * Attributes that travel as text: in a path, a query string, a header or a cookie.
 *
 * @module
 */
import { AUTHORIZATION, credentialNames, credentialText } from "../codec/credentials.ts";
import { type TextCodec, textCodec } from "../codec/text.ts";
import { underlying } from "../codec/view.ts";
import type { AttributeModel, MappingModel, MethodModel, NamedAttributeModel } from "../design/model.ts";

/** An attribute and its name on the wire, with what turns it into text and back. */
export interface TextMapping {
  /** Attribute name; `""` is the whole value. */
  readonly attribute: string;
  /** Name on the wire. */
  readonly name: string;
  /** Whether several values make one attribute. */
  readonly array: boolean;
  /** Between texts and JSON. */
  readonly codec: TextCodec;
}

/** Attributes of an object type under whatever names; none of any other type. */
export function attributesOf(attribute: AttributeModel): readonly NamedAttributeModel[] {
  const type = underlying(attribute.type);
  return type.kind === "object" ? type.attributes : [];
}

/** Compiles mappings of (attributes of) `whole`. */
export function textMappings(mappings: readonly MappingModel[], whole: AttributeModel): TextMapping[] {
  const attributes = attributesOf(whole);
  return mappings.map((mapping) => {
    const { name } = mapping;
    // A path parameter is called by its name even where it carries a payload that is no object.
    const attribute = underlying(whole.type).kind === "object" ? mapping.attribute : "";
    const model = attribute === "" ? whole : attributes.find((a) => a.name === attribute);
    if (model === undefined) throw new TypeError(`Cannot map ${name}: there is no attribute ${attribute}`);
    return { attribute, name, array: underlying(model.type).kind === "array", codec: textCodec(model) };
  });
}

/** As {@linkcode textMappings}, of attributes that travel in headers: tokens come and go as `Bearer …`. */
export function headerMappings(mappings: readonly MappingModel[], whole: AttributeModel): TextMapping[] {
  const attributes = attributesOf(whole);
  return textMappings(mappings, whole).map((mapping) => {
    const model = attributes.find(({ name }) => name === mapping.attribute);
    return model === undefined
      ? mapping
      : { ...mapping, codec: credentialText(mapping.codec, model, mapping.name) };
  });
}

const credentials = new WeakMap<MethodModel, ReadonlySet<string>>();

/** Names of the headers that carry a method's credentials. */
export function credentialHeaders(method: MethodModel): ReadonlySet<string> {
  let names = credentials.get(method);
  if (names === undefined) {
    const attributes = credentialNames(method);
    const headers = method.http?.headers.filter(({ attribute }) => attributes.has(attribute)) ?? [];
    names = new Set(headers.map(({ name }) => name));
    if (method.http?.basic !== undefined) names = new Set([...names, AUTHORIZATION]);
    credentials.set(method, names);
  }
  return names;
}

/** The values of one attribute out of a header: arrays are separated by commas (RFC 9110 §5.3). */
export function headerTexts(mapping: TextMapping, value: string): readonly string[] {
  return mapping.array ? value.split(",").map((item) => item.trim()) : [value];
}
