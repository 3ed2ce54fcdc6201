// What the builder makes of the words.
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import * as d from "./mod.ts";
import type { MethodModel, ObjectModel, ServiceDesign, TypeModel, UserModel } from "./mod.ts";
import { locationIn } from "./location.ts";
import { resultTypeName } from "./builder/user.ts";

const {
  Field,
  GET,
  GRPC,
  Header,
  HTTP,
  Int,
  Method,
  Param,
  Payload,
  Path,
  POST,
  Required,
  Response,
  Result,
  Service,
} = d;

function methodOf(design: ServiceDesign, name: string): MethodModel {
  const method = design.model.methods[name];
  assert(method !== undefined);
  return method;
}

function objectOf(type: TypeModel | undefined): ObjectModel {
  assert(type?.kind === "object");
  return type;
}

function userOf(type: TypeModel | undefined): UserModel {
  assert(type?.kind === "user");
  return type;
}

/** Names of attributes, `*` for required ones. */
function names(type: TypeModel | undefined): string[] {
  return objectOf(type).attributes.map((one) => one.name + (one.required ? "*" : ""));
}

/** Every object that is not frozen, by path. Typed arrays cannot be. */
function thawed(value: unknown, path = "", seen = new Set<unknown>()): string[] {
  if (typeof value !== "object" && typeof value !== "function" || value === null || seen.has(value)) {
    return [];
  }
  seen.add(value);
  if (value instanceof Uint8Array || typeof value === "function") return [];
  return [
    ...(Object.isFrozen(value) ? [] : [path]),
    ...Object.entries(value).flatMap(([key, inner]) => thawed(inner, `${path}.${key}`, seen)),
  ];
}

interface Node {
  name?: string;
  next?: Node;
  others?: readonly Node[];
}
interface NodeOut {
  name?: string;
  next?: NodeOut;
  others?: NodeOut[];
}
const Node: d.Type<Node, NodeOut> = d.Type(
  "Node",
  "A node",
  Field(1, "name"),
  Field(2, "next", () => Node),
  Field(3, "others", d.ArrayOf(() => Node)),
);

const Owner = d.ResultType(
  "application/vnd.cellar.owner+json",
  Field(1, "id", Int),
  Field(2, "email"),
  d.View("tiny", "id"),
);
const Bottle = d.ResultType(
  "application/vnd.bottle",
  d.TypeName("Wine"),
  Field(1, "id", Int),
  Field(2, "name"),
  Field(3, "owner", Owner),
  Required("id"),
  d.View("tiny", "id", d.Attribute("owner", d.View("tiny"))),
);

const cellar = Service(
  "cellar",
  d.Description("Wines"),
  d.Meta("team", "a", "b"),
  d.Error("gone", "It is gone", d.Temporary(), d.Timeout(), d.Fault()),
  d.Error("busy", Field(1, "retry", Int)),
  HTTP(Path("/cellar"), Path("v2"), Response("gone", d.StatusGone)),
  GRPC(d.Package("acme.cellar"), Response("gone", d.CodeNotFound)),
  Method(
    "show",
    "Show a bottle",
    Payload(Field(1, "id", Int), Field(2, "token"), Field(3, "note"), Required("id")),
    Result(Bottle),
    d.Error("not_found", d.ErrorResult),
    HTTP(
      POST("/{id}"),
      Header("token:Authorization"),
      Response(d.StatusOK, "Found", Header("id:X-Id")),
      Response("not_found", d.StatusNotFound, d.Description("No such bottle")),
    ),
    GRPC(Response("not_found", d.CodeNotFound)),
  ),
  Method("list", d.StreamingResult(d.CollectionOf(Bottle)), HTTP(GET("//all/"), GET("/"))),
);

