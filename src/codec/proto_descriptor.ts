/**
 * The .proto files of a service as protobuf describes files to itself (google/protobuf/descriptor.proto): what
 * reflection sends, and what any protobuf library makes messages of without a .proto file.
 *
 * @module
 */
import protobuf from "protobufjs/minimal.js";
import { snakeCase } from "../design/proto_names.ts";
import {
  offeredMessages,
  type ProtoField,
  type ProtoMessage,
  type ProtoPlan,
  type ProtoScalar,
  type ProtoSchema,
} from "./proto_schema.ts";

/** A described file. */
export interface ProtoFile {
  /** Its path, by which others import it. */
  readonly name: string;
  /** Paths of the files that it imports. */
  readonly dependencies: readonly string[];
  /** Full names of what it defines: messages, nested ones, enums, services and their methods. */
  readonly symbols: readonly string[];
  /** A serialized `google.protobuf.FileDescriptorProto`. */
  readonly bytes: Uint8Array;
}

const files = new WeakMap<ProtoSchema, readonly ProtoFile[]>();

/**
 * Describes the file of a service and all that it imports, each file after those that it depends on: the last is the
 * service's own. Made once.
 */
export function protoFiles(schema: ProtoSchema): readonly ProtoFile[] {
  let made = files.get(schema);
  if (made === undefined) files.set(schema, made = describe(schema));
  return made;
}

/** Serializes a `google.protobuf.FileDescriptorSet`; a file that comes twice is in it once. */
export function fileSet(all: readonly ProtoFile[]): Uint8Array {
  const writer = protobuf.Writer.create();
  const unique = new Map(all.map((file) => [file.name, file]));
  for (const { bytes } of unique.values()) writer.uint32(tag(1)).bytes(bytes);
  return writer.finish();
}

const STRUCT = "google/protobuf/struct.proto";

/** `FieldDescriptorProto.Type`. */
const TYPES: Readonly<Record<ProtoScalar | "message" | "enum", number>> = {
  double: 1,
  float: 2,
  int64: 3,
  uint64: 4,
  int32: 5,
  fixed64: 6,
  fixed32: 7,
  bool: 8,
  string: 9,
  message: 11,
  bytes: 12,
  uint32: 13,
  enum: 14,
  sfixed32: 15,
  sfixed64: 16,
  sint32: 17,
  sint64: 18,
};

/** `MethodOptions.IdempotencyLevel`. */
const IDEMPOTENT = 2;

/** What a field is made of. */
interface FieldType {
  readonly type: keyof typeof TYPES;
  /** Full name with a leading dot, of messages and enums. */
  readonly typeName?: string;
}

/** A field to write. */
interface Field extends FieldType {
  readonly name: string;
  readonly number: number;
  readonly repeated?: boolean;
  readonly optional?: boolean;
  readonly oneof?: string;
  readonly jsonName?: string;
  /** Of a map: its key and value. */
  readonly entry?: { readonly key: FieldType; readonly value: FieldType };
}

/** A message to write. */
interface Message {
  readonly name: string;
  readonly fields: readonly Field[];
}

/** A file to write. */
interface File {
  readonly name: string;
  readonly package: string;
  readonly dependencies: readonly string[];
  readonly messages: readonly Message[];
  readonly enums?: readonly { readonly name: string; readonly zero: string }[];
  readonly service?: ProtoSchema;
}

function describe(schema: ProtoSchema): readonly ProtoFile[] {
  const messages = offeredMessages(schema);
  const imported = importedFiles(schema, messages);
  const own = messages.map((message): Message => ({
    name: message.name,
    fields: message.fields.map((field) => fieldOf(field, schema.package, true)),
  }));
  const file: File = {
    name: fileName(schema),
    package: schema.package,
    dependencies: [
      ...(usesAny(messages) ? [STRUCT] : []),
      ...imported.map(({ name }) => name),
    ],
    messages: own,
    service: schema,
  };
  const struct = [file, ...imported].some(({ dependencies }) => dependencies.includes(STRUCT));
  return [...(struct ? [STRUCT_FILE] : []), ...imported, file].map(encodeFile);
}

/** `monitor.proto`; below the folders of its package when the design names one. */
function fileName({ service }: ProtoSchema): string {
  const base = `${snakeCase(service.name)}.proto`;
  return service.package === undefined ? base : `${service.package.replaceAll(".", "/")}/${base}`;
}

/**
 * Files of messages that the design says are defined elsewhere. They hold what the design knows: the messages it uses,
 * and the fields it gave them.
 */
