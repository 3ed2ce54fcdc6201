/**
 * From the text of a flag to what JSON would hold in its place. What does not fit stays as it is, for the payload's
 * codec to refuse in its own words.
 *
 * @module
 */
import { toBase64 } from "../codec/base64.ts";
import type { Json } from "../codec/codec.ts";
import { parseJson } from "../codec/json_text.ts";
import { textCodec } from "../codec/text.ts";
import { underlying } from "../codec/view.ts";
import type { AttributeModel } from "../design/model.ts";
import { UsageError } from "./usage_error.ts";

/** Parses JSON with exact integers. */
export function parseFlagJson(text: string, flag: string): Json {
  try {
    return parseJson(text, true);
  } catch (error) {
    throw new UsageError(`${flag} must be JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** Reads a file that a flag names. */
export async function readFlagFile(path: string, flag: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw new UsageError(`${flag} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Gives the JSON of one text. */
export async function jsonOfText(attribute: AttributeModel, text: string, flag: string): Promise<Json> {
  const type = underlying(attribute.type);
  switch (type.kind) {
    case "bytes":
      return text.startsWith("@") ? toBase64(await readFlagFile(text.slice(1), flag)) : text;
    case "array":
    case "object":
    case "map":
    case "union":
      return parseFlagJson(text, flag);
    default:
      return textCodec(attribute).toJson([text]);
  }
}

/** Gives the elements of a list: a JSON array stands for all of them, any other text for one. */
export async function jsonOfElements(elem: AttributeModel, text: string, flag: string): Promise<Json[]> {
  if (text.trimStart().startsWith("[")) {
    try {
      const parsed = parseJson(text, true);
      if (Array.isArray(parsed)) return parsed;
    } catch {
      // A string that merely starts like one.
    }
  }
  return [await jsonOfText(elem, text, flag)];
}
