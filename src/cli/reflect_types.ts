/**
 * Messages that a server tells of as types of a design, for flags and help: attributes are fields, under their names in
 * the .proto file, and their JSON is protobuf's.
 *
 * @module
 */
import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type {
  AttributeModel,
  NamedAttributeModel,
  ObjectModel,
  PrimitiveKind,
  TypeModel,
  UserModel,
  ValidationModel,
} from "../design/model.ts";

const SCALARS: Readonly<Record<ScalarType, PrimitiveKind>> = {
  [ScalarType.DOUBLE]: "float64",
  [ScalarType.FLOAT]: "float32",
  [ScalarType.INT64]: "int64",
  [ScalarType.UINT64]: "uint64",
  [ScalarType.INT32]: "int32",
  [ScalarType.FIXED64]: "uint64",
  [ScalarType.FIXED32]: "uint32",
  [ScalarType.BOOL]: "boolean",
  [ScalarType.STRING]: "string",
  [ScalarType.BYTES]: "bytes",
  [ScalarType.UINT32]: "uint32",
  [ScalarType.SFIXED32]: "int32",
  [ScalarType.SFIXED64]: "int64",
  [ScalarType.SINT32]: "int32",
  [ScalarType.SINT64]: "int64",
};

/** Messages whose JSON is no object of their fields. */
const WELL_KNOWN: Readonly<Record<string, PrimitiveKind>> = {
  __proto__: null as never,
  "google.protobuf.Any": "any",
  "google.protobuf.BoolValue": "boolean",
  "google.protobuf.BytesValue": "bytes",
  "google.protobuf.DoubleValue": "float64",
  "google.protobuf.Duration": "string",
  "google.protobuf.FieldMask": "string",
  "google.protobuf.FloatValue": "float32",
  "google.protobuf.Int32Value": "int32",
  "google.protobuf.Int64Value": "int64",
  "google.protobuf.ListValue": "any",
  "google.protobuf.StringValue": "string",
  "google.protobuf.Struct": "any",
  "google.protobuf.Timestamp": "string",
  "google.protobuf.UInt32Value": "uint32",
  "google.protobuf.UInt64Value": "uint64",
  "google.protobuf.Value": "any",
};

const made = new WeakMap<DescMessage, UserModel | ObjectModel>();

/** Gives the type of a message. */
export function attributeOfMessage(message: DescMessage): AttributeModel {
  const scalar = WELL_KNOWN[message.typeName];
  if (scalar !== undefined) return attributeOf({ kind: scalar });
  let type = made.get(message);
  if (type === undefined) {
    let attribute: AttributeModel | undefined;
    type = {
      kind: "user",
      name: message.name,
      // When it is first looked at: a message may hold itself.
      get attribute() {
        return attribute ??= attributeOf({ kind: "object", attributes: message.fields.map(fieldAttribute) });
      },
    };
    made.set(message, type);
  }
  return attributeOf(type);
}

function attributeOf(type: TypeModel, validation: ValidationModel = {}): AttributeModel {
  return { type, validation, examples: [], meta: {} };
}

function fieldAttribute(field: DescField): NamedAttributeModel {
  const notes: string[] = [];
  if (field.oneof !== undefined) {
    notes.push(`one of ${field.oneof.fields.map(({ name }) => name).join(", ")}`);
  }
  if (field.deprecated) notes.push("deprecated");
  return {
    ...valueOf(field),
    name: field.name,
    required: false,
    ...(notes.length === 0 ? {} : { description: notes.join("; ") }),
  };
}

function valueOf(field: DescField): AttributeModel {
  switch (field.fieldKind) {
    case "list":
      return attributeOf({
        kind: "array",
        elem: elementOf(field.scalar, field.enum, field.message),
      });
    case "map":
      return attributeOf({
        kind: "map",
        // Whatever they are, JSON has them as names.
        key: attributeOf({ kind: "string" }),
        elem: elementOf(field.scalar, field.enum, field.message),
      });
    default:
      return elementOf(field.scalar, field.enum, field.message);
  }
}

function elementOf(
  scalar: ScalarType | undefined,
  names: DescEnum | undefined,
  message: DescMessage | undefined,
): AttributeModel {
  if (message !== undefined) return attributeOfMessage(message);
  if (names === undefined) return attributeOf({ kind: SCALARS[scalar!] });
  return attributeOf({ kind: "string" }, { enum: names.values.map(({ name }) => name) });
}
