/** @module */
import { implement } from "@x/goats";
import { guide } from "./design.ts";

/** One thing that happened. */
interface Update {
  readonly message: string;
  readonly action: string;
  readonly timestamp: string;
}

/** How each subscriber is told. */
const subscribers = new Set<(update: Update) => void>();

/** How many subscribers there are. */
export function subscribed(): number {
  return subscribers.size;
}

function update(action: string, message: string): Update {
  return { message, action, timestamp: new Date().toISOString() };
}

/** What the listener hears, the subscribers are told; the echo says it again. */
export const guideService = implement(guide, {
  async listener({ stream }) {
    for await (const { message } of stream) {
      const heard = update("heard", message);
      for (const tell of subscribers) tell(heard);
    }
  },
  // A stream instead of a generator: it keeps what the caller has not taken yet, up to its high-water mark.
  subscribe({ error }) {
    let tell: (update: Update) => void;
    return new ReadableStream<Update>({
      start(controller) {
        tell = (update) => {
          if (controller.desiredSize! > 0) return controller.enqueue(update);
          subscribers.delete(tell);
          controller.error(error("too_slow"));
        };
        subscribers.add(tell);
        tell(update("subscribed", `${subscribers.size} subscribed`));
      },
      cancel() {
        subscribers.delete(tell);
      },
    }, { highWaterMark: 1000 });
  },
  async *echo({ stream }) {
    yield* stream;
  },
});
