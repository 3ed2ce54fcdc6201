/**
 * Knowing when the user leaves the page, in a browser.
 *
 * @module
 */

/** Whether there is a page that may be left (HTML standard, "pagehide"). */
const inPage = "onpagehide" in globalThis;

/**
 * Calls `left` when the user leaves the page; a page that the browser keeps, to show it again, is left too.
 *
 * @returns Stops that
 */
export function onPageLeft(left: () => void): () => void {
  if (!inPage) return nothing;
  addEventListener("pagehide", left);
  return () => removeEventListener("pagehide", left);
}

function nothing(): void {}
