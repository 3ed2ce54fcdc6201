/**
 * `null`, which is no message: it stands for the end of a stream. Types refuse it by themselves, but for `Any`.
 *
 * @module
 */
import { ServiceError } from "../errors/service_error.ts";

/**
 * Gives back a message of a stream that is one.
 *
 * @param where `service.method`, for messages
 * @param root What it is to the method
 * @throws {ServiceError} `invalid_field_type` when it is `null`
 */
export function messageOf<T>(message: T, where: string, root: "result" | "streaming_payload"): T {
  if (message !== null) return message;
  throw new ServiceError(
    "invalid_field_type",
    `${where}: invalid value null for "${root}", must be a message`,
  );
}
