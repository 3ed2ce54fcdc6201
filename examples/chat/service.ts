/** @module */
import { implement } from "@x/goats";
import { chat } from "./design.ts";

/** Messages that may wait for one person, before that person is too slow for this room. */
const MAX_WAITING = 1000;

/** What somebody said, as the others get it. */
interface Said {
  readonly message: string;
  readonly user_id: string;
  readonly timestamp: string;
}

/** How each person in the room hears the others. */
const room = new Set<(said: Said) => void>();

/** How many people are in the room. */
export function present(): number {
  return room.size;
}

/** Passes on what each person says to all the others. People may come by different transports. */
export const chatService = implement(chat, {
  async connect({ stream, error }) {
    const writer = stream.writable.getWriter();
    let waiting = 0;
    // Nobody waits for anybody here: what a slow person has not taken yet is counted, and has an end.
    const hear = (said: Said) => {
      if (waiting++ === MAX_WAITING) leave(error("too_slow"));
      else writer.write(said).then(() => waiting--, leave);
    };
    const leave = (reason: unknown) => {
      room.delete(hear);
      writer.abort(reason).catch(() => {}); // it may have failed already, and then the call is over
    };
    room.add(hear);
    try {
      for await (const { message, user_id } of stream) {
        const said = { message, user_id, timestamp: new Date().toISOString() };
        for (const other of room) if (other !== hear) other(said);
      }
      await writer.close(); // what waits for this person still gets through
    } finally {
      room.delete(hear);
    }
  },
});
