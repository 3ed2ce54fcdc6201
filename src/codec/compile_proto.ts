/**
 * Messages of protobuf as they mostly are, in one function per message: from a value straight into the outgoing buffer,
 * from bytes straight to what the handler gets. What is not quite so (a value or bytes that are not valid, groups, an
 * Any) is left to the closures of proto_message.ts, which know what to say and do; so these need not know.
 *
 * @module
 */
import type { AttributeModel } from "../design/model.ts";
import { compileProtoDecode, type Decode } from "./compile_proto_decode.ts";
import { compileProtoEncode, type Write } from "./compile_proto_encode.ts";
import { FULL } from "./proto_bytes.ts";
import type { ProtoMessage } from "./proto_schema.ts";
import { codeAllowed } from "./source_writer.ts";

/** A message of an attribute in one view, as code. */
export interface CompiledMessage {
  /** The bytes of a value; `undefined` where it takes a closer look. */
  readonly encode: (value: unknown) => Uint8Array | undefined;
  /** The value of bytes; `undefined` where it takes a closer look. */
  readonly decode: Decode;
}

const nothing = () => undefined;

/** Compiles a message, as the engine permits. */
export function compileMessage(
  attribute: AttributeModel,
  message: ProtoMessage,
  view: string,
): CompiledMessage {
  if (!codeAllowed()) return { encode: nothing, decode: nothing };
  const write = compileProtoEncode(attribute, message, view);
  const decode = codeAllowed() ? compileProtoDecode(attribute, message, view) : undefined;
  return {
    encode: write === undefined ? nothing : (value) => encodeInto(write, value),
    decode: decode ?? nothing,
  };
}

/** Messages share memory in pieces of this size. */
const CHUNK_BYTES = 16 * 1024;

const EMPTY = new Uint8Array();
/** Memory for the next messages, from `free` on. */
let chunk: Uint8Array = EMPTY;
let free = 0;

function encodeInto(write: Write, value: unknown): Uint8Array | undefined {
  let buffer = chunk;
  let start = free;
  // A getter of the value may encode messages of its own, or throw: nobody else shall write here meanwhile.
  chunk = EMPTY;
  free = 0;
  let end = write(value, buffer, start);
  for (let size = CHUNK_BYTES; end === FULL; size *= 4) {
    buffer = new Uint8Array(size);
    start = 0;
    end = write(value, buffer, 0);
  }
  // A large message has memory of its own, and no more than it needs.
  if (buffer.length > CHUNK_BYTES) return end < 0 ? undefined : buffer.slice(0, end);
  chunk = buffer;
  free = start;
  if (end < 0) return undefined;
  free = end;
  return new Uint8Array(buffer.buffer, start, end - start);
}
