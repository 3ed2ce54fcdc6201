/**
 * Looks through named types.
 *
 * @module
 */
import type { AttributeModel, ObjectModel, TypeModel, UserModel } from "../model.ts";

/** The type under the names: what is no user type. `undefined` while a type that is its own alias is being built. */
export function underlying(type: TypeModel): Exclude<TypeModel, UserModel> | undefined {
  const seen = new Set<TypeModel>();
  let inner: TypeModel | undefined = type;
  while (inner?.kind === "user") {
    if (seen.has(inner)) return undefined;
    seen.add(inner);
    inner = (inner.attribute as AttributeModel | undefined)?.type;
  }
  return inner;
}

/** The object under the names, if it is one. */
export function objectOf(type: TypeModel): ObjectModel | undefined {
  const inner = underlying(type);
  return inner?.kind === "object" ? inner : undefined;
}

/** What path, query and headers can carry: a primitive, or an array of primitives. */
export function isMappable(type: TypeModel): boolean {
  const inner = underlying(type);
  if (inner?.kind === "array") return isPrimitive(inner.elem.type);
  return isPrimitive(type);
}

/** Whether the type is primitive under its names. */
export function isPrimitive(type: TypeModel): boolean {
  const kind = underlying(type)?.kind;
  return kind !== undefined && kind !== "object" && kind !== "array" && kind !== "map" && kind !== "union";
}

/** Visits every attribute that a type reaches; goes into named types and inline objects once per `seen`. */
export function walkTypes(
  attribute: AttributeModel,
  path: string,
  seen: Set<TypeModel>,
  visit: (type: TypeModel, attribute: AttributeModel, path: string) => void,
): void {
  const { type } = attribute;
  if (type === undefined) return;
  if (seen.has(type)) {
    if (type.kind === "user") visit(type, attribute, path);
    return;
  }
  if (type.kind === "user" || type.kind === "object") seen.add(type);
  visit(type, attribute, path);
  switch (type.kind) {
    case "user":
      walkTypes(type.attribute, path, seen, visit);
      break;
    case "array":
      walkTypes(type.elem, `${path}[*]`, seen, visit);
      break;
    case "map":
      walkTypes(type.key, `${path}[key]`, seen, visit);
      walkTypes(type.elem, `${path}[*]`, seen, visit);
      break;
    case "object":
      for (const inner of type.attributes) walkTypes(inner, `${path}.${inner.name}`, seen, visit);
      break;
    case "union":
      for (const inner of type.members) walkTypes(inner, `${path}.${inner.name}`, seen, visit);
  }
}
