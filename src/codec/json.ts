/**
 * JSON codecs: closures specialised per type and view, made once and used for every message.
 *
 * @module
 */
import type {
  AttributeModel,
  MapModel,
  NamedAttributeModel,
  ObjectModel,
  PrimitiveKind,
  TypeModel,
  UnionModel,
  UserModel,
  ViewModel,
} from "../design/model.ts";
import { isLevel } from "../design/recursion.ts";
import { ServiceError } from "../errors/service_error.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import type { CodecOptions, Json, JsonCodec } from "./codec.ts";
import { compile, type Compiled, NOT_COMPILED } from "./compile.ts";
import { type Conversions, type Convert, levelOf, linkTo } from "./conversions.ts";
import { holdsCredential, isCredential } from "./credentials.ts";
import { defaultIn, defaultMaker, type JsonSides } from "./default.ts";
import { exactJson, hasLong, needsStringify, parseJson, parseLong, stringifyJson } from "./json_text.ts";
import {
  conceal,
  invalidEnum,
  invalidType,
  keyStep,
  MAX_DEPTH,
  MAX_PROBLEMS,
  missingField,
  newWalk,
  problemsError,
  within,
} from "./problem.ts";
import { type Check, constraintsOf, KIND_CHECKS } from "./validate.ts";
import { unionTags } from "./union.ts";
import { checkView, hasViews, underlying, viewOf } from "./view.ts";

/** A type in one view, compiled. */
type Node = Conversions;

/** Defines `__proto__` as the ordinary property that JSON.parse makes of it; any other name is simply set. */
export function setOwn(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__") {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  } else object[name] = value;
}

/** Reads a property that objects inherit (`constructor`, `toString`) only when it is the value's own. */
export function getOwn(object: Record<string, unknown>, name: string, inherited: boolean): unknown {
  return inherited && !Object.hasOwn(object, name) ? undefined : object[name];
}

/** An attribute of the JSON form of a value; `""` is the whole of it. What all objects inherit is no attribute. */
export function attributeOf(json: Json, name: string): Json {
  if (name === "") return json;
  return Object.hasOwn(json as object, name) ? (json as Record<string, Json>)[name] : undefined;
}

/** Whether every object has a property of that name. */
export function isInherited(name: string): boolean {
  return name in Object.prototype;
}

/** Whether nothing but its own properties says what is in a value. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether a value can have attributes: class instances can, but no Map and no forgotten promise. */
export function isObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ||
    !(Symbol.toStringTag in value || value instanceof Date);
}

const INTEGER = /^-?\d{1,20}$/;

/** 64-bit integers come as safe numbers, exact bigints ({@linkcode parseJson}) or decimal strings. */
function toBigInt(json: Json): unknown {
  switch (typeof json) {
    case "number":
      return Number.isSafeInteger(json) ? BigInt(json) : json;
    case "string":
      return INTEGER.test(json) ? BigInt(json) : json;
    default:
      return json;
  }
}

/** Puts back as numbers what {@linkcode parseJson} read exactly for the sake of other attributes. */
function withoutBigInts(json: Json, depth = 0): Json {
  if (typeof json === "bigint") return Number(json);
  if (typeof json !== "object" || json === null || depth > MAX_DEPTH) return json;
  if (Array.isArray(json)) return json.map((item) => withoutBigInts(item, depth + 1));
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(json)) {
    setOwn(out, key, withoutBigInts((json as Record<string, unknown>)[key], depth + 1));
  }
  return out;
}

const toNumber = (json: Json): unknown => typeof json === "bigint" ? Number(json) : json;

/** From JSON to the value that the kind's check takes; what cannot be converted stays for the check to refuse. */
const FROM_JSON: Readonly<Partial<Record<PrimitiveKind, (json: Json) => unknown>>> = {
  int: toNumber,
  int32: toNumber,
  uint: toNumber,
  uint32: toNumber,
  float32: toNumber,
  float64: toNumber,
  int64: toBigInt,
  uint64: toBigInt,
  bytes: (json) => typeof json === "string" ? fromBase64(json) ?? json : json,
};

