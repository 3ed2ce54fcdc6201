/**
 * The types of a design in TypeScript: the same that its words infer (src/design/attribute_types.ts), written out, so
 * that they need not be inferred.
 *
 * @module
 */
import { unionTags } from "../codec/union.ts";
import { underlying } from "../codec/view.ts";
import { ERROR_RESULT_IDENTIFIER } from "../design/error_result.ts";
import type { Side } from "../design/infer.ts";
import type {
  AttributeModel,
  MapModel,
  NamedAttributeModel,
  ObjectModel,
  TypeModel,
  UnionModel,
  UserModel,
  ViewModel,
} from "../design/model.ts";
import { attributeDoc, joined, jsDoc, textLines } from "./ts_doc.ts";
import { pascal, propertyKey, typeNames } from "./ts_names.ts";
import { sidesDiffer } from "./ts_sides.ts";
import { exampleLines, valueText } from "./told.ts";

/** Writes types, and keeps the declarations that they need. */
export interface TypeWriter {
  /** The declarations so far, in the order in which they were asked for: lines of each. */
  readonly declarations: readonly (readonly string[])[];
  /** Keeps a name for something else in the file. */
  take(name: string): string;
  /** Whether a name is taken. */
  has(name: string): boolean;
  /**
   * Declares what a method carries, under a name of its own.
   *
   * @param what What it is, for people: `Payload of list`
   * @param home The side that has the name without an ending
   * @param loose Whether the view is chosen at run time
   */
  root(attribute: AttributeModel, name: string, what: string, home: Side, loose?: boolean): Sides;
}

/** A type at its sender and at its receiver. */
export interface Sides {
  /** At the sender. */
  readonly in: string;
  /** At the receiver. */
  readonly out: string;
}

/** Where a type without a name stands: what it is called after. */
interface Place {
  readonly name: string;
  readonly home: Side;
}

const PRIMITIVES: Readonly<Record<string, string>> = {
  boolean: "boolean",
  int: "number",
  int32: "number",
  int64: "bigint",
  uint: "number",
  uint32: "number",
  uint64: "bigint",
  float32: "number",
  float64: "number",
  string: "string",
  any: "unknown",
};

/** What follows the name of the side that is not at home. */
const ENDINGS: Readonly<Record<Side, string>> = { in: "In", out: "Out" };

