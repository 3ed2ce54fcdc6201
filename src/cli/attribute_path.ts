/**
 * Which attribute a flag means: `--a`, `--a.b` of an object, `--m.key` of a map, `--u.member` of a union.
 *
 * @module
 */
import { unionTags } from "../codec/union.ts";
import { underlying } from "../codec/view.ts";
import type { AttributeModel, NamedAttributeModel } from "../design/model.ts";

/** A step from a value to one in it. */
export type Step =
  /** An attribute of an object, or a key of a map. */
  | { readonly kind: "member"; readonly name: string }
  /** A member of a union. */
  | {
    readonly kind: "union";
    readonly typeField: string;
    readonly valueField: string;
    readonly tag: string;
  };

/** What a flag means. */
export interface Place {
  /** The attribute at the end of the path. */
  readonly attribute: AttributeModel;
  /** The way to it. */
  readonly steps: readonly Step[];
}

/** A name as Goa's own command lines write it. */
export const kebab = (name: string): string => name.replaceAll("_", "-");

/** Gives what a name means within an attribute; `undefined` when there is no such thing. */
export function placeOf(attribute: AttributeModel, name: string): Place | undefined {
  return placeBelow(attribute, name, []);
}

function placeBelow(attribute: AttributeModel, name: string, steps: readonly Step[]): Place | undefined {
  const type = underlying(attribute.type);
  switch (type.kind) {
    case "object":
      return ofMembers(type.attributes, name, (member) => [...steps, { kind: "member", name: member.name }]);
    case "union": {
      const tags = unionTags(type);
      const { typeField, valueField } = type;
      return ofMembers(type.members, name, (member) => [
        ...steps,
        { kind: "union", typeField, valueField, tag: tags[type.members.indexOf(member)]! },
      ]);
    }
    case "map": {
      const { elem } = type;
      const dot = name.indexOf(".");
      // Keys may have dots where nothing can follow them.
      if (dot > 0 && hasInner(elem)) {
        const found = placeBelow(elem, name.slice(dot + 1), [
          ...steps,
          { kind: "member", name: name.slice(0, dot) },
        ]);
        if (found !== undefined) return found;
      }
      return { attribute: elem, steps: [...steps, { kind: "member", name }] };
    }
    default:
      return undefined;
  }
}

function hasInner({ type }: AttributeModel): boolean {
  const { kind } = underlying(type);
  return kind === "object" || kind === "map" || kind === "union";
}

function ofMembers(
  members: readonly NamedAttributeModel[],
  name: string,
  stepsTo: (member: NamedAttributeModel) => readonly Step[],
): Place | undefined {
  // As written beats as Goa writes it.
  for (const spell of [(text: string) => text, kebab]) {
    for (const member of members) {
      const spelled = spell(member.name);
      if (name === spelled) return { attribute: member, steps: stepsTo(member) };
      if (!name.startsWith(`${spelled}.`)) continue;
      const found = placeBelow(member, name.slice(spelled.length + 1), stepsTo(member));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
