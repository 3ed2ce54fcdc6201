/**
 * Functions that read the JSON text of a message as most senders write it (attributes in the order of the design, no
 * white space) and check it on the way, made for one type: no value is made that is not the message's. Whatever is
 * written otherwise is for JSON.parse. Where the parser makes a copy of a text, this gives a slice, which keeps the whole
 * of what it was cut from: so of a type with texts other than enums, only small messages are read here.
 *
 * @module
 */
import type {
  AttributeModel,
  FormatName,
  ObjectModel,
  PrimitiveKind,
  TypeModel,
  UserModel,
  ValidationModel,
  ViewModel,
} from "../design/model.ts";
import { dateEnd, dateTimeEnd } from "../design/text_rules.ts";
import { constraintsCode, isKind, isNumber, PLAIN_FORMATS } from "./compile_checks.ts";
import { MAX_DEPTH } from "./problem.ts";
import { fitting, literal, sourceWriter, UNFIT } from "./source_writer.ts";
import { viewOf } from "./view.ts";

/**
 * The message of a text; `undefined` where it takes a closer look.
 *
 * @param size Of what the text was cut from, if it was, in UTF-16 code units
 */
export type Scan = (text: string, size?: number) => unknown;

/**
 * Largest text that messages may keep, in UTF-16 code units. V8 makes a slice of 13 characters or more refer to what it
 * was cut from: who keeps nothing of a message but a name keeps up to 1 KiB with it (2 of Unicode), however much the
 * peer sends. From about this length on the parser, which copies without a look at each character, is no slower anyway.
 */
export const MAX_KEPT = 1024;

/** Formats that show where they end, so that they are read without a look for the quotation mark first. */
const ENDS: Readonly<Partial<Record<FormatName, (text: string, at: number) => number>>> = {
  "date": dateEnd,
  "date-time": dateTimeEnd,
};

/**
 * What texts in JSON have only by escapes. Looked for in all of a message at once, when nothing else was wrong with it:
 * without such and backslashes, texts end at the next quotation mark, which the engine finds sooner than a loop.
 */
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f]/;

/**
 * Numbers, from a place on. Where they end is in `at`, -1 when there is none or it has more digits than a double is
 * sure to hold. Of so few, the quotient of two integers is the double that is closest to the decimal.
 */
const NUMBERS = `let at = 0;
const tens = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
function number(t, p) {
const negative = t.charCodeAt(p) === 45;
if (negative) p++;
const start = p;
let digit = t.charCodeAt(p++) - 48;
if (!(digit >= 0 && digit <= 9)) { at = -1; return 0; }
let value = digit;
if (digit !== 0) while ((digit = t.charCodeAt(p) - 48) >= 0 && digit <= 9) { value = value * 10 + digit; p++; }
let end = p;
if (t.charCodeAt(p) === 46) {
end = ++p;
while ((digit = t.charCodeAt(p) - 48) >= 0 && digit <= 9) { value = value * 10 + digit; p++; }
if (p === end || p - start > 16) { at = -1; return 0; }
value /= tens[p - end];
} else if (p - start > 15) { at = -1; return 0; }
at = p;
return negative ? -value : value;
}
function integer(t, p) {
const start = t.charCodeAt(p) === 45 ? p + 1 : p;
const value = number(t, p);
if (at !== -1) return Number.isInteger(value) ? BigInt(value) : undefined;
let end = start;
for (let digit; (digit = t.charCodeAt(end) - 48) >= 0 && digit <= 9;) end++;
if (end - start > 20 || end === start || t.charCodeAt(start) === 48) return undefined;
at = end;
return BigInt(t.slice(p, end));
}
`;

