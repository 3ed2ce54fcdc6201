/**
 * The handshake of a WebSocket in Deno.
 *
 * @module
 */

/** What the 101 response and the socket are to be like. */
export interface UpgradeOptions {
  /** Subprotocol to select, of those offered. */
  readonly protocol?: string;
  /** Time without a word from the peer after which the runtime takes it for dead; 0: never. */
  readonly idleMs: number;
  /** Further headers. */
  readonly headers?: Headers;
  /** Told as `goa-view`. */
  readonly view?: string;
}

/** A socket that opens once `response` is returned. */
export interface Upgraded {
  readonly socket: WebSocket;
  readonly response: Response;
}

interface Runtime {
  upgradeWebSocket(request: Request, options: { idleTimeout: number }): Upgraded;
}

/** The version of the protocol (RFC 6455 §4.1). */
export const WEBSOCKET_VERSION = "13";

/** Base64 of 16 bytes (RFC 6455 §4.2.1). */
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** What Deno takes as it comes: RFC 6455 §4.2.2 has the server abort the handshake. */
function checkHandshake(headers: Headers): void {
  const version = headers.get("sec-websocket-version");
  if (version !== WEBSOCKET_VERSION) {
    throw new TypeError(`Cannot upgrade to a WebSocket of version ${version}`);
  }
  const key = headers.get("sec-websocket-key");
  if (key === null || !KEY.test(key)) throw new TypeError("Cannot upgrade to a WebSocket: its key is none");
}

/** Headers of the handshake itself, which a handler must not touch. */
const RESERVED = /^(connection|upgrade|content-length|transfer-encoding|sec-websocket-.*)$/;

/**
 * Upgrades a request. Throws a `TypeError` when it is no proper handshake. After it nothing of the request can be read,
 * and the response has to be returned, or the client hangs (runtime.md).
 */
export function upgrade(request: Request, { protocol, idleMs, headers, view }: UpgradeOptions): Upgraded {
  // Looked up late, so that this module can be loaded anywhere.
  const { Deno } = globalThis as { Deno?: Runtime };
  if (Deno === undefined) throw new TypeError("Cannot upgrade to a WebSocket: only Deno can");
  checkHandshake(request.headers);
  // `protocol` is not given to the runtime: it splits the client's list on ", " alone and throws at "a,b".
  const upgraded = Deno.upgradeWebSocket(request, { idleTimeout: Math.ceil(idleMs / 1000) });
  const { headers: out } = upgraded.response;
  headers?.forEach((value, name) => {
    if (!RESERVED.test(name)) out.append(name, value);
  });
  if (protocol !== undefined) out.set("sec-websocket-protocol", protocol);
  if (view !== undefined) out.set("goa-view", view);
  return upgraded;
}
