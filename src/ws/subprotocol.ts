/**
 * The subprotocols of `Sec-WebSocket-Protocol`.
 *
 * @module
 */
import { fromBase64, toBase64 } from "../codec/base64.ts";

/** Names the plain wire, for browsers that offer it beside a token and need one protocol selected. */
export const PLAIN = "goats.plain";

/** The wire with flow control and resume: PROTOCOL.md. */
export const V1 = "goats.v1";

/** Leads a member of the offer beside {@linkcode V1} that names a stream to go on with: its token in hex. */
const RESUME = "goats.resume.";

/** A token in hex, which any subprotocol may consist of (RFC 6455 §4.1: a token of RFC 9110). */
export function tokenText(token: Uint8Array): string {
  let hex = "";
  for (const byte of token) hex += byte.toString(16).padStart(2, "0");
  return hex;
}

/** The member of the offer that asks to go on with a stream. */
export function resumeProtocol(token: Uint8Array): string {
  return RESUME + tokenText(token);
}

/** The token of the stream that a handshake wants to go on with, in hex. */
export function offeredResume(offered: readonly string[]): string | undefined {
  return offered.find((name) => name.startsWith(RESUME))?.slice(RESUME.length);
}

/** What a handshake offers. Any white space and empty members between commas will do (RFC 9110 §5.6.1). */
export function offeredProtocols(headers: Headers): string[] {
  const list = headers.get("sec-websocket-protocol") ?? "";
  return list.split(",").map((name) => name.trim()).filter((name) => name !== "");
}

/**
 * Which of them serves the call, if any: what else is offered (a token, say) is never selected.
 *
 * @param v1 Whether this server speaks {@linkcode V1}
 */
export function selectProtocol(offered: readonly string[], v1: boolean): string | undefined {
  if (v1 && offered.includes(V1)) return V1;
  return offered.includes(PLAIN) ? PLAIN : undefined;
}

/**
 * Leads a member of the offer that carries a credential, as a browser's WebSocket sends no headers:
 * `goats.token.<value>` stands for the header `Authorization`, `goats.token.<header>.<value>` for another one; the value
 * is in base64url without padding. Never selected, never echoed.
 */
const TOKEN = "goats.token.";

/** The member of the offer that carries a header. */
export function tokenProtocol(header: string, value: string): string {
  // A header's characters are its bytes.
  const base64 = toBase64(Uint8Array.from(value, (char) => char.charCodeAt(0)));
  const text = base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return header === "authorization" ? `${TOKEN}${text}` : `${TOKEN}${header}.${text}`;
}

/** The headers with those of `names` that the offer carries in their place; the same headers when it carries none. */
export function withOffered(headers: Headers, names: ReadonlySet<string>): Headers {
  let all: Headers | undefined;
  for (const protocol of offeredProtocols(headers)) {
    if (!protocol.startsWith(TOKEN)) continue;
    const rest = protocol.slice(TOKEN.length);
    const dot = rest.lastIndexOf(".");
    const name = dot < 0 ? "authorization" : rest.slice(0, dot).toLowerCase();
    if (!names.has(name) || (all ?? headers).has(name)) continue;
    const bytes = fromBase64(rest.slice(dot + 1));
    if (bytes === undefined) continue;
    try {
      // A header's characters are its bytes.
      (all ??= new Headers(headers)).set(name, String.fromCharCode(...bytes));
    } catch {
      // No header can have this value: the credential is as good as missing.
    }
  }
  return all ?? headers;
}
