/**
 * Cuts what a connection brings into frames.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { ConnectionError, ErrorCode, FRAME_BYTES, HEAD_BYTES } from "./protocol.ts";

/** Takes a frame. Its payload is a part of what the connection brought: not to be kept for longer than a while. */
export type TakeFrame = (type: number, flags: number, id: number, payload: Buffer) => void;

/**
 * Makes what takes bytes as they come.
 *
 * @returns Throws a {@linkcode ConnectionError} for a frame that is too large, and what `take` throws
 */
export function frameReader(take: TakeFrame): (chunk: Buffer) => void {
  const head = Buffer.alloc(HEAD_BYTES);
  /** What is here of a frame that came in parts: of its head, then of its payload. */
  let headBytes = 0;
  let payload: Buffer | undefined;
  let payloadBytes = 0;

  function lengthAt(bytes: Buffer, at: number): number {
    const length = bytes[at]! << 16 | bytes[at + 1]! << 8 | bytes[at + 2]!;
    if (length <= FRAME_BYTES) return length;
    throw new ConnectionError(ErrorCode.frameSizeError, `a frame of ${length} bytes is too large`);
  }

  function takeAt(bytes: Buffer, at: number, payload: Buffer): void {
    const id = (bytes[at + 5]! & 0x7f) << 24 | bytes[at + 6]! << 16 | bytes[at + 7]! << 8 | bytes[at + 8]!;
    take(bytes[at + 3]!, bytes[at + 4]!, id, payload);
  }

  /** Goes on with a frame that has begun; returns where what follows it begins. */
  function goOn(chunk: Buffer): number {
    let at = 0;
    if (payload === undefined) {
      at = chunk.copy(head, headBytes);
      headBytes += at;
      if (headBytes < HEAD_BYTES) return at;
      payload = Buffer.allocUnsafe(lengthAt(head, 0));
      payloadBytes = 0;
    }
    const copied = chunk.copy(payload, payloadBytes, at);
    payloadBytes += copied;
    if (payloadBytes < payload.length) return at + copied;
    const whole = payload;
    headBytes = 0;
    payload = undefined;
    takeAt(head, 0, whole);
    return at + copied;
  }

  return (chunk) => {
    let at = headBytes === 0 ? 0 : goOn(chunk);
    while (chunk.length - at >= HEAD_BYTES) {
      const end = at + HEAD_BYTES + lengthAt(chunk, at);
      if (end > chunk.length) break;
      const begin = at;
      at = end;
      takeAt(chunk, begin, chunk.subarray(begin + HEAD_BYTES, end));
    }
    if (at < chunk.length) goOn(chunk.subarray(at));
  };
}