/** Makes a writer for one file. */
export function typeWriter(): TypeWriter {
  const names = typeNames();
  const declarations: string[][] = [];
  /** Names of what is declared: by type, then by side and view. */
  const declared = new Map<TypeModel, Map<string, string>>();
  /** Names of named types without ending, which are theirs whichever side is declared first. */
  const bases = new Map<UserModel, string>();

  /** Declares once; the name is known before the declaration is written, as types may contain themselves. */
  const declare = (type: TypeModel, key: string, name: () => string, write: (name: string) => string[]) => {
    let keys = declared.get(type);
    if (keys === undefined) declared.set(type, keys = new Map());
    const known = keys.get(key);
    if (known !== undefined) return known;
    const taken = names.take(name());
    keys.set(key, taken);
    const at = declarations.push([]) - 1;
    declarations[at] = write(taken);
    return taken;
  };

  const ending = (type: TypeModel, side: Side, home: Side) =>
    side === home || !sidesDiffer(type) ? "" : ENDINGS[side];

  const typeOf = (attribute: AttributeModel, side: Side, place: Place): string => {
    const { type, validation, view } = attribute;
    const values = validation.enum;
    if (values !== undefined && isNarrowed(type)) return values.map(literal).join(" | ");
    switch (type.kind) {
      case "user":
        return userType(type, side, view);
      case "object":
        return objectType(type, side, place);
      case "union":
        return unionType(type, side, place);
      case "array": {
        const elem = typeOf(type.elem, side, { ...place, name: `${place.name}Item` });
        const one = /[ ]/.test(elem) ? `(${elem})` : elem;
        return side === "in" ? `readonly ${one}[]` : `${one}[]`;
      }
      case "map":
        return mapType(type, side, place);
      case "bytes":
        return side === "in" ? "Uint8Array" : "Uint8Array<ArrayBuffer>";
      default:
        return PRIMITIVES[type.kind]!;
    }
  };

  const mapType = (type: MapModel, side: Side, place: Place): string => {
    const key = typeOf(type.key, side, { ...place, name: `${place.name}Key` });
    const value = typeOf(type.elem, side, { ...place, name: `${place.name}Value` });
    const isIn = side === "in";
    if (underlying(type.key.type).kind !== "string") {
      return `${isIn ? "ReadonlyMap" : "Map"}<${key}, ${value}>`;
    }
    if (hasEnum(type.key)) {
      return isIn ? `{ readonly [K in ${key}]?: ${orUndefined(value)} }` : `{ [K in ${key}]?: ${value} }`;
    }
    return isIn ? `Readonly<Record<string, ${value}>>` : `Record<string, ${value}>`;
  };

  const unionType = (type: UnionModel, side: Side, place: Place): string => {
    const tags = unionTags(type);
    const [tagKey, valueKey] = [propertyKey(type.typeField), propertyKey(type.valueField)];
    return type.members.map((member, index) => {
      const value = typeOf(member, side, { ...place, name: place.name + pascal(member.name) });
      return `{ ${tagKey}: ${literal(tags[index])}; ${valueKey}: ${value} }`;
    }).join(" | ");
  };

  const objectType = (type: ObjectModel, side: Side, place: Place): string => {
    const what = [`Part of \`${place.name}\`.`];
    return declare(type, sideKey(type, side), () => place.name + ending(type, side, place.home), (name) => [
      ...jsDoc(what),
      ...interfaceLines(name, type.attributes, side, place),
    ]);
  };

  /** A named type; one with views as the view shows it. */
  const userType = (type: UserModel, side: Side, view = "default"): string => {
    if (type.identifier === ERROR_RESULT_IDENTIFIER) return "ErrorResultValue";
    if (side === "out" && type.views !== undefined) return viewType(type, view);
    const place = { name: baseOf(type), home: "out" } as const;
    const key = type.views === undefined || sidesDiffer(type) ? sideKey(type, side) : "view default";
    return declare(
      type,
      key,
      () => place.name + ending(type, side, "out"),
      (name) => userLines(name, type, side, place),
    );
  };

  const userLines = (name: string, type: UserModel, side: Side, place: Place): string[] => {
    const { attribute } = type;
    const about = userDoc(type, side === "in" && sidesDiffer(type) ? "as it is sent" : undefined);
    if (attribute.type.kind === "object") {
      return [...about, ...interfaceLines(name, attribute.type.attributes, side, place)];
    }
    return [...about, `export type ${name} = ${typeOf(attribute, side, place)};`];
  };

  const viewType = (type: UserModel, view: string): string => {
    const name = () => baseOf(type) + (view === "default" ? "" : pascal(view));
    const place = { name: name(), home: "out" } as const;
    const note = view === "default" ? undefined : `view \`${view}\``;
    return declare(type, `view ${view}`, name, (name) => {
      const inner = type.attribute.type;
      if (inner.kind === "object") {
        const shown = shownBy(type.views![view]!, inner);
        return [...userDoc(type, note), ...interfaceLines(name, shown, "out", place)];
      }
      const of = inner.kind === "array"
        ? `${typeOf({ ...inner.elem, view }, "out", place)}[]`
        : typeOf({ ...type.attribute, view }, "out", place);
      return [...userDoc(type, note), `export type ${name} = ${of};`];
    });
  };

  /** What any of its views may show. */
  const looseType = (type: UserModel, attributes?: ReadonlySet<string>): string => {
    const inner = type.attribute.type;
    const views = attributes ?? new Set(Object.keys(type.views!));
    if (inner.kind === "array") {
      const elem = inner.elem.type;
      return elem.kind === "user" && elem.views !== undefined ? `${looseType(elem, views)}[]` : "unknown[]";
    }
    const key = `any of ${[...views].join()}`;
    return declare(type, key, () => `${baseOf(type)}AnyView`, (name) => [
      ...userDoc(type, "in a view that is chosen when it is sent"),
      ...looseLines(name, type, [...views]),
    ]);
  };

  const looseLines = (name: string, type: UserModel, views: readonly string[]): string[] => {
    const object = type.attribute.type as ObjectModel;
    const shown = views.map((view) => shownBy(type.views![view]!, object));
    const lines = object.attributes.flatMap((attribute) => {
      const found = shown.flatMap((each) => each.filter((one) => one.name === attribute.name));
      if (found.length === 0) return [];
      const place = { name: name + pascal(attribute.name), home: "out" } as const;
      const types = [...new Set(found.map((one) => typeOf(one, "out", place)))].join(" | ");
      const firm = found.length === shown.length && isFirm(attribute, "out");
      return propertyLines(attribute, types, firm);
    });
    return bracedLines(name, lines);
  };

  const interfaceLines = (
    name: string,
    attributes: readonly NamedAttributeModel[],
    side: Side,
    place: Place,
  ): string[] =>
    bracedLines(
      name,
      attributes.flatMap((attribute) => {
        const inner = { ...place, name: place.name + pascal(attribute.name) };
        return propertyLines(attribute, typeOf(attribute, side, inner), isFirm(attribute, side));
      }),
    );

  const baseOf = (type: UserModel): string => {
    let base = bases.get(type);
    if (base === undefined) {
      base = pascal(type.name);
      // Another type of that name, an earlier one: both sides and all views of this one go by the number.
      for (let n = 2; [...bases.values()].includes(base) || names.has(base); n++) {
        base = `${pascal(type.name)}${n}`;
      }
      bases.set(type, base);
    }
    return base;
  };

  const rootSide = (
    attribute: AttributeModel,
    root: string,
    what: string,
    side: Side,
    home: Side,
    loose: boolean,
  ): string => {
    const { type } = attribute;
    const user = type.kind === "user" ? type : undefined;
    const place = { name: root, home };
    const note = side === home ? "" : side === "in" ? ", as it is sent" : ", as it is received";
    const about = jsDoc(
      joined([textLines(attribute.description ?? `${what}${note}.`), exampleLines(attribute)]),
    );
    const name = () => root + (isOneSided(attribute, loose) ? "" : side === home ? "" : ENDINGS[side]);
    if (user === undefined && type.kind === "object") {
      return declare(type, sideKey(type, side), name, (name) => [
        ...about,
        ...interfaceLines(name, type.attributes, side, place),
      ]);
    }
    const text = loose && side === "out" ? looseType(user!) : typeOf(attribute, side, place);
    // The type has that name itself.
    if (text === name()) return text;
    const taken = names.take(name());
    declarations.push([...about, `export type ${taken} = ${text};`]);
    return taken;
  };

  return {
    declarations,
    take: names.take,
    has: names.has,
    root(attribute, name, what, home, loose = false) {
      const first = rootSide(attribute, name, what, home, home, loose);
      const second = isOneSided(attribute, loose)
        ? first
        : rootSide(attribute, name, what, home === "in" ? "out" : "in", home, loose);
      return home === "in" ? { in: first, out: second } : { in: second, out: first };
    },
  };
}

