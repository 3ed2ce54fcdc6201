import { assert, assertEquals, assertThrows } from "@std/assert";
import { byteSink } from "./byte_writer.ts";
import { type HpackDecoder, hpackDecoder } from "./hpack_decoder.ts";
import { type HpackEncoder, hpackEncoder } from "./hpack_encoder.ts";
import { HpackError } from "./hpack_error.ts";
import { type Field, STATIC_TABLE } from "./hpack_static.ts";
import { hex, huffmanEncode, seeded } from "./huffman_for_test.ts";

function decode(decoder: HpackDecoder, block: Uint8Array): Field[] {
  const fields: Field[] = [];
  assert(decoder.decode(block, (name, value) => fields.push([name, value])));
  return fields;
}

function encode(encoder: HpackEncoder, ...fields: Field[]): Uint8Array {
  const out = byteSink();
  encoder.encode(fields, out);
  return out.take();
}

/** An integer in the low bits of an octet, as §5.1 has it. */
function integer(first: number, prefix: number, value: number): number[] {
  if (value < prefix) return [first | value];
  const octets = [first | prefix];
  for (value -= prefix; value >= 128; value = Math.floor(value / 128)) octets.push(value % 128 + 128);
  return [...octets, value];
}

const plain = (text: string): number[] => [
  ...integer(0, 127, text.length),
  ...Array.from(text, (unit) => unit.charCodeAt(0)),
];

const coded = (text: string): number[] => {
  const octets = huffmanEncode(text);
  return [...integer(128, 127, octets.length), ...octets];
};

/** What C.3 and C.4 have: requests, and what is in the dynamic table after them. */
const REQUESTS: { fields: Field[]; table: Field[] }[] = [
  {
    fields: [[":method", "GET"], [":scheme", "http"], [":path", "/"], [":authority", "www.example.com"]],
    table: [[":authority", "www.example.com"]],
  },
  {
    fields: [
      [":method", "GET"],
      [":scheme", "http"],
      [":path", "/"],
      [":authority", "www.example.com"],
      ["cache-control", "no-cache"],
    ],
    table: [["cache-control", "no-cache"], [":authority", "www.example.com"]],
  },
  {
    fields: [
      [":method", "GET"],
      [":scheme", "https"],
      [":path", "/index.html"],
      [":authority", "www.example.com"],
      ["custom-key", "custom-value"],
    ],
    table: [
      ["custom-key", "custom-value"],
      ["cache-control", "no-cache"],
      [":authority", "www.example.com"],
    ],
  },
];

const DATE = ["date", "Mon, 21 Oct 2013 20:13:21 GMT"] as const;
const LATER = ["date", "Mon, 21 Oct 2013 20:13:22 GMT"] as const;
const LOCATION = ["location", "https://www.example.com"] as const;
const PRIVATE = ["cache-control", "private"] as const;
const COOKIE = ["set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"] as const;

/** The same of C.5 and C.6: responses, with a table of 256 octets. */
const RESPONSES: { fields: Field[]; table: Field[] }[] = [
  {
    fields: [[":status", "302"], PRIVATE, DATE, LOCATION],
    table: [LOCATION, DATE, PRIVATE, [":status", "302"]],
  },
  {
    fields: [[":status", "307"], PRIVATE, DATE, LOCATION],
    table: [[":status", "307"], LOCATION, DATE, PRIVATE],
  },
  {
    fields: [[":status", "200"], PRIVATE, LATER, LOCATION, ["content-encoding", "gzip"], COOKIE],
    table: [COOKIE, ["content-encoding", "gzip"], LATER],
  },
];

/** Reads blocks one after the other, and what the table has after each of them by its indexes. */
function assertSeries(decoder: () => HpackDecoder, blocks: string[], expected: typeof REQUESTS): void {
  const one = decoder();
  blocks.forEach((block, at) => {
    const { fields, table } = expected[at]!;
    assertEquals(decode(one, hex(block)), fields);
    assertEquals(decode(one, Uint8Array.from(table, (_, index) => 0x80 | 62 + index)), table);
    // There is no more: by a decoder of its own, for it is no use after that.
    const other = decoder();
    for (const block of blocks.slice(0, at + 1)) decode(other, hex(block));
    assertThrows(() => decode(other, Uint8Array.of(0x80 | 62 + table.length)), HpackError, "neither table");
  });
}

