/** @module */
import { implement } from "@x/goats";
import { room } from "@x/goats/rooms";
import { chat } from "./design.ts";

/** What somebody said, as the others get it. */
interface Said {
  readonly message: string;
  readonly user_id: string;
  readonly timestamp: string;
  readonly number?: bigint;
}

/** Nobody waits for anybody here: who has not taken a thousand messages is too slow for this room. */
const lobby = room<Said>("lobby", {
  policy: "disconnect",
  buffer: 1000,
  history: 100,
  stamp: (said, seq) => ({ ...said, number: BigInt(seq) }),
});

/** How many people are in the room. */
export function present(): number {
  return lobby.size;
}

/** Passes on what each person says to all the others. People may come by different transports. */
export const chatService = implement(chat, {
  async connect({ payload, stream, error }) {
    const { user_id: id, last, since } = payload;
    // Who leaves still gets what waits for them.
    await using me = lobby.join(stream, {
      id,
      ...(since === undefined ? { last } : { since: Number(since) }),
      overloaded: () => error("too_slow"),
    });
    for await (const { message, user_id } of stream) {
      await me.broadcast({ message, user_id, timestamp: new Date().toISOString() });
    }
  },

  people() {
    return lobby.presence().pipeThrough(
      new TransformStream({
        transform({ type, id, connections }, controller) {
          controller.enqueue({ type, user_id: id, connections });
        },
      }),
    );
  },
});