Deno.test("a service has what its words say, and nothing of it can change", () => {
  const { model } = cellar;
  assertEquals(thawed(cellar), []);
  assertEquals([model.name, model.description, model.package], ["cellar", "Wines", "acme.cellar"]);
  assertEquals({ ...model.meta }, { team: ["a", "b"] });
  assertEquals(Object.keys(model.methods), ["show", "list"]);
  assertEquals(Object.getPrototypeOf(model.methods), null);
  const show = methodOf(cellar, "show");
  assertEquals([show.name, show.service, show.kind, show.description], [
    "show",
    "cellar",
    "unary",
    "Show a bottle",
  ]);
  assert(/\/build_test\.ts:\d+$/.test(show.location!), show.location);
  assertEquals(Object.keys(show.errors), ["not_found", "gone", "busy"]);
  assertEquals({ ...show.errors["gone"]! }, {
    name: "gone",
    description: "It is gone",
    temporary: true,
    timeout: true,
    fault: true,
  });
  assertEquals(show.errors["not_found"]!.attribute, undefined);
  assertEquals(names(show.errors["busy"]!.attribute!.type), ["retry"]);
  assertEquals({ ...show.grpc!.errors }, { not_found: 5, gone: 5 });
  assertEquals(show.grpc!.code, 0);
});

Deno.test("routes, mappings, bodies and responses", () => {
  const { http } = methodOf(cellar, "show");
  assert(http !== undefined);
  assertEquals(http.routes.map(({ verb, path }) => `${verb} ${path}`), [
    "POST /cellar/{id}",
    "POST /v2/{id}",
  ]);
  assertEquals(http.routes[0]!.segments, [
    { kind: "literal", text: "cellar" },
    { kind: "param", attribute: "id", name: "id", wildcard: false },
  ]);
  assertEquals(http.headers, [{ attribute: "token", name: "authorization" }]);
  assertEquals([http.query, http.cookies], [[], []]);
  assertEquals(names(http.body!.type), ["note"]);
  const [ok] = http.responses;
  assertEquals([http.responses.length, ok!.status, ok!.description], [1, 200, "Found"]);
  assertEquals(ok!.headers, [{ attribute: "id", name: "x-id" }]);
  const body = userOf(ok!.body!.type);
  assertEquals(names(body.attribute.type), ["name", "owner"]);
  assertEquals(body.views!["tiny"]!.attributes, [{ name: "owner", view: "tiny" }]);
  assertEquals(Object.keys(http.errors), ["not_found", "gone"]);
  assertEquals({ ...http.errors["not_found"]! }, { status: 404, headers: [], description: "No such bottle" });

  const list = methodOf(cellar, "list").http!;
  assertEquals(list.routes.map(({ verb, path }) => `${verb} ${path}`), [
    "GET /all/",
    "GET /cellar",
    "GET /v2",
  ]);
  assertEquals(list.routes[0]!.segments.at(-1), { kind: "literal", text: "" });
});

Deno.test("the body is the payload itself when nothing else carries it, and absent when all is carried", () => {
  const design = Service(
    "s",
    Method("whole", Payload(Node), HTTP(POST("/a"))),
    Method("part", Payload(Field(1, "a"), Field(2, "b")), HTTP(POST("/b/{b:x}"), Param("a:y"))),
    Method("int", Payload(Int), HTTP(GET("/c/{n}"))),
    Method("list", Payload(d.ArrayOf(Int)), HTTP(GET("/d"), Param("n"))),
    Method("bytes", Payload(d.Bytes), Result(d.Empty), HTTP(POST("/e"))),
    Method("nothing", HTTP(GET("/"))),
  );
  const http = (name: string) => methodOf(design, name).http!;
  assertStrictEquals(http("whole").body, methodOf(design, "whole").payload);
  assertEquals(http("part").body, undefined);
  assertEquals(http("part").query, [{ attribute: "a", name: "y" }]);
  assertEquals(http("part").routes[0]!.segments[1], {
    kind: "param",
    attribute: "b",
    name: "x",
    wildcard: false,
  });
  assertEquals(http("int").body, undefined);
  assertEquals(http("int").routes[0]!.segments[1], {
    kind: "param",
    attribute: "",
    name: "n",
    wildcard: false,
  });
  assertEquals(http("list").query, [{ attribute: "", name: "n" }]);
  assertStrictEquals(http("bytes").body, methodOf(design, "bytes").payload);
  assertEquals(http("bytes").responses[0]!.status, 204);
  assertEquals(http("nothing").routes[0]!.segments, [{ kind: "literal", text: "" }]);
});

