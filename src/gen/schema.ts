/**
 * JSON Schema of types: of the JSON that goats takes and gives (src/codec/json.ts).
 *
 * What one schema says of both directions: an attribute with a default is not required, as senders may leave it out;
 * attributes that a type does not know may be there, as receivers drop them; `null` for an optional attribute and
 * decimal strings for 64-bit integers, which goats takes and never writes, are not mentioned.
 *
 * @module
 */
import { isCredential } from "../codec/credentials.ts";
import { defaultIn } from "../codec/default.ts";
import { jsonCodec } from "../codec/json.ts";
import { unionTags } from "../codec/union.ts";
import { underlying, viewOf } from "../codec/view.ts";
import type {
  AttributeModel,
  FormatName,
  MapModel,
  NamedAttributeModel,
  PrimitiveKind,
  TypeModel,
  UnionModel,
  UserModel,
  ValidationModel,
  ViewModel,
} from "../design/model.ts";
import { type Node, node, some } from "./document.ts";
import { schemaPattern } from "./pattern.ts";

/** How schemas are written. */
export interface SchemaOptions {
  /** Gives the reference to a named type in one of its views. */
  readonly ref: (type: UserModel, view: string) => string;
  /** Whether readers know no more than draft 7, in which nothing may stand beside `$ref`. */
  readonly draft7?: boolean;
}

/** Makes schemas. */
export interface Schemas {
  /** Of a value in one place of a design. */
  of(attribute: AttributeModel, view?: string): Node;
  /** Of a named type in one of its views, itself and no reference. */
  define(type: UserModel, view: string): Node;
  /** Of an object with some attributes, each perhaps in a view. */
  object(members: readonly Member[]): Node;
}

/** An attribute of an object, and its view. */
export interface Member {
  readonly attribute: NamedAttributeModel;
  readonly view?: string;
}

/** Attributes of an object type as a view shows them; none of any other type. */
export function membersOf(attribute: AttributeModel, view = "default"): readonly Member[] {
  let shown: ViewModel | undefined;
  let at = attribute;
  let name = attribute.view ?? view;
  while (at.type.kind === "user") {
    if (at.type.views !== undefined) shown = viewOf(at.type, name);
    at = at.type.attribute;
    name = at.view ?? name;
  }
  if (at.type.kind !== "object") return [];
  if (shown === undefined) return at.type.attributes.map((attribute) => ({ attribute }));
  const views = new Map(shown.attributes.map((one) => [one.name, one.view]));
  return at.type.attributes.filter(({ name }) => views.has(name))
    .map((attribute) => ({ attribute, view: views.get(attribute.name) }));
}

/** The view by which a named type is told apart from itself: `"default"` where its views change nothing. */
export function viewKey(type: UserModel, view: string): string {
  return matters(type, new Set()) ? view : "default";
}

function matters(type: TypeModel, seen: Set<TypeModel>): boolean {
  if (seen.has(type)) return false;
  seen.add(type);
  if (type.kind === "user" && type.views !== undefined) return Object.keys(type.views).length > 1;
  const inner = type.kind === "user" ? type.attribute : type.kind === "array" ? type.elem : undefined;
  return inner !== undefined && inner.view === undefined && matters(inner.type, seen);
}

