/**
 * Writes header blocks: HPACK (RFC 7541).
 *
 * What repeats from call to call is put into the dynamic table and costs an octet from then on; what does not is left
 * out of it, for it would push out what does. Strings are never Huffman coded: what is long and repeats is sent once.
 *
 * @module
 */
import type { ByteSink } from "./byte_writer.ts";
import { type Field, FIELD_OVERHEAD, STATIC_TABLE } from "./hpack_static.ts";

/** The size that both ends begin with (RFC 9113 §6.5.2), and the most that is used of what a peer allows. */
const MAX_TABLE_BYTES = 4096;

/** Enough for the most fields that the table can have: a power of 2. */
const RING = MAX_TABLE_BYTES / FIELD_OVERHEAD;

/** First octets of representations, and the bits in them that an index begins in (§6). */
const INDEXED = 0x80;
const INDEXED_PREFIX = 0x7f;
const INCREMENTAL = 0x40;
const INCREMENTAL_PREFIX = 0x3f;
const SIZE_UPDATE = 0x20;
const SIZE_UPDATE_PREFIX = 0x1f;
const NEVER = 0x10;
const PLAIN = 0x00;
const PLAIN_PREFIX = 0x0f;

/** Names of gRPC whose values repeat from call to call. */
const REPEATING = [
  ":scheme",
  ":path",
  ":authority",
  "user-agent",
  "content-type",
  "te",
  "grpc-accept-encoding",
  "accept-encoding",
  "grpc-encoding",
];

/** Names of secrets: no one on the way may put them into a table, where lengths tell of them (§7.1.3). */
const SECRET = ["authorization", "cookie", "proxy-authorization"];

/** What is known of a name. */
interface Name {
  /** Its first index in the static table, 0 if it is not there. */
  index: number;
  /** Indexes of its values there. */
  readonly values: Map<string, number>;
  /** The place of its values in the dynamic table's maps, -1 if they are not put there. */
  repeating: number;
  /** Whether its values are secrets. */
  secret: boolean;
}

const NAMES = names();

function names(): Map<string, Name> {
  const names = new Map<string, Name>();
  const known = (name: string): Name => {
    let entry = names.get(name);
    if (!entry) names.set(name, entry = { index: 0, values: new Map(), repeating: -1, secret: false });
    return entry;
  };
  STATIC_TABLE.forEach(([name, value], at) => {
    const entry = known(name);
    entry.index ||= at + 1;
    entry.values.set(value, at + 1);
  });
  REPEATING.forEach((name, at) => known(name).repeating = at);
  for (const name of SECRET) known(name).secret = true;
  return names;
}

/** Fields of a name in the dynamic table, by number: they are counted as they are put there. */
interface Repeated {
  /** Those that are there, by their values. */
  readonly values: Map<string, number>;
  /** The newest one, whether it is still there or not; -1 if there was none. */
  newest: number;
}

/** Writes the header blocks of one connection. They must be sent in the order in which they are written. */
export interface HpackEncoder {
  /**
   * Writes a block.
   *
   * @param headers Names are in lower case
   * @throws {TypeError} If a name or a value has a character above U+00FF: nothing is written, and others still can be
   */
  encode(headers: Iterable<Field>, out: ByteSink): void;
  /** Must be told the SETTINGS_HEADER_TABLE_SIZE of the peer. At most 4096 is used of it. */
  setTableSize(bytes: number): void;
}

