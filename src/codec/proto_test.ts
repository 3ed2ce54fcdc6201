import { assert, assertEquals, assertNotStrictEquals, assertThrows } from "@std/assert";
import protobuf from "protobufjs/light.js";
import type { AttributeModel, PrimitiveKind, UserModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import { type ProtoMethod, protoService } from "./proto.ts";
import { protoRoot } from "./proto_root.ts";
import { array, att, field, map, object, result, service, user } from "./test_models.ts";

function methodOf(payload: AttributeModel): { method: ProtoMethod; type: protobuf.Type } {
  const made = protoService(service("s", [{ name: "m", payload }]));
  const type = protoRoot(made.schema).lookupType(`s.${made.schema.rpcs[0]!.request.name}`);
  return { method: made.methods.m!, type };
}

function failure(action: () => unknown): string {
  const error = assertThrows(action, ServiceError);
  return `${error.name}: ${error.message}`;
}

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");

const VALUES: [PrimitiveKind, unknown[]][] = [
  ["boolean", [true, false]],
  ["int", [0, 1, -1, 2147483647, -2147483648]],
  ["int32", [0, -150, 2147483647]],
  ["int64", [
    0n,
    1n,
    -1n,
    9223372036854775807n,
    -9223372036854775808n,
    9007199254740993n,
    -4294967296n,
    4294967295n,
  ]],
  ["uint", [0, 4294967295]],
  ["uint32", [0, 4294967295, 128]],
  ["uint64", [0n, 18446744073709551615n, 9223372036854775808n, 4503599627370497n]],
  ["float32", [0, 0.5, -1.5, 16777216]],
  ["float64", [0, -0, 0.1, 5e-324, 1.7976931348623157e308]],
  ["string", ["", "héllo \u{1f600}", "x".repeat(300), "\ufeffbom", "\ufffd"]],
  ["bytes", [new Uint8Array(), new Uint8Array([0, 255]), new Uint8Array(300).fill(7)]],
  ["any", [1, "x", true, false, 0, "", [], {}, [1, [null, {}]], { a: { b: [null, -0.5] } }]],
];

Deno.test("primitives: required, optional, in lists, and as protobufjs itself reads and writes them", () => {
  for (const [kind, values] of VALUES) {
    const { method, type } = methodOf(
      object(field("r!", kind), field("o", kind), field("l!", array(att(kind)))),
    );
    for (const value of values) {
      for (const message of [{ r: value, o: value, l: [value, value] }, { r: value, l: [] }]) {
        const bytes = method.payload.encode(message);
        assertEquals(method.payload.decode(bytes), message, kind);
        // protobufjs, told nothing but the schema, reads what we wrote and writes what we read.
        const theirs = type.encode(type.decode(bytes)).finish();
        assertEquals(method.payload.decode(theirs), message, kind);
        if (kind !== "any") assertEquals(hex(theirs), hex(bytes), kind);
      }
    }
  }
});

Deno.test("bytes on the wire", () => {
  const { method } = methodOf(object(
    field("cpu!", "float32"),
    field("interval!", "int"),
    field("name", "string"),
    field("count!", "int64"),
    field("ids!", array(att("uint"))),
  ));
  assertEquals(
    hex(method.payload.encode({ cpu: 1, interval: -1, name: "", count: -1n, ids: [1, 300] })),
    "0d 00 00 80 3f 10 01 1a 00 20 01 2a 03 01 ac 02",
  );
  assertEquals(hex(method.payload.encode({ cpu: 0, interval: 0, count: 0n, ids: [] })), "");
  assertEquals(method.payload.decode(new Uint8Array()), { cpu: 0, interval: 0, count: 0n, ids: [] });
});

Deno.test("lists in either form, unknown fields and wrong wire types", () => {
  const { method } = methodOf(object(field("l", array(att("int"))), field("s", "string")));
  const w = () => protobuf.Writer.create();
  const mixed = w().uint32(10).bytes(new Uint8Array([2, 4])).uint32(8).sint32(3)
    .uint32(99 << 3 | 2).string("unknown").uint32(16).uint32(5).uint32(50 << 3 | 3).uint32(8).uint32(1)
    .uint32(50 << 3 | 4).uint32(18).string("a").uint32(18).string("last").finish();
  assertEquals(method.payload.decode(mixed), { l: [1, 2, 3], s: "last" });
});

Deno.test("absent, null, default and required", () => {
  const inner = user("Inner", object(field("a!", "int"), field("b", "int64", { default: 2 })));
  const { method } = methodOf(object(
    field("r!", inner),
    field("o", inner),
    field("d!", "int", { default: 5 }),
    field("list", array(att(inner)), { default: [{ a: 1 }] }),
    field("any!", "any"),
    field("tags!", map(att("string"), att("string"))),
  ));
  const { encode, decode } = method.payload;
  const least = { r: { a: 0 }, any: false, tags: {} };
  const filled = { r: { a: 0, b: 2n }, d: 5, list: [{ a: 1, b: 2n }], any: false, tags: {} };
  assertEquals(decode(encode(least)), filled);
  assertEquals(decode(encode({ ...least, o: null, d: 0 })), { ...filled, d: 0 });
  assertNotStrictEquals(
    (decode(encode(least)) as typeof filled).list,
    (decode(encode(least)) as typeof filled).list,
  );
  assertEquals(
    failure(() => encode({ r: {} })),
    'missing_field: s.m: "a" is missing from payload.r; "any" is missing from payload; "tags" is missing from payload',
  );
  assertEquals(
    failure(() => decode(new Uint8Array())),
    'missing_field: s.m: "r" is missing from payload; "any" is missing from payload',
  );
});

Deno.test("maps: records and Maps, absent keys and values", () => {
  const value = user("V", object(field("n!", "int")));
  const { method, type } = methodOf(object(
    field("s!", map(att("string"), att(value))),
    field("i!", map(att("int"), att("string"))),
    field("u!", map(att("uint64"), att("any"))),
    field("b!", map(att("boolean"), att(array(att("int64"))))),
  ));
  const message = {
    s: JSON.parse('{"__proto__":{"n":1},"a":{"n":0}}'),
    i: new Map([[-5, "x"], [0, ""]]),
    u: new Map<bigint, unknown>([[18446744073709551615n, [1]], [0n, "z"]]),
    b: new Map([[true, [1n]], [false, []]]),
  };
  const bytes = method.payload.encode(message);
  const decoded = method.payload.decode(bytes) as typeof message;
  assertEquals(decoded, message);
  assert(Object.hasOwn(decoded.s, "__proto__") && Object.getPrototypeOf(decoded.s) === Object.prototype);
  assertEquals(
    method.payload.decode(
      type.encode(type.decode(method.payload.encode({ ...message, s: { a: { n: 2 } } }))).finish(),
    ),
    {
      ...message,
      s: { a: { n: 2 } },
    },
  );
  // An empty entry: the zero of key and value.
  const empty = (number: number) =>
    protobuf.Writer.create().uint32(number << 3 | 2).bytes(new Uint8Array()).finish();
  assertEquals((method.payload.decode(empty(1)) as typeof message).s, { "": { n: 0 } });
  assertEquals((method.payload.decode(empty(2)) as typeof message).i, new Map([[0, ""]]));
  assertEquals((method.payload.decode(empty(4)) as typeof message).b, new Map([[false, []]]));
});

Deno.test("what is refused, with the words of the JSON codec", () => {
  const attribute = object(
    field("interval!", "int", { minimum: 1 }),
    field("items", array(object(field("name!", "string", { minLength: 2 })))),
    field("labels", map(att("string", { pattern: "^[a-z]+$" }), att("float64"))),
  );
  const { encode, decode } = methodOf(attribute).method.payload;
  const loose = methodOf(object(
    field("interval!", "int"),
    field("items", array(object(field("name!", "string")))),
    field("labels", map(att("string"), att("float64"))),
  )).method.payload;
  const value = { interval: 0, items: [{ name: "ok" }, { name: "x" }], labels: { a: 1, NO: 2 } };
  const message = "invalid_range: s.m: payload.interval must be greater or equal than 1 but got value 0; " +
    'length of payload.items[1].name must be greater or equal than 2 but got value "x" (len=1); ' +
    'payload.labels[NO] must match the regexp "^[a-z]+$" but got value "NO"';
  assertEquals(failure(() => encode(value)), message);
  // The zero is on no wire: it is found last, when the fields that came are done with.
  assertEquals(assertThrows(() => decode(loose.encode(value)), ServiceError).message.split("; ").length, 3);
  for (
    const [kind, bad, name] of [
      ["int", 2147483648, "invalid_range"],
      ["int", 1.5, "invalid_field_type"],
      ["uint", -1, "invalid_range"],
      ["uint", 4294967296, "invalid_range"],
      ["int64", 2n ** 63n, "invalid_range"],
      ["float64", NaN, "invalid_field_type"],
      ["float32", Infinity, "invalid_field_type"],
      ["float32", 1e39, "invalid_range"],
      ["string", "\ud800", "invalid_format"],
      ["bytes", "AA==", "invalid_field_type"],
      ["any", 5n, "invalid_field_type"],
      ["any", "\udc00", "invalid_format"],
    ] as const
  ) {
    for (const value of [{ x: bad }, { x: "skip", l: [bad] }]) {
      const typed = methodOf(
        object(field("x", value.x === "skip" ? "any" : kind), field("l", array(att(kind)))),
      );
      assertEquals(
        assertThrows(() => typed.method.payload.encode(value), ServiceError).name,
        name,
        `${kind}`,
      );
    }
  }
  for (const nothing of [null, undefined, 5, [], new Map()]) {
    assertEquals(assertThrows(() => encode(nothing), ServiceError).name, "invalid_field_type");
  }
  const floats = methodOf(object(field("f", "float64"), field("a", "any"))).method.payload;
  const nan = protobuf.Writer.create().uint32(9).double(NaN).finish();
  assertEquals(
    failure(() => floats.decode(nan)),
    'invalid_field_type: s.m: invalid value NaN for "payload.f", must be a float',
  );
  const anyNan = protobuf.Writer.create().uint32(18).fork().uint32(17).double(Infinity).ldelim().finish();
  assertEquals(assertThrows(() => floats.decode(anyNan), ServiceError).name, "invalid_field_type");
});

Deno.test("garbage is decode_payload, or at least a ServiceError", () => {
  const Tree: UserModel = user("Tree", {
    ...att("any"),
    get type() {
      return tree.type;
    },
  });
  const tree = object(
    field("s!", "string", { minLength: 1 }),
    field("t", Tree),
    field("l", array(att(Tree))),
    field("m", map(att("int"), att(Tree))),
    field("a", "any"),
    field("p", array(att("int64"))),
    field("b", "bytes"),
  );
  const { payload } = methodOf(att(Tree)).method;
  for (
    const bytes of [
      [0x0a],
      [0x0a, 5, 1],
      [0x0a, 2, 0xc3, 0x28],
      [0x0a, 3, 0xed, 0xa0, 0x80],
      [0xff],
      [0],
      [7],
      [0x3a, 0xff, 0xff, 0xff, 0xff, 0xf],
      // A field that ends beyond its message.
      [0x12, 2, 0x0a, 5, 0x61, 0x61, 0x61, 0x61, 0x61],
      [0x32, 2, 0xff, 0xff, 0x01],
    ]
  ) {
    const error = assertThrows(() => payload.decode(new Uint8Array(bytes)), ServiceError);
    assertEquals(error.name, "decode_payload", hex(new Uint8Array(bytes)));
    assert(error.message.startsWith("s.m: cannot decode payload: "), error.message);
  }
  const valid = payload.encode({
    s: "x",
    t: { s: "y", l: [{ s: "z" }], a: { k: [1, null] } },
    m: new Map([[1, { s: "m" }]]),
    p: [1n, 2n ** 60n],
    b: new Uint8Array(9),
  });
  let seed = 1;
  const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
  for (let i = 0; i < 20_000; i++) {
    const bytes = i % 2
      ? valid.slice(0, random(valid.length))
      : Uint8Array.from({ length: random(40) }, () => random(256));
    if (i % 2) { for (let n = random(4); n > 0; n--) bytes[random(bytes.length || 1)] = random(256); }
    try {
      payload.encode(payload.decode(bytes));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw new Error(`${hex(bytes)}: ${error}`, { cause: error });
    }
  }
});

Deno.test("depth is bounded", () => {
  const Node: UserModel = user("Node", {
    ...att("any"),
    get type() {
      return node.type;
    },
  });
  const node = object(field("n!", "int"), field("next", Node), field("any", "any"));
  const { payload } = methodOf(att(Node)).method;
  let value: Record<string, unknown> = { n: 1 };
  for (let i = 0; i < 99; i++) value = { n: i, next: value };
  assertEquals(payload.decode(payload.encode(value)), value);
  for (let i = 0; i < 5000; i++) value = { n: i, next: value };
  assertEquals(assertThrows(() => payload.encode(value), ServiceError).name, "invalid_length");
  let bytes: Uint8Array = new Uint8Array([8, 2]);
  let any: Uint8Array = new Uint8Array([8, 0]);
  for (let i = 0; i < 3000; i++) {
    bytes = protobuf.Writer.create().uint32(18).bytes(bytes).finish();
    any = protobuf.Writer.create().uint32(50).fork().uint32(10).bytes(any).ldelim().finish();
  }
  const deep = assertThrows(() => payload.decode(bytes), ServiceError);
  assertEquals(deep.name, "invalid_length");
  assert(deep.message.length < 500);
  const deepAny = protobuf.Writer.create().uint32(26).bytes(any).finish();
  assertEquals(assertThrows(() => payload.decode(deepAny), ServiceError).name, "invalid_length");
  // A message is inside itself 100 times, as protobufjs takes it; the outermost has a name of its own, and counts.
  const levels = (count: number): Uint8Array => {
    let message: Uint8Array = new Uint8Array([8, 2]);
    for (let level = 1; level < count; level++) {
      message = protobuf.Writer.create().uint32(8).int32(2).uint32(18).bytes(message).finish();
    }
    return message;
  };
  const peer = new protobuf.Type("N")
    .add(new protobuf.Field("n", 1, "sint32"))
    .add(new protobuf.Field("next", 2, "N"));
  new protobuf.Root().add(peer);
  payload.decode(levels(101));
  peer.decode(levels(101));
  assertEquals(assertThrows(() => payload.decode(levels(102)), ServiceError).name, "invalid_length");
  assertThrows(() => peer.decode(levels(102)), Error, "depth");
});

Deno.test("views project, and what they hide is not required", () => {
  const winery = result("Winery", object(field("name!", "string"), field("url!", "string")), {
    default: ["name", "url"],
    tiny: ["name"],
  });
  const bottle = result(
    "Bottle",
    object(field("id!", "int"), field("name!", "string"), field("winery!", winery)),
    {
      default: ["id", "name", "winery"],
      tiny: ["id", "winery:tiny"],
    },
  );
  const collection: UserModel = {
    ...user("BottleCollection", att(array(att(bottle)))),
    views: bottle.views!,
  };
  const made = protoService(service("cellar", [
    { name: "list", kind: "server", streamingResult: att(bottle) },
    { name: "all", result: att(collection) },
    { name: "pinned", result: att(bottle, { view: "tiny" }) },
  ]));
  const full = { id: 1, name: "n", winery: { name: "w", url: "u" } };
  const tiny = { id: 1, winery: { name: "w" } };
  const { list, all, pinned } = made.methods;
  assertEquals(list!.result().decode(list!.result().encode(full)), full);
  assertEquals(list!.result("tiny").decode(list!.result("default").encode(full)), tiny);
  assertEquals(list!.result("tiny").encode(full), list!.result("tiny").encode(tiny));
  assertEquals(all!.result("tiny").decode(all!.result("tiny").encode([full, full])), [tiny, tiny]);
  assertEquals(pinned!.result("default").decode(pinned!.result().encode(full)), tiny);
  assertEquals(assertThrows(() => list!.result("nope"), ServiceError).name, "invalid_enum_value");
});

Deno.test("roots that are no objects, and nothing at all", () => {
  const cases: [AttributeModel, unknown[]][] = [
    [att("int64"), [0n, -5n]],
    [att("string"), ["", "x"]],
    [att("bytes"), [new Uint8Array(), new Uint8Array([1])]],
    [att("any"), [null, 0, { a: 1 }]],
    [att(array(att("string"))), [[], ["", "a"]]],
    [att(array(att(array(att(array(att("int"))))))), [[[], [[1], []]]]],
    [att(map(att("int"), att(map(att("string"), att("any"))))), [new Map([[1, { a: 1 }]])]],
    [att(user("Ids", att(array(att("int"))))), [[1], []]],
    [att(user("Alias", att("string", { maxLength: 3 }))), ["abc"]],
  ];
  for (const [attribute, values] of cases) {
    const { payload } = methodOf(attribute).method;
    for (const value of values) assertEquals(payload.decode(payload.encode(value)), value);
  }
  const alias =
    methodOf(att(user("Alias", att("string", { maxLength: 3 })), { minLength: 1 })).method.payload;
  assertThrows(() => alias.encode("abcd"), ServiceError, "length of payload must be lesser or equal than 3");
  assertThrows(
    () => alias.decode(new Uint8Array()),
    ServiceError,
    "length of payload must be greater or equal than 1",
  );

  const { m } = protoService(service("s", [{ name: "m" }])).methods;
  assertEquals(m!.payload.encode(undefined), new Uint8Array());
  assertEquals(m!.payload.decode(new Uint8Array([8, 1])), undefined);
  assertEquals(m!.result().decode(m!.result().encode(undefined)), undefined);
});

Deno.test("bytes are copies of their own", () => {
  const { payload } = methodOf(object(field("b!", "bytes"))).method;
  const wire = payload.encode({ b: new Uint8Array([1, 2, 3]) });
  const { b } = payload.decode(wire) as { b: Uint8Array };
  assertEquals(Object.getPrototypeOf(b), Uint8Array.prototype);
  assertEquals(b.buffer.byteLength, 3);
  wire.fill(0);
  assertEquals(b, new Uint8Array([1, 2, 3]));
});

Deno.test("other scalars by Meta", () => {
  const as = (scalar: string) => ({ meta: { "struct:field:proto": [scalar] } });
  const { method, type } = methodOf(object(
    field("a!", "int", as("sfixed64")),
    field("b!", "int64", as("int32")),
    field("c!", "uint64", as("fixed64")),
    field("d!", "float32", as("double")),
  ));
  const value = { a: 2 ** 40, b: -5n, c: 2n ** 63n, d: 0.1 };
  assertEquals(method.payload.decode(method.payload.encode(value)), value);
  assertEquals(type.fields.a!.type, "sfixed64");
  assertThrows(
    () => method.payload.encode({ ...value, b: 2n ** 31n }),
    ServiceError,
    "lesser or equal than 2147483647",
  );
  assertThrows(
    () => methodOf(object(field("a", "string", as("int32")))).method.payload,
    TypeError,
    "Cannot carry string",
  );
});

Deno.test("the envelope: the payload first, then the items", () => {
  const made = protoService(service("chat", [{
    name: "connect",
    kind: "bidi",
    payload: object(field("room!", "string")),
    streamingPayload: object(field("text!", "string")),
    streamingResult: att("string"),
  }]));
  const { payload, streamingPayload, payloadInStream } = made.methods.connect!;
  assert(payloadInStream);
  const first = payload.encode({ room: "a" });
  const item = streamingPayload.encode({ text: "hi" });
  assertEquals(hex(first), "0a 03 0a 01 61");
  assertEquals(hex(item), "12 04 0a 02 68 69");
  assertEquals(payload.decode(first), { room: "a" });
  assertEquals(streamingPayload.decode(item), { text: "hi" });
  assertEquals(
    failure(() => payload.decode(item)),
    'invalid_field_type: chat.connect: invalid value "stream_item" for "body", must be a initial_payload',
  );
  assertEquals(
    failure(() => streamingPayload.decode(new Uint8Array())),
    'missing_field: chat.connect: "stream_item" is missing from stream',
  );
  assertEquals(
    assertThrows(() => payload.decode(new Uint8Array([10, 9])), ServiceError).name,
    "decode_payload",
  );
});

Deno.test("declared errors by name and by message", () => {
  const base = { temporary: false, timeout: false, fault: false };
  const made = protoService(service("monitor", [{
    name: "watch",
    errors: {
      not_found: { ...base, name: "not_found", attribute: object(field("id!", "int64")) },
      plain: { ...base, name: "plain" },
    },
  }]));
  const { watch } = made.methods;
  const error = watch!.error("not_found")!;
  assertEquals(error.type, "monitor.WatchNotFoundError");
  assertEquals(error.codec.decode(error.codec.encode({ id: 5n })), { id: 5n });
  assertEquals(watch!.errorOfType("monitor.WatchNotFoundError"), error);
  for (const name of ["plain", "other", "__proto__", "constructor"]) {
    assertEquals(watch!.error(name), undefined);
  }
  assertEquals(watch!.errorOfType("goapb.ErrorResponse"), undefined);
});

Deno.test("unions keep presence, the last member wins", () => {
  const union = att({
    kind: "union",
    name: "u",
    typeField: "type",
    valueField: "value",
    members: [field("n", "int", { tag: 2 }), field("s", user("S", object(field("a", "string"))), { tag: 3 })],
  });
  const { method, type } = methodOf(object(field("u!", union)));
  for (const u of [{ type: "n", value: 0 }, { type: "s", value: {} }, { type: "s", value: { a: "" } }]) {
    const bytes = method.payload.encode({ u });
    assertEquals(method.payload.decode(bytes), { u });
    assertEquals(method.payload.decode(type.encode(type.decode(bytes)).finish()), { u });
  }
  assertEquals(method.payload.decode(new Uint8Array([0x1a, 0, 0x10, 4])), { u: { type: "n", value: 2 } });
  assertThrows(() => method.payload.decode(new Uint8Array()), ServiceError, '"u" is missing from payload');
  assertThrows(
    () => method.payload.encode({ u: { type: "x", value: 1 } }),
    ServiceError,
    "value of payload.u.type must be one of",
  );
});
