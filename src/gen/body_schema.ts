/**
 * Schemas of bodies: what of a payload, a result or an error is left for them.
 *
 * @module
 */
import type { AttributeModel } from "../design/model.ts";
import { attributesOf } from "../http/text_mapping.ts";
import type { Node } from "./document.ts";
import { membersOf, type Schemas } from "./schema.ts";

/** What the design says of a body. */
export interface BodyModel {
  /** See `HttpModel.body`. */
  readonly body?: AttributeModel;
  /** See `HttpModel.bodyAttribute`. */
  readonly bodyAttribute?: string;
}

/**
 * The schema of a body.
 *
 * @param whole What the body is part of: its codec decides what is valid
 * @param view View of the whole
 */
export function bodySchema(
  schemas: Schemas,
  whole: AttributeModel,
  { body, bodyAttribute }: BodyModel,
  view = "default",
): Node {
  const members = membersOf(whole, view);
  if (bodyAttribute !== undefined) {
    const member = members.find(({ attribute }) => attribute.name === bodyAttribute);
    // A view that does not show it has an empty body.
    return member === undefined ? schemas.object([]) : schemas.of(member.attribute, member.view);
  }
  const kept = new Set(attributesOf(body!).map(({ name }) => name));
  const left = members.filter(({ attribute }) => kept.has(attribute.name));
  return members.length === left.length ? schemas.of(whole, view) : schemas.object(left);
}
