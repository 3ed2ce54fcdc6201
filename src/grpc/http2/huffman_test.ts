import { assertEquals, assertThrows } from "@std/assert";
import { HpackError } from "./hpack_error.ts";
import { huffmanDecode } from "./huffman.ts";
import { EOS, hex, huffmanBits, huffmanEncode, octetsOf, seeded } from "./huffman_for_test.ts";
import { latin1 } from "./latin1.ts";

const decode = (octets: Uint8Array): string => huffmanDecode(octets, 0, octets.length);

Deno.test("huffmanDecode: the strings of RFC 7541 appendix C", () => {
  const strings: [string, string][] = [
    ["f1e3 c2e5 f23a 6ba0 ab90 f4ff", "www.example.com"],
    ["a8eb 1064 9cbf", "no-cache"],
    ["25a8 49e9 5ba9 7d7f", "custom-key"],
    ["25a8 49e9 5bb8 e8b4 bf", "custom-value"],
    ["6402", "302"],
    ["aec3 771a 4b", "private"],
    ["d07a be94 1054 d444 a820 0595 040b 8166 e082 a62d 1bff", "Mon, 21 Oct 2013 20:13:21 GMT"],
    ["9d29 ad17 1863 c78f 0b97 c8e9 ae82 ae43 d3", "https://www.example.com"],
    ["640e ff", "307"],
    ["9bd9 ab", "gzip"],
    ["", ""],
  ];
  for (const [octets, text] of strings) {
    assertEquals(decode(hex(octets)), text);
    assertEquals(huffmanEncode(text), hex(octets));
  }
});

Deno.test("huffmanDecode: every octet, and every two of them", () => {
  for (let one = 0; one < 256; one++) {
    const first = String.fromCharCode(one);
    assertEquals(decode(huffmanEncode(first)), first);
    let all = "";
    for (let two = 0; two < 256; two++) all += first + String.fromCharCode(two);
    assertEquals(decode(huffmanEncode(all)), all);
  }
});

Deno.test("huffmanDecode: only the octets it is told, and strings longer than most", () => {
  const long = "0123456789abcdefghijklmnopqrstuvwxyz\xff\x80".repeat(300);
  const octets = huffmanEncode(long);
  const within = new Uint8Array(octets.length + 9).fill(0xff);
  within.set(octets, 4);
  assertEquals(huffmanDecode(within, 4, 4 + octets.length), long);
});

Deno.test("huffmanDecode: padding are up to seven ones, the beginning of EOS", () => {
  for (const text of ["0", "a", "&", "X", "?", "0a", "0&", "\n", ""]) {
    const bits = huffmanBits(text);
    const padding = (8 - bits.length % 8) % 8;
    assertEquals(decode(octetsOf(bits + "1".repeat(padding))), text);
    for (const more of [8, 16, 24]) {
      assertThrows(() => decode(octetsOf(bits + "1".repeat(padding + more))), HpackError, "Huffman");
    }
    for (let zero = 0; zero < padding; zero++) {
      const wrong = "1".repeat(zero) + "0" + "1".repeat(padding - zero - 1);
      // A 0 may make another code of it, but then it is another string.
      let read: string | undefined;
      try {
        read = decode(octetsOf(bits + wrong));
      } catch (error) {
        if (!(error instanceof HpackError)) throw error;
      }
      assertEquals(read === text, false);
    }
  }
  assertThrows(() => decode(hex("00")), HpackError, "ends within a code");
});

Deno.test("huffmanDecode: EOS is no part of a string", () => {
  for (const text of ["", "a", "grpc"]) {
    for (const after of ["", "1", huffmanBits("b"), huffmanBits("grpc")]) {
      assertThrows(() => decode(octetsOf(huffmanBits(text) + EOS + after)), HpackError, "EOS within it");
    }
  }
});

Deno.test("huffmanDecode: any octets are a string that has them as its code, or an error", () => {
  const random = seeded();
  let strings = 0;
  for (let round = 0; round < 20_000; round++) {
    const octets = Uint8Array.from({ length: random(12) }, () => random(4) ? random(256) : 255);
    let text: string;
    try {
      text = decode(octets);
    } catch (error) {
      if (!(error instanceof HpackError)) throw error;
      continue;
    }
    assertEquals(huffmanEncode(text), octets);
    strings++;
  }
  assertEquals(strings > 1000, true);
});

Deno.test("latin1: a code unit for each octet, whatever their number", () => {
  const octets = Uint8Array.from({ length: 512 }, (_, at) => at);
  const units = Array.from(octets, (octet) => String.fromCharCode(octet)).join("");
  for (let at = 0; at < 300; at++) {
    for (const length of [0, 1, 3, 4, 7, 8, 12, 63, 64, 65, 127, 128, 129, 200]) {
      assertEquals(latin1(octets, at, at + length), units.slice(at, at + length));
    }
  }
});