const PRIMITIVES: Readonly<Record<PrimitiveKind, Readonly<Record<string, unknown>>>> = {
  boolean: { type: "boolean" },
  int: { type: "integer", minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
  int32: { type: "integer", format: "int32", minimum: -2147483648, maximum: 2147483647 },
  int64: {
    type: "integer",
    format: "int64",
    minimum: -9223372036854775808n,
    maximum: 9223372036854775807n,
  },
  uint: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  uint32: { type: "integer", format: "uint32", minimum: 0, maximum: 4294967295 },
  uint64: { type: "integer", format: "uint64", minimum: 0, maximum: 18446744073709551615n },
  float32: { type: "number", format: "float" },
  float64: { type: "number", format: "double" },
  string: { type: "string" },
  bytes: { type: "string", contentEncoding: "base64" },
  any: {},
};

/** Formats as JSON Schema calls them; it has no name for the others, which readers may ignore. */
const FORMATS: Readonly<Record<FormatName, Readonly<Record<string, unknown>>>> = {
  "date": { format: "date" },
  "date-time": { format: "date-time" },
  "uuid": { format: "uuid" },
  "email": { format: "email" },
  "hostname": { format: "hostname" },
  "ipv4": { format: "ipv4" },
  "ipv6": { format: "ipv6" },
  "ip": { anyOf: [{ format: "ipv4" }, { format: "ipv6" }] },
  "uri": { format: "uri" },
  "mac": { format: "mac" },
  "cidr": { format: "cidr" },
  "regexp": { format: "regex" },
  "json": { contentMediaType: "application/json" },
  "rfc1123": { format: "rfc1123" },
};

/** How many characters of base64 some bytes are. */
const base64Length = (bytes: number): number => 4 * Math.ceil(bytes / 3);

/** What names the lengths of a kind. */
function lengths({ type, minLength: min, maxLength: max }: ValidationModel & { type: TypeModel }): Node {
  const inner = underlying(type);
  switch (inner.kind) {
    case "bytes":
      return node({
        minLength: min === undefined ? undefined : base64Length(min),
        maxLength: max === undefined ? undefined : base64Length(max),
      });
    case "array":
      return node({ minItems: min, maxItems: max });
    case "map":
      return isPairs(inner)
        ? node({ minItems: min, maxItems: max })
        : node({ minProperties: min, maxProperties: max });
    default:
      return node({ minLength: min, maxLength: max });
  }
}

/** Keys that can be names of JSON objects. */
const NAMES: Readonly<Partial<Record<TypeModel["kind"], Readonly<Record<string, unknown>>>>> = {
  boolean: { enum: ["true", "false"] },
  int: { pattern: "^-?(?:0|[1-9]\\d*)$" },
  int32: { pattern: "^-?(?:0|[1-9]\\d*)$" },
  int64: { pattern: "^-?\\d{1,20}$" },
  uint: { pattern: "^(?:0|[1-9]\\d*)$" },
  uint32: { pattern: "^(?:0|[1-9]\\d*)$" },
  uint64: { pattern: "^\\d{1,20}$" },
  float32: { pattern: "^-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?$" },
  float64: { pattern: "^-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?$" },
  string: {},
  bytes: { contentEncoding: "base64" },
};

/** Whether a map is an array of pairs in JSON, as its keys cannot be names. */
function isPairs(type: MapModel): boolean {
  return NAMES[underlying(type.key.type).kind] === undefined;
}

/** A value of the design as JSON; `undefined` when it is none of the type, as examples may be. */
export function jsonOf(attribute: AttributeModel, value: unknown, view?: string): unknown {
  try {
    return jsonCodec(attribute, { root: "", context: "", view }).toJson(defaultIn(value, attribute.type));
  } catch {
    return undefined;
  }
}

/** The examples of an attribute as JSON, with their titles. */
export function examplesOf(
  attribute: AttributeModel,
  view?: string,
): readonly { readonly summary: string; readonly value: unknown }[] {
  return attribute.examples.flatMap(({ summary, value }) => {
    const json = jsonOf(attribute, value, view);
    return json === undefined ? [] : [{ summary, value: json }];
  });
}

/** Makes what makes schemas. */
export function schemas(options: SchemaOptions): Schemas {
  const { ref, draft7 = false } = options;

  function of(attribute: AttributeModel, view = "default"): Node {
    const { type } = attribute;
    const name = attribute.view ?? view;
    const said = sayings(attribute, name);
    if (type.kind !== "user") return merge(ofType(type, name), said);
    const $ref = ref(type, viewKey(type, name));
    return draft7 && Object.keys(said).length > 0
      ? node({ allOf: [{ $ref }], ...said })
      : node({ $ref, ...said });
  }

  function define(type: UserModel, view: string): Node {
    const { attribute } = type;
    const name = attribute.view ?? view;
    if (attribute.type.kind !== "object") return of(attribute, view);
    const plain: AttributeModel = { type, validation: {}, examples: [], meta: {} };
    return merge(object(membersOf(plain, view)), sayings(attribute, name));
  }

  function ofType(type: Exclude<TypeModel, UserModel>, view: string): Node {
    switch (type.kind) {
      case "array":
        return node({ type: "array", items: of(type.elem, view) });
      case "map":
        return map(type);
      case "object":
        return object(type.attributes.map((attribute) => ({ attribute })));
      case "union":
        return union(type);
      default:
        return node(PRIMITIVES[type.kind]);
    }
  }

  function map(type: MapModel): Node {
    if (isPairs(type)) {
      const pair = [of(type.key), of(type.elem)];
      const tuple = draft7 ? { items: pair } : { prefixItems: pair };
      return node({ type: "array", items: { type: "array", ...tuple, minItems: 2, maxItems: 2 } });
    }
    return node({ type: "object", propertyNames: keys(type), additionalProperties: of(type.elem) });
  }

  /** What the names of a map's members keep to; of the rules only those that are of text. */
  function keys({ key }: MapModel): Node | undefined {
    const rules = node(NAMES[underlying(key.type).kind]);
    for (let at: AttributeModel | undefined = key; at !== undefined;) {
      const { pattern, format, enum: values } = at.validation;
      if (pattern !== undefined) rules.pattern = schemaPattern(pattern) ?? rules.pattern;
      if (format !== undefined) Object.assign(rules, FORMATS[format]);
      if (values !== undefined) rules.enum = values.map((value) => textOf(jsonOf(key, value) ?? value));
      if (underlying(at.type).kind === "string") {
        Object.assign(rules, lengths({ ...at.validation, type: at.type }));
      }
      at = at.type.kind === "user" ? at.type.attribute : undefined;
    }
    return Object.keys(rules).length === 0 ? undefined : rules;
  }

  function object(members: readonly Member[]): Node {
    const properties = node();
    for (const { attribute, view } of members) {
      const schema = of(attribute, view);
      properties[attribute.name] = mustBe(attribute) && isAny(attribute.type) ? something(schema) : schema;
    }
    return node({
      type: "object",
      properties: members.length === 0 ? undefined : properties,
      required: some(
        members.filter(({ attribute }) => mustBe(attribute)).map(({ attribute }) => attribute.name),
      ),
    });
  }

  function union(type: UnionModel): Node {
    const tags = unionTags(type);
    const { typeField, valueField } = type;
    return node({
      oneOf: type.members.map((member, index) => {
        const value = of(member);
        const properties = node();
        properties[typeField] = { type: "string", const: tags[index] };
        properties[valueField] = isAny(member.type) ? something(value) : value;
        return node({
          type: "object",
          properties,
          required: [typeField, valueField],
        });
      }),
    });
  }

  /** All that a value may be but null, which is as good as nothing where something must be. */
  function something(schema: Node): Node {
    const type = ["array", "boolean", "number", "object", "string"];
    if (schema.enum !== undefined) return schema;
    return draft7 && schema.$ref !== undefined ? node({ allOf: [schema], type }) : node({ type, ...schema });
  }

  return { of, define, object };
}

function mustBe({ required, default: preset }: NamedAttributeModel): boolean {
  return required && preset === undefined;
}

function isAny(type: TypeModel): boolean {
  return underlying(type).kind === "any";
}

function textOf(json: unknown): string {
  return typeof json === "string" ? json : String(json);
}

/** What an attribute says besides its type. */
function sayings(attribute: AttributeModel, view: string): Node {
  const { type, description, validation, default: preset } = attribute;
  const { pattern, format, enum: values } = validation;
  const translated = pattern === undefined ? undefined : schemaPattern(pattern);
  const inner = { ...attribute, validation: {} };
  return node({
    description,
    ...(isPassword(attribute) ? { format: "password" } : {}),
    ...(format === undefined || underlying(type).kind !== "string" ? {} : FORMATS[format]),
    pattern: translated,
    // Readers of JSON Schema could not compile it.
    $comment: pattern !== undefined && translated === undefined ? `pattern: ${pattern}` : undefined,
    enum: values?.map((value) => jsonOf(inner, value) ?? value),
    minimum: validation.minimum,
    maximum: validation.maximum,
    exclusiveMinimum: validation.exclusiveMinimum,
    exclusiveMaximum: validation.exclusiveMaximum,
    ...lengths({ ...validation, type }),
    default: preset === undefined ? undefined : jsonOf(attribute, preset),
    examples: some(examplesOf(attribute, view).map(({ value }) => value)),
  });
}

function isPassword(attribute: AttributeModel): boolean {
  return isCredential(attribute) && attribute.meta["security:password"] !== undefined;
}

/** A schema with what is said besides; of two limits the narrower one, none beside the values themselves. */
function merge(schema: Node, said: Node): Node {
  // What it is comes first: people read it.
  const merged = node({ description: said.description, ...schema, ...said });
  if (said.enum !== undefined) {
    delete merged.minimum;
    delete merged.maximum;
    return merged;
  }
  limit(merged, "minimum", schema.minimum, said.minimum ?? said.exclusiveMinimum, (a, b) => a < b);
  limit(merged, "maximum", schema.maximum, said.maximum ?? said.exclusiveMaximum, (a, b) => a > b);
  return merged;
}

type Limit = number | bigint;

/** Keeps the limit of a type unless what is said is as narrow. */
function limit(
  merged: Node,
  name: string,
  own: unknown,
  said: unknown,
  wider: (a: Limit, b: Limit) => boolean,
): void {
  if (own === undefined || said === undefined) return;
  if (wider(said as Limit, own as Limit)) merged[name] = own;
  else if (merged[name] === own && said !== own) delete merged[name];
}
