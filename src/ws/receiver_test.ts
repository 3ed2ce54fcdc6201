import { assertEquals } from "@std/assert";
import type { ServiceError } from "../errors/service_error.ts";
import { resolveLimits, type WsLimits } from "./limits.ts";
import { BINARY, receiver } from "./receiver.ts";

function make(limits: WsLimits) {
  const errors: ServiceError[] = [];
  const made = receiver({
    limits: resolveLimits(limits),
    where: "svc.m",
    overloaded(error) {
      errors.push(error);
      made.stop();
    },
  });
  return { ...made, errors };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

Deno.test("bounds hold at the end of a turn", async () => {
  const { inbox, hold, errors } = make({ unreadMessages: 2 });
  for (const text of ["1", "2", "3"]) hold(text);
  assertEquals(errors.length, 0);
  inbox.read();
  await turn();
  assertEquals(errors.length, 0);
  hold("4");
  await turn();
  assertEquals(errors.map(({ name }) => name), ["overloaded"]);
});

Deno.test("within a turn four times as much is the bound", () => {
  const { hold, errors } = make({ unreadMessages: 2 });
  for (let n = 0; n < 8; n++) hold("x");
  assertEquals(errors.length, 0);
  hold("x");
  assertEquals(errors.length, 1);
});

Deno.test("bytes count as messages do; one message alone never overloads", async () => {
  const { inbox, hold, errors, stop } = make({ unreadBytes: 10 });
  hold("x".repeat(100));
  await turn();
  assertEquals(errors.length, 0);
  inbox.read();
  hold("x".repeat(10));
  await turn();
  assertEquals(errors.length, 0);
  hold("y");
  await turn();
  assertEquals(errors.length, 1);
  stop();
});

Deno.test("what nobody will read is not held", () => {
  const { inbox, hold, errors } = make({ unreadMessages: 1 });
  inbox.discard();
  for (let n = 0; n < 100; n++) hold("x");
  assertEquals([inbox.size, errors.length], [0, 0]);
});

Deno.test("a binary frame takes its turn among the texts", () => {
  const { inbox, hold } = make({});
  hold("a");
  hold(new ArrayBuffer(3));
  assertEquals([inbox.read(), inbox.read()], ["a", BINARY]);
});

Deno.test("stop leaves no look at the bounds behind", async () => {
  const { hold, stop, errors } = make({ unreadMessages: 1 });
  hold("a");
  hold("b");
  stop();
  await turn();
  assertEquals(errors.length, 0);
});
