/**
 * The `goats.v1` streams that a server keeps, by the token with which their callers come back.
 *
 * @module
 */
import { TransientMap } from "../core/transient.ts";
import { TOKEN_BYTES } from "./control.ts";
import { tokenText } from "./subprotocol.ts";

/** A stream whose caller may come back. */
export interface Resumable {
  /** `service.method`. */
  readonly where: string;
  /** Goes on on a new socket, which is not open yet. */
  resume(socket: WebSocket): void;
  /** Gives it up: its caller is told if it is there, and cannot come back. */
  drop(): void;
}

/** The streams of one server. */
export interface Sessions {
  /** Keeps a stream under a new token. */
  add(stream: Resumable): Uint8Array<ArrayBuffer>;
  /** The stream of a token, if it is kept. */
  find(token: string): Resumable | undefined;
  /** Forgets a stream. */
  delete(token: Uint8Array): void;
  /** Gives all up, as the server ends. */
  dropAll(): void;
  /** How many are kept. */
  readonly size: number;
}

/** Makes an empty set of streams. */
export function sessions(): Sessions {
  const streams = new TransientMap<string, Resumable>();
  return {
    add(stream) {
      // Whoever has it can take the stream over: it must not be guessed.
      const token = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
      streams.set(tokenText(token), stream);
      return token;
    },
    find: (token) => streams.get(token),
    delete(token) {
      streams.delete(tokenText(token));
    },
    dropAll() {
      for (const stream of streams.all()) stream.drop();
    },
    get size() {
      return streams.size;
    },
  };
}
