/**
 * Keys of gRPC metadata that no attribute and no caller's header can have.
 *
 * @module
 */

const RESERVED =
  /^(?:grpc-.*|te|content-type|content-length|connection|host|transfer-encoding|user-agent|keep-alive|proxy-connection|upgrade|http2-settings)$/;

/** Whether a key belongs to gRPC (grpc/doc/PROTOCOL-HTTP2.md), or to the connection (RFC 9113 §8.2.2). */
export function isReservedKey(key: string): boolean {
  return RESERVED.test(key);
}