/** Whether one declaration stands for both sides. */
function isOneSided({ type, view }: AttributeModel, loose: boolean): boolean {
  return !loose && (view === undefined || view === "default") && !sidesDiffer(type);
}

function sideKey(type: TypeModel, side: Side): string {
  return sidesDiffer(type) ? side : "both";
}

/** The attributes that a view shows, in the views that it picks for them. */
function shownBy({ attributes }: ViewModel, object: ObjectModel): readonly NamedAttributeModel[] {
  return attributes.flatMap(({ name, view }) => {
    const attribute = object.attributes.find((each) => each.name === name);
    return attribute === undefined ? [] : [view === undefined ? attribute : { ...attribute, view }];
  });
}

/** Whether an attribute is always there. Default beats Required. */
function isFirm({ required, default: value }: NamedAttributeModel, side: Side): boolean {
  return side === "in" ? required && value === undefined : required || value !== undefined;
}

function bracedLines(name: string, lines: readonly string[]): string[] {
  return lines.length === 0
    // An interface without properties would take anything.
    ? [`export type ${name} = Record<never, never>;`]
    : [`export interface ${name} {`, ...lines, "}"];
}

function propertyLines(attribute: NamedAttributeModel, type: string, firm: boolean): string[] {
  const key = propertyKey(attribute.name);
  return [
    ...jsDoc(attributeDoc(attribute), "  "),
    firm ? `  ${key}: ${type};` : `  ${key}?: ${orUndefined(type)};`,
  ];
}

function orUndefined(type: string): string {
  return type === "unknown" ? type : `${type} | undefined`;
}

function userDoc({ name, attribute }: UserModel, note: string | undefined): string[] {
  const about = textLines(attribute.description ?? `The type \`${name}\`.`);
  const first = note === undefined ? about : [`${about[0]!.replace(/\.$/, "")} (${note})`, ...about.slice(1)];
  return jsDoc(joined([first, exampleLines(attribute)]));
}

function hasEnum(attribute: AttributeModel): boolean {
  for (let at: AttributeModel | undefined = attribute; at !== undefined;) {
    if (at.validation.enum !== undefined) return true;
    at = at.type.kind === "user" ? at.type.attribute : undefined;
  }
  return false;
}

/** `Enum` narrows what TypeScript has literals for. */
function isNarrowed(type: TypeModel): boolean {
  const name = PRIMITIVES[underlying(type).kind];
  return name !== undefined && name !== "unknown";
}

function literal(value: unknown): string {
  return typeof value === "bigint" ? `${value}n` : valueText(value);
}