Deno.test("a Param that a path has travels in the path", () => {
  const design = Service(
    "s",
    Method(
      "m",
      Payload(Field(1, "from"), Field(2, "rest")),
      HTTP(GET("/{f}/{*rest}"), d.Params(Param("from:f"))),
    ),
  );
  const { routes, query } = methodOf(design, "m").http!;
  assertEquals(query, []);
  assertEquals(routes[0]!.segments, [
    { kind: "param", attribute: "from", name: "f", wildcard: false },
    { kind: "param", attribute: "rest", name: "rest", wildcard: true },
  ]);
});

Deno.test("what a service maps, all its methods map", () => {
  const design = Service(
    "s",
    HTTP(Path("/{org}"), d.Headers(Header("token:Authorization"))),
    Method("m", Payload(Field(1, "org"), Field(2, "token"), Field(3, "q")), HTTP(GET("/"), Param("q"))),
  );
  const { routes, headers, body } = methodOf(design, "m").http!;
  assertEquals(routes[0]!.path, "/{org}");
  assertEquals(headers, [{ attribute: "token", name: "authorization" }]);
  assertEquals(body, undefined);
});

Deno.test("a recursive type reaches itself", () => {
  const type = userOf(methodOf(Service("s", Method("m", Payload(Node))), "m").payload!.type);
  assertEquals([type.name, type.attribute.description, type.identifier], ["Node", "A node", undefined]);
  const [, next, others] = objectOf(type.attribute.type).attributes;
  assertStrictEquals(next!.type, type);
  assert(others!.type.kind === "array");
  assertStrictEquals(others!.type.elem.type, type);
  assertEquals(thawed(type), []);
});

Deno.test("a result type may hold a collection of itself", () => {
  interface Tree {
    name?: string;
    branches?: readonly Tree[];
  }
  interface TreeOut {
    name?: string;
    branches?: TreeOut[];
  }
  const Tree: d.ResultType<Tree, TreeOut> = d.ResultType(
    "application/vnd.tree",
    Field(1, "name"),
    Field(2, "branches", d.CollectionOf(() => Tree)),
    d.View("tiny", "name"),
  );
  const type = userOf(methodOf(Service("s", Method("m", Result(Tree))), "m").result!.type);
  const branches = userOf(objectOf(type.attribute.type).attributes[1]!.type);
  assertEquals([branches.name, branches.identifier], [
    "TreeCollection",
    "application/vnd.tree; type=collection",
  ]);
  assertEquals(Object.keys(branches.views!), ["tiny", "default"]);
  assertEquals(branches.views!["default"]!.attributes, [{ name: "name" }, { name: "branches" }]);
});

Deno.test("services share their types", () => {
  const one = methodOf(Service("a", Method("m", Payload(Node))), "m").payload!.type;
  const other = methodOf(Service("b", Method("m", Payload(Node))), "m").payload!.type;
  assertStrictEquals(one, other);
  assertStrictEquals(d.CollectionOf(Bottle), d.CollectionOf(Bottle));
});

Deno.test("views of a result type, and of a collection of it", () => {
  const { result } = methodOf(cellar, "show");
  const bottle = userOf(result!.type);
  assertEquals(bottle.name, "Wine");
  assertEquals({ ...bottle.views! }, {
    tiny: { name: "tiny", attributes: [{ name: "id" }, { name: "owner", view: "tiny" }] },
    default: { name: "default", attributes: [{ name: "id" }, { name: "name" }, { name: "owner" }] },
  });
  const list = userOf(methodOf(cellar, "list").streamingResult!.type);
  assertEquals([list.name, list.identifier], ["WineCollection", "application/vnd.bottle; type=collection"]);
  assertEquals(list.views, bottle.views);
  const some = d.CollectionOf(Bottle, d.View("tiny"), d.TypeName("Tinies"));
  const tinies = methodOf(Service("s", Method("m", Result(some, d.View("tiny")))), "m").result!;
  assertEquals([userOf(tinies.type).name, tinies.view], ["Tinies", "tiny"]);
  assertEquals(Object.keys(userOf(tinies.type).views!), ["tiny", "default"]);
});

