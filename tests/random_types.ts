/** Random types of the design language, and random values of them. */
import fc from "fast-check";
import * as d from "../src/design/mod.ts";

/** A type as plain data: fast-check shows and shrinks it. */
export type Spec =
  | { kind: "primitive"; of: Primitive }
  | { kind: "enum"; of: readonly string[] }
  | { kind: "limited"; low: number; high: number }
  | { kind: "array"; elem: Spec }
  | { kind: "map"; key: KeyKind; elem: Spec }
  | { kind: "alias"; of: Spec }
  | { kind: "object"; named: boolean; fields: readonly FieldSpec[] }
  | { kind: "union"; members: readonly Spec[] }
  | { kind: "tree"; of: Spec };

export interface FieldSpec {
  readonly of: Spec;
  readonly presence: "required" | "optional";
}

const PRIMITIVES = {
  boolean: d.Boolean,
  int: d.Int,
  int32: d.Int32,
  int64: d.Int64,
  uint: d.UInt,
  uint32: d.UInt32,
  uint64: d.UInt64,
  float32: d.Float32,
  float64: d.Float64,
  string: d.String,
  bytes: d.Bytes,
  any: d.Any,
} as const;
type Primitive = keyof typeof PRIMITIVES;

const KEYS = ["string", "boolean", "int", "int32", "int64", "uint", "uint32", "uint64"] as const;
type KeyKind = (typeof KEYS)[number];

/** Names that JavaScript objects have already, and that codecs might trip over. */
const NAMES = ["constructor", "toString", "value", "hasOwnProperty", "length", "then", "isPrototypeOf", "n8"];

/** Any type. Arrays and maps stand in no union: gRPC has none there. */
export const specs: fc.Arbitrary<Spec> = fc.letrec<{ any: Spec; member: Spec }>((tie) => {
  const primitive = fc.constantFrom(...Object.keys(PRIMITIVES) as Primitive[])
    .map((of): Spec => ({ kind: "primitive", of }));
  const simple = fc.oneof(
    { weight: 5, arbitrary: primitive },
    fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 3 }).map((of): Spec => ({ kind: "enum", of })),
    fc.tuple(fc.integer({ min: -100, max: 0 }), fc.integer({ min: 0, max: 100 }))
      .map(([low, high]): Spec => ({ kind: "limited", low, high })),
  );
  const fields = fc.array(
    fc.record({ of: tie("any"), presence: fc.constantFrom("required" as const, "optional" as const) }),
    { maxLength: 5 },
  );
  const object = fc.tuple(fc.boolean(), fields)
    .map(([named, fields]): Spec => ({ kind: "object", named, fields }));
  return {
    member: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      simple,
      object.map((spec): Spec => ({ ...spec, named: true } as Spec)),
    ),
    any: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      simple,
      tie("any").map((elem): Spec => ({ kind: "array", elem })),
      fc.tuple(fc.constantFrom(...KEYS), tie("any")).map(([key, elem]): Spec => ({ kind: "map", key, elem })),
      tie("any").map((of): Spec => ({ kind: "alias", of })),
      object,
      fc.array(tie("member"), { minLength: 1, maxLength: 3 }).map((members): Spec => ({
        kind: "union",
        members,
      })),
      tie("any").map((of): Spec => ({ kind: "tree", of })),
    ),
  };
}).any;

// deno-lint-ignore no-explicit-any
type Part = any;

/** The type, in words. Names count up, so that no two types share one. */
export function partOf(spec: Spec, counter: { n: number } = { n: 0 }): Part[] {
  const name = (): string => `T${++counter.n}`;
  switch (spec.kind) {
    case "primitive":
      return [PRIMITIVES[spec.of]];
    case "enum":
      return [d.String, d.Enum(...spec.of)];
    case "limited":
      return [d.Int, d.Minimum(spec.low), d.Maximum(spec.high)];
    case "array":
      return [d.ArrayOf(...partOf(spec.elem, counter))];
    case "map":
      return [mapOf(spec.key, partOf(spec.elem, counter), name)];
    case "alias":
      return [(d.Type as Part)(name(), ...partOf(spec.of, counter))];
    case "object": {
      const parts = spec.fields.map((field, index) =>
        (d.Field as Part)(index + 1, nameOf(index), ...partOf(field.of, counter))
      );
      const required = spec.fields.flatMap((field, index) =>
        field.presence === "required" ? [nameOf(index)] : []
      );
      const all = required.length > 0 ? [...parts, (d.Required as Part)(...required)] : parts;
      return spec.named || parts.length === 0 ? [(d.Type as Part)(name(), ...all)] : all;
    }
    case "union": {
      const members = spec.members.map((member, index) =>
        (d.Field as Part)(index + 1, `m${index}`, ...partOf(member, counter))
      );
      return [(d.Type as Part)(name(), d.OneOf("u", ...members), (d.Required as Part)("u"))];
    }
    case "tree": {
      const tree: Part = (d.Type as Part)(
        name(),
        (d.Field as Part)(1, "of", ...partOf(spec.of, counter)),
        d.Field(2, "next", () => tree),
        d.Field(3, "children", d.ArrayOf(() => tree)),
        d.Field(4, "named", d.MapOf(d.String, () => tree)),
      );
      return [tree];
    }
  }
}

