/**
 * What a socket brings, held until it is read: bounded, as a WebSocket cannot be paused (runtime.md, fact 3).
 *
 * @module
 */
import { type Inbox, inbox } from "../core/inbox.ts";
import { builtinError } from "../errors/builtin.ts";
import type { ServiceError } from "../errors/service_error.ts";
import type { ResolvedWsLimits } from "./limits.ts";
import { exceeds } from "./text.ts";

/**
 * Stands for a binary frame among the text frames, so that it fails as one invalid message in its turn. It is no JSON:
 * a peer that sends just this text has earned the same error.
 */
export const BINARY = "\u0000binary";

/** An inbox with bounds. */
export interface Receiver {
  /** What is held. */
  readonly inbox: Inbox<string>;
  /** Says why a message is too large, if it is. */
  tooLarge(data: unknown): ServiceError | undefined;
  /** Holds a message; says why no more can be held, when that is so. */
  hold(data: unknown): ServiceError | undefined;
}

/**
 * Makes a {@linkcode Receiver}.
 *
 * @param where `service.method`, for messages
 */
export function receiver(limits: ResolvedWsLimits, where: string): Receiver {
  let held = 0;
  const queue = inbox<string>({ taken: (frame) => held -= frame.length });
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
      if (queue.over || queue.discarded) return undefined;
      const frame = typeof data === "string" ? data : BINARY;
      held += frame.length;
      queue.push(frame);
      if (queue.size > limits.unreadMessages) {
        return builtinError("overloaded", `${where}: more than ${limits.unreadMessages} messages are unread`);
      }
      // One message alone is bounded by its own limit.
      if (held > limits.unreadBytes && queue.size > 1) {
        return builtinError(
          "overloaded",
          `${where}: more than ${limits.unreadBytes} bytes of messages are unread`,
        );
      }
      return undefined;
    },
  };
}
