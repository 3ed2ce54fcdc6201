/**
 * `multipart/form-data` (RFC 7578): one part for each value, files for Bytes. Attributes that are no primitives and no
 * arrays of them are JSON text.
 *
 * @module
 */
import { fromBase64 } from "../codec/base64.ts";
import type { Json } from "../codec/codec.ts";
import { parseJson, stringifyJson } from "../codec/json_text.ts";
import { textCodec } from "../codec/text.ts";
import { underlying } from "../codec/view.ts";
import type { AttributeModel, NamedAttributeModel, TypeModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import { attributesOf } from "./text_mapping.ts";

/** Between one attribute and its parts. */
interface PartCodec {
  readonly name: string;
  encode(json: Json): (string | Blob)[];
  decode(parts: readonly (string | File)[]): Json | Promise<Json>;
}

/** What reads and writes a body of parts. */
export interface Multipart {
  decode(body: Uint8Array<ArrayBuffer>, contentType: string): Promise<Json>;
  encode(json: Json): FormData;
}

/** Makes the codec of a body that is an object. */
export function multipart(body: AttributeModel, context: string): Multipart {
  const codecs = attributesOf(body).map(partCodec);
  return {
    async decode(bytes, contentType) {
      let form: FormData;
      try {
        form = await new Response(bytes, { headers: { "content-type": contentType } }).formData();
      } catch (cause) {
        throw new ServiceError("decode_payload", `${context}: body is no multipart/form-data`, { cause });
      }
      const json: Record<string, Json> = Object.create(null);
      for (const codec of codecs) {
        const parts = form.getAll(codec.name);
        if (parts.length > 0) json[codec.name] = await codec.decode(parts);
      }
      return json;
    },
    encode(json) {
      const form = new FormData();
      for (const { name, encode } of codecs) {
        const value = (json as Record<string, Json>)[name];
        if (!Object.hasOwn(json as object, name) || value === undefined || value === null) continue;
        for (const one of encode(value)) {
          if (typeof one === "string") form.append(name, one);
          else form.append(name, one, name);
        }
      }
      return form;
    },
  };
}

function partCodec(attribute: NamedAttributeModel): PartCodec {
  const { name } = attribute;
  const type = underlying(attribute.type);
  if (type.kind === "bytes") {
    return { name, encode: (json) => [blobOf(json)], decode: ([part]) => bytesOf(part!) };
  }
  if (type.kind === "array" && underlying(type.elem.type).kind === "bytes") {
    return {
      name,
      encode: (json) => (json as Json[]).map(blobOf),
      decode: (parts) => Promise.all(parts.map(bytesOf)),
    };
  }
  if (isStructured(type.kind === "array" ? type.elem.type : type)) {
    return {
      name,
      encode: (json) => [stringifyJson(json)],
      decode: async ([part]) => readJson(await textOf(part!)),
    };
  }
  const codec = textCodec(attribute);
  return {
    name,
    encode(json) {
      const text = codec.encode(json);
      return typeof text === "string" ? [text] : text;
    },
    decode: async (parts) => codec.toJson(await Promise.all(parts.map(textOf))),
  };
}

function isStructured(type: TypeModel): boolean {
  return ["object", "map", "union", "array"].includes(underlying(type).kind);
}

function blobOf(json: Json): Blob {
  return new Blob([fromBase64(json as string)!], { type: "application/octet-stream" });
}

async function bytesOf(part: string | File): Promise<Uint8Array> {
  return typeof part === "string" ? new TextEncoder().encode(part) : new Uint8Array(await part.arrayBuffer());
}

function textOf(part: string | File): string | Promise<string> {
  return typeof part === "string" ? part : part.text();
}

/** What is no JSON stays text for the codec of the payload to refuse. */
function readJson(text: string): Json {
  try {
    return parseJson(text, true);
  } catch {
    return text;
  }
}
