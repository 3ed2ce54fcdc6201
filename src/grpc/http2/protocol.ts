/**
 * Numbers of HTTP/2 (RFC 9113).
 *
 * @module
 */

/** Types of frames, section 6. */
export const Frame = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Flags of frames. */
export const Flag = {
  endStream: 0x1,
  ack: 0x1,
  endHeaders: 0x4,
  padded: 0x8,
  priority: 0x20,
} as const;

/** Names of settings, section 6.5.2. */
export const Setting = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;

/** Error codes, section 7. */
export const ErrorCode = {
  noError: 0,
  protocolError: 1,
  internalError: 2,
  flowControlError: 3,
  streamClosed: 5,
  frameSizeError: 6,
  refusedStream: 7,
  cancel: 8,
  compressionError: 9,
  enhanceYourCalm: 11,
} as const;

/** What a client says first, section 3.4. */
export const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** Bytes in front of a frame's payload. */
export const HEAD_BYTES = 9;

/** The largest payload of a frame, where nothing else was agreed on; nothing else is, by us. */
export const FRAME_BYTES = 16384;

/** Windows at the beginning, section 6.9.2. */
export const WINDOW = 65535;

/** What no window may exceed. */
export const MAX_WINDOW = 0x7fffffff;

/** A breach that ends the connection. */
export class ConnectionError extends Error {
  /** One of {@linkcode ErrorCode}. */
  readonly errorCode: number;

  constructor(errorCode: number, message: string) {
    super(message);
    this.errorCode = errorCode;
  }
}
