/**
 * Messages as `pbjs -t static` writes their code: what peers of the gRPC benchmark encode and decode with. No validation.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import protobuf from "protobufjs/minimal.js";
import type { Kind, Sample } from "../messages.ts";

/** Functions of a message. */
export interface Static<T> {
  encode(message: T): Buffer;
  decode(bytes: Uint8Array): T;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A message of one sint32, field 1. */
function number<K extends string>(name: K): Static<Record<K, number>> {
  return {
    encode(message) {
      const writer = protobuf.Writer.create();
      if (message[name] != null && Object.hasOwnProperty.call(message, name)) {
        writer.uint32(8).sint32(message[name]);
      }
      return asBuffer(writer.finish());
    },
    decode(bytes) {
      const reader = protobuf.Reader.create(bytes);
      const message = { [name]: 0 } as Record<K, number>;
      while (reader.pos < reader.len) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1:
            message[name] = reader.sint32() as Record<K, number>[K];
            break;
          default:
            reader.skipType(tag & 7);
        }
      }
      return message;
    },
  };
}

const sample: Static<Sample> = {
  encode(message) {
    const writer = protobuf.Writer.create();
    const has = Object.hasOwnProperty;
    if (message.cpu != null && has.call(message, "cpu")) writer.uint32(13).float(message.cpu);
    if (message.memory != null && has.call(message, "memory")) writer.uint32(21).float(message.memory);
    if (message.host != null && has.call(message, "host")) writer.uint32(26).string(message.host);
    if (message.at != null && has.call(message, "at")) writer.uint32(34).string(message.at);
    return asBuffer(writer.finish());
  },
  decode(bytes) {
    const reader = protobuf.Reader.create(bytes);
    const message = { cpu: 0, memory: 0, host: "", at: "" };
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      switch (tag >>> 3) {
        case 1:
          message.cpu = reader.float();
          break;
        case 2:
          message.memory = reader.float();
          break;
        case 3:
          message.host = reader.string();
          break;
        case 4:
          message.at = reader.string();
          break;
        default:
          reader.skipType(tag & 7);
      }
    }
    return message;
  },
};

/** By kind. */
export const messages: Readonly<Record<Kind, Static<never>>> = {
  sample: sample as Static<never>,
  tick: number("n") as Static<never>,
};
/** How many. */
export const counted: Static<{ count: number }> = number("count");

const serializers = (request: Static<never>, response: Static<never>) => ({
  requestSerialize: request.encode,
  requestDeserialize: request.decode,
  responseSerialize: response.encode,
  responseDeserialize: response.decode,
});

/** The service as grpc-js defines services, over these messages. */
export const definition = Object.fromEntries(
  (["sample", "tick"] as const).flatMap((kind) => {
    const message = messages[kind];
    const Kind = kind[0]!.toUpperCase() + kind.slice(1);
    const rpc = (name: string, requestStream: boolean, responseStream: boolean, types: object) =>
      [`${name.toLowerCase()}_${kind}`, {
        path: `/bench.Bench/${name}${Kind}`,
        requestStream,
        responseStream,
        options: {},
        ...types,
      }] as const;
    return [
      rpc("Get", false, false, serializers(message, message)),
      rpc("Push", false, true, serializers(counted as Static<never>, message)),
      rpc("Flood", true, false, serializers(message, counted as Static<never>)),
      rpc("Echo", true, true, serializers(message, message)),
    ];
  }),
  // deno-lint-ignore no-explicit-any
) as Record<string, any>;