function importedFiles(schema: ProtoSchema, messages: readonly ProtoMessage[]): File[] {
  const byFile = new Map<string, Set<ProtoMessage>>();
  const seen = new Set<ProtoMessage>();
  const visit = (plan: ProtoPlan): void => {
    if (plan.kind === "list" || plan.kind === "map") visit(plan.elem);
    if (plan.kind !== "message" || seen.has(plan.message)) return;
    const { message } = plan;
    seen.add(message);
    if (message.imported !== undefined) {
      // One file has one package; a design may import messages of several by one path, or by none.
      const home = packageOf(message);
      const path = message.imported || `${home.replaceAll(".", "/") || "unnamed"}/imported.proto`;
      const key = `${path}\n${home}`;
      byFile.set(key, (byFile.get(key) ?? new Set()).add(message));
    }
    for (const field of message.fields) visit(field.plan);
  };
  for (const message of messages) for (const { plan } of message.fields) visit(plan);

  const taken = new Set<string>([STRUCT, fileName(schema)]);
  const found = [...byFile].filter(([key]) => !key.startsWith(`${STRUCT}\n`)).map(([key, messages]): File => {
    const [path, home] = key.split("\n") as [string, string];
    let name = path;
    for (let n = 2; taken.has(name); n++) name = path.replace(/(\.proto)?$/, `_${n}.proto`);
    taken.add(name);
    return {
      name,
      package: home,
      dependencies: usesAny([...messages]) ? [STRUCT] : [],
      messages: [...messages].map((message) => ({
        name: message.name.slice(home === "" ? 0 : home.length + 1),
        fields: message.fields.map((field) => fieldOf(field, home, false)),
      })),
    };
  });
  return found;
}

function packageOf({ name }: ProtoMessage): string {
  return name.slice(0, Math.max(0, name.lastIndexOf(".")));
}

function usesAny(messages: readonly ProtoMessage[]): boolean {
  const isAny = (plan: ProtoPlan): boolean =>
    plan.kind === "any" ||
    plan.kind === "message" && plan.message.imported === STRUCT ||
    (plan.kind === "list" || plan.kind === "map") && isAny(plan.elem);
  return messages.some(({ fields }) => fields.some(({ plan }) => isAny(plan)));
}

/**
 * @param own Whether it is of a message of the service. Files may not import each other in a circle, so one that is not
 * sees only its own package: other messages in it are `bytes`, which look the same on the wire
 */
function fieldOf(field: ProtoField, home: string, own: boolean): Field {
  const { name, number, plan, optional, oneof, jsonName } = field;
  const typeOf = (plan: ProtoPlan): FieldType => {
    switch (plan.kind) {
      case "scalar":
        return { type: plan.scalar };
      case "any":
        return { type: "message", typeName: ".google.protobuf.Value" };
      case "message": {
        const { message } = plan;
        if (message.imported === undefined) {
          return own ? { type: "message", typeName: `.${home}.${message.name}` } : { type: "bytes" };
        }
        return own || packageOf(message) === home || message.imported === STRUCT
          ? { type: "message", typeName: `.${message.name}` }
          : { type: "bytes" };
      }
      default:
        throw new TypeError(`Cannot describe field ${name}: a ${plan.kind} is no element`);
    }
  };
  const base = {
    name,
    number,
    ...(oneof === undefined ? {} : { oneof }),
    ...(jsonName === undefined ? {} : { jsonName }),
  };
  if (plan.kind === "list") return { ...base, ...typeOf(plan.elem), repeated: true };
  if (plan.kind === "map") {
    const entry = { key: { type: plan.key }, value: typeOf(plan.elem) };
    return { ...base, type: "message", repeated: true, entry };
  }
  return { ...base, ...typeOf(plan), optional };
}

// ---- descriptor.proto. Field numbers are those of its messages; see there. ----

/** The tag of a length-delimited field. */
function tag(field: number): number {
  return field << 3 | 2;
}

function text(writer: protobuf.Writer, field: number, value: string): void {
  writer.uint32(tag(field)).string(value);
}

function number(writer: protobuf.Writer, field: number, value: number): void {
  writer.uint32(field << 3).int32(value);
}

function flag(writer: protobuf.Writer, field: number): void {
  writer.uint32(field << 3).bool(true);
}

function nested(writer: protobuf.Writer, field: number, write: () => void): void {
  writer.uint32(tag(field)).fork();
  write();
  writer.ldelim();
}

function encodeFile(file: File): ProtoFile {
  const writer = protobuf.Writer.create();
  const symbols: string[] = [];
  const home = file.package === "" ? "" : `${file.package}.`;
  text(writer, 1, file.name);
  if (file.package !== "") text(writer, 2, file.package);
  for (const path of file.dependencies) text(writer, 3, path);
  for (const message of file.messages) {
    nested(writer, 4, () => writeMessage(writer, message, `${home}${message.name}`, symbols));
  }
  for (const { name, zero } of file.enums ?? []) {
    symbols.push(`${home}${name}`);
    nested(writer, 5, () => {
      text(writer, 1, name);
      nested(writer, 2, () => {
        text(writer, 1, zero);
        number(writer, 2, 0);
      });
    });
  }
  const { service } = file;
  if (service !== undefined) nested(writer, 6, () => writeService(writer, service, symbols));
  text(writer, 12, "proto3");
  return { name: file.name, dependencies: file.dependencies, symbols, bytes: writer.finish() };
}