function primitiveNode(kind: PrimitiveKind): Node {
  const check = KIND_CHECKS[kind];
  const same: Convert = (value, walk) => {
    check(value, walk);
    return value;
  };
  if (kind === "any") {
    return {
      encode: same,
      decode: (json, walk) => {
        const value = walk.raw ? withoutBigInts(json) : json;
        check(value, walk);
        return value;
      },
    };
  }
  const convert = FROM_JSON[kind];
  const decode: Convert = convert === undefined ? same : (json, walk) => {
    const value = convert(json);
    check(value, walk);
    return value;
  };
  switch (kind) {
    case "int64":
    case "uint64":
      return {
        encode: (value, walk) => {
          check(value, walk);
          return walk.raw && typeof value === "bigint" ? exactJson(value) : value;
        },
        decode,
      };
    case "bytes":
      return {
        encode: (value, walk) => {
          const before = walk.count;
          check(value, walk);
          return walk.count === before ? toBase64(value as Uint8Array) : undefined;
        },
        decode,
      };
    default:
      return { encode: same, decode };
  }
}

function arrayNode(elem: Node): Node {
  const each = (convert: Convert): Convert => (value, walk) => {
    if (!Array.isArray(value)) return invalidType(walk, value, "array");
    let out: unknown[] | undefined = walk.reuse ? undefined : [];
    for (let i = 0; i < value.length; i++) {
      const before = walk.count;
      const item = value[i];
      const converted = convert(item, walk);
      if (walk.count !== before) {
        within(walk, before, `[${i}]`);
        if (walk.count >= MAX_PROBLEMS) break;
      } else if (out !== undefined) out.push(converted);
      else if (converted !== item) {
        out = value.slice(0, i);
        out.push(converted);
      }
    }
    return out ?? value;
  };
  return { encode: each(elem.encode), decode: each(elem.decode) };
}

