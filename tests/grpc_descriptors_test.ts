// grpc-js made of a design alone: its clients call our servers, its servers answer our clients.
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  credentials,
  makeClientConstructor,
  type sendUnaryData,
  Server,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError as GrpcError,
} from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import protobuf from "protobufjs/light.js";
import descriptor from "protobufjs/ext/descriptor.js";
import {
  fileDescriptorSet,
  grpcClient,
  grpcServer,
  serviceDefinition,
  ServiceError,
} from "../src/grpc/mod.ts";
import * as d from "../src/design/mod.ts";
import { tripLog } from "./peers/design.ts";
import { tripLogService } from "./peers/service.ts";
import { listen } from "./grpc_listen.ts";

const definition = serviceDefinition(tripLog);
const TripLogClient = makeClientConstructor(definition, "trip_log.TripLog");

Deno.test("a definition has the rpcs of a design, and only those that it offers", () => {
  const partly = d.Service(
    "partly",
    d.Method("over_grpc", d.Result(d.Int), d.GRPC(d.Response(d.CodeOK))),
    d.Method("not_so", d.Result(d.Int), d.HTTP(d.GET("/not"))),
  );
  assertEquals(Object.keys(serviceDefinition(partly)), ["OverGrpc"]);
  assertEquals(
    Object.entries(definition).map(([name, { path, originalName, requestStream, responseStream }]) => [
      name,
      path,
      originalName,
      requestStream,
      responseStream,
    ]),
    [
      ["GetTrip", "/trip_log.TripLog/GetTrip", "get_trip", false, false],
      ["ListIds", "/trip_log.TripLog/ListIds", "list_ids", false, true],
      ["Upload", "/trip_log.TripLog/Upload", "upload", true, false],
      ["Talk", "/trip_log.TripLog/Talk", "talk", true, true],
      ["Ping", "/trip_log.TripLog/Ping", "ping", false, false],
      ["Guide", "/trip_log.TripLog/Guide", "guide", true, true],
    ],
  );
});

Deno.test("a definition validates on both sides", () => {
  const { GetTrip, Guide } = definition;
  assertEquals(GetTrip!.requestDeserialize(GetTrip!.requestSerialize({ id: 5n })), { id: 5n });
  assertThrows(() => GetTrip!.requestSerialize({}), ServiceError, "missing from payload");
  assertThrows(() => Guide!.requestSerialize({ type: "neither", value: 1 }), ServiceError, "guide");
  assertThrows(() => GetTrip!.requestDeserialize(Buffer.from([255])), ServiceError);
  assertEquals(Guide!.requestDeserialize(Guide!.requestSerialize(item("x"))), item("x"));
});

const item = (text: string) => ({ type: "stream_item", value: { text } });

async function received(call: AsyncIterable<unknown>): Promise<unknown[]> {
  return await Array.fromAsync(call);
}

Deno.test("a grpc-js client made of a design calls a goats server: every kind, errors too", async () => {
  await using server = grpcServer([tripLogService().service]);
  const { address } = await server.listen("127.0.0.1:0");
  const client = new TripLogClient(address, credentials.createInsecure());
  const unary = (name: string, request: unknown) =>
    new Promise((resolve, reject) =>
      client[name]!(
        request,
        (error: GrpcError | null, value: unknown) => error ? reject(error) : resolve(value),
      )
    );
  try {
    const trip = await unary("get_trip", { id: 7n }) as { id: bigint };
    assertEquals(trip.id, 7n);
    assertEquals(await unary("GetTrip", { id: 8n, view: "tiny" }), {
      id: 8n,
      name: "Alps",
      lead_url: "none",
    });
    assertEquals(await unary("ping", {}), {});
    const missing = await assertRejects(() => unary("get_trip", { id: 404n }));
    assertEquals((missing as GrpcError).code, 5);
    assertEquals(await received(client.list_ids!({ upto: 3 })), [{ field: 1 }, { field: 2 }, { field: 3 }]);
    const count = await new Promise((resolve, reject) => {
      const call = client.upload!((error: unknown, value: unknown) => error ? reject(error) : resolve(value));
      call.write({ place: "Chur", wait: 1 });
      call.write({ place: "Arosa" });
      call.end();
    });
    assertEquals(count, { field: 2n });
    const talk = client.talk!();
    talk.write({ text: "a" });
    talk.write({ text: "b" });
    talk.end();
    assertEquals(await received(talk), [{ text: "A", n: 0 }, { text: "B", n: 1 }, { text: "end", n: -1 }]);
    const guide = client.guide!();
    guide.write({ type: "initial_payload", value: { trip: 5n } });
    guide.write(item("left"));
    guide.end();
    assertEquals(await received(guide), [{ field: "5: left" }]);
  } finally {
    client.close();
  }
});

