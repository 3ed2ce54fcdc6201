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
  const call = fake(told);
  calls.add(call);
  const drained = calls.drain(60_000);
  calls.delete(call);
  await drained;
  assertEquals(told, []);
});

Deno.test("drain aborts signals first, then ends what is left", async () => {
  const calls = activeCalls();
  const told: string[] = [];
  const polite = fake(told, () => calls.delete(polite));
  const stubborn = fake(told, () => {}, () => calls.delete(stubborn));
  calls.add(polite);
  calls.add(stubborn);
  await calls.drain(20);
  assertEquals(told, ["abort unavailable", "abort unavailable", "kill unavailable"]);
  assertEquals(calls.size, 0);
});

Deno.test("drain without grace aborts and ends in one turn", async () => {
  const calls = activeCalls();
  const told: string[] = [];
  const call = fake(told, () => {}, () => calls.delete(call));
  calls.add(call);
  await calls.drain(0);
  assertEquals(told, ["abort unavailable", "kill unavailable"]);
});
