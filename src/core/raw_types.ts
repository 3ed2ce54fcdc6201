/**
 * How raw bodies are typed, at handlers and at callers.
 *
 * @module
 */
import type { Has, MethodTypes } from "../design/method_types.ts";
import type { RawAnswer, RawBody } from "./raw_body.ts";

/** The `body` of a method's call; `undefined` for a method whose request body is not raw. */
export type CallBody<M extends MethodTypes> = "request" extends M["raw"] ? ReadableStream<Uint8Array>
  : undefined;

/** What the handler of a method with a raw response body returns. */
export type RawReturn<M extends MethodTypes> = Has<M["resultIn"]> extends true
  ? Promise<RawAnswer<M["resultIn"]>> | RawAnswer<M["resultIn"]>
  : Promise<ReadableStream<Uint8Array>> | ReadableStream<Uint8Array>;

/** The answer of a method with a raw response body, as its caller gets it. */
export type RawResult<M extends MethodTypes> = Has<M["resultOut"]> extends true ? RawAnswer<M["resultOut"]>
  : Pick<RawAnswer<undefined>, "body">;

/** What a call with a raw request body needs besides its payload. */
export interface RawRequestOptions {
  /**
   * The request body. A stream is read no faster than the server takes it; browsers that cannot send a stream take a
   * `Blob` (a file) or bytes. Its `content-type` is that of the call's headers, of the blob, or
   * `application/octet-stream`.
   */
  readonly body: RawBody;
}
