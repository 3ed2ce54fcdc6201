// Type tests of OneOf, Extend, Reference, Attributes, ErrorName, Key and Elem. The compiler makes the assertions.
import * as d from "./mod.ts";

const {
  Default,
  Extend,
  Field,
  Int,
  Int64,
  Method,
  OneOf,
  Payload,
  Reference,
  Required,
  Service,
  String,
  Type,
} = d;

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;

/** Compiles only when the types are the same. */
function same<A, B>(_equal: Equal<A, B>): void {}

Deno.test("OneOf is a discriminated union, on both sides", () => {
  const Cat = Type("Cat", Field(1, "lives", Int, Default(9)));
  const Owner = Type(
    "Owner",
    OneOf("pet", "What lives here", Field(1, "cat", Cat), Field(2, "fish", Int), Field(3, "name")),
    Required("pet"),
  );
  same<d.InOf<typeof Owner>, {
    pet:
      | { type: "cat"; value: { lives?: number | undefined } }
      | { type: "fish"; value: number }
      | { type: "name"; value: string };
  }>(true);
  same<
    d.OutOf<typeof Owner>["pet"],
    | {
      type: "cat";
      value: { lives: number };
    }
    | { type: "fish"; value: number }
    | { type: "name"; value: string }
  >(true);
  const told = (pet: d.OutOf<typeof Owner>["pet"]): number => pet.type === "cat" ? pet.value.lives : 0;
  told({ type: "fish", value: 1 });
  // @ts-expect-error no such member
  told({ type: "dog", value: 1 });
  // @ts-expect-error not the value of that member
  told({ type: "fish", value: "x" });
});

Deno.test("OneOf takes its names from Meta", () => {
  const Money = Type(
    "Money",
    OneOf(
      "paid",
      Field(1, "card", String, d.Meta("oneof:type:tag", "CARD")),
      Field(2, "cash", Int64),
      d.Meta("oneof:type:field", "kind"),
      d.Meta("oneof:value:field", "data"),
    ),
  );
  same<
    d.OutOf<typeof Money>["paid"],
    { kind: "CARD"; data: string } | { kind: "cash"; data: bigint } | undefined
  >(true);
});

Deno.test("OneOf may be recursive", () => {
  interface Sum {
    left: { type: "n"; value: number } | { type: "sum"; value: Sum };
  }
  const Sum: d.Type<Sum> = Type(
    "Sum",
    OneOf("left", Field(1, "n", Int), Field(2, "sum", () => Sum)),
    Required("left"),
  );
  same<d.OutOf<typeof Sum>, Sum>(true);
});

const Base = Type(
  "Base",
  Field(1, "name", String),
  Field(2, "size", Int, Default(1)),
  Field(3, "note"),
  Required("name"),
);

Deno.test("Extend takes over attributes, what is required and what has a default", () => {
  const More = Type("More", Field(4, "id", Int64), Extend(Base), Required("id", "note"));
  same<d.InOf<typeof More>, { id: bigint; name: string; note: string; size?: number | undefined }>(true);
  same<d.OutOf<typeof More>, { id: bigint; name: string; note: string; size: number }>(true);
  const Own = Type("Own", Extend(Base), Field(1, "name", Int), Field(3, "note"));
  same<d.OutOf<typeof Own>, { name: number; note?: string | undefined; size: number }>(true);
  const Two = Type("Two", Extend(Base), Extend(Type("Other", Field(9, "x", Int))));
  same<
    d.OutOf<typeof Two>,
    { name: string; size: number; note?: string | undefined; x?: number | undefined }
  >(
    true,
  );
  // @ts-expect-error no attribute is named nam
  Type("T", Extend(Base), Required("nam"));
  // @ts-expect-error not a type with attributes
  Extend(d.ArrayOf(Int));
});

Deno.test("views and requirements of methods know what Extend brings", () => {
  const R = d.ResultType(
    "application/vnd.r",
    Field(4, "id", Int),
    Extend(Base),
    d.View("tiny", "id", "size"),
  );
  same<d.ViewsOf<typeof R>["tiny"], { id?: number | undefined; size: number }>(true);
  same<d.ViewsOf<typeof R>["default"], d.OutOf<typeof R>>(true);
  // @ts-expect-error no attribute is named sise
  d.ResultType("application/vnd.r", Extend(Base), d.View("tiny", "sise"));
  const service = Service(
    "s",
    Method("m", Payload(Extend(Base), Required("note")), d.Result(R, d.View("tiny"))),
  );
  same<d.PayloadOf<typeof service, "m">, { name: string; note: string; size?: number | undefined }>(true);
});

Deno.test("Reference gives types, and no attributes", () => {
  const T = Type("T", Reference(Base), Field(1, "name"), Field(2, "size"), Field(3, "other", Int));
  same<d.InOf<typeof T>, { name: string; size?: number | undefined; other?: number | undefined }>(true);
  same<d.OutOf<typeof T>, { name: string; size: number; other?: number | undefined }>(true);
  // @ts-expect-error Reference brings no attributes
  Type("T", Reference(Base), Field(1, "name"), Required("note"));
});

Deno.test("Attributes is the same as writing them", () => {
  const R = d.ResultType(
    "application/vnd.r",
    d.Attributes(Field(1, "id", Int), Field(2, "name"), Required("id")),
    d.View("tiny", "id"),
  );
  same<d.OutOf<typeof R>, { id: number; name?: string | undefined }>(true);
  same<d.ViewsOf<typeof R>["tiny"], { id: number }>(true);
  // @ts-expect-error no attribute is named ids
  d.Attributes(Field(1, "id", Int), Required("ids"));
});

Deno.test("ErrorName need not be written by the handler", () => {
  const Problem = Type("Problem", d.ErrorName(1, "name", String), Field(2, "hint"), Required("name", "hint"));
  same<d.InOf<typeof Problem>, { hint: string; name?: string | undefined }>(true);
  same<d.OutOf<typeof Problem>, { name: string; hint: string }>(true);
  const Bare = Type("Bare", d.ErrorName("name"), Required("name"));
  same<d.OutOf<typeof Bare>, { name: string }>(true);
});

Deno.test("Enum in Key and Elem narrows", () => {
  const M = d.MapOf(String, Int, d.Key(d.Enum("a", "b")), d.Elem(d.Enum(1, 2)));
  same<d.OutOf<typeof M>, { a?: 1 | 2; b?: 1 | 2 }>(true);
  const N = d.MapOf(Int, String, d.Key(d.Minimum(1)));
  same<d.OutOf<typeof N>, Map<number, string>>(true);
});

Deno.test("collections of recursive result types", () => {
  interface Node {
    id: number;
    children?: Node[];
  }
  const Node: d.ResultType<Node, Node, { default: Node; tiny: { id: number } }> = d.ResultType(
    "application/vnd.node",
    Field(1, "id", Int),
    Field(2, "children", d.ArrayOf(() => Node)),
    Required("id"),
    d.View("tiny", "id"),
  );
  const all = d.CollectionOf(Node);
  same<d.ViewsOf<typeof all>["tiny"], { id: number }[]>(true);
  same<d.OutOf<typeof all>, Node[]>(true);
});
