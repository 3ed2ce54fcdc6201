/**
 * Resolves declared errors.
 *
 * @module
 */
import { ERROR_RESULT_IDENTIFIER } from "../error_result.ts";
import { record } from "../freeze.ts";
import type { ErrorModel } from "../model.ts";
import type { AnyErrorPart } from "../parts.ts";
import { attributeOf, dereference } from "./attribute.ts";
import { collect } from "./collect.ts";
import { below, report, type Scope } from "./scope.ts";

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
    ...(isBuiltin() ? {} : { attribute: attributeOf(scope, found, "object") }),
    temporary: found.flags.has("temporary"),
    timeout: found.flags.has("timeout"),
    fault: found.flags.has("fault"),
  });

  function isBuiltin(): boolean {
    if (found.attributes.length > 0) return false;
    if (found.type === undefined) return true;
    const type = dereference(scope, found.type);
    return type === undefined || type.kind === "empty" ||
      type.kind === "result_type" && type.identifier === ERROR_RESULT_IDENTIFIER;
  }
}