Deno.test("hpackDecoder: RFC 7541 C.2, each representation", () => {
  const cases: [string, Field, boolean][] = [
    [
      "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
      ["custom-key", "custom-header"],
      true,
    ],
    ["040c 2f73 616d 706c 652f 7061 7468", [":path", "/sample/path"], false],
    ["1008 7061 7373 776f 7264 0673 6563 7265 74", ["password", "secret"], false],
    ["82", [":method", "GET"], false],
  ];
  for (const [block, field, indexed] of cases) {
    const decoder = hpackDecoder();
    assertEquals(decode(decoder, hex(block)), [field]);
    if (indexed) assertEquals(decode(decoder, hex("be")), [field]);
    else assertThrows(() => decode(decoder, hex("be")), HpackError, "neither table");
  }
});

Deno.test("hpackDecoder: RFC 7541 C.3, requests", () => {
  assertSeries(hpackDecoder, [
    "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
    "8286 84be 5808 6e6f 2d63 6163 6865",
    "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
  ], REQUESTS);
});

Deno.test("hpackDecoder: RFC 7541 C.4, requests with Huffman coding", () => {
  assertSeries(hpackDecoder, [
    "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
    "8286 84be 5886 a8eb 1064 9cbf",
    "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
  ], REQUESTS);
});

Deno.test("hpackDecoder: RFC 7541 C.5, responses that push each other out of the table", () => {
  assertSeries(() => hpackDecoder({ tableBytes: 256 }), [
    `4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133
     2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d`,
    "4803 3330 37c1 c0bf",
    `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d
     54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049
     5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31`,
  ], RESPONSES);
});

Deno.test("hpackDecoder: RFC 7541 C.6, the same with Huffman coding", () => {
  assertSeries(() => hpackDecoder({ tableBytes: 256 }), [
    `4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6
     2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3`,
    "4883 640e ffc1 c0bf",
    `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab
     77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f
     9587 3160 65c0 03ed 4ee5 b106 3d50 07`,
  ], RESPONSES);
});

Deno.test("hpackDecoder: the whole static table, and nothing at 0", () => {
  assertEquals(STATIC_TABLE.length, 61);
  const all = Uint8Array.from(STATIC_TABLE, (_, at) => 0x80 | at + 1);
  assertEquals(decode(hpackDecoder(), all), [...STATIC_TABLE]);
  for (const block of ["80", "be", "ff00", "7e0161", "3f1f80", "0f2f 0161", "1f2f 0161"]) {
    assertThrows(() => decode(hpackDecoder(), hex(block)), HpackError);
  }
});

Deno.test("hpackDecoder: integers of RFC 7541 C.1, and up to 32 bits", () => {
  // As sizes of the table: those have a prefix of 5 bits.
  decode(hpackDecoder(), hex("2a"));
  assertThrows(() => decode(hpackDecoder({ tableBytes: 9 }), hex("2a")), HpackError, "size of 10, and 9");
  decode(hpackDecoder({ tableBytes: 1337 }), hex("3f9a0a"));
  assertThrows(
    () => decode(hpackDecoder({ tableBytes: 1336 }), hex("3f9a0a")),
    HpackError,
    "1337, and 1336",
  );
  const most = 2 ** 32 - 1;
  decode(hpackDecoder({ tableBytes: most }), Uint8Array.from(integer(0x20, 31, most)));
  // Zeros on top are of no use, but allowed.
  decode(hpackDecoder(), hex("3f8080808000"));
  for (
    const octets of [integer(0x20, 31, most + 1), integer(0x20, 31, 2 ** 40), integer(0x20, 31, 2 ** 52)]
  ) {
    const decoder = hpackDecoder({ tableBytes: Infinity });
    assertThrows(() => decode(decoder, Uint8Array.from(octets)), HpackError, "more than 32 bits");
  }
  for (const first of ["3f", "7f", "0f", "ff", "007f", "00ff"]) {
    const huge = hex(first + "ff".repeat(20) + "7f");
    assertThrows(() => decode(hpackDecoder(), huge), HpackError, "more than 32 bits");
    assertThrows(() => decode(hpackDecoder(), hex(first + "80".repeat(20))), HpackError, "more than 32 bits");
  }
});

