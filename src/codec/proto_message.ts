/**
 * Messages in protobuf: closures specialised per type and view, straight between values and bytes. They know presence
 * (a zero that was sent is told from an absent field where the message tells them apart), write 64 bits exactly and
 * never recurse deeper than {@linkcode MAX_DEPTH}.
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
  ViewModel,
} from "../design/model.ts";
import { innermost, isLevel } from "../design/recursion.ts";
import { isCredential } from "./credentials.ts";
import { defaultIn, defaultMaker } from "./default.ts";
import { getOwn, isInherited, isObject, jsonCodec, setOwn } from "./json.ts";
import {
  conceal,
  invalidEnum,
  invalidType,
  keyStep,
  MAX_DEPTH,
  MAX_PROBLEMS,
  missingField,
  tooDeep,
  type Walk,
  within,
} from "./problem.ts";
import { readAny, readFields, writeAny } from "./proto_any.ts";
import { DELIMITED, leafOf, type Reader, type Writer } from "./proto_scalar.ts";
import type { ProtoField, ProtoMember, ProtoMessage, ProtoPlan } from "./proto_schema.ts";
import { type Check, checkAny, constraintsOf } from "./validate.ts";
import { unionTags } from "./union.ts";
import { underlying, viewOf } from "./view.ts";

/** What is inside a message, without its length. */
export interface Body {
  /** Validates a value and writes its fields. */
  encode(value: unknown, writer: Writer, walk: Walk): void;
  /** Reads fields up to the reader's end and validates what they make. */
  decode(reader: Reader, walk: Walk): unknown;
}

/** A value that fills a field by itself, or is one of several. */
interface Element {
  readonly wire: number;
  readonly packable: boolean;
  /** Writes the tag (0: none, the value stands in a packed field) and the value; with `bare`, no zero. */
  encode(value: unknown, writer: Writer, walk: Walk, tag: number, bare: boolean): void;
  /** Reads the value after its tag. */
  decode(reader: Reader, walk: Walk): unknown;
  /** What an absent value stands for; `undefined` when absence means that there is none. */
  zero(walk: Walk): unknown;
}

/** What is at one field number. */
interface Slot {
  encode(value: unknown, writer: Writer, walk: Walk): void;
  /** Takes one occurrence of the field; {@linkcode SKIP} when it is of another wire type, and so unknown. */
  accept(reader: Reader, wire: number, current: unknown, walk: Walk): unknown;
  /** The value when the field did not occur. */
  absent(walk: Walk): unknown;
  /** Checks the value once all of it was read. */
  finish?(value: unknown, walk: Walk): void;
}

const SKIP = Symbol("skip");

/** All validations on the way from an attribute to its underlying type. */
export function checksOf(attribute: AttributeModel): Check | undefined {
  const checks: Check[] = [];
  for (let at: AttributeModel | undefined = attribute; at !== undefined;) {
    const check = constraintsOf(at.validation, at.type);
    // The innermost first, as the JSON codec does.
    if (check !== undefined) checks.unshift(check);
    at = at.type.kind === "user" ? at.type.attribute : undefined;
  }
  if (checks.length <= 1) return checks[0];
  return (value, walk) => {
    const before = walk.count;
    for (let i = 0; i < checks.length && walk.count === before; i++) checks[i]!(value, walk);
  };
}

/** The view in force below the names of a type, and what it shows. */
export function seenThrough(
  attribute: AttributeModel,
  asked: string,
): { view: string; shown: ViewModel | undefined } {
  let view = attribute.view ?? asked;
  let shown: ViewModel | undefined;
  let { type } = attribute;
  while (type.kind === "user") {
    if (type.views !== undefined) shown = viewOf(type, view);
    view = type.attribute.view ?? view;
    type = type.attribute.type;
  }
  return { view, shown };
}

