/**
 * Cookies of a request.
 *
 * @module
 */

/** Parses a `Cookie` header (RFC 6265 §5.4). The first of several cookies of one name counts. */
export function cookieValues(header: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const pair of header.split(";")) {
    const equals = pair.indexOf("=");
    if (equals === -1) continue;
    const name = pair.slice(0, equals).trim();
    const value = pair.slice(equals + 1).trim();
    const quoted = value.length >= 2 && value.startsWith('"') && value.endsWith('"');
    if (!values.has(name)) values.set(name, quoted ? value.slice(1, -1) : value);
  }
  return values;
}
