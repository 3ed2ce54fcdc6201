// Raw grpc-js calls our server.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Buffer } from "node:buffer";
import { implement } from "../mod.ts";
import type { ServiceError } from "../src/errors/service_error.ts";
import { grpcServer, type GrpcServerOptions } from "../src/grpc/mod.ts";
import { until } from "./behaviour/until.ts";
import { decode, encode, type Got, Metadata, outcome, type RawClient, rawClient } from "./grpc_raw.ts";
import { tripLog } from "./peers/design.ts";
import { type Seen, tripLogService } from "./peers/service.ts";

interface Setup {
  readonly client: RawClient;
  readonly seen: Seen;
  readonly errors: ServiceError[];
  readonly running: () => number;
}

function served(name: string, run: (setup: Setup) => Promise<void>, options: GrpcServerOptions = {}): void {
  Deno.test(`raw grpc-js client: ${name}`, { sanitizeOps: true, sanitizeResources: true }, async () => {
    const { service, seen } = tripLogService();
    const errors: ServiceError[] = [];
    await using server = grpcServer([service], { ...options, onError: (error) => errors.push(error) });
    const { address } = await server.listen("127.0.0.1:0");
    using client = rawClient(address);
    await run({ client, seen, errors, running: () => server.calls });
    await until(() => server.calls === 0, "every call has ended");
  });
}

function details(got: Got): { types: string[]; error: Record<string, unknown> } {
  const [packed] = got.status.metadata.get("grpc-status-details-bin");
  assert(packed instanceof Uint8Array);
  const status = decode("details.Status", packed);
  const list = status.details as { type_url: string; value: number[] }[];
  const common = list.find(({ type_url }) => type_url.endsWith("goapb.ErrorResponse"));
  assert(common !== undefined);
  assertEquals(status.code, got.status.code);
  return {
    types: list.map(({ type_url }) => type_url),
    error: decode("details.ErrorResponse", new Uint8Array(common.value)),
  };
}

served("four kinds", async ({ client }) => {
  const trip = await client.call("GetTrip", [encode("trip_log.GetTripRequest", { id: 7 })]);
  assertEquals(trip.status.code, 0);
  assertEquals(decode("trip_log.GetTripResponse", trip.messages[0]!), {
    id: 7,
    name: "Alps",
    stops: [{ place: "Chur", wait: -3 }, { place: "Arosa" }],
    tags: { height: 1775.5 },
    photo: [0, 255, 1],
    lead_url: "none",
    seats: 4_000_000_000,
  });
  const ids = await client.call("ListIds", [encode("trip_log.ListIdsRequest", { upto: 3 })]);
  assertEquals(ids.messages.map((message) => decode("trip_log.ListIdsResponse", message).field), [1, 2, 3]);
  const stops = ["a", "b"].map((place) => encode("trip_log.UploadStreamingRequest", { place }));
  const upload = await client.call("Upload", stops);
  assertEquals(upload.messages.map((message) => decode("trip_log.UploadResponse", message).field), [2]);
  const talk = await client.call("Talk", [encode("trip_log.TalkStreamingRequest", { text: "a" })]);
  assertEquals(talk.messages.map((message) => decode("trip_log.TalkResponse", message).text), ["A", "end"]);
  const ping = await client.call("Ping", [encode("trip_log.PingRequest", {})]);
  assertEquals(ping.messages.map((message) => message.length), [0]);
});

served("metadata both ways, and the view", async ({ client }) => {
  const metadata = new Metadata();
  metadata.add("x-ask", "one");
  metadata.add("x-ask", "two");
  metadata.add("x-ask-bin", Buffer.from([0, 255]));
  const got = await client.call(
    "GetTrip",
    [encode("trip_log.GetTripRequest", { id: 7, view: "tiny" })],
    metadata,
  );
  assertEquals(got.metadata?.get("x-heard"), ["one, two"]);
  assertEquals(got.metadata?.get("x-heard-bin"), [Buffer.from([0, 255])]);
  assertEquals(got.metadata?.get("goa-view"), ["tiny"]);
  assertEquals(got.status.metadata.get("x-told"), ["bye"]);
});

