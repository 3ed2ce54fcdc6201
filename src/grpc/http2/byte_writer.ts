/**
 * Where frames and header blocks are written.
 *
 * @module
 */

/** What is taken out shares its memory with what comes after it, as far as this goes: one allocation for many frames. */
const SLAB = 16 * 1024;

/** Quicker than code from here on; below, the call alone takes longer (measured on V8 in Deno 2.9). */
const LONG = 64;

const encoder = new TextEncoder();

/** Octets that are being written. Places count from the first one that has not been taken out. */
export interface ByteSink {
  /** How many octets there are. */
  readonly length: number;
  /** Makes room for so many octets more: spares what follows from growing it bit by bit. */
  ensure(octets: number): void;
  /** Appends an octet. */
  u8(value: number): void;
  /** Appends 16 bits, the highest first. */
  u16(value: number): void;
  /** Appends 24 bits, the highest first. */
  u24(value: number): void;
  /** Appends 32 bits, the highest first. */
  u32(value: number): void;
  /** Appends a copy of octets. */
  bytes(octets: Uint8Array): void;
  /**
   * Appends a string, an octet for each of its code units.
   *
   * @throws {TypeError} If one is above U+00FF: nothing is appended
   */
  text(value: string): void;
  /** Puts an octet in place of the one there. */
  setU8(at: number, value: number): void;
  /** Puts 24 bits in place of the three octets there: the length of a frame, once it is known. */
  setU24(at: number, value: number): void;
  /** Puts 32 bits in place of the four octets there. */
  setU32(at: number, value: number): void;
  /** Drops what is behind the first so many octets, all by default. */
  reset(length?: number): void;
  /** Takes all octets out. They are the taker's: nothing is written there again. */
  take(): Uint8Array<ArrayBuffer>;
}

/** Makes an empty buffer that grows as it is written to. */
export function byteSink(): ByteSink {
  let buffer = new Uint8Array(0);
  // What is before it has been taken out.
  let start = 0;
  let end = 0;

  function ensure(octets: number): void {
    if (end + octets <= buffer.length) return;
    const length = end - start;
    const grown = new Uint8Array(Math.max(SLAB, (length + octets) * 2));
    grown.set(buffer.subarray(start, end));
    buffer = grown;
    start = 0;
    end = length;
  }

  function place(at: number, octets: number): number {
    if (at < 0 || start + at + octets > end) {
      throw new RangeError(`Cannot write at ${at}: it is outside of what is written`);
    }
    return start + at;
  }

  return {
    get length() {
      return end - start;
    },
    ensure,
    u8(value) {
      ensure(1);
      buffer[end++] = value;
    },
    u16(value) {
      ensure(2);
      buffer[end++] = value >> 8;
      buffer[end++] = value;
    },
    u24(value) {
      ensure(3);
      put24(buffer, end, value);
      end += 3;
    },
    u32(value) {
      ensure(4);
      put32(buffer, end, value);
      end += 4;
    },
    bytes(octets) {
      ensure(octets.length);
      buffer.set(octets, end);
      end += octets.length;
    },
    text(value) {
      const { length } = value;
      ensure(length);
      // All of it only fits into as many octets if all is ASCII.
      const ascii = length >= LONG &&
        encoder.encodeInto(value, buffer.subarray(end, end + length)).read === length;
      if (!ascii) {
        let all = 0;
        for (let at = 0; at < length; at++) {
          const unit = value.charCodeAt(at);
          all |= unit;
          buffer[end + at] = unit;
        }
        if (all > 0xff) throw new TypeError("Cannot write a string: it has a character above U+00FF");
      }
      end += length;
    },
    setU8(at, value) {
      buffer[place(at, 1)] = value;
    },
    setU24(at, value) {
      put24(buffer, place(at, 3), value);
    },
    setU32(at, value) {
      put32(buffer, place(at, 4), value);
    },
    reset(length = 0) {
      end = place(length, 0);
    },
    take() {
      const taken = buffer.subarray(start, end);
      start = end;
      return taken;
    },
  };
}

function put24(buffer: Uint8Array, at: number, value: number): void {
  buffer[at] = value >> 16;
  buffer[at + 1] = value >> 8;
  buffer[at + 2] = value;
}

function put32(buffer: Uint8Array, at: number, value: number): void {
  buffer[at] = value >> 24;
  put24(buffer, at + 1, value);
}
