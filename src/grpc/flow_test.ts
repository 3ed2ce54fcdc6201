import { assertEquals, assertRejects } from "@std/assert";
import { gate, pausingInbox } from "./flow.ts";

function source() {
  const calls: string[] = [];
  return { calls, pause: () => void calls.push("pause"), resume: () => void calls.push("resume") };
}

Deno.test("pausingInbox: stops its source at 64 messages, lets it go on at half of them", () => {
  const { calls, ...flow } = source();
  const inbox = pausingInbox(flow);
  for (let i = 0; i < 63; i++) inbox.push(Uint8Array.of(i));
  assertEquals(calls, []);
  inbox.push(Uint8Array.of(63));
  inbox.push(Uint8Array.of(64));
  assertEquals(calls, ["pause"]);
  for (let i = 0; i < 32; i++) assertEquals(inbox.read(), Uint8Array.of(i));
  assertEquals(calls, ["pause"]);
  inbox.read();
  assertEquals(calls, ["pause", "resume"]);
});

Deno.test("pausingInbox: counts bytes too", () => {
  const { calls, ...flow } = source();
  const inbox = pausingInbox(flow);
  inbox.push(new Uint8Array(200_000));
  assertEquals(calls, []);
  inbox.push(new Uint8Array(200_000));
  assertEquals(calls, ["pause"]);
  inbox.read();
  assertEquals(calls, ["pause"]);
  inbox.read();
  assertEquals(calls, ["pause", "resume"]);
});

Deno.test("pausingInbox: what waits is taken at once; what nobody reads flows by", async () => {
  const { calls, ...flow } = source();
  const inbox = pausingInbox(flow);
  const waiting = inbox.read();
  inbox.push(new Uint8Array(1_000_000));
  assertEquals((await waiting)?.length, 1_000_000);
  assertEquals(calls, []);
  for (let i = 0; i < 64; i++) inbox.push(Uint8Array.of(i));
  inbox.discard();
  for (let i = 0; i < 100; i++) inbox.push(new Uint8Array(100_000));
  assertEquals(calls, ["pause", "resume"]);
});

Deno.test("gate: lets all through at once, or none any more", async () => {
  const room = gate();
  const both = [room.wait(), room.wait()];
  room.open();
  await Promise.all(both);
  const late = room.wait();
  room.fail(() => new TypeError("over"));
  room.fail(() => new RangeError("later"));
  await assertRejects(() => late, TypeError, "over");
  await assertRejects(() => room.wait(), TypeError, "over");
});