served("errors with details", async ({ client, errors }) => {
  const missing = await client.call("GetTrip", [encode("trip_log.GetTripRequest", { id: 404 })]);
  assertEquals(missing.status.code, 5);
  assertEquals(missing.metadata, undefined, "an error before anything else is a Trailers-Only response");
  assertEquals(details(missing).types, [
    "type.googleapis.com/trip_log.GetTripNotFoundError",
    "type.googleapis.com/goapb.ErrorResponse",
  ]);
  const fault = await client.call("GetTrip", [encode("trip_log.GetTripRequest", { id: 500 })]);
  assertEquals([fault.status.code, fault.status.details], [13, "internal error"]);
  const { id, ...rest } = details(fault).error;
  assertEquals(rest, { name: "fault", msg: "internal error", fault: true });
  const seen = errors.at(-1)!;
  assertEquals(seen.id, id, "the log has the id that the caller got");
  assertEquals((seen.cause as Error).message, "secret");
});

// That all messages before it were sent, grpc_wire_test.ts tells: grpc-js loses some (../src/grpc/http2/client_stream.ts).
served("error in mid-stream", async ({ client }) => {
  const got = await client.call("ListIds", [encode("trip_log.ListIdsRequest", { upto: 50 })]);
  assertEquals([got.status.code, details(got).error.name], [13, "fault"]);
  const talk = ["a", "rude", "b"].map((text) => encode("trip_log.TalkStreamingRequest", { text }));
  const rude = await client.call("Talk", talk);
  assertEquals([rude.status.code, rude.status.details], [7, "mind your tongue"]);
});

served("cardinality: one message, neither none nor two", async ({ client }) => {
  const none = await client.call("GetTrip", []);
  assertEquals([none.status.code, none.status.details], [
    12,
    "trip_log.get_trip takes one message and got none",
  ]);
  const one = encode("trip_log.GetTripRequest", { id: 7 });
  const two = await client.call("GetTrip", [one, one]);
  assertEquals([two.status.code, two.status.details], [
    12,
    "trip_log.get_trip takes one message and got several",
  ]);
});

served("what is no protobuf, and what is not valid", async ({ client }) => {
  const garbage = Uint8Array.of(255, 255, 255);
  for (const method of ["GetTrip", "ListIds", "Guide"]) {
    const got = await client.call(method, [garbage]);
    assertEquals([got.status.code, details(got).error.name], [3, "decode_payload"], method);
  }
  const upload = await client.call("Upload", [garbage]);
  assertEquals([upload.status.code, details(upload).error.name], [3, "decode_payload"]);
  const far = await client.call("ListIds", [encode("trip_log.ListIdsRequest", { upto: 2_000_000 })]);
  assertEquals([far.status.code, details(far).error.name], [3, "invalid_range"]);
  const ping = await client.call("Ping", [garbage]);
  assertEquals(ping.status.code, 3);
});

served("an envelope that lacks its payload", async ({ client }) => {
  const none = await client.call("Guide", []);
  assertEquals([none.status.code, details(none).error.name], [3, "missing_payload"]);
  const item = encode("trip_log.GuideStreamingRequest", { stream_item: { text: "left" } });
  const early = await client.call("Guide", [item]);
  assertEquals([early.status.code, details(early).error.name], [3, "invalid_field_type"]);
});

served("unknown methods", async ({ client }) => {
  assertEquals((await client.call("Nothing", [])).status.code, 12);
});

served("a message over the limit", async ({ client, errors }) => {
  const big = encode("trip_log.UploadStreamingRequest", { place: "x".repeat(3000) });
  const got = await client.call("Upload", [big]);
  assertEquals(got.status.code, 8);
  assertMatch(got.status.details, /larger than max/);
  assertEquals(errors.map(({ name }) => name), []);
}, { limits: { messageBytes: 2000 } });

