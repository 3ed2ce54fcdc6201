/**
 * What crosses the border to grpc-js: messages that it must neither parse nor copy, and the status.
 *
 * @module
 */
import type { Metadata } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import { DETAILS, metadataOf } from "./metadata.ts";
import type { WireStatus } from "./wire.ts";

/** "Serializes" a message that is serialized already: decoding errors shall be ours, not grpc-js's. */
export function toBuffer(message: Uint8Array): Buffer {
  // One that knows how to be copied, see gzip.ts.
  if (Buffer.isBuffer(message)) return message;
  return Buffer.from(message.buffer, message.byteOffset, message.byteLength);
}

/** The opposite. A plain Uint8Array, lest Node's Buffer reaches a user by way of a decoder. */
export function fromBuffer(message: Buffer): Uint8Array {
  return new Uint8Array(message.buffer, message.byteOffset, message.byteLength);
}

/**
 * Trailers of a status.
 *
 * @throws {TypeError} When a trailer cannot be sent
 */
export function statusMetadata(status: WireStatus): Metadata {
  const metadata = metadataOf(status.trailers, status.pairs);
  if (status.details !== undefined) metadata.set(DETAILS, toBuffer(status.details));
  return metadata;
}

/** Reads the serialized `google.rpc.Status` in trailers. */
export function detailsOf(metadata: Metadata): Uint8Array | undefined {
  const details = metadata.get(DETAILS)[0];
  return typeof details === "object" ? fromBuffer(details) : undefined;
}
