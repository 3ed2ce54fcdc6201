import { assert, assertEquals, assertFalse, assertStrictEquals, assertThrows } from "@std/assert";
import type { AttributeModel, PrimitiveKind, UserModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import type { CodecOptions } from "./codec.ts";
import { jsonCodec } from "./json.ts";
import { array, att, field, map, object, result, user } from "./test_models.ts";

function codec(attribute: AttributeModel, options: Partial<CodecOptions> = {}) {
  return jsonCodec(attribute, { root: "payload", context: "monitor.watch", ...options });
}

function failure(action: () => unknown): string {
  const error = assertThrows(action, ServiceError);
  return `${error.name}: ${error.message}`;
}

/** `name: message` with the context that leads every message. */
const inContext = (text: string) => text.replace(": ", ": monitor.watch: ");

/** Both directions of an attribute `x` of one type: JSON text and value. */
Deno.test("primitives keep their value both ways", () => {
  const cases: [PrimitiveKind, unknown, string][] = [
    ["boolean", true, "true"],
    ["int", 9007199254740991, "9007199254740991"],
    ["int", -9007199254740991, "-9007199254740991"],
    ["int32", -2147483648, "-2147483648"],
    ["int64", 9223372036854775807n, "9223372036854775807"],
    ["int64", -9223372036854775808n, "-9223372036854775808"],
    ["int64", 5n, "5"],
    ["uint", 0, "0"],
    ["uint32", 4294967295, "4294967295"],
    ["uint64", 18446744073709551615n, "18446744073709551615"],
    ["float32", 0.5, "0.5"],
    ["float64", 5e-324, "5e-324"],
    ["string", "héllo \u{1f600}", JSON.stringify("héllo \u{1f600}")],
    ["bytes", new Uint8Array([251, 255, 0]), '"+/8A"'],
    ["any", { a: [1, null, "x", { b: false }] }, '{"a":[1,null,"x",{"b":false}]}'],
  ];
  for (const [kind, value, text] of cases) {
    const { encode, decode } = codec(object(field("x!", kind)));
    assertEquals(encode({ x: value }), `{"x":${text}}`, String(kind));
    assertEquals(decode(`{"x":${text}}`), { x: value }, String(kind));
  }
});

Deno.test("what a primitive refuses, in either direction", () => {
  const int = (value: string) =>
    `invalid_field_type: invalid value ${value} for "payload.x", must be a integer`;
  const range = (relation: string, value: string) =>
    `invalid_range: payload.x must be ${relation} but got value ${value}`;
  const float = (value: string) =>
    `invalid_field_type: invalid value ${value} for "payload.x", must be a float`;
  const wellFormed = (value: string) =>
    `invalid_format: payload.x must be formatted as a well-formed Unicode string but got value ${value}`;
  /** What `encode` refuses and why, what JSON `decode` refuses and why. */
  const cases: [PrimitiveKind, [unknown, string] | null, [string, string] | null][] = [
    ["boolean", [1, 'invalid_field_type: invalid value 1 for "payload.x", must be a boolean'], null],
    ["boolean", null, ["0", 'invalid_field_type: invalid value 0 for "payload.x", must be a boolean']],
    ["int", [1.5, int("1.5")], ["1.5", int("1.5")]],
    ["int", [2 ** 53, int("9007199254740992")], ["9007199254740992", int("9007199254740992")]],
    ["int", ["5", int('"5"')], ['"5"', int('"5"')]],
    ["int", [NaN, int("NaN")], ["true", int("true")]],
    ["int", [5n, int("5")], ["{}", int("object")]],
    [
      "int32",
      [2147483648, range("lesser or equal than 2147483647", "2147483648")],
      ["-3e9", range("greater or equal than -2147483648", "-3000000000")],
    ],
    [
      "uint",
      [-1, range("greater or equal than 0", "-1")],
      ["-1", range("greater or equal than 0", "-1")],
    ],
    [
      "uint32",
      [4294967296, range("lesser or equal than 4294967295", "4294967296")],
      ["1e20", range("lesser or equal than 4294967295", "100000000000000000000")],
    ],
    [
      "int64",
      [2n ** 63n, range("lesser or equal than 9223372036854775807", "9223372036854775808")],
      ["9223372036854775808", range("lesser or equal than 9223372036854775807", "9223372036854775808")],
    ],
    [
      "uint64",
      [-1n, range("greater or equal than 0", "-1")],
      ['"-1"', range("greater or equal than 0", "-1")],
    ],
    ["int64", [1, int("1")], ["1.5", int("1.5")]],
    ["int64", ["1", int('"1"')], ['"abc"', int('"abc"')]],
    ["float64", [Infinity, float("Infinity")], ["1e999", float("Infinity")]],
    ["float32", [NaN, float("NaN")], ['"NaN"', float('"NaN"')]],
    [
      "float32",
      [1e39, range("lesser or equal than 3.4028234663852886e+38", "1e+39")],
      ["-1e39", range("greater or equal than -3.4028234663852886e+38", "-1e+39")],
    ],
    ["string", [5, 'invalid_field_type: invalid value 5 for "payload.x", must be a string'], null],
    ["string", ["a\ud800", wellFormed('"a\\ud800"')], ['"\\udc00"', wellFormed('"\\udc00"')]],
    [
      "bytes",
      ["AA==", 'invalid_field_type: invalid value "AA==" for "payload.x", must be a byte array'],
      ['"*"', 'invalid_field_type: invalid value "*" for "payload.x", must be a byte array'],
    ],
    [
      "bytes",
      [[1], 'invalid_field_type: invalid value array for "payload.x", must be a byte array'],
      ['"A"', 'invalid_field_type: invalid value "A" for "payload.x", must be a byte array'],
    ],
    [
      "any",
      [{ f: 5n }, 'invalid_field_type: invalid value 5 for "payload.x[f]", must be a JSON value'],
      ["[1e999]", 'invalid_field_type: invalid value Infinity for "payload.x[0]", must be a JSON value'],
    ],
  ];
  for (const [kind, encoding, decoding] of cases) {
    const { encode, decode } = codec(object(field("x!", kind)));
    if (encoding !== null) {
      assertEquals(failure(() => encode({ x: encoding[0] })), inContext(encoding[1]));
    }
    if (decoding !== null) {
      assertEquals(failure(() => decode(`{"x":${decoding[0]}}`)), inContext(decoding[1]));
    }
  }
});

Deno.test("absent, null and required", () => {
  const attribute = object(field("a!", "int"), field("b", "string"), field("c", "int", { default: 7 }));
  const { encode, decode } = codec(attribute);
  assertEquals(encode({ a: 1, b: null }), '{"a":1,"c":7}');
  assertEquals(encode({ a: 1, b: "x", c: 2, other: 5 }), '{"a":1,"b":"x","c":2}');
  assertEquals(decode('{"a":1,"b":null,"c":null,"more":{"deep":1}}'), { a: 1, c: 7 });
  const missing = 'missing_field: monitor.watch: "a" is missing from payload';
  assertEquals(failure(() => encode({})), missing);
  assertEquals(failure(() => decode("{}")), missing);
  assertEquals(failure(() => decode('{"a":null}')), missing);
  for (const text of ["null", " null ", "5", "[]", '"x"']) {
    assertEquals(assertThrows(() => decode(text), ServiceError).name, "invalid_field_type");
  }
  assertEquals(
    failure(() => encode(null)),
    'invalid_field_type: monitor.watch: invalid value null for "payload", must be a object',
  );
  for (const value of [undefined, 5, new Map(), new Set(), Promise.resolve({}), new Uint8Array(1), []]) {
    assertEquals(assertThrows(() => encode(value), ServiceError).name, "invalid_field_type");
  }
});

Deno.test("text that is no JSON is decode_payload", () => {
  const { decode } = codec(object(field("a", "int64")));
  for (const text of ["", "{", "nul", '{"a":1,}', "[".repeat(200_000) + "1234567890123456789"]) {
    const error = assertThrows(() => decode(text), ServiceError);
    assertEquals(error.name, "decode_payload");
    assert(error.message.startsWith("monitor.watch: cannot decode payload: "), error.message);
    assert(error.message.length < 200);
  }
});

Deno.test("all problems of a message are one error with paths", () => {
  const item = user("Item", object(field("name!", "string", { minLength: 2 }), field("n", "int")));
  const attribute = object(
    field("interval!", "int", { minimum: 1 }),
    field("items", array(att(item)), { minLength: 1 }),
    field("labels", map(att("string", { pattern: "^[a-z]+$" }), att("int"))),
  );
  const { decode, encode } = codec(attribute);
  const value = { interval: 0, items: [{ name: "ok" }, { n: 1.5 }], labels: { ok: 1, NO: 2, x: "y" } };
  const message =
    "invalid_range: monitor.watch: payload.interval must be greater or equal than 1 but got value 0; " +
    '"name" is missing from payload.items[1]; invalid value 1.5 for "payload.items[1].n", must be a integer; ' +
    'payload.labels[NO] must match the regexp "^[a-z]+$" but got value "NO"; ' +
    'invalid value "y" for "payload.labels[x]", must be a integer';
  assertEquals(failure(() => decode(JSON.stringify(value))), message);
  assertEquals(failure(() => encode(value)), message);
});

Deno.test("validations and their messages", () => {
  const cases: [Parameters<typeof field>[1], Parameters<typeof field>[2], unknown, string][] = [
    [
      "string",
      { enum: ["a", "b"] },
      "c",
      'invalid_enum_value: value of payload.x must be one of "a", "b" but got value "c"',
    ],
    [
      "int64",
      { enum: [1n, 2n] },
      3n,
      "invalid_enum_value: value of payload.x must be one of 1, 2 but got value 3",
    ],
    ["int", { enum: [1] }, 2, "invalid_enum_value: value of payload.x must be one of 1 but got value 2"],
    [
      "string",
      { format: "uuid" },
      "abc",
      'invalid_format: payload.x must be formatted as a uuid but got value "abc"',
    ],
    [
      "string",
      { pattern: "^a$" },
      "b",
      'invalid_pattern: payload.x must match the regexp "^a$" but got value "b"',
    ],
    ["int64", { maximum: 5 }, 6n, "invalid_range: payload.x must be lesser or equal than 5 but got value 6"],
    [
      "float64",
      { exclusiveMinimum: 1 },
      1,
      "invalid_range: payload.x must be greater than 1 but got value 1",
    ],
    ["float64", { exclusiveMaximum: 1 }, 1, "invalid_range: payload.x must be lesser than 1 but got value 1"],
    [
      "string",
      { minLength: 3 },
      "a\u{1f600}",
      'invalid_length: length of payload.x must be greater or equal than 3 but got value "a\u{1f600}" (len=2)',
    ],
    [
      "bytes",
      { maxLength: 1 },
      new Uint8Array(2),
      "invalid_length: length of payload.x must be lesser or equal than 1 but got value bytes (len=2)",
    ],
    [
      array(att("int")),
      { maxLength: 1 },
      [1, 2],
      "invalid_length: length of payload.x must be lesser or equal than 1 but got value array (len=2)",
    ],
    [
      map(att("int"), att("int")),
      { minLength: 1 },
      new Map(),
      "invalid_length: length of payload.x must be greater or equal than 1 but got value map (len=0)",
    ],
  ];
  for (const [type, options, value, expected] of cases) {
    const attribute = object(field("x!", type, options));
    assertEquals(failure(() => codec(attribute).encode({ x: value })), inContext(expected));
    const text = codec(object(field("x!", type))).encode({ x: value });
    assertEquals(failure(() => codec(attribute).decode(text)), inContext(expected));
  }
  const alias = user("Short", att("string", { maxLength: 3 }));
  const { decode } = codec(object(field("x!", alias, { minLength: 2 })));
  assertEquals(decode('{"x":"abc"}'), { x: "abc" });
  assertThrows(() => decode('{"x":"abcd"}'), ServiceError, "lesser or equal than 3");
  assertThrows(() => decode('{"x":"a"}'), ServiceError, "greater or equal than 2");
  assertEquals(codec(object(field("x", "float64", { minimum: 0 }))).decode('{"x":-0}'), { x: -0 });
});

Deno.test("messages stay short whatever they are about", () => {
  const { decode } = codec(object(field("x", array(att("int"))), field("m", map(att("string"), att("int")))));
  const one = assertThrows(() => decode(JSON.stringify({ x: ["y".repeat(1e6)] })), ServiceError);
  assert(one.message.length < 200, one.message);
  const many = assertThrows(() => decode(JSON.stringify({ x: Array(1e5).fill("z") })), ServiceError);
  assert(many.message.length < 2000);
  const key = assertThrows(() => decode(JSON.stringify({ m: { ["k".repeat(1e6)]: "v" } })), ServiceError);
  assert(key.message.length < 300);
});

Deno.test("64-bit integers are exact, as numbers and as strings", () => {
  const attribute = object(
    field("n!", "int64"),
    field("f", "float64"),
    field("a", "any"),
    field("m", map(att("uint64"), att("int64"))),
  );
  const { decode, encode, toJson, fromJson } = codec(attribute);
  assertEquals(
    decode(
      '{"n":"-9223372036854775808","f":12345678901234567890,"a":[12345678901234567890,{"__proto__":1}]}',
    ),
    {
      n: -9223372036854775808n,
      f: 12345678901234567890,
      a: [12345678901234567890, JSON.parse('{"__proto__":1}')],
    },
  );
  assertEquals(decode('{"n":1234567890123456789}'), { n: 1234567890123456789n });
  const value = { n: 9007199254740993n, m: new Map([[18446744073709551615n, -9007199254740993n]]) };
  assertEquals(encode(value), '{"n":9007199254740993,"m":{"18446744073709551615":-9007199254740993}}');
  assertEquals(decode(encode(value)), value);
  assertEquals(toJson({ n: 9007199254740993n }), { n: 9007199254740993n });
  assertEquals(fromJson({ n: 9007199254740993n }), { n: 9007199254740993n });
  assertEquals(fromJson({ n: 3 }), { n: 3n });
  assertThrows(() => decode('{"n":1e30}'), ServiceError, "integer");
  assertThrows(() => decode('{"n":9007199254740993.0}'), ServiceError, "integer");
});

Deno.test("maps: records and Maps, keys in JSON as text", () => {
  const cases: [AttributeModel, unknown, string][] = [
    [att("string"), { a: 1, constructor: 2 }, '{"a":1,"constructor":2}'],
    [att(user("Key", att("string"))), { a: 1 }, '{"a":1}'],
    [att("int"), new Map([[-5, 1]]), '{"-5":1}'],
    [att("boolean"), new Map([[true, 1]]), '{"true":1}'],
    [att("float64"), new Map([[0.5, 1]]), '{"0.5":1}'],
    [att("bytes"), new Map([[new Uint8Array([1]), 1]]), '{"AQ==":1}'],
    [object(field("a", "int")), new Map([[{ a: 1 }, 1]]), '[[{"a":1},1]]'],
  ];
  for (const [key, value, text] of cases) {
    const { encode, decode } = codec(object(field("m!", map(key, att("int")))));
    assertEquals(encode({ m: value }), `{"m":${text}}`);
    assertEquals(decode(`{"m":${text}}`), { m: value });
  }
  const { decode, encode } = codec(object(field("m!", map(att("int"), att("int")))));
  assertThrows(() => decode('{"m":{"x":1}}'), ServiceError, "payload.m[x]");
  assertThrows(() => decode('{"m":{"01":1}}'), ServiceError, "payload.m[01]");
  assertThrows(() => encode({ m: { 1: 1 } }), ServiceError, "must be a map");
});

Deno.test("__proto__ and inherited names are ordinary names", () => {
  const text = '{"m":{"__proto__":{"polluted":true}},"__proto__":5}';
  const attribute = object(
    field("m", map(att("string"), att("any"))),
    field("__proto__", "int"),
    field("constructor", "string"),
    field("toString", "string"),
  );
  const { decode, encode } = codec(attribute);
  const value = decode(text) as Record<string, Record<string, unknown>>;
  assertEquals(Object.keys(value), ["m", "__proto__"]);
  assertStrictEquals(Object.getPrototypeOf(value), Object.prototype);
  assertEquals(Object.keys(value.m!), ["__proto__"]);
  assertStrictEquals(Object.getPrototypeOf(value.m!), Object.prototype);
  assertFalse("polluted" in {});
  assertEquals(encode(value), text);
  assertEquals(encode({}), "{}");
  assertEquals(decode("{}"), {});
});

Deno.test("Any is JSON and nothing else", () => {
  const { encode, decode } = codec(object(field("x", "any")));
  const cycle: unknown[] = [];
  cycle.push(cycle);
  for (
    const x of [cycle, new Map(), new Date(), Symbol(), { a: [1n] }, { "\ud800": 1 }, [undefined], -Infinity]
  ) {
    assertThrows(() => encode({ x }), ServiceError);
  }
  assertEquals(encode({ x: { a: undefined, b: 1 } }), '{"x":{"b":1}}');
  assertThrows(() => decode('{"x":{"\\ud800":1}}'), ServiceError, "well-formed");
  const deep = assertThrows(() => decode(`{"x":${"[".repeat(5000)}${"]".repeat(5000)}}`), ServiceError);
  assertEquals(deep.name, "invalid_length");
  assert(deep.message.length < 400, deep.message);
});

const Node: UserModel = user("Node", {
  ...att("any"),
  get type() {
    return nodeObject.type;
  },
});
const nodeObject = object(field("id!", "int"), field("next", Node), field("all", array(att(Node))));

Deno.test("types that contain themselves, to a bounded depth", () => {
  const { encode, decode } = codec(att(Node));
  const value = { id: 1, next: { id: 2, all: [{ id: 3 }, { id: 4, next: { id: 5 } }] } };
  assertEquals(decode(encode(value)), value);
  assertThrows(
    () => decode('{"id":1,"next":{"id":2,"all":[{"next":{"id":1}}]}}'),
    ServiceError,
    '"id" is missing from payload.next.all[0]',
  );
  let deep: Record<string, unknown> = { id: 0 };
  for (let i = 0; i < 99; i++) deep = { id: i, next: deep };
  assertEquals(decode(encode(deep)), deep);
  for (let i = 0; i < 5000; i++) deep = { id: i, next: deep };
  for (const action of [() => encode(deep), () => decode(JSON.stringify(deep))]) {
    const error = assertThrows(action, ServiceError);
    assertEquals(error.name, "invalid_length");
    assert(error.message.length < 500, error.message);
  }
});

Deno.test("views project in both directions", () => {
  const winery = result("Winery", object(field("name!", "string"), field("url!", "string")), {
    default: ["name", "url"],
    tiny: ["name"],
  });
  const bottle = result(
    "Bottle",
    object(
      field("id!", "int"),
      field("name!", "string"),
      field("winery!", winery),
      field("pinned", winery, { view: "tiny" }),
    ),
    { default: ["id", "name", "winery", "pinned"], tiny: ["id", "winery:tiny"], other: ["name"] },
  );
  const full = { id: 1, name: "n", winery: { name: "w", url: "u" }, pinned: { name: "p", url: "q" } };
  const text = JSON.stringify(full);
  assertEquals(JSON.parse(codec(att(bottle)).encode(full)), { ...full, pinned: { name: "p" } });
  assertEquals(codec(att(bottle), { view: "tiny" }).encode(full), '{"id":1,"winery":{"name":"w"}}');
  assertEquals(codec(att(bottle), { view: "tiny" }).decode(text), { id: 1, winery: { name: "w" } });
  assertEquals(codec(att(bottle), { view: "other" }).decode('{"name":"n"}'), { name: "n" });
  assertEquals(codec(att(bottle, { view: "other" }), { view: "tiny" }).encode(full), '{"name":"n"}');
  const collection: UserModel = {
    ...result("BottleCollection", att(array(att(bottle))), {}),
    views: bottle.views!,
  };
  assertEquals(codec(att(collection), { view: "tiny" }).encode([full]), '[{"id":1,"winery":{"name":"w"}}]');
  assertEquals(
    failure(() => codec(att(bottle), { view: "nope" })),
    'invalid_enum_value: value of view must be one of "default", "tiny", "other" but got value "nope"',
  );
  assertEquals(codec(object(field("a", "int")), { view: "whatever" }).decode('{"a":1}'), { a: 1 });
});

Deno.test("defaults are deep, and never shared", () => {
  const inner = user("Inner", object(field("a!", "int"), field("b", "int", { default: 2 })));
  const attribute = object(
    field("list!", array(att(inner)), { default: [{ a: 1 }] }),
    field("bytes", "bytes", { default: new Uint8Array([1, 2]) }),
    field("big", "int64", { default: 5 }),
    field("s", "string", { default: "x" }),
  );
  const { decode, encode } = codec(attribute);
  const expected = { list: [{ a: 1, b: 2 }], bytes: new Uint8Array([1, 2]), big: 5n, s: "x" };
  const first = decode("{}") as typeof expected;
  assertEquals(first, expected);
  first.list.push({ a: 9, b: 9 });
  first.bytes[0] = 9;
  assertEquals(decode("{}"), expected);
  assertEquals(decode('{"list":[{"a":3}],"bytes":"","big":1,"s":"y"}'), {
    list: [{ a: 3, b: 2 }],
    bytes: new Uint8Array(),
    big: 1n,
    s: "y",
  });
  assertEquals(encode({}), '{"list":[{"a":1,"b":2}],"bytes":"AQI=","big":5,"s":"x"}');
});

Deno.test("unions tell their member", () => {
  const union = att({
    kind: "union",
    name: "kind",
    typeField: "type",
    valueField: "value",
    members: [field("n", "int64"), field("s", user("S", object(field("a!", "string"))))],
  });
  const { decode, encode } = codec(object(field("u!", union)));
  const value = { u: { type: "s", value: { a: "x" } } };
  assertEquals(encode(value), JSON.stringify(value));
  assertEquals(decode('{"u":{"type":"n","value":9007199254740993}}'), {
    u: { type: "n", value: 9007199254740993n },
  });
  assertThrows(() => decode('{"u":{"value":1}}'), ServiceError, '"type" is missing from payload.u');
  assertThrows(() => decode('{"u":{"type":"s"}}'), ServiceError, '"value" is missing from payload.u');
  assertThrows(
    () => decode('{"u":{"type":"z","value":1}}'),
    ServiceError,
    "value of payload.u.type must be one of",
  );
  assertThrows(
    () => decode('{"u":{"type":"s","value":{}}}'),
    ServiceError,
    '"a" is missing from payload.u.value',
  );
});

Deno.test("roots that are no objects", () => {
  assertEquals(codec(att("int64")).decode("12345678901234567890".slice(0, 19)), 1234567890123456789n);
  assertEquals(codec(att("string", { minLength: 1 })).encode("x"), '"x"');
  assertEquals(codec(att(array(att("bytes")))).decode('["AQ"]'), [new Uint8Array([1])]);
  assertThrows(() => codec(att("any")).decode("1e400"), ServiceError);
  assertEquals(codec(att("any")).decode("null"), null);
});

Deno.test("whatever comes, it is a value or a ServiceError", () => {
  const attribute = object(
    field("a!", "int64", { minimum: 1 }),
    field("s", "string", { format: "email" }),
    field("n", Node),
    field("m", map(att("int"), att("any"))),
    field("b", "bytes"),
    field("r", map(att("string"), att(array(att("uint"))))),
  );
  const { encode, decode } = codec(attribute);
  const valid = encode({
    a: 9007199254740993n,
    s: "a@b",
    n: { id: 1, all: [{ id: 2 }] },
    m: new Map([[1, { x: [null] }]]),
    b: new Uint8Array(3),
    r: { k: [1] },
  });
  const parts = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "null",
    "-1",
    "1e99",
    "12345678901234567890",
    '"__proto__"',
    "true",
    "\\ud800",
  ];
  let seed = 1;
  const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
  let good = 0;
  for (let i = 0; i < 20_000; i++) {
    const at = random(valid.length);
    const text = valid.slice(0, at) + parts[random(parts.length)] + valid.slice(at + random(6));
    try {
      decode(encode(decode(text)));
      good++;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw new Error(text, { cause: error });
    }
  }
  assert(good > 0);
});
