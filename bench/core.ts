/**
 * What a message costs within one process, in µs: the codec alone, and the whole way from a handler's `yield` to a
 * caller's `for await` over the memory transport, that is everything but the socket.
 *
 *     deno task bench:core
 *
 * @module
 */
import { memoryClient } from "@x/goats/testing";
import { jsonCodec } from "../src/codec/json.ts";
import { bench } from "./design.ts";
import { median } from "./median.ts";
import { type Kind, make } from "./messages.ts";
import { benchService } from "./peers/goats.ts";

const COUNT = 200_000;

async function measure(name: string, count: number, run: () => unknown): Promise<void> {
  await run();
  await run();
  const times: number[] = [];
  for (let round = 0; round < 7; round++) {
    const began = performance.now();
    await run();
    times.push((performance.now() - began) * 1000 / count);
  }
  console.log(`${name.padEnd(36)} ${median(times).toFixed(3)} µs`);
}

let sink: unknown;
for (const kind of ["sample", "tick"] as const satisfies Kind[]) {
  const type = bench.model.methods[`push_${kind}`]!.streamingResult!;
  const codec = jsonCodec(type, { root: "result", context: "bench.push" });
  const message = make[kind](1);
  const text = JSON.stringify(message);
  await measure(`${kind}: JSON.stringify`, COUNT, () => {
    for (let n = 0; n < COUNT; n++) sink = JSON.stringify(make[kind](n));
  });
  await measure(`${kind}: codec.encode`, COUNT, () => {
    for (let n = 0; n < COUNT; n++) sink = codec.encode(make[kind](n));
  });
  await measure(`${kind}: JSON.parse`, COUNT, () => {
    for (let n = 0; n < COUNT; n++) sink = JSON.parse(text);
  });
  await measure(`${kind}: codec.decode`, COUNT, () => {
    for (let n = 0; n < COUNT; n++) sink = codec.decode(text);
  });
  await using client = memoryClient(benchService);
  await measure(`${kind}: push through memory`, COUNT, async () => {
    const stream = kind === "sample"
      ? client.push_sample({ count: COUNT })
      : client.push_tick({ count: COUNT });
    for await (const received of stream) sink = received;
  });
  await measure(`${kind}: flood through memory`, COUNT, async () => {
    const stream = kind === "sample" ? client.flood_sample() : client.flood_tick();
    const send = stream.send as (message: unknown) => Promise<void>;
    for (let n = 0; n < COUNT; n++) await send(make[kind](n));
    sink = await stream.closeAndRecv();
  });
}
void sink;
