/** What HTTP makes of a design beyond paths and JSON: bodies, tags, cookies, media types, queries as maps. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as d from "../src/design/mod.ts";
import { implement } from "../src/core/implement.ts";
import { ServiceError } from "../src/errors/service_error.ts";
import { httpClient } from "../src/http/client.ts";
import { httpHandler } from "../src/http/handler.ts";
import { memoryClient } from "../src/memory/client.ts";

const Vintage = d.Type(
  "Vintage",
  d.Field(1, "year", d.Int),
  d.Field(2, "grape", d.String),
  d.Required("year"),
);
const Wine = d.ResultType(
  "application/vnd.wine",
  d.Field(1, "id", d.Int64),
  d.Field(2, "outcome", d.String, d.Enum("created", "queued", "kept")),
  d.Field(3, "vintage", Vintage),
  d.Field(4, "etag", d.String),
  d.Required("id", "outcome"),
);
const Taken = d.Type(
  "Taken",
  d.Field(1, "by", d.String),
  d.Field(2, "until", d.Int),
  d.Field(3, "why", Vintage),
  d.Required("by", "until"),
);

const cellar = d.Service(
  "cellar",
  d.Error("taken", Taken),
  d.Method(
    "put",
    d.Payload(
      d.Field(1, "id", d.Int64),
      d.Field(2, "vintage", Vintage),
      d.Field(3, "note", d.String),
      d.Field(4, "outcome", d.String, d.Default("created")),
      d.Required("id"),
    ),
    d.Result(Wine),
    d.HTTP(
      d.PUT("/wines/{id}"),
      d.Param("note"),
      d.Param("outcome"),
      d.Body("vintage"),
      d.Response(d.StatusCreated, d.Tag("outcome", "created"), d.Header("etag:ETag")),
      d.Response(d.StatusAccepted, d.Tag("outcome", "queued"), d.Body(d.Attribute("id"))),
      d.Response(d.StatusOK),
    ),
  ),
  d.Method(
    "some",
    d.Payload(
      d.Field(1, "a", d.Int),
      d.Field(2, "b", d.Int),
      d.Field(3, "c", d.Int, d.Default(7)),
      d.Required("a"),
    ),
    d.Result(d.Field(1, "year", d.Int), d.Field(2, "b", d.Int), d.Field(3, "c", d.Int), d.Required("year")),
    d.HTTP(
      d.POST("/some"),
      d.Body(d.Attribute("a"), d.Attribute("c")),
      d.Response(d.StatusOK, d.Body("year")),
    ),
  ),
  d.Method(
    "login",
    d.Payload(d.Field(1, "session", d.String), d.Field(2, "name", d.String), d.Required("name")),
    d.Result(
      d.Field(1, "session", d.String),
      d.Field(2, "visits", d.Int),
      d.Field(3, "name", d.String),
      d.Required("session", "name"),
    ),
    d.HTTP(
      d.POST("/login"),
      d.Cookie("session:SID"),
      d.Response(
        d.StatusOK,
        d.Cookie("session:SID"),
        d.Cookie("visits"),
        d.CookieMaxAge(60),
        d.CookieDomain("example.com"),
        d.CookiePath("/"),
        d.CookieSecure(),
        d.CookieHTTPOnly(),
        d.CookieSameSite(d.CookieSameSiteLax),
      ),
    ),
  ),
  d.Method(
    "take",
    d.Payload(d.Field(1, "how", d.String), d.Required("how")),
    d.Error("held", Taken),
    d.Error("bare", Taken),
    d.HTTP(
      d.POST("/take"),
      d.Response("taken", d.StatusConflict, d.Header("until:X-Until"), d.Cookie("by"), d.Body("why")),
      d.Response("held", d.StatusLocked, d.Body(d.Attribute("by"), d.Attribute("until"))),
      d.Response("bare", d.StatusGone, d.Header("by:X-By"), d.Header("until:X-Until"), d.Body(d.Empty)),
    ),
  ),
  d.Method("page", d.Result(d.String), d.HTTP(d.GET("/page"), d.Response(200, d.ContentType("text/html")))),
  d.Method(
    "image",
    d.Payload(d.Bytes),
    d.Result(d.Field(1, "kind", d.String), d.Field(2, "data", d.Bytes), d.Required("kind", "data")),
    d.HTTP(
      d.POST("/image"),
      d.Consumes("application/octet-stream", "image/png"),
      d.Response(d.StatusOK, d.Header("kind:X-Kind"), d.Body("data"), d.ContentType("image/png")),
    ),
  ),
  d.Method(
    "word",
    d.Payload(d.String),
    d.Result(d.String),
    d.HTTP(
      d.POST("/word"),
      d.Consumes("text/plain", "application/json"),
      d.Produces("application/json", "text/plain"),
    ),
  ),
  d.Method(
    "form",
    d.Payload(
      d.Field(1, "name", d.String),
      d.Field(2, "big", d.Int64),
      d.Field(3, "tags", d.ArrayOf(d.String)),
      d.Field(4, "flag", d.Boolean, d.Default(true)),
      d.Required("name"),
    ),
    d.Result(d.String),
    d.HTTP(d.POST("/form"), d.Consumes("application/x-www-form-urlencoded", "application/json")),
  ),
  d.Method(
    "search",
    d.Payload(
      d.Field(1, "page", d.Int),
      d.Field(2, "filters", d.MapOf(d.String, d.ArrayOf(d.Int))),
      d.Required("page", "filters"),
    ),
    d.Result(d.String),
    d.HTTP(d.GET("/search"), d.Param("page:p"), d.MapParams("filters")),
  ),
  d.Method(
    "query",
    d.Payload(d.MapOf(d.Int, d.Boolean)),
    d.Result(d.String),
    d.HTTP(d.GET("/query"), d.MapParams()),
  ),
);

const show = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, item) => typeof item === "bigint" ? `${item}n` : item instanceof Map ? [...item] : item,
  );

const served = implement(cellar, {
  put: ({ payload: { id, vintage, note, outcome } }) => ({
    id,
    outcome: outcome as "created" | "queued" | "kept",
    vintage,
    etag: note,
  }),
  some: ({ payload: { a, b, c } }) => ({ year: a * 100 + c + (b ?? 0) }),
  login: ({ payload: { session = "new", name } }) => ({
    session,
    name,
    visits: name === "shy" ? undefined : 3,
  }),
  take: ({ payload: { how }, error }) => {
    const data = { by: "Ann", until: 5, why: { year: 1999 } };
    switch (how) {
      case "taken":
        throw error("taken", data);
      case "held":
        throw error("held", data);
      default:
        throw error("bare", data);
    }
  },
  page: () => "<p>é</p>",
  image: ({ payload }) => ({ kind: "k", data: payload.slice().reverse() }),
  word: ({ payload }) => payload.toUpperCase(),
  form: ({ payload }) => show(payload),
  search: ({ payload }) => show(payload),
  query: ({ payload }) => show(payload),
});
const handler = httpHandler([served]);

/** What went over the wire last. */
const wire: { request?: Request; response?: Response } = {};
const client = httpClient(cellar, "http://localhost", {
  async fetch(request) {
    wire.request = request.clone() as Request;
    const response = await handler(request);
    wire.response = response.clone() as Response;
    return response;
  },
});
const memory = memoryClient(served);

