/**
 * Puts together the headers that a connection brings, which may be cut into several frames.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Received } from "./client_stream.ts";
import { hpackDecoder } from "./hpack_decoder.ts";
import { ConnectionError, ErrorCode, Flag } from "./protocol.ts";

/** Headers as they came. */
export interface HeaderBlock {
  /** Of this stream. */
  readonly id: number;
  readonly headers: Received;
  /** Whether the stream ends with them. */
  readonly end: boolean;
  /** Whether these are all; there were too many otherwise. */
  readonly whole: boolean;
}

/** The blocks of a connection, one at a time. */
export interface HeaderBlocks {
  /** The stream whose block is under way: nothing else may come in between. */
  readonly open: number | undefined;
  /** Takes a HEADERS frame without its padding; gives the block if that is all of it. */
  begin(id: number, flags: number, payload: Buffer): HeaderBlock | undefined;
  /** Takes a CONTINUATION. */
  goOn(flags: number, payload: Buffer): HeaderBlock | undefined;
}

/** Bytes of headers that are kept of an answer; who has limits has lower ones. */
const HEADER_BYTES = 1024 * 1024;
/** Bytes of headers as they come, packed; and frames of them. */
const BLOCK_BYTES = 256 * 1024;
/** What a frame counts for, were it empty. */
const FRAME_COST = 32;
/** Bytes in front of headers that have a priority. */
const PRIORITY_BYTES = 5;

/** Makes what takes the headers of a connection. All of it throws a {@linkcode ConnectionError}, or an HpackError. */
export function headerBlocks(): HeaderBlocks {
  const decoder = hpackDecoder({ maxBytes: HEADER_BYTES });
  let open: number | undefined;
  let end = false;
  let parts: Buffer[] = [];
  let bytes = 0;

  function goOn(flags: number, payload: Buffer): HeaderBlock | undefined {
    if (open === undefined) throw new ConnectionError(ErrorCode.protocolError, "CONTINUATION of nothing");
    parts.push(payload);
    bytes += payload.length + FRAME_COST;
    if (bytes > BLOCK_BYTES) throw new ConnectionError(ErrorCode.enhanceYourCalm, "headers are too large");
    if ((flags & Flag.endHeaders) === 0) return undefined;
    const block = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    const id = open;
    open = undefined;
    const headers: Received = {};
    const whole = decoder.decode(block, (name, value) => addTo(headers, name, value));
    return { id, headers, end, whole };
  }

  return {
    get open() {
      return open;
    },
    begin(id, flags, payload) {
      const from = (flags & Flag.priority) === 0 ? 0 : PRIORITY_BYTES;
      if (payload.length < from) {
        throw new ConnectionError(ErrorCode.frameSizeError, "HEADERS are too short");
      }
      open = id;
      end = (flags & Flag.endStream) !== 0;
      parts = [];
      bytes = 0;
      return goOn(flags, payload.subarray(from));
    },
    goOn,
  };
}

function addTo(headers: Received, name: string, value: string): void {
  // No plain assignment sets that.
  if (name === "__proto__") {
    Object.defineProperty(headers, name, { value, enumerable: true, configurable: true });
    return;
  }
  const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
  if (before === undefined) headers[name] = value;
  else if (typeof before === "object") (before as string[]).push(value);
  else headers[name] = [`${before}`, value];
}
