/**
 * Functions that read a message and check what it makes, made for one type.
 *
 * @module
 */
import type {
  ArrayModel,
  AttributeModel,
  FormatName,
  MapModel,
  NamedAttributeModel,
  PrimitiveKind,
  UnionModel,
} from "../design/model.ts";
import { FORMATS } from "../design/text_rules.ts";
import { constraintsCode, isKind, passes } from "./compile_checks.ts";
import { byteFormatOf, functionNames, validationsOf } from "./compile_proto_parts.ts";
import { defaultIn, defaultMaker } from "./default.ts";
import { jsonCodec, setOwn } from "./json.ts";
import { MAX_DEPTH, newWalk } from "./problem.ts";
import {
  f32,
  f64,
  i64,
  read32,
  read64,
  readText,
  readVarint,
  readVarint64,
  readZigzag64,
  skipField,
  u32,
  u64,
} from "./proto_bytes.ts";
import { readAny } from "./proto_any.ts";
import { checksOf, seenThrough } from "./proto_message.ts";
import { DELIMITED, type FieldEngine, leafOf, wireOf } from "./proto_scalar.ts";
import type { ProtoField, ProtoMember, ProtoMessage, ProtoPlan, ProtoScalar } from "./proto_schema.ts";
import { fitting, literal, sourceWriter, UNFIT } from "./source_writer.ts";
import { unionTags } from "./union.ts";
import { checkAny } from "./validate.ts";
import { underlying } from "./view.ts";

/** The value of bytes; `undefined` where it takes a closer look. */
export type Decode = (bytes: Uint8Array) => unknown;

const isAny = passes(checkAny);

/** A local variable of a function that gathers a member, and what becomes of it. */
interface Local {
  readonly name: string;
  /** Cases of the switch over tags. */
  readonly cases: string;
  /** What is done once all fields were read. */
  readonly finish: string;
  /** Whether it has a value then. */
  readonly certain: boolean;
}

