/**
 * Parts of the request, the response and the metadata in `GRPC(...)`.
 *
 * @module
 */
import type { AnyAttributePart } from "./parts.ts";

/** An attribute by its name, `"attribute"`, or with its name in metadata, `"attribute:name"`. */
export type AttributeName = string | AnyAttributePart;

/** `Message(...)`. */
export interface MessagePart {
  /** Tells parts apart. */
  readonly kind: "message";
  /** The attributes. */
  readonly attributes: readonly AttributeName[];
}

/** `Metadata(...)`. */
export interface MetadataPart {
  /** Tells parts apart. */
  readonly kind: "metadata";
  /** The attributes. */
  readonly attributes: readonly AttributeName[];
}

/** `Trailers(...)` of a response. */
export interface TrailersPart {
  /** Tells parts apart. */
  readonly kind: "trailers";
  /** The attributes. */
  readonly attributes: readonly AttributeName[];
}

/** What may stand in the `Response` of a `GRPC` besides headers and a description. */
export type ResponseMetadataMember = MessagePart | TrailersPart;
