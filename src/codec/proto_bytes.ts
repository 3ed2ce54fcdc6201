/**
 * What code made for a message (compile_proto_encode.ts, compile_proto_decode.ts) calls for what is not worth writing
 * out each time: texts, varints beyond a byte, fields to skip.
 *
 * @module
 */

/** Given in place of a position: the value is not valid, or a rare one; the closures know what to say. */
export const LEAVE = -1;
/** Given in place of a position: there is no room for the value. */
export const FULL = -2;

/** Memory in which numbers become bytes and the other way round. All machines that engines run on are little-endian. */
const scratch = new ArrayBuffer(8);
/** See {@linkcode scratch}. */
export const u32 = new Uint32Array(scratch);
/** See {@linkcode scratch}. */
export const i64 = new BigInt64Array(scratch);
/** See {@linkcode scratch}. */
export const u64 = new BigUint64Array(scratch);
/** See {@linkcode scratch}. */
export const f32 = new Float32Array(scratch);
/** See {@linkcode scratch}. */
export const f64 = new Float64Array(scratch);

/** Longer texts are for the engine: on these, calling it costs more than a loop. */
const SHORT_TEXT = 56;

const encoder = new TextEncoder();

/** Writes a varint of 32 bits. There is room. */
export function writeVarint(b: Uint8Array, at: number, value: number): number {
  while (value > 127) {
    b[at++] = value & 127 | 128;
    value >>>= 7;
  }
  b[at++] = value;
  return at;
}

/** Writes a varint of the 64 bits in the scratch memory. There is room. */
export function writeVarint64(b: Uint8Array, at: number): number {
  let low = u32[0]!;
  let high = u32[1]!;
  while (high !== 0) {
    b[at++] = low & 127 | 128;
    low = (low >>> 7 | high << 25) >>> 0;
    high >>>= 7;
  }
  return writeVarint(b, at, low);
}

/** The same of a signed integer's zigzag form. */
export function writeZigzag64(b: Uint8Array, at: number): number {
  const low = u32[0]!;
  const high = u32[1]!;
  const mask = -(high >>> 31);
  u32[0] = (low << 1) ^ mask;
  u32[1] = (high << 1 | low >>> 31) ^ mask;
  return writeVarint64(b, at);
}

/** Writes 32 bits. There is room. */
export function write32(b: Uint8Array, at: number, bits: number): number {
  b[at] = bits;
  b[at + 1] = bits >>> 8;
  b[at + 2] = bits >>> 16;
  b[at + 3] = bits >>> 24;
  return at + 4;
}

/** Writes the 64 bits in the scratch memory. There is room. */
export function write64(b: Uint8Array, at: number): number {
  return write32(b, write32(b, at, u32[0]!), u32[1]!);
}

function varintSize(value: number): number {
  return value < 128 ? 1 : value < 16384 ? 2 : value < 2097152 ? 3 : value < 268435456 ? 4 : 5;
}

/**
 * Puts a length in front of what stands behind one byte that was left for it.
 *
 * @param at The byte
 * @param end Where the content ends
 * @returns Where it ends now
 */
export function prefix(b: Uint8Array, at: number, end: number): number {
  const length = end - at - 1;
  if (length < 128) {
    b[at] = length;
    return end;
  }
  const size = varintSize(length);
  if (end + size - 1 > b.length) return FULL;
  b.copyWithin(at + size, at + 1, end);
  writeVarint(b, at, length);
  return end + size - 1;
}

/** Writes a text and, before it, its length. */
export function writeText(b: Uint8Array, at: number, text: string): number {
  const { length } = text;
  if (length > SHORT_TEXT) return writeLong(b, at, text);
  if (at + 1 + length > b.length) return FULL;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 127) return writeWide(b, at, text, i);
    b[at + 1 + i] = unit;
  }
  b[at] = length;
  return at + 1 + length;
}

/** Goes on from the first character that is not ASCII. */
function writeWide(b: Uint8Array, start: number, text: string, from: number): number {
  const { length } = text;
  let at = start + 1 + from;
  if (at + 3 * (length - from) + 1 > b.length) return FULL;
  for (let i = from; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 128) b[at++] = unit;
    else if (unit < 0x800) {
      b[at++] = unit >> 6 | 192;
      b[at++] = unit & 63 | 128;
    } else if (unit < 0xd800 || unit > 0xdfff) {
      b[at++] = unit >> 12 | 224;
      b[at++] = unit >> 6 & 63 | 128;
      b[at++] = unit & 63 | 128;
    } else {
      const low = i + 1 < length ? text.charCodeAt(++i) : 0;
      if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff) return LEAVE;
      const point = 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
      b[at++] = point >> 18 | 240;
      b[at++] = point >> 12 & 63 | 128;
      b[at++] = point >> 6 & 63 | 128;
      b[at++] = point & 63 | 128;
    }
  }
  return prefix(b, start, at);
}

