import { assertEquals } from "@std/assert";
import cases from "./testdata/goa_names.json" with { type: "json" };
import { fieldName, messageName, rpcName, snakeCase, uniqueNames } from "./proto_names.ts";

// The expected values were printed by the functions of goa.design/goa/v3@v3.27.0 that the module names.
Deno.test("names are Goa's", () => {
  for (const { text, message, field, rpc, snake } of cases) {
    assertEquals(messageName(text), message, `message ${text}`);
    assertEquals(fieldName(text), field, `field ${text}`);
    assertEquals(rpcName(text), rpc, `rpc ${text}`);
    assertEquals(snakeCase(text), snake, `snake ${text}`);
  }
});

Deno.test("the second of a name gets a 2", () => {
  const unique = uniqueNames();
  assertEquals(["A", "A", "A2", "A", "B"].map(unique), ["A", "A2", "A22", "A3", "B"]);
});