Deno.test("hpackDecoder: a block that ends early is an error wherever it does", () => {
  const block = Uint8Array.from([
    ...integer(0x20, 31, 4000),
    0x40,
    ...coded("custom-key"),
    ...plain("custom-value".repeat(20)),
    ...integer(0x80, 127, 62),
    ...integer(0, 15, 58),
    ...coded("agent ".repeat(80)),
    ...integer(0x10, 15, 23),
    ...plain("secret"),
  ]);
  const whole = decode(hpackDecoder(), block);
  assertEquals(whole.length, 4);
  const complete: number[] = [];
  for (let length = 0; length < block.length; length++) {
    const fields: Field[] = [];
    try {
      hpackDecoder().decode(block.subarray(0, length), (name, value) => fields.push([name, value]));
      complete.push(fields.length);
    } catch (error) {
      assert(error instanceof HpackError);
      assert(error.message.includes("ends"), error.message);
    }
    assertEquals(fields, whole.slice(0, fields.length));
  }
  // Nothing, the size alone, and after each of the first three fields.
  assertEquals(complete, [0, 0, 1, 2, 3]);
});

Deno.test("hpackDecoder: a size of the table comes first, and only makes room or takes it", () => {
  const decoder = hpackDecoder({ tableBytes: 1000 });
  const field = [0x40, ...plain("a"), ...plain("b")];
  decode(decoder, Uint8Array.from([...field, ...field]));
  assertEquals(decode(decoder, hex("bebf")), [["a", "b"], ["a", "b"]]);
  // Room for one of 34.
  assertEquals(decode(decoder, Uint8Array.from([...integer(0x20, 31, 67), 0xbe])), [["a", "b"]]);
  const full = [0x40, ...plain("c"), ...plain("d")];
  assertEquals(decode(decoder, Uint8Array.from([...full, 0xbe])), [["c", "d"], ["c", "d"]]);
  // Two sizes: the smaller one empties it.
  const sizes = [...integer(0x20, 31, 0), ...integer(0x20, 31, 1000)];
  assertEquals(decode(decoder, Uint8Array.from([...sizes, ...field, 0xbe])), [["a", "b"], ["a", "b"]]);
  assertThrows(() => decode(decoder, hex("bf")), HpackError, "neither table");
  for (const block of [[0x82, 0x20], [...field, 0x20], [0x20, 0x82, 0x20]]) {
    assertThrows(() => decode(hpackDecoder(), Uint8Array.from(block)), HpackError, "behind a field");
  }
  assertThrows(
    () => decode(hpackDecoder(), Uint8Array.from(integer(0x20, 31, 4097))),
    HpackError,
    "4097, and 4096",
  );
});

Deno.test("hpackDecoder: begins with 4096 octets if more are announced, and has all once told", () => {
  const decoder = hpackDecoder({ tableBytes: 100_000 });
  const block: number[] = [];
  for (let at = 0; at < 1000; at++) block.push(0x40, ...plain(`${1000 + at}`), ...plain("1234"));
  // 40 octets each: 102 of them fit.
  decode(decoder, Uint8Array.from(block));
  assertEquals(decode(decoder, Uint8Array.from(integer(0x80, 127, 61 + 102))), [["1898", "1234"]]);
  const untold = hpackDecoder({ tableBytes: 100_000 });
  decode(untold, Uint8Array.from(block));
  assertThrows(() => decode(untold, Uint8Array.from(integer(0x80, 127, 61 + 103))), HpackError);
  decode(decoder, Uint8Array.from([...integer(0x20, 31, 40_000), ...block]));
  assertEquals(decode(decoder, Uint8Array.from(integer(0x80, 127, 61 + 1000))), [["1000", "1234"]]);
  assertThrows(() => decode(decoder, Uint8Array.from(integer(0x80, 127, 61 + 1001))), HpackError);
});

