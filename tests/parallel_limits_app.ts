/** One stream at a time, says each isolate. */
import { httpHandler } from "@x/goats";
import { broker, parallelService } from "../examples/parallel/service.ts";

const handler = httpHandler([parallelService], { limits: { connections: 1 } });

async function stop(): Promise<void> {
  Deno.removeSignalListener("SIGTERM", stop);
  await handler.shutdown(0);
  await broker.close();
}
Deno.addSignalListener("SIGTERM", stop);

export default { fetch: handler } satisfies Deno.ServeDefaultExport;
