/**
 * JSON codecs with code made for their types and without (a page with a Content-Security-Policy) are one and the same:
 * for random types, random values of them and values put wrong, and for what random types do not have.
 */
import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { deepStrictEqual, ok } from "node:assert";
import { compile } from "../src/codec/compile.ts";
import { MAX_KEPT } from "../src/codec/compile_scan.ts";
import { jsonCodec } from "../src/codec/json.ts";
import { allowCode } from "../src/codec/source_writer.ts";
import * as d from "../src/design/mod.ts";
import { FORMATS as RULES } from "../src/design/text_rules.ts";
import type { AttributeModel } from "../src/design/model.ts";
import { ServiceError } from "../src/errors/service_error.ts";
import { partOf, type Spec, specs, valuesOf } from "./random_types.ts";
import { NAMES, odd, spoilt } from "./spoilt.ts";

// deno-lint-ignore no-explicit-any
const words: any = d;

function modelOf(...parts: unknown[]): AttributeModel {
  return words.Service("s", words.Method("m", words.Payload(...parts))).model.methods["m"].payload;
}

function modelOfSpec(spec: Spec): AttributeModel {
  const type = words.Type("Root", words.Field(1, "v", ...partOf(spec)), words.Required("v"));
  return modelOf(type);
}

/** What comes of it: the value, or the error as people see it. */
function attempt(run: () => unknown): unknown {
  try {
    return { value: run() };
  } catch (error) {
    return error instanceof ServiceError ? `${error.name}: ${error.message}` : String(error);
  }
}

/** Two codecs of the same type, with code and without; each of a model of its own, as codecs are kept by model. */
function both(make: () => AttributeModel, view?: string) {
  const options = { root: "payload", context: "s.m", view };
  const quick = jsonCodec(make(), options);
  const slow = jsonCodec(make(), options);
  const without = (run: () => unknown) => {
    const before = allowCode(false);
    try {
      return attempt(run);
    } finally {
      allowCode(before);
    }
  };
  return {
    encode(value: unknown): string | undefined {
      const a = attempt(() => quick.encode(value));
      const b = without(() => slow.encode(value));
      if (typeof a === "string" || typeof b === "string") {
        deepStrictEqual(a, b);
        return undefined;
      }
      const [x, y] = [a, b].map((one) => (one as { value: string }).value) as [string, string];
      deepStrictEqual(JSON.parse(x), JSON.parse(y));
      // Digits that parsing drops.
      assertStrictEquals(x.length, y.length);
      return x;
    },
    decode(text: string): void {
      deepStrictEqual(attempt(() => quick.decode(text)), without(() => slow.decode(text)));
    },
  };
}

const cases = specs.chain((spec) =>
  fc.record({
    spec: fc.constant(spec),
    value: valuesOf(spec),
    path: fc.array(fc.nat(8), { maxLength: 5 }),
    by: odd,
  })
);

Deno.test("property: with code and without, codecs write and read the same", () => {
  fc.assert(
    fc.property(cases, ({ spec, value, path, by }) => {
      const codec = both(() => modelOfSpec(spec));
      const text = codec.encode({ v: value });
      ok(text !== undefined);
      codec.decode(text);
      const wrong = codec.encode(spoilt({ v: value }, path, by));
      if (wrong !== undefined) codec.decode(wrong);
      const json = attempt(() => JSON.stringify(spoilt(JSON.parse(text), path, by))) as { value?: string };
      if (json.value !== undefined) codec.decode(json.value);
    }),
    { numRuns: 1500 },
  );
  ok(allowCode(true), "some code was none");
});

function named(names: readonly string[], required: readonly string[]): AttributeModel {
  return {
    type: {
      kind: "object",
      attributes: names.map((name) => ({
        name,
        type: { kind: "string" },
        required: required.includes(name),
        validation: { enum: ["a", name, "b\\"] },
        examples: [],
        meta: {},
      })),
    },
    validation: {},
    examples: [],
    meta: {},
  };
}

