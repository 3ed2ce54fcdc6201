/**
 * Messages in protobuf's JSON (protobuf.dev/programming-guides/json): what goats' own JSON says under the names, numbers
 * and wrappers of the .proto file. It does not need protobufjs.
 *
 * Values are validated by the JSON codec; what is here only moves them, once compiled for a type and its message.
 *
 * @module
 */
import type {
  ArrayModel,
  AttributeModel,
  MapModel,
  PrimitiveKind,
  UnionModel,
  UserModel,
} from "../design/model.ts";
import { innermost, isLevel } from "../design/recursion.ts";
import { ServiceError } from "../errors/service_error.ts";
import type { Codec, CodecOptions, Json, JsonCodec } from "./codec.ts";
import { type Conversions, type Convert, levelOf, linkTo } from "./conversions.ts";
import { holdsCredential } from "./credentials.ts";
import { isObject, jsonCodec, setOwn } from "./json.ts";
import { parseJson } from "./json_text.ts";
import { invalidRange, invalidType, keyStep, newWalk, problemsError, type Walk, within } from "./problem.ts";
import { ENVELOPE, type MessageFormat, type ProtoCodecOptions } from "./proto_method.ts";
import type { ProtoField, ProtoMember, ProtoMessage, ProtoPlan, ProtoScalar } from "./proto_schema.ts";
import { unionTags } from "./union.ts";
import { underlying } from "./view.ts";

/** How a value moves between goats' JSON and protobuf's. */
type Shape = Conversions;

const same: Convert = (json) => json;

/** `json_name` as protoc makes it. */
export function jsonNameOf({ name, jsonName }: ProtoField): string {
  return jsonName ?? name.replaceAll(/_+([^_]?)/g, (_all, next: string) => next.toUpperCase());
}

