/**
 * Parts of answers that need no handler.
 *
 * @module
 */
import type { DescriptionPart, MetaPart } from "./parts.ts";

/** `Redirect(url, status)`. */
export interface RedirectPart {
  /** Tells parts apart. */
  readonly kind: "redirect";
  /** Where requests are sent on to. */
  readonly url: string;
  /** HTTP status, 3xx. */
  readonly status: number;
}

/** What may stand in a `Files`. */
export type FilesMember = string | DescriptionPart | MetaPart | RedirectPart;

/** `Files(path, file, ...)`. */
export interface FilesPart {
  /** Tells parts apart. */
  readonly kind: "files";
  /** Path below those of the service. */
  readonly path: string;
  /** The file or directory. */
  readonly file: string;
  /** What was said of it. */
  readonly parts: readonly FilesMember[];
}
