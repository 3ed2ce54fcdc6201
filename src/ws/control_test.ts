import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type Control, decodeControl, encodeControl } from "./control.ts";
import vectors from "./vectors.json" with { type: "json" };

/** Vectors hold tokens in hex, as JSON has no bytes. */
function controlOf(frame: Record<string, unknown>): Control {
  return (typeof frame.token === "string"
    ? { ...frame, token: Uint8Array.fromHex(frame.token) }
    : frame) as Control;
}

for (const { name, hex, frame } of vectors.valid) {
  Deno.test(`vector: ${name}`, () => {
    assertEquals(encodeControl(controlOf(frame)).toHex(), hex);
    assertEquals(decodeControl(Uint8Array.fromHex(hex)), controlOf(frame));
  });
}

for (const { name, hex, error } of vectors.invalid) {
  Deno.test(`vector: ${name}`, () => {
    const thrown = assertThrows(() => decodeControl(Uint8Array.fromHex(hex)));
    assert(thrown instanceof Error && thrown.message.includes(error), String(thrown));
  });
}

Deno.test("every type of frame has a vector", () => {
  const types = ["hello", "resume", "lost", "grant", "head", "end", "error", "ping", "pong", "leave"];
  assertEquals(new Set(vectors.valid.map(({ frame }) => frame.type)), new Set(types));
});

const int = fc.oneof(fc.maxSafeNat(), fc.nat({ max: 300 }), fc.constant(Number.MAX_SAFE_INTEGER));
const grant = fc.record({ received: int, messages: int, size: int });
// Headers and trailers are what fetch makes of them; any text will do here.
const pairs = fc.array(fc.tuple(fc.string(), fc.string({ unit: "binary" })), { maxLength: 4 })
  .map((all) => all.map(([a, b]) => [a.toWellFormed(), b.toWellFormed()] as const));
const control: fc.Arbitrary<Control> = fc.oneof(
  fc.record({
    type: fc.constant("hello" as const),
    token: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    resumeMs: int,
    grant,
  }),
  fc.record({ type: fc.constantFrom("resume" as const, "grant" as const), grant }),
  fc.constantFrom({ type: "lost" as const }, { type: "leave" as const }),
  fc.record({ type: fc.constant("head" as const), view: fc.string(), headers: pairs }),
  fc.record({ type: fc.constant("head" as const), headers: pairs }),
  fc.record({ type: fc.constant("end" as const), messages: int, trailers: pairs }),
  fc.record({ type: fc.constant("error" as const), messages: int, code: int, json: fc.string() }),
  fc.record({ type: fc.constantFrom("ping" as const, "pong" as const), id: int, received: int }),
);

Deno.test("what is encoded is decoded", () => {
  fc.assert(fc.property(control, (frame) => {
    const back = decodeControl(encodeControl(frame));
    assertEquals(
      back.type === "hello" ? { ...back, token: [...back.token] } : back,
      frame.type === "hello" ? { ...frame, token: [...frame.token] } : frame,
    );
  }));
});

Deno.test("bytes of any kind are decoded, or refused with an Error; what is decoded is encoded as it was", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    // Frames with a few bytes changed, cut off or added.
    fc.tuple(
      control,
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 3 }),
      fc.nat({ max: 3 }),
    )
      .map(([frame, changes, cut]) => {
        const all = encodeControl(frame);
        for (const [at, byte] of changes) all[at % all.length] = byte;
        return all.subarray(0, all.length - cut);
      }),
  );
  fc.assert(
    fc.property(bytes, (given) => {
      let frame: Control;
      try {
        frame = decodeControl(given);
      } catch (error) {
        assert(error instanceof Error && error.message !== "");
        return;
      }
      // JSON has more than one spelling; all else has one.
      if (frame.type !== "head" && frame.type !== "end") assertEquals([...encodeControl(frame)], [...given]);
      else assertEquals(decodeControl(encodeControl(frame)), frame);
    }),
    { numRuns: 2000 },
  );
});
