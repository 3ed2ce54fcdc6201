/**
 * The primitive types.
 *
 * @module
 */
import { part } from "./freeze.ts";
import { schema } from "./standard_schema.ts";
import type { PrimitiveKind } from "./model.ts";
import type { EmptyType, PrimitiveType } from "./parts.ts";

function primitive<In, Out = In>(kind: PrimitiveKind): PrimitiveType<In, Out> {
  return part(schema({ kind: "primitive" as const, primitive: kind })) as PrimitiveType<In, Out>;
}

/** `boolean`. */
export const Boolean: PrimitiveType<boolean> = primitive("boolean");

/** `number`: a safe integer in JSON, 32 bits signed on gRPC. */
export const Int: PrimitiveType<number> = primitive("int");

/** `number`: 32 bits signed. */
export const Int32: PrimitiveType<number> = primitive("int32");

/** `bigint`: 64 bits signed. */
export const Int64: PrimitiveType<bigint> = primitive("int64");

/** `number`: a safe integer that is not negative in JSON, 32 bits unsigned on gRPC. */
export const UInt: PrimitiveType<number> = primitive("uint");

/** `number`: 32 bits unsigned. */
export const UInt32: PrimitiveType<number> = primitive("uint32");

/** `bigint`: 64 bits unsigned. */
export const UInt64: PrimitiveType<bigint> = primitive("uint64");

/** `number`: single precision on gRPC. */
export const Float32: PrimitiveType<number> = primitive("float32");

/** `number`: double precision. */
export const Float64: PrimitiveType<number> = primitive("float64");

/** `string`. */
export const String: PrimitiveType<string> = primitive("string");

/** `Uint8Array`: base64 in JSON. */
export const Bytes: PrimitiveType<Uint8Array, Uint8Array<ArrayBuffer>> = primitive("bytes");

/** `unknown`: any JSON value. */
export const Any: PrimitiveType<unknown> = primitive("any");

/** No payload, no result: the same as leaving the word out. */
export const Empty: EmptyType = part(schema({ kind: "empty" as const })) as EmptyType;
