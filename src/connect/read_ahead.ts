/**
 * Reading a request ahead of its handler, where it comes whether anybody reads it or not: over HTTP/1.1 Deno (2.9.6)
 * takes all of a request body into its memory once the response has begun, and only its end stops that. So what is
 * unread is bounded here, as on plain WebSockets; over HTTP/2, and before the response, callers are made to wait.
 *
 * @module
 */
import { type Inbox, inbox } from "../core/inbox.ts";
import { inNextTurn } from "../core/turn.ts";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";

/** How much may be unread. */
export interface ReadAheadOptions {
  readonly unreadMessages: number;
  readonly unreadBytes: number;
  /** `service.method`, for messages. */
  readonly where: string;
  /** Called when more is unread than may be; nothing more is read then. */
  readonly overloaded: (error: ServiceError) => unknown;
  /** Called when the connection is lost: nobody may be reading who would be told. */
  readonly broken: () => unknown;
}

/** Where requests come without being asked for: HTTP/2 knows no `host`, and nothing in this process has one. */
export function comesUnasked(headers: Headers): boolean {
  return headers.has("host");
}

/** Takes messages as they come, from `next`, which gives `null` at the end. */
export function readAhead(
  next: () => Uint8Array | null | Promise<Uint8Array | null>,
  { unreadMessages, unreadBytes, where, overloaded, broken }: ReadAheadOptions,
): Pick<Inbox<Uint8Array>, "read" | "discard"> {
  let held = 0;
  const queue = inbox<Uint8Array>({ taken: (message) => held -= message.length });
  // One message alone is bounded by its own limit.
  const exceeds = () => queue.size > unreadMessages || held > unreadBytes && queue.size > 1;

  async function run(): Promise<void> {
    for (;;) {
      let found = next();
      if (found instanceof Promise) {
        if (exceeds()) await new Promise<void>(inNextTurn);
        if (exceeds()) {
          found.catch(() => {});
          const error = builtinError(
            "overloaded",
            `${where}: more than ${
              queue.size > unreadMessages ? `${unreadMessages} messages` : `${unreadBytes} bytes of messages`
            } are unread`,
          );
          queue.abort(error);
          return void overloaded(error);
        }
        found = await found;
      }
      if (found === null) return queue.end();
      if (queue.discarded) continue;
      held += found.length;
      queue.push(found);
    }
  }

  run().catch((error) => {
    queue.fail(error);
    // What is wrong with a message concerns whoever reads it.
    if (!(error instanceof ServiceError)) broken();
  });
  return queue;
}
