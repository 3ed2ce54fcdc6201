import { assertEquals } from "@std/assert";
import { exceeds, isEnd } from "./text.ts";

Deno.test("isEnd knows null in JSON's white space and nothing else", () => {
  for (const text of ["null", " null", "null\n", "\r\n\t null \t"]) assertEquals(isEnd(text), true, text);
  for (const text of ["", "nul", "nulll", '"null"', "null null", "[null]", "\u00a0null", "NULL"]) {
    assertEquals(isEnd(text), false, text);
  }
});

Deno.test("isEnd takes time in proportion to the text", () => {
  assertEquals(isEnd(" ".repeat(1_000_000) + "x"), false);
});

Deno.test("exceeds agrees with UTF-8 at every boundary", () => {
  for (const unit of ["a", "\x7f", "\x80", "\u07ff", "\u0800", "\uffff", "😀", "aé€😀"]) {
    for (const count of [0, 1, 2, 3, 100]) {
      const text = unit.repeat(count);
      const size = new TextEncoder().encode(text).length;
      assertEquals(exceeds(text, size), false, `${unit} ${count}`);
      if (size > 0) assertEquals(exceeds(text, size - 1), true, `${unit} ${count}`);
    }
  }
});