Deno.test("any name, in any place, there or not", () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray(NAMES, { minLength: 1 }),
      fc.nat(),
      fc.nat(),
      fc.constantFrom("a", "b\\", "c"),
      (names, required, there, value) => {
        const codec = both(() => named(names, names.filter((_, index) => (required >> index) & 1)));
        const entries = names.filter((_, index) => ((required | there) >> index) & 1).map((
          name,
        ) => [name, value]);
        const text = codec.encode(Object.fromEntries(entries));
        codec.decode(text ?? JSON.stringify(Object.fromEntries(entries)));
      },
    ),
    { numRuns: 500 },
  );
  ok(allowCode(true), "some code was none");
});

const FORMATS = [
  "date",
  "date-time",
  "uuid",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "ip",
  "uri",
  "mac",
  "cidr",
  "regexp",
  "json",
  "rfc1123",
] as const;
const TEXTS = [
  "2015-10-26",
  "2015-10-26T08:31:23Z",
  "2015-10-26T08:31:23.123+01:00",
  "96054a62-a9e4-11e5-bc88-b8e8563a3a3d",
  "goa@goa.design",
  '"a\\"b"@goa.design',
  "ü@goa.design",
  "goa.design",
  "192.168.0.1",
  "::1",
  "2001:db8::ff00:42:8329",
  "http://goa.design/ü",
  "06-00-00-00-00-00",
  "10.0.0.0/8",
  "[a-z]+",
  '{"a":"\\n"}',
  "Mon, 04 Jun 2017 23:52:05 GMT",
  "\ud800",
  "",
];

Deno.test("formats, patterns, lengths and limits", () => {
  const each = (parts: readonly unknown[], values: readonly unknown[]) => {
    const type = () =>
      modelOf(words.Type("T", words.Attribute("v", ...parts), words.Attribute("w", ...parts)));
    const codec = both(type);
    for (const v of values) {
      for (const message of [{ v }, { v, w: v }, { w: v }, { w: v, v: null }]) {
        const text = codec.encode(message);
        codec.decode(
          text ?? JSON.stringify(message, (_key, item) => typeof item === "bigint" ? `${item}` : item),
        );
      }
    }
  };
  for (const format of FORMATS) each([d.String, d.Format(format)], TEXTS);
  each([d.String, d.Pattern("^(?i)[a-z]+$".slice(1))], TEXTS);
  each([d.String, d.Pattern("^[a-z.]+$"), d.MaxLength(9)], TEXTS);
  const lengths = ["", "a", "ab", "abc", "abcd", "😀", "😀😀", "😀😀😀", "😀😀😀😀", "a\ud800"];
  each([d.String, d.MinLength(2), d.MaxLength(3)], lengths);
  each([d.Bytes, d.MinLength(2), d.MaxLength(3)], [0, 1, 2, 3, 4].map((n) => new Uint8Array(n)));
  each([d.ArrayOf(d.Int), d.MinLength(2), d.MaxLength(3)], [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4], [
    1,
    "2",
  ]]);
  each([d.MapOf(d.String, d.Int), d.MinLength(1), d.MaxLength(2)], [{}, { a: 1 }, { a: 1, b: 2, c: 3 }, {
    a: 1,
    b: undefined,
    c: 3,
  }]);
  const numbers = [
    -1,
    -0,
    0,
    0.5,
    1,
    4,
    5,
    6,
    1e21,
    -1e-7,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    3.4028234663852886e38,
    1e39,
  ];
  for (const kind of [d.Int, d.Int32, d.UInt, d.UInt32, d.Float32, d.Float64]) {
    each([kind], numbers);
    each([kind, d.Minimum(0), d.Maximum(5)], numbers);
    each([kind, d.ExclusiveMinimum(0), d.ExclusiveMaximum(5)], numbers);
    each([kind, words.Enum(0, 5)], numbers);
  }
  for (const kind of [d.Int64, d.UInt64]) {
    const bigs = [-1n, 0n, 5n, 6n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n, 5];
    each([kind], bigs);
    each([kind, d.Minimum(0), d.Maximum(5n)], bigs);
    each([kind, words.Enum(0n, 5n)], bigs);
  }
  each([d.String, d.Enum(...TEXTS.filter((text) => text.isWellFormed()).slice(0, 12) as ["a"])], TEXTS);
  ok(allowCode(true), "some code was none");
});

