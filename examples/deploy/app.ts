/**
 * What `deno serve` serves, and what Deno Deploy runs, as it is: one `fetch`, no port for gRPC.
 *
 * ```sh
 * deno serve --allow-read=examples/deploy examples/deploy/app.ts
 * ```
 *
 * @module
 */
import { httpHandler } from "@x/goats";
import { tallyService } from "./service.ts";

const handler = httpHandler([tallyService]);

// Hosts say so before they stop a process, containers by SIGTERM; Deno Deploy then leaves it five seconds. Streams end
// with `unavailable` instead of being cut, and their callers call anew.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, async () => {
    await handler.shutdown(3000);
    Deno.exit();
  });
}

export default { fetch: handler } satisfies Deno.ServeDefaultExport;
