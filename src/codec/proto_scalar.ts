/**
 * Scalars of protobuf: how each is written and read, and how it becomes the value that a user sees.
 *
 * @module
 */
import type protobuf from "protobufjs/minimal.js";
import type { PrimitiveKind } from "../design/model.ts";
import { invalidRange, type Walk } from "./problem.ts";
import type { ProtoScalar } from "./proto_schema.ts";
import { type Check, KIND_CHECKS } from "./validate.ts";

/** Writes the bytes of a message. */
export type Writer = protobuf.Writer;
/** Reads the bytes of a message. */
export type Reader = protobuf.Reader;

/** What reads and writes fields. */
export interface FieldEngine {
  /** Makes a reader of a message. */
  reader(bytes: Uint8Array): Reader;
  /** Makes an empty writer. */
  writer(): Writer;
}

/** Wire types (protobuf encoding guide). */
export const VARINT = 0;
/** 64 bits. */
export const FIXED64 = 1;
/** Length-delimited. */
export const DELIMITED = 2;
/** 32 bits. */
export const FIXED32 = 5;

/** One primitive kind carried by one scalar. */
export interface Leaf {
  /** Wire type. */
  readonly wire: number;
  /** Whether several of it share one length-delimited field. */
  readonly packable: boolean;
  /** Checks the value that a user sees. */
  readonly check: Check;
  /** Writes a checked value. */
  readonly write: (writer: Writer, value: unknown) => void;
  /** Reads one. What it gives may still fail the check. */
  readonly read: (reader: Reader) => unknown;
  /** Whether everything that can be read passes the check. */
  readonly trusted: boolean;
  /** What an absent field stands for. */
  readonly zero: unknown;
  /** Whether a value is the zero, which a field without presence leaves out. */
  readonly isZero: (value: unknown) => boolean;
}

interface Bits {
  readonly low: number;
  readonly high: number;
}

/** What protobufjs takes for 64 bits: a number where that is exact, else two halves. */
function toBits(value: bigint): number {
  if (value >= -9007199254740991n && value <= 9007199254740991n) return Number(value);
  const bits: Bits = {
    low: Number(BigInt.asIntN(32, value)),
    high: Number(BigInt.asIntN(32, value >> 32n)),
  };
  return bits as unknown as number;
}

/** What protobufjs gives for 64 bits: Long is a dependency of it. */
function fromBits(long: unknown, unsigned: boolean): bigint {
  const { low, high } = long as Bits;
  const top = unsigned ? high >>> 0 : high;
  // One conversion instead of three where a double is exact.
  if (top >= -0x200000 && top < 0x200000) return BigInt(top * 0x100000000 + (low >>> 0));
  return (BigInt(top) << 32n) | BigInt(low >>> 0);
}

interface Wire {
  readonly wire: number;
  readonly write: (writer: Writer, value: never) => void;
  readonly read: (reader: Reader) => unknown;
  /** Limits of an integer. */
  readonly limits?: readonly [number, number] | readonly [bigint, bigint];
}

const INT32: readonly [number, number] = [-2147483648, 2147483647];
const UINT32: readonly [number, number] = [0, 4294967295];
const INT64: readonly [bigint, bigint] = [-9223372036854775808n, 9223372036854775807n];
const UINT64: readonly [bigint, bigint] = [0n, 18446744073709551615n];

const WIRES: Readonly<Record<ProtoScalar, Wire>> = {
  bool: {
    wire: VARINT,
    write: (writer, value: boolean) => writer.bool(value),
    read: (reader) => reader.bool(),
  },
  // Strictly UTF-8: a lone surrogate, in its three bytes, is no protobuf string.
  string: {
    wire: DELIMITED,
    write: (writer, value: string) => writer.string(value),
    read: (reader) => reader.stringVerify(),
  },
  // A copy, as the transport may reuse or share the buffer that the reader looks at.
  bytes: {
    wire: DELIMITED,
    write: (writer, value: Uint8Array) => writer.bytes(value),
    read: (reader) => new Uint8Array(reader.bytes()),
  },
  float: {
    wire: FIXED32,
    write: (writer, value: number) => writer.float(value),
    read: (reader) => reader.float(),
  },
  double: {
    wire: FIXED64,
    write: (writer, value: number) => writer.double(value),
    read: (reader) => reader.double(),
  },
  int32: {
    wire: VARINT,
    limits: INT32,
    write: (writer, value: number) => writer.int32(value),
    read: (reader) => reader.int32(),
  },
  sint32: {
    wire: VARINT,
    limits: INT32,
    write: (writer, value: number) => writer.sint32(value),
    read: (reader) => reader.sint32(),
  },
  uint32: {
    wire: VARINT,
    limits: UINT32,
    write: (writer, value: number) => writer.uint32(value),
    read: (reader) => reader.uint32(),
  },
  fixed32: {
    wire: FIXED32,
    limits: UINT32,
    write: (writer, value: number) => writer.fixed32(value),
    read: (reader) => reader.fixed32(),
  },
  sfixed32: {
    wire: FIXED32,
    limits: INT32,
    write: (writer, value: number) => writer.sfixed32(value),
    read: (reader) => reader.sfixed32(),
  },
  int64: {
    wire: VARINT,
    limits: INT64,
    write: (writer, value: bigint) => writer.int64(toBits(value)),
    read: (reader) => fromBits(reader.int64(), false),
  },
  sint64: {
    wire: VARINT,
    limits: INT64,
    write: (writer, value: bigint) => writer.sint64(toBits(value)),
    read: (reader) => fromBits(reader.sint64(), false),
  },
  uint64: {
    wire: VARINT,
    limits: UINT64,
    write: (writer, value: bigint) => writer.uint64(toBits(value)),
    read: (reader) => fromBits(reader.uint64(), true),
  },
  fixed64: {
    wire: FIXED64,
    limits: UINT64,
    write: (writer, value: bigint) => writer.fixed64(toBits(value)),
    read: (reader) => fromBits(reader.fixed64(), true),
  },
  sfixed64: {
    wire: FIXED64,
    limits: INT64,
    write: (writer, value: bigint) => writer.sfixed64(toBits(value)),
    read: (reader) => fromBits(reader.sfixed64(), false),
  },
};

