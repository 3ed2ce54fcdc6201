/**
 * The decoding side of a result type whose view is not known: whatever any of its views shows.
 *
 * @module
 */
import type { AttributeModel, NamedAttributeModel, UserModel, ViewModel } from "../design/model.ts";

/**
 * Makes of a result type (or collection, or a name for either) a plain type that takes a message in any of its views:
 * an attribute is required, and filled in by its default, only if every view shows it.
 *
 * For wires that cannot tell the view: a native WebSocket client does not see response headers (contract §6).
 */
export function anyView(attribute: AttributeModel): AttributeModel {
  return anyViewOf(attribute, new Map());
}

function anyViewOf(attribute: AttributeModel, made: Map<UserModel, UserModel>): AttributeModel {
  const { type } = attribute;
  if (type.kind === "array") {
    return { ...attribute, type: { kind: "array", elem: anyViewOf(type.elem, made) } };
  }
  if (type.kind !== "user" || attribute.view !== undefined) return attribute;
  let known = made.get(type);
  if (known === undefined) {
    const plain: { -readonly [K in keyof UserModel]: UserModel[K] } = { ...type, views: undefined };
    // Before its attribute is looked at, as that may lead back here.
    made.set(type, known = plain);
    const views = Object.values(type.views ?? {});
    plain.attribute = type.attribute.type.kind === "object" && views.length > 0
      ? {
        ...type.attribute,
        type: {
          kind: "object",
          attributes: type.attribute.type.attributes.flatMap((member) => shownIn(member, views, made)),
        },
      }
      : anyViewOf(type.attribute, made);
  }
  return { ...attribute, type: known };
}

/** An attribute as the views show it; none when no view does. */
function shownIn(
  member: NamedAttributeModel,
  views: readonly ViewModel[],
  made: Map<UserModel, UserModel>,
): readonly NamedAttributeModel[] {
  const shown = views.flatMap((view) => view.attributes.filter(({ name }) => name === member.name));
  if (shown.length === 0) return [];
  const always = shown.length === views.length;
  const nested = new Set(shown.map(({ view }) => member.view ?? view ?? "default"));
  const [only] = nested;
  const { type, view } = nested.size > 1 ? anyViewOf(member, made) : { ...member, view: only };
  return [{
    ...member,
    type,
    view,
    required: member.required && always,
    default: always ? member.default : undefined,
  }];
}
