import { assertEquals } from "@std/assert";
import type { PrimitiveKind } from "../design/model.ts";
import { jsonCodec } from "./json.ts";
import { array, att, field, object, user } from "./test_models.ts";
import { textCodec } from "./text.ts";

Deno.test("values become text and come back through the JSON codec", () => {
  const cases: [PrimitiveKind, unknown, string][] = [
    ["boolean", true, "true"],
    ["boolean", false, "false"],
    ["int", -5, "-5"],
    ["uint32", 4294967295, "4294967295"],
    ["int64", 9223372036854775807n, "9223372036854775807"],
    ["uint64", 0n, "0"],
    ["float32", 0.5, "0.5"],
    ["float64", 1e21, "1e+21"],
    ["float64", 5e-324, "5e-324"],
    ["string", "1", "1"],
    ["string", "", ""],
    ["string", "ü €/?&", "ü €/?&"],
    ["bytes", new Uint8Array([251, 0]), "+wA="],
    ["any", "abc", "abc"],
    ["any", "5", '"5"'],
    ["any", "-", "-"],
    ["any", 5, "5"],
    ["any", { a: [1] }, '{"a":[1]}'],
    ["any", true, "true"],
  ];
  for (const [kind, value, text] of cases) {
    const attribute = field("x!", kind);
    const { encode, toJson } = textCodec(attribute);
    const whole = jsonCodec(object(attribute), { root: "payload", context: "s.m" });
    assertEquals(encode(value), text);
    assertEquals(encode((whole.toJson({ x: value }) as { x: unknown }).x), text);
    assertEquals(whole.fromJson({ x: toJson([text]) }), { x: value });
  }
});

Deno.test("text of the wrong kind stays text for the validation to name", () => {
  const cases: [PrimitiveKind, string[]][] = [
    ["int", ["abc", "", " 1", "0x10", "1_000", "+1", "01", "1e999", "NaN", "Infinity"]],
    ["float64", ["1,5", ".5", "5."]],
    ["boolean", ["yes", "", "tRuE"]],
  ];
  for (const [kind, texts] of cases) {
    for (const text of texts) assertEquals(textCodec(att(kind)).toJson([text]), text);
  }
  for (const text of ["1", "t", "TRUE"]) assertEquals(textCodec(att("boolean")).toJson([text]), true);
});

Deno.test("arrays are repeated texts, names of primitives make no difference", () => {
  const ids = textCodec(att(array(att(user("Id", att("int"))))));
  assertEquals(ids.encode([1, 2]), ["1", "2"]);
  assertEquals(ids.toJson(["1", "x"]), [1, "x"]);
  assertEquals(ids.toJson([]), undefined);
  assertEquals(textCodec(att(user("Id", att("int")))).toJson(["7", "8"]), 7);
  assertEquals(textCodec(att("string")).toJson([]), undefined);
});
