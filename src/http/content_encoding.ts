/**
 * Request bodies that are encoded (RFC 9110 §8.4). A payload is decoded from its body as it is: what is compressed is
 * refused rather than taken for something else.
 *
 * @module
 */
import { builtinError } from "../errors/builtin.ts";
import type { ServiceError } from "../errors/service_error.ts";

/** The one coding of bodies that payloads come from. */
export const IDENTITY = "identity";

/** Errors by which callers are told so. */
const refusals = new WeakSet<ServiceError>();

/** Whether an error refuses the coding of a body: not its media type, which has the same status. */
export function isEncodingRefusal(error: ServiceError): boolean {
  return refusals.has(error);
}

/**
 * Refuses a body that is encoded.
 *
 * @param where `service.method`, for messages
 * @throws {ServiceError} `unsupported_media_type`
 */
export function checkNotEncoded(headers: Headers, where: string): void {
  const encoding = headers.get("content-encoding");
  if (encoding === null) return;
  const codings = encoding.split(",").map((coding) => coding.trim().toLowerCase());
  if (codings.every((coding) => coding === "" || coding === IDENTITY)) return;
  const error = builtinError(
    "unsupported_media_type",
    `${where}: request body must be sent as it is, not with content-encoding ${encoding}`,
  );
  refusals.add(error);
  throw error;
}