/** Status, headers named, and text of a response. */
async function ask(path: string, init?: RequestInit, ...names: string[]): Promise<unknown[]> {
  const response = await handler(new Request(`http://localhost${path}`, init));
  return [response.status, ...names.map((name) => response.headers.get(name)), await response.text()];
}
const json = (value: unknown, verb = "POST"): RequestInit => ({
  method: verb,
  body: JSON.stringify(value),
  headers: { "content-type": "application/json" },
});

Deno.test("Body: one attribute is the body of a request, a tag picks the response", async () => {
  assertEquals(await ask("/wines/7?note=n", json({ year: 1, id: 9 }, "PUT"), "etag"), [
    201,
    "n",
    '{"id":7,"outcome":"created","vintage":{"year":1}}',
  ]);
  assertEquals(await ask("/wines/7?outcome=queued", json({ year: 1 }, "PUT")), [202, '{"id":7}']);
  assertEquals(await ask("/wines/7?outcome=kept", { method: "PUT" }), [200, '{"id":7,"outcome":"kept"}']);
  const [status, text] = await ask("/wines/7", json({ grape: "x" }, "PUT"));
  assertEquals([status, JSON.parse(text as string).message], [
    400,
    'cellar.put: "year" is missing from payload.vintage',
  ]);

  const payload = { id: 2n ** 60n, vintage: { year: 3 }, note: "n", outcome: "created" } as const;
  const result = { id: 2n ** 60n, outcome: "created", vintage: { year: 3 }, etag: "n" } as const;
  assertEquals(await client.put(payload), result);
  assertEquals(await wire.request!.text(), '{"year":3}');
  assertEquals(await memory.put(payload), result);
  // The tag's attribute is known by the status; what the body leaves out is absent.
  assertEquals(await client.put({ id: 1n, outcome: "queued", vintage: { year: 3 } }), {
    id: 1n,
    outcome: "queued",
  });
  assertEquals(wire.response!.status, 202);
  assertEquals(await client.put({ id: 1n, outcome: "kept" }), { id: 1n, outcome: "kept" });
  assertEquals(wire.request!.body, null);
});

