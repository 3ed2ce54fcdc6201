/**
 * A streaming call over a WebSocket, at the client: the global `WebSocket` of Deno, Node ≥ 22 and browsers.
 *
 * @module
 */
import type { ClientCodec, ClientExchange } from "../core/exchange.ts";
import type { MethodModel } from "../design/model.ts";
import type { ServiceError } from "../errors/service_error.ts";
import type { WsLimits } from "./limits.ts";

/** What to open, and how. */
export interface WsClientOptions {
  /** `ws://` or `wss://`, with path and query. */
  readonly url: string;
  /** Subprotocols to offer. Default: none. */
  readonly protocols?: readonly string[];
  /** Request headers. A browser cannot send any: see {@linkcode sendsHeaders}. */
  readonly headers?: Headers;
  readonly codec: ClientCodec<string>;
  readonly limits?: WsLimits;
  /**
   * Finds out why a handshake failed, which a native WebSocket does not tell: the error the server would answer, or
   * `undefined` when it names none. Without a probe a failed handshake is `unavailable`.
   */
  readonly probe?: () => Promise<ServiceError | undefined>;
}

/** Whether this runtime's WebSocket can send request headers: Deno's and Node's can, a browser's cannot. */
export declare function sendsHeaders(): boolean;

/**
 * Opens a call on the plain wire. Never throws: what goes wrong rejects `opened`, `closed` and all else.
 *
 * @param method The method called
 * @param options See {@linkcode WsClientOptions}
 */
export declare function openWebSocket(method: MethodModel, options: WsClientOptions): ClientExchange<string>;
