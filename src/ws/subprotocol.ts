/**
 * The subprotocols of `Sec-WebSocket-Protocol`.
 *
 * @module
 */

/** Names the plain wire, for browsers that offer it beside a token and need one protocol selected. */
export const PLAIN = "goats.plain";

/** What a handshake offers. Any white space and empty members between commas will do (RFC 9110 §5.6.1). */
export function offeredProtocols(headers: Headers): string[] {
  const list = headers.get("sec-websocket-protocol") ?? "";
  return list.split(",").map((name) => name.trim()).filter((name) => name !== "");
}

/** Which of them serves the call, if any: what else is offered (a token, say) is never selected. */
export function selectProtocol(offered: readonly string[]): string | undefined {
  return offered.includes(PLAIN) ? PLAIN : undefined;
}
