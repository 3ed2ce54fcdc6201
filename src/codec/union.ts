/**
 * What tells the members of a union apart.
 *
 * @module
 */
import type { UnionModel } from "../design/model.ts";

/** The tags of the members, in order: their names, unless `Meta("oneof:type:tag", …)` says otherwise. */
export function unionTags(type: UnionModel): readonly string[] {
  return type.members.map((member) => member.meta["oneof:type:tag"]?.[0] ?? member.name);
}
