/**
 * Attributes that travel as pairs of a key and a text beside a message: in gRPC metadata. Compiled once per design.
 *
 * @module
 */
import type { AttributeModel, MappingModel, NamedAttributeModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import type { CodecOptions, Json } from "./codec.ts";
import { credentialText } from "./credentials.ts";
import { jsonCodec, setOwn } from "./json.ts";
import { textCodec } from "./text.ts";
import { underlying } from "./view.ts";

/** A key and its text; under a key that ends in `-bin`, base64. */
export type Pair = readonly [key: string, text: string];

/** Takes the attributes of an object that have a key, and puts them back. */
export interface PairsCodec {
  /** The keys. */
  readonly keys: ReadonlySet<string>;
  /**
   * Validates the attributes of a value and gives their pairs, one for each element of an array.
   *
   * @throws {ServiceError} With a validation name
   */
  encode(value: unknown): readonly Pair[];
  /**
   * Reads the attributes, validates them, fills in defaults, and puts them into `value`.
   *
   * @param get Gives the texts of a key joined by commas, `null` when there is none
   * @throws {ServiceError} With a validation name
   */
  decode(get: (key: string) => string | null, value: unknown): unknown;
}

interface Place {
  readonly attribute: string;
  readonly key: string;
  readonly array: boolean;
  readonly binary: boolean;
  /** Whether the texts are base64 by themselves, as of Bytes. */
  readonly bytes: boolean;
  toTexts(json: Json): readonly string[];
  toJson(texts: readonly string[]): Json;
}

/** What may be in metadata (grpc/doc/PROTOCOL-HTTP2.md, ASCII-Value); peers cut blanks at the ends. */
const ASCII = /^(?! )[ -~]*(?<! )$/;

/** Makes the codec of the attributes of `whole` that mappings name. */
export function pairsCodec(
  mappings: readonly MappingModel[],
  whole: AttributeModel,
  options: CodecOptions,
): PairsCodec {
  const type = underlying(whole.type);
  const attributes = type.kind === "object" ? type.attributes : [];
  const carried: NamedAttributeModel[] = [];
  const places = mappings.map(({ attribute, name }): Place => {
    const model = attributes.find((one) => one.name === attribute);
    if (model === undefined) throw new TypeError(`Cannot map ${name}: there is no attribute ${attribute}`);
    carried.push(model);
    const inner = underlying(model.type);
    const array = inner.kind === "array";
    const elem = array ? underlying(inner.elem.type) : inner;
    const codec = credentialText(textCodec(model), model, name);
    return {
      attribute,
      key: name,
      array,
      binary: name.endsWith("-bin"),
      bytes: elem.kind === "bytes",
      toTexts: (json) => [codec.encode(json)].flat(),
      toJson: codec.toJson,
    };
  });
  const object: AttributeModel = {
    type: { kind: "object", attributes: carried },
    validation: {},
    examples: [],
    meta: {},
  };
  const codec = jsonCodec(object, options);
  const refuse = (place: Place, why: string) =>
    new ServiceError(
      "invalid_format",
      `${options.context}: ${options.root}.${place.attribute} cannot be sent in metadata: ${why}`,
    );

  function wire(place: Place, text: string): string {
    if (place.binary) return place.bytes ? text : toBase64(new TextEncoder().encode(text));
    if (!ASCII.test(text)) {
      throw refuse(place, `it is no printable ASCII, which a name that ends in "-bin" would not need`);
    }
    if (place.array && text.includes(",")) throw refuse(place, "commas separate the elements");
    return text;
  }

  function unwire(place: Place, text: string): string {
    if (!place.binary || place.bytes) return text;
    const bytes = fromBase64(text);
    try {
      if (bytes !== undefined) {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
      }
    } catch {
      // Told below.
    }
    throw new ServiceError(
      "invalid_format",
      `${options.context}: ${options.root}.${place.attribute} must be text in base64 in metadata "${place.key}"`,
    );
  }

  return {
    keys: new Set(places.map(({ key }) => key)),
    encode(value) {
      const json = codec.toJson(value) as Record<string, Json>;
      const pairs: Pair[] = [];
      const sent = new Set<string>();
      for (const place of places) {
        const item = Object.hasOwn(json, place.attribute) ? json[place.attribute] : undefined;
        // Credentials of several schemes may share a key: the first that is there travels.
        if (item === undefined || item === null || sent.has(place.key)) continue;
        for (const text of place.toTexts(item)) {
          sent.add(place.key);
          pairs.push([place.key, wire(place, text)]);
        }
      }
      return pairs;
    },
    decode(get, value) {
      const json: Record<string, Json> = {};
      for (const place of places) {
        const text = get(place.key);
        if (text === null) continue;
        const texts = place.array || place.binary ? text.split(",").map((one) => one.trim()) : [text];
        setOwn(json, place.attribute, place.toJson(texts.map((one) => unwire(place, one))));
      }
      const read = codec.fromJson(json) as Record<string, unknown>;
      const merged: Record<string, unknown> = {};
      for (const part of [value as Record<string, unknown> | undefined, read]) {
        for (const [name, attribute] of Object.entries(part ?? {})) setOwn(merged, name, attribute);
      }
      return merged;
    },
  };
}
