/**
 * Whether a caller asks for events.
 *
 * @module
 */

/** Media type of event streams. */
export const EVENT_STREAM = "text/event-stream";

const QUALITY = /;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*(?:;|$)/i;

/**
 * Whether `Accept` names event streams (a wildcard does not: everything would), and does not rank JSON above them
 * (RFC 9110 §12.5.1).
 */
export function acceptsEvents(headers: Headers): boolean {
  const accept = headers.get("accept");
  if (accept === null) return false;
  let events = 0;
  let json = 0;
  for (const range of accept.split(",")) {
    const type = range.split(";", 1)[0]!.trim().toLowerCase();
    const quality = Number(QUALITY.exec(range)?.[1] ?? 1);
    if (type === EVENT_STREAM) events = Math.max(events, quality);
    else if (type === "application/json") json = Math.max(json, quality);
  }
  return events > 0 && events >= json;
}
