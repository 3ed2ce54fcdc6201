/**
 * Protobuf codecs with code made for their types and without are one and the same, and write what protobufjs writes, byte
 * by byte: for random types, random values of them and values put wrong, and for bytes that are cut or changed.
 */
import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { deepStrictEqual, ok } from "node:assert";
import protobuf from "protobufjs/minimal.js";
import { compileMessage } from "../src/codec/compile_proto.ts";
import { protoCodec, protoService } from "../src/codec/proto.ts";
import { protoRoot } from "../src/codec/proto_root.ts";
import type { ProtoMessage } from "../src/codec/proto_schema.ts";
import { allowCode } from "../src/codec/source_writer.ts";
import * as d from "../src/design/mod.ts";
import type { AttributeModel } from "../src/design/model.ts";
import { ServiceError } from "../src/errors/service_error.ts";
import { partOf, type Spec, specs, valuesOf } from "./random_types.ts";
import { NAMES, odd, spoilt } from "./spoilt.ts";

// deno-lint-ignore no-explicit-any
const words: any = d;

function attempt(run: () => unknown): unknown {
  try {
    return { value: run() };
  } catch (error) {
    return error instanceof ServiceError ? `${error.name}: ${error.message}` : String(error);
  }
}

function without<T>(run: () => T): T {
  const before = allowCode(false);
  try {
    return run();
  } finally {
    allowCode(before);
  }
}

type Codec = { encode(value: unknown): Uint8Array; decode(bytes: Uint8Array): unknown };
type Pick = (methods: ReturnType<typeof protoService>["methods"]) => Codec;

/** Two codecs of the same type, with code and without; each of a design of its own. And what protobufjs makes of it. */
function both(make: () => unknown, pick: Pick = (methods) => methods["m"]!.payload) {
  const service = () => (make() as { model: Parameters<typeof protoService>[0] }).model;
  const quick = protoService(service());
  const fast = pick(quick.methods);
  const slow = pick(protoService(service()).methods);
  return {
    encode(value: unknown): Uint8Array | undefined {
      const a = attempt(() => fast.encode(value));
      const b = without(() => attempt(() => slow.encode(value)));
      if (typeof a === "string" || typeof b === "string") {
        deepStrictEqual(a, b);
        return undefined;
      }
      const [x, y] = [a, b].map((one) => [...(one as { value: Uint8Array }).value]);
      deepStrictEqual(x, y);
      return new Uint8Array(x!);
    },
    decode(bytes: Uint8Array): void {
      deepStrictEqual(
        attempt(() => fast.decode(bytes)),
        without(() => attempt(() => slow.decode(bytes))),
      );
    },
    /** Holds it against what protobufjs writes of what it reads, up to the order of maps: it has objects for them. */
    reference(bytes: Uint8Array, ordered: boolean): void {
      const type = protoRoot(quick.schema).lookupType("MRequest");
      const order = (list: Uint8Array) => ordered ? [...list] : [...list].sort((a, b) => a - b);
      deepStrictEqual(order(type.encode(type.decode(bytes)).finish()), order(bytes));
    },
  };
}

const payload = (...parts: unknown[]) =>
  words.Service("s", words.Method("m", words.Payload(...parts), words.GRPC()));
const ofSpec = (spec: Spec) => () =>
  payload(words.Type("Root", words.Field(1, "v", ...partOf(spec)), words.Required("v")));

const cases = specs.chain((spec) =>
  fc.record({
    spec: fc.constant(spec),
    value: valuesOf(spec),
    path: fc.array(fc.nat(8), { maxLength: 5 }),
    by: odd,
    at: fc.nat(),
    byte: fc.nat(255),
    more: fc.uint8Array({ maxLength: 12 }),
  })
);

Deno.test("property: with code and without, messages are written and read the same, as protobufjs writes them", () => {
  fc.assert(
    fc.property(cases, ({ spec, value, path, by, at, byte, more }) => {
      const codec = both(ofSpec(spec));
      const bytes = codec.encode({ v: value });
      ok(bytes !== undefined);
      codec.reference(bytes, !/"(?:map|any|tree)"/.test(JSON.stringify(spec)));
      codec.decode(bytes);
      const wrong = codec.encode(spoilt({ v: value }, path, by));
      if (wrong !== undefined) codec.decode(wrong);
      const index = bytes.length === 0 ? 0 : at % bytes.length;
      codec.decode(bytes.slice(0, index));
      if (bytes.length > 0) codec.decode(bytes.with(index, byte));
      codec.decode(new Uint8Array([...bytes, ...more]));
      codec.decode(new Uint8Array([...bytes.slice(0, index), ...more, ...bytes.slice(index)]));
      // Twice: the last of single fields counts, lists go on.
      codec.decode(new Uint8Array([...bytes, ...bytes]));
    }),
    { numRuns: 700 },
  );
  ok(allowCode(true), "some code was none");
});

