/**
 * What other gRPC libraries want to know of a design: grpc-js's service definition, and protobuf's descriptors.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import type { Codec } from "../codec/codec.ts";
import { type ProtoMethod, protoService } from "../codec/proto.ts";
import { fileSet, protoFiles } from "../codec/proto_descriptor.ts";
import { type ProtoMessage, type ProtoRpc, protoSchema } from "../codec/proto_schema.ts";
import type { ServiceDesign } from "../design/method_types.ts";
import { ServiceError } from "../errors/service_error.ts";
import { fromBuffer, toBuffer } from "./grpc_js_messages.ts";

/**
 * One rpc, as grpc-js's `MethodDefinition` has it. Values are those of the design: what its types are at the sender and
 * at the receiver. All four functions validate, and throw a `ServiceError`.
 */
export interface GrpcMethodDefinition {
  /** `/package.Service/Rpc`. */
  readonly path: string;
  /** Whether the caller sends several messages. */
  readonly requestStream: boolean;
  /** Whether the server sends several messages. */
  readonly responseStream: boolean;
  /** Name of the method in the design, which clients and implementations may use in place of the rpc's. */
  readonly originalName: string;
  /** Encodes what the caller sends. */
  requestSerialize(value: unknown): Buffer;
  /** Decodes what the caller sends. */
  requestDeserialize(bytes: Buffer): unknown;
  /** Encodes what the server sends. */
  responseSerialize(value: unknown): Buffer;
  /** Decodes what the server sends. */
  responseDeserialize(bytes: Buffer): unknown;
}

/** A service, as grpc-js's `ServiceDefinition` has it: by name of the rpc. */
export type GrpcServiceDefinition = Readonly<Record<string, GrpcMethodDefinition>>;

/**
 * Makes the definition that grpc-js's `makeClientConstructor` and `Server.addService` take, of all methods that a design
 * offers over gRPC. Messages are values of the design, validated on both sides; what is no object there is in the field of
 * its message, `{ field: 42 }`. A stream of payloads behind a payload (Goa's envelope) is
 * `{ type: "initial_payload", value }`, once, then any number of `{ type: "stream_item", value }`.
 *
 * What travels in metadata is not in the messages: it is for the caller to send and for the handler to read. Errors are
 * statuses, their details not looked at. Handlers that shall have all that goats does are added by `addToServer`.
 *
 * @param design What `Service(...)` returned
 *
 * @example
 * ```ts
 * import { implement } from "@x/goats";
 * import { grpcServer, serviceDefinition } from "@x/goats/grpc";
 * import { CodeOK, Field, GRPC, Int, Method, Payload, Required, Response, Result, Service } from "@x/goats/design";
 * import { credentials, makeClientConstructor } from "@grpc/grpc-js";
 * import { assertEquals } from "@std/assert";
 *
 * const calc = Service(
 *   "calc",
 *   Method("double", Payload(Field(1, "n", Int), Required("n")), Result(Int), GRPC(Response(CodeOK))),
 * );
 * await using server = grpcServer([implement(calc, { double: ({ payload }) => payload.n * 2 })]);
 * const { address } = await server.listen("127.0.0.1:0");
 *
 * const CalcClient = makeClientConstructor(serviceDefinition(calc), "calc");
 * const client = new CalcClient(address, credentials.createInsecure());
 * const result = await new Promise((resolve, reject) => {
 *   client.double!({ n: 21 }, (error: Error | null, value: unknown) => error ? reject(error) : resolve(value));
 * });
 * assertEquals(result, { field: 42 });
 * client.close();
 * ```
 */
export function serviceDefinition(design: ServiceDesign): GrpcServiceDefinition {
  const { schema, methods } = protoService(design.model);
  const offered = schema.rpcs.filter(({ method }) => method.grpc !== undefined);
  return Object.fromEntries(offered.map((rpc) => [rpc.name, definitionOf(rpc, methods[rpc.method.name]!)]));
}

