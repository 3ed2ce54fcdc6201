/** @module */
import { implement } from "@x/goats";
import { analytics } from "./design.ts";

/** Takes events until the caller has no more, then tells how many they were. */
export const analyticsService = implement(analytics, {
  async process({ stream }) {
    let processed_count = 0n;
    for await (const _event of stream) processed_count++;
    return { processed_count };
  },
});
