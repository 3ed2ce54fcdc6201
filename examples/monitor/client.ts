/** @module */
import type { ClientOf } from "@x/goats";
import { call } from "../call.ts";
import { monitor } from "./design.ts";

/** Prints what the machine of the service does, for `count` intervals. */
export async function* run(
  client: ClientOf<typeof monitor>,
  interval = 1,
  count = 2,
): AsyncGenerator<string> {
  for await (const { cpu, memory } of client.watch({ interval })) {
    yield `cpu ${cpu.toFixed(1)} %, memory ${memory.toFixed(1)} %`;
    if (--count === 0) break; // ends the call, and with it the service's loop
  }
}

if (import.meta.main) await call(monitor, run);