/** `MapOf(String, V)`: a Record on both sides and in JSON. */
function recordNode(key: Node, elem: Node): Node {
  const each = (convert: Convert): Convert => (value, walk) => {
    if (!isObject(value)) return invalidType(walk, value, "map");
    const out: Record<string, unknown> = {};
    for (const name of Object.keys(value)) {
      const item = value[name];
      // A property set to undefined is absent to JSON and to everybody else.
      if (item === undefined) continue;
      const before = walk.count;
      key.encode(name, walk);
      const converted = convert(item, walk);
      if (walk.count === before) setOwn(out, name, converted);
      else {
        within(walk, before, keyStep(name));
        if (walk.count >= MAX_PROBLEMS) break;
      }
    }
    return out;
  };
  return { encode: each(elem.encode), decode: each(elem.decode) };
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** From the name of a JSON member to the JSON form of a key. `undefined` when keys of this kind cannot be names. */
function keyFromName(kind: TypeModel["kind"]): ((name: string) => Json) | undefined {
  switch (kind) {
    case "boolean":
      return (name) => name === "true" ? true : name === "false" ? false : name;
    case "int":
    case "int32":
    case "uint":
    case "uint32":
    case "float32":
    case "float64":
      return (name) => NUMBER.test(name) ? Number(name) : name;
    case "string":
    case "bytes":
    case "int64":
    case "uint64":
      return (name) => name;
    default:
      return undefined;
  }
}

/**
 * Any other map: a Map on both sides. In JSON an object with the keys as text, as encoding/json does in Go, or an array
 * of pairs when keys cannot be text.
 */
function mapNode(key: Node, kind: TypeModel["kind"], elem: Node): Node {
  const fromName = keyFromName(kind);
  return {
    encode: (value, walk) => {
      if (!(value instanceof Map)) return invalidType(walk, value, "map");
      const out: Record<string, unknown> = {};
      const pairs: unknown[] = [];
      for (const [k, v] of value) {
        const before = walk.count;
        const name = key.encode(k, walk);
        const item = elem.encode(v, walk);
        if (walk.count !== before) {
          within(walk, before, keyStep(k));
          if (walk.count >= MAX_PROBLEMS) break;
        } else if (fromName === undefined) pairs.push([name, item]);
        // k rather than name: a 64-bit key may already be raw JSON.
        else setOwn(out, typeof name === "string" ? name : String(k), item);
      }
      return fromName === undefined ? pairs : out;
    },
    decode: (json, walk) => {
      const out = new Map<unknown, unknown>();
      if (fromName === undefined ? !Array.isArray(json) : !isObject(json)) {
        return invalidType(walk, json, "map");
      }
      const entries: Iterable<unknown> = fromName === undefined
        ? json as unknown[]
        : Object.entries(json as object);
      for (const entry of entries) {
        if (!Array.isArray(entry) || entry.length !== 2) return invalidType(walk, entry, "key and value");
        const before = walk.count;
        const k = key.decode(fromName === undefined ? entry[0] : fromName(entry[0]), walk);
        const v = elem.decode(entry[1], walk);
        if (walk.count === before) out.set(k, v);
        else {
          within(walk, before, keyStep(entry[0]));
          if (walk.count >= MAX_PROBLEMS) break;
        }
      }
      return out;
    },
  };
}

function compileMap(type: MapModel): Node {
  const elem = nodeOf(type.elem);
  const { kind } = underlying(type.key.type);
  const key = nodeOf(type.key);
  return kind === "string" ? recordNode(key, elem) : mapNode(key, kind, elem);
}

/** One attribute of an object, compiled. */
interface Member {
  readonly name: string;
  readonly inherited: boolean;
  readonly step: string;
  readonly required: boolean;
  readonly encode: Convert;
  readonly decode: Convert;
  /** The default as the sender would write it; and a maker of its out side. */
  readonly defaultIn?: unknown;
  readonly defaultValue?: () => unknown;
}

function memberOf(attribute: NamedAttributeModel, view: string | undefined): Member {
  const { name } = attribute;
  const node = nodeOf(attribute, view);
  const base = {
    name,
    inherited: isInherited(name),
    step: "." + name,
    encode: node.encode,
    decode: node.decode,
  };
  if (attribute.default === undefined) return { ...base, required: attribute.required };
  const written = defaultIn(attribute.default, attribute.type);
  const sides = (): JsonSides => jsonCodec(attribute, { root: name, context: `default of ${name}`, view });
  return {
    ...base,
    required: false,
    defaultIn: written,
    defaultValue: defaultMaker(written, sides),
  };
}

function membersOf(type: ObjectModel, view: ViewModel | undefined): Member[] {
  if (view === undefined) return type.attributes.map((attribute) => memberOf(attribute, undefined));
  const shown = new Map(view.attributes.map((attribute) => [attribute.name, attribute.view]));
  return type.attributes
    .filter(({ name }) => shown.has(name))
    .map((attribute) => memberOf(attribute, shown.get(attribute.name)));
}

/** Copies the first `count` of an object's members as they are. */
function copyMembers(
  value: Record<string, unknown>,
  members: readonly Member[],
  count: number,
): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (let i = 0; i < count; i++) {
    const { name, inherited } = members[i]!;
    const item = getOwn(value, name, inherited);
    if (item !== undefined && item !== null) setOwn(out, name, item);
  }
  return out;
}

function countKeys(value: object): number {
  let count = 0;
  // With a plain prototype these are its own; should somebody have extended Object.prototype, there are too many.
  for (const _key in value) count++;
  return count;
}

/**
 * Most objects are the same on both sides, which is known only once they were looked through; then they need not be
 * built anew (see `Walk.reuse`). A copy is made from the first member on that differs, or when there are members that
 * the type does not know.
 */
