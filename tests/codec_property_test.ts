/**
 * Properties of the codecs, for random types and random values of them: round trips are exact within what contract §7
 * allows (-0 may become 0 in JSON; protobuf does not tell an empty optional list from none), JSON, protobuf and
 * Standard Schema take and refuse the same, and garbage gives a declared error.
 */
import { assertInstanceOf } from "@std/assert";
import fc from "fast-check";
import { deepStrictEqual, ok } from "node:assert";
import { jsonCodec } from "../src/codec/json.ts";
import { protoService } from "../src/codec/proto.ts";
import * as d from "../src/design/mod.ts";
import { ServiceError } from "../src/errors/service_error.ts";
import { partOf, type Spec, specs, valuesOf } from "./random_types.ts";

interface Codecs {
  readonly type: d.Type<unknown>;
  readonly json: { encode(value: unknown): string; decode(text: string): unknown };
  readonly proto: { encode(value: unknown): Uint8Array; decode(bytes: Uint8Array): unknown };
}

function codecsOf(spec: Spec): Codecs {
  // deno-lint-ignore no-explicit-any
  const words: any = d;
  const type = words.Type("Root", words.Field(1, "v", ...partOf(spec)), d.Required("v" as never));
  const { model } = d.Service("s", d.Method("m", d.Payload(type), d.GRPC()));
  const attribute = model.methods["m"]!.payload!;
  return {
    type,
    json: jsonCodec(attribute, { root: "payload", context: "s.m" }),
    proto: protoService(model).methods["m"]!.payload,
  };
}

const pairs = specs.chain((spec) => fc.record({ spec: fc.constant(spec), value: valuesOf(spec) }));

/** `undefined` properties gone, plain prototypes, -0 as 0 where asked. */
function plain(value: unknown, zero: boolean): unknown {
  if (typeof value === "number") return zero && value === 0 ? 0 : value;
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map((item) => plain(item, zero));
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]) => [plain(key, zero), plain(item, zero)]));
  }
  return Object.fromEntries(
    Object.entries(value).filter(([, item]) => item !== undefined).map((
      [key, item],
    ) => [key, plain(item, zero)]),
  );
}

/** The value as protobuf gives it back: an optional list or map that is empty is absent. */
function presence(value: unknown, spec: Spec): unknown {
  switch (spec.kind) {
    case "array":
      return (value as unknown[]).map((item) => presence(item, spec.elem));
    case "map":
      return value instanceof Map
        ? new Map([...value].map(([key, item]) => [key, presence(item, spec.elem)]))
        : Object.fromEntries(
          Object.entries(value as object).map(([key, item]) => [key, presence(item, spec.elem)]),
        );
    case "alias":
      return presence(value, spec.of);
    case "union": {
      const { u } = value as { u: { type: string; value: unknown } };
      return { u: { type: u.type, value: presence(u.value, spec.members[Number(u.type.slice(1))]!) } };
    }
    case "tree": {
      const node = value as Record<string, unknown>;
      return optional({
        ...node,
        of: node.of === undefined ? undefined : presence(node.of, spec.of),
        next: node.next === undefined ? undefined : presence(node.next, spec),
        children: (node.children as unknown[] | undefined)?.map((item) => presence(item, spec)),
        named: node.named === undefined
          ? undefined
          : presence(node.named, { kind: "map", key: "string", elem: spec }),
      }, (name) => name === "of" ? spec.of : undefined);
    }
    case "object": {
      const object = value as Record<string, unknown>;
      const names = Object.keys(object);
      const specOf = (name: string) => spec.fields[NAMES.indexOf(name)]!;
      const mapped = Object.fromEntries(names.map((name) => [
        name,
        object[name] === undefined ? undefined : presence(object[name], specOf(name).of),
      ]));
      return optional(mapped, (name) => specOf(name).presence === "optional" ? specOf(name).of : undefined);
    }
    default:
      return value;
  }
}

const NAMES = Array.from({ length: 8 }, (_, index) => index).map((index) => nameAt(index));
function nameAt(index: number): string {
  return [
    "constructor",
    "toString",
    "value",
    "hasOwnProperty",
    "length",
    "then",
    "isPrototypeOf",
    "n8",
  ][index]!;
}

