/**
 * Server process of the WebSocket benchmark: `ws_server.ts raw|goats`. Prints its URL; ends when stdin does.
 *
 * @module
 */
import { httpHandler } from "@x/goats";
import { benchService } from "./ws_goats.ts";
import { rawHandler } from "./ws_raw.ts";

const handler = Deno.args[0] === "raw" ? rawHandler : httpHandler([benchService]);
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
console.log(`http://127.0.0.1:${server.addr.port}`);
for await (const _chunk of Deno.stdin.readable);
Deno.exit(0);
