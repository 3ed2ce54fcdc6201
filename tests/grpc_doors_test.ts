// Ways to reach a server: TLS with and without a client's certificate, Unix sockets, several addresses.
import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { credentials, ServerCredentials } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import { ServiceError } from "../src/errors/service_error.ts";
import { grpcClient, grpcServer } from "../src/grpc/mod.ts";
import { tripLog } from "./peers/design.ts";
import { tripLogService } from "./peers/service.ts";

const read = (name: string): Buffer =>
  Buffer.from(Deno.readFileSync(new URL(`./grpc_doors/${name}`, import.meta.url)));

// grpc-js leaves an unref'd timer behind, of the pause after a connection that failed.
Deno.test(
  "TLS, with a certificate of the client's too",
  { sanitizeOps: false, sanitizeResources: false },
  async () => {
    const [ca, cert, key] = ["ca.pem", "localhost.pem", "localhost.key.pem"].map(read) as [
      Buffer,
      Buffer,
      Buffer,
    ];
    const pair = { cert_chain: cert, private_key: key };
    await using server = grpcServer([tripLogService().service], {
      credentials: ServerCredentials.createSsl(ca, [pair], true),
    });
    const { port } = await server.listen("127.0.0.1:0");
    const channelOptions = { "grpc.ssl_target_name_override": "localhost" };
    const address = `127.0.0.1:${port}`;
    await using client = grpcClient(tripLog, address, {
      credentials: credentials.createSsl(ca, key, cert),
      channelOptions,
    });
    assertEquals(await Array.fromAsync(client.list_ids({ upto: 3 })), [1, 2, 3]);

    await using anonymous = grpcClient(tripLog, address, {
      credentials: credentials.createSsl(ca),
      channelOptions,
    });
    const error = await assertRejects(() => anonymous.ping({ timeout: 5_000 }), ServiceError);
    assertMatch(error.name, /^(unavailable|timeout)$/);
  },
);

Deno.test("a Unix socket, and a second address", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await using server = grpcServer([tripLogService().service]);
    const path = `unix:${folder}/goats.sock`;
    assertEquals(await server.listen(path), { address: path, port: 0 });
    assertEquals(server.address, path);
    const other = await server.listen("127.0.0.1:0");
    assertEquals(other.address, `127.0.0.1:${other.port}`);
    for (const address of [path, other.address]) {
      await using client = grpcClient(tripLog, address);
      assertEquals((await client.get_trip({ id: 1n })).name, "Alps");
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what cannot be listened on or served is told", async () => {
  const { service } = tripLogService();
  assertThrows(
    () => grpcServer([service, tripLogService().service]),
    TypeError,
    "Cannot serve trip_log.get_trip: trip_log.get_trip has the rpc /trip_log.TripLog/GetTrip too",
  );
  await using server = grpcServer([service]);
  const { address } = await server.listen("127.0.0.1:0");
  await using second = grpcServer([service]);
  await assertRejects(() => second.listen(address), Error, `Cannot listen on ${address}: `);
  await server.shutdown();
  await assertRejects(
    () => server.listen("127.0.0.1:0"),
    Error,
    "Cannot listen on 127.0.0.1:0: the server was shut down",
  );
});
