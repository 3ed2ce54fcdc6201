/**
 * A streaming call over a WebSocket, at the client: the global `WebSocket` of Deno, Node ≥ 22 and browsers.
 *
 * @module
 */
import { runtimeView } from "../codec/view.ts";
import type { ResolvedReconnect } from "../core/backoff.ts";
import { deferredExchange } from "../core/deferred_exchange.ts";
import type { ClientExchange, ClientRequest } from "../core/exchange.ts";
import { failedExchange } from "../core/failed_exchange.ts";
import type { ServiceError } from "../errors/service_error.ts";
import type { Frame } from "./batch.ts";
import { plainClientCodec, type WsClientCodec } from "./codec.ts";
import { resolveLimits, type WsLimits } from "./limits.ts";
import { plainClient, type PlainClientOptions } from "./plain_client.ts";
import { inTime } from "./probe.ts";
import { V1 } from "./subprotocol.ts";
import { HEARTBEAT_MS } from "./heartbeat.ts";
import { opens, v1Client } from "./v1_client.ts";

/** Where to connect, and with what. */
export interface Handshake {
  /** `ws://` or `wss://`, with path and query. */
  readonly url: string;
  /** Subprotocols to offer besides those of the wire. Default: none. */
  readonly protocols?: readonly string[];
  /** Request headers. Default: those of the request. A browser cannot send any: see {@linkcode sendsHeaders}. */
  readonly headers?: Headers;
  /** Makes sockets. Default: the global `WebSocket`. */
  readonly webSocket?: MakeWebSocket;
}

/** Makes a socket in place of the global `WebSocket`; there are headers only where that one takes some. */
export type MakeWebSocket = (
  url: string,
  options: { readonly protocols: string[]; readonly headers?: Headers },
) => WebSocket;

/** How to open a call. */
export interface WsClientOptions extends Handshake {
  /** Makes the handshake anew, with a token of today, to come back after a lost connection. Default: the same again. */
  readonly again?: () => Handshake | Promise<Handshake>;
  /** Default: the JSON codec of the method, which takes results in whatever view the server chose. */
  readonly codec?: WsClientCodec;
  /** Bounds of the socket. */
  readonly limits?: WsLimits;
  /** `"plain"`: offers nothing else. Default: `goats.v1`, where the server speaks it. */
  readonly wire?: "goats.v1" | "plain";
  /** ms between the pings of `goats.v1`; 0: none, and a dead server is not found. Default 15 s. */
  readonly heartbeatMs?: number;
  /** How a lost connection of `goats.v1` is tried again. Default: not at all. */
  readonly reconnect?: ResolvedReconnect;
  /**
   * Finds out why a handshake failed, which a native WebSocket does not tell: the error the server would answer, or
   * `undefined` when it names none. Without a probe a failed handshake is `unavailable`. The signal aborts when nobody
   * waits for the answer any more.
   */
  readonly probe?: (signal: AbortSignal) => Promise<ServiceError | undefined>;
  /** Takes what goes on after the call, for a moment: taking leave of a server that has not answered the handshake yet. */
  readonly background?: (task: Promise<void>) => void;
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
 * Whether this runtime's handshake fails when the server selects none of the offered subprotocols, as the standard says
 * (WHATWG WebSockets, "establish a WebSocket connection", step 11); Deno's opens.
 */
function needsSelection(): boolean {
  return (globalThis as Runtime).Deno === undefined;
}

/**
 * Origins whose servers did not speak `goats.v1` when asked, and until when they are not asked again, as it costs a
 * connection. Not for ever: a server that was away for the first handshake and there for the second looks the same.
 */
const plainOrigins = new Map<string, number>();

/** How long it is remembered. */
const PLAIN_MS = 10 * 60_000;

function knownPlain(origin: string): boolean {
  const until = plainOrigins.get(origin);
  if (until === undefined) return false;
  if (performance.now() < until) return true;
  plainOrigins.delete(origin);
  return false;
}

/**
 * Opens a call, on `goats.v1` if the server speaks it, else on the plain wire. Never throws: what goes wrong rejects
 * `opened`, `closed` and all else.
 *
 * @param request The call; its payload is in the URL already
 * @param options See {@linkcode WsClientOptions}
 */
export function openWebSocket(request: ClientRequest, options: WsClientOptions): ClientExchange<Frame> {
  const { method } = request;
  const { url, wire = V1, codec = plainClientCodec(method), background } = options;
  const first: Handshake = { headers: request.headers, ...options };
  const limits = resolveLimits(options.limits);
  const probe = options.probe && inTime(options.probe, limits.openMs);
  const plain = (with_: Pick<PlainClientOptions, "connect">) =>
    plainClient({ method, codec, limits, probe, ...with_ });
  const origin = URL.canParse(url) ? new URL(url).origin : "";
  if (wire === "plain" || knownPlain(origin)) return plain({ connect: () => connect(first) });

  const givenUp = new AbortController();
  const { again = () => first } = options;

  async function choose(): Promise<ClientExchange<Frame>> {
    let socket: WebSocket;
    try {
      socket = connect(first, V1);
    } catch (error) {
      return plain({
        connect() {
          throw error;
        },
      });
    }
    const exchange = await opens(
      socket,
      // A server of the plain wire answers when its handler has chosen the view.
      { ms: runtimeView(method) ? Infinity : limits.openMs, signal: givenUp.signal, background },
      () =>
        socket.protocol === V1
          ? v1Client({
            method,
            codec,
            limits: options.limits ?? {},
            resolved: limits,
            heartbeatMs: options.heartbeatMs ?? HEARTBEAT_MS,
            reconnect: options.reconnect,
            socket,
            connect: async (resume) => connect(await again(), V1, resume),
            probe,
            onState: request.onState,
            background,
          })
          : plain({ connect: () => socket }),
    );
    if (exchange !== undefined) return exchange;
    // The socket at hand is taking its leave, and there is no call for another.
    if (givenUp.signal.aborted) return failedExchange(givenUp.signal.reason);
    if (!needsSelection()) return plain({ connect: () => socket });
    // It may be for the offer alone: once more without it.
    const second = plain({ connect: () => connect(first) });
    second.opened.then(() => plainOrigins.set(origin, performance.now() + PLAIN_MS), () => {});
    return second;
  }

  return deferredExchange(codec, choose(), (reason) => givenUp.abort(reason));
}

/** Deno and Node take an object with headers where the standard has the list of protocols. */
type Connect = new (url: string, options: { protocols: string[]; headers: Headers }) => WebSocket;

function connect({ url, protocols = [], headers, webSocket }: Handshake, ...wire: string[]): WebSocket {
  const offered = [...wire, ...protocols];
  const bare = !sendsHeaders() || headers === undefined || headers.keys().next().done;
  if (webSocket !== undefined) return webSocket(url, { protocols: offered, ...(bare ? {} : { headers }) });
  if (bare) {
    return new WebSocket(url, offered);
  }
  return new (WebSocket as unknown as Connect)(url, { protocols: offered, headers });
}
