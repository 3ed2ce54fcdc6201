import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { outbox, type OutSocket } from "./outbox.ts";

/** A socket whose network takes what `drain` says. */
function fakeSocket() {
  const sent: string[] = [];
  let bufferedAmount = 0;
  let readyState = 1;
  const socket: OutSocket = {
    get readyState() {
      return readyState;
    },
    get bufferedAmount() {
      return bufferedAmount;
    },
    send(text) {
      sent.push(text);
      bufferedAmount += text.length;
    },
  };
  return {
    socket,
    sent,
    drain: (to = 0) => bufferedAmount = to,
    close() {
      readyState = 2;
      bufferedAmount = 0;
    },
  };
}

const never = { stallMs: 1_000_000, stalled() {} };

Deno.test("what is written before open goes out at open, in order, with what follows behind it", () => {
  const { socket, sent } = fakeSocket();
  const box = outbox(never);
  assertEquals(box.write("a"), undefined);
  assertEquals(box.write("b"), undefined);
  box.open(socket);
  assertEquals(box.write("c"), undefined);
  assertEquals(sent, ["a", "b", "c"]);
  box.stop(() => new Error());
});

for (const [what, frame, most] of [["bytes", "x".repeat(200_000), 6], ["frames", "x", 1024]] as const) {
  Deno.test(`a queue full of ${what} makes writers wait until it is empty`, async () => {
    const { socket, sent, drain } = fakeSocket();
    const box = outbox(never);
    box.open(socket);
    let waits: void | Promise<void>;
    while ((waits = box.write(frame)) === undefined);
    assertEquals(sent.length, most);
    let done = false;
    const waiting = waits.then(() => done = true);
    drain(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assertEquals(done, false);
    drain();
    await waiting;
    assertEquals(box.write("x"), undefined);
  });
}

Deno.test("a queue seen empty starts its count anew", () => {
  const { socket, drain } = fakeSocket();
  const box = outbox(never);
  box.open(socket);
  for (let n = 0; n < 5000; n++) {
    assertEquals(box.write("x"), undefined);
    if (n % 500 === 0) drain();
  }
  box.stop(() => new Error());
});

Deno.test("waiting before open ends after it", async () => {
  const { socket, drain } = fakeSocket();
  const box = outbox(never);
  let waits: void | Promise<void>;
  while ((waits = box.write("x")) === undefined);
  box.open(socket);
  drain();
  await waits;
});

Deno.test("stop rejects who waits and who comes later, and leaves no timer", async () => {
  const { socket } = fakeSocket();
  const box = outbox(never);
  box.open(socket);
  const waits = box.write("x".repeat(2_000_000));
  assert(waits !== undefined);
  const reason = new Error("over");
  box.stop(() => reason);
  assertStrictEquals(await assertRejects(() => waits), reason);
  assertStrictEquals(await assertRejects(() => box.write("x")!), reason);
  await box.flushed();
});

Deno.test("a stop that nobody waits for raises nothing", async () => {
  const { socket } = fakeSocket();
  const box = outbox(never);
  box.open(socket);
  box.write("x".repeat(2_000_000));
  box.stop(() => new Error("over"));
  await new Promise((resolve) => setTimeout(resolve, 5));
});

Deno.test("a stop makes no error for nobody", () => {
  const { socket } = fakeSocket();
  const box = outbox(never);
  box.open(socket);
  box.write("x");
  let made = 0;
  box.stop(() => made++);
  box.stop(() => made++);
  assertEquals(made, 0);
});

Deno.test("flushed waits for the last byte", async () => {
  const { socket, drain } = fakeSocket();
  const box = outbox(never);
  await box.flushed();
  box.open(socket);
  await box.flushed();
  box.write("x");
  let done = false;
  const flushed = box.flushed().then(() => done = true);
  await new Promise((resolve) => setTimeout(resolve, 10));
  assertEquals(done, false);
  drain();
  await flushed;
});

Deno.test("a peer that takes nothing is stalled; one that takes a little is not", async () => {
  const { socket, drain } = fakeSocket();
  const stalled = Promise.withResolvers<void>();
  let left = 3_000_000;
  let early = true;
  const box = outbox({
    stallMs: 60,
    stalled() {
      assertEquals(early, false);
      stalled.resolve();
    },
  });
  box.open(socket);
  const waits = box.write("x".repeat(left));
  for (let n = 0; n < 10; n++) {
    drain(left -= 1000);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  early = false;
  await stalled.promise;
  box.stop(() => new Error("stalled"));
  await assertRejects(() => waits!, Error, "stalled");
});

Deno.test("a socket that the runtime closes has taken nothing, however empty its queue seems", async () => {
  const { socket, sent, close } = fakeSocket();
  const stalled = Promise.withResolvers<void>();
  const box = outbox({ stallMs: 30, stalled: stalled.resolve });
  box.open(socket);
  let waits = box.write("x".repeat(2_000_000));
  close();
  let done = false;
  waits!.then(() => done = true, () => {});
  await stalled.promise;
  assertEquals(done, false);
  box.stop(() => new Error("stalled"));
  await assertRejects(() => waits!, Error, "stalled");

  const other = outbox({ stallMs: 1_000_000, stalled() {} });
  other.open(socket);
  sent.length = 0;
  while ((waits = other.write("y")) === undefined) assert(sent.length < 1000, "all was taken");
  other.stop(() => new Error("gone"));
  await assertRejects(() => waits!, Error, "gone");
});
