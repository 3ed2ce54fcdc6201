// The schemas say what goats takes and gives: for random types and values another validator agrees with its codec.
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { jsonCodec } from "../../src/codec/json.ts";
import * as d from "../../src/design/mod.ts";
import type { AttributeModel } from "../../src/design/model.ts";
import { jsonSchema } from "../../src/gen/json_schema.ts";
import { partOf, type Spec, specs, valuesOf } from "../random_types.ts";
import { blocks } from "../designs/blocks.ts";
import { ajv2020 } from "./ajv.ts";

// The designs are made at run time, so the compiler knows nothing of their types.
// deno-lint-ignore no-explicit-any
type Loose = any;

function serviceOf(parts: readonly unknown[]): d.ServiceDesign {
  return (d.Service as Loose)("s", (d.Method as Loose)("m", d.Payload(...parts as [])));
}

/** What validates payloads, by the files that are generated. */
function validatorOf(service: d.ServiceDesign): (json: unknown) => boolean {
  const ajv = ajv2020();
  const files = jsonSchema({ services: [service.model] });
  const all = files.map(({ text }) => JSON.parse(text));
  for (const schema of all) assert(ajv.validateSchema(schema), JSON.stringify(ajv.errors));
  ajv.addSchema(all);
  const { type } = service.model.methods["m"]!.payload!;
  const validate = ajv.getSchema("s.m.payload.json") ??
    ajv.getSchema(`${(type as { name?: string }).name}.json`);
  assert(validate, "there is no file for the payload");
  return (json) => validate(json) as boolean;
}

function codecOf(attribute: AttributeModel): ReturnType<typeof jsonCodec> {
  return jsonCodec(attribute, { root: "payload", context: "s.m" });
}

const WRONG = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 53),
  1e300,
  "",
  "text",
  "!",
  "7",
  [],
  [0],
  {},
  {
    type: "m0",
  },
];

/** A copy with something else in one place, deep inside or not: `choose` picks from so many. */
function spoiled(json: unknown, choose: (count: number) => number): unknown {
  const inner = typeof json === "object" && json !== null ? Object.keys(json) : [];
  if (inner.length === 0 || choose(3) === 0) return WRONG[choose(WRONG.length)];
  const copy: Loose = Array.isArray(json) ? [...json] : { ...json as object };
  const key = inner[choose(inner.length)]!;
  if (!Array.isArray(json) && choose(5) === 0) delete copy[key];
  else {
    const value = spoiled(copy[key], choose);
    Object.defineProperty(copy, key, { value, enumerable: true, writable: true, configurable: true });
  }
  return copy;
}

/** How many trees are within each other. */
function trees(spec: Spec): number {
  switch (spec.kind) {
    case "tree":
      return 1 + trees(spec.of);
    case "array":
    case "map":
      return trees(spec.elem);
    case "alias":
      return trees(spec.of);
    case "object":
      return Math.max(0, ...spec.fields.map(({ of }) => trees(of)));
    case "union":
      return Math.max(0, ...spec.members.map(trees));
    default:
      return 0;
  }
}

/** What a reader in JavaScript cannot tell: integers at the ends of 64 bits; and what no schema says: 32-bit floats. */
const UNSAID = /e\+38|922337203685477580[78]|18446744073709551615/;

Deno.test("for random types, ajv takes what the codec writes, and refuses what the codec refuses", () => {
  // Values of trees of trees of trees have megabytes.
  const typed = specs.filter((spec) => trees(spec) <= 2).chain((spec) =>
    fc.record({
      spec: fc.constant(spec),
      values: fc.array(valuesOf(spec), { minLength: 1, maxLength: 3 }),
      choices: fc.array(fc.array(fc.nat(1000), { minLength: 12, maxLength: 12 }), { maxLength: 6 }),
    })
  );
  let [taken, refused] = [0, 0];
  fc.assert(
    fc.property(typed, ({ spec, values, choices }) => {
      const service = serviceOf(partOf(spec));
      const codec = codecOf(service.model.methods["m"]!.payload!);
      const fits = validatorOf(service);
      for (const value of values) {
        const json = JSON.parse(codec.encode(value));
        assert(fits(json), `refused what goats writes: ${JSON.stringify(json)}`);
        for (const choice of choices) {
          let at = 0;
          const other = spoiled(json, (count) => choice[at++ % choice.length]! % count);
          let read: unknown;
          try {
            read = codec.decode(JSON.stringify(other));
          } catch (error) {
            refused++;
            const { name, message } = error as Error;
            if (name === "invalid_range" && UNSAID.test(message)) continue;
            assert(!fits(other), `took what goats refuses: ${JSON.stringify(other)}: ${message}`);
            continue;
          }
          taken++;
          const again = JSON.parse(codec.encode(read));
          assert(fits(again), `refused what goats writes: ${JSON.stringify(again)}`);
        }
      }
    }),
    { numRuns: 150 },
  );
  assert(taken > 50 && refused > 50, `${taken} taken, ${refused} refused`);
});

