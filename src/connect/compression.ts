/**
 * Compressed messages at the server: gzip, which every client of either protocol knows.
 *
 * @module
 */
import { gunzipSync, gzipSync } from "node:zlib";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";

/** Names of encodings that are taken. */
export const ENCODINGS = "gzip, identity";

/** Messages smaller than this are not worth it. */
const LEAST_BYTES = 1024;

/** gzip, and not at a quality of zero. */
const GZIP = /(?:^|,)\s*gzip\s*(?:;\s*q\s*=\s*(?:1|0\.0*[1-9])[^,]*)?(?:,|$)/i;

/** Whether a list of encodings (`accept-encoding` and its like) has gzip. */
export function takesGzip(accepted: string | null): boolean {
  return accepted !== null && GZIP.test(accepted);
}

/** Compresses a message that is large enough; `undefined` when it is not. */
export function compress(message: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  return message.length < LEAST_BYTES ? undefined : new Uint8Array(gzipSync(message));
}

/**
 * Reads the name of an encoding.
 *
 * @returns Whether it is gzip
 * @throws {ServiceError} `unimplemented`
 */
export function isGzip(encoding: string | null, where: string): boolean {
  if (encoding === null || encoding === "" || encoding === "identity") return false;
  if (encoding === "gzip") return true;
  throw builtinError(
    "unimplemented",
    `${where}: compression ${JSON.stringify(encoding.slice(0, 64))} is not known: supported are ${ENCODINGS}`,
  );
}

/**
 * Decompresses a message, and never more of it than allowed.
 *
 * @param what Leads error messages
 * @throws {ServiceError} `too_large`, `decode_payload`
 */
export function decompress(message: Uint8Array, messageBytes: number, what: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(gunzipSync(message, { maxOutputLength: messageBytes }));
  } catch (cause) {
    if ((cause as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") {
      throw builtinError("too_large", `${what} is larger than ${messageBytes} bytes`);
    }
    throw new ServiceError("decode_payload", `${what} is not gzip`, { cause });
  }
}