Deno.test("texts, bytes and messages of any length", () => {
  const codec = both(() =>
    payload(
      words.Field(1, "a", d.String),
      words.Field(2, "b", d.Bytes),
      words.Field(
        3,
        "c",
        words.Type("C", words.Field(1, "s", d.String), words.Field(2, "l", d.ArrayOf(d.Int64))),
      ),
      words.Field(4, "at", d.String, d.Format("date-time")),
      words.Field(5, "mail", d.String, d.Format("email")),
    )
  );
  for (
    const length of [0, 1, 12, 13, 36, 37, 55, 56, 57, 126, 127, 128, 129, 5000, 16383, 16384, 16385, 70000]
  ) {
    for (const unit of ["x", "é", "€", "😀", "\ufeff", "\ufffd", "\0"]) {
      for (const s of [unit.repeat(length), "x".repeat(length) + unit, unit + "x".repeat(length)]) {
        const bytes = codec.encode({
          a: s,
          c: { s, l: length < 200 ? Array(length).fill(-(2n ** 62n)) : [] },
        });
        codec.decode(bytes!);
      }
    }
    codec.decode(codec.encode({ b: new Uint8Array(length).fill(7) })!);
    for (const odd of ["\ud800", "\udc00", "\ud800x", "é\udc00"]) {
      codec.encode({ a: "x".repeat(length) + odd });
    }
  }
  for (
    const at of [
      "2015-10-26T08:31:23Z",
      "2015-10-26T08:31:23." + "1".repeat(200) + "Z",
      "é2015-10-26T08:31:23Z",
      "",
    ]
  ) {
    for (const mail of ["a@b", "ü@b", "", "a@", `${"a".repeat(300)}@b`]) {
      const bytes = codec.encode({ at, mail }) ?? codec.encode({ at: "2015-10-26T08:31:23Z" })!;
      codec.decode(bytes);
      codec.decode(bytes.map((byte) => byte === 0x2d ? 0xc3 : byte));
    }
  }
  ok(allowCode(true), "some code was none");
});

Deno.test("messages keep their bytes, whatever else is written meanwhile", () => {
  const { model } = payload(words.Field(1, "a", d.String), words.Field(2, "b", d.String));
  const codec = protoService(model).methods["m"]!.payload;
  const inner: Uint8Array[] = [];
  const outer: Uint8Array[] = [];
  for (let n = 0; n < 3000; n++) {
    const a = `a${n}`.repeat(n % 50);
    outer.push(codec.encode({
      a,
      get b() {
        // Asked again where there was no room.
        inner[n] = codec.encode({ a, b: "inside" });
        return n % 100 === 99 ? "x".repeat(30_000) : "outside";
      },
    }));
    assertThrows(
      () =>
        codec.encode({
          a,
          get b(): string {
            throw new TypeError("no");
          },
        }),
      TypeError,
      "no",
    );
  }
  for (let n = 0; n < 3000; n++) {
    const a = `a${n}`.repeat(n % 50);
    const b = n % 100 === 99 ? "x".repeat(30_000) : "outside";
    deepStrictEqual(codec.decode(outer[n]!), { a, b });
    deepStrictEqual(codec.decode(inner[n]!), { a, b: "inside" });
  }
});

