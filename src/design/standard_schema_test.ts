// Standard Schema v1: what every type says of values.
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import * as d from "./mod.ts";

/** The specification's interface, as its package has it. */
interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Result<Output> | Promise<Result<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}
type Result<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | {
    readonly issues: readonly {
      readonly message: string;
      readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
    }[];
  };
type InferOutput<S extends StandardSchemaV1> = NonNullable<S["~standard"]["types"]>["output"];

/** What any library does with it. */
function parse<S extends StandardSchemaV1>(schema: S, value: unknown): InferOutput<S> {
  const result = schema["~standard"].validate(value);
  if (result instanceof Promise) throw new TypeError("not at once");
  if (result.issues) {
    throw new TypeError(
      result.issues.map(({ message, path }) => `${path?.join(".")}: ${message}`).join("; "),
    );
  }
  return result.value;
}

const wrong = (schema: StandardSchemaV1, value: unknown): string =>
  assertThrows(() => parse(schema, value), TypeError).message;

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
function same<A, B>(_equal: Equal<A, B>): void {}

const Bottle = d.Type(
  "Bottle",
  d.Field(1, "name", d.String, d.MinLength(3)),
  d.Field(2, "vintage", d.Int, d.Default(2000)),
  d.Field(3, "tags", d.ArrayOf(d.String, d.Pattern("^[a-z]+$"))),
  d.OneOf("paid", d.Field(4, "cash", d.Int64), d.Field(5, "card")),
  d.Required("name"),
);

Deno.test("a type gives its out side, typed", () => {
  const bottle = parse(Bottle, {
    name: "Merlot",
    unknown: 1,
    tags: undefined,
    paid: { type: "cash", value: 1n },
  });
  same<typeof bottle, d.OutOf<typeof Bottle>>(true);
  assertEquals(bottle, { name: "Merlot", vintage: 2000, paid: { type: "cash", value: 1n } });
  const numbers = parse(d.ArrayOf(d.Int), [1, 2]);
  same<typeof numbers, number[]>(true);
  assertEquals(parse(d.MapOf(d.Int64, d.Boolean), new Map([[1n, true]])), new Map([[1n, true]]));
  assertEquals(parse(d.MapOf(d.String, d.Int), JSON.parse('{"__proto__":1}')), JSON.parse('{"__proto__":1}'));
  assertEquals(parse(d.String, "x"), "x");
  assertEquals(parse(d.Any, { a: [null] }), { a: [null] });
  assertEquals(parse(d.Empty, undefined), undefined);
});

Deno.test("every problem is told with its path", () => {
  const { issues } = Bottle["~standard"].validate({
    name: "no",
    vintage: 1.5,
    tags: ["ok", "Not", 3],
    paid: { type: "cash", value: 1 },
  });
  assertEquals(issues?.map(({ message, path }) => [path, message]), [
    [["name"], '"no" is shorter than MinLength 3'],
    [["vintage"], "1.5 is not an Int"],
    [["tags", 1], '"Not" does not match Pattern "^[a-z]+$"'],
    [["tags", 2], "3 is not a String"],
    [["paid", "value"], "1 is not an Int64"],
  ]);
  assertEquals(wrong(Bottle, {}), ': attribute "name" is missing');
  assertEquals(
    wrong(Bottle, { name: "Merlot", paid: { type: "x" } }),
    'paid.type: "x" is not one of "cash", "card"',
  );
  assertEquals(
    wrong(Bottle, { name: "Merlot", paid: { type: "card" } }),
    'paid: attribute "value" is missing',
  );
  assertEquals(wrong(Bottle, null), ": null is not an object");
  assertEquals(wrong(Bottle, new Map()), ": a Map of [] is not an object");
  assertEquals(wrong(d.MapOf(d.Int, d.String), new Map([[1.5, "x"]])), "1.5: 1.5 is not an Int");
  assertEquals(wrong(d.Float32, 1e39), ": 1e+39 is beyond a Float32");
  assertEquals(wrong(d.Any, { a: [NaN] }), "a.0: NaN is not a finite number");
  assertEquals(wrong(d.Any, () => 1), ": a function is no JSON value");
  assertEquals(wrong(d.Empty, 1), ": 1 is not empty");
  const endless: Record<string, unknown> = {};
  endless.self = endless;
  assertEquals(wrong(d.String, endless), ": an object that JSON cannot hold is not a String");
  assertEquals(wrong(d.Any, endless).endsWith("is more than 100 values deep"), true);
  assertEquals(wrong(d.Int, "x".repeat(1e6)).length < 250, true);
  assertEquals(Bottle["~standard"].validate({ name: "abc", tags: Array(99).fill(1) }).issues?.length, 16);
});

Deno.test("views, aliases, recursion", () => {
  const Owner = d.ResultType(
    "application/vnd.o",
    d.Field(1, "id", d.Int),
    d.Field(2, "mail"),
    d.View("tiny", "id"),
  );
  const House = d.ResultType(
    "application/vnd.h",
    d.Field(1, "id", d.Int),
    d.Field(2, "owner", Owner),
    d.Field(3, "note"),
    d.View("default", "id", d.Attribute("owner", d.View("tiny"))),
  );
  const house = { id: 1, owner: { id: 2, mail: "m" }, note: "n" };
  assertEquals<unknown>(parse(House, house), { id: 1, owner: { id: 2 } });
  assertEquals<unknown>(parse(d.CollectionOf(House), [house]), [{ id: 1, owner: { id: 2 } }]);
  const Short = d.Type("Short", d.Type("Text", d.String, d.Pattern("^a")), d.MaxLength(2));
  assertEquals(parse(Short, "ab"), "ab");
  assertEquals(wrong(Short, "b"), ': "b" does not match Pattern "^a"');
  assertEquals(wrong(Short, "abc"), ': "abc" is longer than MaxLength 2');
  interface Node {
    next?: Node;
  }
  const Node: d.Type<Node> = d.Type("Node", d.Field(1, "next", () => Node));
  assertEquals(parse(Node, { next: { next: {} } }), { next: { next: {} } });
  const endless: Node = {};
  endless.next = endless;
  assertEquals(wrong(Node, endless).endsWith("is more than 100 types deep"), true);
});

Deno.test("nothing is shared with the value or the design", () => {
  const Blob = d.Type(
    "Blob",
    d.Field(1, "data", d.Bytes),
    d.Field(2, "list", d.ArrayOf(d.Int), d.Default([1])),
  );
  const data = new Uint8Array([1]);
  const one = parse(Blob, { data });
  data[0] = 2;
  assertEquals(one, { data: new Uint8Array([1]), list: [1] });
  one.list.push(2);
  assertEquals(parse(Blob, {}).list, [1]);
});

Deno.test("types stay plain data; a type that breaks a rule says so when it is used", () => {
  assertEquals(Object.keys(d.Int), ["kind", "primitive"]);
  assertStrictEquals(d.Int["~standard"], d.Int["~standard"]);
  assertEquals([Bottle["~standard"].version, Bottle["~standard"].vendor], [1, "goats"]);
  // deno-lint-ignore no-explicit-any
  const broken = d.Type("T", d.Field(1, "a", d.Int, d.Default("x" as any)));
  const error = assertThrows(() => parse(broken, {}), d.DesignError);
  assertEquals(error.problems.map(({ attribute, message }) => [attribute, message]), [
    ["a", 'Default: "x" is not an Int'],
  ]);
});
