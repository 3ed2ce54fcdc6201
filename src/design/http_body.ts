/**
 * What bodies and cookies of HTTP messages are made of.
 *
 * @module
 */
import { part } from "./freeze.ts";
import type {
  BodyMember,
  BodyPart,
  ContentTypePart,
  CookieAttributePart,
  MapParamsPart,
  MediaTypesPart,
  MultipartPart,
  TagPart,
} from "./http_parts.ts";

/**
 * What the body is, of a request in `HTTP` and of an answer in `Response`: the value of one attribute (`Body("name")`),
 * the attributes that are listed (`Body(Attribute("a"), Attribute("b"))`), those of a type (`Body(SomeType)`), or
 * nothing (`Body(Empty)`). Without it, the body holds what nothing else carries.
 *
 * @example
 * ```ts
 * import { Attribute, Body } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Body("bottle").parts, ["bottle"]);
 * assertEquals(Body(Attribute("name"), Attribute("vintage")).parts.length, 2);
 * ```
 */
export function Body(...parts: readonly BodyMember[]): BodyPart {
  return part({ kind: "body", parts });
}

/**
 * In `Response`: the response is the one to send when the String attribute of the result has that value. One response
 * of the method has no tag: it is sent when no other fits.
 *
 * @example
 * ```ts
 * import { Response, StatusAccepted, Tag } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Response(StatusAccepted, Tag("outcome", "accepted")).parts.length, 1);
 * ```
 */
export function Tag(attribute: string, value: string): TagPart {
  return part({ kind: "tag", attribute, value });
}

/**
 * In `Response`: the media type of the body. With `text/…` it is a String or Bytes as it is; with any other type that
 * is no JSON, Bytes (or a String) as they are.
 *
 * @example
 * ```ts
 * import { ContentType, Response, StatusOK } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Response(StatusOK, ContentType("text/html")).parts.length, 1);
 * ```
 */
export function ContentType(mediaType: string): ContentTypePart {
  return part({ kind: "content_type", mediaType });
}

/**
 * Media types that request bodies may have; the first is what clients send. In `HTTP` of a method or of a service,
 * whose methods leave out what their bodies cannot be. Default: `application/json`. Others that goats reads:
 * `text/plain`, `application/octet-stream`, `application/x-www-form-urlencoded`.
 *
 * @example
 * ```ts
 * import { Consumes } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Consumes("application/json", "text/plain").mediaTypes.length, 2);
 * ```
 */
export function Consumes(...mediaTypes: readonly string[]): MediaTypesPart {
  return part({ kind: "media_types", direction: "consumes", mediaTypes });
}

/**
 * Media types that response bodies may have, to choose from by the `Accept` of the request; the first is the default.
 * In `HTTP` of a method or of a service. A request that accepts none of them is refused with 406.
 *
 * @example
 * ```ts
 * import { Produces } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Produces("text/plain").direction, "produces");
 * ```
 */
export function Produces(...mediaTypes: readonly string[]): MediaTypesPart {
  return part({ kind: "media_types", direction: "produces", mediaTypes });
}

/**
 * The request body is `multipart/form-data`, as HTML forms upload files: one part for each value, files for Bytes.
 * Attributes that are no primitives and no arrays of them are JSON text.
 *
 * @example
 * ```ts
 * import { HTTP, MultipartRequest, POST } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(HTTP(POST("/upload"), MultipartRequest()).parts.length, 2);
 * ```
 */
export function MultipartRequest(): MultipartPart {
  return part({ kind: "multipart" });
}

/**
 * The query string as a map: the attribute of that name, or without a name the whole payload. Parameters that a `Param`
 * names are not in it.
 *
 * @example
 * ```ts
 * import { MapParams } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(MapParams("filters").attribute, "filters");
 * ```
 */
export function MapParams(attribute = ""): MapParamsPart {
  return part({ kind: "map_params", attribute });
}

/**
 * In `Response`: seconds that its cookies live for.
 *
 * @example
 * ```ts
 * import { Cookie, CookieMaxAge, Response, StatusOK } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Response(StatusOK, Cookie("session:SID"), CookieMaxAge(3600)).parts.length, 2);
 * ```
 */
export function CookieMaxAge(seconds: number): CookieAttributePart {
  return part({ kind: "cookie_attribute", attribute: "maxAge", value: seconds });
}

/**
 * In `Response`: the domain that its cookies are sent to.
 *
 * @example
 * ```ts
 * import { CookieDomain } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(CookieDomain("example.com").value, "example.com");
 * ```
 */
export function CookieDomain(domain: string): CookieAttributePart {
  return part({ kind: "cookie_attribute", attribute: "domain", value: domain });
}

/**
 * In `Response`: the path that its cookies are sent to.
 *
 * @example
 * ```ts
 * import { CookiePath } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(CookiePath("/").value, "/");
 * ```
 */
export function CookiePath(path: string): CookieAttributePart {
  return part({ kind: "cookie_attribute", attribute: "path", value: path });
}

/**
 * In `Response`: its cookies are sent over TLS alone.
 *
 * @example
 * ```ts
 * import { CookieSecure } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(CookieSecure().attribute, "secure");
 * ```
 */
export function CookieSecure(): CookieAttributePart {
  return part({ kind: "cookie_attribute", attribute: "secure", value: true });
}

/**
 * In `Response`: its cookies are hidden from the scripts of a page.
 *
 * @example
 * ```ts
 * import { CookieHTTPOnly } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(CookieHTTPOnly().attribute, "httpOnly");
 * ```
 */
export function CookieHTTPOnly(): CookieAttributePart {
  return part({ kind: "cookie_attribute", attribute: "httpOnly", value: true });
}

/** What {@linkcode CookieSameSite} takes. */
export type SameSite = "strict" | "lax" | "none" | "default";

/** Cookies go along with requests of their own site alone. */
export const CookieSameSiteStrict = "strict" as const;
/** Cookies go along when the user follows a link from another site, too. */
export const CookieSameSiteLax = "lax" as const;
/** Cookies go along with requests of any site; browsers want {@linkcode CookieSecure} then. */
export const CookieSameSiteNone = "none" as const;
/** As the browser does when nothing is said. */
export const CookieSameSiteDefault = "default" as const;

/**
 * In `Response`: which sites' requests its cookies go along with.
 *
 * @example
 * ```ts
 * import { CookieSameSite, CookieSameSiteLax } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(CookieSameSite(CookieSameSiteLax).value, "lax");
 * ```
 */
export function CookieSameSite(sites: SameSite): CookieAttributePart {
  return part({ kind: "cookie_attribute", attribute: "sameSite", value: sites });
}
