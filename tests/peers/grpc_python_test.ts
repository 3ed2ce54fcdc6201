// gRPC's C core both ways: calls our server, serves our client. install.sh installs it.
import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { delay } from "@std/async";
import { grpcClient, grpcServer } from "../../src/grpc/mod.ts";
import { ServiceError } from "../../src/errors/service_error.ts";
import { tripLog } from "./design.ts";
import { portOf, protoModules, python, pythonPeer } from "./python.ts";
import { tripLogService } from "./service.ts";

const INTERNAL = ["fault", "internal error", false, false, true];

Deno.test("a Python client calls our server", pythonPeer(), async (t) => {
  const { service, seen } = tripLogService();
  await using server = grpcServer([service]);
  const { port } = await server.listen("127.0.0.1:0");
  const folder = await protoModules();
  const { success, stdout, stderr } = await python("client.py", "null", folder, `${port}`).output();
  await Deno.remove(folder, { recursive: true });
  assertEquals(new TextDecoder().decode(stderr), "");
  assertEquals(success, true);
  const got = JSON.parse(new TextDecoder().decode(stdout));

  await t.step("unary", () => {
    assertEquals(got.trip, {
      id: 7,
      name: "Alps",
      stops: [["Chur", -3, true], ["Arosa", 0, false]],
      tags: { height: 1775.5 },
      photo: "00ff01",
      lead: "none",
      seats: 4_000_000_000,
    });
    assertEquals(got.ping, 0);
    assertEquals(got.gzip, 1);
  });
  await t.step("metadata both ways, views", () => {
    assertEquals(got.initial, { "x-heard": "why", "x-heard-bin": "00ff", "goa-view": "default" });
    assertEquals(got.trailing, { "x-told": "bye" });
    assertEquals(got.tiny, [-7, "Alps", 0, false, "tiny"]);
  });
  await t.step("streams", () => {
    assertEquals(got.ids, Array.from({ length: 1000 }, (_, i) => i + 1));
    assertEquals(got.upload, 3);
    assertEquals(got.upload_none, 0);
    assertEquals(seen.places.slice(0, 3), ["p0 0", "p1 1", "p2 2"]);
    assertEquals(got.talk, [["A", 0], ["B", 1], ["end", -1]]);
    assertEquals(got.guide, ["9: left", "9: right"]);
  });
  await t.step("errors", () => {
    const { id: _, ...notFound } = got.not_found;
    assertEquals(notFound, {
      code: "NOT_FOUND",
      message: notFound.message,
      status: [5, notFound.message],
      details: [
        "type.googleapis.com/trip_log.GetTripNotFoundError",
        "type.googleapis.com/goapb.ErrorResponse",
      ],
      error: ["not_found", notFound.message, false, false, false],
      not_found: [404, "größer 😀"],
    });
    assertEquals(got.busy, {
      code: "UNAVAILABLE",
      message: "come again",
      status: [14, "come again"],
      details: ["type.googleapis.com/goapb.ErrorResponse"],
      error: ["busy", "come again", true, false, false],
      id: 8,
    });
    // More than C-core takes as metadata: shortened, but still this error.
    assertEquals([got.long.code, got.long.error[0]], ["UNAVAILABLE", "busy"]);
    assertEquals(got.long.error[1].startsWith("größer ".repeat(100)), true);
    assertEquals([got.fault.code, got.fault.message, got.fault.error], [
      "INTERNAL",
      "internal error",
      INTERNAL,
    ]);
    assertEquals([got.bad_view.code, got.bad_view.error[0]], ["INVALID_ARGUMENT", "invalid_enum_value"]);
    assertEquals([got.invalid.code, got.invalid.error[0]], ["INVALID_ARGUMENT", "invalid_range"]);
    assertEquals([got.garbage.code, got.garbage.error[0]], ["INVALID_ARGUMENT", "decode_payload"]);
    assertEquals([got.guide_none.code, got.guide_none.error[0]], ["INVALID_ARGUMENT", "missing_payload"]);
    for (const what of ["unknown", "none", "two"]) assertEquals(got[what].code, "UNIMPLEMENTED", what);
    assertEquals(got.fifty.length, 50);
    assertEquals(got.mid.error, INTERNAL);
    assertEquals(got.said, ["A"]);
    assertEquals([got.rude.code, got.rude.error[0]], ["PERMISSION_DENIED", "rude"]);
  });
  await t.step("deadline, cancellation", () => {
    assertEquals(got.deadline.code, "DEADLINE_EXCEEDED");
    assertEquals(got.cancelled, "CANCELLED");
    assertEquals(seen.aborted.slice(-2), ["timeout", "canceled"]);
    const told = seen.timeouts.filter((ms) => ms !== undefined);
    // C-core rounds up, by a tenth of a second here.
    assertEquals(told.every((ms) => ms > 0 && ms < 31_000), true, `${told}`);
    assertEquals(seen.timeouts.includes(undefined), true);
  });
});

async function failure(promise: Promise<unknown>): Promise<ServiceError> {
  const error = await assertRejects(() => promise);
  assertInstanceOf(error, ServiceError);
  return error;
}

