/**
 * Resolves attributes and types.
 *
 * @module
 */
import { record } from "../freeze.ts";
import type {
  AttributeModel,
  NamedAttributeModel,
  ObjectModel,
  PrimitiveKind,
  PrimitiveModel,
  TypeModel,
  UserModel,
} from "../model.ts";
import type { DataType, ErrorMember, TypeLike, TypeMember } from "../parts.ts";
import { collect, type Collected } from "./collect.ts";
import { describe, isOwn } from "./describe.ts";
import { attributesOf } from "./inherit.ts";
import { below, report, type Scope, within } from "./scope.ts";
import { objectOf } from "./shape.ts";
import { resolveUnion } from "./union.ts";
import { checkAttribute } from "./validations.ts";
import { checkPick, resolveUser } from "./user.ts";

const primitives: Partial<Record<PrimitiveKind, PrimitiveModel>> = record();

function primitive(kind: PrimitiveKind): PrimitiveModel {
  return primitives[kind] ??= Object.freeze({ kind });
}

/** What parts are without a type and without attributes: a String, or an object with nothing in it. */
export type Bare = "string" | "object";

/** Resolves the attribute that parts make. */
export function resolveAttribute(
  scope: Scope,
  parts: readonly (TypeMember | ErrorMember)[],
  bare: Bare = "string",
): AttributeModel {
  return attributeOf(scope, collect(scope, parts), bare);
}

/** As {@linkcode resolveAttribute}, of parts already sorted. */
export function attributeOf(scope: Scope, found: Collected, bare: Bare, pins = true): AttributeModel {
  const type = typeOf(scope, found, bare);
  const pin = pins ? found.views[0] : undefined;
  if (pins && found.views.length > 1) report(scope, "View is there twice");
  if (pin !== undefined && pin.attributes.length > 0) {
    report(scope, `View "${pin.name}" names attributes outside of a ResultType`);
  }
  const attribute: AttributeModel = Object.freeze({
    type,
    ...(found.description === undefined ? {} : { description: found.description }),
    validation: found.validation,
    ...(found.default === undefined ? {} : { default: found.default.value }),
    examples: found.examples,
    meta: found.meta,
    ...(pin === undefined ? {} : { view: pin.name }),
  });
  if (pin !== undefined) scope.build.later.push(() => checkPick(scope, attribute));
  checkAttribute(scope, attribute);
  return attribute;
}

function typeOf(scope: Scope, found: Collected, bare: Bare): TypeModel {
  if (found.key.length > 0 || found.elem.length > 0) return typeOf(scope, withElements(scope, found), bare);
  if (found.attributes.length > 0 || found.extends.length > 0) {
    if (found.type !== undefined) {
      report(scope, `there are both a type and ${found.attributes.length > 0 ? "attributes" : "Extend"}`);
    }
    return resolveObject(scope, found);
  }
  if (found.references.length > 0) report(scope, "Reference stands only where there are attributes");
  if (found.type === undefined) {
    if (bare === "object") return resolveObject(scope, found);
    if (found.required.size > 0) reportRequired(scope, found.required);
    return primitive("string");
  }
  const type = resolveType(scope, found.type);
  return found.required.size === 0 ? type : demand(scope, type, found.required);
}

/** `Attribute("a", ArrayOf(String), Elem(MinLength(1)))`, as Goa has it: said of the elements of the type. */
function withElements(scope: Scope, found: Collected): Collected {
  const type = found.type === undefined ? undefined : dereference(scope, found.type);
  const plain: Collected = { ...found, key: [], elem: [] };
  if (type?.kind !== "map" && found.key.length > 0) report(scope, "Key stands only where there is a MapOf");
  if (type?.kind === "map") {
    return {
      ...plain,
      type: Object.freeze({
        ...type,
        key: [...type.key, ...found.key],
        elem: [...type.elem, ...found.elem],
        "~standard": type["~standard"],
      }),
    };
  }
  if (type?.kind === "array") {
    return {
      ...plain,
      type: Object.freeze({ ...type, elem: [...type.elem, ...found.elem], "~standard": type["~standard"] }),
    };
  }
  if (found.elem.length > 0) report(scope, "Elem stands only where there is an ArrayOf or a MapOf");
  return plain;
}