/** Makes the function; `undefined` where the parser is better or there is no code. */
export function compileScan(root: AttributeModel, rootView: string): Scan | undefined {
  const source = sourceWriter();
  const { fresh } = source;
  const known = new Map<UserModel, Map<string, string>>();
  /** Whether messages hold slices of the text; and whether some of them may be of any characters. */
  let slices = false;
  let free = false;
  const leave = "return undefined;";
  const unless = (condition: string): string => `if (!(${condition})) ${leave}\n`;

  /**
   * Whether a text stands at `p`. Not unit by unit: in a loop that is no slower, but where messages come one at a time its
   * many instructions are in no cache (a twentieth of all that a round trip costs).
   */
  function stands(text: string): string {
    return text.length === 1
      ? `t.charCodeAt(p) === ${text.charCodeAt(0)}`
      : `t.startsWith(${literal(text)}, p)`;
  }
  const expect = (text: string): string => `${unless(stands(text))}p += ${text.length};\n`;

  /** Reads a value at `p`, and sets a variable to it. */
  function attributeCode(attribute: AttributeModel, view: string, x: string): string {
    return typeCode(attribute.type, attribute.view ?? view, undefined, x, [attribute.validation]);
  }

  function typeCode(
    type: TypeModel,
    view: string,
    shown: ViewModel | undefined,
    x: string,
    validations: readonly ValidationModel[],
  ): string {
    const constraints = () => constraintsCode(source, type, x, validations, unless);
    switch (type.kind) {
      case "user": {
        const { attribute } = type;
        if (isLeaf(attribute.type)) {
          return typeCode(attribute.type, view, undefined, x, [attribute.validation, ...validations]);
        }
        return `${x} = ${userFunction(type, view)}(t, p, depth + 1);\n${
          unless(`${x} !== undefined`)
        }p = at;\n` +
          constraints();
      }
      case "array": {
        const item = fresh();
        return `${x} = [];\n${expect("[")}if (${stands("]")}) p++;\nelse for (;;) {\nlet ${item};\n` +
          `${attributeCode(type.elem, view, item)}${x}.push(${item});\n` +
          `if (${stands(",")}) { p++; continue; }\n${expect("]")}break;\n}\n${constraints()}`;
      }
      case "object":
        return objectCode(type, shown, x) + constraints();
      case "boolean":
        return `if (${stands("true")}) { ${x} = true; p += 4; }\n` +
          `else { ${expect("false")}${x} = false; }\n${constraints()}`;
      case "string":
        return enumCode(type, x, validations) ?? textCode(type, x, validations);
      default:
        return numberCode(type.kind, x) + constraints();
    }
  }

  function numberCode(kind: TypeModel["kind"], x: string): string {
    const big = kind === "int64" || kind === "uint64";
    if (!big && !isNumber(kind)) throw UNFIT;
    return `${x} = ${big ? "integer" : "number"}(t, p);\np = at;\n` +
      unless(`p !== -1 && ${isKind(kind as Exclude<PrimitiveKind, "any">, x)}`);
  }

  /** One of few texts: that of the design, not a slice. */
  function enumCode(
    type: TypeModel,
    x: string,
    validations: readonly ValidationModel[],
  ): string | undefined {
    const allowed = validations.find((validation) => validation.enum !== undefined)?.enum;
    if (allowed === undefined || allowed.length > 8) return undefined;
    let code = "";
    for (const item of allowed) {
      if (typeof item !== "string" || !item.isWellFormed()) return undefined;
      const text = literal(item);
      code += `if (${stands(text)}) { ${x} = ${text}; p += ${text.length}; } else `;
    }
    return `${code}${leave}\n${constraintsCode(source, type, x, validations, unless)}`;
  }

  /** Any text: a slice. */
  function textCode(type: TypeModel, x: string, validations: readonly ValidationModel[]): string {
    slices = true;
    const format = validations.find(({ format }) => format !== undefined && ENDS[format])?.format;
    const checks = constraintsCode(source, type, x, validations, unless, format);
    const end = fresh();
    const find = format === undefined
      ? `const ${end} = t.indexOf('"', p);\n${unless(`${end} !== -1`)}`
      : `const ${end} = ${source.named(ENDS[format])}(t, p);\n${
        unless(`${end} !== -1 && t.charCodeAt(${end}) === 34`)
      }`;
    free ||= !validations.some(({ format }) => format !== undefined && PLAIN_FORMATS.has(format));
    return `${expect('"')}${find}${x} = t.slice(p, ${end});\np = ${end} + 1;\n${checks}`;
  }

  function objectCode(type: ObjectModel, shown: ViewModel | undefined, x: string): string {
    const views = shown && new Map(shown.attributes.map((attribute) => [attribute.name, attribute.view]));
    const members = type.attributes.filter(({ name }) => views?.has(name) ?? true);
    // One that is there for sure leads: so that the others have a comma before them.
    const sure = members.map((member) => member.required || member.default !== undefined);
    if (sure[0] !== true) throw UNFIT;
    const names = members.map(() => fresh());
    let code = "";
    for (const [index, member] of members.entries()) {
      const name = names[index]!;
      const before = `${index === 0 ? "{" : ","}${literal(member.name)}:`;
      const read = attributeCode(member, views?.get(member.name) ?? "default", name);
      code += `let ${name};\n`;
      code += sure[index]
        ? expect(before) + read
        : `if (${stands(before)}) {\np += ${before.length};\n${read}}\n`;
    }
    code += expect("}");
    const key = (index: number) =>
      members[index]!.name === "__proto__" ? '["__proto__"]' : literal(members[index]!.name);
    const unsure = sure.indexOf(false);
    const first = unsure === -1 ? members.length : unsure;
    code += `${x} = { ${names.slice(0, first).map((name, i) => `${key(i)}: ${name}`).join(", ")} };\n`;
    for (let i = first; i < members.length; i++) {
      if (members[i]!.name === "__proto__") throw UNFIT;
      const set = `${x}[${key(i)}] = ${names[i]};\n`;
      code += sure[i] ? set : `if (${names[i]} !== undefined) ${set}`;
    }
    return code;
  }

  /** A function for each type with a name: it may contain itself, and it may stand in many places. */
  function userFunction(type: UserModel, view: string): string {
    let views = known.get(type);
    if (views === undefined) known.set(type, views = new Map());
    const found = views.get(view);
    if (found !== undefined) return found;
    const name = fresh();
    views.set(view, name);
    const shown = type.views === undefined ? undefined : viewOf(type, view);
    const { attribute } = type;
    const read = typeCode(attribute.type, attribute.view ?? view, shown, "v", [attribute.validation]);
    source.declare(
      `function ${name}(t, p, depth) {\n${
        unless(`depth < ${MAX_DEPTH}`)
      }let v;\n${read}at = p;\nreturn v;\n}\n`,
    );
    return name;
  }

  source.declare(NUMBERS);
  const read = fitting(() => attributeCode(root, rootView, "v"));
  if (read === undefined) return undefined;
  return source.make(`return function (t, size) {
if (typeof t !== "string"${
    slices ? ` || (size ?? t.length) > ${MAX_KEPT}${free ? ` || t.includes("\\\\")` : ""}` : ""
  }) ${leave}
const depth = 0;
let p = 0;
let v;
${read}return p === t.length${
    free ? ` && !${source.named(CONTROL)}.test(t) && t.isWellFormed()` : ""
  } ? v : undefined;
};`) as Scan | undefined;
}

function isLeaf(type: TypeModel): boolean {
  return type.kind === "user" ? isLeaf(type.attribute.type) : type.kind !== "object" && type.kind !== "array";
}