Deno.test("defaults, views, unions and types that contain themselves", () => {
  const defaults = both(() =>
    modelOf(words.Type(
      "T",
      words.Attribute("a", d.String, words.Default('x"')),
      words.Attribute("b", d.Int, words.Default(-0)),
      words.Attribute("c", d.Int64, words.Default(5n)),
      words.Attribute("d", d.ArrayOf(d.Int), words.Default([1])),
      words.Attribute("e", d.Any),
      words.Required("e"),
    ))
  );
  for (const a of [undefined, null, "y", 5]) {
    for (const more of [{}, { d: [2] }, { b: 1, c: 9n, d: [] }, { c: 2n ** 62n, d: [] }]) {
      const text = defaults.encode({ a, e: { x: [null, 1] }, ...more });
      defaults.decode(text ?? '{"a":null}');
      defaults.encode({ a, e: null, ...more });
    }
  }
  for (
    const text of ["{}", '{"e":1}', '{"e":null}', '{"a":"y","b":2,"c":3,"d":[4],"e":5}', "[]", "null", "7"]
  ) {
    defaults.decode(text);
  }

  for (const view of ["default", "tiny", "odd"]) {
    const result = both(() => {
      const inner = words.ResultType(
        "application/vnd.inner",
        words.Attributes(words.Attribute("x", d.Int), words.Attribute("y", d.Int), words.Required("x", "y")),
        words.View("default", "x"),
        words.View("tiny", "y"),
      );
      const outer = words.ResultType(
        "application/vnd.outer",
        words.Attributes(
          words.Attribute("in", inner),
          words.Attribute("n", d.Int),
          words.Required("in", "n"),
        ),
        words.View("default", "in", "n"),
        words.View("tiny", words.Attribute("in", words.View("tiny"))),
      );
      return words.Service("s", words.Method("m", words.Result(outer))).model.methods["m"].result;
    }, view === "odd" ? undefined : view);
    for (const message of [{ in: { x: 1, y: 2 }, n: 3 }, { in: { x: 1 }, n: 3 }, { in: { y: 1 } }]) {
      result.encode(message);
      result.decode(JSON.stringify(message));
    }
  }

  const union = both(() =>
    modelOf(words.Type(
      "T",
      words.OneOf(
        "u",
        words.Attribute("a", d.String),
        words.Attribute("b", d.Bytes),
        words.Attribute("c", d.Any),
      ),
    ))
  );
  for (
    const u of [
      { type: "a", value: "x" },
      { value: "x", type: "a" },
      { type: "a", value: "x", more: 1 },
      { type: "b", value: new Uint8Array(3) },
      { type: "c", value: [1] },
      { type: "c", value: null },
      { type: "d", value: 1 },
      { type: "a" },
      { type: ["a"], value: "x" },
      null,
    ]
  ) {
    const text = union.encode({ u });
    union.decode(text ?? JSON.stringify({ u }));
  }

  const tree = both(() => {
    const type: unknown = words.Type(
      "Tree",
      words.Attribute("next", () => type),
      words.Attribute("all", d.Int),
    );
    return modelOf(type);
  });
  for (const depth of [1, 98, 99, 100, 101, 102, 300]) {
    let message: Record<string, unknown> = { all: 1 };
    for (let i = 1; i < depth; i++) message = { next: message };
    tree.encode(message);
    tree.decode(JSON.stringify(message));
  }
  ok(allowCode(true), "some code was none");
});

const NUMERALS = [
  "0",
  "-0",
  "-",
  "+1",
  "01",
  "1.",
  ".5",
  "1.50",
  "-0.1",
  "0.000000000000001",
  "99999999.9999999",
  "999999999.9999999",
  "123456789012345",
  "-9007199254740993",
  "9223372036854775807",
  "9223372036854775808",
  "18446744073709551615",
  "12345678901234567890123",
  "1e3",
  "1E-3",
  "1e400",
  "NaN",
  '"7"',
  "null",
  "true",
];