served("compressed messages", async ({ seen }) => {
  const { service, seen: heard } = tripLogService();
  await using server = grpcServer([service]);
  const { address } = await server.listen("127.0.0.1:0");
  using client = rawClient(address, { "grpc.default_compression_algorithm": 2 });
  const place = "x".repeat(100_000);
  const got = await client.call("Upload", [encode("trip_log.UploadStreamingRequest", { place })]);
  assertEquals(got.status.code, 0);
  assertEquals(heard.places[0]?.length, 100_000 + " undefined".length);
  assertEquals(seen.places, []);
});

served("deadline: the handler's signal aborts with `timeout`", async ({ client, seen }) => {
  const call = client.open("Talk", undefined, Date.now() + 200);
  call.write(encode("trip_log.TalkStreamingRequest", { text: "a" }));
  assertEquals((await outcome(call)).status.code, 4);
  await until(() => seen.aborted.length === 1, "the signal aborts");
  assertEquals(seen.aborted, ["timeout"]);
  const [told] = seen.timeouts;
  assert(told !== undefined && told > 0 && told <= 300, `${told}`);
});

served("cancellation: the handler's signal aborts with `canceled`", async ({ client, seen }) => {
  const call = client.open("Talk");
  call.write(encode("trip_log.TalkStreamingRequest", { text: "a" }));
  const ended = outcome(call);
  await new Promise((resolve) => call.once("data", resolve));
  call.cancel();
  assertEquals((await ended).status.code, 1);
  await until(() => seen.aborted.length === 1, "the signal aborts");
  assertEquals(seen.aborted, ["canceled"]);
});

served("a caller that does not half-close gets its end all the same", async ({ client, running }) => {
  const call = client.open("Upload");
  call.write(Buffer.from([255, 255, 255]));
  assertEquals((await outcome(call)).status.code, 3);
  await until(() => running() === 0, "the call has ended");
});

Deno.test("raw grpc-js client: headers that gRPC cannot carry end the call as a fault", async () => {
  const errors: ServiceError[] = [];
  const service = implement(tripLog, {
    get_trip: ({ payload: { id }, response }) => {
      (id === 1n ? response.headers : response.trailers).set("x-name", "größe");
      return { id, name: "Alps" };
    },
    list_ids() {},
    upload: () => 0n,
    talk() {},
    ping() {},
    guide() {},
  });
  await using server = grpcServer([service], { onError: (error) => errors.push(error) });
  const { address } = await server.listen("127.0.0.1:0");
  using client = rawClient(address);
  for (const id of [1, 2]) {
    const got = await client.call("GetTrip", [encode("trip_log.GetTripRequest", { id })]);
    assertEquals([got.status.code, details(got).error.name], [13, "fault"]);
    await until(() => errors.length > 0, "the log is told");
    assertMatch(`${(errors[0]!.cause as Error).message}`, /Cannot send header x-name over gRPC/);
    errors.length = 0;
  }
});

Deno.test("raw grpc-js client: an error's text is told whatever it holds, and however long it is", async () => {
  let message = "";
  const service = implement(tripLog, {
    get_trip: ({ error }) => {
      throw error("busy", message);
    },
    list_ids() {},
    upload: () => 0n,
    talk() {},
    ping() {},
    guide() {},
  });
  await using server = grpcServer([service]);
  const { address } = await server.listen("127.0.0.1:0");
  using client = rawClient(address);
  for (message of ["100 %\n\u0000 größer 😀", "lone \ud800", "long ".repeat(100_000), ""]) {
    const got = await client.call("GetTrip", [encode("trip_log.GetTripRequest", { id: 1 })]);
    assertEquals(got.status.code, 14);
    const told = `${details(got).error.msg ?? ""}`;
    if (message.length < 100) assertEquals([got.status.details, told], Array(2).fill(message.toWellFormed()));
    else {
      assert(told.length > 500 && message.startsWith(told.slice(0, -1)) && told.endsWith("…"));
      assert(got.status.details.length > 500 && got.status.details.endsWith("…"));
    }
  }
});
