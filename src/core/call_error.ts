/**
 * Makes the errors that a design declares.
 *
 * @module
 */
import { withErrorName } from "../design/error_name.ts";
import type { MethodModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";

/**
 * A declared error with the flags of its declaration.
 *
 * @param detail A message, or for an error with a type of its own a value of that type
 * @throws {TypeError} When the method declares no such error
 */
export function callError(method: MethodModel, name: string, detail: unknown): ServiceError {
  const declared = Object.hasOwn(method.errors, name) ? method.errors[name] : undefined;
  if (declared === undefined) {
    throw new TypeError(`Cannot make an error: ${method.service}.${method.name} declares no error "${name}"`);
  }
  const { temporary, timeout, fault, description } = declared;
  const flags = { temporary, timeout, fault };
  if (declared.attribute === undefined) {
    return new ServiceError(name, typeof detail === "string" ? detail : description ?? name, flags);
  }
  const data = withErrorName(declared.attribute, name, detail);
  return new ServiceError(name, messageOf(detail) ?? description ?? name, { ...flags, data });
}

/** An attribute called `message` is the error's message (Goa's custom errors implement Error() the same way). */
function messageOf(data: unknown): string | undefined {
  if (typeof data === "string") return data;
  if (typeof data !== "object" || data === null) return undefined;
  const { message } = data as { message?: unknown };
  return typeof message === "string" ? message : undefined;
}
