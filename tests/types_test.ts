/** The words of types on every transport: unions, Extend, Reference, ErrorName, views, recursion, keys and elements. */
import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { errorOf } from "../src/core/error_of.ts";
import * as d from "../src/design/mod.ts";
import { ServiceError } from "../src/errors/service_error.ts";
import { everyTransport } from "./every_transport.ts";

const {
  Default,
  Field,
  GET,
  GRPC,
  HTTP,
  Int,
  Method,
  OneOf,
  POST,
  Payload,
  Required,
  Result,
  Service,
  String,
  Type,
} = d;

interface Shape {
  name?: string;
  form:
    | { type: "circle"; value: number }
    | { type: "group"; value: Shape }
    | { type: "label"; value: string };
}
const Shape: d.Type<Shape> = Type(
  "Shape",
  Field(1, "name"),
  OneOf(
    "form",
    Field(2, "circle", d.Float64, d.Minimum(0)),
    Field(3, "group", () => Shape),
    Field(4, "label"),
  ),
  Required("form"),
);
const Stamp = Type("Stamp", Field(1, "at", d.Int64), Field(2, "zone", Default("UTC")), Required("at"));
const Event = Type(
  "Event",
  Field(1, "id", Int),
  OneOf(
    "what",
    "What happened",
    Field(2, "begun", Stamp, d.Meta("oneof:type:tag", "BEGUN")),
    Field(3, "data", d.Bytes),
    Field(4, "any", d.Any),
    Field(5, "done", d.Boolean),
    d.Meta("oneof:type:field", "kind"),
    d.Meta("oneof:value:field", "data"),
  ),
  Required("id"),
);

const unions = Service(
  "unions",
  Method("shape", Payload(Shape), Result(Shape), HTTP(POST("/shape")), GRPC()),
  Method(
    "inline",
    Payload(OneOf("n", Field(1, "small", Int), Field(2, "big", d.Int64)), Required("n")),
    Result(d.ArrayOf(Event)),
    HTTP(POST("/inline")),
    GRPC(),
  ),
  Method(
    "events",
    d.StreamingPayload(Event),
    d.StreamingResult(Event),
    HTTP(GET("/events")),
    GRPC(),
  ),
);

const sent: d.InOf<typeof Event>[] = [
  { id: 1, what: { kind: "BEGUN", data: { at: 9_007_199_254_740_993n } } },
  { id: 2, what: { kind: "data", data: new Uint8Array([0, 255]) } },
  { id: 3, what: { kind: "data", data: new Uint8Array() } },
  { id: 4, what: { kind: "any", data: { a: [1, null, "x"] } } },
  { id: 5, what: { kind: "done", data: false } },
  { id: 6 },
];
const received = [
  { id: 1, what: { kind: "BEGUN", data: { at: 9_007_199_254_740_993n, zone: "UTC" } } },
  ...sent.slice(1),
];

const event = (at: bigint): d.InOf<typeof Event> => ({ id: 1, what: { kind: "BEGUN", data: { at } } });

everyTransport("unions: round trips, nested, renamed, with defaults", unions, {
  shape: ({ payload }) => payload,
  inline: ({ payload: { n } }) => n.type === "big" ? [event(n.value)] : [],
  async *events({ stream }) {
    for await (const event of stream) yield event;
  },
}, async (client) => {
  const shapes: Shape[] = [
    { form: { type: "circle", value: 0 } },
    { form: { type: "label", value: "" } },
    {
      name: "g",
      form: {
        type: "group",
        value: { form: { type: "group", value: { form: { type: "circle", value: 2 } } } },
      },
    },
  ];
  for (const shape of shapes) assertEquals(await client.shape(shape), shape);
  assertEquals(await client.inline({ n: { type: "small", value: 3 } }), []);
  assertEquals(await client.inline({ n: { type: "big", value: 2n ** 62n } }), [
    { id: 1, what: { kind: "BEGUN", data: { at: 2n ** 62n, zone: "UTC" } } },
  ]);
  const stream = client.events();
  for (const [index, event] of sent.entries()) {
    await stream.send(event);
    assertEquals<unknown>(await stream.recv(), received[index]);
  }
  await stream.closeSend();
  assertEquals(await stream.recv(), null);
});

