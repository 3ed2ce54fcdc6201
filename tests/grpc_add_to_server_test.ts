// Services of goats on a grpc-js server that somebody else has made, beside one that is written by hand.
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { type sendUnaryData, Server, type ServerUnaryCall } from "@grpc/grpc-js";
import type { Buffer } from "node:buffer";
import * as d from "../src/design/mod.ts";
import { implement } from "../mod.ts";
import type { ServiceImplementation } from "../src/core/endpoint.ts";
import type { ServiceError } from "../src/errors/service_error.ts";
import { type AddedServices, addToServer, grpcClient, type GrpcServingOptions } from "../src/grpc/mod.ts";
import { until } from "./behaviour/until.ts";
import { encode, outcome, type RawClient, rawClient } from "./grpc_raw.ts";
import { tripLog } from "./peers/design.ts";
import { type Seen, tripLogService } from "./peers/service.ts";
import { listen } from "./grpc_listen.ts";

const calc = d.Service(
  "calc",
  d.Method("double", d.Payload(d.Int), d.Result(d.Int), d.GRPC(d.Response(d.CodeOK))),
);
const calcService = implement(calc, { double: ({ payload }) => payload * 2 });

/** What was there before: an rpc by hand, which says what it hears. */
const same = (bytes: Buffer): Buffer => bytes;
const echo = {
  path: "/trip_log.TripLog/Echo",
  requestStream: false,
  responseStream: false,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
};
const byHand = {
  Echo: ({ request }: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => done(null, request),
};

interface Setup {
  readonly added: AddedServices;
  readonly address: string;
  readonly raw: RawClient;
  readonly seen: Seen;
  readonly errors: ServiceError[];
}

function added(name: string, run: (setup: Setup) => Promise<void>, options: GrpcServingOptions = {}): void {
  Deno.test(`on a server by hand: ${name}`, async () => {
    const { service, seen } = tripLogService();
    const errors: ServiceError[] = [];
    const server = new Server();
    server.addService({ Echo: echo }, byHand);
    const services = addToServer(server, [service, calcService], {
      ...options,
      onError: (error) => errors.push(error),
    });
    const port = await listen(server);
    const address = `127.0.0.1:${port}`;
    {
      using raw = rawClient(address);
      await run({ added: services, address, raw, seen, errors });
      await until(() => services.calls === 0, "every call has ended");
      const still = await raw.call("Echo", [Uint8Array.of(7)]);
      assertEquals([still.status.code, [...still.messages[0]!]], [0, [7]], "what was there goes on");
    }
    await services.shutdown();
    await new Promise<void>((resolve, reject) =>
      server.tryShutdown((error) => error === undefined ? resolve() : reject(error))
    );
  });
}

added("two services beside one by hand, every kind of call", async ({ address, raw }) => {
  await using trips = grpcClient(tripLog, address);
  await using numbers = grpcClient(calc, address);
  assertEquals((await trips.get_trip({ id: 7n })).name, "Alps");
  assertEquals(await Array.fromAsync(trips.list_ids({ upto: 3 })), [1, 2, 3]);
  const upload = trips.upload();
  await upload.send({ place: "Chur" });
  assertEquals(await upload.closeAndRecv(), 1n);
  const talk = trips.talk();
  await talk.send({ text: "a" });
  await talk.closeSend();
  assertEquals((await Array.fromAsync(talk)).map(({ text }) => text), ["A", "end"]);
  assertEquals(await numbers.double(21), 42);
  assertEquals((await raw.call("Nothing", [])).status.code, 12);
});

added("errors are typed, told of, and of that call alone", async ({ address, errors }) => {
  await using trips = grpcClient(tripLog, address);
  const missing = await trips.get_trip({ id: 404n }).catch((error) => error);
  assertEquals([missing.name, missing.data], ["not_found", { id: 404n, hint: "größer 😀" }]);
  const fault = await trips.get_trip({ id: 500n }).catch((error) => error);
  assertEquals([fault.name, fault.message], ["fault", "internal error"]);
  assertEquals(errors.map(({ name }) => name), ["not_found", "fault"]);
  assertEquals((errors[1]!.cause as Error).message, "secret");
});

added("limits of messages, which are theirs alone", async ({ address, raw }) => {
  await using trips = grpcClient(tripLog, address);
  const place = "x".repeat(3000);
  const upload = await raw.call("Upload", [encode("trip_log.UploadStreamingRequest", { place })]);
  assertEquals(upload.status.code, 8);
  assertMatch(upload.status.details, /larger than max \(3003 vs\. 2000\)/);
  const talk = trips.talk();
  await talk.send({ text: "a" });
  await talk.send({ text: place });
  assertEquals((await talk.recv())?.text, "A", "what came before is answered");
  const error = await talk.recv().catch((error) => error);
  assertEquals(error.name, "too_large");
  assertEquals((await raw.call("Echo", [new Uint8Array(3000)])).messages[0]!.length, 3000);
}, { limits: { messageBytes: 2000 } });

added("limits of metadata, and of time", async ({ address }) => {
  await using trips = grpcClient(tripLog, address);
  const error = await trips.ping({ headers: { "x-long": "x".repeat(500) } }).catch((error) => error);
  assertEquals(error.name, "too_large");
  await trips.ping();
  await using talk = trips.talk();
  assertEquals((await talk.recv().catch((error) => error)).name, "timeout");
}, { limits: { metadataBytes: 400 }, maxTimeout: 100 });

added("a shutdown ends theirs, and nothing else", async ({ added, address, raw, seen, errors }) => {
  await using trips = grpcClient(tripLog, address);
  await using numbers = grpcClient(calc, address);
  const talk = trips.talk();
  await talk.send({ text: "a" });
  assertEquals((await talk.recv())?.text, "A");
  assertEquals(added.calls, 1);
  const stopped = added.shutdown();
  assertEquals(added.shutdown(0), stopped, "twice is once");
  const late = await numbers.double(1).catch((error) => error);
  assertEquals([late.name, late.message], ["unavailable", "the service is shutting down"]);
  const still = await raw.call("Echo", [Uint8Array.of(1)]);
  assertEquals(still.status.code, 0);
  assertEquals((await talk.recv().catch((error) => error)).name, "unavailable");
  await stopped;
  assertEquals([added.calls, seen.aborted], [0, ["unavailable"]]);
  assertEquals(errors.map(({ name }) => name), ["unavailable"]);
}, { graceMs: 100 });

added("a shutdown lets calls end by themselves", async ({ added, address, errors }) => {
  await using trips = grpcClient(tripLog, address);
  const talk = trips.talk();
  await talk.send({ text: "a" });
  assertEquals((await talk.recv())?.text, "A");
  const stopped = added.shutdown(60_000);
  await talk.send({ text: "b" });
  await talk.closeSend();
  assertEquals((await Array.fromAsync(talk)).map(({ text }) => text), ["B", "end"]);
  await stopped;
  assertEquals(errors, []);
});

added("a peer that has gone is told of as ever", async ({ raw, seen }) => {
  const call = raw.open("Talk");
  call.write(encode("trip_log.TalkStreamingRequest", { text: "a" }));
  const ended = outcome(call);
  await new Promise((resolve) => call.once("data", resolve));
  call.cancel();
  assertEquals((await ended).status.code, 1);
  await until(() => seen.aborted.length === 1, "the signal aborts");
  assertEquals(seen.aborted, ["canceled"]);
});

Deno.test("on a server by hand: what it has already is refused, and nothing stays", () => {
  const server = new Server();
  server.addService({ Echo: { ...echo, path: "/calc.Calc/Double" } }, byHand);
  const { service } = tripLogService();
  const message = "Cannot add the rpc /calc.Calc/Double: the server has one of this path";
  assertThrows(() => addToServer(server, [service, calcService]), TypeError, message);
  assertThrows(() => addToServer(server, [service, service]), TypeError, "trip_log.get_trip");
  const open = d.Service(
    "open",
    d.Method(
      "door",
      d.Security(d.JWTSecurity("jwt")),
      d.Payload(d.Token("token", d.String), d.Required("token")),
      d.GRPC(d.Response(d.CodeOK)),
    ),
  );
  const locked: ServiceImplementation = implement(open, { door() {} });
  assertThrows(() => addToServer(server, [locked]), TypeError, "jwt");
  const added = addToServer(server, [service]);
  assertEquals(added.calls, 0);
  server.forceShutdown();
});
