import { assertEquals, assertThrows } from "@std/assert";
import { byteSink } from "./byte_writer.ts";

Deno.test("byteSink: numbers are written with the highest octet first", () => {
  const out = byteSink();
  out.u8(0xfe);
  out.u16(0x1234);
  out.u24(0xabcdef);
  out.u32(0xfedcba98);
  out.bytes(Uint8Array.of(1, 2));
  out.text("a\xff");
  assertEquals(out.length, 14);
  const octets = [0xfe, 0x12, 0x34, 0xab, 0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98, 1, 2, 97, 255];
  assertEquals([...out.take()], octets);
  assertEquals(out.length, 0);
});

Deno.test("byteSink: places count from what has not been taken out", () => {
  const out = byteSink();
  out.u32(0);
  out.take();
  out.bytes(new Uint8Array(9));
  out.setU24(0, 0x010203);
  out.setU8(3, 4);
  out.setU32(5, 0xf5060708);
  assertEquals([...out.take()], [1, 2, 3, 4, 0, 0xf5, 6, 7, 8]);
  out.u8(1);
  for (
    const outside of [
      () => out.setU8(1, 0),
      () => out.setU24(0, 0),
      () => out.setU32(-4, 0),
      () => out.reset(2),
    ]
  ) assertThrows(outside, RangeError);
  assertEquals([...out.take()], [1]);
});

Deno.test("byteSink: what was taken out stays as it is", () => {
  const out = byteSink();
  const taken: Uint8Array[] = [];
  for (let round = 0; round < 3000; round++) {
    out.bytes(new Uint8Array(round % 50).fill(round));
    out.u8(99);
    out.reset(round % 50);
    taken.push(out.take());
  }
  taken.forEach((octets, round) => assertEquals(octets, new Uint8Array(round % 50).fill(round)));
});

Deno.test("byteSink: grows, and keeps what is there", () => {
  const out = byteSink();
  out.u8(1);
  out.take();
  const all: number[] = [];
  for (let round = 0; round < 200; round++) {
    out.ensure(round);
    out.bytes(new Uint8Array(round * 10).fill(round));
    for (let octet = 0; octet < round * 10; octet++) all.push(round);
  }
  assertEquals(out.length, all.length);
  assertEquals(out.take(), Uint8Array.from(all));
  out.text("x".repeat(100_000));
  assertEquals(out.take(), new Uint8Array(100_000).fill(120));
});

Deno.test("byteSink: strings have an octet for each code unit, or are refused and leave nothing", () => {
  const out = byteSink();
  for (const length of [0, 1, 63, 64, 65, 1000]) {
    for (const unit of ["a", "\x00", "\x80", "\xff"]) {
      const text = "y".repeat(length) + unit + "z".repeat(length);
      out.text(text);
      assertEquals(out.take(), Uint8Array.from(text, (one) => one.charCodeAt(0)));
    }
    for (const unit of ["\u0100", "€", "\ud800", "😀"]) {
      out.u8(7);
      assertThrows(() => out.text("y".repeat(length) + unit + "z".repeat(length)), TypeError, "U+00FF");
      assertEquals([...out.take()], [7]);
    }
  }
});
