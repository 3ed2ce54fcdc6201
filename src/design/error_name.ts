/**
 * The attribute of an error's type that tells the name of the error.
 *
 * @module
 */
import type { AttributeModel } from "./model.ts";

/** The key of `Meta` that marks the attribute made by `ErrorName`: Goa's. */
export const ERROR_NAME_META = "struct:error:name";

/** Names of the attributes made by `ErrorName`; a type that keeps the rules has one at most. */
export function errorNames(attribute: AttributeModel): readonly string[] {
  let { type } = attribute;
  while (type.kind === "user") type = type.attribute.type;
  if (type.kind !== "object") return [];
  return type.attributes.filter(({ meta }) => meta[ERROR_NAME_META] !== undefined).map(({ name }) => name);
}

/** The data of an error with its name filled in, where its type has a place for it. */
export function withErrorName(attribute: AttributeModel, name: string, data: unknown): unknown {
  const [own] = errorNames(attribute);
  if (own === undefined || typeof data !== "object" || data === null) return data;
  return { ...data, [own]: name };
}
