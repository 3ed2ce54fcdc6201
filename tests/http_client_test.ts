/** The client, against the handler in the same process and over a socket, and against servers that are no goats. */
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import type { ClientOf } from "../src/core/client_types.ts";
import { implement } from "../src/core/implement.ts";
import { httpClient, type HttpClientOptions } from "../src/http/client.ts";
import { errorOf, ServiceError } from "../src/http/client_mod.ts";
import { httpHandler, type HttpHandlerOptions } from "../src/http/handler.ts";
import { shop, streams } from "./http_design.ts";
import { shopHandlers, streamsHandlers } from "./http_handlers.ts";
import { until } from "./behaviour/until.ts";

type Shop = ClientOf<typeof shop>;

function within(
  options: HttpClientOptions = {},
  handlers = shopHandlers(),
  server: HttpHandlerOptions = {},
): Shop & AsyncDisposable {
  const handler = httpHandler([implement(shop, handlers)], server);
  return httpClient(shop, "http://localhost", { fetch: handler, ...options });
}

/** A client whose requests `answer` answers. */
function against(
  answer: (request: Request) => Response | Promise<Response>,
  options: HttpClientOptions = {},
): Shop {
  return httpClient(shop, "http://localhost/base/", {
    fetch: async (request) => await answer(request),
    ...options,
  });
}

async function refused(call: Promise<unknown>): Promise<ServiceError> {
  const error = await assertRejects(() => call);
  assertInstanceOf(error, ServiceError);
  return error;
}

const full = {
  id: 18446744073709551615n,
  rest: "a/b c/ü/%2F/",
  name: "x",
  ids: [9007199254740993n, -1n],
  flag: false,
  trace: "größe €",
  tags: ["a", "b c"],
  session: "s1",
  big: -9223372036854775808n,
  data: new Uint8Array([1, 2]),
  count: 3,
  any: { a: [1, "x"] },
} as const;

const told = [
  "id 18446744073709551615n",
  "rest a/b c/ü/%2F/",
  "ids 9007199254740993n,-1n",
  "flag false",
  "trace größe €",
  "tags a,b c",
  "session s1",
  "name x",
  "big -9223372036854775808n",
  "data 1,2",
  "count 3",
  'any {"a":[1,"x"]}',
];

Deno.test("payloads reach the handler as they were, within the process and over a socket", async () => {
  const handler = httpHandler([implement(shop, shopHandlers())]);
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  for (
    const client of [
      httpClient(shop, "http://localhost", { fetch: handler }),
      httpClient(shop, `http://127.0.0.1:${server.addr.port}`),
    ]
  ) {
    assertEquals(await client.places({ ...full, ids: [...full.ids], tags: [...full.tags] }), told);
    assertEquals(await client.places({ id: 0n, rest: "", name: "" }), ["id 0n", "rest ", "name ", "count 7"]);
    assertEquals(await client.find({ name: "a/b?c#d%&ü😀 ", page: 2, sort: "up", price: -1.5e-7 }), {
      name: "a/b?c#d%&ü😀 ",
      page: 2,
      sort: "up",
      price: -1.5e-7,
    });
    assertEquals(await client.text("x y/z"), "x y/z");
    assertEquals(await client.echo({ deep: [null, 1, "x", { y: true }] }), {
      deep: [null, 1, "x", { y: true }],
    });
    assertEquals(await client.optional(), { b: 5 });
    assertEquals(await client.map(new Map([[1, "a"], [-2, "b"]])), new Map([[1, "a"], [-2, "b"]]));
    assertEquals(await client.create({ name: "n" }), {
      id: 9007199254740993n,
      location: "/things/9007199254740993",
      words: ["a", "b"],
      note: "n",
    });
    assertEquals(await client.remove({ id: 1 }), undefined);
    assertEquals(await client.accept({ id: 1 }), { token: "t1" });
    assertEquals(await client.nothing(), undefined);
    assertEquals(await client.café({ größe: 7 }), { größe: 7 });
    assertEquals(await client.show({ view: "tiny" }) as unknown, { id: 1, name: "n" });
    assertEquals(await client.show({ view: "default" }), { id: 1, name: "n", notes: "long" });
    assertEquals(await client.list({ view: "tiny" }) as unknown, [{ id: 1, name: "n" }]);
    assertEquals(await client.tiny() as unknown, { id: 1, name: "n" });
    const error = await refused(client.fail({ how: "missing" }));
    assertEquals(errorOf(shop, "fail", error)?.data, { id: "b1", tries: 3 });
    await client.close();
  }
  await server.shutdown();
});

