/**
 * Reads `google.rpc.Status` and `goapb.ErrorResponse`, the messages that carry an error's details, without protobufjs:
 * clients in browsers do, too.
 *
 * @module
 */
import { fieldReader } from "../codec/proto_reader.ts";
import type { Reader } from "../codec/proto_scalar.ts";
import type { ErrorBody } from "../errors/service_error.ts";

/** A message of any type: `google.protobuf.Any`. */
export interface Detail {
  /** Full name of the message type, e.g. `monitor.WatchNotFoundError`. */
  readonly type: string;
  /** The message. */
  readonly value: Uint8Array;
}

/** What Goa's own clients and servers call the built-in error (goa.design/goa/v3/grpc/pb). */
export const ERROR_RESPONSE = "goapb.ErrorResponse";

/** Protobuf: field number << 3 | wire type (0 varint, 2 length-delimited). */
const varint = (field: number): number => field << 3;
const bytes = (field: number): number => field << 3 | 2;

/** Takes the details out of a `google.rpc.Status`. Throws when it is none. */
export function decodeStatus(status: Uint8Array): Detail[] {
  const details: Detail[] = [];
  for (const [field, reader] of fields(status)) {
    if (field !== bytes(3)) continue;
    let type = "";
    let value: Uint8Array = new Uint8Array();
    for (const [inner, any] of fields(reader.bytes())) {
      // Everything up to the last slash is the place of a type registry, whatever it is.
      if (inner === bytes(1)) type = any.string().replace(/^.*\//, "");
      if (inner === bytes(2)) value = any.bytes();
    }
    details.push({ type, value });
  }
  return details;
}

/** Reads Goa's `ErrorResponse`. Throws when it is none. */
export function decodeErrorResponse(message: Uint8Array): ErrorBody {
  const body = { name: "", id: "", message: "", temporary: false, timeout: false, fault: false };
  for (const [field, reader] of fields(message)) {
    if (field === bytes(1)) body.name = reader.string();
    else if (field === bytes(2)) body.id = reader.string();
    else if (field === bytes(3)) body.message = reader.string();
    else if (field === varint(4)) body.temporary = reader.bool();
    else if (field === varint(5)) body.timeout = reader.bool();
    else if (field === varint(6)) body.fault = reader.bool();
  }
  return body;
}

/** Goes through the fields of a message; one that the loop's body does not read is skipped. */
function* fields(message: Uint8Array): Generator<[tag: number, reader: Reader]> {
  const reader = fieldReader(message);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const start = reader.pos;
    yield [tag, reader];
    if (reader.pos === start) reader.skipType(tag & 7);
  }
}
