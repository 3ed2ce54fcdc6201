/**
 * Which gRPC status code an error has, and which error a status without details stands for. Contract §7.
 *
 * @module
 */
import type { MethodModel } from "../design/model.ts";
import { builtinError, type BuiltinErrorName, VALIDATION_NAMES } from "../errors/builtin.ts";
import { ServiceError, type ServiceErrorOptions } from "../errors/service_error.ts";

/** gRPC status codes (grpc/doc/statuscodes.md). */
export const Code = {
  ok: 0,
  canceled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

const BY_NAME: Readonly<Record<string, number>> = {
  __proto__: null as never,
  unsupported_media_type: Code.invalidArgument,
  not_acceptable: Code.invalidArgument,
  unauthorized: Code.unauthenticated,
  forbidden: Code.permissionDenied,
  timeout: Code.deadlineExceeded,
  too_large: Code.resourceExhausted,
  overloaded: Code.resourceExhausted,
  canceled: Code.canceled,
  unimplemented: Code.unimplemented,
  unavailable: Code.unavailable,
  fault: Code.internal,
} satisfies Record<BuiltinErrorName, number> & { __proto__: null };

/** The code an error leaves with: as the method's `GRPC(Response(name, code))` says, else by name, else by flags. */
export function codeOf(error: ServiceError, method: MethodModel): number {
  const mapped = method.grpc?.errors[error.name];
  if (mapped !== undefined) return mapped;
  // A design may declare them for the sake of its clients: a security scheme means the same by them.
  const secured = method.security !== undefined &&
    (error.name === "unauthorized" || error.name === "forbidden");
  if (method.errors[error.name] === undefined || secured) {
    if (VALIDATION_NAMES.has(error.name)) return Code.invalidArgument;
    const named = BY_NAME[error.name];
    if (named !== undefined) return named;
  }
  // Goa's order (grpc.EncodeError).
  if (error.timeout) return Code.deadlineExceeded;
  if (error.fault) return Code.internal;
  if (error.temporary) return Code.unavailable;
  return Code.unknown;
}

/** Error names of the codes; those that are not built in are the code's own name. */
const NAMES: readonly (readonly [name: string, options?: ServiceErrorOptions])[] = [
  ["fault"],
  ["canceled"],
  ["unknown"],
  ["invalid_argument"],
  ["timeout"],
  ["not_found"],
  ["already_exists"],
  ["forbidden"],
  ["overloaded"],
  ["failed_precondition"],
  ["aborted", { temporary: true }],
  ["out_of_range"],
  ["unimplemented"],
  ["fault"],
  ["unavailable"],
  ["data_loss", { fault: true }],
  ["unauthorized"],
];

/**
 * Codes that gRPC libraries raise by themselves (grpc/doc/statuscodes.md): a connection that fails is not what a design
 * calls `busy`, whatever code that has.
 */
const RAISED_BELOW: ReadonlySet<number> = new Set([
  Code.canceled,
  Code.unknown,
  Code.deadlineExceeded,
  Code.resourceExhausted,
  Code.unimplemented,
  Code.internal,
  Code.unavailable,
]);

/**
 * The error of a status that carries no detail: from a peer that is no goats or Goa server, or from grpc-js itself.
 * The one error that the design maps to this code, when there is just one and none but a service raises it; else by code.
 */
export function errorOfCode(code: number, message: string, method: MethodModel): ServiceError {
  const candidates = Object.entries(method.grpc?.errors ?? {}).filter(([name, mapped]) =>
    mapped === code && !RAISED_BELOW.has(code) && method.errors[name]?.attribute === undefined
  );
  const declared = candidates.length === 1 ? method.errors[candidates[0]![0]] : undefined;
  if (declared !== undefined) {
    const { name, temporary, timeout, fault } = declared;
    return new ServiceError(name, message, { temporary, timeout, fault });
  }
  // Every gRPC library words it like this, and has no code of its own for it.
  if (code === Code.resourceExhausted && /larger than/.test(message)) {
    return builtinError("too_large", message);
  }
  const [name, options] = NAMES[code] ?? ["unknown"];
  return name in BY_NAME
    ? builtinError(name as BuiltinErrorName, message)
    : new ServiceError(name, message, options);
}
