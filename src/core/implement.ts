/**
 * A design with its handlers.
 *
 * @module
 */
import type { MethodsTypes, ServiceDesign } from "../design/method_types.ts";
import type { Handlers } from "./call.ts";
import type { AnyHandler, Endpoint, ServiceImplementation } from "./endpoint.ts";
import type { ContextFrom, InterceptorOptions } from "./interceptor.ts";

/**
 * Joins a service's design with one handler for each of its methods.
 *
 * @param design What `Service(...)` returned
 * @param handlers One function per method, keyed by its name
 * @param options Interceptors of this service; what they put into `call.context` is typed from them
 * @returns What `httpHandler`, `grpcServer`, `serve` and `memoryClient` take
 * @throws {TypeError} When a method has no handler, or a handler no method
 *
 * @example
 * ```ts
 * import { implement } from "@x/goats";
 * import { memoryClient } from "@x/goats/testing";
 * import { Field, Int, Method, Payload, Required, Result, Service } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const calc = Service(
 *   "calc",
 *   Method("add", Payload(Field(1, "a", Int), Field(2, "b", Int), Required("a", "b")), Result(Int)),
 * );
 * const service = implement(calc, { add: ({ payload }) => payload.a + payload.b });
 *
 * await using client = memoryClient(service);
 * assertEquals(await client.add({ a: 1, b: 2 }), 3);
 * ```
 */
export function implement<
  Methods extends MethodsTypes,
  const O extends InterceptorOptions = InterceptorOptions,
>(
  design: ServiceDesign<Methods>,
  handlers: Handlers<Methods, ContextFrom<O>>,
  options?: O,
): ServiceImplementation<Methods> {
  const { model } = design;
  const given = handlers as Readonly<Record<string, unknown>>;
  const endpoints = new Map<string, Endpoint>();
  for (const method of Object.values(model.methods)) {
    const handler = Object.hasOwn(given, method.name) || isInherited(given, method.name)
      ? given[method.name]
      : undefined;
    if (typeof handler !== "function") {
      throw new TypeError(`Cannot implement ${model.name}: method ${method.name} has no handler`);
    }
    endpoints.set(method.name, { method, handler: (handler as AnyHandler).bind(given) });
  }
  for (const name of Object.keys(given)) {
    if (!endpoints.has(name)) {
      throw new TypeError(`Cannot implement ${model.name}: there is no method ${name}`);
    }
  }
  return Object.freeze({
    kind: "implementation" as const,
    service: model,
    endpoints,
    ...(options === undefined ? {} : { intercepted: options }),
  });
}

/** Handlers may be methods of a class instance; what every object inherits is none. */
function isInherited(handlers: object, name: string): boolean {
  return name in handlers && !(name in Object.prototype);
}