everyTransport("unions: what is wrong is told with its path", unions, {
  shape: ({ payload }) => payload,
  inline: () => [],
  async *events() {},
}, async (client) => {
  const told = async (shape: unknown): Promise<string> => {
    const error = await assertRejects(() => client.shape(shape as Shape));
    assertInstanceOf(error, ServiceError);
    return `${error.name}: ${error.message.replace(/^[^:]*: /, "")}`;
  };
  assertEquals(await told({}), 'missing_field: "form" is missing from payload');
  assertEquals(await told({ form: { value: 1 } }), 'missing_field: "type" is missing from payload.form');
  assertEquals(
    await told({ form: { type: "circle" } }),
    'missing_field: "value" is missing from payload.form',
  );
  assertEquals(
    await told({ form: { type: "square", value: 1 } }),
    'invalid_enum_value: value of payload.form.type must be one of "circle", "group", "label" but got value "square"',
  );
  assertEquals(
    await told({ form: { type: "group", value: { form: { type: "circle", value: -1 } } } }),
    "invalid_range: payload.form.value.form.value must be greater or equal than 0 but got value -1",
  );
});

// ---- what types take from others -----------------------------------------------------------------------------------

const Bottle = Type(
  "Bottle",
  Field(1, "name", String, d.MinLength(3)),
  Field(2, "vintage", Int, d.Minimum(1900), Default(2000)),
  Required("name"),
);
const Stored = d.ResultType(
  "application/vnd.stored",
  d.Attributes(Field(3, "id", Int), d.Extend(Bottle), Required("id")),
  d.View("tiny", "id", "vintage"),
);
const cellar = Service(
  "cellar",
  Method(
    "add",
    Payload(d.Reference(Bottle), Field(1, "name"), Field(2, "vintage")),
    Result(Stored),
    HTTP(POST("/")),
    GRPC(),
  ),
  Method("all", d.StreamingResult(d.CollectionOf(Stored), d.View("tiny")), HTTP(GET("/all")), GRPC()),
);

everyTransport("Extend and Reference bring types, defaults, rules and views", cellar, {
  async add({ payload, setView }) {
    await setView(payload.name === "tiny" ? "tiny" : "default");
    return { id: 7, ...payload };
  },
  async *all() {
    yield [{ id: 1, name: "abc" }, { id: 2, name: "def", vintage: 1999 }];
  },
}, async (client) => {
  assertEquals(await client.add({ name: "Merlot" }), { id: 7, name: "Merlot", vintage: 2000 });
  assertEquals<unknown>(await client.add({ name: "tiny", vintage: 1950 }), { id: 7, vintage: 1950 });
  for (const wrong of [{ name: "no" }, { name: "Merlot", vintage: 1 }, {} as { name: string }]) {
    assertInstanceOf(await assertRejects(() => client.add(wrong)), ServiceError);
  }
  const stream = client.all();
  assertEquals(await stream.recv(), [{ id: 1, vintage: 2000 }, { id: 2, vintage: 1999 }]);
  assertEquals(await stream.recv(), null);
});

// ---- errors that share a type --------------------------------------------------------------------------------------

const Problem = Type("Problem", d.ErrorName(1, "name", String), Field(2, "hint"), Required("name", "hint"));
const Other = Type("Other", d.ErrorName(1, "kind", String), Field(2, "n", Int), Required("kind"));
const risky = Service(
  "risky",
  d.Error("empty", Problem),
  Method(
    "try",
    Payload(String),
    d.Error("locked", Problem),
    d.Error("odd", Other),
    HTTP(POST("/"), d.Response("empty", d.StatusNotFound), d.Response("locked", d.StatusConflict)),
    GRPC(d.Response("locked", d.CodeAborted)),
  ),
  Method(
    "stream",
    d.StreamingResult(Int),
    d.Error("locked", Problem),
    HTTP(GET("/stream"), d.Response("locked", d.StatusConflict)),
    GRPC(d.Response("locked", d.CodeAborted)),
  ),
);

