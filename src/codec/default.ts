/**
 * Default values: written once in the design as in-side values, handed to every receiver as out-side values of its
 * own (nested defaults filled, nothing shared between messages).
 *
 * @module
 */
import type { TypeModel } from "../design/model.ts";
import type { Json } from "./codec.ts";
import { underlying } from "./view.ts";

/** What a codec needs to make defaults of one attribute. */
export interface JsonSides {
  /** In side to JSON. Throws when the default is not valid, which the design's rules exclude. */
  toJson(value: unknown): Json;
  /** JSON to out side. */
  fromJson(json: Json): unknown;
}

/** The in-side value of a default, which may be written as a number where the value is a bigint. */
export function defaultIn(value: unknown, type: TypeModel): unknown {
  const { kind } = underlying(type);
  const big = kind === "int64" || kind === "uint64";
  return big && typeof value === "number" ? BigInt(value) : value;
}

/** A maker of out-side values of a default. What is costly is put off to the first use: types may contain themselves. */
export function defaultMaker(value: unknown, sides: () => JsonSides): () => unknown {
  // Immutable values can be shared.
  if (typeof value !== "object" || value === null) return () => value;
  let made: { json: Json } | undefined;
  return () => sides().fromJson((made ??= { json: sides().toJson(value) }).json);
}