Deno.test("for every kind of data of the table of designs, in every view", () => {
  for (const { name, parts, resultParts, samples, views } of blocks) {
    if (parts.length === 0) continue;
    const service = (d.Service as Loose)(
      "s",
      (d.Method as Loose)("m", d.Result(...resultParts ?? parts as Loose)),
    );
    const attribute: AttributeModel = service.model.methods["m"].result;
    const ajv = ajv2020();
    for (const { text } of jsonSchema({ services: [service.model] })) ajv.addSchema(JSON.parse(text));
    for (const view of views ?? ["default"]) {
      const { type } = attribute;
      const suffix = (attribute.view ?? view) === "default" ? "" : `.${attribute.view ?? view}`;
      const validate = ajv.getSchema(`${type.kind === "user" ? `${type.name}${suffix}` : "s.m.result"}.json`);
      assert(validate, `${name}: ${attribute.type.kind} ${view}`);
      const codec = jsonCodec(attribute, { root: "result", context: "s.m", view });
      for (const sample of samples) {
        const json = JSON.parse(codec.encode(sample.in));
        assert(validate(json), `${name}: ${JSON.stringify(json)} ${JSON.stringify(validate.errors)}`);
      }
    }
  }
});

Deno.test("every validation is in the schema, and means the same there", () => {
  const cases: readonly [readonly unknown[], readonly unknown[], readonly unknown[]][] = [
    [[d.Int, d.Minimum(-3), d.Maximum(5)], [-3, 5, 0], [-4, 6, 1.5]],
    [[d.UInt, d.Minimum(-3)], [0], [-1]],
    [[d.Int, d.ExclusiveMinimum(1), d.ExclusiveMaximum(4)], [2, 3], [1, 4]],
    [[d.Int, d.Enum(1, 2, 2 ** 40)], [1, 2, 2 ** 40], [3]],
    [[d.Int64, d.Enum(1n, 2n)], [1, 2], [3]],
    [[d.Int64, d.Maximum(10n)], [10], [11]],
    [[d.String, d.MinLength(2), d.MaxLength(3)], ["🍷🍷", "🍷🍷🍷"], ["🍷", "🍷🍷🍷🍷"]],
    [[d.String, d.Pattern("^a+$")], ["aa"], ["ab", ""]],
    [[d.String, d.Pattern("(?i)^[a-c]x(?P<n>é)\\-$")], ["AXÉ-", "bxé-"], ["dxé-", "axé"]],
    [[d.String, d.Pattern("(?s)^a.b$")], ["a\nb"], ["ab"]],
    [[d.String, d.Pattern("(?m)^b$")], ["a\nb", "b"], ["ab"]],
    [[d.String, d.Format(d.FormatUUID)], ["7d444840-9dc0-41d1-b245-5ffdce74fad2"], ["7d444840"]],
    [[d.String, d.Format(d.FormatIP)], ["127.0.0.1", "::1"], ["localhost"]],
    [[d.String, d.Format(d.FormatDateTime)], ["2024-02-29T23:59:59Z"], ["2024-02-30T00:00:00Z"]],
    [[d.String, d.Enum("a", "b")], ["a"], ["c"]],
    [[d.Bytes, d.MinLength(1), d.MaxLength(3)], ["AQID", "AQ=="], ["", "AQIDBA=="]],
    [[d.ArrayOf(d.Int, d.Maximum(2)), d.MinLength(1), d.MaxLength(2)], [[1], [1, 2]], [[], [3], [1, 1, 1]]],
    [[d.MapOf(d.String, d.Int, d.Key(d.Pattern("^k")), d.Elem(d.Minimum(1))), d.MaxLength(1)], [{ k: 1 }], [
      { j: 1 },
      { k: 0 },
      { k: 1, k2: 2 },
    ]],
    [[d.MapOf(d.Boolean, d.Int)], [{ true: 1 }], [{ yes: 1 }]],
    [[d.Field(1, "a", d.Any), d.Field(2, "b", d.Int, d.Default(1)), d.Required("a", "b")], [{ a: 0 }], [
      { a: null },
      { b: 1 },
    ]],
    [
      [
        d.OneOf(
          "u",
          d.Field(1, "a", d.Int, d.Meta("oneof:type:tag", "A")),
          d.Field(2, "b", d.Any),
          d.Meta("oneof:type:field", "kind"),
          d.Meta("oneof:value:field", "data"),
        ),
        d.Required("u"),
      ],
      [{ u: { kind: "A", data: 1 } }, { u: { kind: "b", data: false } }],
      [{ u: { kind: "a", data: 1 } }, { u: { type: "A", value: 1 } }, { u: { kind: "b", data: null } }],
    ],
    [[d.Type("Alias", d.String, d.MinLength(2)), d.MaxLength(3)], ["ab"], ["a", "abcd"]],
  ];
  for (const [parts, good, bad] of cases) {
    const service = serviceOf(parts);
    const fits = validatorOf(service);
    const codec = codecOf(service.model.methods["m"]!.payload!);
    const takes = (json: unknown) => {
      try {
        return codec.decode(JSON.stringify(json)) !== undefined;
      } catch {
        return false;
      }
    };
    for (const json of good) assertEquals([fits(json), takes(json)], [true, true], JSON.stringify(json));
    for (const json of bad) assertEquals([fits(json), takes(json)], [false, false], JSON.stringify(json));
  }
});