function scalarElement(
  attribute: AttributeModel,
  plan: ProtoPlan & { kind: "scalar" },
  constraint?: Check,
): Element {
  const kind = underlying(attribute.type).kind as Exclude<PrimitiveKind, "any">;
  const { wire, packable, check, write, read, trusted, isZero } = leafOf(kind, plan.scalar);
  const zero = (): unknown => kind === "bytes" ? new Uint8Array() : leafZero;
  const leafZero = leafOf(kind, plan.scalar).zero;
  return {
    wire,
    packable,
    encode: (value, writer, walk, tag, bare) => {
      const before = walk.count;
      check(value, walk);
      if (walk.count !== before) return;
      if (constraint !== undefined) {
        constraint(value, walk);
        if (walk.count !== before) return;
      }
      if (bare && isZero(value)) return;
      if (tag !== 0) writer.uint32(tag);
      write(writer, value);
    },
    decode: (reader, walk) => {
      const value = read(reader);
      if (trusted) constraint?.(value, walk);
      else {
        const before = walk.count;
        check(value, walk);
        if (constraint !== undefined && walk.count === before) constraint(value, walk);
      }
      return value;
    },
    zero: (walk) => {
      const value = zero();
      constraint?.(value, walk);
      return value;
    },
  };
}

function anyElement(constraint: Check | undefined): Element {
  return {
    wire: DELIMITED,
    packable: false,
    encode: (value, writer, walk, tag) => {
      const before = walk.count;
      checkAny(value, walk);
      if (walk.count === before) constraint?.(value, walk);
      if (walk.count !== before) return;
      writer.uint32(tag).fork();
      writeAny(writer, value);
      writer.ldelim();
    },
    decode: (reader, walk) => {
      const value = readAny(reader);
      const before = walk.count;
      checkAny(value, walk);
      if (walk.count === before) constraint?.(value, walk);
      return value;
    },
    zero: () => undefined,
  };
}

/** Runs `body` on a length-delimited message. */
function readNested(reader: Reader, body: Body, walk: Walk): unknown {
  const end = reader.uint32() + reader.pos;
  const outer = reader.len;
  if (end > outer) throw new RangeError("message ends early");
  reader.len = end;
  const value = body.decode(reader, walk);
  if (reader.pos !== end) throw new RangeError("field ends beyond its message");
  reader.len = outer;
  return value;
}

function messageElement(body: Body, constraint: Check | undefined): Element {
  return {
    wire: DELIMITED,
    packable: false,
    encode: (value, writer, walk, tag) => {
      const before = walk.count;
      writer.uint32(tag).fork();
      body.encode(value, writer, walk);
      writer.ldelim();
      if (constraint !== undefined && walk.count === before) constraint(value, walk);
    },
    decode: (reader, walk) => {
      const before = walk.count;
      const value = readNested(reader, body, walk);
      if (constraint !== undefined && walk.count === before) constraint(value, walk);
      return value;
    },
    zero: () => undefined,
  };
}

function elementOf(attribute: AttributeModel, plan: ProtoPlan, view: string): Element {
  const constraint = checksOf(attribute);
  switch (plan.kind) {
    case "scalar":
      return scalarElement(attribute, plan, constraint);
    case "any":
      return anyElement(constraint);
    case "message":
      return messageElement(bodyOf(attribute, plan.message, view), constraint);
    default:
      throw new TypeError("Cannot repeat what is repeated in protobuf");
  }
}

function singleSlot(element: Element, number: number, bare: boolean): Slot {
  const { wire } = element;
  const tag = number << 3 | wire;
  return {
    encode: (value, writer, walk) => element.encode(value, writer, walk, tag, bare),
    accept: (reader, found, _current, walk) => found === wire ? element.decode(reader, walk) : SKIP,
    absent: (walk) => bare ? element.zero(walk) : undefined,
  };
}

