/**
 * Lets pages of other origins call (Fetch standard, "CORS protocol"), and keeps those that may not from sending what a
 * browser sends without asking.
 *
 * @module
 */
import type { MethodModel, RouteModel } from "../design/model.ts";
import { originAllowed } from "../ws/origin.ts";
import type { Match } from "./router.ts";
import { attributesOf } from "./text_mapping.ts";

/** What pages of allowed origins may do besides calling. */
export interface CorsOptions {
  /** Whether browsers send cookies and HTTP authentication along. Default `false`. */
  readonly credentials?: boolean;
  /** Seconds that a browser may remember what it was allowed. Default 7200. */
  readonly maxAge?: number;
}

/** Answers browsers that ask for pages of other origins. */
export interface Cors {
  /** The answer to a preflight request; `undefined` when it is none. */
  preflight(request: Request, match: (verb: string) => Match<unknown>): Response | undefined;
  /** Lets the page read a response, when its origin may. */
  allow(request: Request, response: Response): Response;
}

/**
 * Makes what answers them; `undefined` without origins: then only pages of the server's own origin may call, for which
 * browsers do not ask.
 *
 * @throws {TypeError} When all origins were to send credentials
 */
export function makeCors(
  origins: readonly string[] | "*" | undefined,
  { credentials = false, maxAge = 7200 }: CorsOptions = {},
): Cors | undefined {
  if (origins === "*" && credentials) {
    throw new TypeError('Cannot allow credentials to every origin: name the origins instead of "*"');
  }
  if (origins === undefined) return undefined;
  const any = origins === "*";

  function allow(request: Request, response: Response): Response {
    // The response of an upgrade is not for pages to read.
    if (response.status === 101) return response;
    const { headers } = response;
    if (!any) headers.append("vary", "origin");
    const origin = request.headers.get("origin");
    if (origin === null || !originAllowed(request.headers, origins)) return response;
    headers.set("access-control-allow-origin", any ? "*" : origin);
    if (credentials) headers.set("access-control-allow-credentials", "true");
    const shown = [...headers.keys()].filter((name) => !HIDDEN.test(name));
    if (shown.length > 0) headers.set("access-control-expose-headers", [...new Set(shown)].join(", "));
    return response;
  }

  return {
    allow,
    preflight(request, match) {
      const verb = request.headers.get("access-control-request-method");
      if (request.method !== "OPTIONS" || verb === null || !request.headers.has("origin")) return undefined;
      const found = match(verb);
      if (found.kind !== "found" && found.kind !== "method_not_allowed") return undefined;
      const headers = new Headers({ vary: "access-control-request-method, access-control-request-headers" });
      if (originAllowed(request.headers, origins)) {
        headers.set("access-control-allow-methods", found.kind === "found" ? verb : found.allow.join(", "));
        const wanted = request.headers.get("access-control-request-headers");
        if (wanted !== null) headers.set("access-control-allow-headers", wanted);
        headers.set("access-control-max-age", String(maxAge));
      }
      return new Response(null, { status: 204, headers });
    },
  };
}

/** What pages can read in any case, never, or have no use for. */
const HIDDEN =
  /^(access-control-.*|cache-control|content-(language|length|type)|expires|last-modified|pragma|vary|set-cookie)$/;

/**
 * Whether a page of any origin can make a browser send a call that works without asking first: a POST without a body, or
 * with one as HTML forms send it. Such calls are only served to allowed origins, as they may carry the user's cookies.
 */
export function isForgeable({ http }: MethodModel, { verb }: RouteModel): boolean {
  if (verb !== "POST" || http === undefined) return false;
  if (http.body === undefined || http.consumes !== undefined || http.multipart) return true;
  const attributes = attributesOf(http.body);
  return attributes.length > 0 && attributes.every((one) => !one.required || one.default !== undefined);
}