/** Makes the function; `undefined` where there is nothing to gain. */
export function compileProtoDecode(
  root: AttributeModel,
  rootMessage: ProtoMessage,
  rootView: string,
  fields: FieldEngine,
): Decode | undefined {
  const source = sourceWriter();
  const { fresh, named } = source;
  const functions = functionNames();
  const leave = "return undefined;";
  const unless = (condition: string): string => `if (!(${condition})) ${leave}\n`;

  const orElse = (x: string, value: string): string => `if (${x} === undefined) ${x} = ${value};\n`;

  const constraints = (attribute: AttributeModel, x: string, skip?: FormatName): string =>
    constraintsCode(source, attribute.type, x, validationsOf(attribute), unless, skip);

  /** Reads a varint of 32 bits, most of which are a byte. */
  const varint = (n: string): string =>
    `let ${n} = b[p++];\nif (${n} > 127) { ${n} = ${named(readVarint)}(b, p - 1); p = ${named(u32)}[1]; }\n`;

  /** Reads a length and where what it measures ends. */
  function ended(end: string, limit: string): string {
    const n = fresh();
    return `${varint(n)}const ${end} = p + ${n};\n${unless(`${end} <= ${limit}`)}`;
  }

  /** Code that reads a scalar, and the expression of its value. */
  function scalarCode(
    kind: PrimitiveKind,
    scalar: ProtoScalar,
    limit: string,
  ): { code: string; value: string } {
    const big = kind === "int64" || kind === "uint64";
    const wide = (memory: unknown, call: (b: Uint8Array, at: number) => number) => ({
      code: `p = ${named(call)}(b, p);\n`,
      value: big ? `${named(memory)}[0]` : `Number(${named(memory)}[0])`,
    });
    const narrow = (value: (n: string) => string) => {
      const n = fresh();
      return { code: varint(n), value: big ? `BigInt(${value(n)})` : value(n) };
    };
    const fixed = (value: string) => ({
      code: `p = ${named(read32)}(b, p);\n`,
      value: big ? `BigInt(${value})` : value,
    });
    switch (scalar) {
      case "bool": {
        const n = fresh();
        return { code: `const ${n} = b[p++];\n${unless(`${n} < 128`)}`, value: `${n} !== 0` };
      }
      case "string": {
        const end = fresh();
        const text = fresh();
        return {
          code: `${ended(end, limit)}const ${text} = ${named(readText)}(b, p, ${end});\np = ${end};\n` +
            unless(`${text} !== undefined`),
          value: text,
        };
      }
      case "bytes": {
        const end = fresh();
        const bytes = fresh();
        // A copy, as the transport may reuse or share the buffer.
        return {
          code: `${ended(end, limit)}const ${bytes} = new Uint8Array(b.subarray(p, ${end}));\np = ${end};\n`,
          value: bytes,
        };
      }
      case "float":
        return { code: `p = ${named(read32)}(b, p);\n`, value: `${named(f32)}[0]` };
      case "double":
        return { code: `p = ${named(read64)}(b, p);\n`, value: `${named(f64)}[0]` };
      case "int32":
        return narrow((n) => `(${n} | 0)`);
      case "sint32":
        return narrow((n) => `(${n} >>> 1 ^ -(${n} & 1))`);
      case "uint32":
        return narrow((n) => n);
      case "fixed32":
        return fixed(`${named(u32)}[0]`);
      case "sfixed32":
        return fixed(`(${named(u32)}[0] | 0)`);
      case "int64":
        return wide(i64, readVarint64);
      case "uint64":
        return wide(u64, readVarint64);
      case "sint64":
        return wide(i64, readZigzag64);
      case "fixed64":
        return wide(u64, read64);
      case "sfixed64":
        return wide(i64, read64);
    }
  }

  /** Reads a value after its tag, checks it, and sets a variable to it. */
  function elementCode(
    attribute: AttributeModel,
    plan: ProtoPlan,
    view: string,
    limit: string,
  ): { code: string; value: string } {
    const x = fresh();
    switch (plan.kind) {
      case "scalar": {
        const kind = underlying(attribute.type).kind as Exclude<PrimitiveKind, "any">;
        const { code, value } = scalarCode(kind, plan.scalar, limit);
        const check = leafOf(kind, plan.scalar).trusted ? "" : unless(isKind(kind, x));
        const format = byteFormatOf(attribute);
        const bytes = format &&
          unless(`${named(format.check)}(b, p - ${x}.length, p) || ${named(FORMATS[format.name])}(${x})`);
        return {
          code: `${code}const ${x} = ${value};\n${check}${bytes ?? ""}${
            constraints(attribute, x, format?.name)
          }`,
          value: x,
        };
      }
      case "message": {
        const name = bodyFunction(attribute, plan.message, view);
        const end = fresh();
        return {
          code: `${ended(end, limit)}const ${x} = ${name}(b, p, ${end}, depth + 1);\n` +
            `${unless(`${x} !== undefined`)}p = ${end};\n${constraints(attribute, x)}`,
          value: x,
        };
      }
      case "any": {
        const end = fresh();
        const at = fresh();
        // Reads the length, too.
        return {
          code:
            `const ${at} = p;\n${ended(end, limit)}const ${x} = ${named(readValue)}(b, ${at}, ${end});\n` +
            `p = ${end};\n${unless(`${x} !== undefined && ${named(isAny)}(${x})`)}${
              constraints(attribute, x)
            }`,
          value: x,
        };
      }
      default:
        throw UNFIT;
    }
  }

  function readValue(b: Uint8Array, from: number, to: number): unknown {
    try {
      const reader = fields.reader(b);
      reader.pos = from;
      reader.len = to;
      return readAny(reader);
    } catch {
      // The closures say why.
      return undefined;
    }
  }

  const wireIn = (plan: ProtoPlan): number => plan.kind === "scalar" ? wireOf(plan.scalar).wire : DELIMITED;
  const tagOf = (number: number, wire: number): string => String((number << 3 | wire) >>> 0);
  const caseOf = (tag: string, code: string): string => `case ${tag}: {\n${code}continue;\n}\n`;

  /** Goes through fields up to an end. */
  function fieldsCode(cases: string, end: string): string {
    const tag = fresh();
    return `while (p < ${end}) {\n${varint(tag)}switch (${tag}) {\n${cases}}\n` +
      `${unless(`${tag} > 7`)}p = ${named(skipField)}(b, p, ${tag} & 7);\n}\n${unless(`p === ${end}`)}`;
  }

  function listCases(
    attribute: AttributeModel,
    { number, plan }: ProtoField,
    view: string,
    x: string,
  ): string {
    const { elem } = underlying(attribute.type) as ArrayModel;
    const elemPlan = (plan as ProtoPlan & { kind: "list" }).elem;
    const inView = seenThrough(attribute, view).view;
    const wire = wireIn(elemPlan);
    const one = elementCode(elem, elemPlan, inView, "e");
    const start = `if (${x} === undefined) ${x} = [];\n`;
    const single = caseOf(tagOf(number, wire), `${start}${one.code}${x}.push(${one.value});\n`);
    if (wire === DELIMITED) return single;
    // Decoders must take both forms, whatever the sender's .proto says.
    const end = fresh();
    const each = elementCode(elem, elemPlan, inView, end);
    return single + caseOf(
      tagOf(number, DELIMITED),
      `${start}${ended(end, "e")}while (p < ${end}) {\n${each.code}${x}.push(${each.value});\n}\n${
        unless(`p === ${end}`)
      }`,
    );
  }

  function mapCases(attribute: AttributeModel, { number, plan }: ProtoField, x: string): string {
    const type = underlying(attribute.type) as MapModel;
    const { key: scalar, elem: elemPlan } = plan as ProtoPlan & { kind: "map" };
    const isRecord = underlying(type.key.type).kind === "string";
    const [k, v, end] = [fresh(), fresh(), fresh()];
    const keyPlan: ProtoPlan = { kind: "scalar", scalar };
    const key = elementCode(type.key, keyPlan, "default", end);
    const elem = elementCode(type.elem, elemPlan, "default", end);
    const once = elemPlan.kind === "message" ? unless(`${v} === undefined`) : "";
    const cases = caseOf(tagOf(1, wireIn(keyPlan)), `${key.code}${k} = ${key.value};\n`) +
      caseOf(tagOf(2, wireIn(elemPlan)), `${once}${elem.code}${v} = ${elem.value};\n`);
    // Everybody writes both; a zero that is left out is for the closures.
    const set = isRecord
      ? `if (${k} === "__proto__") ${named(setOwn)}(${x}, ${k}, ${v}); else ${x}[${k}] = ${v};\n`
      : `${x}.set(${k}, ${v});\n`;
    return caseOf(
      tagOf(number, DELIMITED),
      `if (${x} === undefined) ${x} = ${isRecord ? "{}" : "new Map()"};\n${
        ended(end, "e")
      }let ${k}, ${v};\n` +
        `${fieldsCode(cases, end)}${unless(`${k} !== undefined && ${v} !== undefined`)}${set}`,
    );
  }

  /** An object literal of two properties; `__proto__` is one like any other. */
  function pair(name: string, value: string, other: string, otherValue: string): string {
    return `{ [${literal(name)}]: ${value}, [${literal(other)}]: ${otherValue} }`;
  }

  function unionCases(type: UnionModel, fields: readonly ProtoField[], x: string): string {
    const tags = unionTags(type);
    if (type.typeField === type.valueField) throw UNFIT;
    return type.members.map((member, index) => {
      const { plan, number } = fields[index]!;
      const tag = tagOf(number, wireIn(plan));
      const element = fitting(() => {
        if (plan.kind === "list" || plan.kind === "map") throw UNFIT;
        return elementCode(member, plan, "default", "e");
      });
      if (element === undefined) return `case ${tag}: ${leave}\n`;
      const value = pair(type.typeField, literal(tags[index]!), type.valueField, element.value);
      const other = `${x} === undefined || ${x}[${literal(type.typeField)}] !== ${literal(tags[index]!)}`;
      const once = plan.kind === "message" ? unless(other) : "";
      return caseOf(tag, `${once}${element.code}${x} = ${value};\n`);
    }).join("");
  }

  /** The zero that an absent scalar stands for, as source; `undefined` when it is not valid. */
  function zeroCode(attribute: AttributeModel, scalar: ProtoScalar): string | undefined {
    const kind = underlying(attribute.type).kind as Exclude<PrimitiveKind, "any">;
    const zero = kind === "bytes" ? new Uint8Array() : leafOf(kind, scalar).zero;
    const walk = newWalk();
    checksOf(attribute)?.(zero, walk);
    if (walk.count !== 0) return undefined;
    if (kind === "bytes") return "new Uint8Array()";
    return typeof zero === "bigint" ? `${zero}n` : typeof zero === "string" ? literal(zero) : String(zero);
  }

  function slotCases(
    attribute: AttributeModel,
    field: ProtoField,
    view: string,
    x: string,
  ): string {
    const { plan, number } = field;
    const tag = tagOf(number, wireIn(plan));
    try {
      if (plan.kind === "list") return listCases(attribute, field, view, x);
      if (plan.kind === "map") return mapCases(attribute, field, x);
      const { code, value } = elementCode(attribute, plan, view, "e");
      const once = plan.kind === "message" ? unless(`${x} === undefined`) : "";
      // The null of an Any is absence, as it is in JSON.
      return caseOf(tag, `${once}${code}${x} = ${value}${plan.kind === "any" ? " ?? undefined" : ""};\n`);
    } catch (error) {
      if (error !== UNFIT) throw error;
      return `case ${tag}: ${leave}\n`;
    }
  }

  function memberLocal({ attribute, fields }: ProtoMember, view: string): Local {
    const name = fresh();
    const type = underlying(attribute.type);
    const field = fields[0]!;
    const { plan } = field;
    const repeated = type.kind !== "union" && (plan.kind === "list" || plan.kind === "map");
    const cases = type.kind === "union"
      ? unionCases(type, fields, name)
      : slotCases(attribute, field, view, name);
    const finish = repeated ? constraints(attribute, name) : "";
    if (attribute.default !== undefined) {
      const make = named(defaultOf(attribute, view));
      return {
        name,
        cases,
        finish: orElse(name, `${make}()`) + finish,
        certain: true,
      };
    }
    if (type.kind !== "union" && plan.kind === "scalar" && !field.optional) {
      const zero = zeroCode(attribute, plan.scalar);
      const finish = zero === undefined ? unless(`${name} !== undefined`) : orElse(name, zero);
      return { name, cases, finish, certain: true };
    }
    if (repeated && attribute.required) {
      const empty = plan.kind === "list" || underlying((type as MapModel).key.type).kind === "string"
        ? plan.kind === "list" ? "[]" : "{}"
        : "new Map()";
      return { name, cases, finish: orElse(name, empty) + finish, certain: true };
    }
    if (attribute.required) {
      const there = unless(`${name} !== undefined`);
      return { name, cases, finish: there + finish, certain: true };
    }
    return {
      name,
      cases,
      finish: finish && `if (${name} !== undefined) {\n${finish}}\n`,
      certain: false,
    };
  }

  function defaultOf(attribute: NamedAttributeModel, view: string): () => unknown {
    const { name } = attribute;
    const written = defaultIn(attribute.default, attribute.type);
    return defaultMaker(
      written,
      () => jsonCodec(attribute, { root: name, context: `default of ${name}`, view }),
    );
  }

  function objectCode(attribute: AttributeModel, message: ProtoMessage, asked: string): string {
    const { shown } = seenThrough(attribute, asked);
    const views = shown && new Map(shown.attributes.map(({ name, view }) => [name, view]));
    const members = message.members
      .filter((member) => views?.has(member.attribute.name) ?? true)
      .map((member) => ({
        key: literal(member.attribute.name),
        ...memberLocal(member, views?.get(member.attribute.name) ?? "default"),
      }));
    let code = members.map(({ name }) => `let ${name};\n`).join("");
    code += fieldsCode(members.map(({ cases }) => cases).join(""), "e");
    code += members.map(({ finish }) => finish).join("");
    // Properties in the order of the design, as many of them at once as are surely there.
    const unsure = members.findIndex(({ certain }) => !certain);
    const sure = unsure === -1 ? members : members.slice(0, unsure);
    const text = `{ ${
      sure.map(({ key, name }) => `${key === '"__proto__"' ? `[${key}]` : key}: ${name}`).join(", ")
    } }`;
    if (unsure === -1) return `${code}return ${text};`;
    const out = fresh();
    code += `const ${out} = ${text};\n`;
    for (const { key, name, certain } of members.slice(unsure)) {
      const set = key === '"__proto__"'
        ? `${named(setOwn)}(${out}, ${key}, ${name});\n`
        : `${out}[${key}] = ${name};\n`;
      code += certain ? set : `if (${name} !== undefined) ${set}`;
    }
    return `${code}return ${out};`;
  }

  function bodyCode(attribute: AttributeModel, message: ProtoMessage, view: string): string {
    if (message.shape === "union") {
      const x = fresh();
      const cases = unionCases(underlying(attribute.type) as UnionModel, message.fields, x);
      return `let ${x};\n${fieldsCode(cases, "e")}return ${x};`;
    }
    if (message.shape === "wrapper") {
      const field = message.fields[0]!;
      const seen = seenThrough(attribute, view);
      // Whoever uses this body checks the attribute's own validations.
      const type = underlying(attribute.type);
      const inner: AttributeModel = { ...attribute, type, validation: {}, view: seen.view };
      const { plan } = field;
      const x = fresh();
      const start = plan.kind === "scalar"
        ? zeroCode(inner, plan.scalar)!
        : plan.kind === "list"
        ? "[]"
        : plan.kind === "any"
        ? "null"
        : plan.kind !== "map"
        ? "undefined"
        : underlying((type as MapModel).key.type).kind === "string"
        ? "{}"
        : "new Map()";
      const cases = type.kind === "union"
        ? unionCases(type, message.fields, x)
        : slotCases(inner, field, seen.view, x);
      return `let ${x};\n${fieldsCode(cases, "e")}${orElse(x, start)}return ${x};`;
    }
    return objectCode(attribute, message, view);
  }

  /** The function that reads what is inside a message. */
  function bodyFunction(attribute: AttributeModel, message: ProtoMessage, view: string): string {
    return functions.of(attribute, message, view, (name) => {
      const code = fitting(() => bodyCode(attribute, message, view)) ?? leave;
      source.declare(`function ${name}(b, p, e, depth) {\n${unless(`depth < ${MAX_DEPTH}`)}${code}\n}\n`);
    });
  }

  const name = bodyFunction(root, rootMessage, rootView);
  return source.make(`return function (b) {
if (!(b instanceof Uint8Array)) ${leave}
const v = ${name}(b, 0, b.length, 0);
if (v === undefined) ${leave}
${constraints(root, "v")}return v;
};`) as Decode | undefined;
}
