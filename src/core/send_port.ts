/**
 * A handler's stream as a room needs it: messages without a promise each, and news of its end.
 *
 * @module
 */
import type { SharedMessage } from "./shared_message.ts";

/** Where a stream keeps its {@linkcode SendPort}. Not enumerable: what is spread from a stream is another stream. */
export const SEND_PORT: unique symbol = Symbol("goats.sendPort");

/** What {@linkcode SEND_PORT} holds. */
export interface SendPort {
  /** `service.method`, for messages. */
  readonly where: string;
  /** Whether nothing can be sent any more. */
  over(): boolean;
  /** What a send is told that comes too late. */
  refusal(): unknown;
  /**
   * Encodes a message without sending it, to see whether it is valid; throws when it is not. Does nothing where that
   * cannot be told beforehand.
   */
  check(message: SharedMessage): void;
  /** Encodes and writes a message: nothing is returned while there is room, else a promise for it that never rejects. */
  write(message: SharedMessage): void | Promise<void>;
  /** Calls `hook`, once, when nothing can be sent any more. Returns what takes that back. */
  onOver(hook: () => void): () => void;
  /** Ends the call with an error. */
  fail(error: unknown): void;
}

/** The port of a stream, if it is a handler's. */
export function sendPortOf(stream: object): SendPort | undefined {
  return (stream as { readonly [SEND_PORT]?: SendPort })[SEND_PORT];
}
