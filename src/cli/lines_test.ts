import { assertEquals, assertRejects } from "@std/assert";
import { ServiceError } from "../errors/service_error.ts";
import { type Line, lineReader } from "./lines.ts";

/** All lines of bytes that come in chunks of one size. */
async function linesOf(bytes: Uint8Array, size: number): Promise<Line[]> {
  let at = 0;
  const reader = lineReader(
    new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at >= bytes.length) return controller.close();
        controller.enqueue(bytes.subarray(at, at += size));
      },
    }),
  );
  const all: Line[] = [];
  for (let lines = await reader.next(); lines !== null; lines = await reader.next()) all.push(...lines);
  assertEquals(await reader.next(), null);
  return all;
}

Deno.test("lines are the same however their bytes come", async () => {
  const bytes = new TextEncoder().encode("\ufeffeins\n\n  \nzwei ♥\r\ndrei");
  for (const size of [1, 2, 3, 5, 100]) {
    assertEquals(await linesOf(bytes, size), [
      { number: 1, text: "eins" },
      { number: 4, text: "zwei ♥\r" },
      { number: 5, text: "drei" },
    ]);
  }
  assertEquals(await linesOf(new Uint8Array(), 1), []);
});

Deno.test("what is not UTF-8 is told with its line", async () => {
  for (const bytes of [[0x61, 0x0a, 0xff, 0x0a], [0x61, 0x0a, 0xe2, 0x99]]) {
    const error = await assertRejects(() => linesOf(new Uint8Array(bytes), 1), ServiceError);
    assertEquals([error.name, error.message], ["decode_payload", "line 2 or after it: not UTF-8"]);
  }
});

Deno.test("a reader that is stopped gives no more, and lets go of its source", async () => {
  let cancelled = false;
  const reader = lineReader(
    new ReadableStream({
      cancel: () => void (cancelled = true),
    }, { highWaterMark: 0 }),
  );
  const next = reader.next();
  reader.stop();
  assertEquals([await next, cancelled, await reader.next()], [null, true, null]);
});

Deno.test("no more is read than is asked for", async () => {
  let pulled = 0;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled++;
      controller.enqueue(new TextEncoder().encode("a\n"));
    },
  }, { highWaterMark: 0 });
  const reader = lineReader(source);
  assertEquals(pulled, 0);
  await reader.next();
  await reader.next();
  assertEquals(pulled, 2);
  reader.stop();
});
