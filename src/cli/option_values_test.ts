import { assertEquals, assertThrows } from "@std/assert";
import { headersOf, timeOf } from "./option_values.ts";
import { suggestion, UsageError } from "./usage_error.ts";

Deno.test("times are ms, or have a unit", () => {
  const times = { "5": 5, "500ms": 500, "2s": 2000, "1.5m": 90_000, "1h": 3_600_000 };
  for (const [text, ms] of Object.entries(times)) assertEquals(timeOf(text), ms);
  for (const text of ["", "0", "-1s", "2 s", "s", "1d", "Infinity"]) {
    assertThrows(() => timeOf(text), UsageError);
  }
});

Deno.test("headers are parted at the first colon", () => {
  assertEquals([...headersOf(["A: b:c", "d:", "a:e"])], [["a", "b:c, e"], ["d", ""]]);
  for (const text of ["", "a", ": b", "a b: c"]) {
    assertThrows(() => headersOf([text]), UsageError);
  }
});

Deno.test("suggestions are near, or all there is", () => {
  assertEquals(suggestion("wtach", ["watch", "list"]), '; did you mean "watch"?');
  assertEquals(suggestion("WATCH", ["watch", "list"]), '; did you mean "watch"?');
  assertEquals(suggestion("xyz", ["watch", "list"]), "; there are watch, list");
  assertEquals(suggestion("xyz", []), "");
  assertEquals(suggestion("xyz", Array.from({ length: 21 }, (_, n) => `method${n}`)), "");
});