/** Makes what writes the header blocks of a connection. */
export function hpackEncoder(): HpackEncoder {
  const repeated = REPEATING.map((): Repeated => ({ values: new Map(), newest: -1 }));
  // The dynamic table: by the numbers of its fields, around the ring.
  const places = new Uint8Array(RING);
  const values: string[] = new Array(RING).fill("");
  const sizes = new Uint16Array(RING);
  let oldest = 0;
  let next = 0;
  let size = 0;
  let limit = MAX_TABLE_BYTES;
  // What the peer does not know yet: the smallest limit since the last block (§4.2), if there was another one.
  let smallest = Infinity;

  function evict(allowed: number): void {
    while (size > allowed) {
      const at = oldest++ % RING;
      size -= sizes[at]!;
      repeated[places[at]!]!.values.delete(values[at]!);
      values[at] = "";
    }
  }

  function setLimit(bytes: number): void {
    limit = bytes;
    smallest = Math.min(smallest, limit);
    evict(limit);
  }

  function insert(place: number, value: string, bytes: number): void {
    evict(limit - bytes);
    const at = next % RING;
    places[at] = place;
    values[at] = value;
    sizes[at] = bytes;
    size += bytes;
    const of = repeated[place]!;
    of.values.set(value, next);
    of.newest = next++;
  }

  /** The index of a field of the dynamic table. */
  const indexOf = (number: number): number => STATIC_TABLE.length + next - number;

  function write(name: string, value: string, out: ByteSink): void {
    const known = NAMES.get(name);
    if (known === undefined) return literal(out, PLAIN, PLAIN_PREFIX, 0, name, value);
    if (known.secret) return literal(out, NEVER, PLAIN_PREFIX, known.index, name, value);
    const index = known.values.get(value);
    if (index !== undefined) return integer(out, INDEXED, INDEXED_PREFIX, index);
    if (known.repeating < 0) return literal(out, PLAIN, PLAIN_PREFIX, known.index, name, value);
    const of = repeated[known.repeating]!;
    const number = of.values.get(value);
    if (number !== undefined) return integer(out, INDEXED, INDEXED_PREFIX, indexOf(number));
    const nameIndex = known.index || (of.newest >= oldest ? indexOf(of.newest) : 0);
    const bytes = name.length + value.length + FIELD_OVERHEAD;
    // One that takes most of the table is not worth what it pushes out.
    if (bytes > limit / 2) return literal(out, PLAIN, PLAIN_PREFIX, nameIndex, name, value);
    literal(out, INCREMENTAL, INCREMENTAL_PREFIX, nameIndex, name, value);
    insert(known.repeating, value, bytes);
  }

  return {
    encode(headers, out) {
      const { length } = out;
      try {
        if (smallest !== Infinity) {
          if (smallest < limit) integer(out, SIZE_UPDATE, SIZE_UPDATE_PREFIX, smallest);
          integer(out, SIZE_UPDATE, SIZE_UPDATE_PREFIX, limit);
          smallest = Infinity;
        }
        for (const field of headers) write(field[0], field[1], out);
      } catch (error) {
        out.reset(length);
        // The peer will not learn of what was put into the table: both begin with an empty one.
        const allowed = limit;
        setLimit(0);
        setLimit(allowed);
        throw error;
      }
    },
    setTableSize(bytes) {
      const allowed = Math.min(bytes, MAX_TABLE_BYTES);
      if (allowed !== limit) setLimit(allowed);
    },
  };
}

/** Writes a field that is in no table, its name by its index unless that is 0 (§6.2). */
function literal(
  out: ByteSink,
  kind: number,
  prefix: number,
  index: number,
  name: string,
  value: string,
): void {
  out.ensure(name.length + value.length + 18);
  integer(out, kind, prefix, index);
  try {
    if (index === 0) text(out, name);
    text(out, value);
  } catch (cause) {
    // Without the value: it may be a secret.
    throw new TypeError(`Cannot send header "${name}": it has a character above U+00FF`, { cause });
  }
}

function text(out: ByteSink, value: string): void {
  integer(out, 0, 127, value.length);
  out.text(value);
}

/** Writes an integer that begins in the low bits of an octet (§5.1). */
function integer(out: ByteSink, first: number, prefix: number, value: number): void {
  if (value < prefix) return out.u8(first | value);
  out.u8(first | prefix);
  for (value -= prefix; value >= 128; value >>>= 7) out.u8(value & 127 | 128);
  out.u8(value);
}