Deno.test("hpackDecoder: a field that exceeds the table empties it", () => {
  const decoder = hpackDecoder({ tableBytes: 100 });
  decode(decoder, Uint8Array.from([0x40, ...plain("a"), ...plain("b")]));
  // Its name is the one that is pushed out.
  const long = "x".repeat(68);
  assertEquals(decode(decoder, Uint8Array.from([...integer(0x40, 63, 62), ...plain(long)])), [["a", long]]);
  assertThrows(() => decode(decoder, hex("be")), HpackError, "neither table");
});

Deno.test("hpackDecoder: octets are code units, whatever they are", () => {
  const all = Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet)).join("");
  for (const text of [plain, coded]) {
    assertEquals(decode(hpackDecoder(), Uint8Array.from([0, ...text(all), ...text(all)])), [[all, all]]);
  }
});

Deno.test("hpackDecoder: fields beyond maxBytes are not handed over, and the table is kept in step", () => {
  const decoder = hpackDecoder({ maxBytes: 100 });
  let fields: Field[] = [];
  const add = (name: string, value: string): unknown => fields.push([name, value]);
  const block = (...all: number[][]): Uint8Array => Uint8Array.from(all.flat());
  const a = [0x40, ...plain("a"), ...plain("x".repeat(17))];
  const b = [0x40, ...plain("b"), ...plain("y".repeat(17))];
  const c = [0x40, ...plain("c"), ...plain("")];
  // 50 each: two of them are all.
  assertEquals(decoder.decode(block(a, b), add), true);
  assertEquals(fields.map(([name]) => name), ["a", "b"]);
  fields = [];
  assertEquals(decoder.decode(block(a, b, c, a), add), false);
  assertEquals(fields.map(([name]) => name), ["a", "b"]);
  fields = [];
  // None after one that is too long, even if it would have found room.
  assertEquals(decoder.decode(block([0, ...plain("long"), ...plain("z".repeat(100))], c), add), false);
  assertEquals(fields, []);
  assertEquals(decoder.decode(hex("bec0"), add), true);
  assertEquals(fields.map(([name]) => name), ["c", "c"]);
});

Deno.test("hpackDecoder: indexes that expand to much end at maxBytes", () => {
  const decoder = hpackDecoder();
  const value = "x".repeat(4000);
  decode(decoder, Uint8Array.from([0x40, ...plain("bomb"), ...plain(value)]));
  let handed = 0;
  const block = new Uint8Array(1_000_000).fill(0xbe);
  assertEquals(decoder.decode(block, (name, value) => handed += name.length + value.length + 32), false);
  assertEquals(handed, Math.floor(65_536 / 4036) * 4036);
  assertEquals(decode(decoder, hex("be")), [["bomb", value]]);
});

Deno.test("hpackDecoder: random and mutated blocks end in fields or in HpackError", () => {
  const random = seeded();
  const encoder = hpackEncoder();
  let fields = 0;
  let errors = 0;
  for (let round = 0; round < 20_000; round++) {
    let block: Uint8Array;
    if (round % 2) {
      block = Uint8Array.from({ length: random(60) }, () => random(256));
    } else {
      block = encode(
        encoder,
        [":method", "POST"],
        [":path", `/grpc.Service/Method${random(100)}`],
        ["te", "trailers"],
        ["authorization", "x".repeat(random(300))],
        [`x-${random(10)}`, "y".repeat(random(20))],
      ).slice();
      for (let times = random(4); times >= 0; times--) block[random(block.length)] = random(256);
    }
    const decoder = hpackDecoder({ maxBytes: 500 });
    let total = 0;
    try {
      for (let times = 0; times < 3; times++) {
        total = 0;
        decoder.decode(block, (name, value) => {
          assert(typeof name === "string" && typeof value === "string");
          total += name.length + value.length + 32;
          fields++;
        });
        assert(total <= 500);
      }
    } catch (error) {
      if (!(error instanceof HpackError)) throw error;
      assert(total <= 500);
      errors++;
    }
  }
  assert(fields > 1000);
  assert(errors > 1000);
});