Deno.test("texts without white space are read as JSON.parse reads them", () => {
  const inner = () =>
    words.Type(
      "In",
      words.Attribute("a", d.Float64),
      words.Attribute("b", d.Int),
      words.Attribute("__proto__", d.Boolean),
      words.Required("a", "__proto__"),
    );
  const codec = both(() =>
    modelOf(words.Type(
      "T",
      words.Attribute("n", d.Float64),
      words.Attribute("f", d.Float32, d.Maximum(1e6)),
      words.Attribute("i", d.Int32),
      words.Attribute("u", d.UInt64),
      words.Attribute("s", d.Int64),
      words.Attribute("e", d.String, words.Enum("a", 'b"', "\u2028", "ab")),
      words.Attribute("l", d.ArrayOf(d.Boolean)),
      words.Attribute("o", d.ArrayOf(inner())),
      words.Required("n", "i"),
    ))
  );
  for (const one of NUMERALS) {
    for (const key of ["n", "f", "i", "u", "s", "e"]) {
      codec.decode(key === "n" ? `{"n":${one},"i":1}` : `{"n":1,"f":2,"i":1,"${key}":${one}}`);
      codec.decode(`{"n":1,"i":${key === "i" ? one : 5}${key === "i" ? "" : `,"${key}":${one}`}}`);
    }
  }
  const whole = '{"n":1,"f":0.5,"i":2,"u":12345678901234567890,"s":-1,"e":"ab","l":[true,false],' +
    '"o":[{"a":1.5,"b":2,"__proto__":true},{"a":-0,"__proto__":false}]}';
  codec.decode(whole);
  for (let at = 0; at < whole.length; at++) {
    codec.decode(whole.slice(0, at));
    for (const by of ' ,]}0."') codec.decode(whole.slice(0, at) + by + whole.slice(at));
    codec.decode(whole.slice(0, at) + whole.slice(at + 1));
  }
  for (
    const text of ['{"i":2,"n":1}', '{"n":1,"n":2,"i":3}', '{"n":1,"i":3}x', "", "{}", '{"n":1,"i":3,"l":[]}']
  ) {
    codec.decode(text);
  }
  fc.assert(
    fc.property(fc.double(), fc.bigInt(), fc.integer(), (n, s, i) => {
      codec.decode(`{"n":${JSON.stringify(n)},"i":${i},"s":${s}}`);
    }),
    { numRuns: 2000 },
  );
  ok(allowCode(true), "some code was none");
});

/** What texts of a type may be like, as words and as texts of which most are so. */
const TEXT_TYPES: readonly { readonly parts: readonly unknown[]; readonly values: fc.Arbitrary<string> }[] = [
  { parts: [d.String], values: fc.string({ unit: "binary" }) },
  { parts: [d.String], values: fc.string({ maxLength: 40 }) },
  { parts: [d.String, d.MinLength(2), d.MaxLength(3)], values: fc.string({ maxLength: 4 }) },
  { parts: [d.String, d.Pattern("^[a-z\\\\ü]*$")], values: fc.stringMatching(/^[a-z\\ü]*$/) },
  { parts: [d.String, d.Pattern('"|\\s|^$')], values: fc.constantFrom('"', "", " ", "\n", "x") },
  {
    parts: [d.String, d.Enum("a", 'b"', "\u2028", "ab")],
    values: fc.constantFrom("a", 'b"', "\u2028", "ab", "c"),
  },
  { parts: [d.String, d.Enum(...TEXTS.slice(0, 12) as ["a"])], values: fc.constantFrom(...TEXTS) },
  ...FORMATS.map((format) => ({
    parts: [d.String, d.Format(format)],
    values: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...TEXTS.filter(RULES[format])) },
      fc.constantFrom(...TEXTS),
    ),
  })),
  {
    parts: [d.String, d.Format("date-time"), d.MaxLength(20)],
    values: fc.constantFrom(TEXTS[1]!, TEXTS[2]!),
  },
  {
    parts: [d.String, d.Format("uuid"), d.Pattern("^9")],
    values: fc.constantFrom(TEXTS[3]!, crypto.randomUUID()),
  },
];