everyTransport("errors that share a type are told apart, and know their name", risky, {
  try({ payload, error }) {
    throw payload === "odd" ? error("odd", { n: 1 }) : error(payload as "empty" | "locked", { hint: "key" });
  },
  async *stream({ error }) {
    yield 1;
    throw error("locked", { hint: "later", name: "something else" });
  },
}, async (client) => {
  for (const name of ["empty", "locked"] as const) {
    const error = errorOf(risky, "try", await assertRejects(() => client.try(name)));
    assertEquals([error?.name, error?.data], [name, { name, hint: "key" }]);
  }
  const odd = errorOf(risky, "try", await assertRejects(() => client.try("odd")));
  assertEquals([odd?.name, odd?.data], ["odd", { kind: "odd", n: 1 }]);
  const stream = client.stream();
  assertEquals(await stream.recv(), 1);
  const locked = errorOf(risky, "stream", await assertRejects(() => stream.recv()));
  assertEquals([locked?.name, locked?.data], ["locked", { name: "locked", hint: "later" }]);
});

Deno.test("an attribute made by ErrorName stands beside the error's own fields, as Goa writes it", async () => {
  const { httpHandler } = await import("../src/http/handler.ts");
  const { implement } = await import("../src/core/implement.ts");
  const handler = httpHandler([implement(risky, {
    try: ({ error }) => {
      throw error("locked", { hint: "key" });
    },
    async *stream() {},
  })]);
  const response = await handler(
    new Request("http://localhost/", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '"x"',
    }),
  );
  const body = await response.json();
  assertEquals([response.status, body.name, body.hint, body.data], [409, "locked", "key", undefined]);
});

// ---- recursion, views, keys and elements ---------------------------------------------------------------------------

interface Node {
  id: number;
  note?: string;
  children?: Node[];
}
interface TinyNode {
  id: number;
  children?: { id: number; children?: TinyNode[] }[];
}
const Node: d.ResultType<Node, Node, { default: Node; tiny: TinyNode }> = d.ResultType(
  "application/vnd.node",
  Field(1, "id", Int),
  Field(2, "note"),
  Field(3, "children", d.ArrayOf(() => Node)),
  Required("id"),
  d.View("tiny", "id", d.Attribute("children")),
);
const Owner = d.ResultType(
  "application/vnd.owner",
  Field(1, "id", Int),
  Field(2, "email"),
  d.View("tiny", "id"),
  Required("id"),
);
const House = d.ResultType(
  "application/vnd.house",
  Field(1, "id", Int),
  Field(2, "owner", Owner),
  Field(3, "past", d.CollectionOf(Owner)),
  Required("id", "owner"),
  d.View("tiny", "id", d.Attribute("owner", d.View("tiny"))),
  d.View("past", "id", d.Attribute("past", d.View("tiny"))),
);
const Code = Type("Code", String, d.Pattern("^[A-Z]+$"));
const Long = Type("Long", Code, d.MinLength(3));
const trees = Service(
  "trees",
  Method("tree", Payload(Node), Result(Node), HTTP(POST("/tree")), GRPC()),
  Method(
    "rules",
    Payload(
      Field(1, "code", Long),
      Field(2, "codes", d.ArrayOf(Code), d.Elem(d.MaxLength(4))),
      Field(3, "map", d.MapOf(String, Int, d.Key(d.MinLength(2)), d.Elem(d.Minimum(1)))),
      Field(4, "numbers", d.MapOf(Int, Code), d.Key(d.Maximum(9)), d.Elem(d.MinLength(2))),
      Field(5, "few", d.MapOf(String, Int, d.Key(d.Enum("a", "b")))),
    ),
    Result(
      Field(1, "code", Long),
      Field(2, "numbers", d.MapOf(Int, Code)),
      Field(3, "few", d.MapOf(String, Int)),
    ),
    HTTP(POST("/rules")),
    GRPC(),
  ),
);

