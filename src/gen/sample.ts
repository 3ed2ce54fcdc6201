/**
 * A value for every type of a design: what its examples, defaults and validations say.
 *
 * @module
 */
import { jsonCodec, setOwn } from "../codec/json.ts";
import { defaultIn } from "../codec/default.ts";
import { unionTags } from "../codec/union.ts";
import { underlying } from "../codec/view.ts";
import type {
  AttributeModel,
  FormatName,
  NamedAttributeModel,
  TypeModel,
  UnionModel,
  UserModel,
  ValidationModel,
} from "../design/model.ts";
import { compilePattern } from "../design/text_rules.ts";

/** Makes texts that match a pattern. */
export type Matching = (pattern: RegExp) => Iterable<string>;

/** Something that no value was found for. */
export interface NoSample {
  /** Where it is, such as `payload.code`. */
  readonly path: string;
}

/** What a sample is made with. */
export interface Sampling {
  /** Texts for patterns that no other candidate matches. */
  readonly matching: Matching;
  /** Told the innermost attribute without a value, when there is none for the whole. */
  readonly missing: (at: NoSample) => void;
}

/** No value was found. */
const NONE: unique symbol = Symbol("no sample");

/** Types that are being sampled: what contains itself ends there. */
type Open = ReadonlySet<UserModel>;

const TEXTS: Readonly<Record<FormatName, string>> = {
  "date": "2026-01-31",
  "date-time": "2026-01-31T12:00:00Z",
  "uuid": "6ba7b810-9dad-41d1-80b4-00c04fd430c8",
  "email": "ann@example.com",
  "hostname": "example.com",
  "ipv4": "192.0.2.1",
  "ipv6": "2001:db8::1",
  "ip": "192.0.2.1",
  "uri": "https://example.com/",
  "mac": "00:00:5e:00:53:01",
  "cidr": "192.0.2.0/24",
  "regexp": "a+",
  "json": "{}",
  "rfc1123": "Sat, 31 Jan 2026 12:00:00 UTC",
};

/** What patterns are tried with before texts are made for them. */
const COMMON = [
  "a",
  "A",
  "abc",
  "ABC",
  "1",
  "12",
  "123",
  "a1",
  "A1",
  "abc-1",
  "ABC-123",
  "2026-01-31",
  "12:00",
];

/**
 * A value of an attribute, as its sender would write it: its example, default or first allowed value, else the least
 * surprising one that its validations take.
 *
 * @param root Name of the attribute, for texts and for what is missing
 * @returns The value; `undefined` when there is none
 */
export function sampleOf(attribute: AttributeModel, root: string, sampling: Sampling): unknown {
  const value = sample(attribute, root, new Set(), sampling);
  return value === NONE ? undefined : value;
}

/** Whether a value is valid on its own. */
function fits(attribute: AttributeModel, value: unknown): boolean {
  try {
    jsonCodec({ ...attribute, default: undefined }, { root: "sample", context: "sample" }).toJson(value);
    return true;
  } catch {
    return false;
  }
}

function sample(attribute: AttributeModel, path: string, open: Open, sampling: Sampling): unknown {
  for (const value of candidates(attribute, path, open, sampling)) {
    if (value !== NONE && fits(attribute, value)) return value;
  }
  // Innermost first: only the first that is told matters.
  sampling.missing({ path });
  return NONE;
}

/** What is said of an attribute, together with what its named types say. */
function rules(attribute: AttributeModel): ValidationModel {
  const { type, validation } = attribute;
  return type.kind === "user" ? { ...rules(type.attribute), ...validation } : validation;
}

function* candidates(
  attribute: AttributeModel,
  path: string,
  open: Open,
  sampling: Sampling,
): Generator<unknown> {
  let at: AttributeModel | undefined = attribute;
  while (at !== undefined) {
    for (const example of at.examples) yield defaultIn(example.value, at.type);
    if (at.default !== undefined) yield defaultIn(at.default, at.type);
    for (const value of at.validation.enum ?? []) yield defaultIn(value, at.type);
    at = at.type.kind === "user" ? at.type.attribute : undefined;
  }
  yield* byKind(attribute.type, rules(attribute), path, open, sampling);
}

