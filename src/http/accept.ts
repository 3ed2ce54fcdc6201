/**
 * Chooses a media type by the `Accept` of a request (RFC 9110 §12.5.1).
 *
 * @module
 */
import { essenceOf } from "../design/media_type.ts";

/**
 * The media type that the caller likes best; of those it likes as much, the first.
 *
 * @param accept Value of the header; without one anything goes
 * @param offered In the order the server prefers
 * @returns `undefined` when the caller accepts none
 */
export function chooseMediaType(accept: string | null, offered: readonly string[]): string | undefined {
  if (accept === null || accept.trim() === "") return offered[0];
  const ranges = accept.split(",").map(rangeOf);
  let best: string | undefined;
  let bestQuality = 0;
  for (const mediaType of offered) {
    const quality = qualityOf(essenceOf(mediaType), ranges);
    if (quality > bestQuality) [best, bestQuality] = [mediaType, quality];
  }
  return best;
}

interface Range {
  readonly essence: string;
  readonly quality: number;
}

function rangeOf(text: string): Range {
  const quality = /;\s*q\s*=\s*([\d.]+)/i.exec(text)?.[1];
  const number = quality === undefined ? 1 : Number(quality);
  return { essence: essenceOf(text), quality: Number.isFinite(number) ? Math.min(number, 1) : 0 };
}

/** The most specific range that fits counts. */
function qualityOf(essence: string, ranges: readonly Range[]): number {
  const [type] = essence.split("/");
  for (const pattern of [essence, `${type}/*`, "*/*"]) {
    const range = ranges.find((one) => one.essence === pattern);
    if (range !== undefined) return range.quality;
  }
  return 0;
}
