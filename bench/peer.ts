/**
 * What a peer of the benchmark is: a server, and what its client can do.
 *
 * @module
 */
import type { Kind, Message } from "./messages.ts";

/** A peer, as modules in peers/ export it. */
export interface Peer {
  /** Starts a server; resolves to where it is. */
  serve(): Promise<string>;
  /** Connects to it. */
  connect(server: string): Calls | Promise<Calls>;
}

/** What a peer's client can do; numbers are those of messages that came through. */
export interface Calls {
  /** Calls once: a message there, a message back. Told is how many calls there are at a time. */
  unary?(kind: Kind, message: Message, atOnce: number): Promise<unknown>;
  /** Opens a stream from the server. */
  push(kind: Kind, count: number): Promise<number>;
  /** Opens a stream to the server, which counts. */
  flood?(kind: Kind, count: number): Promise<number>;
  /** Opens a stream both ways, with so many messages in flight. */
  echo?(kind: Kind, count: number, inFlight: number): Promise<number>;
  /** Opens a connection of its own that gets what is broadcast; resolves once it does. */
  follow?(got: () => void): Promise<Closing>;
  /** Has the server broadcast so many messages at once to all who follow. */
  burst?(count: number): Promise<unknown>;
  /** Opens a connection over which nothing goes; resolves once it is open. */
  idle?(): Promise<Closing>;
}

/** A unary call by hand. */
export async function post(server: string, kind: Kind, message: Message): Promise<unknown> {
  const response = await fetch(`${server}/get_${kind}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(message),
  });
  return await response.json();
}

/** Closes what was opened. */
export type Closing = () => unknown;

/** Has so many messages in flight, for peers that call back for each answer. */
export function window(count: number, inFlight: number, send: (n: number) => void): {
  /** Sends the first. */
  open(): void;
  /** Takes an answer; whether it was the last. */
  answered(): boolean;
} {
  let sent = 0;
  let received = 0;
  return {
    open() {
      while (sent < Math.min(inFlight, count)) send(sent++);
    },
    answered() {
      if (++received === count) return true;
      if (sent < count) send(sent++);
      return false;
    },
  };
}

/** Messages with so many in flight: a source, for peers that read one, that is told of each answer. */
export function feed(make: (n: number) => Message, count: number, inFlight: number): {
  /** What is to be sent. */
  requests(): AsyncGenerator<Message>;
  /** Tells how many answers there were. */
  sent(answers: number): void;
} {
  let received = 0;
  let wake: (() => void) | undefined;
  return {
    async *requests() {
      for (let n = 0; n < count; n++) {
        while (n - received >= inFlight) await new Promise<void>((resolve) => wake = resolve);
        yield make(n);
      }
    },
    sent(answers) {
      received = answers;
      wake?.();
    },
  };
}

/** How many there are. */
export async function countOf(messages: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _message of messages) count++;
  return count;
}