function objectNode(members: readonly Member[]): Node {
  const side = (decoding: boolean): Convert => {
    const converts = members.map((member) => decoding ? member.decode : member.encode);
    return (value, walk) => {
      if (!isObject(value)) return invalidType(walk, value, "object");
      let out: Record<string, unknown> | undefined;
      let kept = 0;
      if (!walk.reuse || !isPlain(value)) out = {};
      for (let i = 0; i < members.length; i++) {
        const member = members[i]!;
        let item = getOwn(value, member.name, member.inherited);
        let mine = true;
        if (item === undefined || item === null) {
          mine = false;
          if (decoding) {
            if (member.defaultValue !== undefined) {
              out ??= copyMembers(value, members, i);
              setOwn(out, member.name, member.defaultValue());
            } else if (member.required) missingField(walk, member.name);
            continue;
          }
          // Written out although receivers fill it in: a bare browser reads this wire too.
          item = member.defaultIn;
          if (item === undefined) {
            if (member.required) missingField(walk, member.name);
            continue;
          }
        }
        const before = walk.count;
        const converted = converts[i]!(item, walk);
        if (walk.count !== before) within(walk, before, member.step);
        else if (out !== undefined) setOwn(out, member.name, converted);
        else if (mine && converted === item) kept++;
        else {
          out = copyMembers(value, members, i);
          setOwn(out, member.name, converted);
        }
      }
      if (out !== undefined) return out;
      return countKeys(value) === kept ? value : copyMembers(value, members, members.length);
    };
  };
  return { encode: side(false), decode: side(true) };
}

/** `{ type: "a", value: A }` on both sides and in JSON. */
function unionNode(type: UnionModel): Node {
  const names = unionTags(type);
  const nodes = new Map(type.members.map((member, index) => [names[index]!, nodeOf(member)]));
  const { typeField, valueField } = type;
  const each = (side: "encode" | "decode"): Convert => (value, walk) => {
    if (!isObject(value)) return invalidType(walk, value, "object");
    const name = getOwn(value, typeField, isInherited(typeField));
    if (name === undefined || name === null) return missingField(walk, typeField);
    const before = walk.count;
    const node = nodes.get(name as string);
    if (node === undefined) {
      invalidEnum(walk, name, names);
      return within(walk, before, "." + typeField);
    }
    const item = getOwn(value, valueField, isInherited(valueField));
    if (item === undefined || item === null) return missingField(walk, valueField);
    const out: Record<string, unknown> = {};
    setOwn(out, typeField, name);
    setOwn(out, valueField, node[side](item, walk));
    if (walk.count !== before) within(walk, before, "." + valueField);
    return out;
  };
  return { encode: each("encode"), decode: each("decode") };
}

function typeNode(type: TypeModel, view: string, shown?: ViewModel): Node {
  switch (type.kind) {
    case "user":
      return userNode(type, view);
    case "array":
      return arrayNode(nodeOf(type.elem, view));
    case "map":
      return compileMap(type);
    case "object":
      return objectNode(membersOf(type, shown));
    case "union":
      return unionNode(type);
    default:
      return primitiveNode(type.kind);
  }
}

/** Compiled user types by model and view. A half-made one (it contains itself) holds no functions yet. */
const compiled = new WeakMap<UserModel, Map<string, Partial<Node>>>();

function userNode(type: UserModel, view: string): Node {
  let views = compiled.get(type);
  if (views === undefined) compiled.set(type, views = new Map());
  const known = views.get(view);
  if (known !== undefined) {
    if (isLevel(type)) return levelOf(known);
    return known.encode !== undefined && known.decode !== undefined ? known as Node : linkTo(known);
  }
  const made: { encode?: Convert; decode?: Convert } = {};
  views.set(view, made);
  try {
    const shown = type.views === undefined ? undefined : viewOf(type, view);
    const { attribute } = type;
    const node = constrained(
      typeNode(attribute.type, attribute.view ?? view, shown),
      constraintsOf(attribute.validation, attribute.type),
    );
    made.encode = node.encode;
    made.decode = node.decode;
    return isLevel(type) ? levelOf(made) : node;
  } catch (error) {
    views.delete(view);
    throw error;
  }
}

function constrained(node: Node, check: Check | undefined): Node {
  if (check === undefined) return node;
  return {
    encode: (value, walk) => {
      const before = walk.count;
      const json = node.encode(value, walk);
      if (walk.count === before) check(value, walk);
      return json;
    },
    decode: (json, walk) => {
      const before = walk.count;
      const value = node.decode(json, walk);
      if (walk.count === before) check(value, walk);
      return value;
    },
  };
}

function nodeOf(attribute: AttributeModel, view = "default"): Node {
  const node = constrained(
    typeNode(attribute.type, attribute.view ?? view),
    constraintsOf(attribute.validation, attribute.type),
  );
  return isCredential(attribute) ? concealed(node) : node;
}

