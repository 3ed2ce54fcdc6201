/**
 * The messages of a service in protobuf's JSON, for clients: nothing here needs protobufjs.
 *
 * @module
 */
import { binaryFormat } from "../codec/proto_binary.ts";
import { PROTO_JSON } from "../codec/proto_json.ts";
import { type ProtoMethod, protoMethod } from "../codec/proto_method.ts";
import { fieldReader } from "../codec/proto_reader.ts";
import { protoSchema } from "../codec/proto_schema.ts";
import type { ServiceModel } from "../design/model.ts";

/** Errors are told in protobuf, whatever the messages are in; a client only reads them. */
const READ_ONLY = binaryFormat({
  reader: fieldReader,
  writer() {
    throw new TypeError("Cannot write protobuf: clients only read it");
  },
});

const services = new WeakMap<ServiceModel, Readonly<Record<string, ProtoMethod>>>();

/** Gives the messages of a service's methods by name, made when first asked for. */
export function jsonMethods(service: ServiceModel): Readonly<Record<string, ProtoMethod>> {
  let methods = services.get(service);
  if (methods === undefined) {
    const schema = protoSchema(service);
    const made: Record<string, ProtoMethod> = Object.create(null);
    for (const rpc of schema.rpcs) made[rpc.method.name] = protoMethod(schema, rpc, PROTO_JSON, READ_ONLY);
    services.set(service, methods = made);
  }
  return methods;
}
