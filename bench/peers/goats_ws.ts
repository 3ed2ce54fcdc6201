/**
 * goats over WebSocket and HTTP, on either wire.
 *
 * @module
 */
import { httpClient, type HttpClientOptions, httpHandler } from "@x/goats";
import { bench } from "../design.ts";
import type { Peer } from "../peer.ts";
import { benchService, goatsCalls } from "./goats.ts";

/** One wire. */
export function goatsWs(wire: NonNullable<HttpClientOptions["wire"]>): Peer {
  return {
    serve() {
      // All who follow come from one address here.
      const handler = httpHandler([benchService], { limits: { connectionsPerPeer: 10_000 } });
      const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
      return Promise.resolve(`http://127.0.0.1:${server.addr.port}`);
    },
    connect: (server) => goatsCalls(httpClient(bench, server, { wire })),
  };
}
