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

// Both hosts say so before they stop a process; Deno Deploy then leaves it five seconds. Streams end with `unavailable`
// instead of being cut, and their callers call anew.
Deno.addSignalListener("SIGINT", async () => {
  await handler.shutdown(3000);
  Deno.exit();
});

export default { fetch: handler } satisfies Deno.ServeDefaultExport;