function listSlot(type: ArrayModel, plan: ProtoPlan, number: number, required: boolean, view: string): Slot {
  const element = elementOf(type.elem, plan, view);
  const { wire, packable } = element;
  const tag = number << 3 | wire;
  const packed = number << 3 | DELIMITED;
  const push = (list: unknown[], reader: Reader, walk: Walk): void => {
    const before = walk.count;
    const value = element.decode(reader, walk);
    if (walk.count !== before) within(walk, before, `[${list.length}]`);
    list.push(value);
  };
  return {
    encode: (value, writer, walk) => {
      if (!Array.isArray(value)) return invalidType(walk, value, "array");
      if (value.length === 0) return;
      if (packable) writer.uint32(packed).fork();
      for (let i = 0; i < value.length; i++) {
        const before = walk.count;
        element.encode(value[i], writer, walk, packable ? 0 : tag, false);
        if (walk.count !== before) {
          within(walk, before, `[${i}]`);
          if (walk.count >= MAX_PROBLEMS) break;
        }
      }
      if (packable) writer.ldelim();
    },
    accept: (reader, found, current, walk) => {
      const list = (current ?? []) as unknown[];
      if (found === wire) {
        push(list, reader, walk);
      } else if (packable && found === DELIMITED) {
        // Decoders must take both forms, whatever the sender's .proto says.
        const end = reader.uint32() + reader.pos;
        const outer = reader.len;
        if (end > outer) throw new RangeError("packed field ends early");
        reader.len = end;
        while (reader.pos < end) push(list, reader, walk);
        if (reader.pos !== end) throw new RangeError("value ends beyond its packed field");
        reader.len = outer;
      } else return SKIP;
      return list;
    },
    absent: () => required ? [] : undefined,
  };
}

function mapSlot(
  type: MapModel,
  plan: ProtoPlan & { kind: "map" },
  number: number,
  required: boolean,
): Slot {
  const key = elementOf(type.key, { kind: "scalar", scalar: plan.key }, "default");
  const elem = elementOf(type.elem, plan.elem, "default");
  const tag = number << 3 | DELIMITED;
  const keyTag = 1 << 3 | key.wire;
  const elemTag = 2 << 3 | elem.wire;
  const isRecord = underlying(type.key.type).kind === "string";
  // A value that is absent is its zero; that of a message is the empty one, read from nothing.
  const nothing = (reader: Reader, walk: Walk): unknown => {
    const zero = elem.zero(walk);
    return zero !== undefined
      ? zero
      : plan.elem.kind === "any"
      ? null
      : elem.decode(emptyReader(reader), walk);
  };
  return {
    encode: (value, writer, walk) => {
      if (isRecord ? !isObject(value) : !(value instanceof Map)) return invalidType(walk, value, "map");
      const entries = isRecord ? Object.entries(value as object) : value as Map<unknown, unknown>;
      for (const [k, v] of entries) {
        if (isRecord && v === undefined) continue;
        const before = walk.count;
        writer.uint32(tag).fork();
        key.encode(k, writer, walk, keyTag, false);
        elem.encode(v, writer, walk, elemTag, false);
        writer.ldelim();
        if (walk.count !== before) {
          within(walk, before, keyStep(k));
          if (walk.count >= MAX_PROBLEMS) break;
        }
      }
    },
    accept: (reader, found, current, walk) => {
      if (found !== DELIMITED) return SKIP;
      const into = (current ?? (isRecord ? {} : new Map())) as
        | Map<unknown, unknown>
        | Record<string, unknown>;
      const before = walk.count;
      let k: unknown = undefined;
      let v: unknown = undefined;
      readFields(reader, (inner) => {
        if (inner === keyTag) k = key.decode(reader, walk);
        else if (inner === elemTag) v = elem.decode(reader, walk);
        else return false;
        return true;
      });
      if (k === undefined) k = key.zero(walk);
      if (v === undefined) v = nothing(reader, walk);
      if (walk.count !== before) within(walk, before, keyStep(k));
      else if (isRecord) setOwn(into as Record<string, unknown>, k as string, v);
      else (into as Map<unknown, unknown>).set(k, v);
      return into;
    },
    absent: () => required ? (isRecord ? {} : new Map()) : undefined,
  };
}

/** A reader of the same class on a message of no fields: its length, 0. */
function emptyReader(reader: Reader): Reader {
  return new (reader.constructor as new (bytes: Uint8Array) => Reader)(new Uint8Array(1));
}