Deno.test("errors come back as they were", async () => {
  await using client = within();
  const fail = (how: string) => refused(client.fail({ how }));
  for (
    const name of [
      "plain",
      "mapped",
      "busy",
      "late",
      "both",
      "broken",
      "undeclared",
      "unavailable",
      "too_large",
    ]
  ) {
    const error = await fail(name);
    assertEquals(error.name, name);
    assertMatch(error.id, /^[\w-]{8}$/);
  }
  const both = await fail("both");
  assertEquals([both.message, both.temporary, both.timeout, both.fault], ["it is both", true, true, false]);
  for (const name of ["missing", "gone"] as const) {
    const error = errorOf(shop, "fail", await fail(name));
    assert(error?.name === name);
    assertEquals(error.data, { id: "b1", tries: 3 });
  }
  assertEquals((await fail("word")).data, "a word");
  const hidden = await fail("throw");
  assertEquals([hidden.name, hidden.message, hidden.fault], ["fault", "internal error", true]);
});

Deno.test("invalid payloads are not sent", async () => {
  let sent = 0;
  const client = against(() => {
    sent++;
    return Response.json(null);
  });
  const names = await Promise.all([
    refused(client.find({ name: "x", page: 0 })),
    refused(client.find({ name: 1 as unknown as string })),
    refused(client.find(undefined as unknown as { name: string })),
    refused(client.find({ name: "" })),
    refused(client.find({ name: "." })),
    refused(client.find({ name: ".." })),
    refused(client.places({ id: 1n, rest: "a/../b", name: "x" })),
    refused(client.places({ id: 1n, rest: "r", name: "x", trace: "a\r\nb: c" })),
    refused(client.places({ id: 1n, rest: "r", name: "x", trace: " padded" })),
    refused(client.places({ id: 1n, rest: "r", name: "x", tags: ["a,b"] })),
    refused(client.places({ id: 1n, rest: "r", name: "x", session: "a;b" })),
  ]);
  assertEquals(names.map((error) => error.name), [
    "invalid_range",
    "invalid_field_type",
    "missing_field",
    ...Array(8).fill("invalid_format"),
  ]);
  assertEquals(sent, 0);
  await client.close();
});

Deno.test("requests are those of the design", async () => {
  const requests: Request[] = [];
  const client = against((request) => {
    requests.push(request);
    return Response.json([]);
  });
  await client.places({ id: 1n, rest: "a b/ü", name: "x", ids: [], flag: true });
  const [request] = requests;
  assertEquals(request!.method, "PUT");
  assertEquals(request!.url, "http://localhost/base/shop/places/1/a%20b/%C3%BC?flag=true&n=7");
  assertEquals(request!.headers.get("content-type"), "application/json");
  assertEquals(request!.headers.get("accept"), "application/json");
  assertEquals(request!.headers.get("goats-timeout"), null);
  assertEquals(JSON.parse(await request!.text()), { name: "x" });
  await client.find({ name: "x" }, { timeout: 1234.5 });
  assertEquals([requests[1]!.method, requests[1]!.body], ["GET", null]);
  assertEquals(requests[1]!.headers.get("goats-timeout"), "1235");
  assertEquals(requests[1]!.headers.get("content-type"), null);
  await client.close();
});