Deno.test("Goa's rule for the names of result types", () => {
  assertEquals(
    [
      "application/vnd.cellar.owner+json; view=x",
      "application/vnd.goa",
      "text/plain",
      "application/vnd.a.b-c",
    ]
      .map(resultTypeName),
    ["CellarOwner", "Goa", "Plain", "AB-c"],
  );
});

Deno.test("Required on a type makes its attributes required, there and then only", () => {
  const T = d.Type("T", Field(1, "a"), Field(2, "b", d.Default("x")));
  const design = Service(
    "s",
    Method("m", Payload(T, Required("a", "b")), Result(T)),
    Method("n", Result(Bottle, Required("name"))),
  );
  assertEquals(names(methodOf(design, "m").payload!.type), ["a*", "b*"]);
  assertEquals(names(userOf(methodOf(design, "m").result!.type).attribute.type), ["a", "b"]);
  const bottle = userOf(methodOf(design, "n").result!.type);
  assertEquals(names(bottle.attribute.type), ["id*", "name*", "owner"]);
  assertEquals(Object.keys(bottle.views!), ["tiny", "default"]);
});

Deno.test("attributes: all that can be said of one", () => {
  const design = Service(
    "s",
    Method(
      "m",
      Payload(
        "The payload",
        Field(
          7,
          "a",
          d.String,
          "An attribute",
          d.Enum("ab", "abc"),
          d.Default("ab"),
          d.Format(d.FormatHostname),
          d.Pattern(/^a/),
          d.MinLength(1),
          d.MaxLength(3),
          d.Example("ab"),
          d.Example("longer", "abc"),
          d.Meta("k", "v"),
        ),
        Field(8, "b", Int, d.ExclusiveMinimum(0), d.ExclusiveMaximum(9)),
        Field(9, "c", d.Int64, d.Minimum(1n), d.Maximum(2 ** 60)),
        Field(10, "d", d.MapOf(d.String, Int, d.Key(d.MinLength(1)), d.Elem(d.Minimum(2)))),
        Field(11, "e", Field(1, "inner", Int), Required("inner")),
        Field(12, "f", Bottle, d.View("tiny")),
      ),
    ),
  );
  const { payload } = methodOf(design, "m");
  assertEquals(payload!.description, "The payload");
  const [a, b, c, map, inline, pinned] = objectOf(payload!.type).attributes;
  assertEquals({ ...a!, meta: { ...a!.meta } }, {
    type: { kind: "string" },
    description: "An attribute",
    validation: {
      enum: ["ab", "abc"],
      format: "hostname",
      pattern: "^a",
      minLength: 1,
      maxLength: 3,
    },
    default: "ab",
    examples: [{ summary: "default", value: "ab" }, { summary: "longer", value: "abc" }],
    meta: { k: ["v"] },
    name: "a",
    tag: 7,
    required: false,
  });
  assertEquals(b!.validation, { exclusiveMinimum: 0, exclusiveMaximum: 9 });
  assertEquals(c!.validation, { minimum: 1n, maximum: 2 ** 60 });
  assert(map!.type.kind === "map");
  assertEquals([map!.type.key.validation, map!.type.elem.validation], [{ minLength: 1 }, { minimum: 2 }]);
  assertEquals(names(inline!.type), ["inner*"]);
  assertEquals(pinned!.view, "tiny");
});

