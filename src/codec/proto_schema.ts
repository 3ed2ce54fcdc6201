/**
 * The protobuf messages of a service as Goa lays them out (goa.design/goa/v3 grpc/codegen, v3.27): what the codecs
 * write, and what a .proto file says. Plain data, without protobufjs.
 *
 * @module
 */
import type {
  AttributeModel,
  ErrorModel,
  GrpcMessageModel,
  GrpcResponseModel,
  MapModel,
  MethodModel,
  NamedAttributeModel,
  PrimitiveKind,
  ServiceModel,
  UnionModel,
  UserModel,
} from "../design/model.ts";
import { fieldName, messageName, rpcName, snakeCase, uniqueNames } from "../design/proto_names.ts";
import { underlying } from "./view.ts";

/** The scalar types of proto3. */
export type ProtoScalar =
  | "bool"
  | "string"
  | "bytes"
  | "float"
  | "double"
  | "int32"
  | "sint32"
  | "uint32"
  | "fixed32"
  | "sfixed32"
  | "int64"
  | "sint64"
  | "uint64"
  | "fixed64"
  | "sfixed64";

/** How a value is carried. `list` and `map` only ever fill a field, never an element. */
export type ProtoPlan =
  | { readonly kind: "scalar"; readonly scalar: ProtoScalar }
  /** `google.protobuf.Value`. */
  | { readonly kind: "any" }
  | { readonly kind: "list"; readonly elem: ProtoPlan }
  | { readonly kind: "map"; readonly key: ProtoScalar; readonly elem: ProtoPlan }
  | { readonly kind: "message"; readonly message: ProtoMessage };

/** A field of a message. */
export interface ProtoField {
  /** Name, in snake case. */
  readonly name: string;
  /** Field number. */
  readonly number: number;
  /** How its value is carried. */
  readonly plan: ProtoPlan;
  /** Written `optional`: presence is told even of a zero. */
  readonly optional: boolean;
  /** The `oneof` that it belongs to. */
  readonly oneof?: string;
  /** Of the attribute. */
  readonly description?: string;
  /** `Meta("proto:tag:json", …)`. */
  readonly jsonName?: string;
}

/** An attribute of an object and its field, or the fields of its members when it is a union. */
export interface ProtoMember {
  /** The attribute. */
  readonly attribute: NamedAttributeModel;
  /** Its field or fields. */
  readonly fields: readonly ProtoField[];
}

/** A message. */
export interface ProtoMessage {
  /** Name within the package, or the full name of a message defined elsewhere. */
  readonly name: string;
  /** Of the type. */
  readonly description?: string;
  /** All fields in order, the members of a union included. */
  readonly fields: readonly ProtoField[];
  /**
   * What a value of the type is in it: an object's attributes; the value itself in field 1 (`wrapper`); a union's
   * member; or the payload, then each streaming payload, of one call (`envelope`).
   */
  readonly shape: "object" | "wrapper" | "union" | "envelope";
  /** Of an object. */
  readonly members: readonly ProtoMember[];
  /** Path to import, when `Meta("struct:field:proto", name, path)` says that the message is defined elsewhere. */
  readonly imported?: string;
}

/** An rpc. */
export interface ProtoRpc {
  /** By design. */
  readonly method: MethodModel;
  /** Name, in camel case. */
  readonly name: string;
  /** `/package.Service/Rpc`. */
  readonly path: string;
  /** What the caller sends. */
  readonly request: ProtoMessage;
  /** Whether the caller sends several. */
  readonly requestStream: boolean;
  /** What the server sends. */
  readonly response: ProtoMessage;
  /** Whether the server sends several. */
  readonly responseStream: boolean;
  /** `<Method>Request`, when the method has a payload: it is the request itself, or the first in the envelope. */
  readonly payload?: ProtoMessage;
  /** `<Method>StreamingRequest`, or `<Method>StreamItem` in the envelope. */
  readonly streamingPayload?: ProtoMessage;
  /** By error name: `<Method><Error>Error` of the errors with a type of their own. */
  readonly errors: Readonly<Record<string, ProtoMessage>>;
}

