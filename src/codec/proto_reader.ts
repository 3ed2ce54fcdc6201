/**
 * Reads the fields of a message where protobufjs shall not be loaded: of errors' details, in browsers.
 *
 * @module
 */
import type { Reader } from "./proto_scalar.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/** Two halves of 64 bits, as `proto_scalar.ts` takes them. */
interface Bits {
  readonly low: number;
  readonly high: number;
}

/** What the codecs use of a protobufjs `Reader`, with the same names. */
class FieldReader {
  pos = 0;
  len: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.len = bytes.length;
  }

  #take(count: number): number {
    const at = this.pos;
    if (at + count > this.len) throw new RangeError(`index out of range: ${at} + ${count} > ${this.len}`);
    this.pos = at + count;
    return at;
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#take(1)]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new RangeError("invalid varint encoding");
  }

  uint32(): number {
    return Number(BigInt.asUintN(32, this.#varint()));
  }

  int32(): number {
    return this.uint32() | 0;
  }

  sint32(): number {
    const value = this.uint32();
    return (value >>> 1) ^ -(value & 1);
  }

  bool(): boolean {
    return this.#varint() !== 0n;
  }

  float(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  fixed32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  sfixed32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  int64(): Bits {
    return bits(this.#varint());
  }

  uint64(): Bits {
    return bits(this.#varint());
  }

  sint64(): Bits {
    const value = this.#varint();
    return bits((value >> 1n) ^ -(value & 1n));
  }

  fixed64(): Bits {
    return bits(this.#view.getBigUint64(this.#take(8), true));
  }

  sfixed64(): Bits {
    return this.fixed64();
  }

  bytes(): Uint8Array {
    const length = this.uint32();
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  string(): string {
    return lenient.decode(this.bytes());
  }

  stringVerify(): string {
    return utf8.decode(this.bytes());
  }

  skipType(wire: number, depth = 0): void {
    switch (wire) {
      case 0:
        this.#varint();
        return;
      case 1:
        this.#take(8);
        return;
      case 2:
        this.bytes();
        return;
      case 3:
        if (depth > 100) throw new RangeError("groups nest too deep");
        for (;;) {
          const inner = this.uint32() & 7;
          if (inner === 4) return;
          this.skipType(inner, depth + 1);
        }
      case 5:
        this.#take(4);
        return;
      default:
        throw new RangeError(`invalid wire type ${wire} at offset ${this.pos}`);
    }
  }
}

function bits(value: bigint): Bits {
  return { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)) };
}

/** Makes a reader of a message: slow beside protobufjs, and small. */
export function fieldReader(bytes: Uint8Array): Reader {
  return new FieldReader(bytes) as unknown as Reader;
}
