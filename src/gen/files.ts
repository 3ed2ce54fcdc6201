/**
 * What generators take and give.
 *
 * @module
 */
import type { ServiceModel } from "../design/model.ts";

/** The services that a design module exports, in the order of their names. */
export interface GenDesign {
  /** Models of the services; each has the `API` that it belongs to. */
  readonly services: readonly ServiceModel[];
}

/** A file that a generator makes. */
export interface GeneratedFile {
  /** Relative to the output folder, with `/`. */
  readonly path: string;
  /** What is in it; ends with a line feed. */
  readonly text: string;
}

/** Makes files of a design: the same design gives the same bytes. */
export type Generator = (design: GenDesign) => readonly GeneratedFile[];