Deno.test("headers of the client, of the call, of the design: the later wins", async () => {
  const headers: Headers[] = [];
  const echo = (options: HttpClientOptions) =>
    against((request) => {
      headers.push(request.headers);
      return Response.json([]);
    }, options);
  const payload = { id: 1n, rest: "r", name: "x", trace: "design" };
  await echo({ headers: { a: "client", b: "client", "x-trace": "client" } })
    .places(payload, { headers: { b: "call", "x-trace": "call" } });
  assertEquals(["a", "b", "x-trace"].map((name) => headers[0]!.get(name)), ["client", "call", "design"]);
  let n = 0;
  const fresh = echo({ headers: () => ({ token: `${++n}` }) });
  await fresh.nothing();
  await fresh.nothing();
  const later = echo({ headers: () => Promise.resolve([["token", "later"]] as [string, string][]) });
  await later.nothing();
  assertEquals(headers.slice(1).map((h) => h.get("token")), ["1", "2", "later"]);
  const broken = echo({ headers: () => Promise.reject(new Error("no token")) });
  await assertRejects(() => broken.nothing(), Error, "no token");
  await assertRejects(() => echo({}).nothing({ headers: { "bad name": "x" } }), TypeError);
});

Deno.test("what other servers and proxies answer", async () => {
  const answers = async (response: Response) => await refused(against(() => response).fail({ how: "x" }));
  const page = (status: number) =>
    new Response("<h1>No</h1>", { status, headers: { "content-type": "text/html" } });
  const cases: [number, string, Partial<ServiceError>][] = [
    [401, "unauthorized", {}],
    [403, "forbidden", {}],
    [404, "not_found", {}],
    [408, "timeout", { timeout: true }],
    [413, "too_large", {}],
    [429, "overloaded", { temporary: true }],
    [502, "unavailable", { temporary: true }],
    [503, "unavailable", { temporary: true }],
    [504, "timeout", { timeout: true, temporary: true }],
    [500, "fault", { fault: true }],
    [418, "bad_response", {}],
  ];
  for (const [status, name, flags] of cases) {
    const error = await answers(page(status));
    assertEquals([error.name, error.temporary, error.timeout, error.fault], [
      name,
      flags.temporary ?? false,
      flags.timeout ?? false,
      flags.fault ?? false,
    ]);
    assertMatch(error.message, new RegExp(`^shop\\.fail: the server answered ${status}`));
  }
  // Goa's own: a custom type flat, its name in the header alone, a mapped attribute in a header alone.
  const goa = await answers(
    new Response('{"id":"b9"}', { status: 404, headers: { "goa-error": "missing", "x-tries": "4" } }),
  );
  assertEquals(errorOf(shop, "fail", goa)?.data, { id: "b9", tries: 4 });
  const bare = await answers(new Response(null, { status: 409, headers: { "goa-error": "mapped" } }));
  assertEquals([bare.name, bare.message], ["mapped", "shop.fail: the server answered 409"]);
  // Not what the design says.
  const results = async (response: Response) => await refused(against(() => response).text("x"));
  assertEquals((await results(new Response("<h1>Hi</h1>"))).name, "decode_payload");
  assertEquals((await results(new Response("1"))).name, "invalid_field_type");
  assertEquals((await results(new Response(Uint8Array.of(0x22, 0xff, 0x22)))).name, "decode_payload");
  const view = new Response('{"id":1}', { headers: { "goa-view": "other" } });
  assertEquals((await refused(against(() => view).show({ view: "other" }))).name, "invalid_enum_value");
  assertEquals(await against(() => new Response('"x"', { status: 206 })).text("x"), "x");
});

Deno.test("responses are bounded", async () => {
  const client = against(() => new Response(JSON.stringify("x".repeat(100))), {
    limits: { messageBytes: 101 },
  });
  assertEquals((await refused(client.text("x"))).name, "too_large");
  const exact = against(() => new Response(JSON.stringify("x".repeat(99))), {
    limits: { messageBytes: 101 },
  });
  assertEquals((await exact.text("x")).length, 99);
});

