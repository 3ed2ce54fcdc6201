/**
 * What a header block that cannot be read ends in.
 *
 * @module
 */

/**
 * A header block that RFC 7541 does not allow. The tables of both ends are out of step from here on: the connection has
 * to end, with COMPRESSION_ERROR (RFC 9113 §4.3).
 */
export class HpackError extends Error {
  /** Always `"HpackError"`. */
  override readonly name = "HpackError";
}