function optional(
  object: Record<string, unknown>,
  specOf: (name: string) => Spec | undefined,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).filter(([name, item]) => {
      // A named array or map is a message of its own, which tells.
      const spec = specOf(name);
      if (spec?.kind === "array") return (item as unknown[] | undefined)?.length !== 0;
      if (spec?.kind === "map" && item !== undefined) {
        return (item instanceof Map ? item.size : Object.keys(item as object).length) !== 0;
      }
      return true;
    }),
  );
}

const RUNS = { numRuns: 300 };

Deno.test("property: JSON round trips are exact", () => {
  fc.assert(
    fc.property(pairs, ({ spec, value }) => {
      const { json } = codecsOf(spec);
      deepStrictEqual(plain(json.decode(json.encode({ v: value })), true), plain({ v: value }, true));
    }),
    RUNS,
  );
});

Deno.test("property: protobuf round trips are exact", () => {
  fc.assert(
    fc.property(pairs, ({ spec, value }) => {
      const { proto } = codecsOf(spec);
      const expected = plain({ v: presence(value, spec) }, false);
      deepStrictEqual(plain(proto.decode(proto.encode({ v: value })), false), expected);
    }),
    RUNS,
  );
});

Deno.test("property: Standard Schema gives what is sent", () => {
  fc.assert(
    fc.property(pairs, ({ spec, value }) => {
      const result = codecsOf(spec).type["~standard"].validate({ v: value });
      deepStrictEqual(result.issues, undefined);
      deepStrictEqual(plain((result as { value: unknown }).value, false), plain({ v: value }, false));
    }),
    RUNS,
  );
});

/** Values that fit few types, or none. */
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    NaN,
    Infinity,
    -Infinity,
    -0,
    1.5,
    2 ** 53,
    "\ud800",
    "a\udc00b",
    -1,
    101,
  ),
  fc.constantFrom<unknown>(2n ** 63n, -1n, 2n ** 64n, Symbol("s"), () => 1, new Date(0), new Set([1]), []),
  fc.constantFrom<unknown>(
    {},
    { type: "m0" },
    { u: { type: "m9", value: 1 } },
    new Map(),
    new Uint8Array(2),
    "x",
    1e39,
  ),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.string(),
  fc.boolean(),
);

/** The value with one place in it put wrong. */
function spoilt(value: unknown, path: readonly number[], by: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof value !== "object" || value === null || value instanceof Uint8Array) {
    return by;
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return by;
    return value.with(step % value.length, spoilt(value[step % value.length], rest, by));
  }
  if (value instanceof Map) {
    const keys = [...value.keys()];
    if (keys.length === 0) return by;
    const key = keys[step % keys.length];
    return new Map(value).set(key, spoilt(value.get(key), rest, by));
  }
  const keys = Object.keys(value);
  if (keys.length === 0) return by;
  const key = keys[step % keys.length]!;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, name === key ? spoilt(item, rest, by) : item]),
  );
}

const DECLARED = new Set([
  "decode_payload",
  "invalid_field_type",
  "missing_field",
  "missing_payload",
  "invalid_enum_value",
  "invalid_format",
  "invalid_pattern",
  "invalid_range",
  "invalid_length",
]);

/** What comes of it, or the name of the declared error. */
function attempt<T>(run: () => T): { readonly value: T } | { readonly error: string } {
  try {
    return { value: run() };
  } catch (error) {
    assertInstanceOf(error, ServiceError);
    ok(DECLARED.has(error.name), error.name);
    return { error: error.name };
  }
}

Deno.test("property: JSON, protobuf and Standard Schema take and refuse the same, by the same names", () => {
  const wrong = fc.record({ pair: pairs, path: fc.array(fc.nat(8), { maxLength: 4 }), by: odd });
  fc.assert(
    fc.property(wrong, ({ pair: { spec, value }, path, by }) => {
      const { type, json, proto } = codecsOf(spec);
      const message = { v: spoilt(value, path, by) };
      const text = attempt(() => json.encode(message));
      const bytes = attempt(() => proto.encode(message));
      const { issues } = type["~standard"].validate(message);
      deepStrictEqual("error" in text ? text.error : "fits", "error" in bytes ? bytes.error : "fits");
      deepStrictEqual(issues !== undefined, "error" in text);
    }),
    { numRuns: 600 },
  );
});

