/**
 * What the gRPC transport needs of the library below it: calls made of headers, framed messages and a status. grpc-js
 * is the only one so far; another HTTP/2 engine would stand in here. All four kinds of call look the same on the wire,
 * so they do here.
 *
 * @module
 */
import type { Pair } from "../codec/pairs.ts";
import type { TransportName } from "../core/exchange.ts";
import type { Inbox } from "../core/inbox.ts";
import type { PeerCertificate } from "../core/peer_certificate.ts";
import type { ServiceError } from "../errors/service_error.ts";
import type { Detail } from "./status_decode.ts";

/** How a call ended. */
export interface WireStatus {
  /** gRPC status code. */
  readonly code: number;
  /** `grpc-message`. */
  readonly message: string;
  /** Trailers other than the status itself. */
  readonly trailers: Headers;
  /** What attributes add to the trailers; to be sent only. */
  readonly pairs?: readonly Pair[];
  /** A serialized `google.rpc.Status`: `grpc-status-details-bin`. */
  readonly details?: Uint8Array;
}

/** How a call ended, as a client learns it. */
export interface ReceivedStatus extends Omit<WireStatus, "pairs"> {
  /** The details, on wires that do not carry them as `google.rpc.Status`. */
  readonly told?: readonly Detail[];
  /** What went wrong on this side of the wire, in place of what the status says. */
  readonly failure?: { readonly reason: unknown };
}

/** What both ends of a call can do. */
interface Wire {
  /**
   * Received messages. Holds a bounded number: the peer is made to wait for the reader. Its end is told at the server
   * by the engine (half-close, or the call's failure), at the client by whoever reads the status.
   */
  readonly inbox: Inbox<Uint8Array>;
  /**
   * Sends a message. Returns nothing while there is room for more, else a promise for the room that rejects when the
   * call is over first.
   */
  write(message: Uint8Array): void | Promise<void>;
}

/** A call at the server. */
export interface ServerWire extends Wire {
  /** Request metadata, made when first asked for. */
  headers(): Headers;
  /** Size of the request metadata, as HTTP/2 counts it. */
  readonly metadataBytes: number;
  /** `host:port`, `""` when unknown. */
  readonly peer: string;
  /** ms since the epoch. */
  readonly deadline: number | undefined;
  /** Why there is nothing to serve. */
  readonly refusal?: ServiceError;
  /** Gives the peer's verified certificate; `undefined` when it has none. Costs something. Absent without TLS. */
  readonly certificate?: () => PeerCertificate | undefined;
  /** Sends the response headers, once, and what attributes add to them. */
  sendHeaders(headers: Headers, pairs?: readonly Pair[]): void;
  /** Sends the status after all messages. Resolves when it was handed over or the peer is gone. */
  end(status: WireStatus): Promise<void>;
  /**
   * Calls `hook`, once, when the peer has gone or cancelled, or the deadline has passed, before `end`; with an error where
   * it is given up for another reason. It returns what reads and writes shall reject with.
   */
  onGone(hook: (why?: ServiceError) => unknown): void;
}

/** What the core's side of a call at the server needs of it: other wires that carry gRPC's messages have as much. */
export interface CallWire extends Omit<ServerWire, "inbox" | "metadataBytes"> {
  readonly inbox: Pick<Inbox<Uint8Array>, "read" | "discard">;
  /** Default `"grpc"`. */
  readonly transport?: TransportName;
}

/** What a client is told of its call. */
export interface ClientEvents {
  /** Response headers; not at all when the call failed at once. */
  headers(headers: Headers): void;
  /**
   * The status, once; a few messages may still be on their way to the inbox. Returns what makes that which writes shall
   * reject with: few do.
   */
  status(status: ReceivedStatus): () => unknown;
  /** Every message is in the inbox. Comes after the status. */
  drained(): void;
}

/** A call at the client. Once cancelled it tells nothing more. */
export interface ClientWire extends Wire {
  /** Half-closes. */
  closeSend(): void;
  /** Resets the stream. `reason` is what writes shall reject with. Does nothing after the status. */
  cancel(reason: unknown): void;
}

/** What becomes of a call with more metadata than is taken; every gRPC library words it like this. */
export function tooMuchMetadata(bytes: number, limit: number): string {
  return `received metadata larger than max (${bytes} vs. ${limit})`;
}

/** What a client asks to open. */
export interface WireRequest {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** Request metadata. */
  readonly headers: Headers;
  /** What attributes add to the metadata. */
  readonly pairs?: readonly Pair[];
  /** ms since the epoch. */
  readonly deadline?: number;
  /** The one message, of a call that sends one: this side is half-closed behind it. */
  readonly message?: Uint8Array;
}

/** A connection, or a way to get one, at the client. */
export interface ClientEngine {
  /**
   * Opens a call.
   *
   * @throws {TypeError} When a header cannot be sent
   */
  open(request: WireRequest, events: ClientEvents): ClientWire;
  /** Lets go of connections. */
  close(): void;
}

/** A server to be. */
export interface ServerEngine {
  /**
   * Serves a path.
   *
   * @param where `service.method`, for messages; default: the path
   */
  handle(path: string, serve: (call: ServerWire) => void, where?: string): void;
  /** Listens on `host:port` (port 0: a free one) or `unix:path`; resolves to the port. */
  listen(address: string): Promise<number>;
  /** Accepts nothing more and says goodbye to clients; resolves when their calls are over. */
  close(): Promise<void>;
  /** Cuts all connections. */
  destroy(): void;
}
