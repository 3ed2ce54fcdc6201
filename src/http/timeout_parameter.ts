/**
 * How a caller tells its deadline over HTTP. Contract §6: the header `goats-timeout` (ms), or that query parameter from
 * browsers, whose WebSocket sends no headers.
 *
 * @module
 */
import { ServiceError } from "../errors/service_error.ts";
import { parseQuery } from "./url_parts.ts";

/** Name of the header and of the query parameter. */
export const TIMEOUT = "goats-timeout";

/** Digits enough for 31,000 years. */
const MILLISECONDS = /^\d{1,15}$/;

/**
 * When the call must be over, in ms since the epoch; `undefined` when the caller set no deadline.
 *
 * @param query Raw query string
 * @throws {ServiceError} `invalid_format`
 */
export function readDeadline(headers: Headers, query: string, context: string): number | undefined {
  const text = headers.get(TIMEOUT) ??
    (query.includes(TIMEOUT) ? parseQuery(query, context).get(TIMEOUT)?.[0] : undefined);
  if (text === undefined) return undefined;
  if (!MILLISECONDS.test(text)) {
    throw new ServiceError(
      "invalid_format",
      `${context}: ${TIMEOUT} must be a whole number of milliseconds but got ${
        JSON.stringify(text.slice(0, 64))
      }`,
    );
  }
  return Date.now() + Number(text);
}

/** The value to send for a timeout in ms. */
export function timeoutText(timeout: number): string {
  return String(Math.min(Math.max(Math.ceil(timeout), 0), 999_999_999_999_999));
}
