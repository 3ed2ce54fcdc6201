/**
 * Single messages that a call which compresses leaves as they are.
 *
 * @module
 */

/** Messages of applications that shall not be compressed, and what they were encoded to. */
const asTheyAre = new WeakSet<object>();
/** Most programs have none of them: nothing is looked up then. */
let marks = false;

/**
 * Has a message sent as it is by a call that compresses: one that is compressed already, as images are. Changes nothing
 * about the message, and nothing on calls that do not compress.
 *
 * @returns The same message, to be sent
 *
 * @example
 * ```ts
 * import { implement } from "@x/goats";
 * import { grpcClient, grpcServer, uncompressed } from "@x/goats/grpc";
 * import { Bytes, CodeOK, Field, GRPC, Method, Required, Response, Service, StreamingResult } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const album = Service(
 *   "album",
 *   Method("pages", StreamingResult(Field(1, "data", Bytes), Required("data")), GRPC(Response(CodeOK))),
 * );
 * const service = implement(album, {
 *   async *pages() {
 *     yield { data: new Uint8Array(5000) };
 *     yield uncompressed({ data: crypto.getRandomValues(new Uint8Array(5000)) });
 *   },
 * });
 *
 * await using server = grpcServer([service], { compression: "gzip" });
 * const { address } = await server.listen("127.0.0.1:0");
 * await using client = grpcClient(album, address);
 * assertEquals((await Array.fromAsync(client.pages())).map(({ data }) => data.length), [5000, 5000]);
 * ```
 */
export function uncompressed<T extends object>(message: T): T {
  marks = true;
  asTheyAre.add(message);
  return message;
}

/** Has what a message was encoded to treated as the message. */
export function encodedFrom(message: unknown, bytes: Uint8Array): Uint8Array {
  if (marks && asTheyAre.has(message as object)) asTheyAre.add(bytes);
  return bytes;
}

/** Whether an encoded message shall be sent as it is. */
export function isUncompressed(bytes: Uint8Array): boolean {
  return marks && asTheyAre.has(bytes);
}
