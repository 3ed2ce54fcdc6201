import { assertEquals } from "@std/assert";
import { TransientMap, TransientSet } from "./transient.ts";

Deno.test("a set keeps what was added, in order, until it is taken out", () => {
  const set = new TransientSet<string>();
  const [a, b, again] = ["a", "b", "a"].map((item) => set.add(item));
  assertEquals([set.all(), set.size], [["a", "b", "a"], 3]);
  a!();
  a!();
  assertEquals([set.all(), set.size], [["b", "a"], 2]);
  b!();
  again!();
  assertEquals([set.all(), set.size], [[], 0]);
});

Deno.test("a map keeps the last value of a key until it is deleted", () => {
  const map = new TransientMap<string, number>();
  map.set("a", 1);
  map.set("b", 2);
  map.set("a", 3);
  assertEquals([map.get("a"), map.get("c"), map.all(), map.size], [3, undefined, [3, 2], 2]);
  assertEquals([map.delete("a"), map.delete("a"), map.get("a"), map.size], [true, false, undefined, 1]);
});

Deno.test("values that leave while others are visited are passed over", () => {
  const map = new TransientMap<string, string>();
  for (const key of ["a", "b", "c"]) map.set(key, key);
  const visited: string[] = [];
  map.forEach((value) => {
    visited.push(value);
    map.delete("b");
  });
  assertEquals(visited, ["a", "c"]);
});
