/**
 * Which web pages may open a socket: browsers send cookies along with any page's handshake, and CORS does not apply to
 * it, so the server has to look at `Origin` itself (RFC 6455 §10.2).
 *
 * @module
 */

function parse(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}

/**
 * Whether a handshake may go on.
 *
 * @param headers Of the request
 * @param origins Those allowed, or `"*"`. Default: the one whose host is the request's own
 */
export function originAllowed(headers: Headers, origins?: readonly string[] | "*"): boolean {
  const origin = headers.get("origin");
  // Only browsers send it: other clients carry no cookies of somebody else.
  if (origin === null || origins === "*") return true;
  if (origins !== undefined) {
    // "null" (sandboxed pages, files) is no URL: it is allowed only by its own name.
    const asked = parse(origin)?.origin ?? origin;
    return origins.some((allowed) => (parse(allowed)?.origin ?? allowed) === asked);
  }
  const url = parse(origin);
  if (url === undefined) return false;
  // The scheme cannot be compared: behind a proxy that ends TLS this end sees plain HTTP. Default ports are the origin's.
  return parse(`${url.protocol}//${headers.get("host")}`)?.host === url.host;
}