/** Puts something into a text, takes something out of it, or both. */
const edits = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  out: fc.constantFrom(0, 0, 0, 1, 1, 2, 7),
  by: fc.constantFrom(
    ...[
      "",
      " ",
      "\t",
      "\n",
      ",",
      ":",
      '"',
      "\\",
      '\\"',
      "\\\\",
      "\\n",
      "\\u0041",
      "\\ud800",
      "\\ud83d\\ude00",
      "\\x",
    ],
    ...[
      "\ud800",
      "\udc00",
      "😀",
      "ü",
      "\u2028",
      "\u0000",
      "\u001f",
      "\u007f",
      "\uffff",
      "a",
      "0",
      "Z",
      "}",
      "]",
      "{",
    ],
    ...[
      '"',
      '","',
      '":"',
      '"a":',
      '"a":"b",',
      ',"a":"b"',
      ',"more":1',
      '"}',
      '"}x',
      "null",
      "true",
      "-",
      "1.5",
      "é",
    ],
  ),
});

function edited(text: string, { at, out, by }: { at: number; out: number; by: string }): string {
  const place = Math.round(at * text.length);
  return text.slice(0, place) + by + text.slice(place + out);
}

const scanned = fc.array(
  fc.record({
    text: fc.nat(TEXT_TYPES.length - 1),
    as: fc.constantFrom("one", "one", "one", "list", "alias", "inner"),
    required: fc.boolean(),
    there: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4 },
).chain((fields) =>
  fc.record({
    fields: fc.constant(fields),
    values: fc.tuple(
      ...fields.map(({ text }) => fc.array(TEXT_TYPES[text]!.values, { minLength: 1, maxLength: 3 })),
    ),
    edits: fc.array(fc.array(edits, { minLength: 1, maxLength: 2 }), { minLength: 8, maxLength: 8 }),
  })
);

type Scanned = typeof scanned extends fc.Arbitrary<infer T> ? T : never;

/** The first attribute is there for sure, as code needs it. */
function scannedModel({ fields }: Scanned): AttributeModel {
  const names = fields.map((_, n) => "abcde"[n]!);
  return modelOf(words.Type(
    "T",
    words.Attribute("n", d.Int),
    ...fields.map(({ text, as }, n) => {
      const { parts } = TEXT_TYPES[text]!;
      if (as === "list") return words.Attribute(names[n], d.ArrayOf(...parts as [d.Type<string>]));
      if (as === "alias") return words.Attribute(names[n], words.Type(`A${n}`, ...parts));
      if (as === "one") return words.Attribute(names[n], ...parts);
      return words.Attribute(
        names[n],
        words.Type(
          `I${n}`,
          words.Attribute("x", ...parts),
          words.Attribute("y", d.Boolean),
          words.Required("x"),
        ),
      );
    }),
    words.Required("n", ...names.filter((_, n) => fields[n]!.required)),
  ));
}

/** A message as most write it, as others do, and put wrong. */
function scannedTexts({ fields, values, edits }: Scanned): string[] {
  const entries: [string, unknown][] = [["n", values.length]];
  for (const [n, { as, required, there }] of fields.entries()) {
    if (!required && !there) continue;
    const list = values[n]!;
    entries.push(["abcde"[n]!, as === "list" ? list : as === "inner" ? { x: list[0], y: true } : list[0]]);
  }
  const text = JSON.stringify(Object.fromEntries(entries));
  const last = entries.at(-1)!;
  return [
    text,
    JSON.stringify(Object.fromEntries(entries.toReversed())),
    JSON.stringify(Object.fromEntries(entries), null, 1),
    // Twice, another time with another value.
    `${text.slice(0, -1)},${JSON.stringify(last[0])}:${JSON.stringify(last[1])}}`,
    `${text.slice(0, -1)},${text.slice(1)}`,
    `{${text.slice(1, -1)},"n":1}`,
    text.replace(/[a-z](?=[^"]*"[,}\]])/, (char) => `\\u00${char.charCodeAt(0).toString(16)}`),
    text + text,
    ...edits.map((all) => all.reduce(edited, text)),
  ];
}

