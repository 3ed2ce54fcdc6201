/**
 * Any on gRPC: `google.protobuf.Value`, which is JSON in protobuf.
 *
 * @module
 */
import { setOwn } from "./json.ts";
import { MAX_DEPTH } from "./problem.ts";
import { DELIMITED, FIXED64, type Reader, VARINT, type Writer } from "./proto_scalar.ts";

// google/protobuf/struct.proto: Value { null_value = 1, number_value = 2, string_value = 3, bool_value = 4,
// struct_value = 5, list_value = 6 }, Struct { map<string, Value> fields = 1 }, ListValue { repeated Value values = 1 }.
const NULL = 1 << 3 | VARINT;
const NUMBER = 2 << 3 | FIXED64;
const STRING = 3 << 3 | DELIMITED;
const BOOL = 4 << 3 | VARINT;
const STRUCT = 5 << 3 | DELIMITED;
const LIST = 6 << 3 | DELIMITED;
const FIRST = 1 << 3 | DELIMITED;
const SECOND = 2 << 3 | DELIMITED;

/** Writes the fields of a Value: of a value that passed the check of Any. */
export function writeAny(writer: Writer, value: unknown): void {
  switch (typeof value) {
    case "number":
      writer.uint32(NUMBER).double(value);
      return;
    case "string":
      writer.uint32(STRING).string(value);
      return;
    case "boolean":
      writer.uint32(BOOL).bool(value);
      return;
  }
  if (value === null || value === undefined) {
    writer.uint32(NULL).int32(0);
  } else if (Array.isArray(value)) {
    writer.uint32(LIST).fork();
    for (const item of value) {
      writer.uint32(FIRST).fork();
      writeAny(writer, item);
      writer.ldelim();
    }
    writer.ldelim();
  } else {
    writer.uint32(STRUCT).fork();
    for (const key of Object.keys(value)) {
      const item = (value as Record<string, unknown>)[key];
      if (item === undefined) continue;
      writer.uint32(FIRST).fork().uint32(FIRST).string(key).uint32(SECOND).fork();
      writeAny(writer, item);
      writer.ldelim().ldelim();
    }
    writer.ldelim();
  }
}

/** Goes through the fields of a length-delimited message; `read` tells whether it knew the field. */
export function readFields(reader: Reader, read: (tag: number) => boolean): void {
  const end = reader.uint32() + reader.pos;
  const outer = reader.len;
  if (end > outer) throw new RangeError("message ends early");
  reader.len = end;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 0) throw new RangeError("illegal tag");
    if (!read(tag)) reader.skipType(tag & 7);
  }
  if (reader.pos !== end) throw new RangeError("field ends beyond its message");
  reader.len = outer;
}

/**
 * Reads a length-delimited Value. Numbers may be anything that a double can be, and depth is not bounded but that what is
 * far too deep is not looked at; the check comes after.
 */
export function readAny(reader: Reader, depth = 0): unknown {
  if (depth > MAX_DEPTH) {
    reader.skipType(DELIMITED);
    return null;
  }
  let value: unknown = null;
  readFields(reader, (tag) => {
    switch (tag) {
      case NULL:
        reader.int32();
        value = null;
        return true;
      case NUMBER:
        value = reader.double();
        return true;
      case STRING:
        value = reader.stringVerify();
        return true;
      case BOOL:
        value = reader.bool();
        return true;
      case STRUCT:
        value = readStruct(reader, depth);
        return true;
      case LIST: {
        const list: unknown[] = [];
        readFields(reader, (inner) => {
          if (inner !== FIRST) return false;
          list.push(readAny(reader, depth + 1));
          return true;
        });
        value = list;
        return true;
      }
      default:
        return false;
    }
  });
  return value;
}

function readStruct(reader: Reader, depth: number): Record<string, unknown> {
  const struct: Record<string, unknown> = {};
  readFields(reader, (tag) => {
    if (tag !== FIRST) return false;
    let key = "";
    let value: unknown = null;
    readFields(reader, (inner) => {
      if (inner === FIRST) key = reader.stringVerify();
      else if (inner === SECOND) value = readAny(reader, depth + 1);
      else return false;
      return true;
    });
    setOwn(struct, key, value);
    return true;
  });
  return struct;
}
