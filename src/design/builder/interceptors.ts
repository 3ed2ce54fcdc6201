/**
 * Resolves the interceptors of a method: its own, its service's, its API's; and checks what they read and write.
 *
 * @module
 */
import type {
  AccessKind,
  InterceptorModel,
  InterceptorPart,
  InterceptorsPart,
} from "../interceptor_parts.ts";
import type { AttributeModel, MethodModel, ObjectModel } from "../model.ts";
import { attributeOf } from "./attribute.ts";
import { collect } from "./collect.ts";
import { describe } from "./describe.ts";
import { report, type Scope } from "./scope.ts";
import { objectOf } from "./shape.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What the two sides of a method run. */
export type MethodInterceptors = Pick<MethodModel, "serverInterceptors" | "clientInterceptors">;

/** What of a method an access is to. */
const ROLES: Readonly<Record<AccessKind, "payload" | "streamingPayload" | "result" | "streamingResult">> = {
  readPayload: "payload",
  writePayload: "payload",
  readResult: "result",
  writeResult: "result",
  readStreamingPayload: "streamingPayload",
  writeStreamingPayload: "streamingPayload",
  readStreamingResult: "streamingResult",
  writeStreamingResult: "streamingResult",
};

/** `readStreamingPayload` as Goa's messages have it. */
function words(access: AccessKind): string {
  return access.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** The interceptors among parts. */
export function interceptorsAmong(parts: readonly unknown[]): InterceptorsPart[] {
  return parts.filter((part): part is InterceptorsPart =>
    typeof part === "object" && part !== null && (part as { kind?: unknown }).kind === "interceptors"
  );
}

/**
 * The interceptors of a method: Goa's order, and Goa's rule that one that was named before is left out.
 *
 * @param levels Those of the method, the service, the API
 */
export function methodInterceptors(
  scope: Scope,
  method: Pick<MethodModel, "payload" | "streamingPayload" | "result" | "streamingResult">,
  levels: readonly (readonly InterceptorsPart[])[],
): MethodInterceptors {
  const found: Mutable<MethodInterceptors> = {};
  for (const side of ["server", "client"] as const) {
    const word = side === "server" ? "ServerInterceptor" : "ClientInterceptor";
    const models = new Map<string, InterceptorModel>();
    const parts = new Map<string, InterceptorPart>();
    for (const { interceptors, side: other } of levels.flat()) {
      if (other !== side) continue;
      if (interceptors.length === 0) {
        // Once, however many methods take it over.
        const why = `${word}: at least one interceptor must be specified`;
        if (!scope.build.problems.some(({ message }) => message === why)) report(scope, why);
      }
      for (const one of interceptors) {
        if (one?.kind !== "interceptor") {
          report(scope, `${word}: ${describe(one)} is no interceptor`);
          continue;
        }
        const known = parts.get(one.name);
        if (known !== undefined && known !== one) report(scope, `interceptor "${one.name}" already defined`);
        if (known !== undefined) continue;
        if (one.name === "") report(scope, "interceptor name cannot be empty");
        parts.set(one.name, one);
        models.set(one.name, resolve(scope, one, method));
      }
    }
    if (models.size > 0) found[`${side}Interceptors`] = Object.freeze([...models.values()]);
  }
  return found;
}

function resolve(
  scope: Scope,
  part: InterceptorPart,
  method: Pick<MethodModel, "payload" | "streamingPayload" | "result" | "streamingResult">,
): InterceptorModel {
  const model: Mutable<InterceptorModel> = { name: part.name };
  const told = new Set<string>();
  const cannot = (why: string) => {
    const message = `interceptor "${part.name}" cannot be applied because the method ${why}`;
    if (!told.has(message)) report(scope, message);
    told.add(message);
  };
  for (const member of part.parts) {
    if (typeof member === "string") model.description = member;
    else if (member?.kind === "description") model.description = member.text;
    else if (member?.kind !== "access") {
      report(scope, `${describe(member)} has no place in an interceptor`);
    } else {
      const { access } = member;
      const own = objectOf(attributeOf(scope, collect(scope, member.parts), "object").type);
      const target = targetOf(method, ROLES[access], cannot);
      if (own === undefined) {
        report(scope, `interceptor "${part.name}" ${words(access)} attribute is not an object`);
      } else if (target !== undefined) {
        const names = new Set(target.attributes.map(({ name }) => name));
        for (const { name } of own.attributes) {
          if (names.has(name)) continue;
          report(
            scope,
            `interceptor "${part.name}" cannot ${
              words(access)
            } attribute "${name}": attribute does not exist`,
          );
        }
      }
      model[access] = Object.freeze([
        ...model[access] ?? [],
        ...(own?.attributes ?? []).map(({ name }) => name),
      ]);
    }
  }
  return Object.freeze(model);
}

/** The object that an access is to. Goa's messages, word by word. */
function targetOf(
  method: Pick<MethodModel, "payload" | "streamingPayload" | "result" | "streamingResult">,
  role: "payload" | "streamingPayload" | "result" | "streamingResult",
  cannot: (why: string) => void,
): ObjectModel | undefined {
  const what = role === "payload" || role === "streamingPayload" ? "payload" : "result";
  const attribute: AttributeModel | undefined = method[role];
  if (role === "result" && attribute === undefined && method.streamingResult !== undefined) {
    cannot("result is streaming");
    return undefined;
  }
  if (role.startsWith("streaming") && attribute === undefined) {
    cannot(`${what} is not streaming`);
    return undefined;
  }
  const object = attribute && objectOf(attribute.type);
  if (object === undefined) cannot(`${what} is not an object`);
  return object;
}