Deno.test("Body: attributes that are listed, and nothing else", async () => {
  assertEquals(await ask("/some", json({ a: 1, b: 50, c: 2 })), [200, "102"]);
  assertEquals(await client.some({ a: 1, b: 50 }), { year: 107 });
  assertEquals(await wire.request!.text(), '{"a":1,"c":7}');
});

Deno.test("cookies come with requests and go with responses, as said", async () => {
  const response = await handler(
    new Request("http://localhost/login", {
      ...json({ name: "Ann" }),
      headers: { "content-type": "application/json", cookie: "SID=abc" },
    }),
  );
  const attributes = "; Max-Age=60; Domain=example.com; Path=/; Secure; HttpOnly; SameSite=Lax";
  assertEquals(response.headers.getSetCookie(), [`SID=abc${attributes}`, `visits=3${attributes}`]);
  assertEquals(await response.text(), '{"name":"Ann"}');
  assertEquals(await client.login({ name: "Bo", session: "s" }), { session: "s", visits: 3, name: "Bo" });
  assertEquals(await client.login({ name: "shy" }), { session: "new", name: "shy" });
  // What a cookie cannot hold is the handler's fault, and does not leave.
  const bad = httpHandler([implement(cellar, {
    ...Object.fromEntries(
      Object.keys(cellar.model.methods).map((name) => [name, () => ({ session: "a;b", name: "" })]),
    ),
  } as never)]);
  assertEquals((await bad(new Request("http://localhost/login", json({ name: "x" })))).status, 500);
});

Deno.test("errors have headers, cookies and bodies by design, and are rebuilt", async () => {
  const taken = await handler(new Request("http://localhost/take", json({ how: "taken" })));
  assertEquals(
    [taken.status, taken.headers.get("x-until"), taken.headers.getSetCookie(), await taken.text()],
    [409, "5", ["by=Ann"], '{"year":1999}'],
  );
  assertEquals(await ask("/take", json({ how: "held" })), [423, '{"by":"Ann","until":5}']);
  assertEquals(await ask("/take", json({ how: "bare" }), "goa-error", "content-type"), [
    410,
    "bare",
    null,
    "",
  ]);
  for (const [how, why] of [["taken", { year: 1999 }], ["held", undefined], ["bare", undefined]] as const) {
    const error = await assertRejects(() => client.take({ how }), ServiceError);
    assertEquals([error.name, error.data], [
      how,
      why === undefined ? { by: "Ann", until: 5 } : { by: "Ann", until: 5, why },
    ]);
  }
});

