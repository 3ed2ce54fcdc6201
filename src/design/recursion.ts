/**
 * Which types contain themselves: what bounds the depth of values counts those, and whoever counts goes by this, so that
 * all come to the same number.
 *
 * @module
 */
import type { TypeModel, UserModel } from "./model.ts";

const found = new WeakMap<UserModel, boolean>();

/**
 * Whether a value of a type counts as a level: of an object that may contain itself, by whatever way. Of what is no
 * object only where there is no object on the way that would count, as of a list of lists of itself. A mere name for
 * another type never does: the other type counts for it.
 */
export function isLevel(type: UserModel): boolean {
  let is = found.get(type);
  if (is === undefined) found.set(type, is = containsItself(type));
  return is;
}

/** The type that a name of a name of a type stands for. */
export function innermost(type: UserModel): UserModel {
  let at = type;
  while (at.attribute.type.kind === "user") at = at.attribute.type;
  return at;
}

function containsItself(type: UserModel): boolean {
  const { kind } = type.attribute.type;
  if (kind === "user") return false;
  const seen = new Set<TypeModel>();
  const reaches = (at: TypeModel): boolean => {
    switch (at.kind) {
      case "user":
        if (at === type) return true;
        if (seen.has(at)) return false;
        seen.add(at);
        if (kind !== "object" && at.attribute.type.kind === "object") return false;
        return reaches(at.attribute.type);
      case "array":
        return reaches(at.elem.type);
      case "map":
        return reaches(at.key.type) || reaches(at.elem.type);
      case "object":
        return at.attributes.some((attribute) => reaches(attribute.type));
      case "union":
        return at.members.some((member) => reaches(member.type));
      default:
        return false;
    }
  };
  return reaches(type.attribute.type);
}