const CALL: readonly Field[] = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/chat.Chat/Say"],
  [":authority", "127.0.0.1:50051"],
  ["te", "trailers"],
  ["content-type", "application/grpc"],
  ["user-agent", "grpc-node-js/1.14.7"],
  ["grpc-accept-encoding", "identity,deflate,gzip"],
  ["accept-encoding", "identity"],
];

Deno.test("hpackEncoder: what repeats from call to call is an octet each from the second one on", () => {
  const encoder = hpackEncoder();
  const decoder = hpackDecoder();
  const first = encode(encoder, ...CALL);
  assertEquals(decode(decoder, first), CALL);
  const second = encode(encoder, ...CALL);
  assertEquals(second.length, CALL.length);
  assertEquals(decode(decoder, second), CALL);
  // A name that is only in the dynamic table is not written again either.
  const other = encode(encoder, ["te", "deflate"]);
  // Two octets for the index, one for the length.
  assertEquals(other.length, 2 + 1 + "deflate".length);
  assertEquals(decode(decoder, other), [["te", "deflate"]]);
});

Deno.test("hpackEncoder: each representation", () => {
  const cases: [Field, number[]][] = [
    [[":method", "POST"], [0x83]],
    [[":scheme", "https"], [0x87]],
    [[":path", "/"], [0x84]],
    [["www-authenticate", ""], [0x80 | 61]],
    [[":path", "/a"], [0x44, ...plain("/a")]],
    [["te", "trailers"], [0x40, ...plain("te"), ...plain("trailers")]],
    [["user-agent", "x"], [0x40 | 58, ...plain("x")]],
    // Not put into the table.
    [[":method", "PUT"], [0x02, ...plain("PUT")]],
    [["grpc-timeout", "1S"], [0x00, ...plain("grpc-timeout"), ...plain("1S")]],
    [["trace-bin", "x".repeat(300)], [0x00, ...plain("trace-bin"), ...plain("x".repeat(300))]],
    [["date", "now"], [0x0f, 33 - 15, ...plain("now")]],
    [["x-empty", ""], [0x00, ...plain("x-empty"), 0]],
    // By no one on the way either.
    [["authorization", "Bearer x"], [0x1f, 23 - 15, ...plain("Bearer x")]],
    [["authorization", ""], [0x1f, 23 - 15, 0]],
    [["cookie", "a=b"], [0x1f, 32 - 15, ...plain("a=b")]],
    [["proxy-authorization", "x"], [0x1f, 49 - 15, ...plain("x")]],
    // Takes most of the table.
    [[":path", "/" + "x".repeat(2100)], [0x04, ...plain("/" + "x".repeat(2100))]],
    // Names of all objects.
    [["constructor", "x"], [0x00, ...plain("constructor"), ...plain("x")]],
    [["__proto__", "x"], [0x00, ...plain("__proto__"), ...plain("x")]],
    [[":path", "__proto__"], [0x44, ...plain("__proto__")]],
  ];
  for (const [field, octets] of cases) assertEquals([...encode(hpackEncoder(), field)], octets);
  assertEquals(encode(hpackEncoder()).length, 0);
});

Deno.test("hpackEncoder: takes any iterable, and writes behind what is there", () => {
  const out = byteSink();
  out.u24(0);
  hpackEncoder().encode(new Map([[":method", "POST"], [":scheme", "http"]]), out);
  out.setU24(0, out.length - 3);
  assertEquals([...out.take()], [0, 0, 2, 0x83, 0x86]);
});