Deno.test("ContentType: text and bytes as they are", async () => {
  assertEquals(await ask("/page", undefined, "content-type"), [200, "text/html", "<p>é</p>"]);
  assertEquals(await client.page(), "<p>é</p>");
  assertEquals(wire.request!.headers.get("accept"), "text/html");
  const data = Uint8Array.of(0, 255, 10);
  const type = "application/octet-stream";
  const response = await handler(
    new Request("http://localhost/image", { method: "POST", body: data, headers: { "content-type": type } }),
  );
  assertEquals(
    [response.headers.get("content-type"), response.headers.get("x-kind"), await response.bytes()],
    ["image/png", "k", Uint8Array.of(10, 255, 0)],
  );
  assertEquals(await client.image(data), { kind: "k", data: Uint8Array.of(10, 255, 0) });
  assertEquals(wire.request!.headers.get("content-type"), type);
  assertEquals(await client.image(new Uint8Array()), { kind: "k", data: new Uint8Array() });
  assertEquals(await memory.image(data), { kind: "k", data: Uint8Array.of(10, 255, 0) });
});

Deno.test("Consumes: what else is refused with 415, and stays within its bound", async () => {
  const send = (type: string | undefined, body: BodyInit, path = "/word") =>
    ask(path, { method: "POST", body, headers: type === undefined ? {} : { "content-type": type } });
  assertEquals(await send("text/plain;charset=UTF-8", "é"), [200, '"É"']);
  assertEquals(await send("application/json", '"é"'), [200, '"É"']);
  const [status, text] = await send("text/html", "x");
  assertEquals([status, JSON.parse(text as string).message], [
    415,
    "cellar.word: request body must be text/plain or application/json, not text/html",
  ]);
  assertEquals((await send("text/plain", Uint8Array.of(0xff)))[0], 400);
  assertEquals((await send("application/json", "{"))[0], 400);
  const small = httpHandler([served], { limits: { messageBytes: 4 } });
  const big = new Request("http://localhost/word", {
    method: "POST",
    body: "12345",
    headers: { "content-type": "text/plain" },
  });
  assertEquals((await small(big)).status, 413);
});

Deno.test("Consumes: forms", async () => {
  const form = "application/x-www-form-urlencoded";
  const send = (body: string) => ask("/form", { method: "POST", body, headers: { "content-type": form } });
  const [, text] = await send("name=a+b%C3%A9&big=9007199254740993&tags=x&tags=y&other=1");
  assertEquals(JSON.parse(JSON.parse(text as string)), {
    name: "a bé",
    big: "9007199254740993n",
    tags: ["x", "y"],
    flag: true,
  });
  assertEquals((await send("name=%ff"))[0], 400);
  assertEquals((await send("big=1"))[0], 400);
  const payload = { name: "a&b=é +", big: 2n ** 62n, tags: ["1", "2"], flag: false };
  assertEquals(JSON.parse(await client.form(payload)), { ...payload, big: `${2n ** 62n}n` });
  assertEquals(wire.request!.headers.get("content-type"), form);
  assertEquals(await memory.form(payload), await client.form(payload));
});

Deno.test("Produces: Accept chooses, and what cannot be made is refused with 406", async () => {
  const send = (accept?: string) =>
    ask("/word", {
      method: "POST",
      body: "a",
      headers: { "content-type": "text/plain", ...(accept === undefined ? {} : { accept }) },
    }, "content-type");
  assertEquals(await send(), [200, "application/json", '"A"']);
  assertEquals(await send("text/plain"), [200, "text/plain", "A"]);
  assertEquals(await send("text/*;q=0.9, application/json;q=0.1"), [200, "text/plain", "A"]);
  assertEquals(await send("*/*"), [200, "application/json", '"A"']);
  assertEquals(await send("text/html, */*;q=0.1"), [200, "application/json", '"A"']);
  const [status, , text] = await send("image/png, text/plain;q=0");
  const error = JSON.parse(text as string);
  assertEquals([status, error.name, error.message], [
    406,
    "not_acceptable",
    "cellar.word: the response can only be application/json or text/plain",
  ]);
  assertEquals(await client.word("a"), "A");
  const plain = httpClient(cellar, "http://localhost", {
    fetch: (request) => {
      request.headers.set("accept", "text/plain");
      return handler(request);
    },
  });
  assertEquals(await plain.word("b"), "B");
  assertEquals(await plain.word(""), "");
});