/** A service's .proto file. */
export interface ProtoSchema {
  /** By design. */
  readonly service: ServiceModel;
  /** Name of the package. */
  readonly package: string;
  /** Name of the service. */
  readonly name: string;
  /** One for each method. */
  readonly rpcs: readonly ProtoRpc[];
  /** All messages defined here, in the order Goa writes them. */
  readonly messages: readonly ProtoMessage[];
  /** Files to import, sorted. */
  readonly imports: readonly string[];
}

const NATIVE: Readonly<Record<Exclude<PrimitiveKind, "any">, ProtoScalar>> = {
  boolean: "bool",
  int: "sint32",
  int32: "sint32",
  int64: "sint64",
  uint: "uint32",
  uint32: "uint32",
  uint64: "uint64",
  float32: "float",
  float64: "double",
  string: "string",
  bytes: "bytes",
};

const SCALARS: ReadonlySet<string> = new Set<ProtoScalar>([
  "bool",
  "string",
  "bytes",
  "float",
  "double",
  "int32",
  "sint32",
  "uint32",
  "fixed32",
  "sfixed32",
  "int64",
  "sint64",
  "uint64",
  "fixed64",
  "sfixed64",
]);

/** Whether a scalar can be the key of a map (proto3 language guide). */
const KEYS: ReadonlySet<ProtoScalar> = new Set<ProtoScalar>([
  "bool",
  "string",
  "int32",
  "sint32",
  "uint32",
  "fixed32",
  "sfixed32",
  "int64",
  "sint64",
  "uint64",
  "fixed64",
  "sfixed64",
]);

const STRUCT_PROTO = "google/protobuf/struct.proto";

const schemas = new WeakMap<ServiceModel, ProtoSchema>();

/** Lays out the messages of a service, once. Throws when a type cannot be carried by protobuf. */
export function protoSchema(service: ServiceModel): ProtoSchema {
  let schema = schemas.get(service);
  if (schema === undefined) schemas.set(service, schema = layOut(service));
  return schema;
}

/** A message while it is being made: types may contain themselves. */
type Draft = { -readonly [K in keyof ProtoMessage]: ProtoMessage[K] };

function meta(attribute: AttributeModel, key: string): readonly string[] | undefined {
  return Object.hasOwn(attribute.meta, key) ? attribute.meta[key] : undefined;
}

/** What of a method's payload is in a message. */
export function requestOf({ grpc, payload }: MethodModel): GrpcMessageModel {
  return grpc?.request ?? (payload === undefined ? {} : { message: payload });
}

/** What of a method's result is in a message, and what beside it. */
export function responseOf({ grpc, streamingResult, result }: MethodModel): GrpcResponseModel {
  return grpc?.response ?? plain(streamingResult ?? result);
}

/** What of a declared error is in a message, and what beside it. */
export function errorResponseOf({ grpc }: MethodModel, { name, attribute }: ErrorModel): GrpcResponseModel {
  return grpc?.errorResponses[name] ?? plain(attribute);
}

function plain(message: AttributeModel | undefined): GrpcResponseModel {
  return { headers: [], trailers: [], ...(message === undefined ? {} : { message }) };
}

