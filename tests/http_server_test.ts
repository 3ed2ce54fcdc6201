/** The fetch handler, by requests as anybody may make them. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { implement } from "../src/core/implement.ts";
import type { CallRequest } from "../src/core/exchange.ts";
import {
  Any,
  Field,
  GET,
  HTTP,
  Int,
  Method,
  Param,
  Payload,
  POST,
  Required,
  Result,
  Service,
  String,
} from "../src/design/mod.ts";
import type { ServiceError } from "../src/errors/service_error.ts";
import { httpHandler } from "../src/http/handler.ts";
import { shop, streams } from "./http_design.ts";
import { shopHandlers, streamsHandlers } from "./http_handlers.ts";

const handler = httpHandler([implement(shop, shopHandlers()), implement(streams, streamsHandlers())]);

async function ask(verb: string, target: string, init: RequestInit = {}) {
  const response = await handler(new Request(`http://localhost${target}`, { method: verb, ...init }));
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
}

function json(body: unknown, headers: Record<string, string> = {}): RequestInit {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { body: text, headers: { "content-type": "application/json", ...headers } };
}

async function assertRefused(
  asked: ReturnType<typeof ask>,
  status: number,
  name: string,
  message?: RegExp,
): Promise<Headers> {
  const got = await asked;
  assertEquals([got.status, got.json().name], [status, name], got.text);
  assertEquals(got.headers.get("goa-error"), name);
  assertEquals(got.headers.get("content-type"), "application/json");
  assertEquals(Object.keys(got.json()).slice(0, 6), [
    "name",
    "id",
    "message",
    "temporary",
    "timeout",
    "fault",
  ]);
  if (message !== undefined) assertMatch(got.json().message, message);
  return got.headers;
}

Deno.test("a payload is made of path, query, headers, cookies and body", async () => {
  const got = await ask(
    "PUT",
    "/shop/places/18446744073709551615/a%2Fb/c%20d//e?ids=9007199254740993&flag=true&ids=-1&n=3&other=%20",
    json(
      `{"name":"x","big":-9223372036854775808,"data":"AQI=","any":{"a":[1]},"__proto__":"p"}`,
      {
        "X-TRACE": "t",
        "x-tags": "a, b,c",
        cookie: "other=1; SID=s1; SID=s2",
      },
    ),
  );
  assertEquals(got.status, 200, got.text);
  assertEquals(got.json(), [
    "id 18446744073709551615n",
    "rest a/b/c d//e",
    "ids 9007199254740993n,-1n",
    "flag true",
    "trace t",
    "tags a,b,c",
    "session s1",
    "name x",
    "big -9223372036854775808n",
    "data 1,2",
    "count 3",
    'any {"a":[1]}',
    "__proto__ p",
  ]);
});

Deno.test("what nobody sent is left out, and defaults are filled in", async () => {
  const got = await ask("PUT", "/shop/places/1/", json({ name: "x" }));
  assertEquals(got.json(), ["id 1n", "rest ", "name x", "count 7"]);
});

Deno.test("a body cannot speak for what travels elsewhere", async () => {
  const body = {
    name: "x",
    id: 5,
    rest: "r",
    ids: [1],
    flag: true,
    trace: "t",
    tags: [],
    session: "s",
    count: 9,
  };
  const got = await ask("PUT", "/shop/places/1/q", json(body));
  assertEquals(got.json(), ["id 1n", "rest q", "name x", "count 7"]);
});

Deno.test("attributes may be called as what all objects inherit", async () => {
  const odd = Service(
    "odd",
    Method(
      "odd",
      Payload(Field(1, "id", Int), Field(2, "toString", String), Field(3, "valueOf", String), Required("id")),
      Result(Any),
      HTTP(POST("/odd/{id}"), Param("valueOf")),
    ),
  );
  const own = httpHandler([implement(odd, { odd: ({ payload }) => Object.entries(payload) })]);
  const post = async (target: string, body: string) => {
    const response = await own(new Request(`http://localhost${target}`, { method: "POST", ...json(body) }));
    return await response.json();
  };
  assertEquals(await post("/odd/1", "{}"), [["id", 1]]);
  assertEquals(await post("/odd/1?valueOf=v", '{"toString":"s","valueOf":"w"}'), [["id", 1], [
    "toString",
    "s",
  ], [
    "valueOf",
    "v",
  ]]);
});

Deno.test("text in headers is UTF-8", async () => {
  const bytes = [...new TextEncoder().encode("größe €")].map((b) => globalThis.String.fromCharCode(b)).join(
    "",
  );
  const got = await ask("PUT", "/shop/places/1/", json({ name: "x" }, { "x-trace": bytes }));
  assertEquals(got.json()[2], "trace größe €");
  const latin = await ask("PUT", "/shop/places/1/", json({ name: "x" }, { "x-trace": "gr\u00f6\u00dfe" }));
  assertEquals(latin.json()[2], "trace größe");
});

Deno.test("a query parameter of one value that comes twice counts the first time", async () => {
  assertEquals((await ask("GET", "/shop/find/x?page=2&page=3")).json(), { name: "x", page: 2 });
});

Deno.test("payloads that are no objects come whole", async () => {
  assertEquals((await ask("GET", "/shop/text/a%20%2F%C3%A9")).json(), "a /é");
  assertEquals((await ask("POST", "/shop/echo", json("[1,2]"))).json(), [1, 2]);
  assertEquals((await ask("POST", "/shop/map", json({ 1: "a", 2: "b" }))).json(), { 1: "a", 2: "b" });
});

Deno.test("a body may be left out when nothing in it is required", async () => {
  assertEquals((await ask("POST", "/shop/optional")).json(), { b: 5 });
  assertEquals((await ask("POST", "/shop/optional", json(""))).json(), { b: 5 });
  assertEquals((await ask("POST", "/shop/optional", json({ a: null, b: 6, c: 1 }))).json(), { b: 6 });
  await assertRefused(
    ask("POST", "/shop/things"),
    400,
    "missing_payload",
    /^shop\.create: missing required payload$/,
  );
  await assertRefused(ask("POST", "/shop/echo"), 400, "missing_payload");
});

Deno.test("invalid payloads are named", async () => {
  const find = (target: string) => ask("GET", `/shop/find/${target}`);
  await assertRefused(find("x?page=abc"), 400, "invalid_field_type", /shop\.find.*page/);
  await assertRefused(find("x?page="), 400, "invalid_field_type");
  await assertRefused(find("x?page=1.5"), 400, "invalid_field_type");
  await assertRefused(find("x?page=0"), 400, "invalid_range");
  await assertRefused(find("x?page=101&sort=left"), 400, "invalid_range", /page.*sort/s);
  await assertRefused(find("x?sort=left"), 400, "invalid_enum_value");
  await assertRefused(find("x?price=NaN"), 400, "invalid_field_type");
  await assertRefused(find("x?sort=%zz"), 400, "invalid_format", /query/);
  await assertRefused(find("%zz"), 400, "invalid_format", /path/);
  await assertRefused(find("%ff"), 400, "invalid_format");
  const create = (body: string | Uint8Array<ArrayBuffer>) =>
    ask("POST", "/shop/things", { body, headers: { "content-type": "application/json" } });
  await assertRefused(create("{"), 400, "decode_payload", /shop\.create/);
  await assertRefused(create("{} x"), 400, "decode_payload");
  await assertRefused(create("null"), 400, "invalid_field_type");
  await assertRefused(create("[]"), 400, "invalid_field_type");
  await assertRefused(create('"x"'), 400, "invalid_field_type");
  await assertRefused(create("{}"), 400, "missing_field", /name/);
  await assertRefused(create('{"name":1}'), 400, "invalid_field_type");
  await assertRefused(create(Uint8Array.of(0x22, 0xff, 0x22)), 400, "decode_payload", /UTF-8/);
  const places = (body: string, id = "1") => ask("PUT", `/shop/places/${id}/r`, json(body));
  await assertRefused(places("{"), 400, "decode_payload");
  await assertRefused(places("null"), 400, "invalid_field_type");
  await assertRefused(places("[]"), 400, "invalid_field_type");
  await assertRefused(places("", "1"), 400, "missing_payload");
  await assertRefused(places('{"name":"x"}', "18446744073709551616"), 400, "invalid_range");
  await assertRefused(places('{"name":"x"}', "-1"), 400, "invalid_range");
  await assertRefused(places('{"name":"x","big":9223372036854775808}'), 400, "invalid_range");
  await assertRefused(
    places(`{"name":"x","any":${"[".repeat(200)}${"]".repeat(200)}}`),
    400,
    "invalid_length",
  );
});

Deno.test("bodies are JSON", async () => {
  const send = (type: string | undefined, body: BodyInit = '{"name":"x"}') => {
    const headers = new Headers();
    if (type !== undefined) headers.set("content-type", type);
    return ask("POST", "/shop/things", { body: new Blob([body as string]), headers });
  };
  for (
    const type of [
      "application/json",
      "application/json; charset=utf-8",
      "application/vnd.x.y+json",
      "Application/JSON",
    ]
  ) {
    assertEquals((await send(type)).status, 201, type);
  }
  for (
    const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/jsonx",
      "text/json+x",
      "application/json; charset=latin1",
      undefined,
    ]
  ) {
    await assertRefused(send(type), 415, "unsupported_media_type");
  }
});

Deno.test("a body may have the character that stands for what is no UTF-8, and may not be that", async () => {
  const echo = (body: string | Uint8Array<ArrayBuffer>) =>
    ask("POST", "/shop/things", { body, headers: { "content-type": "application/json" } });
  assertEquals((await echo('{"name":"\ufffd"}')).status, 201);
  // Cut off after three of four bytes: as long as the character itself.
  const cut = new TextEncoder().encode('{"name":"???"}');
  cut.set([0xf0, 0x9f, 0x98], cut.indexOf(63));
  await assertRefused(echo(cut), 400, "decode_payload", /UTF-8/);
});

Deno.test("bodies are bounded, whatever content-length says", async () => {
  const small = httpHandler([implement(shop, shopHandlers())], { limits: { messageBytes: 20 } });
  const post = async (body: BodyInit, headers: HeadersInit = {}) => {
    const request = new Request("http://localhost/shop/echo", {
      method: "POST",
      body,
      headers: { "content-type": "application/json", ...headers },
      ...{ duplex: "half" },
    });
    const response = await small(request);
    return { status: response.status, body: await response.json() };
  };
  assertEquals(await post(JSON.stringify("x".repeat(18))), { status: 200, body: "x".repeat(18) });
  const over = await post(JSON.stringify("x".repeat(19)));
  assertEquals([over.status, over.body.name], [413, "too_large"]);
  const said = await post('"x"', { "content-length": "21" });
  assertEquals([said.status, said.body.name], [413, "too_large"]);

  let pulled = 0;
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(8).fill(0x20));
    },
    cancel() {
      cancelled = true;
    },
  }, { highWaterMark: 0 });
  const lying = await post(endless, { "content-length": "5" });
  assertEquals([lying.status, lying.body.name], [413, "too_large"]);
  assertEquals([pulled, cancelled], [3, true]);
});

Deno.test("results answer by design: status, headers, what is left in the body", async () => {
  const created = await ask("POST", "/shop/things", json({ name: "x" }));
  assertEquals(created.status, 201);
  assertEquals(created.headers.get("location"), "/things/9007199254740993");
  assertEquals(created.headers.get("x-id"), "9007199254740993");
  assertEquals(created.headers.get("x-words"), "a, b");
  assertEquals(created.headers.get("content-type"), "application/json");
  assertEquals(created.json(), { note: "x" });

  const removed = await ask("DELETE", "/shop/things/1");
  assertEquals([removed.status, removed.text, removed.headers.get("content-type")], [204, "", null]);
  const accepted = await ask("PATCH", "/shop/things/1");
  assertEquals([accepted.status, accepted.text, accepted.headers.get("x-token")], [202, "", "t1"]);
  assertEquals((await ask("GET", "/shop/nothing")).status, 204);

  const exact = await ask("POST", "/shop/echo", json("1"));
  assertEquals(exact.headers.get("goa-view"), null);
});

Deno.test("a handler sets headers, the body's own excepted", async () => {
  const got = await ask("GET", "/shop/text/headers");
  assertEquals(got.headers.get("x-own"), "1");
  assertEquals(got.headers.getSetCookie(), ["a=1", "b=2"]);
  assertEquals(got.headers.get("x-trailer"), "2");
  assertEquals(got.headers.get("content-length"), null);
  assertEquals(got.headers.get("content-type"), "application/json");
});

Deno.test("answers without headers of their own share none", async () => {
  const plain = Service("plain", Method("one", Result(Int), HTTP(GET("/one"))));
  const serve = httpHandler([implement(plain, { one: () => 1 })]);
  const first = await serve(new Request("http://localhost/one"));
  first.headers.set("x-mine", "1");
  first.headers.delete("content-type");
  const second = await serve(new Request("http://localhost/one"));
  assertEquals([...second.headers], [["content-type", "application/json"]]);
  assertEquals(await second.text(), "1");
});

Deno.test("results are projected on the view that the handler chose", async () => {
  const bottle = { id: 1, name: "n", notes: "long" };
  const full = await ask("GET", "/shop/show?view=default");
  assertEquals([full.headers.get("goa-view"), full.json()], ["default", bottle]);
  const tiny = await ask("GET", "/shop/show?view=tiny");
  assertEquals([tiny.headers.get("goa-view"), tiny.json()], ["tiny", { id: 1, name: "n" }]);
  const pinned = await ask("GET", "/shop/tiny");
  assertEquals([pinned.headers.get("goa-view"), pinned.json()], ["tiny", { id: 1, name: "n" }]);
  const list = await ask("GET", "/shop/list?view=tiny");
  assertEquals([list.headers.get("goa-view"), list.json()], ["tiny", [{ id: 1, name: "n" }]]);
  await assertRefused(ask("GET", "/shop/show?view=other"), 400, "invalid_enum_value");
});

Deno.test("errors answer by design, by name, by flags", async () => {
  const fail = (how: string) => ask("POST", "/shop/fail", json({ how }));
  const cases: [string, number][] = [
    ["plain", 400],
    ["mapped", 409],
    ["busy", 503],
    ["late", 408],
    ["both", 504],
    ["broken", 500],
    ["unavailable", 503],
    ["too_large", 413],
    ["overloaded", 429],
    ["unauthorized", 401],
    ["forbidden", 403],
    ["canceled", 499],
    ["unimplemented", 501],
    ["timeout", 408],
    ["undeclared", 400],
    ["word", 400],
  ];
  for (const [name, status] of cases) await assertRefused(fail(name), status, name);
  const busy = (await fail("busy")).json();
  assertEquals([busy.message, busy.temporary, busy.timeout, busy.fault], ["it is busy", true, false, false]);
  assertMatch(busy.id, /^[\w-]{8}$/);

  const missing = await fail("missing");
  assertEquals(missing.status, 404);
  assertEquals(missing.headers.get("x-tries"), "3");
  assertEquals(missing.json().data, { id: "b1", tries: 3 });
  assertEquals((await fail("word")).json().data, "a word");
});

Deno.test("what a handler throws is hidden, and told to onError under the same id", async () => {
  const seen: { error: ServiceError; call: CallRequest }[] = [];
  const own = httpHandler([implement(shop, shopHandlers())], {
    onError(error, call) {
      seen.push({ error, call });
      throw new Error("the log is full");
    },
  });
  const response = await own(
    new Request("http://localhost/shop/fail", { method: "POST", ...json({ how: "throw" }) }),
    { remoteAddr: { transport: "tcp", hostname: "::1", port: 9 } },
  );
  const body = await response.json();
  assertEquals([response.status, body.name, body.message, body.fault], [
    500,
    "fault",
    "internal error",
    true,
  ]);
  assertEquals(seen.length, 1);
  assertEquals(seen[0]!.error.id, body.id);
  assertEquals((seen[0]!.error.cause as Error).message, "secret");
  const { service, method, transport, peer } = seen[0]!.call;
  assertEquals({ service, method, transport, peer }, {
    service: "shop",
    method: "fail",
    transport: "http",
    peer: "[::1]:9",
  });
  // A result that does not fit the design is the server's fault.
  const invalid = await own(
    new Request("http://localhost/shop/fail", { method: "POST", ...json({ how: "result" }) }),
  );
  assertEquals([invalid.status, (await invalid.json()).name], [500, "fault"]);
  assertEquals((seen[1]!.error.cause as ServiceError).name, "invalid_field_type");
  // Input errors are told, too.
  await own(new Request("http://localhost/shop/fail", { method: "POST", ...json({}) }));
  assertEquals(seen[2]!.error.name, "missing_field");
});

Deno.test("a handler that spoils its response ends with a fault, not with a crash", async () => {
  await assertRefused(ask("GET", "/shop/text/status"), 500, "fault");
});

Deno.test("what no route serves", async () => {
  await assertRefused(ask("GET", "/"), 404, "not_found", /nothing is served at \//);
  await assertRefused(ask("GET", "/shop/find/x/"), 404, "not_found");
  await assertRefused(ask("GET", "/shop/find/"), 404, "not_found");
  const headers = await assertRefused(ask("GET", "/shop/things"), 405, "method_not_allowed");
  assertEquals(headers.get("allow"), "POST");
  assertEquals(
    (await assertRefused(ask("PUT", "/shop/things/1"), 405, "method_not_allowed")).get("allow"),
    "DELETE, PATCH",
  );
  assertEquals((await ask("OPTIONS", "/shop/text/a")).headers.get("allow"), "GET, HEAD");
});

Deno.test("HEAD answers as GET, without a body", async () => {
  const head = await ask("HEAD", "/shop/show?view=tiny");
  assertEquals([head.status, head.headers.get("goa-view"), head.text], [200, "tiny", ""]);
  assertEquals(head.headers.get("content-type"), "application/json");
  const none = await ask("HEAD", "/nowhere");
  assertEquals([none.status, none.text, none.headers.get("goa-error")], [404, "", "not_found"]);
  assertEquals((await ask("HEAD", "/shop/find/x?page=0")).status, 400);
});

Deno.test("paths and names in any script", async () => {
  assertEquals((await ask("GET", "/shop/caf%C3%A9/7")).json(), { größe: 7 });
  await assertRefused(ask("GET", "/shop/café/x"), 400, "invalid_field_type", /größe/);
});

Deno.test("the caller's deadline counts", async () => {
  const wait = (target: string, headers: HeadersInit = {}) => ask("GET", `/shop/wait${target}`, { headers });
  await assertRefused(wait("", { "goats-timeout": "5" }), 408, "timeout");
  await assertRefused(wait("?goats-timeout=5"), 408, "timeout");
  await assertRefused(wait("", { "goats-timeout": "0" }), 408, "timeout");
  assertEquals((await wait("?n=1", { "goats-timeout": "999999999999" })).json(), 1);
  for (const bad of ["-1", "1.5", "1e3", "soon", " ", "", "9".repeat(16)]) {
    await assertRefused(wait("?n=1", { "goats-timeout": bad }), 400, "invalid_format", /goats-timeout/);
  }
  await assertRefused(wait("?goats-timeout=x"), 400, "invalid_format");
});

Deno.test("a stream needs an upgrade", async () => {
  const headers = await assertRefused(
    ask("GET", "/a/count?to=1"),
    426,
    "upgrade_required",
    /text\/event-stream/,
  );
  const accept = "text/event-stream"; // says what the error says
  assertEquals((await ask("GET", "/a/count?to=1", { headers: { accept } })).status, 200);
  await assertRefused(ask("GET", "/sum"), 426, "upgrade_required", /WebSocket$/);
  assertEquals(headers.get("upgrade"), "websocket");
  assertEquals((await ask("HEAD", "/a/count?to=1")).status, 426);
  await assertRefused(ask("GET", "/sum", { headers: { upgrade: "h2c" } }), 426, "upgrade_required");
  assertEquals((await ask("POST", "/sum")).status, 405);
  // An upgrade that is no handshake is refused like any other bad request.
  const bad = await ask("GET", "/sum", { headers: { upgrade: "websocket" } });
  assertEquals(bad.status, 400, bad.text);
});

Deno.test("a probe decides as an upgrade would, and runs nothing", async () => {
  let ran = 0;
  const errors: string[] = [];
  const own = httpHandler([implement(streams, streamsHandlers(() => ran++))], {
    origins: ["https://good.example"],
    onError: (error) => errors.push(error.name),
  });
  const probe = async (target: string, headers: Record<string, string> = {}) => {
    const request = new Request(`http://localhost${target}`, { headers: { "goats-probe": "1", ...headers } });
    const response = await own(request);
    return [response.status, (await response.json()).name];
  };
  assertEquals(await probe("/a/count?to=1"), [426, "upgrade_required"]);
  assertEquals(await probe("/a/count?to=1", { origin: "https://good.example" }), [426, "upgrade_required"]);
  assertEquals(await probe("/a/count?to=1", { origin: "https://bad.example" }), [403, "forbidden"]);
  assertEquals(await probe("/a/count?to=x"), [400, "invalid_field_type"]);
  assertEquals(await probe("/a/count?to=1001"), [400, "invalid_range"]);
  assertEquals(await probe("/a/count"), [400, "missing_field"]);
  assertEquals(await probe("/a/count?to=1&goats-timeout=x"), [400, "invalid_format"]);
  assertEquals(await probe("/nowhere"), [404, "not_found"]);
  assertEquals(ran, 0);
  assertEquals(errors, []);
  // The upgrade itself is reported.
  const refused = await own(
    new Request("http://localhost/a/count?to=x", { headers: { upgrade: "websocket" } }),
  );
  assertEquals([refused.status, (await refused.json()).name], [400, "invalid_field_type"]);
  assertEquals(errors, ["invalid_field_type"]);
});

Deno.test("routes of services that are served together are unique", () => {
  const a = Payload(Field(1, "a", String), Required("a"));
  const b = Payload(Field(1, "b", String), Required("b"));
  const one = Service("one", Method("m", a, HTTP(GET("/x/{a}"))), Method("n", HTTP(GET("/x/y"))));
  const two = Service("two", Method("m", b, HTTP(GET("/x/{b}"))));
  const error = assertThrows(
    () => httpHandler([implement(one, { m() {}, n() {} }), implement(two, { m() {} })]),
    TypeError,
  );
  assertMatch(
    error.message,
    /^Cannot serve these together: GET \/x\/\{b\} of two\.m \(.*http_server_test\.ts:\d+.*\) is already the route of one\.m \(.*http_server_test\.ts:\d+.*\)$/,
  );
  assertThrows(() => {
    const same = implement(shop, shopHandlers());
    httpHandler([same, same]);
  }, TypeError);
});

Deno.test("calls run side by side, and a shutdown waits for them", async () => {
  const own = httpHandler([implement(shop, shopHandlers())]);
  const many = await Promise.all(
    Array.from({ length: 200 }, async (_, n) => {
      const response = await own(new Request(`http://localhost/shop/wait?n=${n}`));
      return await response.json();
    }),
  );
  assertEquals(many, Array.from({ length: 200 }, (_, n) => n));
  assertEquals(own.calls, 0);

  const open = Promise.withResolvers<number>();
  const slow = httpHandler([implement(shop, { ...shopHandlers(), wait: () => open.promise })]);
  const answer = slow(new Request("http://localhost/shop/wait"));
  while (slow.calls === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  const stopped = slow.shutdown(60_000);
  const refused = await slow(new Request("http://localhost/shop/wait"));
  assertEquals([refused.status, refused.headers.get("connection")], [503, "close"]);
  assertEquals((await refused.json()).name, "unavailable");
  open.resolve(5);
  assertEquals(await (await answer).json(), 5);
  await stopped;
  await slow.shutdown();
});

Deno.test("a shutdown ends calls that will not end", async () => {
  let aborted: unknown;
  const stuck = httpHandler([implement(shop, {
    ...shopHandlers(),
    wait: ({ signal }) => {
      signal.addEventListener("abort", () => aborted = signal.reason);
      return new Promise<number>(() => {});
    },
  })]);
  const answer = stuck(new Request("http://localhost/shop/wait"));
  while (stuck.calls === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  await stuck.shutdown(10);
  const response = await answer;
  assertEquals([response.status, (await response.json()).name], [503, "unavailable"]);
  assertEquals((aborted as ServiceError).name, "unavailable");
});

Deno.test("a caller that leaves aborts the handler's signal; one that stays never does", async () => {
  const started = Promise.withResolvers<void>();
  const left = Promise.withResolvers<unknown>();
  const errors: unknown[] = [];
  const signals: AbortSignal[] = [];
  const own = httpHandler([
    implement(shop, {
      ...shopHandlers(),
      wait: ({ signal, payload }) => {
        signals.push(signal);
        if (payload.n !== undefined) {
          return new Promise((resolve) => setTimeout(() => resolve(payload.n!), 10));
        }
        signal.addEventListener("abort", () => left.resolve(signal.reason));
        started.resolve();
        return new Promise<number>(() => {});
      },
    }),
  ], { onError: (error) => errors.push(error) });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, own);
  const url = `http://127.0.0.1:${server.addr.port}/shop/wait`;
  assertEquals(await (await fetch(`${url}?n=4`)).json(), 4);

  const controller = new AbortController();
  const asked = fetch(url, { signal: controller.signal }).catch((error) => error.name);
  await started.promise;
  controller.abort();
  assertEquals(await asked, "AbortError");
  assertEquals((await left.promise as ServiceError).name, "canceled");
  assertEquals(errors, []);
  // The handler above never returns; a shutdown of the server does not wait for the caller that left.
  await server.shutdown();
  assertEquals(signals.map((signal) => signal.aborted), [false, true]);
});

Deno.test("a caller that leaves in the middle of its body is no news", async () => {
  const errors: ServiceError[] = [];
  const own = httpHandler([implement(shop, shopHandlers())], { onError: (error) => errors.push(error) });
  const seen = Promise.withResolvers<void>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request, info) => {
    const response = await own(request, info);
    assertEquals(response.status, 499);
    seen.resolve();
    return response;
  });
  const socket = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
  await socket.write(new TextEncoder().encode(
    "POST /shop/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n[1,",
  ));
  socket.close();
  await seen.promise;
  await server.shutdown();
  assert(errors.every((error) => error.name === "canceled"));
});
