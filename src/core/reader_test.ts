import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { inbox } from "./inbox.ts";
import { messageReader } from "./reader.ts";

function reading() {
  const queue = inbox<string>();
  let under = 0;
  const read = () => {
    assertEquals(under, 0, "read was called while one was pending");
    const frame = queue.read();
    if (frame instanceof Promise) {
      under++;
      return frame.finally(() => under--);
    }
    return frame;
  };
  const reader = messageReader<string, number>(read, (frame) => {
    const n = Number(frame);
    if (Number.isNaN(n)) throw new RangeError(`not a number: ${frame}`);
    return n;
  });
  return { queue, reader };
}

Deno.test("reader keeps the order of concurrent recv, and reads one frame at a time", async () => {
  const { queue, reader } = reading();
  const all = [reader.recv(), reader.recv(), reader.recv(), reader.recv()];
  queue.push("1");
  queue.push("2");
  await Promise.resolve();
  queue.push("3");
  queue.end();
  assertEquals(await Promise.all(all), [1, 2, 3, null]);
});

Deno.test("reader rejects the recv of an invalid frame alone", async () => {
  const { queue, reader } = reading();
  const waiting = [reader.recv(), reader.recv()];
  queue.push("x");
  queue.push("2");
  await assertRejects(() => waiting[0]!, RangeError);
  assertEquals(await waiting[1], 2);
  queue.push("y");
  await assertRejects(() => reader.recv(), RangeError);
  queue.push("3");
  assertEquals(await reader.recv(), 3);
});

Deno.test("reader's iterator calls `left` on a break, not at the end", async () => {
  const { queue, reader } = reading();
  let left = 0;
  const messages = { [Symbol.asyncIterator]: () => reader.iterate(() => void left++) };
  for (const frame of ["1", "2", "3"]) queue.push(frame);
  queue.end();
  for await (const _ of messages) break;
  assertEquals(left, 1);
  assertEquals(await Array.fromAsync(messages), [2, 3]);
  assertEquals(left, 1);
});

Deno.test("reader's stream errors at an invalid frame, and tells `left` why", async () => {
  const { queue, reader } = reading();
  const reasons: unknown[] = [];
  const stream = reader.stream((reason) => void reasons.push(reason));
  queue.push("1");
  queue.push("x");
  const from = stream.getReader();
  assertEquals((await from.read()).value, 1);
  const error = await assertRejects(() => from.read(), RangeError);
  assertStrictEquals(reasons[0], error);
});

Deno.test("reader's stream reads ahead of nobody", async () => {
  const { queue, reader } = reading();
  const stream = reader.stream(() => {});
  for (const frame of ["1", "2"]) queue.push(frame);
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(queue.size, 2);
  await stream.cancel();
});
