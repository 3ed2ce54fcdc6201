/**
 * Follows the prefixes of messages (PROTOCOL-HTTP2.md, "Length-Prefixed-Message") for what grpc-js (1.14.7) lets pass: of
 * a message that is cut by the end of its stream it says nothing, so that a stream which lost its last message ended
 * well; and flags it does not know, or that say a message is compressed where no compression was named, it ignores.
 *
 * @module
 */

/** The messages of one direction of a call. */
export interface MessageFrames {
  /**
   * Looks at bytes as they come.
   *
   * @returns How many of them are sound: all, but those from a prefix on that is none, and what follows it
   */
  take(chunk: Uint8Array): number;
  /** Messages that came whole. */
  readonly count: number;
  /** What is wrong with the message behind those; `undefined` while nothing is. */
  readonly fault: string | undefined;
  /** Whether that is its length. */
  readonly tooLarge: boolean;
  /** Whether some of a message is still to come. */
  cut(): boolean;
}

/** Bytes of a prefix: flags, and the length in four of them. */
const PREFIX = 5;
const COMPRESSED = 1;

/**
 * Makes one.
 *
 * @param compressed What is wrong with compressed messages; `undefined`: nothing
 * @param messageBytes Largest message
 */
export function messageFrames(compressed: string | undefined, messageBytes = Infinity): MessageFrames {
  /** Bytes of the prefix that are here, what they say of the length, and what of that is to come. */
  let seen = 0;
  let length = 0;
  let left = 0;

  function whole(): void {
    seen = 0;
    length = 0;
    self.count++;
  }

  /** Goes over messages that are whole in here, which most are; gives where the first one begins that is not. */
  function skip(chunk: Uint8Array, from: number): number {
    const { length: end } = chunk;
    let at = from;
    let found = 0;
    while (end - at >= PREFIX && chunk[at] === 0) {
      const size = chunk[at + 1]! * 0x1000000 +
        (chunk[at + 2]! << 16 | chunk[at + 3]! << 8 | chunk[at + 4]!);
      if (size > messageBytes || size > end - at - PREFIX) break;
      at += PREFIX + size;
      found++;
    }
    self.count += found;
    return at;
  }

  const self = {
    count: 0,
    fault: undefined as string | undefined,
    tooLarge: false,
    cut: () => seen > 0,
    take(chunk: Uint8Array): number {
      if (self.fault !== undefined) return 0;
      const { length: end } = chunk;
      for (let at = 0; at < end;) {
        if (left > 0) {
          const part = Math.min(left, end - at);
          at += part;
          left -= part;
          if (left === 0) whole();
        } else if (seen === 0) {
          at = skip(chunk, at);
          if (at === end) break;
          const flags = chunk[at]!;
          if (flags === COMPRESSED) self.fault = compressed;
          else if (flags > COMPRESSED) self.fault = `a message has unknown flags: ${flags}`;
          if (self.fault !== undefined) return at;
          at++;
          seen = 1;
        } else {
          length = length * 256 + chunk[at]!;
          if (seen === PREFIX - 1 && length > messageBytes) {
            self.tooLarge = true;
            // In the words of grpc-js, which drops the messages that came with this one.
            self.fault = `Received message larger than max (${length} vs ${messageBytes})`;
            return at;
          }
          at++;
          if (++seen < PREFIX) continue;
          left = length;
          if (left === 0) whole();
        }
      }
      return end;
    },
  };
  return self;
}

/**
 * What is wrong with compressed messages after such a `grpc-encoding`.
 *
 * @param known The encodings that are taken; absent: of an unknown one somebody else tells
 */
export function compressionFault(encoding: unknown, known?: ReadonlySet<string>): string | undefined {
  if (encoding === undefined || encoding === "" || encoding === "identity") {
    return "a message is compressed, and grpc-encoding names no compression";
  }
  if (known === undefined || known.has(`${encoding}`)) return undefined;
  return `a message is compressed by ${JSON.stringify(`${encoding}`.slice(0, 64))}, which is not known`;
}
