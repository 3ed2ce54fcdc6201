/**
 * HTTP status of an error, which the plain WebSocket's close code (4000 + status) follows too. Contract §7.
 *
 * @module
 */
import type { MethodModel } from "../design/model.ts";
import { VALIDATION_NAMES } from "./builtin.ts";
import type { ServiceError } from "./service_error.ts";

const BY_NAME: Readonly<Record<string, number>> = {
  __proto__: null as never,
  not_acceptable: 406,
  unsupported_media_type: 415,
  unauthorized: 401,
  forbidden: 403,
  too_large: 413,
  overloaded: 429,
  canceled: 499,
  unimplemented: 501,
  unavailable: 503,
};

/** The status an error leaves with: as the method's `HTTP(Response(name, status))` says, else by name, else by flags. */
export function httpStatusOf(error: ServiceError, method?: MethodModel): number {
  const mapped = method?.http?.errors[error.name]?.status;
  if (mapped !== undefined) return mapped;
  const declared = method?.errors[error.name] !== undefined;
  // A design may declare them for the sake of its clients: a security scheme means the same by them.
  const secured = method?.security !== undefined &&
    (error.name === "unauthorized" || error.name === "forbidden");
  if (!declared || secured) {
    if (VALIDATION_NAMES.has(error.name)) return 400;
    const named = BY_NAME[error.name];
    if (named !== undefined) return named;
  }
  // Goa's rule for errors without a mapping (http/encoding: ErrorResponse.StatusCode).
  if (error.fault) return 500;
  if (error.timeout) return error.temporary ? 504 : 408;
  if (error.temporary) return 503;
  return 400;
}
