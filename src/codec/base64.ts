/**
 * Base64 of bytes in JSON. Written with the standard alphabet and padding, as Go's encoding/json does; read leniently:
 * URL alphabet and missing padding pass too, as Goa's own clients in browsers produce both. White space does not.
 *
 * @module
 */

type Native = typeof Uint8Array & {
  fromBase64?(text: string, options: { alphabet: string }): Uint8Array<ArrayBuffer>;
};
const fromNative = (Uint8Array as Native).fromBase64;
const hasNative = fromNative !== undefined && "toBase64" in Uint8Array.prototype;

const STANDARD = /^[A-Za-z0-9+/]*={0,2}$/;
const URL_SAFE = /^[A-Za-z0-9_-]*={0,2}$/;

/** Bytes as base64. */
export function toBase64(bytes: Uint8Array): string {
  if (hasNative) return (bytes as Uint8Array & { toBase64(): string }).toBase64();
  let binary = "";
  for (let i = 0; i < bytes.length; i += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return btoa(binary);
}

/** Base64 as bytes of their own, `undefined` for anything else. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const urlSafe = !STANDARD.test(text);
  if (urlSafe && !URL_SAFE.test(text)) return undefined;
  try {
    if (hasNative) return fromNative!.call(Uint8Array, text, { alphabet: urlSafe ? "base64url" : "base64" });
    const binary = atob(urlSafe ? text.replaceAll("-", "+").replaceAll("_", "/") : text);
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
    return bytes;
  } catch {
    // A length or padding that base64 cannot have: the caller reports the value.
    return undefined;
  }
}