function writeLong(b: Uint8Array, start: number, text: string): number {
  if (!text.isWellFormed()) return LEAVE;
  // That of ASCII; others move.
  const guess = varintSize(text.length);
  const at = start + guess;
  if (at + text.length > b.length) return FULL;
  const { read, written } = encoder.encodeInto(text, b.subarray(at));
  if (read < text.length) return FULL;
  const size = varintSize(written);
  if (size !== guess) {
    if (start + size + written > b.length) return FULL;
    b.copyWithin(start + size, at, at + written);
  }
  writeVarint(b, start, written);
  return start + size + written;
}

/** Bytes and, before them, their length. */
export function writeBytes(b: Uint8Array, at: number, bytes: Uint8Array): number {
  const length = bytes.length >>> 0;
  if (at + 5 + length > b.length) return FULL;
  at = writeVarint(b, at, length);
  if (length < 48) { for (let i = 0; i < length; i++) b[at + i] = bytes[i]!; }
  else b.set(bytes, at);
  return at + length;
}

/** Where a varint ends that does not: beyond all messages. */
const NOWHERE = 0xffffffff;

/** Reads a varint as 32 bits: of longer ones, the lowest. Where it ends is in `u32[1]`. */
export function readVarint(b: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 0; i < 10; i++) {
    const byte = b[at++];
    if (byte === undefined) break;
    if (i < 5) value |= (byte & 127) << 7 * i;
    if (byte < 128) {
      u32[1] = at;
      return value >>> 0;
    }
  }
  u32[1] = NOWHERE;
  return 0;
}

/** Reads a varint into the scratch memory; gives where it ends. */
export function readVarint64(b: Uint8Array, at: number): number {
  let low = 0;
  let high = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = b[at++];
    if (byte === undefined) break;
    const bits = byte & 127;
    if (shift < 28) low |= bits << shift;
    else if (shift === 28) {
      low |= bits << 28;
      high = bits >> 4;
    } else high |= bits << shift - 32;
    if (byte < 128) {
      u32[0] = low;
      u32[1] = high;
      return at;
    }
  }
  return NOWHERE;
}

/** The same of the zigzag form of a signed integer. */
export function readZigzag64(b: Uint8Array, at: number): number {
  const end = readVarint64(b, at);
  const low = u32[0]!;
  const high = u32[1]!;
  const mask = -(low & 1);
  u32[0] = (low >>> 1 | high << 31) ^ mask;
  u32[1] = high >>> 1 ^ mask;
  return end;
}

/** Reads 32 bits into the scratch memory. */
export function read32(b: Uint8Array, at: number): number {
  u32[0] = b[at]! | b[at + 1]! << 8 | b[at + 2]! << 16 | b[at + 3]! << 24;
  return at + 4;
}

/** Reads 64 bits into the scratch memory. */
export function read64(b: Uint8Array, at: number): number {
  u32[0] = b[at]! | b[at + 1]! << 8 | b[at + 2]! << 16 | b[at + 3]! << 24;
  u32[1] = b[at + 4]! | b[at + 5]! << 8 | b[at + 6]! << 16 | b[at + 7]! << 24;
  return at + 8;
}

/** Where an unknown field ends, after its tag; beyond all messages when it does not, or is a group. */
export function skipField(b: Uint8Array, at: number, wire: number): number {
  switch (wire) {
    case 0:
      return readVarint64(b, at);
    case 1:
      return at + 8;
    case 2: {
      const length = readVarint(b, at);
      return u32[1]! + length;
    }
    case 5:
      return at + 4;
    default:
      return NOWHERE;
  }
}

type Slice = (this: Uint8Array, from: number, to: number) => string;
/** That of Node's Buffer, which engines other than browsers' have: a fifth of what TextDecoder costs. */
const utf8Slice = (globalThis as { Buffer?: { prototype: { utf8Slice?: Slice } } }).Buffer?.prototype
  .utf8Slice;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Longer texts are for the engine: to call it costs as much as to gather so many characters. */
const MAX_GATHERED = 36;
type Gather = (b: Uint8Array, from: number) => string | undefined;
/** By length: the one call makes a text that is not in pieces. Made when a text of that length first comes. */
const gathers: (Gather | undefined)[] = new Array(MAX_GATHERED + 1).fill(undefined);

function makeGather(length: number): Gather {
  const at = Array.from({ length }, (_, i) => `x${i}`);
  return gathers[length] = new Function(
    "read",
    `const of = String.fromCharCode;
return function (b, from) {
const ${at.map((x, i) => `${x} = b[from + ${i}]`).join(", ")};
return (${at.join(" | ")}) < 128 ? of(${at.join(", ")}) : read(b, from, from + ${length});
};`,
  )(readWide);
}

/** Reads UTF-8; `undefined` when it is none. */
export function readText(b: Uint8Array, from: number, to: number): string | undefined {
  const length = to - from;
  if (length > MAX_GATHERED) return readWide(b, from, to);
  if (length === 0) return "";
  return (gathers[length] ?? makeGather(length))(b, from);
}

function readWide(b: Uint8Array, from: number, to: number): string | undefined {
  if (utf8Slice !== undefined) {
    const text = utf8Slice.call(b, from, to);
    // Stands for what is no UTF-8; unless it was sent.
    if (!text.includes("\ufffd")) return text;
  }
  try {
    return decoder.decode(b.subarray(from, to));
  } catch {
    // The closures say so.
    return undefined;
  }
}