Deno.test("a goats client calls a grpc-js server made of a design", async () => {
  const server = new Server();
  server.addService(definition, {
    get_trip(call: ServerUnaryCall<{ id: bigint }, unknown>, done: sendUnaryData<unknown>) {
      if (call.request.id === 404n) done({ code: 5, details: "none such" });
      else done(null, { id: call.request.id, name: "Alps" });
    },
    ListIds(call: ServerWritableStream<{ upto: number }, unknown>) {
      for (let id = 1; id <= call.request.upto; id++) call.write({ field: id });
      call.end();
    },
    upload(call: ServerReadableStream<unknown, unknown>, done: sendUnaryData<unknown>) {
      let count = 0n;
      call.on("data", () => count++);
      call.on("end", () => done(null, { field: count }));
    },
    talk(call: ServerDuplexStream<{ text: string }, unknown>) {
      let n = 0;
      call.on("data", ({ text }) => call.write({ text: text.toUpperCase(), n: n++ }));
      call.on("end", () => call.end());
    },
    ping: (_call: ServerUnaryCall<unknown, unknown>, done: sendUnaryData<unknown>) => done(null, {}),
    guide(call: ServerDuplexStream<{ type: string; value: { trip?: bigint; text?: string } }, unknown>) {
      let trip: bigint | undefined;
      call.on("data", ({ type, value }) => {
        if (type === "initial_payload") trip = value.trip;
        else call.write({ field: `${trip}: ${value.text}` });
      });
      call.on("end", () => call.end());
    },
  });
  const port = await listen(server);
  try {
    await using client = grpcClient(tripLog, `127.0.0.1:${port}`);
    assertEquals(await client.get_trip({ id: 7n }), { id: 7n, name: "Alps", lead_url: "none" });
    const missing = await assertRejects(() => client.get_trip({ id: 404n }), ServiceError);
    assertEquals(missing.message, "none such");
    assertEquals(await Array.fromAsync(client.list_ids({ upto: 3 })), [1, 2, 3]);
    const upload = client.upload();
    for (const place of ["Chur", "Arosa"]) await upload.send({ place });
    assertEquals(await upload.closeAndRecv(), 2n);
    const talk = client.talk();
    await talk.send({ text: "a" });
    assertEquals(await talk.recv(), { text: "A", n: 0 });
    await talk.closeSend();
    assertEquals(await talk.recv(), null);
    await client.ping();
    const guide = client.guide({ trip: 5n });
    await guide.send({ text: "left" });
    await guide.closeSend();
    assertEquals(await Array.fromAsync(guide), ["5: left"]);
  } finally {
    await new Promise((resolve) => server.tryShutdown(resolve));
    server.forceShutdown();
  }
});

Deno.test("a descriptor set is enough for a caller without the design", async () => {
  await using server = grpcServer([tripLogService().service]);
  const { address } = await server.listen("127.0.0.1:0");
  const { FileDescriptorSet } = descriptor as unknown as { FileDescriptorSet: protobuf.Type };
  const { fromDescriptor } = protobuf.Root as unknown as {
    fromDescriptor(set: protobuf.Message): protobuf.Root;
  };
  const root = fromDescriptor(FileDescriptorSet.decode(fileDescriptorSet(tripLog, tripLog))).resolveAll();
  const method = root.lookupService("trip_log.TripLog").methods.GetTrip!.resolve() as protobuf.Method;
  const [request, response] = [method.resolvedRequestType!, method.resolvedResponseType!];
  const client = new TripLogClient(address, credentials.createInsecure());
  try {
    const answer = await new Promise((resolve, reject) =>
      client.makeUnaryRequest(
        "/trip_log.TripLog/GetTrip",
        (value: object) => request.encode(value).finish() as never,
        (bytes) => response.toObject(response.decode(bytes), { longs: Number }),
        { id: 9 },
        (error, value) => error ? reject(error) : resolve(value),
      )
    );
    assertEquals((answer as { id: number; stops: unknown }).id, 9);
  } finally {
    client.close();
  }
});
