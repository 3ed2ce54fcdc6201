/**
 * Bytes that are gone: a `Uint8Array` whose buffer was transferred (to a worker, say), or has become too small for it,
 * seems empty to whoever reads it by its length.
 *
 * @module
 */

/** Whether there are no bytes to read any more. Costs nothing for bytes that there are. */
export function isDetached(bytes: Uint8Array): boolean {
  if (bytes.length !== 0) return false;
  try {
    // Throws for what has no place in its buffer; `detached` is not known everywhere, and of transferred buffers alone.
    Uint8Array.prototype.at.call(bytes, 0);
    return false;
  } catch {
    return true;
  }
}