async function collect<T>(stream: AsyncIterable<T>, pause = 0): Promise<{ got: T[]; error: unknown }> {
  const got: T[] = [];
  try {
    for await (const message of stream) {
      got.push(message);
      if (pause > 0 && got.length % 10 === 1) await delay(pause);
    }
    return { got, error: undefined };
  } catch (error) {
    return { got, error };
  }
}

Deno.test("our client calls a Python server", pythonPeer(), async (t) => {
  const folder = await protoModules();
  const serving = python("server.py", "piped", folder);
  const errors = serving.stderr.text();
  const lines = serving.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    await using client = grpcClient(tripLog, `127.0.0.1:${await portOf(lines)}`);

    await t.step("unary", async () => {
      assertEquals(await client.get_trip({ id: 7n }), {
        id: 7n,
        name: "Alps",
        stops: [{ place: "Chur", wait: -3 }, { place: "Arosa" }],
        tags: { height: 1775.5 },
        photo: new Uint8Array([0, 255, 1]),
        lead_url: "none",
        seats: 4_000_000_000,
      });
      assertEquals(await client.get_trip({ id: 7n, view: "tiny" }), { id: 7n, name: "Alps" });
      assertEquals(await client.ping(), undefined);
    });
    await t.step("errors, with details and without", async () => {
      const missing = await failure(client.get_trip({ id: 404n }));
      assertEquals([missing.name, missing.message], ["not_found", "no such trip"]);
      assertEquals(missing.data, { id: 404n, hint: "größer 😀" });
      const { name, id, message, temporary } = await failure(client.get_trip({ id: 418n }));
      assertEquals({ name, id, message, temporary }, {
        name: "teapot",
        id: "abc",
        message: "a teapot",
        temporary: true,
      });
      const busy = await failure(client.get_trip({ id: 503n }));
      assertEquals([busy.name, busy.message, busy.temporary], ["unavailable", "come again", true]);
      assertEquals((await failure(client.get_trip({ id: 8n }))).name, "overloaded");
      assertEquals((await failure(client.get_trip({ id: 666n }))).name, "unknown");
    });
    await t.step("server stream, its error after its messages", async () => {
      assertEquals((await collect(client.list_ids({ upto: 1000 }))).got.length, 1000);
      const { got, error } = await collect(client.list_ids({ upto: 50 }));
      assertEquals(got.length, 50);
      assertInstanceOf(error, ServiceError);
      assertEquals([error.name, error.message, error.fault], ["data_loss", "fifty and no more", true]);
    });
    for (const [reader, pause] of [["fast", 0], ["slow", 1]] as const) {
      await t.step(`300 calls fail after 50 messages, ${reader} reader: none is lost`, async () => {
        let lost = 0;
        for (let i = 0; i < 300; i++) {
          const { got, error } = await collect(client.list_ids({ upto: 50 }), pause);
          lost += 50 - got.length;
          assertInstanceOf(error, ServiceError);
        }
        assertEquals(lost, 0);
      });
    }
    await t.step("client stream", async () => {
      const stream = client.upload();
      for (let i = 0; i < 100; i++) await stream.send({ place: `p${i}` });
      assertEquals(await stream.closeAndRecv(), 100n);
      assertEquals(await client.upload().closeAndRecv(), 0n);
    });
    await t.step("both ways, metadata, half-close, deadline told", async () => {
      const stream = client.talk({ timeout: 30_000 });
      await stream.send({ text: "a" });
      assertEquals(await stream.recv(), { text: "A", n: 0 });
      const { headers } = await stream.opened;
      assertEquals(/^(29|30)\.\d+$/.test(headers.get("x-left") ?? ""), true, `${headers.get("x-left")}`);
      await stream.closeSend();
      assertEquals(await stream.recv(), { text: "end", n: -1 });
      assertEquals(await stream.recv(), null);
      await stream.closed;
      const guided = client.guide({ trip: 9n });
      await guided.send({ text: "left" });
      assertEquals(await guided.recv(), "9: left");
      await guided.closeSend();
      assertEquals(await guided.recv(), null);
    });
    await t.step("error while both talk", async () => {
      const stream = client.talk();
      await stream.send({ text: "a" });
      await stream.send({ text: "rude" });
      assertEquals(await stream.recv(), { text: "A", n: 0 });
      // No detail, but the one error that the design maps to this code.
      const error = await failure(stream.recv());
      assertEquals([error.name, error.message], ["rude", "mind your tongue"]);
    });
    await t.step("deadline", async () => {
      const stream = client.talk({ timeout: 300 });
      assertEquals((await failure(stream.recv())).name, "timeout");
    });
    await t.step("cancellation reaches the server", async () => {
      const stream = client.list_ids({ upto: 1_000_000 });
      assertEquals(await stream.recv(), 1);
      stream.cancel();
      assertEquals((await failure(stream.recv())).name, "canceled");
      const told = async () => (await client.get_trip({ id: 0n })).name;
      while (await told() !== "1 cancelled") await delay(10);
    });
  } finally {
    await serving.stdin.close();
    await lines.cancel();
    await serving.status;
    await errors;
    await Deno.remove(folder, { recursive: true });
  }
});
