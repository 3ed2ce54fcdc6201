/**
 * The attributes of a type as the help lists them: flag, type, and what is said of them.
 *
 * @module
 */
import { isCredential } from "../codec/credentials.ts";
import { stringifyJson } from "../codec/json_text.ts";
import { jsonCodec } from "../codec/json.ts";
import { unionTags } from "../codec/union.ts";
import { underlying } from "../codec/view.ts";
import type {
  AttributeModel,
  NamedAttributeModel,
  TypeModel,
  UserModel,
  ValidationModel,
} from "../design/model.ts";

/** One line of the help. */
export interface Row {
  /** Names from the top down. */
  readonly path: readonly string[];
  /** Its type, in a word or two. */
  readonly type: string;
  /** What it is, and what its values must satisfy. */
  readonly about: string;
  /** Whether it may stand without a value. */
  readonly boolean: boolean;
}

/** How deep objects in objects are listed; JSON does for what lies below. */
const MAX_DEPTH = 4;

/** How the rows of one type are made. */
interface Making {
  /** Whether paths are those of JSON rather than of flags, which say the member of a union by its name. */
  readonly json: boolean;
  readonly rows: Row[];
}

/**
 * Lists a type's attributes, those of the objects in it behind them; one row without a path for what has none.
 *
 * @param json Whether they are written as JSON rather than by flags
 */
export function rowsOf(attribute: AttributeModel, json = false): Row[] {
  const type = underlying(attribute.type);
  const making: Making = { json, rows: [] };
  if (hasMembers(type)) addMembers(type, [], namesIn(attribute.type, new Set()), making);
  else making.rows.push(rowOf({ ...attribute, name: "", required: false }, [], json));
  return making.rows;
}

function hasMembers(type: TypeModel): boolean {
  return type.kind === "object" || type.kind === "union";
}

function addMembers(
  type: TypeModel,
  path: readonly string[],
  above: ReadonlySet<UserModel>,
  to: Making,
): void {
  if (type.kind === "object") {
    for (const member of type.attributes) {
      const at = [...path, member.name];
      to.rows.push(rowOf(member, at, to.json));
      addBelow(member, at, above, to);
    }
  } else if (type.kind === "union") {
    const tags = unionTags(type);
    if (to.json) {
      const about = `(required; one of ${tags.map((tag) => JSON.stringify(tag)).join(", ")})`;
      to.rows.push({ path: [...path, type.typeField], type: "string", about, boolean: false });
    }
    type.members.forEach((member, index) => {
      const at = [...path, to.json ? type.valueField : member.name];
      const when = to.json
        ? `if ${type.typeField} is ${JSON.stringify(tags[index])}`
        : `one of ${type.members.map(({ name }) => name).join(", ")}`;
      to.rows.push(rowOf({ ...member, required: false }, at, to.json, when));
      addBelow(member, at, above, to);
    });
  }
}

function addBelow(
  attribute: AttributeModel,
  path: readonly string[],
  above: ReadonlySet<UserModel>,
  to: Making,
): void {
  const names = namesIn(attribute.type, above);
  // A type inside itself is as deep as one likes.
  const recursive = names.size === above.size && attribute.type.kind === "user";
  if (path.length >= MAX_DEPTH || recursive) return;
  const type = underlying(attribute.type);
  if (hasMembers(type)) addMembers(type, path, names, to);
  else if (type.kind === "map") addBelow(type.elem, [...path, "KEY"], names, to);
  else if (type.kind === "array") addBelow(type.elem, [...path.slice(0, -1), `${path.at(-1)}[]`], names, to);
}

/** The user types that a type is known by, and those above it. */
function namesIn(type: TypeModel, above: ReadonlySet<UserModel>): ReadonlySet<UserModel> {
  const names = new Set(above);
  for (let at = type; at.kind === "user"; at = at.attribute.type) names.add(at);
  return names;
}

function rowOf(member: NamedAttributeModel, path: readonly string[], json: boolean, more = ""): Row {
  return {
    path,
    type: typeText(member.type, json),
    about: aboutOf(member, more),
    boolean: underlying(member.type).kind === "boolean",
  };
}

/** A type in a word or two. */
function typeText(type: TypeModel, json: boolean): string {
  switch (type.kind) {
    case "user": {
      const inner = underlying(type);
      return hasMembers(inner) ? type.name : typeText(inner, json);
    }
    case "array":
      return `${typeText(type.elem.type, json)}[]`;
    case "map":
      return `map of ${typeText(type.elem.type, json)}`;
    case "union":
      return type.name;
    case "bytes":
      return json ? "base64" : "base64|@FILE";
    case "any":
      return "JSON";
    default:
      return type.kind;
  }
}

function aboutOf(member: NamedAttributeModel, more: string): string {
  const notes: string[] = [];
  if (member.required && member.default === undefined) notes.push("required");
  if (member.default !== undefined) notes.push(`default ${valueText(member, member.default)}`);
  notes.push(...rulesOf(member));
  if (isCredential(member)) notes.push("credential");
  if (more !== "") notes.push(more);
  const [example] = member.examples;
  if (example !== undefined) notes.push(`e.g. ${valueText(member, example.value)}`);
  const description = member.description ?? nameDescription(member.type) ?? "";
  if (notes.length === 0) return description;
  return `${description}${description === "" ? "" : " "}(${notes.join("; ")})`;
}

/** What the type says of itself, where the attribute says nothing. */
function nameDescription(type: TypeModel): string | undefined {
  return type.kind === "user"
    ? type.attribute.description ?? nameDescription(type.attribute.type)
    : undefined;
}

function valueText(attribute: AttributeModel, value: unknown): string {
  try {
    return jsonCodec(attribute, { root: "value", context: "help" }).encode(value);
  } catch {
    // Examples need not be valid.
    return stringifyJson(value);
  }
}

/** The validations of an attribute and of the types that it is known by. */
function rulesOf(attribute: AttributeModel): string[] {
  const rules = ruleTexts(attribute.validation);
  for (let { type } = attribute; type.kind === "user"; type = type.attribute.type) {
    rules.push(...ruleTexts(type.attribute.validation));
  }
  const type = underlying(attribute.type);
  if (type.kind === "array") rules.push(...rulesOf(type.elem).map((rule) => `each ${rule}`));
  return rules;
}

function ruleTexts(validation: ValidationModel): string[] {
  const { enum: values, format, pattern, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = validation;
  const { minLength, maxLength } = validation;
  const rules: string[] = [];
  if (values !== undefined) rules.push(`one of ${values.map((value) => stringifyJson(value)).join(", ")}`);
  if (format !== undefined) rules.push(format);
  if (pattern !== undefined) rules.push(`matches ${pattern}`);
  if (minimum !== undefined && maximum !== undefined) rules.push(`${minimum} to ${maximum}`);
  else if (minimum !== undefined) rules.push(`at least ${minimum}`);
  else if (maximum !== undefined) rules.push(`at most ${maximum}`);
  if (exclusiveMinimum !== undefined) rules.push(`more than ${exclusiveMinimum}`);
  if (exclusiveMaximum !== undefined) rules.push(`less than ${exclusiveMaximum}`);
  if (minLength !== undefined && maxLength !== undefined) rules.push(`length ${minLength} to ${maxLength}`);
  else if (minLength !== undefined) rules.push(`length at least ${minLength}`);
  else if (maxLength !== undefined) rules.push(`length at most ${maxLength}`);
  return rules;
}
