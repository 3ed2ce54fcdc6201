/**
 * Resolves declared errors.
 *
 * @module
 */
import { ERROR_RESULT_IDENTIFIER } from "../error_result.ts";
import { errorNames } from "../error_name.ts";
import { record } from "../freeze.ts";
import type { AttributeModel, ErrorModel } from "../model.ts";
import type { AnyErrorPart } from "../parts.ts";
import { attributeOf, dereference } from "./attribute.ts";
import { collect } from "./collect.ts";
import { below, report, type Scope } from "./scope.ts";
import { objectOf, underlying } from "./shape.ts";

/** The errors of a method or a service by name. */
export function resolveErrors(
  scope: Scope,
  parts: readonly AnyErrorPart[],
): Readonly<Record<string, ErrorModel>> {
  const errors: Record<string, ErrorModel> = record();
  for (const part of parts) {
    if (part.name === "") report(scope, "an error has no name");
    if (errors[part.name] !== undefined) report(scope, `there are two errors named "${part.name}"`);
    errors[part.name] = resolveError(below(scope, `error "${part.name}"`), part);
  }
  return Object.freeze(errors);
}

function resolveError(scope: Scope, part: AnyErrorPart): ErrorModel {
  const found = collect(scope, part.parts);
  return Object.freeze({
    name: part.name,
    ...(found.description === undefined ? {} : { description: found.description }),
    ...(isBuiltin() ? {} : { attribute: checked(attributeOf(scope, found, "object")) }),
    temporary: found.flags.has("temporary"),
    timeout: found.flags.has("timeout"),
    fault: found.flags.has("fault"),
  });

  /** Goa's rules for ErrorName. */
  function checked(attribute: AttributeModel): AttributeModel {
    scope.build.later.push(() => {
      const names = errorNames(attribute);
      if (names.length > 1) report(scope, `ErrorName is there twice: "${names[0]}" and "${names[1]}"`);
      for (const { name, type, required } of objectOf(attribute.type)?.attributes ?? []) {
        if (!names.includes(name)) continue;
        const place = below(scope, name);
        if (underlying(type)?.kind !== "string") report(place, "ErrorName is for a String");
        if (!required) report(place, "ErrorName: the attribute is not Required");
      }
    });
    return attribute;
  }

  function isBuiltin(): boolean {
    if (found.attributes.length > 0 || found.extends.length > 0) return false;
    if (found.type === undefined) return true;
    const type = dereference(scope, found.type);
    return type === undefined || type.kind === "empty" ||
      type.kind === "result_type" && type.identifier === ERROR_RESULT_IDENTIFIER;
  }
}
