/**
 * What the parts of an OpenAPI document share.
 *
 * @module
 */
import type { ErrorSchemas } from "./error_schema.ts";
import type { Schemas } from "./schema.ts";
import type { SchemeNames } from "./security_schemes.ts";

/** What operations are written with. */
export interface OpenApiContext {
  readonly schemas: Schemas;
  readonly errors: ErrorSchemas;
  readonly schemes: SchemeNames;
}

/** Where streams are told of. */
export const ASYNCAPI = "asyncapi.json";
