/**
 * Messages of protobuf as they mostly are, in one function per message: from a value straight into the outgoing buffer,
 * from bytes straight to what the handler gets. What is not quite so (a value or bytes that are not valid,
 * groups) is left to the closures of proto_message.ts, which know what to say and do; so these need not know.
 *
 * @module
 */
import type { AttributeModel } from "../design/model.ts";
import { compileProtoDecode, type Decode } from "./compile_proto_decode.ts";
import { compileProtoEncode, type Encode } from "./compile_proto_encode.ts";
import type { FieldEngine } from "./proto_scalar.ts";
import type { ProtoMessage } from "./proto_schema.ts";
import { codeAllowed } from "./source_writer.ts";

/** A message of an attribute in one view, as code. Its functions are replaced once they are made. */
export interface CompiledMessage {
  /** The bytes of a value; `undefined` where it takes a closer look. */
  readonly encode: Encode;
  /** The value of bytes; `undefined` where it takes a closer look. */
  readonly decode: Decode;
}

const nothing = () => undefined;

/**
 * Compiles a message, as the engine permits, each way when it is first gone.
 *
 * @param fields For what is in an Any
 */
export function compileMessage(
  attribute: AttributeModel,
  message: ProtoMessage,
  view: string,
  fields: FieldEngine,
): CompiledMessage {
  // Most messages are only sent, or only received.
  const made: { -readonly [S in keyof CompiledMessage]: CompiledMessage[S] } = {
    encode(value) {
      made.encode = codeAllowed() && compileProtoEncode(attribute, message, view, fields) || nothing;
      return made.encode(value);
    },
    decode(bytes) {
      made.decode = codeAllowed() && compileProtoDecode(attribute, message, view, fields) || nothing;
      return made.decode(bytes);
    },
  };
  return made;
}
