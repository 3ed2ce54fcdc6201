/**
 * Messages as they mostly are, in one straight function per type: text made while it is checked, parsed JSON checked
 * to be what its reader gets. Whatever is not quite so (an invalid message, a default to fill in, an attribute that
 * the type does not know) these functions leave to the closures of json.ts, which know what to say and do; so they
 * need not know, and where an engine makes no code from text (a page with a Content-Security-Policy) there are none.
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
  ValidationModel,
  ViewModel,
} from "../design/model.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { areThere, constraintsCode, isKind, isNumber, passes, PLAIN_FORMATS } from "./compile_checks.ts";
import { compileScan, type Scan } from "./compile_scan.ts";
import { defaultIn } from "./default.ts";
import { bigOfText } from "./json_text.ts";
import { MAX_DEPTH } from "./problem.ts";
import { codeAllowed, fitting, literal, sourceWriter, UNFIT } from "./source_writer.ts";
import { unionTags } from "./union.ts";
import { checkAny } from "./validate.ts";
import { underlying, viewOf } from "./view.ts";

/** A type in one view, as code. Its functions are replaced once they are made. */
export interface Compiled {
  /** The JSON text of a message; `undefined` where it takes a closer look. */
  readonly encode: (value: unknown) => string | undefined;
  /**
   * Whether what JSON.parse gave is the very message: nothing to refuse, to fill in, or to drop. What stands for bytes
   * and 64-bit integers becomes these, in its place, as far as it goes: closures take either.
   */
  readonly fits: (json: unknown) => boolean;
  /** The message of a text, without the parser. */
  readonly scan: Scan;
}

/** What knows nothing quickly. */
export const NOT_COMPILED: Compiled = { encode: () => undefined, fits: () => false, scan: () => undefined };

/**
 * Compiles an attribute in a view, each function when it is first called.
 *
 * @param encode The text of a default value, by closures; may throw
 */
export function compile(
  attribute: AttributeModel,
  view: string,
  encode: (attribute: AttributeModel, view: string | undefined, value: unknown) => string,
): Compiled {
  const side = <S extends keyof Compiled>(name: S, make: () => Compiled[S] | undefined): Compiled[S] =>
    ((value: never, size: never) => {
      // What it takes itself, for defaults, does without.
      made[name] = NOT_COMPILED[name];
      if (codeAllowed()) made[name] = make() ?? NOT_COMPILED[name];
      return made[name](value, size);
    }) as Compiled[S];
  // Most types are only sent, or only received.
  const made: { -readonly [S in keyof Compiled]: Compiled[S] } = {
    encode: side("encode", () => generate("text", attribute, view, encode) as Compiled["encode"]),
    fits: side("fits", () => generate("fits", attribute, view, encode) as Compiled["fits"]),
    scan: side("scan", () => compileScan(attribute, view)),
  };
  return made;
}

type Mode = "text" | "fits";

/** Code that looks at a value and leaves the function when it is not as it should be; and, of texts, an expression. */
interface Piece {
  readonly code: string;
  readonly text: string;
  /** An expression of what JSON.stringify makes the same text of, if there is one without a text of parts. */
  readonly value?: string;
  /** An expression of what comes in place of parsed JSON. */
  readonly instead?: string;
}

/** Bytes of base64, `undefined` for anything else. */
function bytesOf(json: unknown): unknown {
  return typeof json === "string" ? fromBase64(json) : undefined;
}

/** A 64-bit integer of a safe number or of digits, `undefined` for anything else. */
function bigOf(json: unknown): unknown {
  if (typeof json === "number") return Number.isSafeInteger(json) ? BigInt(json) : undefined;
  return typeof json === "string" ? bigOfText(json) : undefined;
}

/** Whether a text is in JSON what it is, in quotes. */
function isBare(text: string): boolean {
  return JSON.stringify(text) === `"${text}"`;
}

