/**
 * Messages whose parts come apart: a field that holds one message may occur several times, and what it holds is the
 * fields of all of them (protobuf.dev/programming-guides/encoding, "Last One Wins"), as where a message was made by
 * appending to another. Hardly any are; so that codecs need not know, those are put together first.
 *
 * @module
 */
import { MAX_DEPTH } from "./problem.ts";
import { DELIMITED, type Reader } from "./proto_scalar.ts";
import type { ProtoField, ProtoMessage, ProtoPlan } from "./proto_schema.ts";

/** What is looked at of a field. */
interface Field {
  readonly number: number;
  readonly oneof: string | undefined;
  /** Whether it holds one message, rather than one in each of its occurrences. */
  readonly single: boolean;
  /** The fields of what it holds; `undefined` where that is no message of ours. */
  readonly inside: Fields | undefined;
}
type Fields = ReadonlyMap<number, Field>;

/** Bytes that give way to others. */
interface Edit {
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
}

/** Where a field occurred: from its tag to its end, and where its content begins; three numbers for each time. */
type Places = number[];

type MakeReader = (bytes: Uint8Array) => Reader;

const known = new WeakMap<ProtoMessage, Fields>();

function fieldsOf(message: ProtoMessage): Fields {
  let fields = known.get(message);
  if (fields === undefined) {
    const made = new Map<number, Field>();
    known.set(message, fields = made);
    for (const field of message.fields) made.set(field.number, fieldOf(field));
  }
  return fields;
}

function fieldOf({ number, plan, oneof }: Pick<ProtoField, "number" | "plan" | "oneof">): Field {
  return { number, oneof, single: plan.kind === "message", inside: inside(plan) };
}

function inside(plan: ProtoPlan): Fields | undefined {
  switch (plan.kind) {
    case "message":
      return fieldsOf(plan.message);
    case "list":
      return inside(plan.elem);
    case "map":
      return plan.elem.kind === "message"
        ? new Map([[2, fieldOf({ number: 2, plan: plan.elem })]])
        : undefined;
  }
}

/**
 * Puts a message together.
 *
 * @returns The same bytes where there is nothing to do, or where they are no message: whoever reads them will say so
 */
export function rejoined(message: ProtoMessage, bytes: Uint8Array, make: MakeReader): Uint8Array {
  try {
    return joinFields(fieldsOf(message), bytes, make(bytes), bytes.length, make, 0) ?? bytes;
  } catch {
    return bytes;
  }
}

/** Puts together what comes up to an end; `undefined`: nothing to do. */
function joinFields(
  fields: Fields,
  bytes: Uint8Array,
  reader: Reader,
  end: number,
  make: MakeReader,
  depth: number,
): Uint8Array | undefined {
  const start = reader.pos;
  if (depth > MAX_DEPTH) {
    reader.pos = end;
    return undefined;
  }
  let edits: Edit[] | undefined;
  let singles: Map<Field, Places> | undefined;
  /** Those whose other occurrences another member of their union has taken away. */
  let over: [Field, Places][] | undefined;
  /** Of each union, the member that came last. */
  let last: Map<string, Field> | undefined;
  while (reader.pos < end) {
    const from = reader.pos;
    const tag = reader.uint32();
    const field = fields.get(tag >>> 3);
    if (field?.oneof !== undefined) {
      const before = (last ??= new Map()).get(field.oneof);
      const places = before !== field && before !== undefined ? singles?.get(before) : undefined;
      if (places !== undefined) {
        (over ??= []).push([before!, places]);
        singles!.delete(before!);
      }
      last.set(field.oneof, field);
    }
    if (field?.inside === undefined || (tag & 7) !== DELIMITED) {
      reader.skipType(tag & 7);
      continue;
    }
    const length = reader.uint32();
    const at = reader.pos;
    const to = at + length;
    if (to > end) throw new RangeError("message ends early");
    if (field.single) {
      const places = (singles ??= new Map()).get(field);
      if (places === undefined) singles.set(field, [from, at, to]);
      else places.push(from, at, to);
    } else if (length > 0) {
      const made = joinFields(field.inside, bytes, reader, to, make, depth + 1);
      if (made !== undefined) (edits ??= []).push({ from, to, bytes: delimited(field, made) });
    }
    reader.pos = to;
  }
  for (const found of [singles, over]) {
    if (found === undefined) continue;
    for (const [field, places] of found) {
      const whole = places.length === 3
        ? joinOne(field, places, bytes, reader, make, depth)
        : joinMany(field, places, bytes, make, depth);
      if (whole === undefined) continue;
      edits ??= [];
      for (let i = 0; i < places.length; i += 3) {
        const first = i === 0 ? delimited(field, whole) : NOTHING;
        edits.push({ from: places[i]!, to: places[i + 2]!, bytes: first });
      }
    }
  }
  reader.pos = end;
  return edits && edited(bytes, start, end, edits);
}

function joinOne(
  { inside }: Field,
  [, at, to]: Places,
  bytes: Uint8Array,
  reader: Reader,
  make: MakeReader,
  depth: number,
): Uint8Array | undefined {
  reader.pos = at!;
  return at === to ? undefined : joinFields(inside!, bytes, reader, to!, make, depth + 1);
}

function joinMany(
  { inside }: Field,
  places: Places,
  bytes: Uint8Array,
  make: MakeReader,
  depth: number,
): Uint8Array {
  let size = 0;
  for (let i = 0; i < places.length; i += 3) size += places[i + 2]! - places[i + 1]!;
  const whole = new Uint8Array(size);
  let at = 0;
  for (let i = 0; i < places.length; i += 3) at = copy(bytes, places[i + 1]!, places[i + 2]!, whole, at);
  return joinFields(inside!, whole, make(whole), size, make, depth + 1) ?? whole;
}

const NOTHING = new Uint8Array(0);

/** With tag and length. */
function delimited({ number }: Field, content: Uint8Array): Uint8Array {
  return concat([varint((number << 3 | DELIMITED) >>> 0), varint(content.length), content]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  bytes.push(value);
  return Uint8Array.from(bytes);
}

function edited(bytes: Uint8Array, start: number, end: number, edits: Edit[]): Uint8Array {
  edits.sort((a, b) => a.from - b.from);
  let size = end - start;
  for (const { from, to, bytes } of edits) size += bytes.length - (to - from);
  const whole = new Uint8Array(size);
  let at = 0;
  let done = start;
  for (const { from, to, bytes: other } of edits) {
    at = copy(bytes, done, from, whole, at);
    at = copy(other, 0, other.length, whole, at);
    done = to;
  }
  copy(bytes, done, end, whole, at);
  return whole;
}

/** Most are short: a view of them would cost more than they do. */
function copy(of: Uint8Array, from: number, to: number, into: Uint8Array, at: number): number {
  if (to - from > 48) into.set(of.subarray(from, to), at);
  else for (let i = from; i < to; i++) into[at + i - from] = of[i]!;
  return at + to - from;
}

/** Bytes of several arrays in one. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const part of parts) at = copy(part, 0, part.length, whole, at);
  return whole;
}
