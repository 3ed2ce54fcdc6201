/** @module */
import { implement } from "@x/goats";
import { room } from "@x/goats/rooms";
import { tally } from "./design.ts";

/** Told apart on the page: processes share no memory, and requests may reach any of them. */
const instance = crypto.randomUUID().slice(0, 8);

/** Who is behind gets the latest total, and misses those between. */
const totals = room<{ total: number; instance: string }>("totals", {
  policy: "drop-oldest",
  buffer: 1,
  history: 1,
});

let total = 0;
await totals.broadcast({ total, instance });

/** Counts for as long as this process lives. Needs `--allow-read` for the page beside this file. */
export const tallyService = implement(tally, {
  page: () => Deno.readTextFile(new URL("page.html", import.meta.url)),

  async add({ payload }) {
    total += payload.by;
    await totals.broadcast({ total, instance });
    return { total, instance };
  },

  async watch({ stream }) {
    await totals.join(stream, { last: 1 }).left;
  },
});
