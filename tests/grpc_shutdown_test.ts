// What a shutdown of a gRPC server owes to whom; tests/behaviour has what is the same on every transport.
import { assertEquals, assertInstanceOf } from "@std/assert";
import type { StatusObject } from "@grpc/grpc-js";
import { ServiceError } from "../src/errors/service_error.ts";
import { grpcClient, grpcServer } from "../src/grpc/mod.ts";
import { until } from "./behaviour/until.ts";
import { encode, rawClient } from "./grpc_raw.ts";
import { tripLog } from "./peers/design.ts";
import { tripLogService } from "./peers/service.ts";

Deno.test("shutdown: a peer that takes nothing holds nobody up", async () => {
  const server = grpcServer([tripLogService().service]);
  const { address } = await server.listen("127.0.0.1:0");
  using client = rawClient(address);
  const call = client.open("ListIds");
  const status = new Promise<StatusObject>((resolve) => call.on("status", resolve));
  call.on("error", () => {});
  call.write(encode("trip_log.ListIdsRequest", { upto: 1_000_000 }));
  await until(() => server.calls === 1, "the call runs");
  await server.shutdown(20);
  assertEquals(server.calls, 0);
  assertEquals((await status).code, 14);
});

// grpc-js leaves an unref'd timer behind, of the pause after a connection that failed.
const UNREFD = { sanitizeOps: false, sanitizeResources: false };

Deno.test("shutdown: twice is once, also by disposal; calls after it find nobody", UNREFD, async () => {
  const server = grpcServer([tripLogService().service], { graceMs: 50 });
  const { address } = await server.listen("127.0.0.1:0");
  using client = rawClient(address);
  assertEquals((await client.call("Ping", [new Uint8Array()])).status.code, 0);
  await Promise.all([server.shutdown(), server.shutdown(0), server[Symbol.asyncDispose]()]);
  await server.shutdown();
  assertEquals((await client.call("Ping", [new Uint8Array()])).status.code, 14);
});

Deno.test("a client keeps its deadline although it is too long to be told", async () => {
  await using server = grpcServer([tripLogService().service]);
  const { address } = await server.listen("127.0.0.1:0");
  await using client = grpcClient(tripLog, address);
  const days = 24 * 3_600_000;
  assertEquals((await client.get_trip({ id: 1n }, { timeout: 40 * days })).id, 1n);
  const error = await client.get_trip({ id: 1n }, { timeout: 0 }).catch((error) => error);
  assertInstanceOf(error, ServiceError);
  assertEquals(error.name, "timeout");
});
