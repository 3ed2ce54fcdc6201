/**
 * Values as text: in paths, query strings, headers, cookies and gRPC metadata.
 *
 * Text only becomes what JSON would hold in its place; the JSON codec of the whole payload validates it afterwards, so
 * that text and body problems are reported alike. What cannot be converted stays a string for it to refuse.
 *
 * @module
 */
import type { AttributeModel, TypeModel } from "../design/model.ts";
import { toBase64 } from "./base64.ts";
import type { Json } from "./codec.ts";
import { stringifyJson } from "./json_text.ts";
import { underlying } from "./view.ts";

/** Converts one attribute to and from text. */
export interface TextCodec {
  /**
   * Gives the text of a validated value or of its JSON form, several for an array. Not escaped: that is for whoever
   * knows where the text goes.
   */
  encode(value: unknown): string | string[];
  /** Gives the JSON form of the texts found; `undefined` when there is none. Never throws. */
  toJson(texts: readonly string[]): Json;
}

type Read = (text: string) => Json;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
// What Go's strconv.ParseBool takes, and so every Goa server.
const TRUE = new Set(["true", "True", "TRUE", "t", "T", "1"]);
const FALSE = new Set(["false", "False", "FALSE", "f", "F", "0"]);
/** What an Any that is no string starts with. */
const JSON_START = /^(?:[[{"\d-]|true$|false$|null$)/;

function readNumber(text: string): Json {
  if (!NUMBER.test(text)) return text;
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}

function readAny(text: string): Json {
  if (!JSON_START.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    // Plain text that only looked like JSON, such as a date.
    return text;
  }
}

function reader(type: TypeModel): Read {
  const at = underlying(type);
  switch (at.kind) {
    case "boolean":
      return (text) => TRUE.has(text) ? true : FALSE.has(text) ? false : text;
    case "int":
    case "int32":
    case "uint":
    case "uint32":
    case "float32":
    case "float64":
      return readNumber;
    case "string":
    case "bytes":
    // Decimal strings are JSON for 64-bit integers.
    case "int64":
    case "uint64":
      return (text) => text;
    default:
      // Goa has no text for objects and maps; theirs is JSON here.
      return readAny;
  }
}

function write(value: unknown, any: boolean): string {
  switch (typeof value) {
    case "string":
      // Unless it would be taken for something else, a string in an Any is itself.
      return any && readAny(value) !== value ? JSON.stringify(value) : value;
    case "object":
      if (value instanceof Uint8Array) return toBase64(value);
      return stringifyJson(value);
    default:
      return String(value);
  }
}

/** Makes the text codec of an attribute: primitives as one text, arrays as one text per element. */
export function textCodec(attribute: AttributeModel): TextCodec {
  const type = underlying(attribute.type);
  const elem = type.kind === "array" ? type.elem.type : type;
  const any = underlying(elem).kind === "any";
  const read = reader(elem);
  if (type.kind === "array") {
    return {
      encode: (value) => (value as unknown[]).map((item) => write(item, any)),
      toJson: (texts) => texts.length === 0 ? undefined : texts.map(read),
    };
  }
  return {
    encode: (value) => write(value, any),
    toJson: (texts) => texts.length === 0 ? undefined : read(texts[0]!),
  };
}
