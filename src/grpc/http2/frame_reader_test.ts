import { assertEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { frameReader } from "./frame_reader.ts";
import { bytes, frame, joined } from "./frames_peer_for_test.ts";
import { ConnectionError, ErrorCode, FRAME_BYTES } from "./protocol.ts";

/** What a reader says of chunks. */
function framesOf(chunks: Uint8Array[]): string[] {
  const frames: string[] = [];
  const read = frameReader((type, flags, id, payload) => {
    frames.push(`${type} ${flags} ${id} ${payload.toString("hex")}`);
  });
  for (const chunk of chunks) read(Buffer.from(chunk));
  return frames;
}

const FRAMES = joined(
  frame(0, 1, 1, Uint8Array.of(1, 2, 3)),
  frame(4, 0, 0),
  frame(200, 255, 0x7fffffff, bytes(20)),
  frame(9, 4, 5, Uint8Array.of(9)),
);
const WHOLE = ["0 1 1 010203", "4 0 0 ", `200 255 ${0x7fffffff} ${"78".repeat(20)}`, "9 4 5 09"];

Deno.test("frameReader: frames are the same wherever chunks end", () => {
  assertEquals(framesOf([FRAMES]), WHOLE);
  for (let first = 0; first <= FRAMES.length; first++) {
    for (let second = first; second <= FRAMES.length; second++) {
      const chunks = [FRAMES.subarray(0, first), FRAMES.subarray(first, second), FRAMES.subarray(second)];
      assertEquals(framesOf(chunks), WHOLE, `cut at ${first} and ${second}`);
    }
  }
  assertEquals(framesOf(Array.from(FRAMES, (octet) => Uint8Array.of(octet))), WHOLE);
});

Deno.test("frameReader: a frame that has not come whole is not handed over", () => {
  for (let length = 0; length < 12; length++) assertEquals(framesOf([FRAMES.subarray(0, length)]), []);
});

Deno.test("frameReader: the reserved bit of a stream's number is ignored", () => {
  const one = frame(0, 0, 3);
  one[5] = 0x80;
  assertEquals(framesOf([one]), ["0 0 3 "]);
  assertEquals(framesOf([one.subarray(0, 4), one.subarray(4)]), ["0 0 3 "]);
});

Deno.test("frameReader: the largest frame is read, and a larger one refused by its head alone", () => {
  const largest = frame(0, 0, 1, bytes(FRAME_BYTES));
  assertEquals(framesOf([largest.subarray(0, 10_000), largest.subarray(10_000)]).length, 1);
  const head = frame(0, 0, 1, bytes(FRAME_BYTES + 1)).subarray(0, 9);
  for (const chunks of [[head], [head.subarray(0, 5), head.subarray(5)]]) {
    const error = assertThrows(() => framesOf(chunks), ConnectionError, "too large");
    assertEquals(error.errorCode, ErrorCode.frameSizeError);
  }
});

Deno.test("frameReader: what the taker throws is thrown", () => {
  const read = frameReader(() => {
    throw new RangeError("no");
  });
  assertThrows(() => read(Buffer.from(frame(0, 0, 1))), RangeError, "no");
});
