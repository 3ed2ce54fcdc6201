/**
 * Writes `google.rpc.Status` and `goapb.ErrorResponse`, the messages that carry an error's details in trailers.
 *
 * @module
 */
import protobuf from "protobufjs/minimal.js";
import type { ErrorBody } from "../errors/service_error.ts";
import type { Detail } from "./status_decode.ts";

const PREFIX = "type.googleapis.com/";
/** Protobuf: field number << 3 | wire type (0 varint, 2 length-delimited). */
const varint = (field: number): number => field << 3;
const bytes = (field: number): number => field << 3 | 2;

/** Serializes a `google.rpc.Status`. */
export function encodeStatus(code: number, message: string, details: readonly Detail[]): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32(varint(1)).int32(code).uint32(bytes(2)).string(message);
  for (const { type, value } of details) {
    writer.uint32(bytes(3)).fork();
    writer.uint32(bytes(1)).string(PREFIX + type).uint32(bytes(2)).bytes(value);
    writer.ldelim();
  }
  return writer.finish();
}

/** Serializes an error as Goa's `ErrorResponse`. */
export function encodeErrorResponse(error: ErrorBody): Uint8Array {
  const writer = protobuf.Writer.create();
  const texts = [error.name, error.id, error.message];
  const flags = [error.temporary, error.timeout, error.fault];
  texts.forEach((text, i) => {
    if (text !== "") writer.uint32(bytes(1 + i)).string(text.toWellFormed());
  });
  flags.forEach((flag, i) => {
    if (flag) writer.uint32(varint(4 + i)).bool(true);
  });
  return writer.finish();
}
