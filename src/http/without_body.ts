/**
 * The answer to HEAD.
 *
 * @module
 */
import { EVENT_STREAM } from "../sse/accept.ts";

/**
 * All of the answer to GET but its body (RFC 9110 §9.3.2). Its length is told, or left untold where nobody knows it; of
 * an answer without a body the runtime would say that it has 0 bytes, which RFC 9110 §8.6 forbids.
 *
 * @param raw Whether a good answer's body is a stream that a handler made
 */
export async function withoutBody(answer: Response | Promise<Response>, raw: boolean): Promise<Response> {
  const response = await answer;
  const { body, headers, status } = response;
  if (body === null) return response;
  if (headers.has("content-length")) {
    await body.cancel();
    return new Response(null, response);
  }
  if (headers.get("content-type") === EVENT_STREAM || raw && response.ok) {
    // A stream that nobody reads must end.
    void body.cancel().catch(() => {});
    return new Response(new ReadableStream({ start: (controller) => controller.close() }), response);
  }
  const { length } = await response.bytes();
  const told = new Headers(headers);
  told.set("content-length", String(length));
  return new Response(null, { status, headers: told });
}
