/**
 * Resolves `OneOf`.
 *
 * @module
 */
import type { NamedAttributeModel, UnionModel } from "../model.ts";
import type { UnionType } from "../type_parts.ts";
import { resolveAttribute } from "./attribute.ts";
import { below, report, type Scope } from "./scope.ts";

/** Resolves a union. Goa's rules: the two properties have names, and not the same. */
export function resolveUnion(scope: Scope, part: UnionType<never, unknown>): UnionModel {
  const names = new Set<string>();
  const tags = new Set<string>();
  const members = part.members.map((member): NamedAttributeModel => {
    const inner = below(scope, member.name);
    if (member.name === "") report(scope, "an attribute has no name");
    if (names.has(member.name)) report(inner, "there are two attributes of this name");
    names.add(member.name);
    const attribute = resolveAttribute(inner, member.parts);
    const tag = attribute.meta["oneof:type:tag"]?.[0] ?? member.name;
    if (tag === "") report(inner, "oneof:type:tag is empty");
    else if (tags.has(tag)) report(inner, `OneOf: "${tag}" stands for two members`);
    tags.add(tag);
    if (attribute.default !== undefined) report(inner, "OneOf: a member that is there needs no Default");
    return Object.freeze({
      ...attribute,
      name: member.name,
      ...(member.tag === undefined ? {} : { tag: member.tag }),
      required: true,
    });
  });
  if (members.length === 0) report(scope, "OneOf has no members");
  const field = (name: string, otherwise: string): string => {
    const written = part.meta.findLast((meta) => meta.name === name);
    if (written === undefined) return otherwise;
    const value = written.values[0] ?? "";
    if (value === "") report(scope, `${name} is empty`);
    return value;
  };
  const typeField = field("oneof:type:field", "type");
  const valueField = field("oneof:value:field", "value");
  if (typeField === valueField && typeField !== "") {
    report(scope, `oneof:type:field and oneof:value:field are both "${typeField}"`);
  }
  return Object.freeze({
    kind: "union",
    name: part.name,
    members: Object.freeze(members),
    typeField,
    valueField,
  });
}
