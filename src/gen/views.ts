/**
 * The views that messages come in.
 *
 * @module
 */
import { viewNames } from "../codec/view.ts";
import type { AttributeModel } from "../design/model.ts";
import { type Node, node } from "./document.ts";

/** Names of the views that messages of an attribute may come in: the one that is pinned, or all of its type. */
export function viewsOf(attribute: AttributeModel): readonly string[] {
  if (attribute.view !== undefined) return [attribute.view];
  const names = viewNames(attribute);
  return names.length === 0 ? ["default"] : names;
}

/**
 * Joins the schemas of something in each of its views. Any of them, and not one: what a smaller view shows, a larger one
 * shows too, and objects may have members that a schema does not name.
 */
export function inViews(attribute: AttributeModel, schemaOf: (view: string) => Node): Node {
  const all = viewsOf(attribute).map(schemaOf);
  return all.length === 1 ? all[0]! : node({ anyOf: all });
}
