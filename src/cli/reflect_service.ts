/**
 * Services that a server tells of, as services of a design: what flags, help and calls are made from.
 *
 * @module
 */
import {
  createFileRegistry,
  type DescFile,
  type DescMethod,
  type DescService,
  fromBinary,
  type Registry,
} from "@bufbuild/protobuf";
import { protoCamelCase } from "@bufbuild/protobuf/reflect";
import * as wellKnown from "@bufbuild/protobuf/wkt";
import type { ProtoMethod } from "../codec/proto_method.ts";
import type { CallKind, MethodModel, ServiceModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import type { Messages } from "./messages.ts";
import { reflectMessages } from "./reflect_messages.ts";
import type { ReflectSession } from "./reflect_session.ts";
import { attributeOfMessage } from "./reflect_types.ts";

/** A service that a server tells of. */
export interface ReflectedService {
  /** What of it can be said in a design. */
  readonly model: ServiceModel;
  /** Its methods as the transport has them: their messages are bytes. */
  readonly methods: Readonly<Record<string, ProtoMethod>>;
  /** The messages of a method. */
  messages(method: string): Messages;
}

const KINDS: Readonly<Record<DescMethod["methodKind"], CallKind>> = {
  unary: "unary",
  server_streaming: "server",
  client_streaming: "client",
  bidi_streaming: "bidi",
};

/** Files that servers leave out, as everybody has them. */
const KNOWN_FILES: ReadonlyMap<string, DescFile> = new Map(
  Object.values(wellKnown as Record<string, unknown>)
    .filter((one): one is DescFile => (one as { kind?: unknown } | null)?.kind === "file")
    .map((file) => [`${file.name}.proto`, file]),
);

/** Fills in the names that fields have in JSON, which compilers write into descriptors and others may leave out. */
function nameFields(message: wellKnown.DescriptorProto): void {
  for (const field of message.field) field.jsonName ||= protoCamelCase(field.name);
  for (const nested of message.nestedType) nameFields(nested);
}

/** Asks for all that it takes to call a service. */
export async function reflectedService(session: ReflectSession, name: string): Promise<ReflectedService> {
  const files = new Map<string, wellKnown.FileDescriptorProto>();
  const add = (all: readonly Uint8Array[]): string[] =>
    all.map((bytes) => {
      const file = fromBinary(wellKnown.FileDescriptorProtoSchema, bytes);
      for (const message of file.messageType) nameFields(message);
      files.set(file.name, file);
      return file.name;
    });
  const [first] = add(await session.filesOfSymbol(name));
  const asked = new Set<string>();
  for (const file of files.values()) {
    // Those that are added on the way come around, too.
    for (const dependency of file.dependency) {
      if (files.has(dependency) || asked.has(dependency) || KNOWN_FILES.has(dependency)) continue;
      asked.add(dependency);
      add(await session.filesByName(dependency));
    }
  }
  const home =
    [...files.values()].find((file) =>
      file.service.some((one) => (file.package === "" ? "" : `${file.package}.`) + one.name === name)
    ) ?? files.get(first ?? "");
  let registry: Registry | undefined;
  try {
    if (home !== undefined) {
      registry = createFileRegistry(home, (file) => files.get(file) ?? KNOWN_FILES.get(file));
    }
  } catch (cause) {
    throw new ServiceError("unimplemented", `${name}: ${(cause as Error).message}`, { cause });
  }
  const service = registry?.getService(name);
  if (registry === undefined || service === undefined) {
    throw new ServiceError("not_found", `the server's reflection does not describe ${name}`);
  }
  return serviceOf(service, registry);
}

function serviceOf(service: DescService, registry: Registry): ReflectedService {
  const byName = new Map(service.methods.map((method) => [method.name, method]));
  const methods: Record<string, MethodModel> = Object.create(null);
  const wire: Record<string, ProtoMethod> = Object.create(null);
  for (const [name, method] of byName) {
    methods[name] = methodModel(service, method);
    wire[name] = wireMethod(methods[name]);
  }
  return {
    model: { name: service.typeName, methods, errors: {}, meta: {} },
    methods: wire,
    messages(name) {
      const { input, output } = byName.get(name)!;
      return reflectMessages(`${service.typeName}.${name}`, input, output, registry);
    },
  };
}

function methodModel(service: DescService, method: DescMethod): MethodModel {
  const kind = KINDS[method.methodKind];
  const input = attributeOfMessage(method.input);
  const output = attributeOfMessage(method.output);
  return {
    name: method.name,
    service: service.typeName,
    kind,
    ...(kind === "client" || kind === "bidi" ? { streamingPayload: input } : { payload: input }),
    ...(kind === "server" || kind === "bidi" ? { streamingResult: output } : { result: output }),
    ...(method.deprecated ? { deprecated: true } : {}),
    errors: {},
    meta: {},
    grpc: {
      code: 0,
      errors: {},
      metadata: [],
      request: {},
      response: { headers: [], trailers: [] },
      errorResponses: {},
    },
  };
}

/** Bytes are made of JSON before they are sent, and JSON of them once they have come: see {@linkcode Messages}. */
const AS_IS = {
  encode: (value: unknown) => value as Uint8Array,
  decode: (bytes: Uint8Array): unknown => bytes,
};

function wireMethod(model: MethodModel): ProtoMethod {
  return {
    model,
    path: `/${model.service}/${model.name}`,
    payloadInStream: false,
    payload: AS_IS,
    streamingPayload: AS_IS,
    result: () => AS_IS,
    error: () => undefined,
    errorOfType: () => undefined,
  };
}
