/**
 * The messages of a service as protobufjs reflects on them: for tools that read or describe messages without the
 * design. The codecs themselves do not need it.
 *
 * @module
 */
import protobuf from "protobufjs/light.js";
import {
  planName,
  type ProtoField,
  type ProtoMessage,
  type ProtoPlan,
  type ProtoSchema,
} from "./proto_schema.ts";

// google/protobuf/struct.proto, which the light build of protobufjs leaves out.
const STRUCT: protobuf.INamespace = {
  nested: {
    NullValue: { values: { NULL_VALUE: 0 } },
    Struct: {
      fields: { fields: { keyType: "string", type: "google.protobuf.Value", id: 1 } as protobuf.IMapField },
    },
    Value: {
      oneofs: {
        kind: {
          oneof: ["null_value", "number_value", "string_value", "bool_value", "struct_value", "list_value"],
        },
      },
      fields: {
        null_value: { type: "google.protobuf.NullValue", id: 1 },
        number_value: { type: "double", id: 2 },
        string_value: { type: "string", id: 3 },
        bool_value: { type: "bool", id: 4 },
        struct_value: { type: "google.protobuf.Struct", id: 5 },
        list_value: { type: "google.protobuf.ListValue", id: 6 },
      },
    },
    ListValue: { fields: { values: { rule: "repeated", type: "google.protobuf.Value", id: 1 } } },
  },
};

const roots = new WeakMap<ProtoSchema, protobuf.Root>();

/** Gives the protobufjs Root of a service's schema, made when first asked for. Field names are those of the .proto. */
export function protoRoot(schema: ProtoSchema): protobuf.Root {
  let root = roots.get(schema);
  if (root === undefined) roots.set(schema, root = makeRoot(schema));
  return root;
}

function makeRoot(schema: ProtoSchema): protobuf.Root {
  const root = new protobuf.Root();
  root.define("google.protobuf", STRUCT.nested);
  const home = root.define(schema.package);
  for (const message of schema.messages) home.add(typeOf(message, message.name, schema));
  for (const message of importedBy(schema)) {
    const [name, ...path] = message.name.split(".").toReversed();
    root.define(path.toReversed()).add(typeOf(message, name!, schema));
  }
  const service = new protobuf.Service(schema.name);
  for (const rpc of schema.rpcs) {
    // Only rpcs that are offered have names of their own.
    if (rpc.method.grpc === undefined) continue;
    service.add(
      new protobuf.Method(
        rpc.name,
        "rpc",
        reference({ kind: "message", message: rpc.request }, schema),
        reference({ kind: "message", message: rpc.response }, schema),
        rpc.requestStream,
        rpc.responseStream,
      ),
    );
  }
  home.add(service);
  root.resolveAll();
  return root;
}

function importedBy(schema: ProtoSchema): Set<ProtoMessage> {
  const found = new Set<ProtoMessage>();
  const visitPlan = (plan: ProtoPlan): void => {
    if (plan.kind === "list" || plan.kind === "map") visitPlan(plan.elem);
    else if (plan.kind === "message" && plan.message.imported !== undefined && !found.has(plan.message)) {
      found.add(plan.message);
      for (const field of plan.message.fields) visitPlan(field.plan);
    }
  };
  for (const message of schema.messages) for (const field of message.fields) visitPlan(field.plan);
  return found;
}

/** Types are named in full: protobufjs looks an ambiguous name up from the inside. */
function reference(plan: ProtoPlan, schema: ProtoSchema): string {
  if (plan.kind !== "message") return planName(plan);
  const { name, imported } = plan.message;
  return imported === undefined ? `.${schema.package}.${name}` : `.${name}`;
}

function typeOf(message: ProtoMessage, name: string, schema: ProtoSchema): protobuf.Type {
  const fields: Record<string, protobuf.IField | protobuf.IMapField> = {};
  const oneofs: Record<string, protobuf.IOneOf> = {};
  for (const field of message.fields) {
    fields[field.name] = fieldOf(field, schema);
    const oneof = field.oneof ?? (field.optional ? `_${field.name}` : undefined);
    if (oneof !== undefined) (oneofs[oneof] ??= { oneof: [] }).oneof.push(field.name);
  }
  return protobuf.Type.fromJSON(name, { fields: fields as Record<string, protobuf.IField>, oneofs });
}

function fieldOf(
  { plan, number, optional }: ProtoField,
  schema: ProtoSchema,
): protobuf.IField | protobuf.IMapField {
  if (plan.kind === "map") return { keyType: plan.key, type: reference(plan.elem, schema), id: number };
  if (plan.kind === "list") return { rule: "repeated", type: reference(plan.elem, schema), id: number };
  return {
    type: reference(plan, schema),
    id: number,
    ...(optional ? { options: { proto3_optional: true } } : {}),
  };
}
