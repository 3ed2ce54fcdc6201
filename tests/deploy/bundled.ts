/** What is bundled by bundle_test.ts: a process that serves HTTP and gRPC, and prints where. */
import { serve } from "@x/goats";
import { guideService } from "../../examples/guide/service.ts";

const server = await serve([guideService], { http: { port: 0 }, grpc: { port: 0 } });
console.log(`${server.http.url} ${server.grpc.address}`);
await new Promise<void>((resolve) => Deno.addSignalListener("SIGTERM", resolve));
await server.shutdown();
Deno.exit();
