import { assertEquals } from "@std/assert";
import { compressionFault, messageFrames } from "./message_frames.ts";

const bytes = Uint8Array.of(0, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, ...new Uint8Array(256));

Deno.test("message frames: are the same wherever bytes are cut", () => {
  for (let first = 0; first <= bytes.length; first++) {
    for (const second of [first, first + 1, first + 5, bytes.length]) {
      const frames = messageFrames(undefined);
      for (const chunk of [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)]) {
        assertEquals(frames.take(chunk), chunk.length);
      }
      assertEquals([frames.count, frames.cut(), frames.fault], [3, false, undefined]);
    }
  }
});

Deno.test("message frames: one that is cut is told, at every byte", () => {
  const whole = new Set([0, 8, 13, bytes.length]);
  for (let end = 0; end <= bytes.length; end++) {
    const frames = messageFrames(undefined);
    assertEquals(frames.take(bytes.subarray(0, end)), end);
    assertEquals(frames.cut(), !whole.has(end), `${end}`);
  }
});

Deno.test("message frames: nothing is sound from a prefix on that is none", () => {
  for (const flags of [1, 2, 3, 128, 255]) {
    const frames = messageFrames("not compressed");
    assertEquals(frames.take(Uint8Array.of(0, 0, 0, 0, 1, 9, flags, 0, 0, 0, 0)), 6);
    assertEquals(frames.fault, flags === 1 ? "not compressed" : `a message has unknown flags: ${flags}`);
    assertEquals(frames.take(Uint8Array.of(0, 0, 0, 0, 0)), 0);
    assertEquals([frames.count, frames.cut()], [1, false]);
  }
});

Deno.test("message frames: a length may be as large as four bytes tell", () => {
  const frames = messageFrames(undefined);
  frames.take(Uint8Array.of(0, 255, 255, 255, 255));
  assertEquals(frames.take(new Uint8Array(1000).fill(255)), 1000);
  assertEquals([frames.count, frames.cut(), frames.fault], [0, true, undefined]);
});

Deno.test("message frames: of a length that is too large, the last byte is not sound", () => {
  const frames = messageFrames(undefined, 2);
  assertEquals(frames.take(Uint8Array.of(0, 0, 0, 0, 2, 1, 2, 0, 0, 0, 0)), 11);
  assertEquals(frames.take(Uint8Array.of(3, 1, 2, 3)), 0);
  assertEquals(
    [frames.count, frames.tooLarge, frames.fault],
    [1, true, "Received message larger than max (3 vs 2)"],
  );
});

Deno.test("message frames: what encodings say of compressed messages", () => {
  const known = new Set(["gzip"]);
  for (const none of [undefined, "", "identity"]) {
    for (const set of [undefined, known]) {
      assertEquals(
        compressionFault(none, set),
        "a message is compressed, and grpc-encoding names no compression",
      );
    }
  }
  assertEquals(compressionFault("gzip", known), undefined);
  assertEquals(compressionFault("br"), undefined);
  assertEquals(compressionFault("br", known), `a message is compressed by "br", which is not known`);
});
