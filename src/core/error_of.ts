/**
 * Tells a design's declared errors from all others.
 *
 * @module
 */
import type { MethodTypes, ServiceDesign } from "../design/method_types.ts";
import { ServiceError } from "../errors/service_error.ts";
import type { MethodsOf } from "../design/infer.ts";

/** The declared errors of a method: a union discriminated by `name`, with `data` typed. */
export type DeclaredError<M extends MethodTypes> = {
  [N in keyof M["errors"] & string]: ServiceError & {
    readonly name: N;
    readonly data: M["errors"][N]["out"];
  };
}[keyof M["errors"] & string];

/**
 * Gives `error` back typed when it is one that the method declares.
 *
 * @returns `undefined` for anything else
 *
 * @example
 * ```ts
 * import { errorOf, ServiceError } from "@x/goats";
 * import { Error, Method, Service } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const cellar = Service("cellar", Method("show", Error("not_found")));
 * const error = errorOf(cellar, "show", new ServiceError("not_found", "no such bottle"));
 * assertEquals(error?.name, "not_found");
 * assertEquals(errorOf(cellar, "show", new TypeError("other")), undefined);
 * ```
 */
export function errorOf<S extends ServiceDesign, K extends keyof MethodsOf<S> & string>(
  design: S,
  method: K,
  error: unknown,
): DeclaredError<MethodsOf<S>[K]> | undefined {
  const errors = design.model.methods[method]?.errors;
  if (!(error instanceof ServiceError) || errors === undefined || !Object.hasOwn(errors, error.name)) {
    return undefined;
  }
  return error as DeclaredError<MethodsOf<S>[K]>;
}
