/**
 * Functions that check a value and write its message, made for one type.
 *
 * @module
 */
import type {
  ArrayModel,
  AttributeModel,
  FormatName,
  MapModel,
  PrimitiveKind,
  UnionModel,
} from "../design/model.ts";
import { FORMATS } from "../design/text_rules.ts";
import { areThere, constraintsCode, isKind, passes } from "./compile_checks.ts";
import { byteFormatOf, functionNames, validationsOf } from "./compile_proto_parts.ts";
import { defaultIn } from "./default.ts";
import { isObject } from "./json.ts";
import { MAX_DEPTH } from "./problem.ts";
import {
  f32,
  f64,
  FULL,
  i64,
  LEAVE,
  prefix,
  u32,
  u64,
  write32,
  write64,
  writeBytes,
  writeText,
  writeVarint,
  writeVarint64,
  writeZigzag64,
} from "./proto_bytes.ts";
import { writeAny } from "./proto_any.ts";
import { seenThrough } from "./proto_message.ts";
import { DELIMITED, type FieldEngine, wireOf } from "./proto_scalar.ts";
import type { ProtoField, ProtoMessage, ProtoPlan, ProtoScalar } from "./proto_schema.ts";
import { fitting, literal, sourceWriter, UNFIT } from "./source_writer.ts";
import { unionTags } from "./union.ts";
import { checkAny } from "./validate.ts";
import { underlying } from "./view.ts";

const isAny = passes(checkAny);

/** What a varint takes at most, or a scalar of fixed size, or the length before a text. */
const MAX_SCALAR = 10;
/** A tag. */
const MAX_TAG = 5;

/** What writes a value that is there. */
interface Piece {
  readonly code: string;
  /** What it writes without asking whether there is room, at most. */
  readonly room: number;
}

/** The bytes of a value; `undefined` where it takes a closer look. */
export type Encode = (value: unknown) => Uint8Array | undefined;

