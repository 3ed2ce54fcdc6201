import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { gate } from "./flow.ts";
import { joined, sender } from "./joined.ts";

/** What grpc-js writes of a message: a prefix, then the message, which copies itself. */
function written(message: Buffer): number[] {
  const frame = Buffer.alloc(message.length + 5);
  frame.writeUInt32BE(message.length, 1);
  message.copy(frame, 5);
  return [...frame];
}

/** A stream of grpc-js: one write at a time. */
function sink() {
  const writes: number[] = [];
  let done: ((error?: Error | null) => void)[] = [];
  return {
    writes,
    write(message: Uint8Array, told: (error?: Error | null) => void) {
      writes.push(message.length);
      done.push(told);
      return true;
    },
    land(error?: Error) {
      const all = done;
      done = [];
      for (const told of all) told(error);
    },
  };
}

const of = (length: number): Uint8Array => new Uint8Array(length);

Deno.test("joined: every message behind its own prefix", () => {
  const messages = [Uint8Array.of(1, 2, 3), Uint8Array.of(), Uint8Array.of(4)];
  assertEquals(written(joined(messages)), [0, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 4]);
  // Again, as for a call that is tried again.
  const two = joined([Uint8Array.of(), Uint8Array.of(9)]);
  assertEquals(written(two), written(two));
  assertEquals([...Buffer.from(two)], [0, 0, 0, 0, 1, 9], "a copy by anybody else is as it is");
});

Deno.test("sender: the first at once, what follows together, in order", () => {
  const to = sink();
  const { send } = sender(to, gate(), true);
  for (const length of [1, 2, 3, 4]) assertEquals(send(of(length)), undefined);
  assertEquals(to.writes, [1]);
  to.land();
  assertEquals(to.writes, [1, 2 + 5 + 3 + 5 + 4]);
  to.land();
  send(of(7));
  assertEquals(to.writes.at(-1), 7, "nothing waits, so it goes at once");
});

/** Lands write after write, as many as there are. */
function landAll(to: ReturnType<typeof sink>): void {
  for (let before = -1; before !== to.writes.length;) {
    before = to.writes.length;
    to.land();
  }
}

Deno.test("sender: large messages alone, and no more than 64 KiB together", () => {
  const to = sink();
  const { send } = sender(to, gate(), true);
  for (const length of [1, 20_000, 2, 3, 20_000, 4]) send(of(length));
  landAll(to);
  assertEquals(to.writes, [1, 20_000, 2 + 5 + 3, 20_000, 4]);
  for (let n = 0; n < 8; n++) send(of(15_000));
  landAll(to);
  assertEquals(to.writes.slice(5), [15_000, 4 * 15_005 - 5, 3 * 15_005 - 5]);
});

Deno.test("sender: one by one where they may not be joined", () => {
  const to = sink();
  const { send } = sender(to, gate(), false);
  for (const length of [1, 2, 3]) send(of(length));
  landAll(to);
  assertEquals(to.writes, [1, 2, 3]);
});

Deno.test("sender: what comes after all messages comes behind the last one, once", () => {
  const to = sink();
  const one = sender(to, gate(), true);
  let ends = 0;
  const end = () => void to.writes.push(-++ends);
  one.send(of(1));
  one.send(of(2));
  one.send(of(20_000));
  one.finish(end);
  assertEquals(to.writes, [1], "one write at a time");
  to.land();
  assertEquals(to.writes, [1, 2]);
  to.land();
  assertEquals(to.writes, [1, 2, 20_000, -1], "at once behind the last");
  landAll(to);
  assertEquals(ends, 1);

  const other = sender(to, gate(), true);
  other.finish(end);
  assertEquals(ends, 2, "at once where nothing waits");
});

Deno.test("sender: whoever fills it waits until the write has landed", async () => {
  const to = sink();
  const { send } = sender(to, gate(), true);
  for (let n = 0; n < 64; n++) assertEquals(send(of(1)), undefined);
  const full = send(of(1));
  assertEquals(full instanceof Promise, true);
  to.land();
  await full;
  const large = send(of(64 * 1024));
  assertEquals(large instanceof Promise, true);
  to.land();
  await large;
});

Deno.test("sender: a write that failed is not followed by others", () => {
  const to = sink();
  const { send } = sender(to, gate(), true);
  send(of(1));
  send(of(2));
  to.land(new Error("gone"));
  assertEquals(to.writes, [1]);
});