function definitionOf(rpc: ProtoRpc, method: ProtoMethod): GrpcMethodDefinition {
  const { path, requestStream, responseStream } = rpc;
  const { name, result, streamingResult } = method.model;
  const request = lazily(() => requestCodec(rpc, method));
  const response = lazily(() => messageOf(method.result(), (streamingResult ?? result) && rpc.response));
  return {
    path,
    requestStream,
    responseStream,
    originalName: name,
    requestSerialize: (value) => toBuffer(request().encode(value)),
    requestDeserialize: (bytes) => request().decode(fromBuffer(bytes)),
    responseSerialize: (value) => toBuffer(response().encode(value)),
    responseDeserialize: (bytes) => response().decode(fromBuffer(bytes)),
  };
}

/** Codecs are compiled when a method is first used. */
function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => made ??= make();
}

/**
 * A codec of messages, which are objects: grpc-js takes a request of `0` or `undefined` for none at all. What is no
 * object in the design is in the one field that its message has.
 *
 * @param message Absent when the method has no such message: then it is empty
 */
function messageOf(codec: Codec<Uint8Array>, message: ProtoMessage | undefined): Codec<Uint8Array> {
  if (message === undefined) {
    return {
      encode: () => codec.encode(undefined),
      decode(bytes) {
        codec.decode(bytes);
        return {};
      },
    };
  }
  if (message.shape !== "wrapper") return codec;
  const { name } = message.fields[0]!;
  return {
    encode: (value) => codec.encode((value as Record<string, unknown> | undefined)?.[name]),
    decode: (bytes) => ({ [name]: codec.decode(bytes) }),
  };
}

function requestCodec(rpc: ProtoRpc, method: ProtoMethod): Codec<Uint8Array> {
  const payload = messageOf(method.payload, rpc.payload);
  if (!rpc.requestStream) return payload;
  const item = messageOf(method.streamingPayload, rpc.streamingPayload);
  return method.payloadInStream ? bothOf(method, payload, item) : item;
}

/** The two sorts of messages of a stream in an envelope, which has one field of them. */
function bothOf(
  { model }: ProtoMethod,
  initial_payload: Codec<Uint8Array>,
  stream_item: Codec<Uint8Array>,
): Codec<Uint8Array> {
  const where = `${model.service}.${model.name}`;
  const sorts: Readonly<Record<string, Codec<Uint8Array>>> = {
    __proto__: null as never,
    initial_payload,
    stream_item,
  };
  return {
    encode(value) {
      const { type, value: inner } = (value ?? {}) as { type?: unknown; value?: unknown };
      const codec = sorts[`${type}`];
      if (codec === undefined) {
        const message = `${where}: type of a request must be "initial_payload" or "stream_item"`;
        throw new ServiceError("invalid_enum_value", message);
      }
      return codec.encode(inner);
    },
    decode(bytes) {
      // Field 1 or 2, length-delimited: it takes one byte. Whatever else stands there is for the codec to tell.
      const type = bytes[0] === (2 << 3 | 2) ? "stream_item" : "initial_payload";
      return { type, value: sorts[type]!.decode(bytes) };
    },
  };
}

/**
 * Serializes a `google.protobuf.FileDescriptorSet` of designs: their .proto files and what these import, as
 * `protoc --include_imports --descriptor_set_out` writes it. What `buf`, `grpcurl -protoset`, `protoc
 * --descriptor_set_in` and the protobuf libraries of other languages read.
 *
 * @param designs What `Service(...)` returned
 *
 * @example
 * ```ts
 * import { fileDescriptorSet } from "@x/goats/grpc";
 * import { CodeOK, Field, GRPC, Int, Method, Payload, Response, Result, Service } from "@x/goats/design";
 * import { assert } from "@std/assert";
 *
 * const calc = Service(
 *   "calc",
 *   Method("double", Payload(Field(1, "n", Int)), Result(Int), GRPC(Response(CodeOK))),
 * );
 * const set: Uint8Array = fileDescriptorSet(calc); // Deno.writeFile("calc.protoset", set)
 * assert(new TextDecoder().decode(set).includes("DoubleRequest"));
 * ```
 */
export function fileDescriptorSet(...designs: readonly ServiceDesign[]): Uint8Array {
  return fileSet(designs.flatMap(({ model }) => protoFiles(protoSchema(model))));
}
