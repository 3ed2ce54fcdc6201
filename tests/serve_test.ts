import { assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { httpClient, implement, serve, type ServiceError } from "../mod.ts";
import { grpcClient } from "../src/grpc/mod.ts";
import {
  CodeOK,
  Field,
  GET,
  GRPC,
  HTTP,
  Int,
  Method,
  Payload,
  Required,
  Response,
  Service,
  StreamingResult,
} from "../src/design/mod.ts";
import { Result } from "../src/design/mod.ts";

const calc = Service(
  "calc",
  Method(
    "double",
    Payload(Field(1, "n", Int), Required("n")),
    Result(Int),
    HTTP(GET("/double/{n}")),
    GRPC(Response(CodeOK)),
  ),
  Method(
    "count",
    Payload(Field(1, "n", Int), Required("n")),
    StreamingResult(Int),
    HTTP(GET("/count/{n}")),
    GRPC(Response(CodeOK)),
  ),
);
const service = implement(calc, {
  double: ({ payload }) => payload.n * 2,
  async *count({ payload, signal }) {
    for (let n = 1; n <= payload.n; n++) yield n;
    if (payload.n === 1) {
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    }
  },
});

const LOCAL = { port: 0 };

Deno.test("serve opens both doors of the same services", async () => {
  await using server = await serve([service], { http: LOCAL, grpc: LOCAL });
  await using http = httpClient(calc, server.http.url);
  await using grpc = grpcClient(calc, server.grpc.address);
  for (const client of [http, grpc]) {
    assertEquals(await client.double({ n: 21 }), 42);
    assertEquals(await Array.fromAsync(client.count({ n: 3 })), [1, 2, 3]);
  }
  assertEquals(server.http.url, `http://127.0.0.1:${server.http.port}`);
  assertEquals(server.grpc.address, `127.0.0.1:${server.grpc.port}`);
});

Deno.test("serve hands on what gRPC alone can be told", async () => {
  await using server = await serve([service], {
    grpc: LOCAL,
    limits: { messageBytes: 1000, metadataBytes: 64 * 1024 },
    compression: "gzip",
    maxTimeout: 50,
  });
  assertEquals(server.grpc.health.get(calc), "SERVING");
  await using client = grpcClient(calc, server.grpc.address);
  assertEquals(await client.double({ n: 21 }, { headers: { "x-large": "a".repeat(30_000) } }), 42);
  const late = await assertRejects(() => Array.fromAsync(client.count({ n: 1 }, { timeout: 60_000 })));
  assertEquals((late as ServiceError).name, "timeout");
});

Deno.test("serve opens only the door that was asked for", async () => {
  await using server = await serve([service], { http: LOCAL });
  assertEquals(server.grpc, undefined);
});

Deno.test("serve refuses what it cannot serve, and leaves no door open", async () => {
  await assertRejects(() => serve([service], {}), TypeError, "neither http nor grpc");
  await assertRejects(() => serve([service, service], { http: LOCAL }), TypeError, "calc.double");
  await using taken = await serve([service], { grpc: LOCAL });
  await assertRejects(() => serve([service], { http: LOCAL, grpc: { port: taken.grpc.port } }));
  assertThrows(() =>
    Deno.serve({ port: taken.grpc.port, hostname: "127.0.0.1" }, () => new globalThis.Response())
  );
});

Deno.test("serve says which address is taken", async () => {
  using taken = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = taken.addr;
  await assertRejects(
    () => serve([service], { http: { port } }),
    Deno.errors.AddrInUse,
    `Cannot listen on 127.0.0.1:${port}: `,
  );
  await assertRejects(
    () => serve([service], { http: { port: 0 }, grpc: { port } }),
    Error,
    `Cannot listen on 127.0.0.1:${port}: `,
  );
});

Deno.test("shutdown ends streams of both doors with unavailable, and is done once", async () => {
  const server = await serve([service], { http: LOCAL, grpc: LOCAL });
  await using http = httpClient(calc, server.http.url);
  await using grpc = grpcClient(calc, server.grpc.address);
  const streams = [http.count({ n: 1 }), grpc.count({ n: 1 })];
  for (const stream of streams) assertEquals(await stream.recv(), 1);
  const stopped = server.shutdown(50);
  for (const stream of streams) {
    const error = await assertRejects(() => stream.recv());
    assertInstanceOf(error, Error);
    assertEquals((error as ServiceError).name, "unavailable");
  }
  await stopped;
  await server.shutdown();
  assertEquals((await assertRejects(() => http.double({ n: 1 })) as Error).name, "unavailable");
});

Deno.test("shutdown is not held up by a peer that reset its connection while it was upgraded", async () => {
  const server = await serve([service], { http: LOCAL });
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: server.http.port });
  await conn.write(new TextEncoder().encode(
    "GET /count/2 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
  ));
  conn.close();
  await server.shutdown(100);
});
