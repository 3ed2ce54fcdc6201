/**
 * Compression of single calls: what grpc-js has for clients alone, and what it keeps to itself.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { isUncompressed } from "./uncompressed.ts";

/** How messages are compressed. */
export type GrpcCompression = "gzip" | "identity";

/** Carries `grpc-encoding` past grpc-js, which takes that header away from received metadata. Never sent. */
const ENCODING = "goats-encoding";
/** The same of `grpc-accept-encoding`. */
const ACCEPTED = "goats-accept-encoding";

/** gzip in a list. */
const GZIP = /(?:^|,)\s*gzip\s*(?:,|$)/;

/** Received headers of HTTP/2. */
export type Received = Record<string, unknown>;

/** Makes copies of the headers that grpc-js takes away; whatever the peer sent by these names is gone. */
export function keepEncodings(headers: Received): void {
  if (headers["grpc-encoding"] !== undefined || ENCODING in headers) {
    headers[ENCODING] = headers["grpc-encoding"];
  }
  if (headers["grpc-accept-encoding"] !== undefined || ACCEPTED in headers) {
    headers[ACCEPTED] = headers["grpc-accept-encoding"];
  }
}

/** What a peer said of compression. */
export interface Encodings {
  /** `grpc-encoding`: how it compresses; absent when it does not. */
  readonly used: string | undefined;
  /** Whether it takes gzip. */
  readonly gzip: boolean;
}

/** Whether a received header is one that {@linkcode keepEncodings} put there. */
export function isKeptEncoding(name: string): boolean {
  return name === ENCODING || name === ACCEPTED;
}

/** Reads what {@linkcode keepEncodings} put there. */
export function keptEncodings(received: Received): Encodings {
  const { [ENCODING]: used, [ACCEPTED]: accepted } = received;
  return {
    used: used === undefined || used === "identity" ? undefined : `${used}`,
    gzip: accepted !== undefined && GZIP.test(`${accepted}`),
  };
}

/** How the headers of a call say that its messages shall be compressed: `grpc-encoding`. */
export function encodingAsked(headers: Headers, otherwise: GrpcCompression): GrpcCompression {
  const asked = headers.get("grpc-encoding");
  if (asked === null) return otherwise;
  if (asked === "gzip" || asked === "identity") return asked;
  throw new TypeError(`Cannot compress by ${asked}: "grpc-encoding" may be gzip or identity`);
}

/** Below this gzip's own header and trailer weigh more than what can be gained. */
const LEAST_BYTES = 64;

/**
 * Compresses a message for a server of grpc-js 1.14, which cannot do it ("response compression is currently not
 * supported", server-interceptors.ts): it writes five bytes of which the first says that the message is not compressed,
 * then has the message copy itself behind them. Ours corrects that byte as it is copied.
 *
 * @returns The message as it is when that is shorter, which any call may send
 */
export function gzipped(message: Uint8Array): Uint8Array {
  if (message.length < LEAST_BYTES || isUncompressed(message)) return message;
  const bytes = gzipSync(message);
  if (bytes.length >= message.length) return message;
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const copy: Buffer["copy"] = (target, start = 0, ...range) => {
    if (start === 5) target[0] = 1;
    return Buffer.prototype.copy.call(frame, target as Uint8Array, start, ...range);
  };
  frame.copy = copy;
  return frame;
}