Deno.test("property: texts are scanned as they are parsed, however messages are written", () => {
  let well = 0;
  let wrong = 0;
  fc.assert(
    fc.property(scanned, (one) => {
      const codec = both(() => scannedModel(one));
      const { scan } = compile(scannedModel(one), "default", () => "");
      for (const [n, text] of scannedTexts(one).entries()) {
        codec.decode(text);
        if (scan(text) === undefined) continue;
        if (n === 0) well++;
        else wrong++;
      }
    }),
    { numRuns: 1500 },
  );
  ok(allowCode(true), "some code was none");
  // Were all of them left to the parser, nothing would show.
  ok(well > 100 && wrong > 50, `only ${well} messages were scanned, and ${wrong} that were edited`);
});

Deno.test("each place of a text with any character is read as JSON.parse reads it", () => {
  const codec = both(() =>
    modelOf(words.Type(
      "T",
      words.Attribute("h", d.String, d.MaxLength(6)),
      words.Attribute("t", d.String, d.Format("date-time")),
      words.Attribute("d", d.String, d.Format("date")),
      words.Attribute("i", d.String, d.Format("ipv4")),
      words.Attribute("l", d.ArrayOf(d.String)),
      words.Required("h", "t"),
    ))
  );
  // Without attributes of any text nothing else would find what is wrong in these.
  const plain = both(() =>
    modelOf(words.Type(
      "T",
      words.Attribute("t", d.String, d.Format("date-time")),
      words.Attribute("d", d.String, d.Format("date")),
      words.Attribute("i", d.String, d.Format("ipv4")),
      words.Attribute("e", d.String, d.Enum("x\\", "y")),
      words.Required("t"),
    ))
  );
  const rest = '"t":"2024-02-29T03:04:05.6+07:08","d":"2024-02-29","i":"1.2.3.4"';
  const units = [
    ...'",:\\/}]{x09-+TZ. \u007f',
    "\n",
    "\u0000",
    "\u001f",
    "\ud83d",
    "\ude00",
    "😀",
    "\uffff",
    "\\n",
  ];
  for (
    const [read, whole] of [[codec, `{"h":"ab 😀",${rest},"l":["","y"]}`], [
      plain,
      `{${rest},"e":"x\\\\"}`,
    ]] as const
  ) {
    read.decode(whole);
    for (let at = 0; at < whole.length; at++) {
      read.decode(whole.slice(0, at));
      read.decode(whole.slice(at));
      read.decode(whole.slice(0, at) + whole.slice(at + 1));
      for (const unit of units) {
        read.decode(whole.slice(0, at) + unit + whole.slice(at));
        read.decode(whole.slice(0, at) + unit + whole.slice(at + 1));
      }
    }
  }
  ok(allowCode(true), "some code was none");
});

Deno.test("of large texts no slices are made", () => {
  const refuse = () => {
    throw new Error("there is no default");
  };
  const scanOf = (...parts: unknown[]) =>
    compile(modelOf(words.Type("T", words.Attribute("v", ...parts), words.Required("v"))), "default", refuse)
      .scan;
  const wrap = (length: number) => `{"v":"${"x".repeat(length - 8)}"}`;
  const scan = scanOf(d.String);
  assertEquals(scan(wrap(MAX_KEPT)), JSON.parse(wrap(MAX_KEPT)));
  assertEquals(scan(wrap(MAX_KEPT + 1)), undefined);
  assertEquals(scan('{"v":"x"}', MAX_KEPT), { v: "x" });
  assertEquals(scan('{"v":"x"}', MAX_KEPT + 1), undefined);
  const time = '{"v":"2024-01-02T03:04:05Z"}';
  assertEquals(scanOf(d.String, d.Format("date-time"))(time), JSON.parse(time));
  assertEquals(scanOf(d.String, d.Format("date-time"))(time, Infinity), undefined);
  // What is one of few texts is the design's.
  const few = `{"v":[${'"a",'.repeat(MAX_KEPT)}"b"]}`;
  assertEquals(scanOf(d.ArrayOf(d.String, d.Enum("a", "b")))(few), JSON.parse(few));
  assertEquals(scanOf(d.ArrayOf(d.Int))(`{"v":[${"1,".repeat(MAX_KEPT)}1]}`, Infinity), {
    v: Array(MAX_KEPT + 1).fill(1),
  });
});

