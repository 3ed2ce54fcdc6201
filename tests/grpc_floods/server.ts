/** The server: sends as much as it is asked to, and reads once it is told to `go`. */
import { implement } from "../../src/core/implement.ts";
import { grpcServer } from "../../src/grpc/mod.ts";
import { answer, forgetPeak, resident } from "../floods/process.ts";
import { grpcFloods } from "./design.ts";

/** Bytes that were sent, or read. */
let moved = 0;
let before = 0;
const go = Promise.withResolvers<void>();

const service = implement(grpcFloods, {
  async down({ payload: { bytes, size }, stream }) {
    const data = new Uint8Array(size);
    for (let left = Number(bytes); left > 0; left -= size) {
      await stream.send({ data });
      moved += size;
    }
  },
  async up({ stream }) {
    let bytes = 0n;
    await go.promise;
    for await (const { data } of stream) {
      bytes += BigInt(data.length);
      moved += data.length;
    }
    return { bytes };
  },
});
const { port } = await grpcServer([service]).listen("127.0.0.1:0");
console.log(port);
await answer({
  mark() {
    (globalThis as { gc?: () => void }).gc?.();
    moved = 0;
    forgetPeak();
    return before = resident().now;
  },
  look: () => ({ moved, grown: resident().peak - before }),
  go() {
    go.resolve();
    return true;
  },
});
Deno.exit(0);
