/** The caller: `peer.ts up|down PORT BYTES SIZE`. Sends, or opens a stream and reads it once it is told to `go`. */
import { grpcClient } from "../../src/grpc/mod.ts";
import { answer, forgetPeak, resident } from "../floods/process.ts";
import { grpcFloods } from "./design.ts";

const kind = Deno.args[0] as "up" | "down";
const [port, bytes, size] = Deno.args.slice(1).map(Number) as [number, number, number];
/** Bytes that were sent, or read. */
let moved = 0;
let end = "";
const go = Promise.withResolvers<void>();
const client = grpcClient(grpcFloods, `127.0.0.1:${port}`);

async function up(): Promise<number> {
  const stream = client.up();
  const data = new Uint8Array(size);
  for (; moved < bytes; moved += size) await stream.send({ data });
  return Number((await stream.closeAndRecv()).bytes);
}

async function down(): Promise<number> {
  const stream = client.down({ bytes: BigInt(bytes), size });
  await stream.opened;
  await go.promise;
  for await (const { data } of stream) moved += data.length;
  return moved;
}

// What is loaded and compiled is no growth.
for await (const _chunk of client.down({ bytes: BigInt(64 * size), size }));
(globalThis as { gc?: () => void }).gc?.();
forgetPeak();
const before = resident().now;
console.log("ready".length);
await answer({
  start() {
    void { up, down }[kind]().then((count) => end = `${count}`, (error) => end = `${error}`);
    return true;
  },
  look: () => ({ moved, end, grown: resident().peak - before }),
  go() {
    go.resolve();
    return true;
  },
});
Deno.exit(0);
