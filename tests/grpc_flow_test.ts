/** What is sent faster than it is read waits at its sender; `deno task bench:memory --grpc` has 1 GiB, and figures. */
import { assert, assertEquals } from "@std/assert";
import { grpcClient, grpcServer } from "../src/grpc/mod.ts";
import { proxy } from "./behaviour/proxy.ts";
import { until } from "./behaviour/until.ts";
import { grpcFlood } from "./grpc_floods/floods.ts";
import { tripLog } from "./peers/design.ts";
import { tripLogService } from "./peers/service.ts";

const MIB = 1024 * 1024;
/** Windows of HTTP/2 and sockets, queues of a few messages: what may be between the two. */
const BETWEEN = 8 * MIB;
/** Code that is compiled, and garbage that is not collected yet: V8 comes for buffers once they are 64 MiB. */
const MOST = 128 * MIB;
const OFFERED = 256 * MIB;

for (const kind of ["down", "up"] as const) {
  Deno.test(`grpc flow control: 256 MiB ${kind} through a reader that stalls costs a bounded amount`, async () => {
    const { stalled, read, server, client } = await grpcFlood(kind, OFFERED, 16 * 1024);
    assertEquals(read, `${OFFERED}`, "all of it came through");
    assert(stalled < BETWEEN, `${stalled / MIB} MiB left their sender while nobody read`);
    for (const [end, { all }] of Object.entries({ server, client })) {
      assert(all < MOST, `the ${end} grew by ${all / MIB} MiB`);
    }
  });
}

Deno.test("grpc flow control: 1,000 streams at once on one connection", async () => {
  await using server = grpcServer([tripLogService().service]);
  const { port } = await server.listen("127.0.0.1:0");
  await using link = await proxy(port);
  await using client = grpcClient(tripLog, `127.0.0.1:${link.port}`);
  const streams = Array.from({ length: 1000 }, () => client.talk());
  for (const [n, stream] of streams.entries()) await stream.send({ text: `a${n}` });
  await until(() => server.calls === 1000, "all of them run");
  for (const [n, stream] of streams.entries()) assertEquals((await stream.recv())?.text, `A${n}`);
  await Promise.all(streams.map(async (stream, n) => {
    await stream.send({ text: `b${n}` });
    await stream.closeSend();
    assertEquals((await Array.fromAsync(stream)).map(({ text }) => text), [`B${n}`, "end"]);
  }));
  assertEquals(link.taken, 1);
  await until(() => server.calls === 0, "all of them have ended");
});