/** Resolves a type, calling the thunk that may stand for it. */
export function resolveType(scope: Scope, like: TypeLike): TypeModel {
  const type = dereference(scope, like);
  if (type === undefined) return primitive("any");
  switch (type.kind) {
    case "primitive":
      return primitive(type.primitive);
    case "empty":
      report(scope, "Empty stands only in Payload, Result and their streaming forms");
      return primitive("any");
    case "array":
      return Object.freeze({ kind: "array", elem: resolveAttribute(within(scope, "[*]"), type.elem) });
    case "map":
      return Object.freeze({
        kind: "map",
        key: resolveAttribute(within(scope, "[key]"), type.key),
        elem: resolveAttribute(within(scope, "[*]"), type.elem),
      });
    case "union":
      return resolveUnion(scope, type);
    default:
      return resolveUser(scope, type);
  }
}

/** The type, where a thunk may stand for it; tells when it gives none. */
export function dereference(scope: Scope, like: TypeLike): DataType | undefined {
  let type: unknown = like;
  if (typeof like === "function" && !isOwn(like)) {
    try {
      type = like();
    } catch (error) {
      report(scope, `the thunk of a type threw: ${error instanceof Error ? error.message : error}`);
      return undefined;
    }
  }
  const kind = (type as { kind?: unknown } | null | undefined)?.kind;
  if (typeof kind === "string" && TYPE_KINDS.has(kind)) return type as DataType;
  report(scope, `${describe(type)} stands where a type should`);
  return undefined;
}

const TYPE_KINDS: ReadonlySet<string> = new Set([
  "primitive",
  "empty",
  "array",
  "map",
  "type",
  "result_type",
  "collection",
  "union",
]);

function resolveObject(scope: Scope, found: Collected): ObjectModel {
  const attributes: NamedAttributeModel[] = [];
  const names = new Set<string>();
  for (const part of attributesOf(scope, found)) {
    if (typeof part.name !== "string") {
      // A program may run without having been checked.
      const what = describe(part.name);
      report(scope, `${what} stands where an attribute's name should: Field takes a number, then a name`);
      continue;
    }
    const inner = below(scope, part.name);
    if (part.name === "") report(scope, "an attribute has no name");
    if (names.has(part.name)) report(inner, "there are two attributes of this name");
    names.add(part.name);
    attributes.push(Object.freeze({
      ...attributeOf(inner, part.found, "string"),
      name: part.name,
      ...(part.tag === undefined ? {} : { tag: part.tag }),
      required: part.required,
    }));
  }
  reportRequired(scope, [...found.required].filter((name) => !names.has(name)));
  return Object.freeze({ kind: "object", attributes: Object.freeze(attributes) });
}

function reportRequired(scope: Scope, missing: Iterable<string>): void {
  for (const name of missing) report(scope, `Required: no attribute is named "${name}"`);
}

/** `Payload(T, Required("a"))`: T with `a` required. A result type stays one, with its views. */
function demand(scope: Scope, type: TypeModel, names: ReadonlySet<string>): TypeModel {
  const object = objectOf(type);
  if (object === undefined) {
    report(scope, "Required stands only where there are attributes");
    return type;
  }
  const known = new Set(object.attributes.map((attribute) => attribute.name));
  reportRequired(scope, [...names].filter((name) => !known.has(name)));
  const attributes = object.attributes.map((attribute) =>
    names.has(attribute.name) ? Object.freeze({ ...attribute, required: true }) : attribute
  );
  const demanded: ObjectModel = Object.freeze({ kind: "object", attributes: Object.freeze(attributes) });
  if (type.kind !== "user" || type.views === undefined) return demanded;
  const attribute = Object.freeze({ ...type.attribute, type: demanded });
  return Object.freeze({ ...type, attribute } satisfies UserModel);
}
