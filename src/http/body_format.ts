/**
 * Bodies that are no JSON: text, bytes and forms. Each gives and takes the JSON value that the body would be, so that
 * the codec of the whole payload or result validates it like any other. Compiled once per method.
 *
 * @module
 */
import { fromBase64 } from "../codec/base64.ts";
import type { Json } from "../codec/codec.ts";
import { parseJson, stringifyJson } from "../codec/json_text.ts";
import { type TextCodec, textCodec } from "../codec/text.ts";
import { underlying } from "../codec/view.ts";
import { essenceOf, mediaFormatOf, MULTIPART } from "../design/media_type.ts";
import type { AttributeModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import { isJsonType } from "./media_type.ts";
import { multipart } from "./multipart.ts";
import { decodeUtf8 } from "./read_text.ts";
import { attributesOf } from "./text_mapping.ts";
import { parseQuery } from "./url_parts.ts";

/** A body as it goes to fetch. */
export type Body = string | Uint8Array<ArrayBuffer> | FormData;

/** One media type of a body. */
export interface BodyFormat {
  /** As the design writes it. */
  readonly mediaType: string;
  /** Whether a `content-type` is this media type. */
  matches(contentType: string): boolean;
  /** @throws {ServiceError} `decode_payload` */
  decode(body: Uint8Array<ArrayBuffer>, contentType: string): Json | Promise<Json>;
  encode(json: Json): Body;
}

/** Makes the format of a body. */
export function bodyFormat(mediaType: string, body: AttributeModel, context: string): BodyFormat {
  const essence = essenceOf(mediaType);
  const matches = (contentType: string) => essenceOf(contentType) === essence;
  const text = (bytes: Uint8Array): string => {
    try {
      return decodeUtf8(bytes);
    } catch (cause) {
      throw new ServiceError("decode_payload", `${context}: body is not UTF-8`, { cause });
    }
  };
  if (essence === MULTIPART) return { mediaType, matches, ...multipart(body, context) };
  switch (mediaFormatOf(mediaType)) {
    case "form":
      return { mediaType, matches, ...formCodec(body, context, text) };
    case "text":
    case "raw":
      if (underlying(body.type).kind === "bytes") {
        return {
          mediaType,
          matches,
          decode: (bytes) => bytes,
          encode: (json) => fromBase64(json as string)!,
        };
      }
      return { mediaType, matches, decode: text, encode: (json) => json as string };
    default:
      return {
        mediaType,
        matches: isJsonType,
        decode(bytes) {
          try {
            return parseJson(text(bytes), true);
          } catch (cause) {
            if (cause instanceof ServiceError) throw cause;
            throw new ServiceError("decode_payload", `${context}: cannot decode body: ${messageOf(cause)}`, {
              cause,
            });
          }
        },
        encode: stringifyJson,
      };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `application/x-www-form-urlencoded`: one pair for each value, as in a query string. */
function formCodec(
  body: AttributeModel,
  context: string,
  text: (bytes: Uint8Array) => string,
): Pick<BodyFormat, "decode" | "encode"> {
  const fields = attributesOf(body).map((attribute): [string, TextCodec] => [
    attribute.name,
    textCodec(attribute),
  ]);
  return {
    decode(bytes) {
      const values = parseQuery(text(bytes), context);
      const json: Record<string, Json> = Object.create(null);
      for (const [name, codec] of fields) {
        const texts = values.get(name);
        if (texts !== undefined) json[name] = codec.toJson(texts);
      }
      return json;
    },
    encode(json) {
      const pairs: string[] = [];
      for (const [name, codec] of fields) {
        const value = (json as Record<string, Json>)[name];
        if (!Object.hasOwn(json as object, name) || value === undefined || value === null) continue;
        const encoded = codec.encode(value);
        for (const one of typeof encoded === "string" ? [encoded] : encoded) {
          pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(one)}`);
        }
      }
      return pairs.join("&");
    },
  };
}
