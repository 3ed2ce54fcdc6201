/**
 * What peers that flood, that never read, or that do nothing at all cost a server, in resident bytes. Servers and clients
 * are processes of their own.
 *
 *     deno task bench:memory [--gib 2] [--idle 5000]
 *     deno task bench:memory --grpc [--gib 1]
 *
 * @module
 */
import { delay } from "@std/async";
import { parseArgs } from "node:util";
import { grpcFlood } from "../tests/grpc_floods/floods.ts";
import { flood, KINDS } from "../tests/floods/floods.ts";
import { talk } from "../tests/floods/process.ts";

const { values } = parseArgs({
  options: {
    gib: { type: "string", default: "2" },
    idle: { type: "string", default: "5000" },
    grpc: { type: "boolean", default: false },
  },
});
const GC = ["--v8-flags=--expose-gc"];
const mib = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1).padStart(7);

if (values.grpc) {
  console.log(
    `gRPC, ${values.gib} GiB through a reader that stalls before it reads; MiB that left the sender while it did, ` +
      `and that server and client grew by at most, until then and in all`,
  );
  for (const size of [64 * 1024, 1024]) {
    for (const kind of ["down", "up"] as const) {
      const { stalled, read, server, client } = await grpcFlood(kind, Number(values.gib) * 2 ** 30, size);
      const ends = [stalled, server.stalled, server.all, client.stalled, client.all].map(mib);
      console.log(`${kind.padEnd(5)} ${`${size}`.padStart(6)} B ${ends.join(" ")}  read: ${read}`);
    }
  }
  Deno.exit();
}
console.log(`${values.gib} GiB offered; MiB that were taken, and that server and client grew by at most`);
for (const size of [1024, 100]) {
  for (const kind of KINDS) {
    const { sent, server, client, end, ends } = await flood(kind, Number(values.gib) * 2 ** 30, size);
    const told = `${ends.join() || "call goes on"}; peer: ${end}`;
    console.log(
      `${kind.padEnd(15)} ${String(size).padStart(5)} B ${mib(sent)} ${mib(server)} ${mib(client)}  ${told}`,
    );
  }
}

/** Bytes that an idle connection costs. */
async function idle(wire: string): Promise<number> {
  const count = Number(values.idle);
  await using server = talk(wire === "raw" ? "idle_raw.ts" : "server.ts", [], GC);
  const port = String(await server.line());
  {
    // Warm: what a first few leave is no connection's cost.
    await using few = talk("idle_peer.ts", [port, "100", wire]);
    await few.line();
  }
  await delay(500);
  const before = await server.ask("mark");
  await using peers = talk("idle_peer.ts", [port, String(count), wire]);
  await peers.line();
  await delay(2000);
  const { now } = await server.ask("rest");
  return (now - before) / count;
}

console.log(`${values.idle} idle connections; bytes of each at the server`);
const raw = await idle("raw");
console.log(`raw      ${raw.toFixed(0).padStart(7)}`);
for (const wire of ["plain", "goats.v1"]) {
  const each = await idle(wire);
  console.log(`${wire.padEnd(8)} ${each.toFixed(0).padStart(7)}  ${(each / raw).toFixed(2)} of raw`);
}