function mapOf(key: KeyKind, elem: Part[], name: () => string): Part {
  const [type, ...rest] = elem;
  // An inline object has no type that MapOf could take.
  return type.kind === "attribute" || type.kind === "required"
    ? d.MapOf(PRIMITIVES[key], (d.Type as Part)(name(), ...elem))
    : d.MapOf(PRIMITIVES[key], type, (d.Elem as Part)(...rest));
}

/** Name of the attribute at an index. */
export function nameOf(index: number): string {
  return NAMES[index] ?? `n${index}`;
}

const float32 = fc.float({ noNaN: true, noDefaultInfinity: true });
const json: fc.Arbitrary<unknown> = fc.jsonValue({ maxDepth: 3 }).filter((value) => value !== null);
const text = fc.string({ unit: "binary" });
const VALUES: Readonly<Record<Primitive, fc.Arbitrary<unknown>>> = {
  boolean: fc.boolean(),
  int: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  uint: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  float32,
  float64: fc.double({ noNaN: true, noDefaultInfinity: true }),
  string: text,
  bytes: fc.uint8Array({ maxLength: 40 }),
  any: json,
};

/**
 * Values of the type. Trees count their depth together, those within trees too: what each may hold on its own would
 * multiply, and a tree of trees of trees fill the memory.
 */
export function valuesOf(spec: Spec, depth = fc.createDepthIdentifier()): fc.Arbitrary<unknown> {
  switch (spec.kind) {
    case "primitive":
      return VALUES[spec.of];
    case "enum":
      return fc.constantFrom(...spec.of);
    case "limited":
      return fc.integer({ min: spec.low, max: spec.high });
    case "array":
      return fc.array(valuesOf(spec.elem, depth), { maxLength: 4 });
    case "map": {
      const elem = valuesOf(spec.elem, depth);
      const entries = fc.array(fc.tuple(VALUES[spec.key], elem), { maxLength: 4 });
      return spec.key === "string"
        ? entries.map((list) => Object.fromEntries(list as [string, unknown][]))
        : entries.map((list) => new Map(list));
    }
    case "alias":
      return valuesOf(spec.of, depth);
    case "object":
      return fc.record(
        Object.fromEntries(spec.fields.map((field, index) => [nameOf(index), valuesOf(field.of, depth)])),
        {
          requiredKeys: spec.fields.flatMap((field, index) =>
            field.presence === "required" ? [nameOf(index)] : []
          ),
          noNullPrototype: true,
        },
      );
    case "union":
      return fc.oneof(
        ...spec.members.map((member, index) =>
          valuesOf(member, depth).map((value) => ({ u: { type: `m${index}`, value } }))
        ),
      );
    case "tree": {
      const of = valuesOf(spec.of, depth);
      return fc.letrec<{ tree: unknown }>((tie) => ({
        tree: fc.record({
          of,
          next: fc.option(tie("tree"), {
            nil: undefined,
            depthIdentifier: depth,
            depthSize: "small",
            maxDepth: 3,
          }),
          children: fc.oneof(
            { depthIdentifier: depth, depthSize: "small", maxDepth: 2 },
            fc.constant(undefined),
            fc.array(tie("tree"), { minLength: 1, maxLength: 2 }),
          ),
          named: fc.oneof(
            { depthIdentifier: depth, depthSize: "small", maxDepth: 2 },
            fc.constant(undefined),
            fc.tuple(text, tie("tree")).map(([key, value]) => Object.fromEntries([[key, value]])),
          ),
        }, { requiredKeys: [], noNullPrototype: true }),
      })).tree;
    }
  }
}
