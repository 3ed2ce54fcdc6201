/**
 * Text in header values. Fetch gives and takes their bytes one to a character; goats, as Goa, puts UTF-8 in them.
 *
 * @module
 */

// deno-lint-ignore no-control-regex
const ASCII = /^[\x00-\x7f]*$/;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What to give fetch so that `text` leaves as UTF-8. */
export function toHeaderValue(text: string): string {
  if (ASCII.test(text)) return text;
  let value = "";
  for (const byte of encoder.encode(text)) value += String.fromCharCode(byte);
  return value;
}

/** The text of a header value that fetch gave; bytes that are not UTF-8 are taken for Latin-1 (RFC 9110 §5.5). */
export function fromHeaderValue(value: string): string {
  if (ASCII.test(value)) return value;
  try {
    return decoder.decode(Uint8Array.from(value, (char) => char.charCodeAt(0)));
  } catch {
    return value;
  }
}
