import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { printer } from "./printer.ts";

Deno.test("lines of one turn are written at once, and none is lost between turns", async () => {
  const writes: string[] = [];
  const out = printer((bytes) => {
    writes.push(new TextDecoder().decode(bytes));
    return Promise.resolve();
  });
  assertEquals(out.line("a"), undefined);
  assertEquals(out.line("b"), undefined);
  await out.flush();
  assertEquals(writes, ["a\nb\n"]);
  for (let n = 0; n < 1000; n++) {
    out.line(`${n}`);
    // Microtasks of every depth: a line may be added at any moment of a write.
    for (let i = 0; i < n % 7; i++) await null;
  }
  await out.flush();
  assertEquals(writes.join(""), "a\nb\n" + Array.from({ length: 1000 }, (_, n) => `${n}\n`).join(""));
});

Deno.test("whoever writes waits for a reader that is behind", async () => {
  const taken = Promise.withResolvers<void>();
  let written = 0;
  const out = printer(async (bytes) => {
    await taken.promise;
    written += bytes.length;
  });
  let lines = 0;
  let wait: void | Promise<void> = undefined;
  while (wait === undefined) {
    wait = out.line("x".repeat(1023));
    lines++;
  }
  assert(lines <= 65);
  taken.resolve();
  await wait;
  assertEquals(written, lines * 1024);
});

Deno.test("a pipe that is broken fails what follows", async () => {
  const out = printer(() => Promise.reject(new Deno.errors.BrokenPipe("gone")));
  out.line("a");
  await assertRejects(() => out.flush(), Deno.errors.BrokenPipe);
  assertThrows(() => out.line("b"), Deno.errors.BrokenPipe);
  await assertRejects(() => out.flush(), Deno.errors.BrokenPipe);
});
