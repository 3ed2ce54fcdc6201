/**
 * What a method is besides what it carries.
 *
 * @module
 */
import { part } from "./freeze.ts";
import type { DeprecatedPart, IdempotentPart } from "./type_parts.ts";

/**
 * Calling the method twice does what calling it once does: clients may call it anew when a connection breaks.
 *
 * @example
 * ```ts
 * import { Idempotent, Method, Service } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = Service("clock", Method("set", Idempotent()));
 * assertEquals(clock.model.methods["set"]?.idempotent, true);
 * ```
 */
export function Idempotent(): IdempotentPart {
  return part({ kind: "idempotent" });
}

/**
 * The method should not be used any more; what is generated says so. Stands in a `Method`, or in its `HTTP` as in Goa.
 *
 * @example
 * ```ts
 * import { Deprecated, Method, Service } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = Service("clock", Method("set", Deprecated()));
 * assertEquals(clock.model.methods["set"]?.deprecated, true);
 * ```
 */
export function Deprecated(): DeprecatedPart {
  return part({ kind: "deprecated" });
}
