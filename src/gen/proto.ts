/**
 * `<service>.proto`: what `./grpc` speaks, for those who generate their code from it. Made of the same schema as the
 * codecs and the descriptors that reflection sends, so that it cannot say anything else.
 *
 * @module
 */
import { offeredMessages, requestOf, responseOf } from "../codec/proto_schema.ts";
import { errorResponseOf, planName, type ProtoField, type ProtoMessage } from "../codec/proto_schema.ts";
import { type ProtoPlan, type ProtoRpc, type ProtoSchema, protoSchema } from "../codec/proto_schema.ts";
import { underlying } from "../codec/view.ts";
import type { AttributeModel, ErrorModel, MethodModel, ServiceModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import { codeOf } from "../grpc/codes.ts";
import type { GenDesign, GeneratedFile } from "./files.ts";
import { serviceFile } from "./service_file.ts";
import { exampleLines, linesOf, mark, restraints, valueText } from "./told.ts";

/** Makes the `.proto` file of each service that is offered over gRPC. */
export function protoFiles({ services }: GenDesign): readonly GeneratedFile[] {
  return services.filter(offered).map((service) => ({
    path: serviceFile(service, "proto"),
    text: protoText(protoSchema(service)),
  }));
}

function offered({ methods }: ServiceModel): boolean {
  return Object.values(methods).some(({ grpc }) => grpc !== undefined);
}

const STRUCT = "google/protobuf/struct.proto";

/** The text of a service's `.proto` file. */
function protoText(schema: ProtoSchema): string {
  const { service } = schema;
  const messages = offeredMessages(schema);
  const imports = importsOf(messages);
  const carried = contents(schema);
  const blocks = [
    [`// ${mark(service.name)}`],
    ['syntax = "proto3";'],
    [`package ${schema.package};`],
    ...(imports.length === 0 ? [] : [imports.map((path) => `import ${quoted(path)};`)]),
    // As Goa has it: protoc-gen-go makes nothing without.
    [`option go_package = ${quoted(`/${schema.package.replaceAll(".", "/")}pb`)};`],
    serviceBlock(schema),
    ...messages.map((message) => messageBlock(message, schema, carried)),
  ];
  return blocks.map((lines) => lines.join("\n") + "\n").join("\n");
}

/** Paths of the files that the messages refer to, sorted: those that imported messages refer to are for their own. */
function importsOf(messages: readonly ProtoMessage[]): readonly string[] {
  const paths = new Set<string>();
  const visit = (plan: ProtoPlan): void => {
    if (plan.kind === "any") paths.add(STRUCT);
    else if (plan.kind === "list" || plan.kind === "map") visit(plan.elem);
    else if (plan.kind === "message" && plan.message.imported !== undefined) {
      paths.add(plan.message.imported || unnamedFile(plan.message));
    }
  };
  for (const message of messages) for (const field of message.fields) visit(field.plan);
  return [...paths].sort();
}

/** Where a message is said to be whose file the design does not name: as in the descriptors. */
function unnamedFile({ name }: ProtoMessage): string {
  const home = name.slice(0, Math.max(0, name.lastIndexOf(".")));
  return `${home.replaceAll(".", "/") || "unnamed"}/imported.proto`;
}

// ---- The service ----

function serviceBlock(schema: ProtoSchema): string[] {
  const rpcs = schema.rpcs.filter(({ method }) => method.grpc !== undefined);
  const lines = rpcs.flatMap((rpc, index) => [...(index === 0 ? [] : [""]), ...rpcLines(rpc, schema)]);
  return [
    ...comment(linesOf(schema.service.description), ""),
    `service ${schema.name} {`,
    ...lines,
    "}",
  ];
}

function rpcLines(rpc: ProtoRpc, schema: ProtoSchema): string[] {
  const { method } = rpc;
  const typeName = (message: ProtoMessage, stream: boolean) =>
    (stream ? "stream " : "") + messageReference(message, schema, true);
  const head = `  rpc ${rpc.name}(${typeName(rpc.request, rpc.requestStream)}) returns (${
    typeName(rpc.response, rpc.responseStream)
  })`;
  const options = [
    ...(method.deprecated ? ["    option deprecated = true;"] : []),
    ...(method.idempotent ? ["    option idempotency_level = IDEMPOTENT;"] : []),
  ];
  return [
    ...comment(rpcComment(method), "  "),
    ...(options.length === 0 ? [`${head};`] : [`${head} {`, ...options, "  }"]),
  ];
}

/** What the file has no words for: what travels in metadata, and how the call may end. */
function rpcComment(method: MethodModel): string[] {
  const blocks = [linesOf(method.description), metadataLines(method), errorLines(method)];
  return blocks.filter((lines) => lines.length > 0).flatMap((lines, index) =>
    index === 0 ? lines : ["", ...lines]
  );
}

function metadataLines({ grpc, payload }: MethodModel): string[] {
  const object = payload && underlying(payload.type);
  const told = grpc!.metadata.map(({ attribute, name }) => {
    const found = object?.kind === "object"
      ? object.attributes.find((each) => each.name === attribute)
      : payload;
    const [description] = linesOf(found?.description);
    return `  ${name}${description === undefined ? "" : `: ${description}`}`;
  });
  return told.length === 0 ? [] : ["Metadata:", ...told];
}

function errorLines(method: MethodModel): string[] {
  const told = Object.values(method.errors).map((error) => {
    const { name, description } = error;
    const [what] = linesOf(description);
    return `  ${CODES[codeNumber(error, method)] ?? "UNKNOWN"} ${name}${
      what === undefined ? "" : `: ${what}`
    }`;
  });
  return told.length === 0 ? [] : ["Errors:", ...told];
}

function codeNumber({ name, temporary, timeout, fault }: ErrorModel, method: MethodModel): number {
  return codeOf(new ServiceError(name, "", { temporary, timeout, fault }), method);
}

/** Names of the status codes (grpc/doc/statuscodes.md), by number. */
const CODES: readonly string[] = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

// ---- Messages ----

/** What each message of a method carries: what is said of a value that is no object stands there. */
function contents(schema: ProtoSchema): ReadonlyMap<ProtoMessage, AttributeModel> {
  const found = new Map<ProtoMessage, AttributeModel>();
  const add = (message: ProtoMessage | undefined, attribute: AttributeModel | undefined): void => {
    if (message !== undefined && attribute !== undefined) found.set(message, attribute);
  };
  for (const rpc of schema.rpcs) {
    add(rpc.payload, requestOf(rpc.method).message);
    add(rpc.streamingPayload, rpc.method.streamingPayload);
    add(rpc.response, responseOf(rpc.method).message);
    for (const error of Object.values(rpc.method.errors)) {
      add(rpc.errors[error.name], errorResponseOf(rpc.method, error).message);
    }
  }
  return found;
}

function messageBlock(
  message: ProtoMessage,
  schema: ProtoSchema,
  carried: ReadonlyMap<ProtoMessage, AttributeModel>,
): string[] {
  const whole = carried.get(message);
  const about = comment([...linesOf(message.description), ...(whole ? exampleLines(whole) : [])], "");
  if (message.fields.length === 0) return [...about, `message ${message.name} {}`];
  const attributes = attributesOf(message, whole);
  const lines: string[] = [];
  for (let at = 0; at < message.fields.length;) {
    const { oneof } = message.fields[at]!;
    if (oneof === undefined) {
      lines.push(...fieldLines(message.fields[at]!, schema, attributes, "  "));
      at++;
      continue;
    }
    lines.push(`  oneof ${oneof} {`);
    for (; message.fields[at]?.oneof === oneof; at++) {
      lines.push(...fieldLines(message.fields[at]!, schema, attributes, "    "));
    }
    lines.push("  }");
  }
  return [...about, `message ${message.name} {`, ...lines, "}"];
}

/** The attribute that each field is of. */
function attributesOf(
  { fields, members, shape }: ProtoMessage,
  whole: AttributeModel | undefined,
): ReadonlyMap<ProtoField, AttributeModel> {
  const found = new Map<ProtoField, AttributeModel>();
  const union = (attribute: AttributeModel, of: readonly ProtoField[]): void => {
    const type = underlying(attribute.type);
    if (type.kind === "union") of.forEach((field, index) => found.set(field, type.members[index]!));
  };
  for (const member of members) {
    if (underlying(member.attribute.type).kind === "union") union(member.attribute, member.fields);
    else if (member.fields[0] !== undefined) found.set(member.fields[0], member.attribute);
  }
  if (whole !== undefined && shape === "union") union(whole, fields);
  // What describes the value describes its message already.
  if (whole !== undefined && shape === "wrapper") found.set(fields[0]!, { ...whole, examples: [] });
  return found;
}

function fieldLines(
  field: ProtoField,
  schema: ProtoSchema,
  attributes: ReadonlyMap<ProtoField, AttributeModel>,
  indent: string,
): string[] {
  const { name, number, plan, optional, jsonName, description } = field;
  const attribute = attributes.get(field);
  const told = attribute === undefined
    ? linesOf(description)
    : [...linesOf(description ?? valueDescription(attribute)), ...fieldNotes(attribute)];
  const json = jsonName === undefined ? "" : ` [json_name = ${quoted(jsonName)}]`;
  return [
    ...comment(told, indent),
    `${indent}${optional ? "optional " : ""}${planReference(plan, schema)} ${name} = ${number}${json};`,
  ];
}

/** Of a named type that has no message to be described at. */
function valueDescription({ type }: AttributeModel): string | undefined {
  const { kind } = underlying(type);
  return type.kind === "user" && kind !== "object" && kind !== "union"
    ? type.attribute.description
    : undefined;
}

function fieldNotes(attribute: AttributeModel): string[] {
  return [
    ...restraints(attribute),
    ...(attribute.default === undefined ? [] : [`Default: ${valueText(attribute.default)}`]),
    ...exampleLines(attribute),
  ];
}

// ---- Names of types, as .proto looks them up: from the inside to the outside ----

function planReference(plan: ProtoPlan, schema: ProtoSchema): string {
  switch (plan.kind) {
    case "list":
      return `repeated ${planReference(plan.elem, schema)}`;
    case "map":
      return `map<${plan.key}, ${planReference(plan.elem, schema)}>`;
    case "any":
      return outside("google.protobuf.Value", schema);
    case "message":
      return messageReference(plan.message, schema, false);
    default:
      return planName(plan);
  }
}

function messageReference({ name, imported }: ProtoMessage, schema: ProtoSchema, inService: boolean): string {
  if (imported !== undefined) return outside(name, schema);
  // Within a service, rpcs hide messages of their name.
  const hidden = inService && schema.rpcs.some((rpc) => rpc.name === name);
  return hidden ? `.${schema.package}.${name}` : name;
}

/** A full name, with a leading dot where the package has something of its first name too. */
function outside(name: string, schema: ProtoSchema): string {
  const [first] = name.split(".");
  const inside = schema.package.split(".").slice(1).includes(first!) ||
    schema.messages.some((message) =>
      message.name === first || message.fields.some((field) => field.name === first)
    );
  return inside || !name.includes(".") ? `.${name}` : name;
}

// ---- Text ----

function comment(lines: readonly string[], indent: string): string[] {
  return lines.map((line) => `${indent}//${line === "" ? "" : ` ${line}`}`);
}

/** A string literal: the escapes that JSON and .proto share. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