Deno.test("long digits in any place are what they are", () => {
  const codec = both(() =>
    modelOf(words.Type(
      "T",
      words.Attribute("s", d.String),
      words.Attribute("n", d.Int64),
      words.Attribute("f", d.Float64),
      words.Attribute("a", d.ArrayOf(d.UInt64)),
      words.Attribute("m", d.MapOf(d.String, d.Int64)),
      words.Attribute("b", d.Bytes),
    ))
  );
  const digits = "1234567890123456789";
  for (
    const text of [
      `{"n":${digits}}`,
      `{"n": ${digits} }`,
      `{"n":"no digits"}`,
      `{"n":"${digits}"}`,
      `{"s":"${digits}","n":${digits}}`,
      `{"s":":${digits},","n":${digits}}`,
      `{"s":"\\":${digits},"n":${digits}}`,
      `{"s":"\\\\:${digits},","n":${digits}}`,
      `{"s":${digits},"n":${digits}}`,
      `{"f":${digits},"n":${digits}}`,
      `{"x":${digits},"n":${digits}}`,
      `{"n":0${digits}}`,
      `{"n":-0${digits}}`,
      `{"n":-${digits}}`,
      `{"n":${digits}0}`,
      `{"n":${digits}.5}`,
      `{"n":${digits}e1}`,
      `{"a":[1,${digits},"${digits}",18446744073709551615]}`,
      `{"a":[${digits},${digits},-${digits}]}`,
      `{"m":{"${digits}":${digits},"__proto__":${digits}}}`,
      `{"m":{"x":1},"b":"AAEC","n":${digits}}`,
      `{"b":"?","n":${digits}}`,
      `{"b":"AAEC"}`,
    ]
  ) codec.decode(text);
  ok(allowCode(true), "some code was none");
});

Deno.test("code is used where it can be, and engines without do without", () => {
  const model = modelOf(words.Type(
    "T",
    words.Attribute("a", d.Int, d.Minimum(0)),
    words.Attribute("b", d.String, d.MaxLength(5)),
    words.Attribute("c", d.ArrayOf(words.Type("E", words.Attribute("x", d.Boolean)))),
    words.Required("a", "b"),
  ));
  const message = { a: 1, b: '"', c: [{ x: true }, {}] };
  const text = '{"a":1,"b":"\\"","c":[{"x":true},{}]}';
  const refuse = () => {
    throw new Error("there is no default");
  };
  const { encode, fits } = compile(model, "default", refuse);
  assertEquals(encode(message), text);
  assertEquals(encode({ ...message, more: 1 }), text);
  assertEquals(encode({ ...message, a: -1 }), undefined);
  assertEquals(fits(JSON.parse(text)), true);
  assertEquals(fits({ ...message, more: 1 }), false);

  const { Function } = globalThis;
  let tries = 0;
  try {
    // deno-lint-ignore no-explicit-any
    (globalThis as any).Function = function () {
      tries++;
      throw new EvalError("Code generation from strings disallowed for this context");
    };
    for (let i = 0; i < 3; i++) {
      const codec = jsonCodec(modelOf(words.Type("T", words.Attribute("a", d.Int))), {
        root: "r",
        context: "c",
      });
      assertEquals(codec.encode({ a: 1 }), '{"a":1}');
      assertEquals(codec.decode('{"a":1}'), { a: 1 });
    }
    // A page may have each try reported.
    assertEquals(tries, 1);
  } finally {
    globalThis.Function = Function;
    allowCode(true);
  }
});
