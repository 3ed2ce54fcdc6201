/**
 * Answers that need no handler: static files and redirections.
 *
 * @module
 */
import type { FilesMember, FilesPart, RedirectPart } from "./files_parts.ts";
import { part } from "./freeze.ts";

/**
 * Static files of a service. A path that ends in a wildcard (`/assets/{*path}`) serves what is in a directory, any
 * other path one file. Paths of files are relative to the working directory of the server.
 *
 * @example
 * ```ts
 * import { Files } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Files("/assets/{*path}", "public", "Scripts and styles").file, "public");
 * ```
 */
export function Files(path: string, file: string, ...parts: readonly FilesMember[]): FilesPart {
  return part({ kind: "files", path, file, parts });
}

/**
 * In `HTTP` of a method or in `Files`: requests are sent on to another URL, and no handler runs.
 *
 * @example
 * ```ts
 * import { Redirect, StatusMovedPermanently } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Redirect("/new", StatusMovedPermanently).status, 301);
 * ```
 */
export function Redirect(url: string, status: number): RedirectPart {
  return part({ kind: "redirect", url, status });
}