Deno.test("MapParams: the query is a map", async () => {
  assertEquals(await ask("/search?p=2&a=1&b=2&a=3&__proto__=4"), [
    200,
    JSON.stringify('{"page":2,"filters":{"a":[1,3],"b":[2],"__proto__":[4]}}'),
  ]);
  assertEquals((await ask("/search?p=2"))[0], 400);
  assertEquals((await ask("/search?p=2&a=x"))[0], 400);
  assertEquals(await ask("/query?1=true&2=false"), [200, JSON.stringify("[[1,true],[2,false]]")]);
  assertEquals(await ask("/query"), [200, JSON.stringify("[]")]);
  assertEquals(
    await client.search({ page: 1, filters: { "a b": [1, 2] } }),
    '{"page":1,"filters":{"a b":[1,2]}}',
  );
  assertEquals(new URL(wire.request!.url).search, "?p=1&a%20b=1&a%20b=2");
  assertEquals(await client.query(new Map([[5, true]])), "[[5,true]]");
  assertEquals(await client.query(new Map(), { timeout: 5000 }), "[]");
  const error = await assertRejects(() => client.search({ page: 1, filters: { p: [1] } }), ServiceError);
  assertEquals([error.name, error.message], [
    "invalid_format",
    'cellar.search: filters cannot have the key "p", which is a parameter of its own',
  ]);
  assert(wire.request !== undefined);
});

const paths = d.Service(
  "paths",
  d.HTTP(d.Path("/a")),
  d.Method(
    "item",
    d.Payload(d.Field(1, "id", d.Int), d.Field(2, "rest", d.String), d.Required("id", "rest")),
    d.Result(d.String),
    d.HTTP(d.GET("//x/{id:n}/{*rest}"), d.GET("//z/{id:n}/{*rest}")),
  ),
);

Deno.test("paths: every route serves, under its own names, without the paths of the service", async () => {
  const app = httpHandler([implement(paths, { item: ({ payload: { id, rest } }) => `${id} ${rest}` })]);
  const texts = [];
  for (const path of ["/x/1/a/b", "/z/2/", "/x/3/a%2Fb"]) {
    texts.push(await (await app(new Request(`http://localhost${path}`))).json());
  }
  assertEquals(texts, ["1 a/b", "2 ", "3 a/b"]);
});

const tenants = d.Service(
  "tenants",
  d.HTTP(
    d.Path("/b/{tenant}"),
    d.Path("/c/{tenant}"),
    d.Params(d.Param("trace")),
    d.Headers(d.Header("key:X-Key")),
  ),
  d.Method(
    "list",
    d.Payload(
      d.Field(1, "tenant", d.String),
      d.Field(2, "trace", d.Boolean),
      d.Field(3, "key", d.String),
      d.Field(4, "rest", d.MapOf(d.String, d.String)),
      d.Required("tenant"),
    ),
    d.StreamingResult(d.String),
    d.HTTP(d.GET("/list"), d.GET("/ls"), d.MapParams("rest")),
  ),
);

Deno.test("paths, groups and maps of the service reach a stream's payload", async () => {
  const app = httpHandler([implement(tenants, {
    async *list({ payload }) {
      yield await show(payload);
    },
  })]);
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, app);
  try {
    for (const path of ["/b/t/list", "/c/t/list", "/b/t/ls", "/c/t/ls"]) {
      const socket = new WebSocket(`ws://127.0.0.1:${server.addr.port}${path}?trace=1&a=b`);
      const { data } = await new Promise<MessageEvent>((resolve, reject) => {
        socket.onmessage = resolve;
        socket.onerror = reject;
      });
      const closed = new Promise((resolve) => socket.onclose = resolve);
      assertEquals(JSON.parse(JSON.parse(data)), { tenant: "t", trace: true, rest: { a: "b" } });
      await closed;
    }
    await using caller = httpClient(tenants, `http://127.0.0.1:${server.addr.port}`);
    const payload = { tenant: "ü", trace: false, key: "k", rest: { a: "1&2" } };
    assertEquals((await Array.fromAsync(caller.list(payload))).map((text) => JSON.parse(text)), [payload]);
  } finally {
    await server.shutdown();
  }
});