Deno.test("a design does not change with the values that it was written with", () => {
  const list = [1, 2];
  const bytes = new Uint8Array([1]);
  const design = Service(
    "s",
    Method(
      "m",
      Payload(
        Field(1, "a", d.ArrayOf(Int), d.Default(list)),
        Field(2, "b", d.Bytes, d.Default(bytes)),
      ),
    ),
  );
  list.push(3);
  bytes[0] = 9;
  const [a, b] = objectOf(methodOf(design, "m").payload!.type).attributes;
  assertEquals([a!.default, b!.default], [[1, 2], new Uint8Array([1])]);
});

Deno.test("names are used verbatim, whatever they are", () => {
  const design = Service(
    "s",
    d.Error("constructor"),
    Method(
      "__proto__",
      Payload(
        Field(1, "__proto__", Int),
        Field(2, "constructor"),
        Required("__proto__"),
        d.Meta("__proto__", "x"),
      ),
      d.Error("__proto__"),
      HTTP(
        GET("/{__proto__}"),
        Param("constructor"),
        Response("__proto__", 404),
        Response("constructor", 500),
      ),
      GRPC(Response("__proto__", d.CodeAborted)),
    ),
    Method("constructor", Payload(d.MapOf(d.String, Int))),
  );
  assertEquals(Object.keys(design.model.methods), ["__proto__", "constructor"]);
  const method = methodOf(design, "__proto__");
  assertEquals(method.name, "__proto__");
  assertEquals(names(method.payload!.type), ["__proto__*", "constructor"]);
  assertEquals(Object.keys(method.payload!.meta), ["__proto__"]);
  assertEquals(Object.keys(method.errors), ["__proto__", "constructor"]);
  assertEquals(method.http!.errors["__proto__"]!.status, 404);
  assertEquals(method.grpc!.errors["__proto__"], 10);
  assertEquals(methodOf(design, "constructor").errors["__proto__"], undefined);
  assertThrows(() => {
    (design.model.methods as Record<string, unknown>)["x"] = 1;
  }, TypeError);
});

Deno.test("kinds of call", () => {
  const design = Service(
    "s",
    Method("a"),
    Method("b", d.StreamingResult(Int)),
    Method("c", d.StreamingPayload(Int), Result(Int)),
    Method("e", d.StreamingPayload(Int)),
    Method("d", Payload(Int), d.StreamingPayload(Int), d.StreamingResult(Int)),
  );
  assertEquals(Object.values(design.model.methods).map((method) => method.kind), [
    "unary",
    "server",
    "client",
    "client",
    "bidi",
  ]);
});

Deno.test("the words shadow nothing that they need, and are frozen data", () => {
  assertEquals(
    thawed([d.Int, d.Empty, d.ErrorResult, Bottle, Node, d.Error("a", d.Fault())].map((one) => one)),
    [""],
  );
  assertEquals(Deno.inspect(d.Minimum(1)), '{ kind: "validation", rule: "minimum", value: 1 }');
  assertEquals(d.StatusTeapot, 418);
  assertEquals(d.CodeUnauthenticated, 16);
});

Deno.test("the line of a word, from the stacks of several runtimes", () => {
  const v8 = [
    "Error",
    "    at callerLocation (file:///x/location.ts:1:2)",
    "    at Module.Method (https://jsr.io/method.ts:3:4)",
    "    at file:///home/me/my%20app/design.ts:12:5",
  ].join("\n");
  assertEquals(locationIn(v8, 2), "/home/me/my app/design.ts:12");
  assertEquals(locationIn(v8, 1), "https://jsr.io/method.ts:3");
  const gecko = "callerLocation@https://h/b.js:1:2\nMethod@https://h/b.js:3:4\n@https://h/b.js:5:6\n";
  assertEquals(locationIn(gecko, 2), "https://h/b.js:5");
  const windows = "Error\n    at a (file:///C:/x.ts:1:2)";
  assertEquals(locationIn(windows, 0), "/C:/x.ts:1");
  assertEquals(locationIn("Error", 0), undefined);
  assertEquals(locationIn(undefined, 0), undefined);
  assertEquals(locationIn("file:///%zz.ts", 0), undefined);
});
