/**
 * JSON text with exact 64-bit integers: JavaScript's own parser rounds them, its own serializer refuses them.
 *
 * @module
 */
import type { Json } from "./codec.ts";

type Reviver = (this: unknown, key: string, value: unknown, context?: { source?: string }) => unknown;
type WithSource = {
  parse(text: string, reviver?: Reviver): unknown;
  rawJSON?(text: string): unknown;
};
const json = JSON as unknown as WithSource;

/** Whether the engine tells a reviver the source text of a number (ES2026, V8 11.4). */
let hasSource = false;
json.parse("1", (_key, value, context) => {
  hasSource = context?.source === "1";
  return value;
});

/** Fewer digits than this are a safe integer, which every parser reads exactly. */
const MANY_DIGITS = /\d{16}/;
const INTEGER = /^-?\d+$/;
/** An int64 or uint64 has 20 digits at most; longer ones are out of range however they are read. */
const MAX_INTEGER_TEXT = 40;

function exactInteger(value: unknown, source: string): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  return source.length <= MAX_INTEGER_TEXT && INTEGER.test(source) ? BigInt(source) : value;
}

/**
 * Parses JSON. With `exact`, integers beyond the safe range come as bigint. Throws a SyntaxError (or a RangeError, when
 * the text nests deeper than the engine can follow).
 */
export function parseJson(text: string, exact: boolean): Json {
  if (!exact || !MANY_DIGITS.test(text)) return JSON.parse(text);
  if (!hasSource) return parseTagged(text);
  return json.parse(
    text,
    (_key, value, context) => context?.source === undefined ? value : exactInteger(value, context.source),
  );
}

// Where JSON allows it, and nowhere else: a quotation mark before digits inside a text ends that, which no digit may follow.
const LONG = /[:,[]-?[1-9]\d{15,39}[,}\]]/g;
/** What marks them, unknown to peers. Made when first needed. */
let longTag = "";
const DECIMAL = /^-?\d{1,20}$/;

/** How many tagged integers were read since it was set to none. */
let found = 0;

/**
 * Parses JSON in which integers are long, leaving these to whoever knows which attributes are of 64 bits: much faster
 * than to ask a reviver about each value.
 *
 * @param read Takes what was parsed, with {@linkcode bigOfText} for the integers, and tells whether all is well
 * @returns What was parsed; `undefined` when it is not JSON, or `read` says no, or long integers stand elsewhere as well
 */
export function parseLong(text: string, read: (json: Json) => boolean): Json {
  longTag ||= `#${crypto.getRandomValues(new Uint32Array(2)).join("")}#`;
  const tagged = tagLong(text);
  // None, or some in such a place that only a reviver finds them.
  if (tagged.length === text.length) return undefined;
  let json: Json;
  try {
    json = JSON.parse(tagged);
  } catch {
    return undefined;
  }
  found = 0;
  return read(json) && found * (longTag.length + 2) === tagged.length - text.length ? json : undefined;
}

/** By hand, as to have all of them replaced takes the engine several times as long. */
function tagLong(text: string): string {
  let tagged = "";
  let done = 0;
  LONG.lastIndex = 0;
  for (let match = LONG.exec(text); match !== null; match = LONG.exec(text)) {
    const end = match.index + match[0].length - 1;
    tagged += `${text.slice(done, match.index + 1)}"${longTag}${text.slice(match.index + 1, end)}"`;
    // What ends one may lead the next.
    LONG.lastIndex = done = end;
  }
  return done === 0 ? text : tagged + text.slice(done);
}

/** An integer of digits or as {@linkcode parseLong} tags it; `undefined` when it is none. */
export function bigOfText(text: string): bigint | undefined {
  if (longTag !== "" && text.startsWith(longTag)) {
    found++;
    return BigInt(text.slice(longTag.length));
  }
  return DECIMAL.test(text) ? BigInt(text) : undefined;
}

/** Whether a text has so many digits in a row that an integer may not be exact. */
export function hasLong(text: string): boolean {
  return MANY_DIGITS.test(text);
}

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * The same for engines that do not tell a number's source: long integers become strings with a random tag, which the
 * reviver recognizes. Exported for its test.
 */
export function parseTagged(text: string): Json {
  JSON.parse(text); // So that TOKEN below meets well-formed JSON only.
  const tag = randomTag();
  const tagged = text.replace(
    TOKEN,
    (token) => token.length >= 16 && INTEGER.test(token) ? `"${tag}${token}"` : token,
  );
  return json.parse(tagged, (_key, value) => {
    if (typeof value !== "string" || !value.startsWith(tag)) return value;
    const source = value.slice(tag.length);
    return exactInteger(Number(source), source);
  });
}

function randomTag(): string {
  return `#${crypto.randomUUID()}#`;
}

/** An integer to be written into JSON with all its digits: a number where that is exact, else raw JSON or a bigint. */
export function exactJson(value: bigint): Json {
  if (value >= -9007199254740991n && value <= 9007199254740991n) return Number(value);
  return json.rawJSON === undefined ? value : json.rawJSON(String(value));
}

/** Serializes JSON in which bigints stand for 64-bit integers. */
export function stringifyJson(value: Json): string {
  if (json.rawJSON === undefined) return stringifyTagged(value);
  return JSON.stringify(value, (_key, item) => typeof item === "bigint" ? exactJson(item) : item);
}

/** The same for engines without JSON.rawJSON. Exported for its test. */
export function stringifyTagged(value: Json): string {
  const tag = randomTag();
  let tagged = false;
  const text = JSON.stringify(value, (_key, item) => {
    if (typeof item !== "bigint") return item;
    tagged = true;
    return tag + item;
  });
  return tagged ? text.replace(new RegExp(`"${tag}(-?\\d+)"`, "g"), "$1") : text;
}

/** Whether {@linkcode exactJson} may give a bigint, which JSON.stringify alone refuses. */
export const needsStringify: boolean = json.rawJSON === undefined;