function writeService(writer: protobuf.Writer, schema: ProtoSchema, symbols: string[]): void {
  const full = `${schema.package}.${schema.name}`;
  const typeOf = ({ name, imported }: ProtoMessage) =>
    imported === undefined ? `.${schema.package}.${name}` : `.${name}`;
  symbols.push(full);
  text(writer, 1, schema.name);
  for (const rpc of schema.rpcs) {
    if (rpc.method.grpc === undefined) continue;
    symbols.push(`${full}.${rpc.name}`);
    nested(writer, 2, () => {
      text(writer, 1, rpc.name);
      text(writer, 2, typeOf(rpc.request));
      text(writer, 3, typeOf(rpc.response));
      const { deprecated, idempotent } = rpc.method;
      if (deprecated || idempotent) {
        nested(writer, 4, () => {
          if (deprecated) flag(writer, 33);
          if (idempotent) number(writer, 34, IDEMPOTENT);
        });
      }
      if (rpc.requestStream) flag(writer, 5);
      if (rpc.responseStream) flag(writer, 6);
    });
  }
}

function writeMessage(
  writer: protobuf.Writer,
  { name, fields }: Message,
  full: string,
  symbols: string[],
): void {
  symbols.push(full);
  text(writer, 1, name);
  const oneofs = [...new Set(fields.flatMap(({ oneof }) => oneof ?? []))];
  // `optional` is a oneof of one, after all others and under a name that is free (protobuf's field presence notes).
  const taken = new Set([...oneofs, ...fields.map((field) => field.name)]);
  const presence = fields.filter(({ optional }) => optional).map((field) => {
    let name = `_${field.name}`;
    while (taken.has(name)) name = `X${name}`;
    taken.add(name);
    oneofs.push(name);
    return [field, name] as const;
  });
  const oneofOf = new Map(presence);
  const entries = new Map<Field, string>();
  for (const field of fields) {
    if (field.entry !== undefined) entries.set(field, `${camel(field.name, true)}Entry`);
  }
  for (const field of fields) {
    const entry = entries.get(field);
    const written = entry === undefined ? field : { ...field, typeName: `.${full}.${entry}` };
    nested(
      writer,
      2,
      () => writeField(writer, written, oneofs.indexOf(field.oneof ?? oneofOf.get(field) ?? "")),
    );
  }
  for (const [{ entry }, name] of entries) {
    symbols.push(`${full}.${name}`);
    nested(writer, 3, () => {
      text(writer, 1, name);
      nested(writer, 2, () => writeField(writer, { name: "key", number: 1, ...entry!.key }, -1));
      nested(writer, 2, () => writeField(writer, { name: "value", number: 2, ...entry!.value }, -1));
      nested(writer, 7, () => flag(writer, 7));
    });
  }
  for (const oneof of oneofs) nested(writer, 8, () => text(writer, 1, oneof));
}

function writeField(writer: protobuf.Writer, field: Field, oneof: number): void {
  text(writer, 1, field.name);
  number(writer, 3, field.number);
  number(writer, 4, field.repeated ? 3 : 1);
  number(writer, 5, TYPES[field.type]);
  if (field.typeName !== undefined) text(writer, 6, field.typeName);
  if (oneof >= 0) number(writer, 9, oneof);
  text(writer, 10, field.jsonName ?? camel(field.name, false));
  if (field.optional) flag(writer, 17);
}

/** As protoc makes names: letters after underscores become capitals, and the first if wanted. */
function camel(name: string, first: boolean): string {
  let capital = first;
  let made = "";
  for (const char of name) {
    if (char !== "_") made += capital ? char.toUpperCase() : char;
    capital = char === "_";
  }
  return made;
}

const VALUE: FieldType = { type: "message", typeName: ".google.protobuf.Value" };
const kind = (name: string, number: number, type: FieldType): Field => ({
  name,
  number,
  oneof: "kind",
  ...type,
});

/** google/protobuf/struct.proto, for Any. */
const STRUCT_FILE: File = {
  name: STRUCT,
  package: "google.protobuf",
  dependencies: [],
  messages: [
    {
      name: "Struct",
      fields: [{
        name: "fields",
        number: 1,
        type: "message",
        repeated: true,
        entry: { key: { type: "string" }, value: VALUE },
      }],
    },
    {
      name: "Value",
      fields: [
        kind("null_value", 1, { type: "enum", typeName: ".google.protobuf.NullValue" }),
        kind("number_value", 2, { type: "double" }),
        kind("string_value", 3, { type: "string" }),
        kind("bool_value", 4, { type: "bool" }),
        kind("struct_value", 5, { type: "message", typeName: ".google.protobuf.Struct" }),
        kind("list_value", 6, { type: "message", typeName: ".google.protobuf.ListValue" }),
      ],
    },
    { name: "ListValue", fields: [{ name: "values", number: 1, repeated: true, ...VALUE }] },
  ],
  enums: [{ name: "NullValue", zero: "NULL_VALUE" }],
};
