/**
 * What a media type says of a body.
 *
 * @module
 */

/**
 * How a body of some media type is read and written: `json`; `text` and `raw`, a String or Bytes as they are; `form`,
 * the fields of an HTML form; `unknown` for formats of structured data that goats does not speak.
 */
export type MediaFormat = "json" | "text" | "raw" | "form" | "unknown";

/** What `MultipartRequest` sends. */
export const MULTIPART = "multipart/form-data";

/** The media type without its parameters, in lower case. */
export function essenceOf(mediaType: string): string {
  const semicolon = mediaType.indexOf(";");
  return (semicolon === -1 ? mediaType : mediaType.slice(0, semicolon)).trim().toLowerCase();
}

/** How bodies of a media type are read and written; `undefined` when the text is no media type. */
export function mediaFormatOf(mediaType: string): MediaFormat | undefined {
  const essence = essenceOf(mediaType);
  if (!/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(essence)) return undefined;
  if (essence === "application/json" || essence.endsWith("+json")) return "json";
  if (essence === "application/x-www-form-urlencoded") return "form";
  if (
    essence === "application/xml" || essence === "text/xml" ||
    essence.endsWith("+xml") && essence !== "image/svg+xml" ||
    essence === "application/gob" || essence === MULTIPART
  ) return "unknown";
  return essence.startsWith("text/") ? "text" : "raw";
}
