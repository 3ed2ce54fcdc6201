/**
 * Schemas of errors as they leave over HTTP: src/codec/error_json.ts.
 *
 * @module
 */
import { isFlat } from "../codec/error_json.ts";
import { httpStatusOf } from "../errors/http_status.ts";
import { ServiceError } from "../errors/service_error.ts";
import type { ErrorModel, HttpResponseModel, MethodModel } from "../design/model.ts";
import { VALIDATION_NAMES } from "../errors/builtin.ts";
import { bodySchema } from "./body_schema.ts";
import { type Node, node } from "./document.ts";
import type { Schemas } from "./schema.ts";

/** The name of the schema of what every error has. */
export const ERROR = "Error";

/** What every error has. */
export function errorBase(): Node {
  const text = (description: string): Node => node({ type: "string", description });
  const flag = (description: string): Node => node({ type: "boolean", description });
  return node({
    type: "object",
    description: "What every error tells",
    properties: node({
      name: text("Name of the error"),
      id: text("Identifies this occurrence, in logs too"),
      message: text("What happened, for people"),
      temporary: flag("It may succeed when tried again"),
      timeout: flag("A deadline ran out"),
      fault: flag("The server is at fault"),
    }),
    required: ["name", "id", "message", "temporary", "timeout", "fault"],
  });
}

/** Names of the errors that a payload which does not keep to the design ends with, sorted. */
export const INVALID: readonly string[] = [...VALIDATION_NAMES].sort();

/** How errors are referred to. */
export interface ErrorSchemas {
  /** Of an error as JSON; `undefined` for one without a body. */
  of(error: ErrorModel, response?: HttpResponseModel): Node | undefined;
  /** Of errors that no design declares, of some names or of any. */
  named(names: readonly string[]): Node;
  /** Of any error. */
  readonly any: Node;
}

/**
 * Makes schemas of errors.
 *
 * @param base Reference to the schema named {@linkcode ERROR}
 */
export function errorSchemas(schemas: Schemas, base: string): ErrorSchemas {
  const ref = node({ $ref: base });
  const withName = (all: readonly Node[], name: unknown, more: object = {}): Node =>
    node({ allOf: all, properties: node({ name, ...more }) });
  return {
    of(error, response) {
      const { name, attribute } = error;
      if (attribute !== undefined && response?.bodyStated) {
        return response.body && bodySchema(schemas, attribute, response);
      }
      const named = { type: "string", const: name };
      if (attribute === undefined) return withName([ref], named);
      const own = schemas.of(attribute);
      return isFlat(attribute) ? withName([ref, own], named) : withName([ref], named, { data: own });
    },
    named: (names) =>
      withName([ref], { type: "string", ...names.length === 1 ? { const: names[0] } : { enum: names } }),
    any: ref,
  };
}

/** The status that a declared error leaves with. */
export function statusOf({ name, temporary, timeout, fault }: ErrorModel, method: MethodModel): number {
  return httpStatusOf(new ServiceError(name, "", { temporary, timeout, fault }), method);
}