/** Counts the values of an attribute that have no message of their own, if they are levels. */
function levelSlot(attribute: AttributeModel, slot: Slot): Slot {
  const { type } = attribute;
  if (type.kind !== "user" || !isLevel(innermost(type))) return slot;
  return {
    ...slot,
    encode: (value, writer, walk) => {
      if (walk.depth > MAX_DEPTH) return tooDeep(walk);
      walk.depth++;
      slot.encode(value, writer, walk);
      walk.depth--;
    },
    accept: levelAccept(slot.accept),
  };
}

function levelAccept(accept: Slot["accept"]): Slot["accept"] {
  return (reader, wire, current, walk) => {
    if (walk.depth > MAX_DEPTH) {
      tooDeep(walk);
      return SKIP;
    }
    walk.depth++;
    const value = accept(reader, wire, current, walk);
    walk.depth--;
    return value;
  };
}

/** `bare`: the field tells no presence, so that its zero is not sent. */
function slotOf(
  attribute: AttributeModel,
  field: ProtoField,
  bare: boolean,
  required: boolean,
  view: string,
): Slot {
  const { plan, number } = field;
  if (plan.kind !== "list" && plan.kind !== "map") {
    return singleSlot(elementOf(attribute, plan, view), number, bare);
  }
  const type = underlying(attribute.type);
  const slot = levelSlot(
    attribute,
    plan.kind === "list"
      ? listSlot(type as ArrayModel, plan.elem, number, required, seenThrough(attribute, view).view)
      : mapSlot(type as MapModel, plan, number, required),
  );
  const constraint = checksOf(attribute);
  if (constraint === undefined) return slot;
  return {
    ...slot,
    encode: (value, writer, walk) => {
      const before = walk.count;
      slot.encode(value, writer, walk);
      if (walk.count === before) constraint(value, walk);
    },
    finish: constraint,
  };
}

/** A member of an object, compiled. */
interface Member {
  readonly name: string;
  readonly inherited: boolean;
  readonly step: string;
  readonly secret: boolean;
  readonly required: boolean;
  readonly slot: Slot;
  readonly defaultIn?: unknown;
  readonly defaultValue?: () => unknown;
}

/** How an occurrence of a field becomes part of the member at `index`. */
interface Entry {
  readonly index: number;
  readonly step: string;
  readonly secret?: boolean;
  readonly accept: Slot["accept"];
}

/** Finds entries by field number: an array as long as numbers are small. */
function lookup(entries: ReadonlyMap<number, Entry>): (number: number) => Entry | undefined {
  const highest = Math.max(0, ...entries.keys());
  if (highest > 1000) return (number) => entries.get(number);
  const table: (Entry | undefined)[] = Array.from(
    { length: highest + 1 },
    (_, number) => entries.get(number),
  );
  return (number) => number <= highest ? table[number] : undefined;
}

/** The members of a union as one slot over several fields. */
function unionSlot(
  type: UnionModel,
  fields: readonly ProtoField[],
): Slot & { entries(index: number, step: string): [number, Entry][] } {
  const { typeField, valueField } = type;
  const names = unionTags(type);
  const slots = type.members.map((member, index) => slotOf(member, fields[index]!, false, false, "default"));
  const byName = new Map(names.map((name, index) => [name, slots[index]!]));
  return {
    encode: (value, writer, walk) => {
      if (!isObject(value)) return invalidType(walk, value, "object");
      const name = getOwn(value, typeField, isInherited(typeField));
      if (name === undefined || name === null) return missingField(walk, typeField);
      const before = walk.count;
      const slot = byName.get(name as string);
      if (slot === undefined) {
        invalidEnum(walk, name, names);
        return within(walk, before, "." + typeField);
      }
      const item = getOwn(value, valueField, isInherited(valueField));
      if (item === undefined || item === null) return missingField(walk, valueField);
      slot.encode(item, writer, walk);
      if (walk.count !== before) within(walk, before, "." + valueField);
    },
    accept: () => SKIP,
    absent: () => undefined,
    entries: (index, step) =>
      slots.map((slot, member): [number, Entry] => [fields[member]!.number, {
        index,
        step,
        accept: (reader, wire, _current, walk) => {
          const before = walk.count;
          const item = slot.accept(reader, wire, undefined, walk);
          if (walk.count !== before) within(walk, before, "." + valueField);
          if (item === SKIP) return SKIP;
          const out: Record<string, unknown> = {};
          setOwn(out, typeField, names[member]);
          setOwn(out, valueField, item);
          return out;
        },
      }]),
  };
}

