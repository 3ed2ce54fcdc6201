/**
 * Bodies that goats neither encodes nor decodes.
 *
 * @module
 */
import { part } from "./freeze.ts";
import type { RawBodyPart } from "./http_parts.ts";

/**
 * The request body is raw: the handler reads it as `call.body`, a `ReadableStream<Uint8Array>`, while it comes. The
 * payload, if there is one, travels in the path, the query string, headers and cookies alone. Callers give the body as
 * `body` in the call's options.
 *
 * @example
 * ```ts
 * import { HTTP, Method, Param, Payload, Field, POST, Service, SkipRequestBodyEncodeDecode, String } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const files = Service(
 *   "files",
 *   Method(
 *     "upload",
 *     Payload(Field(1, "name", String)),
 *     HTTP(POST("/files"), Param("name"), SkipRequestBodyEncodeDecode()),
 *   ),
 * );
 * assertEquals(files.model.methods["upload"]?.http?.rawRequest, true);
 * ```
 */
export function SkipRequestBodyEncodeDecode(): RawBodyPart<"request"> {
  return part({ kind: "raw_body", side: "request" });
}

/**
 * The response body is raw: the handler returns it as `ReadableStream<Uint8Array>`, or as `{ result, body }` where the
 * method has a `Result`, which then travels in headers and cookies alone. Calling the method gives `{ body }`, with
 * `result` where there is one.
 *
 * @example
 * ```ts
 * import { ContentType, GET, HTTP, Method, Response, Service, SkipResponseBodyEncodeDecode,
 *   StatusOK } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const images = Service(
 *   "images",
 *   Method("logo", HTTP(GET("/logo"), SkipResponseBodyEncodeDecode(), Response(StatusOK, ContentType("image/png")))),
 * );
 * assertEquals(images.model.methods["logo"]?.http?.rawResponse, true);
 * ```
 */
export function SkipResponseBodyEncodeDecode(): RawBodyPart<"response"> {
  return part({ kind: "raw_body", side: "response" });
}
