/**
 * Chains of interceptors: who belongs to one, and how its hooks run. Made once per method.
 *
 * @module
 */
import type { MethodModel, ServiceModel } from "../design/model.ts";
import { attempt } from "./attempt.ts";
import type { Endpoint, ServiceImplementation } from "./endpoint.ts";
import type { CallOutcome, InterceptedCall, Interceptor, InterceptorOptions } from "./interceptor.ts";

/** A message on its way; a promise when a hook needs time. */
export type MessageHook = (message: unknown, call: InterceptedCall) => unknown;

/** The interceptors of one method on one side. */
export interface Chain {
  /** Outermost first. */
  readonly interceptors: readonly Interceptor[];
  /** What happens to messages that come in; absent when nothing does. */
  readonly receive?: MessageHook;
  /** What happens to messages that go out; absent when nothing does. */
  readonly send?: MessageHook;
}

/** Finds the interceptors of a method; `undefined` when there are none. */
function chainOf(
  method: MethodModel,
  side: "server" | "client",
  given: readonly (InterceptorOptions | undefined)[],
): Chain | undefined {
  const named = side === "server" ? method.serverInterceptors : method.clientInterceptors;
  const declared = (named ?? []).map(({ name }) => {
    for (const options of given) {
      const found = options?.declared;
      if (found !== undefined && Object.hasOwn(found, name)) return found[name]!;
    }
    const word = side === "server" ? "serve" : "call";
    throw new TypeError(
      `Cannot ${word} ${method.service}.${method.name}: interceptor "${name}" is not among \`declared\``,
    );
  });
  // The design lists them from the inside out, as Goa wraps them.
  const interceptors = [...given.flatMap((options) => options?.interceptors ?? []), ...declared.reverse()];
  if (interceptors.length === 0) return undefined;
  const inward = interceptors;
  const outward = [...interceptors].reverse();
  const receive = messageHook(side === "server" ? inward : outward, "receive");
  const send = messageHook(side === "server" ? outward : inward, "send");
  return { interceptors, ...(receive && { receive }), ...(send && { send }) };
}

/** The same implementation with the interceptors of its calls; itself when there are none. */
export function withInterceptors<I extends ServiceImplementation>(
  implementation: I,
  options: InterceptorOptions,
): I {
  let some = false;
  const endpoints = new Map<string, Endpoint>();
  for (const [name, endpoint] of implementation.endpoints) {
    const chain = chainOf(endpoint.method, "server", [options, implementation.intercepted]);
    some ||= chain !== undefined;
    endpoints.set(name, chain === undefined ? endpoint : { ...endpoint, chain });
  }
  return some ? { ...implementation, endpoints } : implementation;
}

/** The chains of a client's methods that have one. */
export function clientChains(service: ServiceModel, options: InterceptorOptions): ReadonlyMap<string, Chain> {
  const chains = new Map<string, Chain>();
  for (const method of Object.values(service.methods)) {
    const chain = chainOf(method, "client", [options]);
    if (chain !== undefined) chains.set(method.name, chain);
  }
  return chains;
}

function messageHook(order: readonly Interceptor[], hook: "send" | "receive"): MessageHook | undefined {
  const some = order.filter((one) => one[hook] !== undefined);
  if (some.length === 0) return undefined;
  const from = (start: number, message: unknown, call: InterceptedCall): unknown => {
    for (let index = start; index < some.length; index++) {
      const given = some[index]![hook]!(message, call);
      if (given instanceof Promise) {
        const before = message;
        return given.then((value) => from(index + 1, value ?? before, call));
      }
      message = given ?? message;
    }
    return message;
  };
  return (message, call) => from(0, message, call);
}

/** What `next()` rejects with where it does not go on. */
export function cannotGoOn({ service, name }: MethodModel, why: string): TypeError {
  return new TypeError(`Cannot go on with ${service}.${name}: ${why}`);
}

/** Runs the `open` hooks around `innermost`. */
export function runOpen(
  chain: Chain,
  call: InterceptedCall,
  innermost: () => Promise<unknown>,
): Promise<unknown> {
  const run = async (index: number): Promise<unknown> => {
    const one = chain.interceptors[index];
    if (one === undefined) return await innermost();
    if (one.open === undefined) return await run(index + 1);
    let inner: Promise<unknown> | undefined;
    let left = false;
    const next = () => {
      const late = inner !== undefined ? "next() was called before" : left ? "open() has settled" : undefined;
      const gone = late === undefined ? run(index + 1) : Promise.reject(cannotGoOn(call.method, late));
      // It may be left for an error of the interceptor's own.
      gone.catch(() => {});
      if (late === undefined) inner = gone;
      return gone;
    };
    let given: unknown;
    try {
      given = await one.open(call, next);
    } finally {
      left = true;
    }
    // An error of the call is never lost for want of a `return`.
    return given === undefined && inner !== undefined ? await inner : given;
  };
  return run(0);
}

/** Tells every interceptor the outcome, from the inside out. */
export function tellEnd(
  chain: Chain,
  outcome: CallOutcome,
  call: InterceptedCall,
  report: (error: unknown) => void,
): void {
  for (let index = chain.interceptors.length - 1; index >= 0; index--) {
    attempt(() => chain.interceptors[index]!.end?.(outcome, call), report);
  }
}
