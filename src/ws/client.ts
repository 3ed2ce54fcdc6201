/**
 * A streaming call over a WebSocket, at the client: the global `WebSocket` of Deno, Node ≥ 22 and browsers.
 *
 * @module
 */
import type { ClientCodec, ClientExchange, ClientRequest } from "../core/exchange.ts";
import type { ServiceError } from "../errors/service_error.ts";
import { resolveLimits, type WsLimits } from "./limits.ts";
import { plainClientCodec } from "./codec.ts";
import { plainClient } from "./plain_client.ts";

/** How to open a call. */
export interface WsClientOptions {
  /** `ws://` or `wss://`, with path and query. */
  readonly url: string;
  /** Subprotocols to offer. Default: none. */
  readonly protocols?: readonly string[];
  /** Request headers. Default: those of the request. A browser cannot send any: see {@linkcode sendsHeaders}. */
  readonly headers?: Headers;
  /** Default: the JSON codec of the method, which takes results in whatever view the server chose. */
  readonly codec?: ClientCodec<string>;
  /** Bounds of the socket. */
  readonly limits?: WsLimits;
  /**
   * Finds out why a handshake failed, which a native WebSocket does not tell: the error the server would answer, or
   * `undefined` when it names none. Without a probe a failed handshake is `unavailable`. The signal aborts when nobody
   * waits for the answer any more.
   */
  readonly probe?: (signal: AbortSignal) => Promise<ServiceError | undefined>;
}

interface Runtime {
  readonly Deno?: unknown;
  readonly process?: { readonly versions?: { readonly node?: string } };
}

/** Whether this runtime's WebSocket can send request headers: Deno's and Node's can, a browser's cannot. */
export function sendsHeaders(): boolean {
  const { Deno, process } = globalThis as Runtime;
  return Deno !== undefined || process?.versions?.node !== undefined;
}

/**
 * Opens a call on the plain wire. Never throws: what goes wrong rejects `opened`, `closed` and all else.
 *
 * @param request The call; its payload is in the URL already
 * @param options See {@linkcode WsClientOptions}
 */
export function openWebSocket(request: ClientRequest, options: WsClientOptions): ClientExchange<string> {
  const { method } = request;
  const { url, protocols = [], headers = request.headers, probe } = options;
  return plainClient({
    method,
    codec: options.codec ?? plainClientCodec(method),
    limits: resolveLimits(options.limits),
    probe,
    connect: () => connect(url, protocols, headers),
  });
}

/** Deno and Node take an object with headers where the standard has the list of protocols. */
type Connect = new (url: string, options: { protocols: string[]; headers: Headers }) => WebSocket;

function connect(url: string, protocols: readonly string[], headers: Headers): WebSocket {
  const offered = [...protocols];
  if (!sendsHeaders() || headers.keys().next().done) return new WebSocket(url, offered);
  return new (WebSocket as unknown as Connect)(url, { protocols: offered, headers });
}