function own(object: Record<string, Json>, name: string): Json {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** A member of a message: under its JSON name, else under its own. `null` is absence. */
function taken(object: Record<string, Json>, { json, name }: Place): Json {
  return own(object, json) ?? own(object, name) ?? undefined;
}

/** The names of a field. */
interface Place {
  readonly json: string;
  readonly name: string;
  readonly shape: Shape;
}

function placeOf(field: ProtoField, attribute: AttributeModel): Place {
  return { json: jsonNameOf(field), name: field.name, shape: shapeOf(attribute, field.plan) };
}

const INT32 = [-2147483648, 2147483647] as const;
const UINT32 = [0, 4294967295] as const;
const LIMITS: Readonly<Partial<Record<ProtoScalar, readonly [number, number]>>> = {
  int32: INT32,
  sint32: INT32,
  sfixed32: INT32,
  uint32: UINT32,
  fixed32: UINT32,
};
const IS_64: ReadonlySet<ProtoScalar> = new Set(["int64", "sint64", "uint64", "fixed64", "sfixed64"]);
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const WORDS: ReadonlySet<Json> = new Set(["NaN", "Infinity", "-Infinity"]);
const BIG: ReadonlySet<PrimitiveKind> = new Set(["int64", "uint64"]);

/** Numbers may come as text, and 64-bit integers always leave as such. */
function scalarShape(kind: PrimitiveKind, scalar: ProtoScalar): Shape {
  if (scalar === "bool" || scalar === "string" || scalar === "bytes") return { encode: same, decode: same };
  const limits = LIMITS[scalar];
  // Int has 53 bits in goats' JSON but what its scalar has here (contract §7).
  const checked: Convert = limits === undefined ? same : (json, walk) => {
    if (typeof json !== "number" && typeof json !== "bigint") return json;
    if (json < limits[0]) return invalidRange(walk, json, "greater or equal than", limits[0]);
    if (json > limits[1]) return invalidRange(walk, json, "lesser or equal than", limits[1]);
    return json;
  };
  const float = scalar === "float" || scalar === "double";
  return {
    encode: IS_64.has(scalar) ? (json) => String(json) : checked,
    decode: (json, walk) => {
      if (typeof json !== "string") return checked(json, walk);
      if (BIG.has(kind)) {
        return limits === undefined || !NUMBER.test(json) ? json : checked(Number(json), walk);
      }
      if (NUMBER.test(json) || float && WORDS.has(json)) return checked(Number(json), walk);
      return json;
    },
  };
}

/** What an absent field without presence stands for. */
function zeroOf(kind: PrimitiveKind, scalar: ProtoScalar): Json {
  if (scalar === "bool") return false;
  if (scalar === "string" || scalar === "bytes") return "";
  return BIG.has(kind) ? "0" : 0;
}

function shapeOf(attribute: AttributeModel, plan: ProtoPlan): Shape {
  switch (plan.kind) {
    case "scalar":
      return scalarShape(underlying(attribute.type).kind as PrimitiveKind, plan.scalar);
    case "any":
      return { encode: same, decode: same };
    case "list":
      return listShape(shapeOf((underlying(attribute.type) as ArrayModel).elem, plan.elem));
    case "map":
      return mapShape(shapeOf((underlying(attribute.type) as MapModel).elem, plan.elem));
    case "message":
      return messageShape(attribute, plan.message);
  }
}

function listShape(elem: Shape): Shape {
  const each = (convert: Convert): Convert => (json, walk) => {
    if (!Array.isArray(json)) return json;
    return json.map((item, index) => {
      const before = walk.count;
      const converted = convert(item, walk);
      if (walk.count !== before) within(walk, before, `[${index}]`);
      return converted;
    });
  };
  return { encode: each(elem.encode), decode: each(elem.decode) };
}

/** Keys are the names of members here and there. */
function mapShape(elem: Shape): Shape {
  const each = (convert: Convert): Convert => (json, walk) => {
    if (!isObject(json)) return json;
    const out: Record<string, Json> = {};
    for (const key of Object.keys(json)) {
      const before = walk.count;
      setOwn(out, key, convert(json[key], walk));
      if (walk.count !== before) within(walk, before, keyStep(key));
    }
    return out;
  };
  return { encode: each(elem.encode), decode: each(elem.decode) };
}

/** Moves one attribute of an object. */
interface Mover {
  /** Name of the attribute. */
  readonly name: string;
  encode(item: Json, out: Record<string, Json>, walk: Walk): void;
  /** `undefined` when it is absent. */
  decode(message: Record<string, Json>, walk: Walk): Json;
}

function moverOf({ attribute, fields }: ProtoMember): Mover {
  const { name } = attribute;
  const type = underlying(attribute.type);
  if (type.kind === "union") return { name, ...unionMover(type, fields) };
  const field = fields[0]!;
  const place = placeOf(field, attribute);
  const absent = absentOf(attribute, field);
  return {
    name,
    encode: (item, out, walk) => setOwn(out, place.json, place.shape.encode(item, walk)),
    decode(message, walk) {
      const item = taken(message, place);
      return item === undefined ? absent : place.shape.decode(item, walk);
    },
  };
}

function absentOf(attribute: AttributeModel & { readonly required?: boolean }, field: ProtoField): Json {
  const { plan, optional } = field;
  switch (plan.kind) {
    case "scalar":
      return optional ? undefined : zeroOf(underlying(attribute.type).kind as PrimitiveKind, plan.scalar);
    case "list":
      return attribute.required && attribute.default === undefined ? [] : undefined;
    case "map":
      return attribute.required && attribute.default === undefined ? {} : undefined;
    default:
      return undefined;
  }
}

function unionMover(type: UnionModel, fields: readonly ProtoField[]): Omit<Mover, "name"> {
  const { typeField, valueField } = type;
  const tags = unionTags(type);
  const places = type.members.map((member, index) => placeOf(fields[index]!, member));
  const names = places.map(({ json }) => json).join(", ");
  return {
    encode(item, out, walk) {
      const { [typeField]: tag, [valueField]: value } = item as Record<string, Json>;
      const place = places[tags.indexOf(tag as string)]!;
      const before = walk.count;
      setOwn(out, place.json, place.shape.encode(value, walk));
      if (walk.count !== before) within(walk, before, "." + valueField);
    },
    decode(message, walk) {
      let found: Json;
      places.forEach((place, index) => {
        const item = taken(message, place);
        if (item === undefined) return;
        if (found !== undefined) {
          invalidType(walk, message, `object with only one of ${names}`);
          return;
        }
        const before = walk.count;
        const value = place.shape.decode(item, walk);
        if (walk.count !== before) within(walk, before, "." + valueField);
        found = { [typeField]: tags[index], [valueField]: value };
      });
      return found;
    },
  };
}

function objectShape(message: ProtoMessage): Shape {
  const movers = message.members.map(moverOf);
  return {
    encode(json, walk) {
      const out: Record<string, Json> = {};
      for (const { name, encode } of movers) {
        const item = own(json as Record<string, Json>, name);
        if (item === undefined) continue;
        const before = walk.count;
        encode(item, out, walk);
        if (walk.count !== before) within(walk, before, "." + name);
      }
      return out;
    },
    decode(json, walk) {
      if (!isObject(json)) return json;
      const out: Record<string, Json> = {};
      for (const { name, decode } of movers) {
        const before = walk.count;
        const item = decode(json, walk);
        if (walk.count !== before) within(walk, before, "." + name);
        if (item !== undefined) setOwn(out, name, item);
      }
      return out;
    },
  };
}

/** The value itself, in its one field. */
function wrapperShape(attribute: AttributeModel, message: ProtoMessage): Shape {
  const field = message.fields[0]!;
  // Through the names of the type: of those this message is the outermost's.
  const inner = { ...attribute, type: underlying(attribute.type), required: true, default: undefined };
  const place = placeOf(field, inner);
  // The null of an Any is a value like any other here: no attribute that could be absent.
  const absent = field.plan.kind === "any" ? null : absentOf(inner, field);
  return {
    encode: (json, walk) => ({ [place.json]: place.shape.encode(json, walk) }),
    decode(json, walk) {
      if (!isObject(json)) return json;
      const item = taken(json, place);
      return item === undefined ? absent : place.shape.decode(item, walk);
    },
  };
}

function unionShape(type: UnionModel, message: ProtoMessage): Shape {
  const { encode, decode } = unionMover(type, message.fields);
  return {
    encode(json, walk) {
      const out: Record<string, Json> = {};
      encode(json, out, walk);
      return out;
    },
    // Without a member it is an object that lacks all of a union, which the JSON codec tells.
    decode: (json, walk) => isObject(json) ? decode(json, walk) ?? {} : json,
  };
}

function compileShape(attribute: AttributeModel, message: ProtoMessage): Shape {
  switch (message.shape) {
    case "union":
      return unionShape(underlying(attribute.type) as UnionModel, message);
    case "wrapper":
      return wrapperShape(attribute, message);
    default:
      return objectShape(message);
  }
}

const compiled = new WeakMap<ProtoMessage, Map<UserModel, Partial<Shape>>>();

function messageShape(attribute: AttributeModel, message: ProtoMessage): Shape {
  const { type } = attribute;
  if (type.kind !== "user") return compileShape(attribute, message);
  let users = compiled.get(message);
  if (users === undefined) compiled.set(message, users = new Map());
  const isOne = isLevel(innermost(type));
  const known = users.get(type);
  if (known !== undefined) {
    if (isOne) return levelOf(known);
    return known.encode !== undefined && known.decode !== undefined ? known as Shape : linkTo(known);
  }
  const made: Partial<Shape> = {};
  users.set(type, made);
  Object.assign(made, compileShape(attribute, message));
  return isOne ? levelOf(made) : made as Shape;
}

/** A codec of text in UTF-8 that also gives access to the values between text and message. */
interface TextCodec extends Codec<Uint8Array>, Pick<JsonCodec, "toJson" | "fromJson"> {}

const utf8 = new TextEncoder();
const text = new TextDecoder("utf-8", { fatal: true });

/** Adds the text to codecs of parsed JSON. */
function textCodec(
  { root, context }: CodecOptions,
  codec: Pick<JsonCodec, "toJson" | "fromJson">,
  secret = false,
): TextCodec {
  return {
    ...codec,
    encode: (value) => utf8.encode(JSON.stringify(codec.toJson(value))),
    decode(bytes) {
      let json: Json;
      try {
        json = parseJson(text.decode(bytes), true);
      } catch (cause) {
        // The parser's message may quote a password.
        const why = secret ? "" : `: ${(cause as Error).message}`;
        throw new ServiceError("decode_payload", `${context}: cannot decode ${root}${why}`, { cause });
      }
      return codec.fromJson(json);
    },
  };
}

function messageCodec(attribute: AttributeModel, options: ProtoCodecOptions): TextCodec {
  const { root, context } = options;
  const codec = jsonCodec(attribute, options);
  const { encode, decode } = messageShape(attribute, options.message);
  const run = (convert: Convert, json: Json): Json => {
    const walk = newWalk();
    const converted = convert(json, walk);
    if (walk.count !== 0) throw problemsError(walk, root, context);
    return converted;
  };
  return textCodec(options, {
    toJson: (value) => run(encode, codec.toJson(value)),
    fromJson: (json) => codec.fromJson(run(decode, json)),
  }, holdsCredential(attribute));
}

function emptyCodec(options: CodecOptions): TextCodec {
  return textCodec(options, { toJson: () => ({}), fromJson: () => undefined });
}

function enveloped(inner: Codec<Uint8Array>, options: CodecOptions, number: number): TextCodec {
  const { toJson, fromJson } = inner as TextCodec;
  const fields = Object.entries(ENVELOPE).map(([key, name]) => ({
    number: Number(key),
    name,
    json: name.replace(/_(.)/, (_all, next: string) => next.toUpperCase()),
    shape: { encode: same, decode: same },
  }));
  const wanted = fields.find((field) => field.number === number)!;
  const problem = (name: string, message: string) => new ServiceError(name, `${options.context}: ${message}`);
  return textCodec(options, {
    toJson: (value) => ({ [wanted.json]: toJson(value) }),
    fromJson(json) {
      const found = isObject(json) ? fields.filter((field) => taken(json, field) !== undefined) : [];
      if (found.length === 0) throw problem("missing_field", `"${wanted.name}" is missing from stream`);
      const other = found.find((field) => field !== wanted);
      if (other !== undefined) {
        throw problem(
          "invalid_field_type",
          `invalid value "${other.name}" for "body", must be a ${wanted.name}`,
        );
      }
      return fromJson(taken(json as Record<string, Json>, wanted));
    },
  });
}

/** Protobuf's JSON. */
export const PROTO_JSON: MessageFormat = { codec: messageCodec, empty: emptyCodec, enveloped };