/** How a scalar travels, and between which limits an integer is. */
export function wireOf(scalar: ProtoScalar): Pick<Wire, "wire" | "limits"> {
  return WIRES[scalar];
}

type Family = "boolean" | "string" | "bytes" | "number" | "bigint" | "float";

const KIND_FAMILY: Readonly<Record<Exclude<PrimitiveKind, "any">, Family>> = {
  boolean: "boolean",
  int: "number",
  int32: "number",
  int64: "bigint",
  uint: "number",
  uint32: "number",
  uint64: "bigint",
  float32: "float",
  float64: "float",
  string: "string",
  bytes: "bytes",
};

function scalarFamily(scalar: ProtoScalar): Family {
  const limits = WIRES[scalar].limits;
  if (limits !== undefined) return typeof limits[0] === "bigint" ? "bigint" : "number";
  return scalar === "float" || scalar === "double"
    ? "float"
    : scalar === "bool"
    ? "boolean"
    : scalar as Family;
}

const ZEROS: Readonly<Record<Family, unknown>> = {
  boolean: false,
  string: "",
  bytes: undefined,
  number: 0,
  bigint: 0n,
  float: 0,
};

/** Kinds of which every value read from their native scalar is valid. */
const TRUSTED: ReadonlySet<string> = new Set([
  "boolean bool",
  "string string",
  "bytes bytes",
  "int sint32",
  "int32 sint32",
  "int64 sint64",
  "uint uint32",
  "uint32 uint32",
  "uint64 uint64",
]);

/**
 * Makes the leaf of a kind on a scalar; its own as a rule, another one by `Meta("struct:field:proto", …)`. Throws when
 * the one cannot carry the other.
 */
export function leafOf(kind: Exclude<PrimitiveKind, "any">, scalar: ProtoScalar): Leaf {
  const { wire, write, read, limits } = WIRES[scalar];
  const family = KIND_FAMILY[kind];
  const carrier = scalarFamily(scalar);
  const integers = (family === "number" || family === "bigint") &&
    (carrier === "number" || carrier === "bigint");
  if (family !== carrier && !integers) throw new TypeError(`Cannot carry ${kind} as ${scalar} in protobuf`);

  const kindCheck = KIND_CHECKS[kind];
  // Int has 53 bits in JSON but what its scalar has here (contract §7), reported as a range like any other.
  const check: Check = limits === undefined ? kindCheck : (value: unknown, walk: Walk) => {
    const before = walk.count;
    kindCheck(value, walk);
    if (walk.count !== before) return;
    if ((value as number) < limits[0]) invalidRange(walk, value, "greater or equal than", limits[0]);
    else if ((value as number) > limits[1]) invalidRange(walk, value, "lesser or equal than", limits[1]);
  };
  const convert = family === carrier ? undefined : carrier === "bigint" ? BigInt : Number;
  const back = family === carrier ? undefined : family === "bigint" ? BigInt : Number;
  return {
    wire,
    packable: wire !== DELIMITED,
    check,
    trusted: TRUSTED.has(`${kind} ${scalar}`),
    write:
      (convert === undefined
        ? write
        : (writer: Writer, value: number) => write(writer, convert(value) as never)) as Leaf["write"],
    read: back === undefined ? read : (reader) => back(read(reader) as number),
    zero: ZEROS[family],
    isZero: family === "bytes"
      ? (value) => (value as Uint8Array).length === 0
      // Not -0, which has a sign to keep.
      : (value) => Object.is(value, ZEROS[family]),
  };
}
