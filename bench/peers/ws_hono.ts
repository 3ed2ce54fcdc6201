/**
 * hono's WebSocket helper on Deno. Its client is the platform's WebSocket and fetch, as by hand.
 *
 * @module
 */
import { Hono } from "hono";
import { upgradeWebSocket } from "hono/deno";
import type { WSContext } from "hono/ws";
import { type Kind, make } from "../messages.ts";
import type { Peer } from "../peer.ts";
import { rawCalls, sendMessages } from "./ws_raw.ts";

const app = new Hono();
const followers = new Set<WSContext<WebSocket>>();

for (const kind of ["sample", "tick"] as const satisfies Kind[]) {
  app.post(`/get_${kind}`, async (context) => context.json(await context.req.json()));
  app.get(
    `/push_${kind}`,
    upgradeWebSocket((context) => ({
      async onOpen(_event, ws) {
        await sendMessages(ws.raw!, kind, Number(context.req.query("count")));
        ws.close(1000);
      },
    })),
  );
  app.get(
    `/flood_${kind}`,
    upgradeWebSocket(() => {
      let count = 0;
      return {
        onMessage(event, ws) {
          if (JSON.parse(event.data as string) !== null) return void count++;
          ws.send(JSON.stringify({ count }));
          ws.close(1000);
        },
      };
    }),
  );
  app.get(
    `/echo_${kind}`,
    upgradeWebSocket(() => ({
      onMessage(event, ws) {
        const message = JSON.parse(event.data as string);
        if (message === null) ws.close(1000);
        else ws.send(JSON.stringify(message));
      },
    })),
  );
}
app.get(
  "/follow",
  upgradeWebSocket(() => ({
    onOpen: (_event, ws) => void followers.add(ws),
    onClose: (_event, ws) => void followers.delete(ws),
  })),
);
app.post("/burst", (context) => {
  for (let n = 0; n < Number(context.req.query("count")); n++) {
    const text = JSON.stringify(make.sample(n));
    for (const follower of followers) follower.send(text);
  }
  return context.body(null);
});

/** hono at the server. */
export const peer: Peer = {
  serve() {
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, app.fetch);
    return Promise.resolve(`http://127.0.0.1:${server.addr.port}`);
  },
  connect: (server) => rawCalls(server, (_kind, message) => message),
};