/** Problems of a credential are told without its value. */
function concealed(node: Node): Node {
  const side = (convert: Convert): Convert => (value, walk) => {
    const before = walk.count;
    const converted = convert(value, walk);
    if (walk.count !== before) conceal(walk, before);
    return converted;
  };
  return { encode: side(node.encode), decode: side(node.decode) };
}

/** Whether messages of a type may hold 64-bit integers. */
function holds64(type: TypeModel, seen: Set<TypeModel>): boolean {
  switch (type.kind) {
    case "int64":
    case "uint64":
      return true;
    case "user":
      if (seen.has(type)) return false;
      seen.add(type);
      return holds64(type.attribute.type, seen);
    case "array":
      return holds64(type.elem.type, seen);
    case "map":
      return holds64(type.key.type, seen) || holds64(type.elem.type, seen);
    case "object":
      return type.attributes.some((attribute) => holds64(attribute.type, seen));
    case "union":
      return type.members.some((member) => holds64(member.type, seen));
    default:
      return false;
  }
}

/** What is compiled of an attribute in one view, whatever it is called in messages. */
interface Root {
  readonly node: Node;
  readonly exact: boolean;
  /** Made when first used: many types of a design are not. */
  readonly compiled: () => Compiled;
}

const roots = new WeakMap<AttributeModel, Map<string, Root>>();

function rootOf(attribute: AttributeModel, asked: string): Root {
  const view = hasViews(attribute) ? attribute.view ?? asked : "default";
  let views = roots.get(attribute);
  if (views === undefined) roots.set(attribute, views = new Map());
  let root = views.get(view);
  if (root === undefined) {
    // A peer may name any view: before anything is kept.
    checkView(attribute, view);
    let code: Compiled | undefined;
    root = {
      node: nodeOf(attribute, view),
      exact: holds64(attribute.type, new Set()),
      compiled: () => code ??= compile(attribute, view, defaultText),
    };
    views.set(view, root);
  }
  return root;
}

function defaultText(attribute: AttributeModel, view: string | undefined, value: unknown): string {
  return jsonCodec(attribute, { root: "", context: "", view }).encode(value);
}

/**
 * Makes the JSON codec of an attribute in one view. What it compiles is kept per type, so that calling this again costs
 * next to nothing. Throws `invalid_enum_value` when the type has no such view.
 */
export function jsonCodec(attribute: AttributeModel, options: CodecOptions): JsonCodec {
  const { root, context, view = "default" } = options;
  const { node, exact, compiled } = rootOf(attribute, view);
  let code: Compiled | undefined;

  const run = (convert: Convert, value: unknown, raw: boolean, reuse: boolean): unknown => {
    const walk = newWalk(raw, reuse);
    const converted = convert(value, walk);
    if (walk.count !== 0) throw problemsError(walk, root, context);
    return converted;
  };
  const adopt = (json: Json): unknown =>
    (code ??= compiled()).fits(json) ? json : run(node.decode, json, exact, true);
  return {
    encode(value) {
      const text = (code ??= compiled()).encode(value);
      if (text !== undefined) return text;
      const json = run(node.encode, value, true, true);
      return exact && needsStringify ? stringifyJson(json) : JSON.stringify(json);
    },
    decode(text, size) {
      const { fits, scan } = code ??= compiled();
      const scanned = scan(text, size);
      if (scanned !== undefined) return scanned;
      if (exact && hasLong(text)) {
        const message = fits === NOT_COMPILED.fits ? undefined : parseLong(text, fits);
        if (message !== undefined) return message;
      }
      let json: Json;
      try {
        json = parseJson(text, exact);
      } catch (error) {
        // The parser's message may quote a password.
        const why = holdsCredential(attribute) ? "" : `: ${(error as Error).message}`;
        throw new ServiceError("decode_payload", `${context}: cannot decode ${root}${why}`, { cause: error });
      }
      return adopt(json);
    },
    adopt,
    plain: !exact,
    toJson: (value) => run(node.encode, value, false, false),
    fromJson: (json) => run(node.decode, json, true, false),
  };
}
