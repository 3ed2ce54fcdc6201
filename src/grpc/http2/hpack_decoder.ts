/**
 * Reads header blocks: HPACK (RFC 7541).
 *
 * @module
 */
import { HpackError } from "./hpack_error.ts";
import { type Field, FIELD_OVERHEAD, STATIC_TABLE } from "./hpack_static.ts";
import { huffmanDecode } from "./huffman.ts";
import { latin1 } from "./latin1.ts";

/** How long the dynamic table may become unless SETTINGS say otherwise (RFC 9113 §6.5.2). */
const DEFAULT_TABLE_BYTES = 4096;

const DEFAULT_MAX_BYTES = 64 * 1024;

const EMPTY = new Uint8Array(0);

/** In the places of the ring that are free. */
const NO_FIELD: Field = ["", ""];

/** Reads the header blocks of one connection, in the order in which they come. */
export interface HpackDecoder {
  /**
   * Reads a whole block. Names and values have one code unit per octet, and may have any octets: what a name or a value
   * must not be is for the caller to know.
   *
   * @param add Called for each field, in order, as it is read. Must not throw: the tables would be out of step
   * @returns Whether all fields were handed over; not those that exceed `maxBytes`, nor any after them
   * @throws {HpackError} If it is none. Fields before may have been handed over; no other block may be read
   */
  decode(block: Uint8Array, add: (name: string, value: string) => void): boolean;
}

/** What {@linkcode hpackDecoder} may be told. */
export interface HpackDecoderOptions {
  /**
   * What we announced as SETTINGS_HEADER_TABLE_SIZE. 4096 by default, and what the peer begins with if it is more.
   */
  readonly tableBytes?: number;
  /** How much the fields of a block may come to: names, values, and 32 for each. 65,536 by default. */
  readonly maxBytes?: number;
}

/** Makes what reads the header blocks of a connection. */
export function hpackDecoder(options: HpackDecoderOptions = {}): HpackDecoder {
  const { tableBytes = DEFAULT_TABLE_BYTES, maxBytes = DEFAULT_MAX_BYTES } = options;

  // The dynamic table: the newest field is at `newest`, the ones before it below, around the ring.
  let ring: Field[] = new Array(16);
  let newest = -1;
  let count = 0;
  let size = 0;
  let limit = Math.min(tableBytes, DEFAULT_TABLE_BYTES);

  // The block, for as long as it is read.
  let bytes: Uint8Array = EMPTY;
  let at = 0;

  function evict(allowed: number): void {
    const mask = ring.length - 1;
    while (size > allowed) {
      const oldest = newest - --count & mask;
      const field = ring[oldest]!;
      size -= field[0].length + field[1].length + FIELD_OVERHEAD;
      ring[oldest] = NO_FIELD;
    }
  }

  function insert(field: Field, length: number): void {
    // One that exceeds the table empties it (§4.4).
    evict(Math.max(0, limit - length));
    if (length > limit) return;
    if (count === ring.length) {
      const grown: Field[] = new Array(count * 2);
      for (let index = 0; index < count; index++) grown[index] = ring[newest + 1 + index & count - 1]!;
      ring = grown;
      newest = count - 1;
    }
    newest = newest + 1 & ring.length - 1;
    ring[newest] = field;
    count++;
    size += length;
  }

  function field(index: number): Field {
    if (index === 0) throw new HpackError("Cannot decode a header block: index 0");
    if (index <= STATIC_TABLE.length) return STATIC_TABLE[index - 1]!;
    const back = index - STATIC_TABLE.length - 1;
    if (back >= count) {
      throw new HpackError(`Cannot decode a header block: index ${index} is in neither table`);
    }
    return ring[newest - back & ring.length - 1]!;
  }

  /** The rest of an integer whose first octet is there but for the bits of `prefix` (§5.1). */
  function integer(first: number, prefix: number): number {
    let value = first & prefix;
    if (value < prefix) return value;
    // 32 bits take five octets more at most.
    for (let unit = 1; unit <= 2 ** 28; unit *= 128) {
      if (at === bytes.length) {
        throw new HpackError("Cannot decode a header block: it ends within an integer");
      }
      const octet = bytes[at++]!;
      value += (octet & 127) * unit;
      if (octet < 128) {
        if (value > 0xffffffff) break;
        return value;
      }
    }
    throw new HpackError("Cannot decode a header block: an integer of more than 32 bits");
  }

  function text(): string {
    if (at === bytes.length) throw new HpackError("Cannot decode a header block: it ends before a string");
    const first = bytes[at++]!;
    const length = integer(first, 127);
    const from = at;
    if (length > bytes.length - from) {
      throw new HpackError("Cannot decode a header block: it ends within a string");
    }
    at += length;
    return first >= 128 ? huffmanDecode(bytes, from, at) : latin1(bytes, from, at);
  }

  function read(add: (name: string, value: string) => void): boolean {
    let total = 0;
    // Whether a size of the table may come yet: only before the first field (§4.2).
    let begin = true;
    while (at < bytes.length) {
      const first = bytes[at++]!;
      let name: string;
      let value: string;
      let length: number;
      if (first >= 128) {
        const known = field(integer(first, 127));
        name = known[0];
        value = known[1];
        length = name.length + value.length + FIELD_OVERHEAD;
      } else if (first >>> 5 === 1) {
        const wanted = integer(first, 31);
        if (!begin) throw new HpackError("Cannot decode a header block: a table size behind a field");
        if (wanted > tableBytes) {
          throw new HpackError(
            `Cannot decode a header block: a table size of ${wanted}, and ${tableBytes} is allowed`,
          );
        }
        limit = wanted;
        evict(limit);
        continue;
      } else {
        const indexed = first >= 64;
        const index = integer(first, indexed ? 63 : 15);
        name = index === 0 ? text() : field(index)[0];
        value = text();
        length = name.length + value.length + FIELD_OVERHEAD;
        if (indexed) insert([name, value], length);
      }
      begin = false;
      total += length;
      if (total <= maxBytes) add(name, value);
    }
    return total <= maxBytes;
  }

  return {
    decode(block, add) {
      bytes = block;
      at = 0;
      try {
        return read(add);
      } finally {
        // The memory of a connection's reads is not for us to keep.
        bytes = EMPTY;
      }
    },
  };
}
