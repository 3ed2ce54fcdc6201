/**
 * The header of Basic authentication (RFC 7617), in UTF-8.
 *
 * @module
 */
import { fromBase64, toBase64 } from "../codec/base64.ts";
import { ServiceError } from "../errors/service_error.ts";

/** A user name and a password. */
export interface NameAndPassword {
  readonly username: string;
  readonly password: string;
}

const BASIC = /^basic +([^ ]+) *$/i;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads the header; `undefined` when it is of another scheme, or malformed. */
export function parseBasic(header: string): NameAndPassword | undefined {
  const match = BASIC.exec(header);
  if (match === null) return undefined;
  const bytes = fromBase64(match[1]!);
  if (bytes === undefined) return undefined;
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return undefined;
  }
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f]/;

/**
 * Writes the header.
 *
 * @throws {ServiceError} `invalid_format` when the two cannot be told apart again
 */
export function formatBasic({ username, password }: NameAndPassword, context: string): string {
  if (username.includes(":") || CONTROL.test(username) || CONTROL.test(password)) {
    throw new ServiceError(
      "invalid_format",
      `${context}: Basic authentication has no colon in the user name and no control characters`,
    );
  }
  return `Basic ${toBase64(new TextEncoder().encode(`${username}:${password}`))}`;
}
