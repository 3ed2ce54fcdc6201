/** An app for `deno serve`, as the README has it. Loaded by http_serve_test.ts. */
import { implement } from "../src/core/implement.ts";
import { httpHandler } from "../src/http/handler.ts";
import { shop, streams } from "./http_design.ts";
import { shopHandlers, streamsHandlers } from "./http_handlers.ts";

export default {
  fetch: httpHandler([implement(shop, shopHandlers()), implement(streams, streamsHandlers())]),
} satisfies Deno.ServeDefaultExport;

if (import.meta.main && Deno.args[0] === "run") {
  const handler = httpHandler([implement(shop, shopHandlers()), implement(streams, streamsHandlers())]);
  const onListen = ({ port }: { port: number }) => console.log(`port ${port}`);
  Deno.serve({ port: 0, hostname: "127.0.0.1", onListen }, handler);
}