function layOut(service: ServiceModel): ProtoSchema {
  const unique = uniqueNames();
  const name = unique(rpcName(service.name));
  const users = new Map<UserModel, Draft>();
  /** Wrappers of elements by name, and messages of a name set by Meta by name and type. */
  const wrappers = new Map<string, Draft>();
  const named = new Map<string, { type: unknown; message: Draft }>();
  let where = service.name;

  const fail = (problem: string): never => {
    throw new TypeError(`Cannot build the protobuf messages of ${where}: ${problem}`);
  };

  const draft = (messageNamed: string, description?: string): Draft => ({
    name: messageNamed,
    fields: [],
    members: [],
    shape: "object",
    ...(description === undefined ? {} : { description }),
  });

  const scalarOf = (attribute: AttributeModel): ProtoScalar => {
    const override = meta(attribute, "struct:field:proto")?.[0];
    if (override !== undefined && SCALARS.has(override)) return override as ProtoScalar;
    return NATIVE[underlying(attribute.type).kind as keyof typeof NATIVE];
  };

  /** A scalar or Value; `undefined` for anything that is more. */
  const primitivePlan = (attribute: AttributeModel): ProtoPlan | undefined => {
    const { kind } = underlying(attribute.type);
    if (kind === "any") return { kind: "any" };
    return kind in NATIVE ? { kind: "scalar", scalar: scalarOf(attribute) } : undefined;
  };

  const wrapperOf = (message: Draft, plan: ProtoPlan, name = "field"): void => {
    message.shape = "wrapper";
    message.fields = [{ name, number: 1, plan, optional: false }];
  };

  const unionFields = (type: UnionModel, inside: string, taken?: Set<number>): ProtoField[] => {
    const names = type.members.map((member) => fieldName(member.name));
    let oneof = fieldName(type.name);
    while (names.includes(oneof)) oneof += "_oneof";
    const next = numbers(type.members, taken);
    return type.members.map((member, index) => ({
      name: names[index]!,
      number: next(member),
      plan: elemPlan(member, `${inside}_${member.name}`),
      optional: false,
      oneof,
      ...described(member),
    }));
  };

  /** Fills a message with what a type is made of. */
  const fill = (message: Draft, attribute: AttributeModel, field?: string): void => {
    const type = underlying(attribute.type);
    switch (type.kind) {
      case "object": {
        const taken = new Set<number>();
        for (const member of type.attributes) {
          const inner = underlying(member.type);
          for (const each of inner.kind === "union" ? inner.members : [member]) {
            if (each.tag !== undefined) taken.add(each.tag);
          }
        }
        const next = numbers(type.attributes, taken);
        message.members = type.attributes.map((member): ProtoMember => {
          const inner = underlying(member.type);
          if (inner.kind === "union") {
            return { attribute: member, fields: unionFields(inner, message.name, taken) };
          }
          return {
            attribute: member,
            fields: [{
              name: fieldName(member.name),
              number: next(member),
              plan: fieldPlan(member, `${message.name}_${member.name}`),
              // Default beats Required: a sender that leaves the attribute out must be told from one that sends zero.
              optional: (!member.required || member.default !== undefined) &&
                primitivePlan(member) !== undefined,
              ...described(member),
            }],
          };
        });
        message.fields = message.members.flatMap((member) => member.fields);
        break;
      }
      case "union":
        message.shape = "union";
        message.fields = unionFields(type, message.name);
        break;
      default:
        wrapperOf(message, fieldPlan({ ...attribute, type }, message.name), field);
    }
  };

  /** A message under a type's own name, made once. */
  const userMessage = (type: UserModel, attribute: AttributeModel): Draft => {
    const explicit = meta(attribute, "struct:name:proto")?.[0];
    if (explicit !== undefined) return namedMessage(explicit, attribute);
    let message = users.get(type);
    if (message === undefined) {
      message = draft(unique(messageName(type.name)), type.attribute.description);
      users.set(type, message);
      fill(message, type.attribute);
    }
    return message;
  };

  /** A message whose name the design sets: one message for all its uses, as long as they mean the same type. */
  const namedMessage = (explicit: string, attribute: AttributeModel): Draft => {
    const type = underlying(attribute.type);
    const known = named.get(explicit);
    if (known?.type === type) return known.message;
    const message = draft(unique(explicit), attribute.description);
    named.set(explicit, { type, message });
    fill(message, attribute);
    return message;
  };

  /** A message that is defined elsewhere, laid out by the attributes of the type given for it. */
  const importedMessage = (full: string, path: string | undefined, attribute: AttributeModel): Draft => {
    if (underlying(attribute.type).kind !== "object") {
      fail(`a ${underlying(attribute.type).kind} cannot be carried as ${full}`);
    }
    const known = named.get("." + full);
    if (known !== undefined) return known.message;
    const message = { ...draft(full), imported: path ?? "" };
    named.set("." + full, { type: attribute.type, message });
    fill(message, attribute);
    return message;
  };

  const inlineMessage = (hint: string, attribute: AttributeModel): Draft => {
    const message = draft(unique(messageName(hint)), attribute.description);
    fill(message, attribute);
    return message;
  };

  const mapPlan = (type: MapModel, hint: string): ProtoPlan => {
    const key = primitivePlan(type.key);
    if (key?.kind !== "scalar" || !KEYS.has(key.scalar)) {
      return fail(`${underlying(type.key.type).kind} cannot be the key of a map`);
    }
    return { kind: "map", key: key.scalar, elem: elemPlan(type.elem, hint) };
  };

  const fieldPlan = (attribute: AttributeModel, hint: string): ProtoPlan => {
    const override = meta(attribute, "struct:field:proto");
    if (override?.[0] !== undefined && !SCALARS.has(override[0])) {
      return { kind: "message", message: importedMessage(override[0], override[1], attribute) };
    }
    const primitive = primitivePlan(attribute);
    if (primitive !== undefined) return primitive;
    const { type } = attribute;
    switch (type.kind) {
      case "user":
        return { kind: "message", message: userMessage(type, attribute) };
      case "array":
        return { kind: "list", elem: elemPlan(type.elem, hint) };
      case "map":
        return mapPlan(type, hint);
      default:
        return { kind: "message", message: inlineMessage(hint, attribute) };
    }
  };

  /** Elements cannot be repeated themselves: lists and maps inside get a message around them. */
  const elemPlan = (attribute: AttributeModel, hint: string): ProtoPlan => {
    const plan = fieldPlan(attribute, hint);
    if (plan.kind !== "list" && plan.kind !== "map") return plan;
    const wrapper = messageName(
      plan.kind === "list"
        ? `ArrayOf${messageName(planName(plan.elem))}`
        : `MapOf${messageName(plan.key)}${messageName(planName(plan.elem))}`,
    );
    let message = wrappers.get(wrapper);
    if (message === undefined) {
      wrappers.set(wrapper, message = draft(unique(wrapper)));
      wrapperOf(message, plan);
    }
    return { kind: "message", message };
  };

  /** The message of a payload, result or error. Goa re-emits objects under the method's name. */
  const top = (
    attribute: AttributeModel | undefined,
    parts: string,
    streaming = false,
    field?: string,
  ): Draft => {
    if (attribute === undefined) return draft(unique(messageName(parts)));
    const { type } = attribute;
    const isObject = underlying(type).kind === "object";
    const explicit = meta(attribute, "struct:name:proto") ??
      (type.kind === "user" ? meta(type.attribute, "struct:name:proto") : undefined);
    if (explicit?.[0] !== undefined) return namedMessage(explicit[0], attribute);
    // Goa looks through the name of a streaming payload, but not through that of a payload or result.
    if (type.kind === "user" && !isObject && !streaming && field === undefined) {
      return userMessage(type, attribute);
    }
    const message = draft(unique(messageName(parts)), attribute.description);
    fill(message, attribute, field);
    return message;
  };

  const packageName = service.package ?? snakeCase(service.name);
  const order: ProtoMessage[] = [];
  const imports = new Set<string>();
  const collect = collector(order, imports);

  const rpcs = Object.values(service.methods).map((method): ProtoRpc => {
    where = `${service.name}.${method.name}`;
    const stream = method.streamingPayload;
    const asked = requestOf(method);
    const payloadType = asked.message && underlying(asked.message.type);
    const carried = payloadType !== undefined &&
      (payloadType.kind !== "object" || payloadType.attributes.length > 0);
    const enveloped = stream !== undefined && carried;

    const errors: Record<string, ProtoMessage> = {};
    for (const error of Object.values(method.errors)) {
      if (error.attribute !== undefined) {
        const { message, field } = errorResponseOf(method, error);
        errors[error.name] = top(message, `${method.name}_${error.name}_error`, true, field);
        collect(errors[error.name]!);
      }
    }
    const payload = stream === undefined || carried
      ? top(asked.message, `${method.name}_request`, false, asked.field)
      : undefined;
    const item = stream &&
      top(stream, `${method.name}_${enveloped ? "stream_item" : "streaming_request"}`, true);
    let request = item ?? payload!;
    if (enveloped) {
      const body = (name: string, number: number, message: ProtoMessage): ProtoField => ({
        name,
        number,
        plan: { kind: "message", message },
        optional: false,
        oneof: "body",
      });
      request = {
        ...draft(unique(messageName(`${method.name}_streaming_request`))),
        shape: "envelope",
        fields: [body("initial_payload", 1, payload!), body("stream_item", 2, item!)],
      };
    }
    const told = responseOf(method);
    const response = top(told.message, `${method.name}_response`, false, told.field);
    if (payload !== undefined) collect(payload);
    collect(request);
    collect(response);
    const rpc = rpcName(method.name);
    return {
      method,
      name: rpc,
      path: `/${packageName}.${name}/${rpc}`,
      request,
      requestStream: stream !== undefined,
      response,
      responseStream: method.streamingResult !== undefined,
      ...(payload === undefined || asked.message === undefined ? {} : { payload }),
      ...(item === undefined ? {} : { streamingPayload: item }),
      errors,
    };
  });
  return {
    service,
    package: packageName,
    name,
    rpcs,
    messages: order,
    imports: [...imports].sort(),
  };
}

