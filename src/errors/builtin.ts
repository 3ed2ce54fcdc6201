/**
 * The errors that goats itself raises: one constructor per built-in name of contract §7.
 *
 * @module
 */
import { ServiceError, type ServiceErrorOptions } from "./service_error.ts";

/** Names of the problems that validation finds; all map to 400, INVALID_ARGUMENT, 4400. */
export const VALIDATION_NAMES: ReadonlySet<string> = new Set([
  "decode_payload",
  "invalid_field_type",
  "missing_payload",
  "missing_field",
  "invalid_enum_value",
  "invalid_format",
  "invalid_pattern",
  "invalid_range",
  "invalid_length",
]);

/** The names that goats gives a meaning of its own on every transport; a design may declare them too. */
export type BuiltinErrorName =
  | "not_acceptable"
  | "unsupported_media_type"
  | "unauthorized"
  | "forbidden"
  | "timeout"
  | "unavailable"
  | "too_large"
  | "overloaded"
  | "canceled"
  | "unimplemented"
  | "fault";

const FLAGS: Readonly<Record<BuiltinErrorName, ServiceErrorOptions>> = {
  not_acceptable: {},
  unsupported_media_type: {},
  unauthorized: {},
  forbidden: {},
  timeout: { timeout: true },
  unavailable: { temporary: true },
  too_large: {},
  overloaded: { temporary: true },
  canceled: {},
  unimplemented: {},
  fault: { fault: true },
};

/** Makes a built-in error with the flags that its name stands for. */
export function builtinError(
  name: BuiltinErrorName,
  message: string,
  options: ServiceErrorOptions = {},
): ServiceError {
  return new ServiceError(name, message, { ...FLAGS[name], ...options });
}

/** What a caller is told of something that a handler threw and that is no ServiceError (contract §7, `fault`). */
export function faultOf(thrown: unknown): ServiceError {
  return builtinError("fault", "internal error", { cause: thrown });
}

/** What was thrown, if a caller may be told of it as it is, else a fault. Throws nothing, whatever it is given. */
export function serviceErrorOf(thrown: unknown): ServiceError {
  return isInstance(thrown, ServiceError) ? thrown : faultOf(thrown);
}

/** As `instanceof`, but for a proxy that refuses even to be asked what it is: that is nothing. */
export function isInstance<T>(value: unknown, of: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof of;
  } catch {
    return false;
  }
}
