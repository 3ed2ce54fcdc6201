/**
 * A streaming call over a WebSocket, at the server: from the HTTP request that asks for the upgrade to the end.
 *
 * @module
 */
import type { Endpoint } from "../core/endpoint.ts";
import type { CallRequest } from "../core/exchange.ts";
import type { ServeCallOptions } from "../core/serve_call.ts";
import type { ServiceError } from "../errors/service_error.ts";
import type { WsLimits } from "./limits.ts";

/** What a WebSocket server needs to be told. */
export interface WsServerOptions extends ServeCallOptions {
  readonly limits?: WsLimits;
  /**
   * Origins that may open a socket, as `scheme://host[:port]`, or `"*"`. Default: the origin whose host is the
   * request's own `Host`. A request without `Origin` passes always.
   */
  readonly origins?: readonly string[] | "*";
  /** Makes the HTTP response of a call that fails before the upgrade. */
  readonly errorResponse: (error: ServiceError) => Response;
}

/**
 * Serves a streaming call over the WebSocket that `request` asks for. Routing, payload decoding and validation, and
 * security came before; here come the check of `Origin` (403 `forbidden` by `errorResponse`), the upgrade, and the call.
 *
 * Where the view is chosen at run time the upgrade waits for the core's `open`, so that `goa-view` can tell the view,
 * and an error before it is an ordinary HTTP response; else the upgrade is immediate, and headers that the handler
 * sets cannot be told.
 *
 * Nothing of `request` can be read any more once it is upgraded (Deno throws "Request closed"); the headers of `call`
 * are copied before that.
 *
 * @param request The HTTP request, an upgrade to WebSocket
 * @param call What is known of the call (transport `"ws"`)
 * @param endpoint Method and handler
 * @param payload The decoded and validated payload, or `undefined`
 * @param options See {@linkcode WsServerOptions}
 */
export declare function serveWebSocket(
  request: Request,
  call: CallRequest,
  endpoint: Endpoint,
  payload: unknown,
  options: WsServerOptions,
): Response | Promise<Response>;
