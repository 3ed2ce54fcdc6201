/**
 * Several isolates on one port, one for each CPU:
 *
 * ```sh
 * deno serve --parallel examples/parallel/app.ts
 * ```
 *
 * @module
 */
import { httpHandler } from "@x/goats";
import { broker, parallelService } from "./service.ts";

const handler = httpHandler([parallelService]);

// Each isolate gets the signal. None exits: that would take the others along. The process ends by itself once nothing
// keeps any isolate alive: the listeners here, open calls, the broker, and what `deno serve` closes on its own.
const signals = ["SIGINT", "SIGTERM"] as const;
async function stop(): Promise<void> {
  for (const signal of signals) Deno.removeSignalListener(signal, stop);
  await handler.shutdown(3000);
  await broker.close();
}
for (const signal of signals) Deno.addSignalListener(signal, stop);

export default { fetch: handler } satisfies Deno.ServeDefaultExport;