function generate(
  mode: Mode,
  root: AttributeModel,
  rootView: string,
  encode: (attribute: AttributeModel, view: string | undefined, value: unknown) => string,
): unknown {
  const source = sourceWriter();
  const { fresh, named, get } = source;
  const known = new Map<UserModel, Map<string, string>>();

  const leave = mode === "text" ? "return undefined;" : "return false;";
  const unless = (condition: string): string => `if (!(${condition})) ${leave}\n`;

  function attributePiece(attribute: AttributeModel, view: string, x: string): Piece {
    return typePiece(attribute.type, attribute.view ?? view, undefined, x, [attribute.validation]);
  }

  function typePiece(
    type: TypeModel,
    view: string,
    shown: ViewModel | undefined,
    x: string,
    validations: readonly ValidationModel[],
  ): Piece {
    switch (type.kind) {
      case "user":
        return userPiece(type, view, x, validations);
      case "array": {
        const { code, ...rest } = arrayPiece(type.elem, view, x);
        return { code: code.head + constraints(type, x, validations) + code.body, ...rest };
      }
      case "map": {
        const { head, body, text } = mapPiece(type, x);
        return { code: head + constraints(type, x, validations) + body, text };
      }
      case "object":
      case "union": {
        const piece = type.kind === "union" ? unionPiece(type, x) : objectPiece(type, shown, x);
        return { code: piece.code + constraints(type, x, validations), text: piece.text };
      }
      default:
        return primitivePiece(type.kind, type, x, validations);
    }
  }

  function userPiece(
    type: UserModel,
    view: string,
    x: string,
    validations: readonly ValidationModel[],
  ): Piece {
    const { attribute } = type;
    const inner = underlying(type);
    switch (inner.kind) {
      case "array":
      case "map":
      case "object":
      case "union":
        break;
      default:
        return typePiece(attribute.type, attribute.view ?? view, undefined, x, [
          attribute.validation,
          ...validations,
        ]);
    }
    const name = userFunction(type, view);
    const more = constraints(inner, x, validations);
    if (mode === "fits") return { code: unless(`${name}(${x}, depth + 1)`) + more, text: "" };
    const text = fresh();
    return {
      code: `const ${text} = ${name}(${x}, depth + 1);\n` + unless(`${text} !== undefined`) + more,
      text,
    };
  }

  /** A function for each type with a name: it may contain itself, and it may stand in many places. */
  function userFunction(type: UserModel, view: string): string {
    let views = known.get(type);
    if (views === undefined) known.set(type, views = new Map());
    let name = views.get(view);
    if (name !== undefined) return name;
    name = fresh();
    views.set(view, name);
    const shown = type.views === undefined ? undefined : viewOf(type, view);
    const { attribute } = type;
    let body: string;
    let unfit = false;
    try {
      const piece = typePiece(attribute.type, attribute.view ?? view, shown, "v", [attribute.validation]);
      body = `${unless(`depth < ${MAX_DEPTH}`)}${piece.code}return ${mode === "text" ? piece.text : "true"};`;
    } catch (error) {
      if (error !== UNFIT) throw error;
      // Whoever counted on it meanwhile, as it contains itself, is told so each time.
      unfit = true;
      body = leave;
    }
    source.declare(`function ${name}(v, depth) {\n${body}\n}\n`);
    if (unfit) {
      views.delete(view);
      throw UNFIT;
    }
    return name;
  }

  const constraints = (type: TypeModel, x: string, validations: readonly ValidationModel[]): string =>
    constraintsCode(source, type, x, validations, unless);

  function primitivePiece(
    kind: PrimitiveKind,
    type: TypeModel,
    x: string,
    validations: readonly ValidationModel[],
  ): Piece {
    const more = constraints(type, x, validations);
    switch (kind) {
      case "any":
        return { code: unless(`${named(passes(checkAny))}(${x})`) + more, text: `stringify(${x})`, value: x };
      case "string": {
        const bare = validations.some(({ format, enum: allowed }) =>
          format !== undefined && PLAIN_FORMATS.has(format) ||
          allowed?.every((item) => typeof item === "string" && isBare(item) && item.isWellFormed())
        );
        const code = unless(isKind(kind, x) + (bare ? "" : ` && ${x}.isWellFormed()`));
        return { code: code + more, text: bare ? `'"' + ${x} + '"'` : `stringify(${x})`, value: x };
      }
      case "bytes":
        if (mode === "fits") return converted(kind, type, validations, `${named(bytesOf)}(${x})`);
        return {
          code: unless(isKind(kind, x)) + unless(areThere(source, x)) + more,
          text: `'"' + ${named(toBase64)}(${x}) + '"'`,
          value: `${named(toBase64)}(${x})`,
        };
      case "int64":
      case "uint64":
        if (mode === "fits") return converted(kind, type, validations, `${named(bigOf)}(${x})`);
        return { code: unless(isKind(kind, x)) + more, text: x };
    }
    return { code: unless(isKind(kind, x)) + more, text: x, value: x };
  }

  /** Of parsed JSON that stands for something else. */
  function converted(
    kind: "bytes" | "int64" | "uint64",
    type: TypeModel,
    validations: readonly ValidationModel[],
    value: string,
  ): Piece {
    const instead = fresh();
    const code = `const ${instead} = ${value};\n${unless(isKind(kind, instead))}`;
    return { code: code + constraints(type, instead, validations), text: "", instead };
  }

  /** Puts into its place what comes instead of parsed JSON: nobody else has it, see `adopt`. */
  const put = (place: string, { instead }: Piece): string =>
    mode === "text" || instead === undefined ? "" : `${place} = ${instead};\n`;

  function arrayPiece(
    elem: AttributeModel,
    view: string,
    x: string,
  ): { code: { head: string; body: string }; text: string; value?: string } {
    const item = fresh();
    const i = fresh();
    const piece = attributePiece(elem, view, item);
    const { kind } = underlying(elem.type);
    // Nobody writes lists of numbers and texts faster than the engine.
    const native = mode === "text" &&
      (isNumber(kind) || kind === "boolean" || kind === "string" || kind === "any");
    const text = fresh();
    const head = unless(`Array.isArray(${x})`);
    const open = mode === "text" && !native ? `let ${text} = "[";\n` : "";
    const add = open && `${text} += (${i} === 0 ? "" : ",") + ${piece.text};\n`;
    const close = open && `${text} += "]";\n`;
    return {
      code: {
        head,
        body: `${open}for (let ${i} = 0; ${i} < ${x}.length; ${i}++) {\nconst ${item} = ${x}[${i}];\n` +
          `${piece.code}${put(`${x}[${i}]`, piece)}${add}}\n${close}`,
      },
      ...(native ? { text: `stringify(${x})`, value: x } : { text }),
    };
  }

  function isObjectPlain(x: string): string {
    // JSON.parse makes no others.
    return mode === "text"
      ? `typeof ${x} === "object" && ${x} !== null && prototypeOf(${x}) === plain`
      : `typeof ${x} === "object" && ${x} !== null && !Array.isArray(${x})`;
  }

  function mapPiece(type: MapModel, x: string): { head: string; body: string; text: string } {
    if (underlying(type.key.type).kind !== "string") throw UNFIT;
    const name = fresh();
    const item = fresh();
    const text = fresh();
    const key = attributePiece(type.key, "default", name);
    const elem = attributePiece(type.elem, "default", item);
    const open = mode === "text" ? `let ${text} = "{";\n` : "";
    const add = open &&
      `${text} += (${text} === "{" ? "" : ",") + stringify(${name}) + ":" + ${elem.text};\n`;
    // No plain assignment sets that.
    const own = mode === "fits" && elem.instead !== undefined ? unless(`${name} !== "__proto__"`) : "";
    const absent = mode === "text" ? `if (${item} === undefined) continue;\n` : "";
    return {
      head: unless(isObjectPlain(x)),
      body: `${open}for (const ${name} of Object.keys(${x})) {\nconst ${item} = ${x}[${name}];\n${absent}` +
        `${key.code}${elem.code}${own}${put(`${x}[${name}]`, elem)}${add}}\n${open && `${text} += "}";\n`}`,
      text,
    };
  }

  function unionPiece(type: UnionModel, x: string): Piece {
    const tags = unionTags(type);
    const { typeField, valueField } = type;
    if (new Set(tags).size !== tags.length || typeField === valueField) throw UNFIT;
    const tag = fresh();
    const item = fresh();
    const text = fresh();
    let code = unless(isObjectPlain(x)) + `const ${tag} = ${get(x, typeField)};\n` +
      `const ${item} = ${get(x, valueField)};\n` + unless(`${item} !== undefined && ${item} !== null`);
    if (mode === "text") code += `let ${text};\n`;
    else code += countKeys(x, "2");
    for (const [index, member] of type.members.entries()) {
      const piece = memberPiece(member, undefined, item);
      if (piece === undefined) continue;
      const start = `{${literal(typeField)}:${literal(tags[index]!)},${literal(valueField)}:`;
      const set = mode === "text"
        ? `${text} = ${literal(start)} + ${piece.text} + "}";\n`
        : put(`${x}[${literal(valueField)}]`, piece);
      if (piece.instead !== undefined && valueField === "__proto__") continue;
      code += `if (${tag} === ${literal(tags[index]!)}) {\n${piece.code}${set}} else `;
    }
    return { code: `${code}${leave}\n`, text };
  }

  function countKeys(x: string, expected: string): string {
    const count = fresh();
    const key = fresh();
    // Those of an Object.prototype that somebody has extended are too many.
    return `let ${count} = 0;\nfor (const ${key} in ${x}) ${count}++;\n` + unless(`${count} === ${expected}`);
  }

  function objectPiece(type: ObjectModel, shown: ViewModel | undefined, x: string): Piece {
    const views = shown && new Map(shown.attributes.map((attribute) => [attribute.name, attribute.view]));
    const members = views === undefined
      ? type.attributes
      : type.attributes.filter(({ name }) => views.has(name));
    const viewOfMember = ({ name }: NamedAttributeModel) => views?.get(name);
    return mode === "text"
      ? objectText(members, viewOfMember, x)
      : { code: objectFits(members, viewOfMember, x), text: "" };
  }

  /** The code of a member that is there; one that the mode has nothing to say of makes it leave. */
  function memberPiece(
    member: NamedAttributeModel,
    view: string | undefined,
    item: string,
  ): Piece | undefined {
    return fitting(() => attributePiece(member, view ?? "default", item));
  }

  function objectFits(
    members: readonly NamedAttributeModel[],
    viewOfMember: (member: NamedAttributeModel) => string | undefined,
    x: string,
  ): string {
    let code = unless(isObjectPlain(x));
    let certain = 0;
    const count = fresh();
    let optional = "";
    for (const member of members) {
      const item = fresh();
      const piece = memberPiece(member, viewOfMember(member), item);
      const needed = member.required || member.default !== undefined;
      if (needed && piece === undefined) throw UNFIT;
      code += `const ${item} = ${get(x, member.name)};\n`;
      const inside = piece === undefined || piece.instead !== undefined && member.name === "__proto__"
        ? leave
        : piece.code + put(`${x}[${literal(member.name)}]`, piece) +
          (isAny(member) ? unless(`${item} !== null`) : "");
      if (needed) {
        certain++;
        code += isAny(member) ? unless(`${item} !== undefined`) + inside : inside;
      } else {
        optional = `let ${count} = 0;\n`;
        code += `if (${item} !== undefined) {\n${inside}${count}++;\n}\n`;
      }
    }
    return optional + code + countKeys(x, optional === "" ? String(certain) : `${certain} + ${count}`);
  }

  /** A member that is written: what it is read into, its code, and the text of its default. */
  interface Written {
    readonly member: NamedAttributeModel;
    readonly item: string;
    readonly piece: Piece | undefined;
    readonly there: string;
    readonly preset: string | undefined;
  }

  function objectText(
    members: readonly NamedAttributeModel[],
    viewOfMember: (member: NamedAttributeModel) => string | undefined,
    x: string,
  ): Piece {
    const all = members.map((member): Written => {
      const item = fresh();
      const view = viewOfMember(member);
      return {
        member,
        item,
        piece: memberPiece(member, view, item),
        there: `${item} !== undefined && ${item} !== null`,
        preset: member.default === undefined ? undefined : defaultText(member, view),
      };
    });
    const flat = all.every(({ member, piece }) => piece?.value !== undefined && member.name !== "__proto__");
    return flat ? flatText(all, x) : joinedText(all, x);
  }

  /**
   * The text of an object of simple members, written by the engine: flat, where a sum of texts is a tree that a socket
   * has to walk, and its fast calls do not take.
   */
  function flatText(all: readonly Written[], x: string): Piece {
    let code = unless(isObjectPlain(x));
    const fields: string[] = [];
    for (const { member, item, piece, there, preset } of all) {
      code += `const ${item} = ${get(x, member.name)};\n`;
      if (preset === undefined && (member.required || member.default !== undefined)) {
        code += unless(there) + piece!.code;
        fields.push(`${literal(member.name)}: ${piece!.value}`);
        continue;
      }
      // What is undefined is left out.
      const value = fresh();
      code += `let ${value}${preset === undefined ? "" : ` = ${preset}`};\n` +
        `if (${there}) {\n${piece!.code}${value} = ${piece!.value};\n}\n`;
      fields.push(`${literal(member.name)}: ${value}`);
    }
    return { code, text: `stringify({ ${fields.join(", ")} })` };
  }

  /** The text of any other, put together of those of its members. */
  function joinedText(all: readonly Written[], x: string): Piece {
    let code = unless(isObjectPlain(x));
    /** Literals and expressions; neighbouring literals are put together. */
    const parts: { readonly text: string; readonly code: boolean }[] = [{ text: "{", code: false }];
    const add = (text: string, isCode: boolean) => {
      const last = parts[parts.length - 1]!;
      if (!isCode && !last.code) parts[parts.length - 1] = { text: last.text + text, code: false };
      else parts.push({ text, code: isCode });
    };
    const surely = all.map(({ member }) => member.required || member.default !== undefined);
    const first = surely.indexOf(true);
    const gathered = first === -1 ? fresh() : "";
    if (gathered !== "") code += `let ${gathered} = "";\n`;
    for (const [index, { member, item, piece, there, preset }] of all.entries()) {
      const name = JSON.stringify(member.name) + ":";
      code += `const ${item} = ${get(x, member.name)};\n`;
      if (surely[index]) {
        if (piece === undefined) throw UNFIT;
        if (index > first) add(",", false);
        add(name, false);
        if (preset === undefined) {
          code += unless(there) + piece.code;
          add(piece.text, true);
        } else {
          const text = fresh();
          code += `let ${text} = ${
            literal(preset)
          };\nif (${there}) {\n${piece.code}${text} = ${piece.text};\n}\n`;
          add(text, true);
        }
        continue;
      }
      const text = fresh();
      const set = piece === undefined
        ? leave
        : gathered !== ""
        ? `${piece.code}${gathered} += (${gathered} === "" ? "" : ",") + ${literal(name)} + ${piece.text};`
        : index < first
        ? `${piece.code}${text} = ${literal(name)} + ${piece.text} + ",";`
        : `${piece.code}${text} = ${literal("," + name)} + ${piece.text};`;
      if (gathered === "") {
        code += `let ${text} = "";\n`;
        add(text, true);
      }
      code += `if (${there}) {\n${set}\n}\n`;
    }
    if (gathered !== "") add(gathered, true);
    add("}", false);
    const text = fresh();
    const joined = parts.map((part) => part.code ? part.text : literal(part.text)).join(" + ");
    return { code: `${code}const ${text} = ${joined};\n`, text };
  }

  /** The text of a default that is no object and no list; `undefined` leaves it to the closures. */
  function defaultText(member: NamedAttributeModel, view: string | undefined): string | undefined {
    const written = defaultIn(member.default, member.type);
    if (typeof written === "object") return undefined;
    try {
      return encode(member, view, written);
    } catch {
      return undefined;
    }
  }

  const piece = fitting(() => attributePiece(root, rootView, "v"));
  // What stands instead of a value is told of all but the root.
  if (piece === undefined || mode === "fits" && piece.instead !== undefined) return undefined;
  return source.make(`return function (v) {
const depth = 0;
${piece.code}return ${mode === "text" ? `"" + ${piece.text}` : "true"};
};`);
}

/** Of the kinds whose values may be null. */
function isAny(attribute: AttributeModel): boolean {
  return underlying(attribute.type).kind === "any";
}
