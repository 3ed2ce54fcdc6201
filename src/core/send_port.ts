/**
 * A handler's stream as a room needs it: messages without a promise each, and news of its end.
 *
 * @module
 */
import type { ServerCodec } from "./exchange.ts";
import type { SharedMessage } from "./shared_message.ts";

/** Where a stream keeps its {@linkcode SendPort}. Not enumerable: what is spread from a stream is another stream. */
export const SEND_PORT: unique symbol = Symbol("goats.sendPort");

/**
 * How frames that are made for many calls are written to one of them that is under way, without the layers between: of a
 * thousand members each layer is memory that is in no cache when its turn comes.
 */
export interface SharedLane {
  /** The call, of which nothing can be sent once one of these is so. */
  readonly call: { readonly over: boolean; readonly closed: boolean };
  /** What makes the frames, in the view that is told already. Has `alike`. */
  readonly codec: ServerCodec<unknown>;
  readonly view: string;
  /** Writes a frame: as {@linkcode SendPort.write}. */
  readonly write: (frame: unknown) => void | Promise<void>;
  /** Takes down what `write` returned, if it returned something. */
  readonly note: (written: Promise<void>) => void;
}

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
  /** Its lane, from the first message on; absent where frames are not the same for many calls. */
  lane(): SharedLane | undefined;
  /** Calls `hook`, once, when nothing can be sent any more. Returns what takes that back. */
  onOver(hook: () => void): () => void;
  /** Ends the call with an error. */
  fail(error: unknown): void;
}

/** The port of a stream, if it is a handler's. */
export function sendPortOf(stream: object): SendPort | undefined {
  return (stream as { readonly [SEND_PORT]?: SendPort })[SEND_PORT];
}