everyTransport("recursive result types, nested views, rules of aliases, keys and elements", trees, {
  async tree({ payload, setView }) {
    if (payload.note === "tiny") await setView("tiny");
    return payload;
  },
  rules: ({ payload: { code, numbers, few } }) => ({ code, numbers, few: few as Record<string, number> }),
}, async (client, transport) => {
  const tree: Node = {
    id: 1,
    note: "n",
    children: [{ id: 2 }, { id: 3, children: [{ id: 4, note: "deep" }] }],
  };
  assertEquals(await client.tree(tree), tree);
  const tiny = await client.tree({ ...tree, note: "tiny" });
  assertEquals("note" in tiny, false);
  assertEquals(tiny.children?.length, 2);

  const good = { code: "ABC", numbers: new Map([[9, "XY"]]), few: { a: 1 } };
  assertEquals<unknown>(await client.rules(good), good);
  const wrong: [object, string, string][] = [
    [{ code: "AB" }, "invalid_length", "payload.code"],
    [{ code: "abc" }, "invalid_pattern", "payload.code"],
    [{ codes: ["AB", "ABCDE"] }, "invalid_length", "payload.codes[1]"],
    [{ codes: ["a"] }, "invalid_pattern", "payload.codes[0]"],
    [{ map: { a: 1 } }, "invalid_length", "payload.map[a]"],
    [{ map: { ab: 0 } }, "invalid_range", "payload.map[ab]"],
    [{ numbers: new Map([[10, "AB"]]) }, "invalid_range", "payload.numbers[10]"],
    [{ numbers: new Map([[1, "A"]]) }, "invalid_length", "payload.numbers[1]"],
    [{ few: { c: 1 } }, "invalid_enum_value", "payload.few[c]"],
  ];
  for (const [payload, name, path] of wrong) {
    const error = await assertRejects(() => client.rules(payload));
    assertInstanceOf(error, ServiceError);
    assertEquals([error.name, error.message.includes(path)], [name, true], `${transport}: ${error.message}`);
  }
});

for (
  const [view, expected] of [
    ["default", { id: 1, owner: { id: 2, email: "a@b.c" }, past: [{ id: 3, email: "a@b.c" }] }],
    ["tiny", { id: 1, owner: { id: 2 } }],
    ["past", { id: 1, past: [{ id: 3 }] }],
  ] as const
) {
  // The view is chosen before anything is received: contract §3.
  const houses = Service("houses", Method("one", d.StreamingResult(House), HTTP(GET("/one")), GRPC()));
  everyTransport(`nested views: ${view}`, houses, {
    async one({ stream }) {
      const email = "a@b.c";
      await stream.setView(view);
      await stream.send({ id: 1, owner: { id: 2, email }, past: [{ id: 3, email }] });
    },
  }, async (client) => {
    const stream = client.one();
    assertEquals<unknown>(await stream.recv(), expected);
    assertEquals(await stream.recv(), null);
  });
}

const Cottage = d.ResultType(
  "application/vnd.cottage",
  d.Extend(House),
  d.Reference(House),
  Field(2, "owner"),
  d.View("tiny", "id", d.Attribute("owner", d.View("tiny")), d.Attribute("past", d.View("tiny"))),
);
const cottages = Service(
  "cottages",
  Method("one", Result(Cottage, d.View("tiny")), HTTP(GET("/one")), GRPC()),
);
everyTransport("views reach into attributes that Extend and Reference bring", cottages, {
  one: () => ({ id: 1, owner: { id: 2, email: "a@b.c" }, past: [{ id: 3, email: "a@b.c" }] }),
}, async (client) => {
  assertEquals<unknown>(await client.one(), { id: 1, owner: { id: 2 }, past: [{ id: 3 }] });
});