Deno.test("property: garbage for a JSON decoder gives a declared error or a valid value", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.json().map((text) => `{"v":${text}}`),
  );
  fc.assert(
    fc.property(specs, texts, (spec, text) => {
      const { json } = codecsOf(spec);
      const decoded = attempt(() => json.decode(text));
      if ("value" in decoded) json.encode(decoded.value);
    }),
    { numRuns: 600 },
  );
});

Deno.test("property: JSON cut or changed anywhere gives a declared error or a valid value", () => {
  fc.assert(
    fc.property(
      pairs,
      fc.nat(),
      fc.constantFrom(...'{}[]",:0-e.\\tn \u0000'),
      fc.boolean(),
      (pair, at, by, cut) => {
        const { json } = codecsOf(pair.spec);
        const text = json.encode({ v: pair.value });
        const index = at % text.length;
        const changed = cut ? text.slice(0, index) : text.slice(0, index) + by + text.slice(index + 1);
        const decoded = attempt(() => json.decode(changed));
        if ("value" in decoded) json.encode(decoded.value);
      },
    ),
    { numRuns: 600 },
  );
});

Deno.test("property: garbage for a protobuf decoder gives a declared error or a valid value", () => {
  fc.assert(
    fc.property(specs, fc.uint8Array({ maxLength: 60 }), (spec, bytes) => {
      const { proto } = codecsOf(spec);
      const decoded = attempt(() => proto.decode(bytes));
      if ("value" in decoded) proto.encode(decoded.value);
    }),
    { numRuns: 600 },
  );
});

Deno.test("property: protobuf cut or changed anywhere gives a declared error or a valid value", () => {
  fc.assert(
    fc.property(pairs, fc.nat(), fc.nat(255), fc.boolean(), (pair, at, by, cut) => {
      const { proto } = codecsOf(pair.spec);
      const bytes = proto.encode({ v: pair.value });
      const index = bytes.length === 0 ? 0 : at % bytes.length;
      const changed = cut || bytes.length === 0 ? bytes.slice(0, index) : bytes.with(index, by);
      const decoded = attempt(() => proto.decode(changed));
      if ("value" in decoded) proto.encode(decoded.value);
    }),
    { numRuns: 600 },
  );
});

Deno.test("property: of a result type, each view shows its attributes and no others", () => {
  const cases = fc.record({
    specs: fc.array(specs, { minLength: 1, maxLength: 5 }),
    shown: fc.nat(31),
  }).chain(({ specs, shown }) =>
    fc.record({
      specs: fc.constant(specs),
      shown: fc.constant(shown),
      values: fc.tuple(...specs.map((spec) => valuesOf(spec))),
    })
  );
  fc.assert(
    fc.property(cases, ({ specs, shown, values }) => {
      // deno-lint-ignore no-explicit-any
      const words: any = d;
      const counter = { n: 0 };
      const names = specs.map((_, index) => `a${index}`);
      const visible = names.filter((_, index) => index === shown % specs.length || (shown >> index) & 1);
      const type = words.ResultType(
        "application/vnd.random",
        ...specs.map((spec, index) => words.Field(index + 1, names[index], ...partOf(spec, counter))),
        words.View("some", ...visible),
        words.Required(...names),
      );
      const { model } = d.Service("s", d.Method("m", d.Result(type), d.GRPC()));
      const value = Object.fromEntries(values.map((item, index) => [names[index], item]));
      const json = jsonCodec(model.methods["m"]!.result!, { root: "result", context: "s.m", view: "some" });
      const expected = Object.fromEntries(Object.entries(value).filter(([name]) => visible.includes(name)));
      deepStrictEqual(plain(json.decode(json.encode(value)), true), plain(expected, true));
      const proto = protoService(model).methods["m"]!.result("some");
      const present = Object.fromEntries(
        Object.entries(expected).map(([name, item]) => [name, presence(item, specs[names.indexOf(name)]!)]),
      );
      deepStrictEqual(plain(proto.decode(proto.encode(value)), false), plain(present, false));
    }),
    RUNS,
  );
});
