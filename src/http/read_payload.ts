/**
 * The payload of a request, its body read.
 *
 * @module
 */
import type { BodyMessage } from "./read_text.ts";
import { readFormattedBody, readRequestBody } from "./request_body.ts";
import type { RequestPayload } from "./request_payload.ts";

/** What of a request is known once it is routed. */
export interface RoutedRequest {
  readonly request: BodyMessage;
  /** Raw values of the route's parameters. */
  readonly params: readonly string[];
  /** Raw query string. */
  readonly query: string;
  /** The request's headers, as the call has them. */
  readonly headers: Headers;
}

/**
 * Reads what of the payload is in the body, and decodes all of it.
 *
 * @param limit Most bytes to take
 * @param where `service.method`, for messages
 * @param stallMs ms in which some of the body must come
 * @throws {ServiceError} As `readRequestBody` and `RequestPayload.decode`
 */
export async function readPayload(
  { request, params, query, headers }: RoutedRequest,
  payload: RequestPayload,
  limit: number,
  where: string,
  stallMs?: number,
): Promise<unknown> {
  const { formats, readsBody } = payload;
  if (formats === undefined) {
    const body = await readRequestBody(request, readsBody, limit, where, stallMs);
    return payload.decode({ params, query, headers, body });
  }
  const json = await readFormattedBody(request, formats, limit, where, stallMs);
  return payload.decode({ params, query, headers, body: "", json });
}