function* byKind(
  type: TypeModel,
  rules: ValidationModel,
  path: string,
  open: Open,
  sampling: Sampling,
): Generator<unknown> {
  switch (type.kind) {
    case "boolean":
      yield* [true, false];
      return;
    case "int64":
    case "uint64":
      for (const value of numbers(rules, true)) if (Number.isInteger(value)) yield BigInt(value);
      for (const bound of [rules.minimum, rules.maximum]) if (bound !== undefined) yield BigInt(bound);
      return;
    case "float32":
    case "float64":
      yield* numbers(rules, false);
      return;
    case "int":
    case "int32":
    case "uint":
    case "uint32":
      yield* numbers(rules, true);
      return;
    case "string":
      yield* texts(rules, path, sampling);
      return;
    case "bytes": {
      const length = Math.max(rules.minLength ?? 0, Math.min(3, rules.maxLength ?? 3));
      yield Uint8Array.from({ length }, (_, index) => index + 1);
      return;
    }
    case "any":
      yield* ["anything", 1, true, {}, []];
      return;
    case "array": {
      const elem = sample(type.elem, path, open, quiet(sampling, rules.minLength));
      const length = Math.max(rules.minLength ?? 0, 1);
      if (elem !== NONE) yield Array(length).fill(elem);
      yield [];
      return;
    }
    case "map":
      yield mapOf(type, rules, path, open, sampling);
      yield underlying(type.key.type).kind === "string" ? {} : new Map();
      return;
    case "object":
      yield objectOf(type.attributes, path, open, sampling);
      return;
    case "union":
      yield* unionOf(type, path, open, sampling);
      return;
    case "user":
      if (open.has(type)) return;
      yield* byKind(type.attribute.type, rules, path, new Set(open).add(type), sampling);
  }
}

/** Where a value may be left out, nothing is missing. */
function quiet(sampling: Sampling, least?: number): Sampling {
  return (least ?? 0) > 0 ? sampling : { ...sampling, missing: () => {} };
}

function* numbers(rules: ValidationModel, whole: boolean): Generator<number> {
  yield* whole ? [1, 0] : [1.5, 1, 0.5, 0];
  const bound = (value: number | bigint | undefined) => value === undefined ? undefined : Number(value);
  const [low, above] = [bound(rules.minimum), bound(rules.exclusiveMinimum)];
  const [high, below] = [bound(rules.maximum), bound(rules.exclusiveMaximum)];
  if (low !== undefined) yield* [Math.ceil(low), low];
  if (above !== undefined) yield* [Math.floor(above) + 1, above + 0.5];
  if (high !== undefined) yield* [Math.floor(high), high];
  if (below !== undefined) yield* [Math.ceil(below) - 1, below - 0.5];
  const [least, most] = [low ?? above, high ?? below];
  if (!whole && least !== undefined && most !== undefined) yield (least + most) / 2;
}

function* texts(rules: ValidationModel, path: string, { matching }: Sampling): Generator<string> {
  if (rules.format !== undefined) yield TEXTS[rules.format];
  const name = /([^.[\]]*)[.[\]\d]*$/.exec(path)?.[1] || "text";
  yield sized(name, rules);
  for (const text of COMMON) yield sized(text, rules);
  if (rules.pattern !== undefined) yield* matching(compilePattern(rules.pattern));
}

/** A text, repeated or cut to the length that is asked for. */
function sized(text: string, { minLength = 0, maxLength = Infinity }: ValidationModel): string {
  const letters = [...text];
  if (letters.length > maxLength) return letters.slice(0, maxLength).join("");
  return letters.length >= minLength
    ? text
    : text.repeat(Math.ceil(minLength / letters.length)).slice(0, minLength);
}

function mapOf(
  { key, elem }: Extract<TypeModel, { kind: "map" }>,
  rules: ValidationModel,
  path: string,
  open: Open,
  sampling: Sampling,
): unknown {
  const least = quiet(sampling, rules.minLength);
  const value = sample(elem, path, open, least);
  const first = sample(key, "key", open, least);
  if (value === NONE || first === NONE) return NONE;
  const keys = [...distinct(key, first, Math.max(rules.minLength ?? 0, 1))];
  if (underlying(key.type).kind !== "string") return new Map(keys.map((one) => [one, value]));
  const record: Record<string, unknown> = {};
  for (const one of keys) setOwn(record, one as string, value);
  return record;
}

/** As many valid keys as are asked for, if there are. */
function* distinct(key: AttributeModel, first: unknown, count: number): Generator<unknown> {
  const given = new Set<unknown>();
  const take = (value: unknown) => !given.has(value) && fits(key, value) && given.add(value);
  if (take(first)) yield first;
  for (let n = 2; given.size < count && n < 1000; n++) {
    const more = [true, false, n, BigInt(n), `${first}${n}`, ...rules(key).enum ?? []];
    for (const value of more) if (given.size < count && take(value)) yield value;
  }
}

function objectOf(
  attributes: readonly NamedAttributeModel[],
  path: string,
  open: Open,
  sampling: Sampling,
): unknown {
  const object: Record<string, unknown> = {};
  for (const attribute of attributes) {
    const optional = !attribute.required || attribute.default !== undefined;
    const value = sample(
      attribute,
      `${path}.${attribute.name}`,
      open,
      optional ? quiet(sampling) : sampling,
    );
    if (value !== NONE) setOwn(object, attribute.name, value);
    else if (!optional) return NONE;
  }
  return object;
}

function* unionOf(type: UnionModel, path: string, open: Open, sampling: Sampling): Generator<unknown> {
  for (const [index, tag] of unionTags(type).entries()) {
    const member = type.members[index]!;
    const value = sample(member, `${path}.${member.name}`, open, sampling);
    if (value !== NONE) yield { [type.typeField]: tag, [type.valueField]: value };
  }
}
