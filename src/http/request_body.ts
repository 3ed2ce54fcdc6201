/**
 * The body of a request, where the payload comes from it.
 *
 * @module
 */
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import { isJsonType } from "./media_type.ts";
import { readText } from "./read_text.ts";

/**
 * Reads the JSON text of a request; `""` when there is none.
 *
 * @param readsBody Whether the payload comes from it: else it is nobody's
 * @param limit Most bytes to take
 * @param where `service.method`, for messages
 * @throws {ServiceError} `unsupported_media_type`, `too_large`, `decode_payload`, or `canceled` when the caller leaves
 */
export async function readRequestBody(
  request: Request,
  readsBody: boolean,
  limit: number,
  where: string,
): Promise<string> {
  if (!readsBody || request.body === null) return "";
  const type = request.headers.get("content-type");
  if (request.headers.get("content-length") === "0") return "";
  if (type === null || !isJsonType(type)) {
    throw builtinError(
      "unsupported_media_type",
      `${where}: request body must be application/json${type === null ? "" : `, not ${type}`}`,
    );
  }
  try {
    return await readText(request, limit, `${where}: request body`);
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    throw builtinError("canceled", `${where}: the caller has gone before its request was whole`, {
      cause: error,
    });
  }
}