/** Makes the function; `undefined` where there is nothing to gain. */
export function compileProtoEncode(
  root: AttributeModel,
  rootMessage: ProtoMessage,
  rootView: string,
  fields: FieldEngine,
): Encode | undefined {
  const source = sourceWriter();
  const { fresh, named, get } = source;
  const functions = functionNames();
  const leave = `return ${LEAVE};`;
  const unless = (condition: string): string => `if (!(${condition})) ${leave}\n`;
  /** After what may have left no room, or failed. */
  const still = `if (p < 0) return p;\nif (p > room) return ${FULL};\n`;

  const constraints = (attribute: AttributeModel, x: string, skip?: FormatName): string =>
    constraintsCode(source, attribute.type, x, validationsOf(attribute), unless, skip);

  function tagCode(tag: number): string {
    let code = "";
    let rest = tag >>> 0;
    for (; rest > 127; rest >>>= 7) code += `b[p++] = ${rest & 127 | 128}; `;
    return `${code}b[p++] = ${rest};\n`;
  }

  const isObjectCode = (x: string): string =>
    `typeof ${x} === "object" && ${x} !== null && (prototypeOf(${x}) === plain || ${named(isObject)}(${x}))`;

  /** Leaves unless a variable is of the kind, and the scalar can carry it. */
  function kindCode(kind: Exclude<PrimitiveKind, "any">, scalar: ProtoScalar, x: string): string {
    const { limits } = wireOf(scalar);
    if (kind === "bytes") return unless(isKind(kind, x)) + unless(areThere(source, x));
    if (limits === undefined) return unless(isKind(kind, x));
    const [low, high] = limits;
    const signed = (kind === "int" || kind === "int32") && low === -2147483648;
    if (signed) return unless(isKind("int32", x));
    if ((kind === "uint" || kind === "uint32") && high === 4294967295) return unless(isKind("uint32", x));
    const code = unless(isKind(kind, x));
    if (kind === "int64" && low === -(2n ** 63n) || kind === "uint64" && high === 2n ** 64n - 1n) return code;
    const bound = (value: number | bigint) => typeof value === "bigint" ? `${value}n` : String(value);
    return code + unless(`${x} >= ${bound(low)} && ${x} <= ${bound(high)}`);
  }

  function isZero(kind: PrimitiveKind, x: string): string {
    switch (kind) {
      case "boolean":
        return `${x} === false`;
      case "string":
      case "bytes":
        return `${x}.length === 0`;
      case "int64":
      case "uint64":
        return `${x} === 0n`;
      default:
        // Not -0, which has a sign to keep.
        return `Object.is(${x}, 0)`;
    }
  }

  /** Writes a scalar that can be carried. */
  function scalarCode(kind: PrimitiveKind, scalar: ProtoScalar, x: string): string {
    const big = kind === "int64" || kind === "uint64";
    const small = big ? `Number(${x})` : x;
    const varint = (value: string) => {
      const n = fresh();
      return `const ${n} = ${value};\nif (${n} < 128) b[p++] = ${n}; else p = ${
        named(writeVarint)
      }(b, p, ${n});\n`;
    };
    const wide = (call: (...args: never[]) => number, memory: unknown = i64) =>
      `${named(memory)}[0] = ${big ? x : `BigInt(${x})`};\np = ${named(call)}(b, p);\n`;
    const bits = (memory: unknown, value: string) =>
      `${named(memory)}[0] = ${value};\np = ${named(memory === f64 ? write64 : write32)}(b, p${
        memory === f64 ? "" : `, ${named(u32)}[0]`
      });\n`;
    switch (scalar) {
      case "bool":
        return `b[p++] = ${x} ? 1 : 0;\n`;
      case "string":
        return `p = ${named(writeText)}(b, p, ${x});\n${still}`;
      case "bytes":
        return `p = ${named(writeBytes)}(b, p, ${x});\n${still}`;
      case "float":
        return bits(f32, x);
      case "double":
        return bits(f64, x);
      case "sint32": {
        const n = fresh();
        return `const ${n} = ${small};\n${varint(`(${n} << 1 ^ ${n} >> 31) >>> 0`)}`;
      }
      case "uint32":
        return varint(small);
      case "int32":
        // Of a negative one, 64 bits.
        return `${named(i64)}[0] = ${big ? x : `BigInt(${x})`};\np = ${named(writeVarint64)}(b, p);\n`;
      case "fixed32":
      case "sfixed32":
        return `p = ${named(write32)}(b, p, ${small});\n`;
      case "int64":
        return wide(writeVarint64);
      case "uint64":
        return wide(writeVarint64, u64);
      case "sint64":
        return wide(writeZigzag64);
      case "fixed64":
        return wide(write64, u64);
      case "sfixed64":
        return wide(write64);
    }
  }

  function writeValue(b: Uint8Array, at: number, value: unknown): number {
    const writer = fields.writer();
    writeAny(writer, value);
    return writeBytes(b, at, writer.finish());
  }

  /** Runs code that writes what a length stands before. */
  function delimited(code: string, tag: number): string {
    const at = fresh();
    return `${tagCode(tag)}const ${at} = p++;\n${code}p = ${named(prefix)}(b, ${at}, p);\n${still}`;
  }

  /** @param tag 0: none, the value stands in a packed field */
  function elementPiece(
    attribute: AttributeModel,
    plan: ProtoPlan,
    view: string,
    x: string,
    tag: number,
    bare: boolean,
  ): Piece {
    switch (plan.kind) {
      case "scalar": {
        const kind = underlying(attribute.type).kind as Exclude<PrimitiveKind, "any">;
        const format = byteFormatOf(attribute);
        const check = kindCode(kind, plan.scalar, x) + constraints(attribute, x, format?.name);
        // Of what is ASCII there are as many bytes; of what is not, those that are looked at do not pass either.
        const bytes = format &&
          unless(`${named(format.check)}(b, p - ${x}.length, p) || ${named(FORMATS[format.name])}(${x})`);
        const write = (tag === 0 ? "" : tagCode(tag)) + scalarCode(kind, plan.scalar, x) + (bytes ?? "");
        return {
          code: check + (bare && format === undefined ? `if (!(${isZero(kind, x)})) {\n${write}}\n` : write),
          room: MAX_TAG + MAX_SCALAR,
        };
      }
      case "message": {
        const name = bodyFunction(attribute, plan.message, view);
        const write = `p = ${name}(${x}, b, p, depth + 1);\nif (p < 0) return p;\n`;
        return { code: delimited(write, tag) + constraints(attribute, x), room: MAX_TAG + 1 };
      }
      case "any":
        return {
          code:
            `${unless(`${named(isAny)}(${x})`)}${tagCode(tag)}p = ${
              named(writeValue)
            }(b, p, ${x});\n${still}` +
            constraints(attribute, x),
          room: MAX_TAG,
        };
      default:
        throw UNFIT;
    }
  }

  function listPiece(
    attribute: AttributeModel,
    { number, plan }: ProtoField,
    view: string,
    x: string,
  ): Piece {
    const { elem } = underlying(attribute.type) as ArrayModel;
    const elemPlan = (plan as ProtoPlan & { kind: "list" }).elem;
    const wire = elemPlan.kind === "scalar" ? wireOf(elemPlan.scalar).wire : DELIMITED;
    const packed = wire !== DELIMITED;
    const item = fresh();
    const i = fresh();
    const piece = elementPiece(
      elem,
      elemPlan,
      seenThrough(attribute, view).view,
      item,
      packed ? 0 : number << 3 | wire,
      false,
    );
    const loop = `for (let ${i} = 0; ${i} < ${x}.length; ${i}++) {\nif (p > room) return ${FULL};\n` +
      `const ${item} = ${x}[${i}];\n${piece.code}}\nif (p > room) return ${FULL};\n`;
    const code = packed ? `if (${x}.length !== 0) {\n${delimited(loop, number << 3 | DELIMITED)}}\n` : loop;
    return {
      code: unless(`Array.isArray(${x})`) + code + constraints(attribute, x),
      room: piece.room + MAX_TAG + 1,
    };
  }

  function mapPiece(attribute: AttributeModel, { number, plan }: ProtoField, x: string): Piece {
    const type = underlying(attribute.type) as MapModel;
    const { key: scalar, elem: elemPlan } = plan as ProtoPlan & { kind: "map" };
    const isRecord = underlying(type.key.type).kind === "string";
    const k = fresh();
    const v = fresh();
    const wire = (of: ProtoPlan) => of.kind === "scalar" ? wireOf(of.scalar).wire : DELIMITED;
    const keyPlan: ProtoPlan = { kind: "scalar", scalar };
    const key = elementPiece(type.key, keyPlan, "default", k, 1 << 3 | wire(keyPlan), false);
    const elem = elementPiece(type.elem, elemPlan, "default", v, 2 << 3 | wire(elemPlan), false);
    const open = isRecord
      ? `for (const ${k} of Object.keys(${x})) {\nconst ${v} = ${x}[${k}];\nif (${v} === undefined) continue;\n`
      : `for (const [${k}, ${v}] of ${x}) {\n`;
    return {
      code: unless(isRecord ? isObjectCode(x) : `${x} instanceof Map`) +
        `${open}if (p > room) return ${FULL};\n${
          delimited(key.code + elem.code, number << 3 | DELIMITED)
        }}\n` +
        constraints(attribute, x),
      room: key.room + elem.room + MAX_TAG + 1,
    };
  }

  function slotPiece(
    attribute: AttributeModel,
    field: ProtoField,
    bare: boolean,
    view: string,
    x: string,
  ): Piece {
    const { plan, number } = field;
    if (plan.kind === "list") return listPiece(attribute, field, view, x);
    if (plan.kind === "map") return mapPiece(attribute, field, x);
    const wire = plan.kind === "scalar" ? wireOf(plan.scalar).wire : DELIMITED;
    return elementPiece(attribute, plan, view, x, number << 3 | wire, bare);
  }

  function unionPiece(type: UnionModel, fields: readonly ProtoField[], x: string): Piece {
    const tags = unionTags(type);
    if (new Set(tags).size !== tags.length) throw UNFIT;
    const tag = fresh();
    const item = fresh();
    let code = unless(isObjectCode(x)) +
      `const ${tag} = ${get(x, type.typeField)};\nconst ${item} = ${get(x, type.valueField)};\n` +
      unless(`${item} !== undefined && ${item} !== null`);
    let room = 0;
    for (const [index, member] of type.members.entries()) {
      const piece = fitting(() => slotPiece(member, fields[index]!, false, "default", item));
      if (piece === undefined) continue;
      room = Math.max(room, piece.room);
      code += `if (${tag} === ${literal(tags[index]!)}) {\n${piece.code}} else `;
    }
    return { code: `${code}${leave}\n`, room };
  }

  function objectPiece(attribute: AttributeModel, message: ProtoMessage, asked: string): Piece {
    const { shown } = seenThrough(attribute, asked);
    const views = shown && new Map(shown.attributes.map(({ name, view }) => [name, view]));
    let code = unless(isObjectCode("v"));
    let room = 0;
    for (const { attribute: member, fields } of message.members) {
      if (views?.has(member.name) === false) continue;
      const view = views?.get(member.name) ?? "default";
      const item = fresh();
      const type = underlying(member.type);
      const field = fields[0]!;
      const piece = fitting(() =>
        type.kind === "union"
          ? unionPiece(type, fields, item)
          : slotPiece(member, field, field.plan.kind === "scalar" && !field.optional, view, item)
      );
      room += piece?.room ?? 0;
      const write = piece?.code ?? leave;
      if (member.default !== undefined) {
        // Written out: peers that are not generated from the design cannot know it.
        const written = named(defaultIn(member.default, member.type));
        code += `let ${item} = ${get("v", member.name)};\n` +
          `if (${item} === undefined || ${item} === null) ${item} = ${written};\n{\n${write}}\n`;
        continue;
      }
      code += `const ${item} = ${get("v", member.name)};\n` +
        `if (${item} !== undefined && ${item} !== null) {\n${write}}${
          member.required ? ` else ${leave}` : ""
        }\n`;
    }
    return { code, room };
  }

  function bodyPiece(attribute: AttributeModel, message: ProtoMessage, view: string): Piece {
    if (message.shape === "union") {
      return unionPiece(underlying(attribute.type) as UnionModel, message.fields, "v");
    }
    if (message.shape === "wrapper") {
      const field = message.fields[0]!;
      const seen = seenThrough(attribute, view);
      // Whoever uses this body checks the attribute's own validations.
      const type = underlying(attribute.type);
      const inner: AttributeModel = { ...attribute, type, validation: {}, view: seen.view };
      return slotPiece(inner, field, field.plan.kind === "scalar", seen.view, "v");
    }
    return objectPiece(attribute, message, view);
  }

  /** The function that writes what is inside a message. */
  function bodyFunction(attribute: AttributeModel, message: ProtoMessage, view: string): string {
    return functions.of(attribute, message, view, (name) => {
      const piece = fitting(() => bodyPiece(attribute, message, view));
      const code = piece === undefined
        ? leave
        : `${
          unless(`depth < ${MAX_DEPTH}`)
        }const room = b.length - ${piece.room};\nif (p > room) return ${FULL};\n` +
          `${piece.code}return p;`;
      source.declare(`function ${name}(v, b, p, depth) {\n${code}\n}\n`);
    });
  }

  const name = bodyFunction(root, rootMessage, rootView);
  const pool = named(POOL);
  return source.make(`return function (v) {
const free = ${pool}.free;
let b = ${pool}.chunk, buffer = ${pool}.buffer, at = free;
// A getter of the value may encode messages of its own, or throw: nobody else shall write here meanwhile.
${pool}.free = -1;
let p = at < 0 ? ${FULL} : ${name}(v, b, at, 0);
for (let size = ${CHUNK_BYTES}; p === ${FULL}; size *= 4) {
b = new Uint8Array(size);
buffer = b.buffer;
p = ${name}(v, b, at = 0, 0);
}
if (b.length > ${CHUNK_BYTES}) {
${pool}.free = free;
// A large message has memory of its own, and no more than it needs.
return p < 0 ? undefined : b.slice(0, p);
}
if (b !== ${pool}.chunk) {
${pool}.chunk = b;
${pool}.buffer = buffer;
}
${pool}.free = at;
if (p < 0) return undefined;
${constraints(root, "v").replaceAll(leave, "return undefined;")}${pool}.free = p;
return new Uint8Array(buffer, at, p - at);
};`) as Encode | undefined;
}

/** Messages share memory in pieces of this size. */
const CHUNK_BYTES = 16 * 1024;
/** Memory for the next messages, from `free` on; -1 while somebody writes. */
const POOL = { chunk: new Uint8Array(), buffer: new ArrayBuffer(), free: -1 };
