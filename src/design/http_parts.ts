/**
 * Parts of bodies, cookies and media types in `HTTP(...)`.
 *
 * @module
 */
import type { AnyAttributePart, RequiredPart, TypeLike } from "./parts.ts";

/** What may stand in a `Body`. */
export type BodyMember = string | TypeLike | AnyAttributePart | RequiredPart;

/** `Body(...)`. */
export interface BodyPart {
  /** Tells parts apart. */
  readonly kind: "body";
  /** The name of an attribute, a type, or attributes. */
  readonly parts: readonly BodyMember[];
}

/** `Tag(attribute, value)` of a response. */
export interface TagPart {
  /** Tells parts apart. */
  readonly kind: "tag";
  /** Name of an attribute of the result. */
  readonly attribute: string;
  /** Its value when the response is the one to send. */
  readonly value: string;
}

/** `ContentType(mediaType)` of a response. */
export interface ContentTypePart {
  /** Tells parts apart. */
  readonly kind: "content_type";
  /** Media type of the body. */
  readonly mediaType: string;
}

/** `Consumes(...)` or `Produces(...)`. */
export interface MediaTypesPart {
  /** Tells parts apart. */
  readonly kind: "media_types";
  /** Which of the two. */
  readonly direction: "consumes" | "produces";
  /** The media types, the preferred one first. */
  readonly mediaTypes: readonly string[];
}

/** `MultipartRequest()`. */
export interface MultipartPart {
  /** Tells parts apart. */
  readonly kind: "multipart";
}

/** Which body: of the request or of the response. */
export type RawSide = "request" | "response";

/** `SkipRequestBodyEncodeDecode()` or `SkipResponseBodyEncodeDecode()`. */
export interface RawBodyPart<Side extends RawSide = RawSide> {
  /** Tells parts apart. */
  readonly kind: "raw_body";
  /** Which of the two. */
  readonly side: Side;
}

/** `MapParams(name)`. */
export interface MapParamsPart {
  /** Tells parts apart. */
  readonly kind: "map_params";
  /** Name of the attribute; `""` for the whole payload. */
  readonly attribute: string;
}

/** `CookieMaxAge` and its like. */
export interface CookieAttributePart {
  /** Tells parts apart. */
  readonly kind: "cookie_attribute";
  /** Which one, named as in the model. */
  readonly attribute: "maxAge" | "domain" | "path" | "secure" | "httpOnly" | "sameSite";
  /** Its value. */
  readonly value: string | number | true;
}

/** What may stand in a `Response` besides headers, cookies and a description. */
export type ResponseBodyMember = BodyPart | TagPart | ContentTypePart | CookieAttributePart;

/** What may stand in an `HTTP` besides routes, places and responses. */
export type HTTPBodyMember = BodyPart | MediaTypesPart | MapParamsPart | MultipartPart | RawBodyPart;