Deno.test("hpackEncoder: tells of the sizes of its table, the smallest one in between too", () => {
  const encoder = hpackEncoder();
  const told = (): number[] => [...encode(encoder, [":method", "POST"])].slice(0, -1);
  encoder.setTableSize(4096);
  assertEquals(told(), []);
  // More than it uses.
  encoder.setTableSize(65_536);
  assertEquals(told(), []);
  encoder.setTableSize(256);
  assertEquals(told(), integer(0x20, 31, 256));
  assertEquals(told(), []);
  encoder.setTableSize(1000);
  assertEquals(told(), integer(0x20, 31, 1000));
  encoder.setTableSize(100);
  encoder.setTableSize(0);
  encoder.setTableSize(50);
  encoder.setTableSize(2000);
  assertEquals(told(), [0x20, ...integer(0x20, 31, 2000)]);
  encoder.setTableSize(10);
  encoder.setTableSize(2000);
  assertEquals(told(), [...integer(0x20, 31, 10), ...integer(0x20, 31, 2000)]);
  encoder.setTableSize(5000);
  encoder.setTableSize(0);
  assertEquals(told(), [0x20]);
});

Deno.test("hpackEncoder: what a smaller table has no room for is sent again", () => {
  const encoder = hpackEncoder();
  const decoder = hpackDecoder();
  decode(decoder, encode(encoder, ...CALL));
  for (const bytes of [0, 100, 4096, 60, 4096]) {
    encoder.setTableSize(bytes);
    assertEquals(decode(decoder, encode(encoder, ...CALL)), CALL);
    assertEquals(decode(decoder, encode(encoder, ...CALL)), CALL);
  }
  assertEquals(encode(encoder, ...CALL).length, CALL.length);
});

Deno.test("hpackEncoder: refuses what no octet stands for, writes nothing of it, and stays in step", () => {
  const encoder = hpackEncoder();
  const decoder = hpackDecoder();
  decode(decoder, encode(encoder, ...CALL));
  encoder.setTableSize(1000);
  const out = byteSink();
  out.u8(1);
  const wrong: Field[] = [["te", "€"], ["x-any", "a".repeat(100) + "\u0100"], ["x-€", ""], ["cookie", "😀"]];
  for (const field of wrong) {
    const error = assertThrows(
      () => encoder.encode([[":path", "/not/sent"], field], out),
      TypeError,
      `Cannot send header "${field[0]}"`,
    );
    assertEquals(field[1] !== "" && error.message.includes(field[1]), false);
    assertEquals(out.length, 1);
  }
  function* failing(): Generator<Field> {
    yield [":path", "/not/sent/either"];
    throw new Error("on purpose");
  }
  assertThrows(() => encoder.encode(failing(), out), Error, "on purpose");
  assertEquals([...out.take()], [1]);
  for (let times = 0; times < 3; times++) {
    assertEquals(decode(decoder, encode(encoder, [":path", "/not/sent"], ...CALL)), [
      [":path", "/not/sent"],
      ...CALL,
    ]);
  }
  assertEquals(encode(encoder, ...CALL).length, CALL.length);
});

Deno.test("hpackEncoder and hpackDecoder: thousands of blocks with one state", () => {
  const random = seeded();
  const encoder = hpackEncoder();
  const decoder = hpackDecoder();
  const octets = (length: number): string =>
    Array.from({ length }, () => String.fromCharCode(random(256))).join("");
  const names = [
    ...new Set(STATIC_TABLE.map(([name]) => name)),
    "te",
    "grpc-encoding",
    "grpc-accept-encoding",
  ];
  const repeating = [":path", ":authority", "user-agent", "te", "grpc-encoding", ":scheme"];
  for (let round = 0; round < 5000; round++) {
    if (random(50) === 0) {
      for (let times = random(3); times >= 0; times--) encoder.setTableSize(random(6000));
    }
    const fields = Array.from({ length: random(15) }, (): Field => {
      switch (random(5)) {
        case 0:
          return STATIC_TABLE[random(STATIC_TABLE.length)]!;
        case 1:
          return [names[random(names.length)]!, octets(random(20))];
        case 2:
          return [octets(random(20)), octets(random(20) ? random(20) : random(3000))];
        default:
          return [repeating[random(repeating.length)]!, `value ${random(60)}`.padEnd(random(2) * 100)];
      }
    });
    assertEquals(decode(decoder, encode(encoder, ...fields)), fields);
  }
});
