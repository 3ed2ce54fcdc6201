/** @module */
import { implement } from "@x/goats";
import { type IsolateBroker, isolateBroker, room } from "@x/goats/rooms";
import { parallel } from "./design.ts";

/** Tells isolates apart: each runs this module, and shares nothing but what goes by the broker. */
const isolate = crypto.randomUUID().slice(0, 8);

/** A piece of news, as readers get it. */
interface News {
  readonly number: bigint;
  readonly text: string;
  readonly by: string;
  readonly to: string;
}

/** Where rooms of all isolates of this process meet. */
export const broker: IsolateBroker = isolateBroker({ name: "parallel" });

/** One room for all of them. */
const news = room<News>("news", {
  broker,
  history: 100,
  policy: "drop-oldest",
  // Done in each isolate, for the readers that are connected to it.
  stamp: (one, seq) => ({ ...one, number: BigInt(seq), to: isolate }),
});

export const parallelService = implement(parallel, {
  who: () => isolate,

  async tell({ payload }) {
    return BigInt(await news.broadcast({ number: 0n, text: payload.text, by: isolate, to: isolate }));
  },

  async news({ payload, stream }) {
    await using me = news.join(
      stream,
      payload.since === undefined ? { last: 0 } : { since: Number(payload.since) },
    );
    await me.replayed; // from here on nothing is missed, wherever it is told
    await stream.send({ number: 0n, text: "welcome", by: isolate, to: isolate });
    await me.left;
  },
});
