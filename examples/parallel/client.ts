/** @module */
import type { ClientOf } from "@x/goats";
import { call } from "../call.ts";
import { parallel } from "./design.ts";

/** Connections to open in search of several isolates: the system deals them out, to the same one several times too. */
const ENOUGH = 100;

/** Connects until `isolates` of them are reached, tells each something, and prints who hears what. */
export async function* run(client: ClientOf<typeof parallel>, isolates = 2): AsyncGenerator<string> {
  await using streams = new AsyncDisposableStack();
  const readers = new Map<string, ReturnType<typeof client.news>>();
  for (let n = 0; n < ENOUGH && readers.size < isolates; n++) {
    const stream = client.news();
    streams.use(stream);
    const first = await stream.recv();
    if (first === null) throw new Error("Cannot listen: there is no news");
    if (readers.has(first.to)) await stream[Symbol.asyncDispose]();
    else readers.set(first.to, stream);
  }
  yield `connected to ${readers.size} isolates`;
  const number = await client.tell({ text: "hello" });
  for (const [isolate, stream] of readers) {
    const heard = await stream.recv();
    yield `a reader at ${isolate === heard?.to ? "its" : "another"} isolate hears ${heard?.text}` +
      (heard?.number === number ? "" : ", of another number");
  }
}

if (import.meta.main) await call(parallel, run);
