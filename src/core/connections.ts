/**
 * The streams that a server has open, to be looked at and closed, and who is told of them.
 *
 * @module
 */
import { serviceErrorOf } from "../errors/builtin.ts";
import type { ServiceError } from "../errors/service_error.ts";
import { attempt } from "./attempt.ts";
import type { CallRequest, ServerExchange, Vitals } from "./exchange.ts";
import { type OnError, tellError } from "./tell_error.ts";
import { TransientMap } from "./transient.ts";

/** One stream of a server: a call and the connection that carries it. */
export interface Connection {
  /** Names it, in logs say: no other one in any process has it, and a resumed connection keeps it. Not a secret. */
  readonly id: string;
  /** What was called, by whom, with which headers. */
  readonly request: CallRequest;
  /** What verified the caller, as `call.auth`; `undefined` without, and until it has. */
  readonly auth: unknown;
  /** When it came, in ms since the epoch. */
  readonly since: number;
  /**
   * When the server last had something of the peer, in ms since the epoch: a message, or a control frame of `goats.v1`;
   * on Server-Sent Events, where the peer says nothing, when it last took something.
   */
  readonly lastSeen: number;
  /** What was sent and not yet taken by the peer: messages, and their size. */
  readonly buffered: { readonly messages: number; readonly bytes: number };
  /** Round-trip time in ms as last measured; `undefined` where the wire does not measure it. */
  readonly rtt: number | undefined;
  /** What carries it. */
  readonly wire: Vitals["wire"];
  /** `paused` while the connection is lost and its caller may come back. */
  readonly state: "open" | "paused";
  /**
   * Ends the call: its `signal` aborts, and the caller sees the error. Does nothing once the call is over.
   *
   * @param error Default: as at a shutdown, `unavailable` (close code 1001), so that a client calls an `Idempotent`
   * method anew
   */
  close(error?: ServiceError): void;
}

/**
 * The streams that a server has open: in any order, from the moment that they are accepted until their call is over
 * and their connection is closed.
 */
export interface Connections extends Iterable<Connection> {
  /** How many there are. */
  readonly size: number;
  /** The one of that id, if it is open. */
  get(id: string): Connection | undefined;
  /**
   * Closes those that `which` chooses, all without it.
   *
   * @param which Chooses
   * @param error See {@linkcode Connection.close}
   * @returns How many were closed
   */
  closeAll(which?: (connection: Connection) => boolean, error?: ServiceError): number;
}

/** How a connection ended. */
export interface ConnectionEnd {
  /** The close code that ended a WebSocket (1006 without a close frame); absent on other wires. */
  readonly code?: number;
  /** What the close frame said. */
  readonly reason?: string;
  /** What the call ended with; absent when it ended well. */
  readonly error?: ServiceError;
}

/**
 * Functions that are told of connections. What they throw goes to `onError` as a fault and harms neither call nor
 * process; nobody waits for what they return.
 */
export interface ConnectionHooks {
  /** A caller was let in: right before the handler runs. */
  open?(connection: Connection): unknown;
  /** The peer answered a ping of `goats.v1`, after so many ms. */
  ping?(connection: Connection, rttMs: number): unknown;
  /** The call is over and its connection is closed, or given up: once for each `open`. */
  close?(connection: Connection, end: ConnectionEnd): unknown;
}

/** A connection as the core keeps it. */
export interface ConnectionEntry {
  /** Tells that the call was let in. */
  opened(auth: unknown): void;
  /** Tells that all is over. */
  closed(error: ServiceError | undefined): void;
}

/** What the core keeps connections in. */
export interface ConnectionRegistry {
  /** What users see of it. */
  readonly connections: Connections;
  /** Lists the connection of a call. */
  add(call: WatchedCall, close: (error: ServiceError | undefined) => void): ConnectionEntry;
}

/** What of a call is watched. */
export interface WatchedCall extends Pick<ServerExchange<unknown>, "request" | "onPing"> {
  /** How its connection is doing. */
  readonly vitals: Vitals;
}

/** A class, as thousands of these live at a time: getters of their own would cost each of them a kilobyte. */
class Live implements Connection {
  readonly id = crypto.randomUUID();
  readonly since = Date.now();
  auth: unknown = undefined;
  readonly #vitals: Vitals;

  constructor(
    readonly request: CallRequest,
    vitals: Vitals,
    readonly close: (error?: ServiceError) => void,
  ) {
    this.#vitals = vitals;
  }

  get lastSeen(): number {
    return this.#vitals.lastSeen;
  }

  get buffered(): Connection["buffered"] {
    return this.#vitals.buffered;
  }

  get rtt(): number | undefined {
    return this.#vitals.rtt;
  }

  get wire(): Connection["wire"] {
    return this.#vitals.wire;
  }

  get state(): Connection["state"] {
    return this.#vitals.paused ? "paused" : "open";
  }
}

/** Makes an empty registry. */
export function connectionRegistry(
  hooks: ConnectionHooks = {},
  onError?: OnError,
): ConnectionRegistry {
  const open = new TransientMap<string, Connection>();

  function tell(hook: () => unknown, request: CallRequest): void {
    attempt(hook, (thrown) => tellError(onError, serviceErrorOf(thrown), request));
  }

  const connections: Connections = {
    get size() {
      return open.size;
    },
    get: (id) => open.get(id),
    closeAll(which, error) {
      const chosen = which === undefined ? open.all() : open.all().filter(which);
      for (const one of chosen) one.close(error);
      return chosen.length;
    },
    [Symbol.iterator]: () => open.all().values(),
  };

  return {
    connections,
    add({ request, vitals, onPing }, close) {
      const connection = new Live(request, vitals, close);
      let told = false;
      open.set(connection.id, connection);
      if (hooks.ping !== undefined) onPing?.((ms) => tell(() => hooks.ping!(connection, ms), request));
      return {
        opened(auth) {
          connection.auth = auth;
          told = true;
          if (hooks.open !== undefined) tell(() => hooks.open!(connection), request);
        },
        closed(error) {
          if (!open.delete(connection.id) || !told || hooks.close === undefined) return;
          tell(() => hooks.close!(connection, { ...vitals.close, error }), request);
        },
      };
    },
  };
}
