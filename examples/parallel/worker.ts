/** @module */
import { httpHandler } from "@x/goats";
import { parallelService } from "./service.ts";

/** What `workers.ts` asks for. */
type Order = { readonly listen: number } | { readonly stop: number };

const scope = self as unknown as {
  postMessage(message: unknown): void;
  onmessage: (event: MessageEvent<Order>) => void;
};
const handler = httpHandler([parallelService]);
let server: Deno.HttpServer<Deno.NetAddr> | undefined;

scope.onmessage = async ({ data }) => {
  if ("listen" in data) {
    server = Deno.serve(
      { port: data.listen, hostname: "127.0.0.1", reusePort: true, onListen() {} },
      handler,
    );
    scope.postMessage(server.addr.port);
  } else {
    await handler.shutdown(data.stop);
    await server?.shutdown();
    scope.postMessage("stopped");
  }
};
scope.postMessage("there");