Deno.test("numbers at their limits, on every scalar that carries them", () => {
  const numbers = [
    0,
    -0,
    1,
    -1,
    127,
    128,
    300,
    2 ** 31 - 1,
    -(2 ** 31),
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53,
    1.5,
  ];
  const bigs = [0n, 1n, -1n, 2n ** 31n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, 2n ** 64n - 1n, 2n ** 64n];
  const signed = ["int32", "sint32", "sfixed32", "int64", "sint64", "sfixed64"];
  const unsigned = ["uint32", "fixed32", "uint64", "fixed64"];
  for (const scalar of [...signed, ...unsigned]) {
    for (const kind of [d.Int, d.Int32, d.UInt, d.UInt32, d.Int64, d.UInt64]) {
      const codec = both(() =>
        payload(
          words.Field(1, "v", kind, words.Meta("struct:field:proto", scalar)),
          words.Field(2, "w", kind, words.Meta("struct:field:proto", scalar)),
          words.Field(3000, "l", d.ArrayOf(kind)),
          words.Required("v"),
        )
      );
      for (const v of [...numbers, ...bigs]) {
        const bytes = codec.encode({ v, w: v });
        if (bytes !== undefined) codec.decode(bytes);
        const list = codec.encode({ v: typeof v === "bigint" ? 1n : 1, l: [v] });
        if (list !== undefined) codec.decode(list);
      }
      for (const field of [8, 13, 9]) {
        for (
          const rest of [[0], [255, 255, 255, 255, 15], [255, 255, 255, 255, 255, 255, 255, 255, 255, 1], [
            1,
            2,
            3,
            4,
          ], [1, 2, 3, 4, 5, 6, 7, 128]]
        ) {
          codec.decode(new Uint8Array([field, ...rest]));
        }
      }
    }
  }
  for (const kind of [d.Float32, d.Float64]) {
    const codec = both(() =>
      payload(words.Field(1, "v", kind), words.Field(2, "w", kind), words.Required("v"))
    );
    for (
      const v of [...numbers, 1e-45, 3.4028234663852886e38, 3.4028235e38, 3.4028236e38, 1e308, NaN, Infinity]
    ) {
      const bytes = codec.encode({ v, w: v });
      if (bytes !== undefined) codec.decode(bytes);
    }
    codec.decode(new Uint8Array([kind === d.Float32 ? 13 : 9, 0, 0, 0xc0, 0x7f, 0, 0, 0xf0, 0x7f]));
  }
  ok(allowCode(true), "some code was none");
});

Deno.test("defaults, views, unions, maps and types that contain themselves, in messages", () => {
  const defaults = both(() =>
    payload(
      words.Field(1, "a", d.String, words.Default('x"')),
      words.Field(2, "b", d.Int, words.Default(-0)),
      words.Field(3, "c", d.Int64, words.Default(5n)),
      words.Field(4, "d", d.ArrayOf(d.Int), words.Default([1])),
      words.Field(5, "e", d.Any),
      words.Field(6, "f", d.String, words.Enum("p", "q")),
      words.Field(7, "g", d.MapOf(d.Int, d.Bytes), words.MinLength(1)),
      words.Required("e", "f", "g"),
    )
  );
  const map = new Map([[1, new Uint8Array(2)]]);
  for (const a of [undefined, null, "y", 5]) {
    for (const e of [null, 1, [null, { x: "\u2028" }], undefined]) {
      for (const more of [{}, { d: [] }, { b: 1, c: 2n, d: [3] }]) {
        const bytes = defaults.encode({ a, e, f: "q", g: map, ...more });
        if (bytes !== undefined) defaults.decode(bytes);
      }
    }
  }
  for (
    const bytes of [[], [50, 1, 113], [58, 0], [58, 2, 8, 1], [58, 4, 8, 1, 18, 0], [42, 0], [42, 2, 8, 0], [
      7,
    ], [0, 0]]
  ) {
    defaults.decode(new Uint8Array(bytes));
    defaults.decode(new Uint8Array([42, 2, 32, 1, 50, 1, 113, 58, 4, 8, 1, 18, 0, ...bytes]));
  }
  for (const view of ["default", "tiny"]) {
    const result = both(() => {
      const inner = words.ResultType(
        "application/vnd.inner",
        words.Attributes(words.Field(1, "x", d.Int), words.Field(2, "y", d.Int), words.Required("x", "y")),
        words.View("default", "x"),
        words.View("tiny", "y"),
      );
      const outer = words.ResultType(
        "application/vnd.outer",
        words.Attributes(
          words.Field(1, "in", inner),
          words.Field(2, "n", d.Int),
          words.Field(3, "all", words.CollectionOf(inner)),
          words.Required("in", "n"),
        ),
        words.View("default", "in", "n", "all"),
        words.View("tiny", words.Attribute("in", words.View("tiny")), "all"),
      );
      return words.Service("s", words.Method("m", words.Result(outer), words.GRPC()));
    }, (methods) => methods["m"]!.result(view));
    for (
      const message of [{ in: { x: 1, y: 2 }, n: 3, all: [{ x: 1, y: 2 }] }, { in: { x: 1 }, n: 3 }, {
        in: { y: 1 },
      }]
    ) {
      const bytes = result.encode(message);
      if (bytes !== undefined) result.decode(bytes);
    }
    result.decode(new Uint8Array([10, 4, 8, 2, 16, 4, 16, 6]));
  }
  const tree = both(() => {
    const type: unknown = words.Type(
      "Tree",
      words.Field(1, "next", () => type),
      words.Field(2, "all", d.Int),
    );
    return payload(type);
  });
  for (const depth of [1, 50, 98, 99, 100, 101, 102, 103, 300]) {
    let message: Record<string, unknown> = { all: 1 };
    for (let i = 1; i < depth; i++) message = { next: message };
    const bytes = tree.encode(message);
    if (bytes !== undefined) tree.decode(bytes);
    // Deeper than any is written.
    let nested = new Uint8Array([16, 2]);
    for (let i = 1; i < depth && nested.length < 120; i++) {
      nested = new Uint8Array([10, nested.length, ...nested]);
    }
    tree.decode(nested);
  }
  const groups = both(() => payload(words.Field(1, "a", d.Int)));
  for (
    const bytes of [[8, 2, 19, 8, 1, 20], [8, 2, 19, 8, 1], [8, 2, 23], [16, 128], [18, 5, 1], [21, 1], [
      17,
      1,
    ], [8, 2, 18, 1, 0]]
  ) {
    groups.decode(new Uint8Array(bytes));
  }
  ok(allowCode(true), "some code was none");
});