function described(attribute: AttributeModel): { description?: string; jsonName?: string } {
  const jsonName = meta(attribute, "proto:tag:json")?.[0];
  return {
    ...(attribute.description === undefined ? {} : { description: attribute.description }),
    ...(jsonName === undefined ? {} : { jsonName }),
  };
}

/** Field numbers: as the design says, else the lowest that is free. */
function numbers(
  attributes: readonly NamedAttributeModel[],
  taken: Set<number> = new Set(attributes.flatMap(({ tag }) => tag ?? [])),
): (attribute: NamedAttributeModel) => number {
  return ({ tag }) => {
    if (tag !== undefined) return tag;
    let free = 1;
    while (taken.has(free)) free++;
    taken.add(free);
    return free;
  };
}

/** Name of a plan's type in a .proto file. */
export function planName(plan: ProtoPlan): string {
  switch (plan.kind) {
    case "scalar":
      return plan.scalar;
    case "any":
      return "google.protobuf.Value";
    case "list":
      return `repeated ${planName(plan.elem)}`;
    case "map":
      return `map<${plan.key}, ${planName(plan.elem)}>`;
    case "message":
      return plan.message.name;
  }
}

/**
 * The messages that calls over gRPC send, in order: those of methods that are not offered there are nobody's concern who
 * reads the file.
 */
