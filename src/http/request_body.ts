/**
 * The body of a request, where the payload comes from it.
 *
 * @module
 */
import type { Json } from "../codec/codec.ts";
import { startDeadline } from "../core/deadline.ts";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import type { BodyFormat } from "./body_format.ts";
import { checkNotEncoded } from "./content_encoding.ts";
import { isJsonType } from "./media_type.ts";
import { type BodyMessage, isEmpty, readBytes, readText } from "./read_text.ts";

/**
 * Reads the JSON text of a request; `""` when there is none.
 *
 * @param readsBody Whether the payload comes from it: else it is nobody's
 * @param limit Most bytes to take
 * @param where `service.method`, for messages
 * @param stallMs ms in which some of it must come
 * @throws {ServiceError} `unsupported_media_type`, `too_large`, `decode_payload`, `timeout`, or `canceled` when the
 * caller leaves
 */
export async function readRequestBody(
  request: BodyMessage,
  readsBody: boolean,
  limit: number,
  where: string,
  stallMs?: number,
): Promise<string> {
  if (!readsBody || isEmpty(request) || isNothing(request)) return "";
  const type = request.headers.get("content-type");
  if (type === null && await hasEnded(request, stallMs)) return "";
  if (type === null || !isJsonType(type)) throw unsupported(where, "application/json", type);
  checkEncoding(request, where);
  try {
    return await readText(request, limit, `${where}: request body`, stallMs);
  } catch (error) {
    throw unread(where, error);
  }
}

/**
 * Reads a request body that may be of several media types; `undefined` when there is none.
 *
 * @throws {ServiceError} As {@linkcode readRequestBody}
 */
export async function readFormattedBody(
  request: BodyMessage,
  formats: readonly BodyFormat[],
  limit: number,
  where: string,
  stallMs?: number,
): Promise<Json> {
  if (isEmpty(request) || isNothing(request)) return undefined;
  const type = request.headers.get("content-type");
  if (type === null && await hasEnded(request, stallMs)) return undefined;
  const format = type === null ? undefined : formats.find((one) => one.matches(type));
  if (format === undefined) {
    throw unsupported(where, formats.map(({ mediaType }) => mediaType).join(" or "), type);
  }
  checkEncoding(request, where);
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await readBytes(request, limit, `${where}: request body`, stallMs);
  } catch (error) {
    throw unread(where, error);
  }
  return await format.decode(bytes, type!);
}

/** Whether a body is said to have no bytes. */
function isNothing({ size, headers }: BodyMessage): boolean {
  return size === undefined ? headers.get("content-length") === "0" : size === 0;
}

/**
 * Whether a body whose length nobody told has no bytes: so comes a request that has none at all, as a POST of `curl -X`
 * (RFC 9112 §6.3). One that has some is let go of: it is of no known type.
 */
async function hasEnded({ size, body, headers }: BodyMessage, stallMs: number | undefined): Promise<boolean> {
  if (size !== undefined || body === null || headers.has("content-length")) return false;
  const reader = body.getReader();
  const letGo = () => reader.cancel().catch(() => {});
  let late = false;
  const stop = stallMs === undefined ? undefined : startDeadline(stallMs, () => {
    late = true;
    // The pending read then says that there is no more.
    void letGo();
  });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return !late;
      if (value.length > 0) return false;
    }
  } catch {
    // It was cut; that there was no type for it is told all the same.
    return false;
  } finally {
    stop?.();
    void letGo();
  }
}

/** A small body is known not to be encoded. */
function checkEncoding({ size, headers }: BodyMessage, where: string): void {
  if (size === undefined) checkNotEncoded(headers, where);
}

function unsupported(where: string, wanted: string, type: string | null): ServiceError {
  return builtinError(
    "unsupported_media_type",
    `${where}: request body must be ${wanted}${type === null ? "" : `, not ${type}`}`,
  );
}

function unread(where: string, error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  return builtinError("canceled", `${where}: the caller has gone before its request was whole`, {
    cause: error,
  });
}
