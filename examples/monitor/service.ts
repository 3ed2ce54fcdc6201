/** @module */
import { implement } from "@x/goats";
import { delay } from "@std/async";
import { monitor } from "./design.ts";
import { cpuTimes, cpuUsage, memoryUsage } from "./load.ts";

/** Tells what the machine did in each interval, until the caller has enough. */
export const monitorService = implement(monitor, {
  async *watch({ payload, signal }) {
    let before = await cpuTimes();
    for (;;) {
      await delay(payload.interval * 1000, { signal });
      const after = await cpuTimes();
      yield { cpu: cpuUsage(before, after), memory: memoryUsage() };
      before = after;
    }
  },
});
