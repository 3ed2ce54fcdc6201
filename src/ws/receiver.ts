/**
 * What a socket brings, held until it is read: bounded, as a WebSocket cannot be paused (runtime.md, fact 3).
 *
 * @module
 */
import { type Inbox, inbox } from "../core/inbox.ts";
import { inNextTurn } from "../core/turn.ts";
import { builtinError } from "../errors/builtin.ts";
import type { ServiceError } from "../errors/service_error.ts";
import type { ResolvedWsLimits } from "./limits.ts";
import { exceeds } from "./text.ts";

/**
 * Stands for a binary frame among the text frames, so that it fails as one invalid message in its turn. It is no JSON:
 * a peer that sends just this text has earned the same error.
 */
export const BINARY = "\u0000binary";

/**
 * A runtime may bring thousands of messages within one turn of the event loop, in microtasks as the reader's own; who
 * keeps up is then behind for a while, through no fault of its own. So the bounds hold at the end of a turn, and within
 * one this many times as much.
 */
const BURST = 4;

/** An inbox with bounds. */
export interface Receiver {
  /** What is held. */
  readonly inbox: Inbox<string>;
  /** Says why a message is too large, if it is. */
  tooLarge(data: unknown): ServiceError | undefined;
  /** Holds a message. */
  hold(data: unknown): void;
  /** Looks at the bounds no more. */
  stop(): void;
}

/** What a {@linkcode Receiver} needs to know. */
export interface ReceiverOptions {
  readonly limits: ResolvedWsLimits;
  /** `service.method`, for messages. */
  readonly where: string;
  /** Called when more is unread than may be. */
  readonly overloaded: (error: ServiceError) => void;
}

/** Makes a {@linkcode Receiver}. */
export function receiver({ limits, where, overloaded }: ReceiverOptions): Receiver {
  let held = 0;
  let stopLooking: (() => void) | undefined;
  const queue = inbox<string>({ taken: (frame) => held -= frame.length });

  function excess(factor: number): ServiceError | undefined {
    if (queue.size > limits.unreadMessages * factor) {
      return builtinError("overloaded", `${where}: more than ${limits.unreadMessages} messages are unread`);
    }
    // One message alone is bounded by its own limit.
    if (held > limits.unreadBytes * factor && queue.size > 1) {
      return builtinError(
        "overloaded",
        `${where}: more than ${limits.unreadBytes} bytes of messages are unread`,
      );
    }
    return undefined;
  }

  function look(): void {
    stopLooking = undefined;
    const error = excess(1);
    if (error !== undefined) overloaded(error);
  }

  return {
    inbox: queue,
    tooLarge(data) {
      const large = typeof data === "string"
        ? exceeds(data, limits.messageBytes)
        : (data as ArrayBuffer).byteLength > limits.messageBytes;
      if (!large) return undefined;
      return builtinError("too_large", `${where}: message is larger than ${limits.messageBytes} bytes`);
    },
    hold(data) {
      if (queue.over || queue.discarded) return;
      const frame = typeof data === "string" ? data : BINARY;
      held += frame.length;
      queue.push(frame);
      if (queue.size <= limits.unreadMessages && held <= limits.unreadBytes) return;
      const error = excess(BURST);
      if (error !== undefined) overloaded(error);
      else stopLooking ??= inNextTurn(look);
    },
    stop() {
      stopLooking?.();
      stopLooking = undefined;
    },
  };
}
