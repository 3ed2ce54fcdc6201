/**
 * Which views a result type has, and which of them a message uses.
 *
 * @module
 */
import type { AttributeModel, MethodModel, TypeModel, UserModel, ViewModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import { show } from "./problem.ts";

/** The type below all names. */
export function underlying(type: TypeModel): Exclude<TypeModel, UserModel> {
  let at = type;
  while (at.kind === "user") at = at.attribute.type;
  return at;
}

/** The result type that an attribute is, under whatever plain names. */
function resultType(attribute: AttributeModel): UserModel | undefined {
  let type = attribute.type;
  while (type.kind === "user") {
    if (type.views !== undefined) return type;
    type = type.attribute.type;
  }
  return undefined;
}

/** Whether an attribute is a result type or a collection of one. */
export function hasViews(attribute: AttributeModel): boolean {
  return resultType(attribute) !== undefined;
}

/** Names of the views of a result type, none for other types. */
export function viewNames(attribute: AttributeModel): readonly string[] {
  return Object.keys(resultType(attribute)?.views ?? {});
}

function sent(method: MethodModel): AttributeModel[] {
  return [method.streamingResult, method.result].filter((attribute) => attribute !== undefined);
}

/** Whether a method's handler chooses the view of what it sends: two views or more, and none pinned. */
export function runtimeView(method: MethodModel): boolean {
  return sent(method).some((attribute) => attribute.view === undefined && viewNames(attribute).length > 1);
}

/** The view that the design pins for what a method sends. */
export function pinnedView(method: MethodModel): string | undefined {
  return sent(method).find((attribute) => attribute.view !== undefined)?.view;
}

/** The view named, of a result type. Throws `invalid_enum_value` when there is none of that name: peers send names. */
export function viewOf(type: UserModel, name: string): ViewModel {
  const views = type.views!;
  const view = Object.hasOwn(views, name) ? views[name] : undefined;
  if (view !== undefined) return view;
  const allowed = Object.keys(views).map(show).join(", ");
  throw new ServiceError(
    "invalid_enum_value",
    `value of view must be one of ${allowed} but got value ${show(name)}`,
  );
}

/** Throws `invalid_enum_value` (on `view`) when an attribute has no view of that name. */
export function checkView(attribute: AttributeModel, name: string): void {
  const type = resultType(attribute);
  if (type !== undefined) viewOf(type, name);
}
