// Rules of OneOf, Extend, Reference, ErrorName, Key and Elem: a design that breaks each, and the exact words that say so.
import { assertEquals, assertThrows } from "@std/assert";
import * as d from "./mod.ts";

const { Field, Int, Method, OneOf, Payload, Required, Service, String, Type } = d;

/** Parts that the compiler would refuse, to see what the builder says. */
// deno-lint-ignore no-explicit-any
const any = (part: unknown): any => part;

function problems(build: () => unknown): string[] {
  return assertThrows(build, d.DesignError).problems.map(({ method, attribute, message }) =>
    [method, attribute].filter((one) => one !== undefined).join(" ") + `: ${message}`
  );
}

function one(...parts: unknown[]): () => unknown {
  return () => Service("s", any(Method("m", ...any(parts))));
}

const payload = (...parts: unknown[]): () => unknown => one(any(Payload)(...parts));

const A: d.Type<unknown> = Type("A", any(d.Extend(() => B))) as d.Type<unknown>;
const B: d.Type<unknown> = Type("B", any(d.Extend(() => A))) as d.Type<unknown>;
const Base = Type("Base", Field(1, "a", Int, d.Minimum(3)), Required("a"));

const RULES: Record<string, readonly [() => unknown, ...string[]]> = {
  "OneOf has members": [payload(OneOf("u")), "m payload.u: OneOf has no members"],
  "OneOf: names are unique": [
    payload(OneOf("u", Field(1, "a"), Field(2, "a", Int))),
    "m payload.u.a: there are two attributes of this name",
    'm payload.u.a: OneOf: "a" stands for two members',
  ],
  "OneOf: tags are unique": [
    payload(OneOf("u", Field(1, "a"), Field(2, "b", Int, d.Meta("oneof:type:tag", "a")))),
    'm payload.u.b: OneOf: "a" stands for two members',
  ],
  "OneOf: a tag is text": [
    payload(OneOf("u", Field(1, "b", Int, d.Meta("oneof:type:tag", "")))),
    "m payload.u.b: oneof:type:tag is empty",
  ],
  "OneOf: the properties have names": [
    payload(OneOf("u", Field(1, "a"), d.Meta("oneof:type:field", ""))),
    "m payload.u: oneof:type:field is empty",
  ],
  "OneOf: the value has a name": [
    payload(OneOf("u", Field(1, "a"), d.Meta("oneof:value:field"))),
    "m payload.u: oneof:value:field is empty",
  ],
  "OneOf: the properties differ": [
    payload(OneOf("u", Field(1, "a"), d.Meta("oneof:value:field", "type"))),
    'm payload.u: oneof:type:field and oneof:value:field are both "type"',
  ],
  "OneOf: members have no Default": [
    payload(OneOf("u", Field(1, "a", Int, d.Default(1)))),
    "m payload.u.a: OneOf: a member that is there needs no Default",
  ],
  "OneOf: what is no member": [
    payload(any(OneOf)("u", Field(1, "a"), Required("a"))),
    "m payload.u: Required stands only where there are attributes",
  ],
  "OneOf: members keep their rules": [
    payload(OneOf("u", Field(1, "a", Int, d.Pattern("x")))),
    "m payload.u.a: Pattern is for a String, not for an Int",
  ],
  "OneOf: no arrays on gRPC": [
    one(
      any(Payload)(OneOf("u", Field(1, "a", d.ArrayOf(Int)), Field(2, "m", d.MapOf(String, Int)))),
      d.GRPC(),
    ),
    'm payload.u: OneOf: member "a" is an array, which no oneof of gRPC holds',
    'm payload.u: OneOf: member "m" is a map, which no oneof of gRPC holds',
  ],
  "OneOf: field numbers on gRPC": [
    one(any(Payload)(Field(1, "n"), OneOf("u", Field(1, "a", Int), d.Attribute("b"))), d.GRPC()),
    'm payload.u.a: field number 1 belongs to attribute "n" already',
    "m payload.u.b: gRPC needs a field number: use Field",
  ],
  "OneOf cannot travel in a parameter": [
    one(any(Payload)(OneOf("u", Field(1, "a"))), d.HTTP(d.GET("/"), d.Param("u"))),
    'm: query parameter "u": attribute "u" is no primitive and no array of primitives',
  ],
  "Example of a union": [
    payload(OneOf("u", Field(1, "a", Int), d.Example({ type: "b", value: 1 }))),
    'm payload.u: Example: "type" is not one of "a"',
  ],
  "Example of a union, its value": [
    payload(OneOf("u", Field(1, "a", Int), d.Example({ type: "a", value: "x" }))),
    'm payload.u: Example: attribute "value": "x" is not an Int',
  ],
  "Example of a union, no value": [
    payload(OneOf("u", Field(1, "a", Int), d.Example({ type: "a" }))),
    'm payload.u: Example: attribute "value" is missing',
  ],

  "Extend takes an object": [
    payload(Field(1, "b"), d.Extend(Type("Number", Int))),
    "m payload: Extend takes a type with attributes",
  ],
  "Extend takes a type": [
    payload(Field(1, "b"), any(d.Extend)(d.ArrayOf(Int))),
    "m payload: Extend takes a type with attributes",
  ],
  "Extend not of itself": [payload(A), "m payload: a type extends itself"],
  "Extend stands with attributes": [
    payload(Base, d.Extend(Base)),
    "m payload: there are both a type and Extend",
  ],
  "Extend: Required names what is there": [
    payload(d.Extend(Base), any(Required("b"))),
    'm payload: Required: no attribute is named "b"',
  ],
  "Extend: views name what is there": [
    one(d.Result(any(d.ResultType)("application/vnd.x", d.Extend(Base), d.View("tiny", "b")))),
    'm result: view "tiny" of result type "X": no attribute is named "b"',
  ],
  "Reference takes an object": [
    payload(Field(1, "b"), d.Reference(Type("Number", Int))),
    "m payload: Reference takes a type with attributes",
  ],
  "Reference needs attributes": [
    payload(Int, any(d.Reference)(Base)),
    "m payload: Reference stands only where there are attributes",
  ],
  "what is taken keeps its rules": [
    payload(d.Reference(Base), Field(1, "a", any(d.Default(1)))),
    "m payload.a: Default: 1 is less than Minimum 3",
  ],
  "numbers of what is extended": [
    one(any(Payload)(Field(1, "b"), d.Extend(Base)), d.GRPC()),
    'm payload.a: field number 1 belongs to attribute "b" already',
  ],

  "ErrorName is there once": [
    one(d.Error("e", d.ErrorName("a", String), d.ErrorName("b", String), Required("a", "b"))),
    'm error "e": ErrorName is there twice: "a" and "b"',
  ],
  "ErrorName is a String": [
    one(d.Error("e", d.ErrorName(1, "a", Int), Required("a"))),
    'm error "e".a: ErrorName is for a String',
  ],
  "ErrorName is required": [
    one(d.Error("e", d.ErrorName(1, "a", String))),
    'm error "e".a: ErrorName: the attribute is not Required',
  ],

  "Key needs a map": [
    payload(Field(1, "a", d.ArrayOf(Int), d.Key(d.Minimum(1)))),
    "m payload.a: Key stands only where there is a MapOf",
  ],
  "Elem needs elements": [
    payload(Field(1, "a", Int, d.Elem(d.Minimum(1)))),
    "m payload.a: Elem stands only where there is an ArrayOf or a MapOf",
  ],
  "Key keeps the rules": [
    payload(Field(1, "a", d.MapOf(String, Int, d.Key(d.Minimum(1))))),
    "m payload.a[key]: Minimum is for a number, not for a String",
  ],
  "Elem keeps the rules": [
    payload(Field(1, "a", d.ArrayOf(Int), d.Elem(d.MinLength(1)))),
    "m payload.a[*]: MinLength is for a String, Bytes, an array or a map, not for an Int",
  ],
  "Deprecated in HTTP of a method": [
    () => Service("s", Method("m"), any(d.HTTP(d.Deprecated()))),
    ": Deprecated stands only in methods",
  ],
};