Deno.test("any name in messages is data", () => {
  const message = (required: boolean): [AttributeModel, ProtoMessage] => {
    const attributes = NAMES.map((name, index) => ({
      name,
      tag: index + 1,
      type: { kind: "string" as const },
      required,
      validation: { enum: ["a", name, "b\\"] },
      examples: [],
      meta: {},
    }));
    const members = attributes.map((attribute) => ({
      attribute,
      fields: [{
        name: `f${attribute.tag}`,
        number: attribute.tag,
        plan: { kind: "scalar" as const, scalar: "string" as const },
        optional: !required,
      }],
    }));
    const fields = members.flatMap((member) => member.fields);
    return [
      { type: { kind: "object", attributes }, validation: {}, examples: [], meta: {} },
      { name: "M", shape: "object", fields, members },
    ];
  };
  for (const required of [true, false]) {
    const codecs = [0, 1].map(() => {
      const [attribute, proto] = message(required);
      return protoCodec(attribute, { root: "payload", context: "s.m", message: proto });
    });
    const [fast, slow] = codecs as [Codec, Codec];
    for (const value of ["a", "b\\", "c"]) {
      for (const skip of required ? [-1] : [-1, 0, 1, 5]) {
        const object = Object.fromEntries(
          NAMES.flatMap((name, index) => index === skip ? [] : [[name, value]]),
        );
        const encoded = (codec: Codec) => attempt(() => new Uint8Array(codec.encode(object)));
        const bytes = encoded(fast) as { value: Uint8Array } | string;
        deepStrictEqual(bytes, without(() => encoded(slow)));
        if (typeof bytes === "string") continue;
        const read = attempt(() => fast.decode(bytes.value));
        deepStrictEqual(read, without(() => attempt(() => slow.decode(bytes.value))));
        deepStrictEqual(read, { value: object });
      }
    }
  }
  ok(allowCode(true), "some code was none");
});

Deno.test("code is used for messages where it can be", () => {
  const { model } = payload(
    words.Field(1, "a", d.String, d.Format("email")),
    words.Field(2, "b", d.MapOf(d.String, words.Type("E", words.Field(1, "x", d.Any)))),
    words.OneOf("u", words.Field(3, "p", d.Int64), words.Field(4, "q", d.Bytes)),
    words.Required("a"),
  );
  const { schema } = protoService(model);
  const make = () =>
    compileMessage(model.methods["m"].payload, schema.rpcs[0]!.payload!, "default", {
      reader: (bytes) => protobuf.Reader.create(bytes),
      writer: () => protobuf.Writer.create(),
    });
  const { encode, decode } = make();
  const message = { a: "a@b", b: { k: { x: [1] }, l: {} }, u: { type: "p", value: 5n } };
  const bytes = encode(message);
  ok(bytes !== undefined);
  deepStrictEqual(decode(bytes), message);
  assertEquals(encode({ ...message, a: "no address" }), undefined);
  assertEquals(decode(bytes.slice(1)), undefined);
  without(() => assertEquals(make().encode(message), undefined));
});