/** Reads fields into one value per member. */
function readInto(
  reader: Reader,
  values: unknown[],
  find: (number: number) => Entry | undefined,
  walk: Walk,
): void {
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const number = tag >>> 3;
    if (number === 0) throw new RangeError("illegal tag");
    const entry = find(number);
    if (entry !== undefined) {
      const before = walk.count;
      const value = entry.accept(reader, tag & 7, values[entry.index], walk);
      if (walk.count !== before) withinMember(walk, before, entry);
      if (value !== SKIP) {
        values[entry.index] = value;
        continue;
      }
    }
    reader.skipType(tag & 7);
  }
}

function objectBody(message: ProtoMessage, shown: ViewModel | undefined): Body {
  const views = shown && new Map(shown.attributes.map(({ name, view }) => [name, view]));
  const entries = new Map<number, Entry>();
  const members = message.members
    .filter(({ attribute }) => views?.has(attribute.name) ?? true)
    .map((member, index) => compileMember(member, index, views?.get(member.attribute.name), entries));
  const find = lookup(entries);
  return {
    encode: (value, writer, walk) => {
      if (!isObject(value)) return invalidType(walk, value, "object");
      for (let i = 0; i < members.length; i++) {
        const member = members[i]!;
        let item = getOwn(value, member.name, member.inherited);
        if (item === undefined || item === null) {
          // Written out: peers that are not generated from the design cannot know it.
          item = member.defaultIn;
          if (item === undefined) {
            if (member.required) missingField(walk, member.name);
            continue;
          }
        }
        const before = walk.count;
        member.slot.encode(item, writer, walk);
        if (walk.count !== before) withinMember(walk, before, member);
      }
    },
    decode: (reader, walk) => {
      const values: unknown[] = new Array(members.length);
      readInto(reader, values, find, walk);
      const out: Record<string, unknown> = {};
      for (let i = 0; i < members.length; i++) {
        const member = members[i]!;
        const before = walk.count;
        let value = values[i];
        // The null of an Any is absence, as it is in JSON.
        if (value === undefined || value === null) {
          value = member.defaultValue !== undefined ? member.defaultValue() : member.slot.absent(walk);
          if (value === undefined) {
            if (member.required) missingField(walk, member.name);
            continue;
          }
        }
        member.slot.finish?.(value, walk);
        if (walk.count !== before) withinMember(walk, before, member);
        setOwn(out, member.name, value);
      }
      return out;
    },
  };
}

/** Names the attribute in which problems were found; of a credential they are told without its value. */
function withinMember(
  walk: Walk,
  before: number,
  { step, secret }: { readonly step: string; readonly secret?: boolean },
): void {
  if (secret) conceal(walk, before);
  within(walk, before, step);
}

function compileMember(
  { attribute, fields }: ProtoMember,
  index: number,
  view: string | undefined,
  entries: Map<number, Entry>,
): Member {
  const { name } = attribute;
  const step = "." + name;
  const secret = isCredential(attribute);
  const type = underlying(attribute.type);
  const [field] = fields;
  let slot: Slot;
  if (type.kind === "union") {
    const union = unionSlot(type, fields);
    slot = levelSlot(attribute, union);
    for (const [number, entry] of union.entries(index, step)) {
      entries.set(number, slot === union ? entry : { ...entry, accept: levelAccept(entry.accept) });
    }
  } else {
    const bare = field!.plan.kind === "scalar" && !field!.optional;
    slot = slotOf(attribute, field!, bare, attribute.required, view ?? "default");
    entries.set(field!.number, { index, step, secret, accept: slot.accept });
  }
  const base = { name, inherited: isInherited(name), step, secret, slot };
  if (attribute.default === undefined) return { ...base, required: attribute.required };
  const written = defaultIn(attribute.default, attribute.type);
  const sides = () =>
    jsonCodec(attribute, { root: name, context: `default of ${name}`, ...(view && { view }) });
  return { ...base, required: false, defaultIn: written, defaultValue: defaultMaker(written, sides) };
}

