/**
 * Protobuf codecs: of one attribute, and of all that a service sends over gRPC. Reachable from `./grpc`, and where a
 * handler is first asked for it, as it imports protobufjs.
 *
 * @module
 */
import protobuf from "protobufjs/minimal.js";
import type { AttributeModel, ServiceModel } from "../design/model.ts";
import { compileMessage } from "./compile_proto.ts";
import type { Codec } from "./codec.ts";
import { binaryFormat } from "./proto_binary.ts";
import type { FieldEngine } from "./proto_scalar.ts";
import { type MessageFormat, type ProtoCodecOptions, type ProtoMethod, protoMethod } from "./proto_method.ts";
import { type ProtoSchema, protoSchema } from "./proto_schema.ts";

export type { ProtoCodecOptions, ProtoError, ProtoMethod } from "./proto_method.ts";

const fields: FieldEngine = {
  reader: (bytes) => protobuf.Reader.create(bytes),
  writer: () => protobuf.Writer.create(),
};

/** Protobuf itself: by code made for each message, and what that leaves by protobufjs. */
export const PROTOBUF: MessageFormat = binaryFormat({
  ...fields,
  compile: (attribute, message, view) => compileMessage(attribute, message, view, fields),
});

/**
 * Makes the protobuf codec of an attribute in one view. Throws `invalid_enum_value` when the type has no such view.
 */
export function protoCodec(attribute: AttributeModel, options: ProtoCodecOptions): Codec<Uint8Array> {
  return PROTOBUF.codec(attribute, options);
}

/** What a service looks like over gRPC. */
export interface ProtoService {
  /** Its names and messages. */
  readonly schema: ProtoSchema;
  /** Methods by name. A null-prototype record. */
  readonly methods: Readonly<Record<string, ProtoMethod>>;
}

const services = new WeakMap<ServiceModel, ProtoService>();

/** Gives the protobuf side of a service, made when first asked for. Throws when a type cannot be carried. */
export function protoService(service: ServiceModel): ProtoService {
  let made = services.get(service);
  if (made === undefined) {
    const schema = protoSchema(service);
    const methods: Record<string, ProtoMethod> = Object.create(null);
    for (const rpc of schema.rpcs) methods[rpc.method.name] = protoMethod(schema, rpc, PROTOBUF);
    services.set(service, made = { schema, methods });
  }
  return made;
}
