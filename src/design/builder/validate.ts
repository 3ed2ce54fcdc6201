/**
 * Validates values against a type where there is no wire: Standard Schema. What fits here is what codecs take.
 *
 * @module
 */
import { DesignError } from "../design_error.ts";
import type { AttributeModel, MapModel, ObjectModel, TypeModel, UnionModel, ViewModel } from "../model.ts";
import type { DataType } from "../parts.ts";
import { innermost, isLevel } from "../recursion.ts";
import type { SchemaIssue, SchemaResult } from "../standard_schema.ts";
import { resolveType } from "./attribute.ts";
import type { Build } from "./scope.ts";
import { underlying } from "./shape.ts";
import { keepTypes } from "./user.ts";
import { isRecord, misfit, misfitValidation, show } from "./values.ts";

const models = new WeakMap<object, AttributeModel>();

/** The type, resolved and checked once. */
function modelOf(part: DataType): AttributeModel {
  const known = models.get(part);
  if (known !== undefined) return known;
  const build: Build = { service: "(schema)", problems: [], types: new Map(), later: [] };
  const type = resolveType({ build, attribute: "" }, part);
  for (const check of build.later) check();
  if (build.problems.length > 0) throw new DesignError(build.service, build.problems);
  keepTypes(build.types);
  const model = plain(type);
  models.set(part, model);
  return model;
}

function plain(type: TypeModel): AttributeModel {
  return Object.freeze({ type, validation: {}, examples: [], meta: {} });
}

/** Nothing hostile makes a huge answer. */
const MAX_ISSUES = 16;
/** As in codecs: how often types may contain themselves, and how deep an Any may nest. */
const MAX_DEPTH = 100;

interface Walk {
  readonly issues: SchemaIssue[];
  readonly path: PropertyKey[];
  depth: number;
}

/** What `~standard.validate` does. */
export function validateType(part: DataType, value: unknown): SchemaResult<unknown> {
  const walk: Walk = { issues: [], path: [], depth: 0 };
  if (part.kind === "empty") {
    if (value === undefined) return { value };
    tell(walk, `${show(value)} is not empty`);
    return { issues: walk.issues };
  }
  const out = convert(value, modelOf(part), walk, "default");
  return walk.issues.length === 0 ? { value: out } : { issues: walk.issues };
}

function tell(walk: Walk, message: string): undefined {
  if (walk.issues.length < MAX_ISSUES) walk.issues.push({ message, path: [...walk.path] });
  return undefined;
}

function at<T>(walk: Walk, step: PropertyKey, run: () => T): T {
  walk.path.push(step);
  const result = run();
  walk.path.pop();
  return result;
}

function convert(value: unknown, attribute: AttributeModel, walk: Walk, asked: string): unknown {
  const before = walk.issues.length;
  const view = attribute.view ?? asked;
  const { type } = attribute;
  let out: unknown;
  if (type.kind === "user") {
    const shown = type.views?.[view];
    const inner = shown && underlying(type);
    const object = inner?.kind === "object" ? inner : undefined;
    const level = isLevel(object === undefined ? type : innermost(type)) ? 1 : 0;
    if (level > 0 && walk.depth > MAX_DEPTH) return tell(walk, `is more than ${MAX_DEPTH} types deep`);
    walk.depth += level;
    out = object === undefined
      ? convert(value, type.attribute, walk, view)
      : convertObject(value, object, walk, shown);
    walk.depth -= level;
  } else out = convertType(value, type, walk, view);
  if (walk.issues.length === before) {
    const problem = misfitValidation(value, attribute.validation);
    if (problem !== undefined) tell(walk, problem);
  }
  return out;
}

function convertType(
  value: unknown,
  type: Exclude<TypeModel, { kind: "user" }>,
  walk: Walk,
  view: string,
): unknown {
  switch (type.kind) {
    case "array":
      if (!Array.isArray(value)) return tell(walk, `${show(value)} is not an array`);
      return value.map((item, index) => at(walk, index, () => convert(item, type.elem, walk, view)));
    case "map":
      return convertMap(value, type, walk);
    case "object":
      return convertObject(value, type, walk);
    case "union":
      return convertUnion(value, type, walk);
    case "any":
      checkAny(value, walk, 0);
      return value;
    default: {
      const problem = misfit(value, plain(type)) ??
        (type.kind === "float32" && !Number.isFinite(Math.fround(value as number))
          ? `${show(value)} is beyond a Float32`
          : undefined);
      if (problem !== undefined) return tell(walk, problem);
      return value instanceof Uint8Array ? value.slice() : value;
    }
  }
}

