/** Every type has a sample that it allows, and every sample is written so that the compiler reads the same value. */
import { deepStrictEqual } from "node:assert/strict"; // which takes an attribute named `constructor` for any other
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import * as d from "../../src/design/mod.ts";
import type { AttributeModel } from "../../src/design/model.ts";
import { literal } from "../../src/gen/literal.ts";
import { type NoSample, sampleOf } from "../../src/gen/sample.ts";
import { partOf, specs } from "../random_types.ts";

// deno-lint-ignore no-explicit-any
type Loose = any;

function attributeOf(...parts: unknown[]): AttributeModel {
  const service = (d.Service as Loose)("s", (d.Method as Loose)("m", (d.Result as Loose)(...parts)));
  return service.model.methods.m.result;
}

function sampled(...parts: unknown[]): unknown {
  return sampleOf(attributeOf(...parts), "value", { matching: () => [], missing: () => {} });
}

/** What a compiler makes of a source. */
function evaluated(source: string): unknown {
  return new Function(`return (${source});`)();
}

Deno.test("random types have samples, whose literals are the same values", () => {
  fc.assert(
    fc.property(specs, (spec) => {
      const value = sampled(...partOf(spec));
      assert(value !== undefined, "there is a sample");
      deepStrictEqual(evaluated(literal(value)), value);
    }),
    { numRuns: 500 },
  );
});

Deno.test("a sample is the example, else the default, else the first value allowed, else within the bounds", () => {
  assertEquals(sampled(d.String, d.Example("cork"), d.Enum("glass", "cork")), "cork");
  assertEquals(sampled(d.Field(1, "of", d.Int, d.Default(7), d.Maximum(9))), { of: 7 });
  assertEquals(sampled(d.String, d.Enum("glass", "cork")), "glass");
  assertEquals(sampled(d.Int, d.Minimum(1900), d.Maximum(2100)), 1900);
  assertEquals(sampled(d.Int, d.ExclusiveMinimum(5), d.ExclusiveMaximum(7)), 6);
  assertEquals(sampled(d.Float64, d.ExclusiveMinimum(0.1), d.ExclusiveMaximum(0.2)), 0.15000000000000002);
  assertEquals(sampled(d.Int, d.Maximum(-5)), -5);
  assertEquals(sampled(d.UInt64, d.Minimum(18446744073709551615n)), 18446744073709551615n);
  assertEquals(sampled(d.Bytes, d.MinLength(5)), new Uint8Array([1, 2, 3, 4, 5]));
  assertEquals(sampled(d.ArrayOf(d.Boolean), d.MinLength(2)), [true, true]);
  assertEquals(sampled(d.MapOf(d.Boolean, d.Int), d.MinLength(2)), new Map([[true, 1], [false, 1]]));
  assertEquals(sampled(d.Field(1, "name", d.String, d.MinLength(6))), { name: "namename".slice(0, 6) });
});

Deno.test("every format has a sample", () => {
  const formats = Object.entries(d).filter(([name]) => name.startsWith("Format") && name !== "Format");
  assert(formats.length > 10);
  for (const [name, format] of formats) {
    assert(typeof sampled(d.String, d.Format(format as Loose)) === "string", name);
  }
});

Deno.test("what has no sample is named, innermost", () => {
  const missing: NoSample[] = [];
  const attribute = attributeOf(
    d.Field(1, "list", d.ArrayOf(d.String, d.Pattern("^q{3}7$")), d.MinLength(1)),
    d.Required("list"),
  );
  const value = sampleOf(attribute, "result", { matching: () => [], missing: (at) => missing.push(at) });
  assertEquals(value, undefined);
  assertEquals(missing[0]?.path, "result.list");
});

Deno.test("literals of all sorts", () => {
  for (
    const value of [
      -0,
      null,
      'a\u2028"`${b}',
      12345678901234567890n,
      { "a-b": 1, constructor: { toString: [] } },
      JSON.parse('{"__proto__":{"polluted":true}}'),
      new Map<unknown, unknown>([["a", new Map([[1n, new Uint8Array([255])]])]]),
    ]
  ) deepStrictEqual(evaluated(literal(value)), value);
  assertEquals(Object.hasOwn(evaluated(literal(JSON.parse('{"__proto__":1}'))) as object, "__proto__"), true);
});
