/**
 * Which bodies are JSON.
 *
 * @module
 */

const JSON_TYPE = /^\s*application\/(?:json|[\w!#$&^.+-]+\+json)\s*(?:;|$)/i;
const CHARSET = /;\s*charset\s*=\s*"?([^\s";]+)/i;

/** Whether a `content-type` names JSON in UTF-8, the only encoding that JSON has between systems (RFC 8259 §8.1). */
export function isJsonType(contentType: string): boolean {
  if (!JSON_TYPE.test(contentType)) return false;
  const charset = CHARSET.exec(contentType)?.[1]?.toLowerCase();
  return charset === undefined || charset === "utf-8" || charset === "utf8" || charset === "us-ascii";
}