export function offeredMessages({ rpcs, messages }: ProtoSchema): readonly ProtoMessage[] {
  const reached: ProtoMessage[] = [];
  const collect = collector(reached, new Set());
  for (const { method, payload, request, response, errors } of rpcs) {
    if (method.grpc === undefined) continue;
    if (payload !== undefined) collect(payload);
    for (const message of [request, response, ...Object.values(errors)]) collect(message);
  }
  const offered = new Set(reached);
  return messages.filter((message) => offered.has(message));
}

/** Gathers messages in the order in which Goa writes them: each one before what it is made of. */
function collector(order: ProtoMessage[], imports: Set<string>): (message: ProtoMessage) => void {
  const seen = new Set<ProtoMessage>();
  const visitPlan = (plan: ProtoPlan): void => {
    if (plan.kind === "any") imports.add(STRUCT_PROTO);
    else if (plan.kind === "message") visit(plan.message);
    else if (plan.kind !== "scalar") visitPlan(plan.elem);
  };
  const visit = (message: ProtoMessage): void => {
    if (seen.has(message)) return;
    seen.add(message);
    if (message.imported === undefined) order.push(message);
    else if (message.imported !== "") imports.add(message.imported);
    for (const field of message.fields) visitPlan(field.plan);
  };
  return visit;
}
