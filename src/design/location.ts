/**
 * Where a word was written.
 *
 * @module
 */

/** One line of a stack: V8's `at name (url:line:column)` and `at url:line:column`, others' `name@url:line:column`. */
const FRAME = /^(?:\s*at (?:.* \()?|[^@]*@)(.+):(\d+):\d+\)?$/;

/**
 * `file:line` of the caller of the word that calls this; `undefined` where the runtime does not tell.
 * Frames are counted rather than told by file name, so that a bundle, where all is one file, works too.
 */
export function callerLocation(): string | undefined {
  return locationIn(new Error().stack, 2);
}

/** `file:line` of the frame at the given depth of a stack. */
export function locationIn(stack: string | undefined, depth: number): string | undefined {
  if (typeof stack !== "string") return undefined;
  let found = 0;
  for (const line of stack.split("\n")) {
    const frame = FRAME.exec(line);
    if (frame === null) continue;
    if (found++ === depth) return `${readable(frame[1]!)}:${frame[2]}`;
  }
  return undefined;
}

function readable(url: string): string {
  if (!url.startsWith("file://")) return url;
  try {
    return decodeURIComponent(url.slice("file://".length));
  } catch {
    return url; // a path with a bare % sign
  }
}
