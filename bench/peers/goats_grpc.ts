/**
 * goats over gRPC.
 *
 * @module
 */
import { grpcClient, grpcServer } from "@x/goats/grpc";
import { bench } from "../design.ts";
import type { Peer } from "../peer.ts";
import { benchService, goatsCalls } from "./goats.ts";

/** goats on both sides. */
export const peer: Peer = {
  serve: async () => (await grpcServer([benchService]).listen("127.0.0.1:0")).address,
  connect: (server) => goatsCalls(grpcClient(bench, server) as never),
};
