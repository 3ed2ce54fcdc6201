/**
 * A method with its implementation: what a transport's server serves.
 *
 * @module
 */
import type { MethodModel, ServiceModel } from "../design/model.ts";

/** A handler as the core calls it; its typed face is `HandlerOf`. */
// deno-lint-ignore no-explicit-any
export type AnyHandler = (call: any) => unknown;

/** One method, implemented. */
export interface Endpoint {
  readonly method: MethodModel;
  readonly handler: AnyHandler;
}

/** A service, implemented: what `implement` returns and servers take. */
export interface ServiceImplementation {
  readonly kind: "implementation";
  readonly service: ServiceModel;
  /** By method name. */
  readonly endpoints: ReadonlyMap<string, Endpoint>;
}
