import { assertEquals } from "@std/assert";
import { startDeadline } from "./deadline.ts";

Deno.test("a deadline beyond what timers keep does not pass at once", async () => {
  let passed = 0;
  const stop = startDeadline(2 ** 33, () => passed++);
  await new Promise((resolve) => setTimeout(resolve, 20));
  stop();
  assertEquals(passed, 0);
});

Deno.test("a deadline in the past passes in a later turn", async () => {
  let passed = 0;
  startDeadline(-5, () => passed++);
  assertEquals(passed, 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(passed, 1);
});

Deno.test({
  name: "a stopped deadline leaves no timer",
  sanitizeOps: true,
  fn() {
    startDeadline(1000, () => {})();
    startDeadline(2 ** 40, () => {})();
  },
});
