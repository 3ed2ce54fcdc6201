import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { inbox } from "./inbox.ts";

Deno.test("inbox gives frames in order, without a promise while it has some", async () => {
  const queue = inbox<number>();
  for (let n = 0; n < 5000; n++) queue.push(n);
  assertEquals(queue.size, 5000);
  for (let n = 0; n < 5000; n++) assertStrictEquals(queue.read(), n);
  const next = queue.read();
  queue.push(7);
  assertEquals(await next, 7);
  assertEquals(queue.size, 0);
});

Deno.test("inbox tells its end after what is queued, and then always", () => {
  const queue = inbox<number>();
  queue.push(1);
  queue.end();
  queue.fail(new Error("too late"));
  queue.push(2);
  assertEquals([queue.read(), queue.read(), queue.read()], [1, null, null]);
});

Deno.test("inbox tells its failure after what is queued, and then always", async () => {
  const queue = inbox<number>();
  const why = new Error("cut");
  queue.push(1);
  queue.fail(why);
  assertEquals(queue.read(), 1);
  for (let n = 0; n < 2; n++) assertStrictEquals(await assertRejects(async () => await queue.read()), why);
});

Deno.test("inbox settles a pending read when it ends, fails or aborts", async () => {
  for (const how of ["end", "fail", "abort"] as const) {
    const queue = inbox<number>();
    const read = Promise.resolve(queue.read());
    const why = new Error(how);
    queue[how](why);
    if (how === "end") assertEquals(await read, null);
    else assertStrictEquals(await assertRejects(() => read), why);
  }
});

Deno.test("inbox drops what is queued when aborted, also after it has ended", async () => {
  const queue = inbox<number>();
  queue.push(1);
  queue.end();
  const why = new Error("cancelled");
  queue.abort(why);
  assertStrictEquals(await assertRejects(async () => await queue.read()), why);
});

Deno.test("inbox gives back what is taken or discarded, each frame once", () => {
  const taken: number[] = [];
  const queue = inbox<number>({ taken: (frame) => taken.push(frame) });
  queue.push(1);
  assertEquals(taken, []);
  queue.read();
  void queue.read();
  queue.push(2);
  assertEquals(taken, [1, 2]);
  queue.push(3);
  queue.push(4);
  queue.discard();
  assertEquals(taken, [1, 2, 3, 4]);
  queue.push(5);
  assertEquals([taken.length, queue.size, queue.read()], [4, 0, null]);
});

Deno.test("inbox takes many at once, in order, also for a reader that waits", async () => {
  const taken: number[] = [];
  const queue = inbox<number>({ taken: (frame) => taken.push(frame) });
  const first = queue.read();
  queue.pushAll([1, 2, 3]);
  assertEquals(await first, 1);
  assertEquals(queue.size, 2);
  queue.pushAll([4]);
  queue.pushAll([]);
  assertEquals([queue.read(), queue.read(), queue.read()], [2, 3, 4]);
  const last = queue.read();
  queue.pushAll([5]);
  assertEquals(await last, 5);
  assertEquals(taken, [1, 2, 3, 4, 5]);
  queue.end();
  queue.pushAll([6]);
  assertEquals(queue.read(), null);
});
