// Every message sent before an error arrives before it; see ../src/grpc/http2/client_stream.ts. tests/peers has the same
// against gRPC's C core.
import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { Client, credentials, type ServiceError as GrpcError } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import { delay } from "@std/async";
import { fileURLToPath } from "node:url";
import type { ClientOf } from "../src/core/client_types.ts";
import { ServiceError } from "../src/errors/service_error.ts";
import { grpcClient } from "../src/grpc/mod.ts";
import { encode, rawServer } from "./grpc_raw.ts";
import { fiftyThenError } from "./grpc_status_order/server.ts";
import { tripLog } from "./peers/design.ts";

const CALLS = 400;

type Reader = (client: ClientOf<typeof tripLog>) => Promise<number>;

const readers: Readonly<Record<string, Reader>> = {
  async fast(client) {
    let got = 0;
    try {
      for await (const _id of client.list_ids({ upto: 50 })) got++;
    } catch (error) {
      assertInstanceOf(error, ServiceError);
      assertEquals(error.name, "not_found");
      return got;
    }
    throw new Error("the error did not come");
  },
  async "that pauses before every tenth message"(client) {
    const stream = client.list_ids({ upto: 50 });
    for (let got = 0;; got++) {
      if (got % 10 === 0) await delay(1);
      try {
        if (await stream.recv() === null) throw new Error("the error did not come");
      } catch (error) {
        assertInstanceOf(error, ServiceError);
        return got;
      }
    }
  },
  async "that waits for the error first"(client) {
    const stream = client.list_ids({ upto: 50 });
    await stream.closed.catch(() => {});
    for (let got = 0;; got++) {
      const error = await stream.recv().catch((error) => error);
      if (error instanceof ServiceError) return got;
    }
  },
};

for (const [name, read] of Object.entries(readers)) {
  Deno.test(`error after 50 messages, ${CALLS} calls, reader ${name}: none is lost`, async () => {
    const message = encode("trip_log.ListIdsResponse", { field: 1 });
    await using server = await rawServer({ ListIds: (call) => fiftyThenError(call, message) });
    await using client = grpcClient(tripLog, server.address);
    let lost = 0;
    for (let i = 0; i < CALLS; i++) lost += 50 - await read(client);
    assertEquals(lost, 0);
  });
}

Deno.test("error after 5,000 messages, far more than any queue holds, slow reader: none is lost", async () => {
  const message = encode("trip_log.ListIdsResponse", { field: 1 });
  await using server = await rawServer({
    ListIds(call) {
      for (let i = 0; i < 4_950; i++) call.write(message);
      fiftyThenError(call, message);
    },
  });
  await using client = grpcClient(tripLog, server.address);
  for (let i = 0; i < 5; i++) {
    let got = 0;
    try {
      for await (const _id of client.list_ids({ upto: 50 })) if (++got % 500 === 1) await delay(5);
    } catch (error) {
      assertInstanceOf(error, ServiceError);
    }
    assertEquals(got, 5_000);
  }
});

Deno.test("the end is told although nobody reads, and then every message can be read", async () => {
  const message = encode("trip_log.ListIdsResponse", { field: 1 });
  await using server = await rawServer({
    ListIds(call) {
      for (let i = 0; i < 1_950; i++) call.write(message);
      fiftyThenError(call, message);
    },
  });
  await using client = grpcClient(tripLog, server.address);
  const stream = client.list_ids({ upto: 1 });
  await assertRejects(() => stream.closed, ServiceError, "fifty and no more");
  for (let i = 0; i < 2_000; i++) assertEquals(await stream.recv(), 1);
  await assertRejects(() => stream.recv(), ServiceError, "fifty and no more");
});

Deno.test("other users of grpc-js in this process are left alone", async () => {
  const keys: string[] = [];
  await using server = await rawServer({
    Ping(call) {
      keys.push(...Object.keys(call.metadata.getMap()));
      call.once("data", () => {
        call.write(Buffer.alloc(0));
        call.end();
      });
    },
    // A reader of one message, as grpc-js has for unary calls, does not ask for what comes after it.
    GetTrip: (call) => fiftyThenError(call),
  });
  await using client = grpcClient(tripLog, server.address);
  await client.ping();
  assertEquals(keys.filter((key) => key.startsWith("goats")), [], "the mark of our calls is not sent");
  const other = new Client(server.address, credentials.createInsecure());
  const same = (bytes: Buffer): Buffer => bytes;
  const unary = (method: string) =>
    new Promise((resolve) => {
      const told = (error: GrpcError | null, value?: Buffer) =>
        resolve(error === null ? value?.length : error.code);
      other.makeUnaryRequest(`/trip_log.TripLog/${method}`, same, same, Buffer.alloc(0), told);
    });
  assertEquals([await unary("Ping"), await unary("GetTrip")], [0, 5]);
  other.close();
});

Deno.test("error after 50 messages: plain grpc-js loses some, so that client_stream.ts keeps their order", async () => {
  const script = fileURLToPath(import.meta.resolve("./grpc_status_order/control.ts"));
  const config = fileURLToPath(import.meta.resolve("../deno.json"));
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-lock", "--config", config, "--allow-net", "--allow-env", script],
  }).output();
  const [, lost] = /lost (\d+) of 5000/.exec(new TextDecoder().decode(stdout)) ?? [];
  assert(
    Number(lost) > 0,
    `lost ${lost}: if none, client_stream.ts need not keep trailers back. ${
      new TextDecoder().decode(stderr)
    }`,
  );
});
