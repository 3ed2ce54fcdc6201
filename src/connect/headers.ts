/**
 * What of a call travels in headers: metadata, timeouts, statuses.
 *
 * @module
 */
import type { Pair } from "../codec/pairs.ts";
import { checkHeaders } from "../core/sendable_headers.ts";
import { ServiceError } from "../errors/service_error.ts";
import { malformedTimeout, timeoutMs } from "../grpc/timeout.ts";

/** Headers that belong to HTTP and to the protocols; the server sets them. */
const RESERVED =
  /^(?:grpc-.*|connect-.*|trailer-.*|te|content-(?:type|length|encoding)|connection|host|keep-alive|transfer-encoding|upgrade)$/;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/**
 * Adds metadata to headers; what belongs to the protocol is left out.
 *
 * @param pairs What attributes make; they beat headers of their keys
 * @param prefix Put before each name
 * @throws {TypeError} When a value cannot be carried: not base64 for a `-bin` key, or with control characters
 */
export function addMetadata(
  to: Headers,
  metadata: Headers,
  pairs: readonly Pair[] = [],
  prefix = "",
): Headers {
  // Before any of them is added: the error that this becomes travels with the same headers.
  checkHeaders(metadata);
  checkHeaders(new Headers(pairs as [string, string][]));
  for (const [name, value] of metadata) {
    if (RESERVED.test(name) || pairs.some(([key]) => key === name)) continue;
    if (name.endsWith("-bin") && !value.split(",").every((one) => BASE64.test(one.trim()))) {
      throw new TypeError(`Cannot send header ${name}: its value is not base64`);
    }
    to.append(prefix + name, value);
  }
  for (const [name, value] of pairs) to.append(prefix + name, value);
  return to;
}

/** Takes the headers that begin with `trailer-` for the trailers that they are. */
export function splitTrailers(from: Headers): { readonly headers: Headers; readonly trailers: Headers } {
  const headers = new Headers();
  const trailers = new Headers();
  for (const [name, value] of from) {
    if (name.startsWith("trailer-")) trailers.append(name.slice("trailer-".length), value);
    else headers.append(name, value);
  }
  return { headers, trailers };
}

/** Name of Connect's header for a timeout. */
export const CONNECT_TIMEOUT = "connect-timeout-ms";

/**
 * ms that a caller gives a call; `undefined` when it says nothing of it.
 *
 * @throws {ServiceError} `invalid_format`
 */
export function readTimeout(headers: Headers, grpc: boolean, where: string): number | undefined {
  const name = grpc ? "grpc-timeout" : CONNECT_TIMEOUT;
  const text = headers.get(name);
  if (text === null) return undefined;
  const ms = grpc ? timeoutMs(text) : /^\d{1,10}$/.test(text) ? Number(text) : undefined;
  if (ms === undefined) throw new ServiceError("invalid_format", malformedTimeout(name, text, where));
  return ms;
}

/** A status message as `grpc-message` wants it: UTF-8, percent-encoded but for printable ASCII. */
export function percentEncoded(text: string): string {
  return text.replaceAll(/[^ -$&-~]+/g, (part) => {
    let encoded = "";
    for (const byte of utf8.encode(part)) encoded += "%" + byte.toString(16).toUpperCase().padStart(2, "0");
    return encoded;
  });
}

const utf8 = new TextEncoder();