Deno.test("a server that cannot be reached is unavailable", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  await using client = httpClient(shop, `http://127.0.0.1:${port}`);
  const error = await refused(client.nothing());
  assertEquals([error.name, error.temporary], ["unavailable", true]);
  assertMatch(error.message, new RegExp(`^shop\\.nothing: cannot reach http://127\\.0\\.0\\.1:${port}: `));
  assertInstanceOf(error.cause, TypeError);
  const broken = against(() =>
    new Response(
      new ReadableStream({
        pull(controller) {
          controller.error(new TypeError("cut"));
        },
      }),
    )
  );
  assertEquals((await refused(broken.text("x"))).name, "unavailable");
});

Deno.test("calls that are given up", async () => {
  const signals: AbortSignal[] = [];
  const never = () =>
    against((request) => {
      signals.push(request.signal);
      return new Promise<Response>(() => {});
    });
  const controller = new AbortController();
  const reason = new Error("enough");
  const call = never().nothing({ signal: controller.signal });
  controller.abort(reason);
  assertEquals(await assertRejects(() => call), reason);
  assertEquals(await assertRejects(() => never().nothing({ signal: controller.signal })), reason);
  assertEquals((await refused(never().nothing({ timeout: 5 }))).name, "timeout");
  const client = never();
  const open = client.nothing();
  await client.close();
  assertEquals((await refused(open)).name, "canceled");
  assertEquals((await refused(client.nothing())).name, "canceled");
  assertEquals(signals.map((signal) => signal.aborted), [true, true, true]);

  // While its headers are still being fetched.
  let asked = 0;
  const waiting = httpClient(shop, "http://localhost", {
    headers: () => new Promise<HeadersInit>(() => {}),
    fetch: () => {
      asked++;
      return new Promise(() => {});
    },
  });
  const headless = waiting.nothing();
  await waiting.close();
  assertEquals((await refused(headless)).name, "canceled");
  assertEquals(asked, 0);
});

Deno.test("the server's timeout and the caller's are the same", async () => {
  const deadlines: (number | undefined)[] = [];
  await using client = within({ timeout: 60_000 }, {
    ...shopHandlers(),
    wait({ request }) {
      deadlines.push(request.deadline);
      return 1;
    },
  });
  const before = Date.now();
  await client.wait();
  await client.wait({}, { timeout: 120_000 });
  assert(deadlines[0]! >= before + 60_000 && deadlines[0]! <= Date.now() + 60_000);
  assert(deadlines[1]! >= before + 120_000);
});

Deno.test("base URLs", () => {
  for (const bad of ["", "localhost:8080", "/x", "ftp://x", "127.0.0.1"]) {
    assertThrows(() => httpClient(shop, bad), TypeError, "Cannot make a client");
  }
});

