import {
  assert,
  assertAlmostEquals,
  assertEquals,
  AssertionError,
  assertObjectMatch,
  assertRejects,
  assertThrows,
  equal,
} from "@std/assert";
import { deadline, delay } from "@std/async";
import { TextLineStream } from "@std/streams";

Deno.test("equal() tells kinds, keys and values apart", () => {
  class A {
    x = 1;
  }
  const alike: [unknown, unknown][] = [
    [NaN, NaN],
    [0, -0],
    [{ a: [1, { b: 2n }] }, { a: [1, { b: 2n }] }],
    [Object.create(null), {}],
    [new Map([["a", { x: 1 }]]), new Map([["a", { x: 1 }]])],
    [new Set([[1]]), new Set([[1]])],
    [new Uint8Array([1, 2]), new Uint8Array([1, 2])],
    [new Date(NaN), new Date(NaN)],
    [new Error("a"), new Error("a")],
  ];
  for (const [a, b] of alike) assertEquals(a, b);
  const different: [unknown, unknown][] = [
    [1, 1n],
    ["1", 1],
    [{ a: undefined }, {}],
    [{ a: undefined }, { b: undefined }],
    [new A(), { x: 1 }],
    [[1, 2], [1]],
    [new Uint8Array([1]), new Uint8Array([2])],
    [new Uint8Array([1]), [1]],
    [new Map([["a", 1]]), new Map([["a", 2]])],
    [new Set([1]), new Set([2])],
    [new Date(1), new Date(2)],
    [new Error("a"), new Error("b")],
    [null, {}],
    [{ [Symbol.for("s")]: 1 }, { [Symbol.for("s")]: 2 }],
  ];
  for (const [a, b] of different) assert(!equal(a, b), `${Deno.inspect(a)} equals ${Deno.inspect(b)}`);
  const loop: Record<string, unknown> = {};
  loop.self = loop;
  const twin: Record<string, unknown> = {};
  twin.self = twin;
  assertEquals(loop, twin);
});

Deno.test("assertions fail when they should", async () => {
  assertThrows(() => assert(0), AssertionError);
  assertThrows(() => assertEquals<unknown>(1, 2), AssertionError, "not equal");
  assertThrows(() => assertThrows(() => {}), AssertionError, "Expected function to throw");
  assertThrows(
    () =>
      assertThrows(() => {
        throw new Error("a");
      }, TypeError),
    AssertionError,
    "instance of",
  );
  assertThrows(
    () =>
      assertThrows(
        () => {
          throw new Error("a");
        },
        Error,
        "b",
      ),
    AssertionError,
    "to include",
  );
  await assertRejects(() => assertRejects(() => Promise.resolve()), AssertionError, "to reject");
  assertThrows(() => assertAlmostEquals(1, 1.1), AssertionError);
  assertAlmostEquals(1, 1.1, 0.2);
  assertObjectMatch({ a: 1, b: { c: 2, d: [1, 2] } }, { b: { d: [1, 2] } });
  assertThrows(() => assertObjectMatch({ a: 1, b: { c: 2 } }, { b: { c: 3 } }), AssertionError);
  assertThrows(() => assertObjectMatch({ a: 1 }, { b: undefined }), AssertionError);
});

Deno.test("delay() and deadline() end by time or signal and leave nothing behind", async () => {
  await delay(1);
  const cause = new Error("stop");
  await assertRejects(() => delay(60_000, { signal: AbortSignal.abort(cause) }), Error, "stop");
  const controller = new AbortController();
  const pending = delay(60_000, { signal: controller.signal });
  controller.abort(cause);
  await assertRejects(() => pending, Error, "stop");
  const error = await assertRejects(() => deadline(new Promise<void>(() => {}), 1), DOMException);
  assertEquals(error.name, "TimeoutError");
  assertEquals(await deadline(Promise.resolve(1), 60_000), 1);
});

Deno.test("TextLineStream splits across chunks", async () => {
  const lines = (chunks: string[], allowCR = false) =>
    Array.fromAsync(ReadableStream.from(chunks).pipeThrough(new TextLineStream({ allowCR })));
  assertEquals(await lines(["a\nb", "c\r", "\nd\n"]), ["a", "bc", "d"]);
  assertEquals(await lines(["a\rb\r"], true), ["a", "b"]);
  assertEquals(await lines(["\n\n"]), ["", ""]);
});
