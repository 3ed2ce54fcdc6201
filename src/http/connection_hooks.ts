/**
 * What a server may decide of a stream before it begins, and be told of while it lasts.
 *
 * @module
 */
import type { ConnectionHooks } from "../core/connections.ts";
import { checkNumbers } from "../core/check_options.ts";
import type { CallRequest } from "../core/exchange.ts";
import { checkHeaders } from "../core/sendable_headers.ts";
import { offeredProtocols, PLAIN, V1 } from "../ws/subprotocol.ts";
import { STREAM_LIMITS, type StreamLimits } from "./limits.ts";

/** A call for a stream that may be accepted: it is routed, its payload is valid, and its caller verified. */
export interface ArrivingCall extends CallRequest {
  /** The decoded payload; `undefined` without. */
  readonly payload: unknown;
  /** What verified the caller, as `call.auth`. */
  readonly auth: unknown;
}

/** How a stream is accepted; what is left out is as ever. */
export interface AcceptChoice {
  /** Further headers of the response: of the upgrade, or of the event stream. */
  readonly headers?: HeadersInit;
  /**
   * WebSocket: the subprotocol to select, of those that the caller offers, for callers that are no client of goats and
   * want one; messages are those of the plain wire.
   */
  readonly protocol?: string;
  /** Bounds of this stream, in place of those of all. Server-Sent Events know `lifeMs` of them alone. */
  readonly limits?: StreamLimits;
  /** WebSocket: `"plain"` does not select `goats.v1`. */
  readonly wire?: "plain";
}

/** Functions that decide on streams and are told of them. */
export interface HttpConnectionHooks extends ConnectionHooks {
  /**
   * Decides on a stream before it begins: before the upgrade of a WebSocket, and before the first byte of an event
   * stream. What it throws refuses the stream with an ordinary HTTP response. Not called when a connection of `goats.v1`
   * is resumed; called twice when a client whose upgrade was refused asks why (header `goats-probe`).
   *
   * @param request The HTTP request, its body read
   * @param call What is known of the call
   */
  accept?(request: Request, call: ArrivingCall): AcceptChoice | void | Promise<AcceptChoice | void>;
}

/** What of a choice an upgrade is told. */
export interface UpgradeChoice {
  readonly headers?: Headers;
  readonly protocol?: string;
  readonly wire?: "plain";
}

/**
 * Reads a choice for an upgrade.
 *
 * @param where What is accepted, for messages
 * @throws {TypeError} When it selects a subprotocol that cannot be selected, headers that cannot be sent, or limits that
 * are none
 */
export function upgradeChoice(choice: AcceptChoice, request: Request, where: string): UpgradeChoice {
  const { protocol, wire, limits } = choice;
  const headers = choice.headers === undefined ? undefined : new Headers(choice.headers);
  if (headers !== undefined) checkHeaders(headers);
  checkNumbers(`accept ${where}`, "limits", limits, STREAM_LIMITS);
  return {
    headers,
    // goats' own are selected by goats.
    protocol: protocol === V1 || protocol === PLAIN ? undefined : checked(protocol, request.headers),
    wire: protocol === PLAIN ? "plain" : wire,
  };
}

function checked(protocol: string | undefined, headers: Headers): string | undefined {
  if (protocol === undefined) return undefined;
  // Tokens ride among the offers, and are not to be told.
  if (protocol.startsWith("goats.") || !offeredProtocols(headers).includes(protocol)) {
    throw new TypeError(
      `Cannot select the subprotocol ${JSON.stringify(protocol)}: the caller does not offer it`,
    );
  }
  return protocol;
}
