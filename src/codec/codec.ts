/**
 * What a codec is: one type made specialised functions, built once and used for every message.
 *
 * @module
 */

/** Encodes and decodes values of one type in one view. Both throw a `ServiceError` with a validation name (§7). */
export interface Codec<Wire> {
  /** Validates an in-side value and encodes it. Attributes the type does not know are left out. */
  encode(value: unknown): Wire;
  /** Decodes, validates and fills in defaults: the out side. */
  decode(wire: Wire): unknown;
}

/** Any JSON value as `JSON.parse` gives it; 64-bit integers beyond the safe range come as bigint. */
export type Json = unknown;

/** A codec of JSON text that also gives access to the values between text and message. */
export interface JsonCodec extends Codec<string> {
  /**
   * Decodes as any codec does.
   *
   * @param size How long what the text was cut from is, when it is part of something larger: as slices of a slice refer
   * to all of that, messages may hold slices only of what is small. By default as long as the text.
   */
  decode(text: string, size?: number): unknown;
  /** Validates an in-side value and gives what to put in a larger JSON document (bigint where it must stay exact). */
  toJson(value: unknown): Json;
  /** Validates parsed JSON and gives the out side. */
  fromJson(json: Json): unknown;
  /** The same of what plain `JSON.parse` gave and nobody else will use: it may become the message. */
  adopt(json: Json): unknown;
  /** Whether plain `JSON.parse` is exact enough for the type. */
  readonly plain: boolean;
}

/** How a codec speaks of its root and which view it projects on. */
export interface CodecOptions {
  /** Leads every message and is the root of attribute paths, e.g. `payload` gives `payload.interval`. */
  readonly root: string;
  /** `service.method`, put before the message: `monitor.watch: payload.interval must be …`. */
  readonly context: string;
  /** View of a result type (or of the elements of a collection). Default `"default"`. */
  readonly view?: string;
}