function convertMap(value: unknown, type: MapModel, walk: Walk): unknown {
  const text = underlying(type.key.type)?.kind === "string";
  if (text ? !isObject(value) : !(value instanceof Map)) return tell(walk, `${show(value)} is not a map`);
  const out: Record<string, unknown> | Map<unknown, unknown> = text ? {} : new Map();
  const entries = value instanceof Map ? value : Object.entries(value as object);
  for (const [key, item] of entries) {
    if (text && item === undefined) continue;
    at(walk, typeof key === "number" ? key : String(key), () => {
      const name = convert(key, type.key, walk, "default");
      const converted = convert(item, type.elem, walk, "default");
      if (out instanceof Map) out.set(name, converted);
      else put(out, key, converted);
    });
  }
  return out;
}

function convertObject(value: unknown, type: ObjectModel, walk: Walk, view?: ViewModel): unknown {
  if (!isObject(value)) return tell(walk, `${show(value)} is not an object`);
  const out: Record<string, unknown> = {};
  for (const attribute of type.attributes) {
    const { name } = attribute;
    const shown = view?.attributes.find((one) => one.name === name);
    if (view !== undefined && shown === undefined) continue;
    const own = name in Object.prototype && !Object.hasOwn(value, name) ? undefined : value[name];
    const item = own ?? attribute.default;
    if (item === undefined) {
      if (attribute.required) tell(walk, `attribute "${name}" is missing`);
    } else put(out, name, at(walk, name, () => convert(item, attribute, walk, shown?.view ?? "default")));
  }
  return out;
}

function convertUnion(value: unknown, type: UnionModel, walk: Walk): unknown {
  if (!isObject(value)) return tell(walk, `${show(value)} is not a union`);
  const { members, typeField, valueField } = type;
  const tags = members.map(({ name, meta }) => meta["oneof:type:tag"]?.[0] ?? name);
  const tag = value[typeField];
  const member = members[tags.indexOf(tag as string)];
  if (member === undefined) {
    return at(walk, typeField, () => tell(walk, `${show(tag)} is not one of ${tags.map(show).join(", ")}`));
  }
  const item = value[valueField] ?? undefined;
  if (item === undefined) return tell(walk, `attribute "${valueField}" is missing`);
  const out: Record<string, unknown> = {};
  put(out, typeField, tag);
  put(out, valueField, at(walk, valueField, () => convert(item, member, walk, "default")));
  return out;
}

/** Whatever JSON can hold. */
function checkAny(value: unknown, walk: Walk, depth: number): void {
  switch (typeof value) {
    case "boolean":
      return;
    case "number":
      if (!Number.isFinite(value)) tell(walk, `${value} is not a finite number`);
      return;
    case "string":
      if (!value.isWellFormed()) tell(walk, `${show(value)} has a lone surrogate`);
      return;
    case "object":
      if (value === null) return;
      if (depth >= MAX_DEPTH) return tell(walk, `is more than ${MAX_DEPTH} values deep`);
      if (Array.isArray(value)) {
        return value.forEach((item, index) => at(walk, index, () => checkAny(item, walk, depth + 1)));
      }
      if (isObject(value)) {
        for (const [name, item] of Object.entries(value)) {
          if (item !== undefined) at(walk, name, () => checkAny(item, walk, depth + 1));
        }
        return;
      }
  }
  tell(walk, `${typeof value === "object" ? "an object of a class" : show(value)} is no JSON value`);
}

/** Whether a value can have attributes: class instances can, but no Map, no Date and no forgotten promise. */
function isObject(value: unknown): value is Record<string, unknown> {
  if (!isRecord(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ||
    !(Symbol.toStringTag in value || value instanceof Date);
}

/** Sets `__proto__` as any other name. */
function put(object: Record<string, unknown>, name: string, value: unknown): void {
  if (value === undefined) return;
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