/** The value itself, in field 1. */
function wrapperBody(attribute: AttributeModel, message: ProtoMessage, view: string): Body {
  const field = message.fields[0]!;
  const seen = seenThrough(attribute, view);
  // Whoever uses this body checks the attribute's own validations.
  const inner: AttributeModel = {
    ...attribute,
    type: underlying(attribute.type),
    validation: {},
    view: seen.view,
  };
  const slot = slotOf(inner, field, field.plan.kind === "scalar", true, seen.view);
  const find = lookup(new Map([[field.number, { index: 0, step: "", accept: slot.accept }]]));
  return {
    encode: slot.encode,
    decode: (reader, walk) => {
      const values: unknown[] = [undefined];
      readInto(reader, values, find, walk);
      const value = values[0] === undefined ? slot.absent(walk) : values[0];
      return value === undefined ? null : value;
    },
  };
}

function unionBody(type: UnionModel, message: ProtoMessage): Body {
  const slot = unionSlot(type, message.fields);
  const find = lookup(new Map(slot.entries(0, "")));
  return {
    encode: slot.encode,
    decode: (reader, walk) => {
      const values: unknown[] = [undefined];
      readInto(reader, values, find, walk);
      return values[0] === undefined ? missingField(walk, type.typeField) : values[0];
    },
  };
}

const compiled = new WeakMap<ProtoMessage, Map<UserModel, Map<string, Partial<Body>>>>();

function compileBody(attribute: AttributeModel, message: ProtoMessage, view: string): Body {
  switch (message.shape) {
    case "union":
      return unionBody(underlying(attribute.type) as UnionModel, message);
    case "wrapper":
      return wrapperBody(attribute, message, view);
    default:
      return objectBody(message, seenThrough(attribute, view).shown);
  }
}

/** Compiles what is inside a message that carries an attribute; for a user type in one view, once. */
export function bodyOf(attribute: AttributeModel, message: ProtoMessage, asked: string): Body {
  const { type } = attribute;
  if (type.kind !== "user") return compileBody(attribute, message, asked);
  const view = attribute.view ?? asked;
  let users = compiled.get(message);
  if (users === undefined) compiled.set(message, users = new Map());
  let views = users.get(type);
  if (views === undefined) users.set(type, views = new Map());
  const isOne = isLevel(innermost(type));
  const known = views.get(view);
  if (known !== undefined) {
    if (isOne) return levelOf(known);
    return known.encode !== undefined && known.decode !== undefined ? known as Body : linkTo(known);
  }
  const made: Partial<Body> = {};
  views.set(view, made);
  try {
    Object.assign(made, compileBody(attribute, message, view));
    return isOne ? levelOf(made) : made as Body;
  } catch (error) {
    views.delete(view);
    throw error;
  }
}

/** A type that is still being made, as one that contains itself is: looked up when used. */
function linkTo(body: Partial<Body>): Body {
  return {
    encode: (value, writer, walk) => body.encode!(value, writer, walk),
    decode: (reader, walk) => body.decode!(reader, walk),
  };
}

/** The same of a type whose values are levels: counted, so that no message can exhaust the stack. */
function levelOf(body: Partial<Body>): Body {
  return {
    encode: (value, writer, walk) => {
      if (walk.depth > MAX_DEPTH) return tooDeep(walk);
      walk.depth++;
      body.encode!(value, writer, walk);
      walk.depth--;
    },
    decode: (reader, walk) => {
      if (walk.depth > MAX_DEPTH) {
        reader.pos = reader.len;
        return tooDeep(walk);
      }
      walk.depth++;
      const value = body.decode!(reader, walk);
      walk.depth--;
      return value;
    },
  };
}
