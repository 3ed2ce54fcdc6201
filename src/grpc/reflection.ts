/**
 * The gRPC reflection protocol (grpc/doc/server-reflection.md), as a service of ours: what a server offers, made from
 * the designs.
 *
 * @module
 */
import { type ProtoFile, protoFiles } from "../codec/proto_descriptor.ts";
import { protoSchema } from "../codec/proto_schema.ts";
import type { ServiceImplementation } from "../core/endpoint.ts";
import { implement } from "../core/implement.ts";
import {
  ArrayOf,
  Bytes,
  Field,
  GRPC,
  Int32,
  Meta,
  Method,
  OneOf,
  Package,
  Required,
  Service,
  StreamingPayload,
  type StreamingPayloadOf,
  StreamingResult,
  String,
  Type,
} from "../design/mod.ts";
import { Code } from "./codes.ts";

const named = (name: string) => Meta("struct:name:proto", name);
const int32 = Meta("struct:field:proto", "int32");
/** google.rpc.Code. */
const NOT_FOUND = 5;

const extension = Type(
  "ExtensionRequest",
  Field(1, "containing_type", String),
  Field(2, "extension_number", Int32, int32),
  named("ExtensionRequest"),
);
const asked = Type(
  "ServerReflectionRequest",
  Field(1, "host", String),
  OneOf(
    "message_request",
    Field(3, "file_by_filename", String),
    Field(4, "file_containing_symbol", String),
    Field(5, "file_containing_extension", extension),
    Field(6, "all_extension_numbers_of_type", String),
    Field(7, "list_services", String),
  ),
  named("ServerReflectionRequest"),
);
const told = Type(
  "ServerReflectionResponse",
  Field(1, "valid_host", String),
  Field(2, "original_request", asked),
  OneOf(
    "message_response",
    Field(
      4,
      "file_descriptor_response",
      Type(
        "FileDescriptorResponse",
        Field(1, "file_descriptor_proto", ArrayOf(Bytes)),
        named("FileDescriptorResponse"),
      ),
    ),
    Field(
      5,
      "all_extension_numbers_response",
      Type(
        "ExtensionNumberResponse",
        Field(1, "base_type_name", String),
        Field(2, "extension_number", ArrayOf(Int32)),
        named("ExtensionNumberResponse"),
      ),
    ),
    Field(
      6,
      "list_services_response",
      Type(
        "ListServiceResponse",
        Field(
          1,
          "service",
          ArrayOf(Type("ServiceResponse", Field(1, "name", String), named("ServiceResponse"))),
        ),
        named("ListServiceResponse"),
      ),
    ),
    Field(
      7,
      "error_response",
      Type(
        "ErrorResponse",
        Field(1, "error_code", Int32, int32),
        Field(2, "error_message", String),
        named("ErrorResponse"),
      ),
    ),
  ),
  Required("message_response"),
  named("ServerReflectionResponse"),
);

const reflectionOf = (home: string) =>
  Service(
    "ServerReflection",
    GRPC(Package(home)),
    Method("ServerReflectionInfo", StreamingPayload(asked), StreamingResult(told), GRPC()),
  );
/** Both ask and answer alike; old clients and servers know the latter alone. */
export const designs = [reflectionOf("grpc.reflection.v1"), reflectionOf("grpc.reflection.v1alpha")];

/** A request as its handler gets it. */
type Asked = StreamingPayloadOf<(typeof designs)[number], "ServerReflectionInfo", "out">;

/**
 * Makes the reflection of a server.
 *
 * @param files What can be asked for
 * @param services Full names of the services it offers
 */
export function reflectionServices(
  files: readonly ProtoFile[],
  services: readonly string[],
): ServiceImplementation[] {
  const own = designs.map(({ model }) => protoSchema(model));
  const byName = new Map<string, ProtoFile>();
  const bySymbol = new Map<string, ProtoFile>();
  for (const file of [...files, ...own.flatMap(protoFiles)]) {
    if (byName.has(file.name)) continue;
    byName.set(file.name, file);
    for (const symbol of file.symbols) if (!bySymbol.has(symbol)) bySymbol.set(symbol, file);
  }
  const all = [...services, ...own.map((schema) => `${schema.package}.${schema.name}`)].sort();

  /** A file and all that it takes to understand it. */
  function withDependencies(file: ProtoFile, found = new Set<ProtoFile>()): Set<ProtoFile> {
    if (!found.has(file)) {
      found.add(file);
      for (const name of file.dependencies) withDependencies(byName.get(name)!, found);
    }
    return found;
  }

  const failed = (error_code: number, error_message: string) =>
    ({ type: "error_response", value: { error_code, error_message } }) as const;

  const filesOf = (file: ProtoFile | undefined, what: string) =>
    file === undefined ? failed(NOT_FOUND, `${what} is not known`) : {
      type: "file_descriptor_response",
      value: { file_descriptor_proto: [...withDependencies(file)].map(({ bytes }) => bytes) },
    } as const;

  return designs.map((design) =>
    implement(design, {
      async *ServerReflectionInfo({ stream }) {
        for await (const request of stream) {
          yield { valid_host: request.host, original_request: request, message_response: answer(request) };
        }
      },
    })
  );

  function answer({ message_request: request }: Asked) {
    switch (request?.type) {
      case "list_services":
        return {
          type: "list_services_response",
          value: { service: all.map((name) => ({ name })) },
        } as const;
      case "file_by_filename":
        return filesOf(byName.get(request.value), `file ${request.value}`);
      case "file_containing_symbol":
        return filesOf(bySymbol.get(request.value.replace(/^\./, "")), `symbol ${request.value}`);
      case "file_containing_extension":
        // proto3 has no extensions but those of options.
        return failed(NOT_FOUND, `${request.value.containing_type} has no extensions`);
      case "all_extension_numbers_of_type":
        return bySymbol.has(request.value)
          ? {
            type: "all_extension_numbers_response",
            value: { base_type_name: request.value, extension_number: [] },
          } as const
          : failed(NOT_FOUND, `symbol ${request.value} is not known`);
      default:
        return failed(Code.invalidArgument, "the request asks for nothing");
    }
  }
}
