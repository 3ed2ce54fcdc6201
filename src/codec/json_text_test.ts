import { assert, assertEquals, assertThrows } from "@std/assert";
import { fromBase64, toBase64 } from "./base64.ts";
import { parseJson, parseTagged, stringifyJson, stringifyTagged } from "./json_text.ts";

Deno.test("long integers are read exactly where they stand, by either parser", () => {
  const text =
    '{"a":9007199254740993,"b":[-1234567890123456789,1.1234567890123456789,1e20,12345678901234567.0],' +
    '"c":"9007199254740993 \\"12345678901234567\\" ","12345678901234567":1}';
  const expected = {
    a: 9007199254740993n,
    b: [-1234567890123456789n, 1.1234567890123457, 1e20, 12345678901234568],
    c: '9007199254740993 "12345678901234567" ',
    "12345678901234567": 1,
  };
  assertEquals(parseJson(text, true), expected);
  assertEquals(parseTagged(text), expected);
  assertEquals(typeof (parseJson(text, false) as { a: unknown }).a, "number");
  for (const bad of ["01234567890123456789", "[1234567890123456789,]", '"1234567890123456', "-"]) {
    assertThrows(() => parseJson(bad, true), SyntaxError);
    assertThrows(() => parseTagged(bad), SyntaxError);
  }
  // Endless digits are read no slower than a number.
  assertEquals(parseJson("1".repeat(300), true), Number("1".repeat(300)));
});

Deno.test("bigints are written with all their digits, by either serializer", () => {
  const value = {
    a: 18446744073709551615n,
    b: [1n, "9007199254740993"],
    __proto__: null,
    c: -9007199254740993n,
  };
  const text = '{"a":18446744073709551615,"b":[1,"9007199254740993"],"c":-9007199254740993}';
  assertEquals(stringifyJson(value), text);
  assertEquals(stringifyTagged(value), text);
});

Deno.test("base64: both alphabets, padding or none, nothing else", () => {
  const bytes = new Uint8Array([251, 255, 191, 1]);
  assertEquals(toBase64(bytes), "+/+/AQ==");
  for (const text of ["+/+/AQ==", "+/+/AQ", "-_-_AQ==", "-_-_AQ"]) assertEquals(fromBase64(text), bytes);
  assertEquals(fromBase64(""), new Uint8Array());
  for (const text of ["A", "AA=", "AAA==", "=", "A A=", "AA\n==", "+_AA", "*", "é", "AAAA="]) {
    assertEquals(fromBase64(text), undefined, text);
  }
  const large = crypto.getRandomValues(new Uint8Array(60_000));
  const copy = fromBase64(toBase64(large))!;
  assertEquals(copy, large);
  assert(copy.buffer.byteLength >= large.length);
});
