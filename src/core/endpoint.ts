/**
 * A method with its implementation: what a transport's server serves.
 *
 * @module
 */
import type { MethodsTypes } from "../design/method_types.ts";
import type { MethodModel, ServiceModel } from "../design/model.ts";
import type { Chain } from "./intercept.ts";
import type { InterceptorOptions } from "./interceptor.ts";

/** A handler as the core calls it; its typed face is `HandlerOf`. */
// deno-lint-ignore no-explicit-any
export type AnyHandler = (call: any) => unknown;

/** One method, implemented. */
export interface Endpoint {
  /** What it is by design. */
  readonly method: MethodModel;
  /** The user's function. */
  readonly handler: AnyHandler;
  /** The interceptors of its calls; absent when there are none. */
  readonly chain?: Chain;
}

/** A service, implemented: what `implement` returns and servers take. */
export interface ServiceImplementation<Methods extends MethodsTypes = MethodsTypes> {
  /** Tells it from a design. */
  readonly kind: "implementation";
  /** The resolved design. */
  readonly service: ServiceModel;
  /** By method name. */
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** Interceptors that were given to `implement`. */
  readonly intercepted?: InterceptorOptions;
  /** Never there at run time: what `memoryClient` is typed from. */
  readonly "~types"?: Methods;
}
