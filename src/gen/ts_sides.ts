/**
 * Whether a type is the same to those who send it and those who receive it.
 *
 * @module
 */
import type { AttributeModel, TypeModel, UserModel } from "../design/model.ts";

/** Whether the in and the out side of a type differ, in itself or in anything that it is made of. */
export function sidesDiffer(type: TypeModel): boolean {
  return differs(type, new Set());
}

function differs(type: TypeModel, seen: Set<TypeModel>): boolean {
  if (seen.has(type)) return false;
  seen.add(type);
  const inner = (attribute: AttributeModel) => isPinned(attribute) || differs(attribute.type, seen);
  switch (type.kind) {
    case "bytes": // any bytes, or bytes in a buffer of their own
    case "array": // read only, or the receiver's
    case "map":
      return true;
    case "object":
      return type.attributes.some((attribute) => attribute.default !== undefined || inner(attribute));
    case "union":
      return type.members.some(inner);
    case "user":
      return hidesSomething(type) || inner(type.attribute);
    default:
      return false;
  }
}

/** Whether a receiver sees another view than the default one. */
function isPinned({ view }: AttributeModel): boolean {
  return view !== undefined && view !== "default";
}

/** Whether the default view of a result type shows less than there is. */
function hidesSomething({ views, attribute }: UserModel): boolean {
  const shown = views?.["default"]?.attributes;
  if (shown === undefined || attribute.type.kind !== "object") return false;
  const names = new Set(shown.map(({ name }) => name));
  return shown.some(({ view }) => view !== undefined) ||
    attribute.type.attributes.some(({ name }) => !names.has(name));
}
