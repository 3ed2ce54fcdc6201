/**
 * Headers that can leave over HTTP.
 *
 * @module
 */

/** What no header value may hold (RFC 9110 §5.5), some of which `Headers` takes all the same. */
// deno-lint-ignore no-control-regex
export const CONTROL: RegExp = /[\x00-\x08\x0a-\x1f\x7f]/;

/**
 * Makes sure that headers can be sent: Deno 2.9.6 ends its process, and every call in it, over a response one of whose
 * header values has a control character.
 *
 * @throws {TypeError} When they cannot
 */
export function checkHeaders(headers: Headers): void {
  headers.forEach((value, name) => {
    if (CONTROL.test(value)) {
      throw new TypeError(`Cannot send header ${name}: its value has a control character`);
    }
  });
}
