import { assertEquals } from "@std/assert";
import { type ActiveCall, activeCalls } from "./active_calls.ts";

function fake(told: string[], onAbort: () => void = () => {}, onKill: () => void = () => {}): ActiveCall {
  return {
    abort(reason) {
      told.push(`abort ${reason.name}`);
      onAbort();
    },
    kill(reason) {
      told.push(`kill ${reason.name}`);
      onKill();
    },
  };
}

Deno.test("drain resolves at once when no call runs", () => activeCalls().drain(60_000));

Deno.test("drain waits for calls that end by themselves and tells them nothing", async () => {
  const calls = activeCalls();
  const told: string[] = [];
  const leave = calls.add(fake(told));
  const drained = calls.drain(60_000);
  leave();
  await drained;
  assertEquals(told, []);
});

Deno.test("drain aborts signals first, then ends what is left", async () => {
  const calls = activeCalls();
  const told: string[] = [];
  const leavePolitely = calls.add(fake(told, () => leavePolitely()));
  const leave = calls.add(fake(told, () => {}, () => leave()));
  await calls.drain(20);
  assertEquals(told, ["abort unavailable", "abort unavailable", "kill unavailable"]);
  assertEquals(calls.size, 0);
});

Deno.test("drain without grace aborts and ends in one turn", async () => {
  for (const none of [0, -1, NaN]) {
    const calls = activeCalls();
    const told: string[] = [];
    const leave = calls.add(fake(told, () => {}, () => leave()));
    await calls.drain(none);
    assertEquals(told, ["abort unavailable", "kill unavailable"]);
  }
});

Deno.test("drain waits for as long as it is told, which timers do not", async () => {
  for (const grace of [Infinity, 2 ** 32]) {
    const calls = activeCalls();
    const told: string[] = [];
    const leave = calls.add(fake(told));
    const drained = calls.drain(grace);
    // A timer that fires at once has fired before this one.
    await new Promise((resolve) => setTimeout(resolve, 5));
    leave();
    await drained;
    assertEquals(told, []);
  }
});