for (const [name, [build, ...expected]] of Object.entries(RULES)) {
  Deno.test(`types rule: ${name}`, () => assertEquals(problems(build), expected));
}

Deno.test("what is taken from other types is in the model", () => {
  const Bottle = Type(
    "Bottle",
    Field(1, "name", String, "Its name", d.MinLength(3), d.Example("Merlot")),
    Field(2, "vintage", Int, d.Default(2000)),
    Required("name"),
  );
  const service = Service(
    "s",
    Method(
      "m",
      d.Idempotent(),
      Payload(d.Reference(Bottle), Field(7, "name", d.MaxLength(9)), d.Attribute("vintage", "When")),
      d.Result(
        d.ResultType("application/vnd.r", Field(3, "id", Int), d.Extend(Bottle), d.View("tiny", "name")),
      ),
      d.HTTP(d.POST("/"), d.Deprecated()),
    ),
  );
  const method = service.model.methods["m"]!;
  assertEquals([method.idempotent, method.deprecated], [true, true]);
  const payload = method.payload!.type as d.ObjectModel;
  assertEquals(
    payload.attributes.map(({ name, tag, required, description, validation, default: value }) => (
      { name, tag, required, description, validation, value }
    )),
    [
      {
        name: "name",
        tag: 7,
        required: true,
        description: "Its name",
        validation: { minLength: 3, maxLength: 9 },
        value: undefined,
      },
      { name: "vintage", tag: 2, required: false, description: "When", validation: {}, value: 2000 },
    ],
  );
  const result = (method.result!.type as d.UserModel).attribute.type as d.ObjectModel;
  assertEquals(result.attributes.map(({ name, tag }) => [name, tag]), [["id", 3], ["name", 1], [
    "vintage",
    2,
  ]]);
  assertEquals((method.result!.type as d.UserModel).views?.["default"]?.attributes.map(({ name }) => name), [
    "id",
    "name",
    "vintage",
  ]);
});

Deno.test("a type may hold one that extends it", () => {
  interface Tree {
    name?: string;
    children?: Tree[];
    leaf?: number;
  }
  const Base: d.Type<{ name?: string; children?: Tree[] }> = Type(
    "Base",
    Field(1, "name"),
    Field(2, "children", d.ArrayOf((): d.Type<Tree> => Tree)),
  );
  const Tree: d.Type<Tree> = Type("Tree", d.Extend(Base), Field(3, "leaf", Int));
  for (const type of [Base, Tree]) {
    const { model } = Service("s", Method("m", Payload(type), d.GRPC()));
    assertEquals((model.methods["m"]!.payload!.type as d.UserModel).name, type.name);
  }
});
