/**
 * How a request asks to be answered.
 *
 * @module
 */
import type { MethodModel } from "../design/model.ts";
import { acceptsEvents } from "../sse/accept.ts";

/** Whether a request is the handshake of RFC 6455 §4.1, as far as it can be told from any other. */
export function asksForWebSocket(request: Request): boolean {
  const upgrade = request.headers.get("upgrade");
  return request.method === "GET" && upgrade !== null &&
    upgrade.split(",").some((protocol) => protocol.trim().toLowerCase() === "websocket");
}

/** How a request is answered: a stream as events where the design or the caller says so, else over a WebSocket. */
export function transportOf(method: MethodModel, request: Request): "http" | "sse" | "ws" {
  if (method.kind !== "server") return method.kind === "unary" ? "http" : "ws";
  const asked = acceptsEvents(request.headers);
  if (method.result !== undefined) return asked ? "sse" : "http";
  if (method.http?.sse !== undefined) return "sse";
  return asked && !asksForWebSocket(request) && !isProbe(request) ? "sse" : "ws";
}

/** Whether a request asks why a handshake like it failed: contract §6. */
export function isProbe(request: Request): boolean {
  return request.headers.get("goats-probe") === "1";
}