Deno.test("streams go over a WebSocket, their payload in path, query and headers", async () => {
  const handler = httpHandler([implement(streams, streamsHandlers())]);
  const seen: Headers[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request, info) => {
    seen.push(new Headers(request.headers));
    return handler(request, info);
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  {
    await using client = httpClient(streams, url, { headers: { a: "client" } });
    const got: bigint[] = [];
    for await (
      const n of client.count({ to: 3, room: "ü/ö", key: "größe" }, { headers: { b: "call" }, timeout: 9999 })
    ) {
      got.push(n);
    }
    assertEquals(got, [1n, 2n, 3n]);
    assertEquals([seen[0]!.get("a"), seen[0]!.get("b"), seen[0]!.get("goats-timeout")], [
      "client",
      "call",
      "9999",
    ]);
    const sum = client.sum();
    for (const n of [1n, 2n, 9007199254740993n]) await sum.send(n);
    assertEquals(await sum.closeAndRecv(), 9007199254740996n);
    const tiny = client.bottles({ view: "tiny" });
    assertEquals(await tiny.recv() as unknown, { id: 1, name: "n" });
    assertEquals(await tiny.recv(), null);
  }
  {
    // Headers that come later: what is written meanwhile waits, in order.
    const token = Promise.withResolvers<HeadersInit>();
    await using client = httpClient(streams, url, { headers: () => token.promise });
    const sum = client.sum();
    const sent = [sum.send(1n), sum.send(2n)];
    token.resolve({ token: "later" });
    await Promise.all(sent);
    assertEquals(await sum.closeAndRecv(), 3n);
    assertEquals(seen.at(-1)!.get("token"), "later");
    const broken = httpClient(streams, url, { headers: () => Promise.reject(new Error("no token")) });
    await assertRejects(() => broken.count({ to: 1, room: "r" }).recv(), Error, "no token");
    const late = Promise.withResolvers<HeadersInit>();
    const given = httpClient(streams, url, { headers: () => late.promise });
    const up = given.sum();
    const writing = up.send(1n);
    up.cancel(new Error("enough"));
    await assertRejects(() => writing, Error, "enough");
    await assertRejects(() => up.opened, Error, "enough");
    // Headers that come after that open nothing: the next call is the only one that the server sees.
    const before = seen.length;
    late.resolve({});
    await late.promise;
    assertEquals(await client.sum().closeAndRecv(), 0n);
    assertEquals(seen.length, before + 1);
  }
  await handler.shutdown(0);
  await server.shutdown();
});

Deno.test("why a stream could not open is told by a probe", async () => {
  const handler = httpHandler([implement(streams, streamsHandlers())], { limits: { connections: 1 } });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  const url = `http://127.0.0.1:${server.addr.port}`;
  {
    await using client = httpClient(streams, url);
    const reasonOf = async (call: { opened: Promise<unknown>; recv(): Promise<unknown> }) => {
      const error = await refused(call.opened as Promise<unknown>);
      assertEquals(await assertRejects(() => call.recv()), error);
      return error.name;
    };
    // Valid for this caller's design, not for the server's.
    const lax = httpClient(
      {
        ...streams,
        model: JSON.parse(JSON.stringify(streams.model).replaceAll('"maximum":1000', '"maximum":9999')),
      } as typeof streams,
      url,
    );
    assertEquals(await reasonOf(lax.count({ to: 2000, room: "r" })), "invalid_range");
    await lax.close();
    assertEquals(await reasonOf(client.count({ to: 2000, room: "r" })), "invalid_range");
    assertEquals(
      await reasonOf(client.count({ to: 1, room: "r" }, { headers: { origin: "https://bad.example" } })),
      "forbidden",
    );
    const wrong = httpClient(streams, `${url}/nowhere`);
    assertEquals(await reasonOf(wrong.count({ to: 1, room: "r" })), "not_found");
    // Where the view is chosen at run time the plain wire's upgrade waits for it, and no probe runs the handler to find
    // out more; goats.v1 tells in band.
    const plain = httpClient(streams, url, { wire: "plain" });
    assertEquals(await reasonOf(plain.bottles({ view: "other" })), "unavailable");
    await plain.close();
    assertEquals(await reasonOf(client.bottles({ view: "other" })), "invalid_enum_value");
    await until(() => handler.connections.size === 0, "the server has heard of the end");
    const one = client.sum();
    await one.opened;
    assertEquals(await reasonOf(client.count({ to: 1, room: "r" })), "overloaded");
    assertEquals(handler.connections.size, 1);
    await one.closeAndRecv();
    // An error after the upgrade needs no probe.
    const closed = client.count({ to: 1, room: "closed" });
    assertEquals((await refused(closed.recv())).name, "refused");
    const stopping = handler.shutdown(0);
    assertEquals(await reasonOf(client.count({ to: 1, room: "r" })), "unavailable");
    await stopping;
  }
  await server.shutdown();
});

Deno.test("streams behind a path prefix", async () => {
  const handler = httpHandler([implement(streams, streamsHandlers())]);
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request, info) => {
    return handler(request, info);
  });
  const client = httpClient(streams, `ws://127.0.0.1:${server.addr.port}/prefix`);
  const error = await refused(client.sum().opened as Promise<unknown>);
  assertMatch(error.message, /nothing is served at \/prefix\/sum/);
  await client.close();
  await handler.shutdown(0);
  await server.shutdown();
});
