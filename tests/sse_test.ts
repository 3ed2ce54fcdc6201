// Server-Sent Events: what is on the wire, and what both ends make of it. tests/behaviour runs the table over them.
import { assert, assertEquals, assertInstanceOf, assertRejects, assertStrictEquals } from "@std/assert";
import { delay } from "@std/async";
import { errorOf, httpClient, httpHandler, implement, type Interceptor, ServiceError } from "../mod.ts";
import * as d from "../src/design/mod.ts";
import { memoryClient } from "../src/memory/mod.ts";
import type { HttpHandlerOptions } from "../src/http/handler.ts";
import type { ServiceImplementation } from "../src/core/endpoint.ts";
import { proxy } from "./behaviour/proxy.ts";
import { until } from "./behaviour/until.ts";

const SANITIZED = { sanitizeOps: true, sanitizeResources: true, sanitizeExit: true };

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ...SANITIZED, fn });
}

/** Serves in this process, by a socket. */
function up(implementation: ServiceImplementation, options: HttpHandlerOptions = {}) {
  const handler = httpHandler([implementation], options);
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  return {
    handler,
    port: server.addr.port,
    url: `http://127.0.0.1:${server.addr.port}`,
    async [Symbol.asyncDispose]() {
      await handler.shutdown(0);
      await server.shutdown();
    },
  };
}

/** Serves bytes that no goats wrote. */
function raw(answer: (request: Request, n: number) => Response) {
  let n = 0;
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request) => answer(request, n++),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests: () => n,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const stream = (...pieces: string[]) =>
  new Response(
    ReadableStream.from(pieces).pipeThrough(new TextEncoderStream()),
    { headers: { "content-type": "text/event-stream; charset=utf-8" } },
  );

async function rejection(promise: Promise<unknown>): Promise<ServiceError> {
  const error = await assertRejects(() => promise);
  assertInstanceOf(error, ServiceError);
  return error;
}

// ---- what a message is on the wire ----------------------------------------------------------------------------------

const Point = d.Type("Point", d.Field(1, "x", d.Int), d.Field(2, "y", d.Int64), d.Required("x"));
const News = d.Type(
  "News",
  d.Field(1, "id", d.String),
  d.Field(2, "kind", d.String),
  d.Field(3, "text", d.String),
  d.Field(4, "wait", d.UInt64),
);

const get = (path: string, ...parts: readonly (string | d.SSEFieldPart)[]) =>
  d.HTTP(d.GET(path), d.ServerSentEvents(...parts));
const fields = [d.SSEEventID("id"), d.SSEEventType("kind"), d.SSEEventRetry("wait")] as const;

const shapes = d.Service(
  "shapes",
  d.Method("object", d.StreamingResult(Point), get("/object")),
  d.Method("text", d.StreamingResult(d.String), get("/text")),
  d.Method("int", d.StreamingResult(d.Int), get("/int")),
  d.Method("int64", d.StreamingResult(d.Int64), get("/int64")),
  d.Method("float", d.StreamingResult(d.Float64), get("/float")),
  d.Method("boolean", d.StreamingResult(d.Boolean), get("/boolean")),
  d.Method("bytes", d.StreamingResult(d.Bytes), get("/bytes")),
  d.Method("any", d.StreamingResult(d.Any), get("/any")),
  d.Method("array", d.StreamingResult(d.ArrayOf(d.Int64)), get("/array")),
  d.Method("map", d.StreamingResult(d.MapOf(d.String, Point)), get("/map")),
  d.Method("whole", d.StreamingResult(News), get("/whole", ...fields)),
  d.Method("mapped", d.StreamingResult(News), get("/mapped", "text", ...fields)),
  d.Method(
    "nested",
    d.StreamingResult(d.Field(1, "key", d.String), d.Field(2, "point", Point), d.Required("key", "point")),
    get("/nested", "point", d.SSEEventID("key")),
  ),
);

type Shape = keyof typeof shapes.model.methods;

/** What the handlers send next. */
let offered: readonly unknown[] = [];
const shapesService = implement(
  shapes,
  Object.fromEntries(
    Object.keys(shapes.model.methods).map((name) => [name, async function* () {
      yield* offered;
    }]),
    // deno-lint-ignore no-explicit-any
  ) as any,
);

/** Messages, and the text that they are. */
const WIRE: readonly (readonly [Shape, readonly unknown[], string])[] = [
  [
    "object",
    [{ x: 1, y: 2n ** 60n }, { x: -1 }],
    'data: {"x":1,"y":1152921504606846976}\n\ndata: {"x":-1}\n\n',
  ],
  [
    "text",
    ["plain", "two\nlines", "end\n", "", " blank ", "größe 😀", "\n\n", '"quoted"', "12", "null", ":colon"],
    "data: plain\n\n" + "data: two\ndata: lines\n\n" + "data: end\ndata: \n\n" + "data: \n\n" +
    "data:  blank \n\n" +
    "data: größe 😀\n\n" + "data: \ndata: \ndata: \n\n" + 'data: "quoted"\n\n' + "data: 12\n\n" +
    "data: null\n\n" +
    "data: :colon\n\n",
  ],
  ["int", [0, -5, 2 ** 40], "data: 0\n\ndata: -5\n\ndata: 1099511627776\n\n"],
  ["int64", [1n, -(2n ** 63n)], "data: 1\n\ndata: -9223372036854775808\n\n"],
  ["float", [0.5, 1e300], "data: 0.5\n\ndata: 1e+300\n\n"],
  ["boolean", [true, false], "data: true\n\ndata: false\n\n"],
  ["bytes", [new Uint8Array([1, 0, 255]), new Uint8Array()], "data: AQD/\n\ndata: \n\n"],
  [
    "any",
    ["text", "12", 12, { a: [null] }, "a\rb", "a\nb", true],
    'data: text\n\ndata: "12"\n\ndata: 12\n\ndata: {"a":[null]}\n\ndata: "a\\rb"\n\ndata: a\ndata: b\n\ndata: true\n\n',
  ],
  ["array", [[], [1n, 2n ** 62n]], "data: []\n\ndata: [1,4611686018427387904]\n\n"],
  ["map", [{ a: { x: 1 } }, {}], 'data: {"a":{"x":1}}\n\ndata: {}\n\n'],
  [
    "whole",
    [{ id: "1", kind: "k", text: "t\r\nu", wait: 5n }, {}, { id: "", kind: "" }],
    'id: 1\nevent: k\nretry: 5\ndata: {"id":"1","kind":"k","text":"t\\r\\nu","wait":5}\n\n' + "data: {}\n\n" +
    'id: \nevent: \ndata: {"id":"","kind":""}\n\n',
  ],
  [
    "mapped",
    [
      { id: "1", kind: "k", text: "t\nu", wait: 2n ** 63n },
      { text: "" },
      { id: " blank ", text: "x" },
      { id: "2" },
      {},
      { kind: "message", wait: 0n },
      { id: "", text: "y" },
    ],
    "id: 1\nevent: k\nretry: 9223372036854775808\ndata: t\ndata: u\n\n" + "data: \n\n" +
    "id:  blank \ndata: x\n\n" + "id: 2\nno-data\n\n" + "no-data\n\n" +
    "event: message\nretry: 0\nno-data\n\n" +
    "id: \ndata: y\n\n",
  ],
  ["nested", [{ key: "a", point: { x: 1, y: 3n } }], 'id: a\ndata: {"x":1,"y":3}\n\n'],
];

for (const [method, messages, text] of WIRE) {
  test(`wire: ${method}, as text and back`, async () => {
    await using server = up(shapesService);
    offered = messages;
    const response = await fetch(`${server.url}/${method}`);
    assertEquals(await response.text(), `${text}event: end\ndata: {}\n\n`);
    await using client = httpClient(shapes, server.url);
    // deno-lint-ignore no-explicit-any
    assertEquals(await Array.fromAsync((client as any)[method]()), [...messages]);
  });
}

test("wire: what no event can carry is refused where it is sent", async () => {
  const refused: string[] = [];
  const trying = (...messages: unknown[]) =>
  // deno-lint-ignore no-explicit-any
  async ({ stream }: any) => {
    for (const message of messages) refused.push((await rejection(stream.send(message))).message);
  };
  const service = implement(shapes, {
    ...Object.fromEntries(Object.keys(shapes.model.methods).map((name) => [name, trying()])),
    text: trying("a\rb"),
    mapped: trying(
      { text: "a\r\n" },
      { id: "a\nb" },
      { kind: "a\0" },
      { kind: "end" },
      { kind: "error" },
    ),
    // deno-lint-ignore no-explicit-any
  } as any);
  await using server = up(service);
  await using client = httpClient(shapes, server.url);
  assertEquals(await client.text().recv(), null);
  assertEquals(await client.mapped().recv(), null);
  assertEquals(refused, [
    "shapes.text: result has a carriage return, which no event can carry",
    "shapes.mapped: result.text has a carriage return, which no event can carry",
    "shapes.mapped: result.id is no id of an event: it must be one line without NUL",
    "shapes.mapped: result.kind is no type of an event: it must be one line without NUL",
    'shapes.mapped: result.kind cannot be "end", the type of the event that ends a stream',
    'shapes.mapped: result.kind cannot be "error", the type of the event that ends a stream',
  ]);
});

// ---- the feed -----------------------------------------------------------------------------------------------------

const Story = d.ResultType(
  "application/vnd.story",
  d.Field(1, "id", d.String),
  d.Field(2, "text", d.String),
  d.Required("id"),
  d.View("tiny", "id"),
  d.View("default", "id", "text"),
);
const Gone = d.Type("Gone", d.Field(1, "tries", d.Int), d.Required("tries"));

const feed = d.Service(
  "feed",
  d.Error("gone", Gone),
  d.Error("denied"),
  d.HTTP(d.Response("gone", d.StatusGone), d.Response("denied", d.StatusForbidden)),
  d.Method(
    "ticks",
    d.Payload(d.Field(1, "n", d.Int), d.Required("n")),
    d.StreamingResult(d.Int),
    get("/ticks/{n}"),
  ),
  d.Method("plain", d.StreamingResult(d.Int), d.HTTP(d.GET("/plain"))),
  d.Method(
    "search",
    d.Payload(d.Field(1, "words", d.ArrayOf(d.String)), d.Field(2, "lang"), d.Required("words")),
    d.StreamingResult(d.String),
    d.HTTP(d.POST("/search"), d.PUT("/search"), d.Param("lang"), d.ServerSentEvents()),
  ),
  d.Method(
    "since",
    d.Payload(d.Field(1, "after", d.String)),
    d.StreamingResult(d.String),
    get("/since", d.SSERequestID("after")),
  ),
  d.Method(
    "since_query",
    d.Payload(d.Field(1, "after", d.String)),
    d.StreamingResult(d.String),
    d.HTTP(d.GET("/since_query"), d.Param("after"), d.ServerSentEvents(d.SSERequestID("after"))),
  ),
  d.Method("stories", d.StreamingResult(Story), get("/stories")),
);

// deno-lint-ignore no-explicit-any
function feedService(handlers: Record<string, (call: any) => unknown>): ServiceImplementation {
  const rest = Object.keys(feed.model.methods).map((name) => [name, () => {}]);
  // deno-lint-ignore no-explicit-any
  return implement(feed, { ...Object.fromEntries(rest), ...handlers } as any);
}

test("head: content type, no cache, no compression, the handler's headers; trailers in the end", async () => {
  await using server = up(feedService({
    async ticks({ response, stream }) {
      response.headers.set("x-answer", "42");
      response.headers.set("content-length", "7");
      response.trailers.set("x-count", "1");
      await stream.send(1);
    },
  }));
  const response = await fetch(`${server.url}/ticks/1`, { headers: { "accept-encoding": "gzip" } });
  assertEquals(response.status, 200);
  assertEquals(
    ["content-type", "cache-control", "x-answer", "content-encoding", "content-length", "goa-view"].map((
      name,
    ) => response.headers.get(name)),
    ["text/event-stream", "no-cache, no-transform", "42", null, null, null],
  );
  assertEquals(await response.text(), 'data: 1\n\nevent: end\ndata: {"x-count":"1"}\n\n');
  await using client = httpClient(feed, server.url);
  const ticks = client.ticks({ n: 1 });
  assertEquals((await ticks.opened).headers.get("x-answer"), "42");
  assertEquals(await Array.fromAsync(ticks), [1]);
  assertEquals((await ticks.closed).get("x-count"), "1");
});

test("an error before the first event is an ordinary response, a later one an event", async () => {
  const errors: string[] = [];
  await using server = up(
    feedService({
      async *ticks({ payload, error }) {
        if (payload.n === 0) throw error("gone", { tries: 1 });
        yield 1;
        throw payload.n === 1 ? error("gone", { tries: 2 }) : new Error("secret");
      },
    }),
    { onError: (error, call) => errors.push(`${call.transport} ${error.name}`) },
  );
  const first = await fetch(`${server.url}/ticks/0`);
  assertEquals([first.status, first.headers.get("goa-error")], [410, "gone"]);
  assertEquals((await first.json()).tries, 1);
  const later = await fetch(`${server.url}/ticks/1`);
  assertEquals(later.status, 200);
  const text = await later.text();
  assert(text.startsWith('data: 1\n\nevent: error\ndata: {"name":"gone","id":"'), text);
  assert(text.endsWith("\n\n") && text.includes('"tries":2') && !text.includes("event: end"), text);
  assert(!(await (await fetch(`${server.url}/ticks/2`)).text()).includes("secret"));
  assertEquals(errors, ["sse gone", "sse gone", "sse fault"]);

  await using client = httpClient(feed, server.url);
  const ticks = client.ticks({ n: 1 });
  assertEquals(await ticks.recv(), 1);
  const gone = errorOf(feed, "ticks", await rejection(ticks.recv()));
  assert(gone?.name === "gone");
  assertEquals(gone.data, { tries: 2 });
  assertStrictEquals(await rejection(ticks.closed), gone);
});

test("bad requests are refused before the handler runs", async () => {
  let ran = 0;
  await using server = up(feedService({ ticks: () => void ran++, search: () => void ran++ }), {
    limits: { messageBytes: 100 },
  });
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(server.url + path, init);
    return [response.status, response.headers.get("goa-error"), (await response.json()).name];
  };
  assertEquals(await ask("/ticks/x"), [400, "invalid_field_type", "invalid_field_type"]);
  const json = { "content-type": "application/json" };
  const post = (body: string, headers: HeadersInit = json) =>
    ask("/search", { method: "POST", body, headers });
  assertEquals(await post("{}"), [400, "missing_field", "missing_field"]);
  assertEquals(await post("{"), [400, "decode_payload", "decode_payload"]);
  assertEquals(await post("words=a", {}), [415, "unsupported_media_type", "unsupported_media_type"]);
  assertEquals(await post(JSON.stringify({ words: ["x".repeat(200)] })), [413, "too_large", "too_large"]);
  assertEquals(ran, 0);
});

test("any verb, with a body", async () => {
  await using server = up(feedService({
    async *search({ payload }) {
      yield* payload.words;
      yield payload.lang;
    },
  }));
  await using client = httpClient(feed, server.url);
  assertEquals(await Array.fromAsync(client.search({ words: ["a", "b"], lang: "de" })), ["a", "b", "de"]);
  const put = await fetch(`${server.url}/search?lang=fr`, {
    method: "PUT",
    body: '{"words":[]}',
    headers: { "content-type": "application/json" },
  });
  assertEquals(await put.text(), "data: fr\n\nevent: end\ndata: {}\n\n");
});

test("Accept makes events of any server stream; nothing else does", async () => {
  let ran = 0;
  await using server = up(feedService({
    async *plain({ request }) {
      ran++;
      assertEquals(request.transport, "sse");
      yield 7;
    },
  }));
  const ask = async (accept: string) => {
    const response = await fetch(`${server.url}/plain`, { headers: { accept } });
    return [response.status, (await response.text()).slice(0, 7)];
  };
  for (
    const accept of [
      "text/event-stream",
      "application/json;q=0.5, Text/Event-Stream; charset=utf-8",
      "text/event-stream;q=0.1",
      "text/event-stream, application/json",
    ]
  ) {
    assertEquals(await ask(accept), [200, "data: 7"], accept);
  }
  assertEquals(ran, 4);
  for (
    const accept of [
      "*/*",
      "text/*",
      "application/json, text/event-stream;q=0.9",
      "text/event-stream;q=0",
      "x/y",
    ]
  ) {
    assertEquals((await ask(accept))[0], 426, accept);
  }
  assertEquals(ran, 4);
});

test("a WebSocket is not to be had where the design says events, and its caller learns why", async () => {
  let ran = 0;
  await using server = up(feedService({ ticks: () => void ran++ }));
  // The design as it was before ServerSentEvents came in.
  const before = d.Service(
    "feed",
    d.Method(
      "ticks",
      d.Payload(d.Field(1, "n", d.Int), d.Required("n")),
      d.StreamingResult(d.Int),
      d.HTTP(d.GET("/ticks/{n}")),
    ),
  );
  await using client = httpClient(before, server.url);
  const error = await rejection(client.ticks({ n: 1 }).opened);
  assertEquals([error.name, error.message], [
    "not_acceptable",
    "feed.ticks is a stream of Server-Sent Events: there is no WebSocket for it",
  ]);
  assertEquals(ran, 0);
});

test("the head waits for the first message, but not for long; then comments keep the stream alive", async () => {
  await using server = up(
    feedService({
      async *ticks({ payload, error, signal }) {
        await delay(payload.n, { signal });
        if (payload.n < 1000) throw error("denied");
        yield 1;
      },
    }),
    { heartbeatMs: 200 },
  );
  const early = await fetch(`${server.url}/ticks/100`);
  assertEquals(early.status, 403);
  await early.body?.cancel();
  const start = performance.now();
  const response = await fetch(`${server.url}/ticks/1600`);
  const waited = performance.now() - start;
  assert(waited > 400 && waited < 1500, `${waited} ms`);
  const text = await response.text();
  const [beats, rest] = text.split("data: 1");
  assert(/^(:\n){2,6}$/.test(beats!), JSON.stringify(text));
  assertEquals(rest, "\n\nevent: end\ndata: {}\n\n");
  // To the caller they are nothing.
  await using client = httpClient(feed, server.url);
  const ticks = client.ticks({ n: 1200 });
  await ticks.opened;
  assertEquals(ticks.state, "open");
  assertEquals(await Array.fromAsync(ticks), [1]);
});

test("no heartbeats where there are messages, nor when they are off", async () => {
  const busy = feedService({
    async *ticks() {
      for (let n = 0; n < 10; n++) {
        await delay(30);
        yield n;
      }
    },
  });
  for (const heartbeatMs of [80, 0]) {
    await using server = up(busy, { heartbeatMs });
    const text = await (await fetch(`${server.url}/ticks/1`)).text();
    assert(!/^:/m.test(text), text);
  }
});

test("a view chosen at run time is told in goa-view; the head waits for it", async () => {
  await using server = up(feedService({
    async stories({ stream }) {
      await delay(700);
      await stream.setView("tiny");
      const late = await rejection(stream.setView("default"));
      assertEquals(late.name, "invalid_enum_value");
      await stream.send({ id: "1", text: "hidden" });
    },
  }));
  await using client = httpClient(feed, server.url);
  const stories = client.stories();
  assertEquals((await stories.opened).view, "tiny");
  assertEquals(stories.view, "tiny");
  assertEquals(await Array.fromAsync(stories), [{ id: "1" }]);
});

test("HEAD has the head alone, and leaves no stream behind", async () => {
  const reasons: string[] = [];
  await using server = up(feedService({
    async *ticks({ signal }) {
      signal.addEventListener("abort", () => reasons.push(signal.reason.name));
      yield 1;
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  }));
  const response = await fetch(`${server.url}/ticks/1`, { method: "HEAD" });
  assertEquals([response.status, response.headers.get("content-type")], [200, "text/event-stream"]);
  assertEquals(await response.text(), "");
  await until(() => server.handler.calls === 0, "the call is over");
  assertEquals(reasons, ["canceled"]);
});

test("callers are verified before the stream begins", async () => {
  const key = d.APIKeySecurity<string>("key");
  const locked = d.Service(
    "locked",
    d.Security(key),
    d.Method(
      "ticks",
      d.Payload(d.APIKeyField(1, key, "token", d.String), d.Required("token")),
      d.StreamingResult(d.String),
      d.HTTP(d.GET("/ticks"), d.Header("token:x-token"), d.ServerSentEvents()),
    ),
  );
  let ran = 0;
  const service = implement(locked, {
    async *ticks({ auth }) {
      ran++;
      yield auth;
    },
  });
  await using server = up(service, {
    auth: {
      key(credentials) {
        if (!Object.values(credentials).includes("open sesame")) throw new Error("no");
        return "ali";
      },
    },
  });
  await using client = httpClient(locked, server.url);
  assertEquals((await rejection(client.ticks({ token: "please" }).opened)).name, "unauthorized");
  assertEquals(ran, 0);
  assertEquals(await Array.fromAsync(client.ticks({ token: "open sesame" })), ["ali"]);
});

// ---- Last-Event-ID --------------------------------------------------------------------------------------------------

test("Last-Event-ID is an attribute of the payload, and beats where else it travels", async () => {
  const echo = async function* ({ payload }: { payload: { after?: string } }) {
    yield payload.after ?? "nothing";
  };
  await using server = up(feedService({ since: echo, since_query: echo }));
  const ask = async (path: string, id?: string) => {
    const response = await fetch(server.url + path, {
      headers: id === undefined ? {} : { "last-event-id": id },
    });
    return (await response.text()).split("\n")[0];
  };
  assertEquals(await ask("/since"), "data: nothing");
  assertEquals(await ask("/since", "7"), "data: 7");
  assertEquals(await ask("/since_query"), "data: nothing");
  assertEquals(await ask("/since_query?after=3"), "data: 3");
  assertEquals(await ask("/since_query?after=3", "7"), "data: 7");
  assertEquals(await ask("/since_query", "7"), "data: 7");
  await using client = httpClient(feed, server.url);
  assertEquals(await client.since({ after: "größe" }).recv(), "größe");
  assertEquals(await client.since().recv(), "nothing");
  assertEquals(await client.since_query({ after: "ü" }).recv(), "ü");
});

const Line = d.Type(
  "Line",
  d.Field(1, "id", d.String),
  d.Field(2, "text", d.String),
  d.Field(3, "wait", d.Int),
  d.Required("id", "text"),
);
const lineEvents = [d.SSEEventID("id"), d.SSEEventRetry("wait"), d.SSERequestID("after")] as const;
const linesPayload = d.Payload(d.Field(1, "after", d.String));
const log = d.Service(
  "log",
  d.Error("denied"),
  d.Method(
    "again",
    d.Idempotent(),
    linesPayload,
    d.StreamingResult(Line),
    get("/again", "text", ...lineEvents),
  ),
  d.Method("once", linesPayload, d.StreamingResult(Line), get("/once", "text", ...lineEvents)),
);

test("a cut stream goes on where it was, when its method is Idempotent and its events have ids", async () => {
  const total = 30;
  let calls = 0;
  let cut = () => {};
  const lines = async function* ({ payload }: { payload: { after?: string } }) {
    calls++;
    for (let n = Number(payload.after ?? 0) + 1; n <= total; n++) {
      yield { id: String(n), text: `line ${n}`, wait: 10 };
      if (n % 10 === 0 && n < total) {
        await delay(50);
        cut();
        await delay(50);
      }
    }
  };
  // A server that keeps no lost streams: sse_resume_test.ts has those.
  await using server = up(implement(log, { again: lines, once: lines }), { limits: { resumeMs: 0 } });
  await using between = await proxy(server.port);
  cut = between.cut;
  const url = `http://127.0.0.1:${between.port}`;
  let tokens = 0;
  await using client = httpClient(log, url, { headers: () => ({ "x-token": String(++tokens) }) });
  const got = await Array.fromAsync(client.again(), ({ id }) => Number(id));
  assertEquals(got, Array.from({ length: total }, (_, n) => n + 1));
  assertEquals([calls, tokens], [3, 3]);

  calls = 0;
  const once = client.once();
  for (let n = 1; n <= 10; n++) assertEquals((await once.recv())?.id, String(n));
  assertEquals((await rejection(once.recv())).name, "unavailable");
  assertEquals(calls, 1);
  await until(() => server.handler.calls === 0, "every call has ended");
});

test("what is tried again is given up: by its caller, by the server's word, and after a while", async () => {
  await using server = raw((request, n) => {
    if (new URL(request.url).pathname !== "/again") throw new Error("no such path");
    if (n === 0) return stream("retry: 1\n\n", "id: 5\ndata: first\n\n");
    assertEquals(request.headers.get("last-event-id"), "5");
    return n === 1
      ? new Response('{"name":"denied","id":"x","message":"no more"}', {
        status: 403,
        headers: { "goa-error": "denied", "content-type": "application/json" },
      })
      : new Response(null, { status: 503 });
  });
  await using client = httpClient(log, server.url);
  const again = client.again();
  assertEquals(await again.recv(), { id: "5", text: "first" });
  assertEquals((await rejection(again.recv())).name, "denied");

  await using dead = raw((_, n) =>
    n === 0 ? stream("retry: 1\nid: 1\ndata: a\n\n") : new Response(null, { status: 503 })
  );
  await using other = httpClient(log, dead.url, { reconnect: { tries: 8 } });
  const lost = other.again();
  assertEquals(await lost.recv(), { id: "1", text: "a", wait: 1 });
  assertEquals((await rejection(lost.recv())).name, "unavailable");
  assertEquals(dead.requests(), 9);

  await using never = httpClient(log, dead.url, { reconnect: false });
  await using cut = raw(() => stream("retry: 1\nid: 1\ndata: a\n\n"));
  await using neither = httpClient(log, cut.url, { reconnect: false });
  assertEquals((await rejection(never.again().recv())).name, "unavailable");
  const once = neither.again();
  assertEquals(await once.recv(), { id: "1", text: "a", wait: 1 });
  assertEquals((await rejection(once.recv())).name, "unavailable");
  assertEquals([dead.requests(), cut.requests()], [10, 1]);

  await using slow = raw((_, n) =>
    n === 0 ? stream("retry: 60000\nid: 1\ndata: a\n\n") : new Response(null, { status: 503 })
  );
  await using third = httpClient(log, slow.url);
  const waiting = third.again();
  await waiting.recv();
  const pending = rejection(waiting.recv());
  await delay(50);
  waiting.cancel();
  assertEquals((await pending).name, "canceled");
});

test("a server that brings comments alone and ends is given up, too", async () => {
  await using server = raw(() => stream(": still there\nretry: 1\n\n"));
  await using client = httpClient(log, server.url, { reconnect: { firstMs: 1, tries: 4 } });
  assertEquals((await rejection(client.again().recv())).name, "unavailable");
  assertEquals(server.requests(), 5);
});

test("an id that is no header ends the stream where it would have to go on from it, and says so", async () => {
  await using server = raw(() => stream("id: a\u0001b\ndata: first\n\n"));
  await using client = httpClient(log, server.url, { reconnect: { firstMs: 1, tries: 4 } });
  const again = client.again();
  assertEquals(await again.recv(), { id: "a\u0001b", text: "first" });
  assertEquals(
    (await rejection(again.recv())).message,
    "log.again: the stream was cut, and the id of its last event cannot be sent back",
  );
  assertEquals(server.requests(), 1);
});

test("what never opened is not tried again", async () => {
  await using server = raw(() => new Response(null, { status: 503 }));
  await using client = httpClient(log, server.url);
  assertEquals((await rejection(client.again().opened)).name, "unavailable");
  assertEquals(server.requests(), 1);
});

// ---- peers that no goats wrote ----------------------------------------------------------------------------------------

test("the runtime's EventSource reads our stream, resumes it, and hears its end", async () => {
  const asked: (string | undefined)[] = [];
  await using server = up(implement(log, {
    async *again({ payload: { after } }) {
      asked.push(after);
      if (after === undefined) {
        yield { id: "1", text: "one\ntwo", wait: 10 };
        yield { id: "2", text: "" };
      } else yield { id: "3", text: "again" };
    },
    async *once() {},
  }));
  const source = new EventSource(`${server.url}/again`);
  const seen: string[] = [];
  const ended = Promise.withResolvers<void>();
  source.onmessage = ({ data, lastEventId }) => seen.push(`${lastEventId} ${data}`);
  let ends = 0;
  source.addEventListener("end", () => {
    if (++ends === 2) ended.resolve();
  });
  await ended.promise;
  source.close();
  assertEquals(seen, ["1 one\ntwo", "2 ", "3 again"]);
  assertEquals(asked.slice(0, 2), [undefined, "2"]);
});

test("streams as others write them: CRLF, CR, comments, unknown fields, no data, pieces of characters", async () => {
  const text =
    "\ufeff: hello\r\nretry: 10\r\n\r\nid: 1\rdata: größe\r\rfoo: bar\ndata:x\nid: 2\n\nid: 3\n\n" +
    ": bye\nevent: end\ndata: {}\n\n";
  const bytes = new TextEncoder().encode(text);
  await using server = raw(() =>
    new Response(
      new ReadableStream({
        async start(controller) {
          for (const byte of bytes) {
            controller.enqueue(new Uint8Array([byte]));
            await Promise.resolve();
          }
          controller.close();
        },
      }),
      { headers: { "content-type": "Text/Event-Stream" } },
    )
  );
  await using client = httpClient(log, server.url);
  assertEquals(await Array.fromAsync(client.once()), [{ id: "1", text: "größe" }, { id: "2", text: "x" }]);
});

test("only the event `end` is a good end", async () => {
  await using server = raw(() => stream("id: 1\ndata: a\n\n", "id: 2\ndata: half"));
  await using client = httpClient(log, server.url);
  const once = client.once();
  assertEquals(await once.recv(), { id: "1", text: "a" });
  const error = await rejection(once.recv());
  assertEquals([error.name, error.message], [
    "unavailable",
    "log.once: the connection was closed before the end of the stream",
  ]);
  assertStrictEquals(await rejection(once.closed), error);
});

test("what is no stream, and what is no error, is told", async () => {
  const answers = [
    () => Response.json({}),
    () => new Response(null, { status: 204 }),
    () => stream("event: error\ndata: oops\n\n"),
    () => stream("event: error\n\n"),
    () => stream("id: 1\ndata: a\n\n", "id: 2\n\n", "event: end\ndata: [\n\n"),
  ];
  await using server = raw((_, n) => answers[n]!());
  await using client = httpClient(log, server.url);
  assertEquals(
    (await rejection(client.once().opened)).message,
    "log.once: the server answered application/json, not text/event-stream",
  );
  assertEquals((await rejection(client.once().recv())).name, "bad_response");
  assertEquals((await rejection(client.once().recv())).name, "fault");
  assertEquals((await rejection(client.once().recv())).name, "fault");
  const odd = client.once();
  assertEquals(await Array.fromAsync(odd, ({ id }) => id), ["1"]);
  assertEquals([...await odd.closed], []);
});

test("a server that leaves the connection open after the end does not hold the caller", async () => {
  await using server = raw(() =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode("event: end\ndata: {}\n\n"));
        },
      }),
      { headers: { "content-type": "text/event-stream" } },
    )
  );
  await using client = httpClient(log, server.url);
  const once = client.once();
  assertEquals(await once.recv(), null);
  await once.closed;
});

test("an invalid event rejects that recv alone", async () => {
  await using server = raw(() => stream("data: no id\n\n", "id: 1\ndata: a\n\n", "event: end\ndata: {}\n\n"));
  await using client = httpClient(log, server.url);
  const once = client.once();
  assertEquals((await rejection(once.recv())).name, "missing_field");
  assertEquals((await once.recv())?.id, "1");
  assertEquals(await once.recv(), null);
});

// ---- bounds -----------------------------------------------------------------------------------------------------------

test("an event that is too large ends the call, whole or still to come", async () => {
  const big = "x".repeat(3000);
  const wide = "ü".repeat(600);
  let answer = () => stream(`id: 1\ndata: ${big}\n\n`);
  await using server = raw(() => answer());
  await using client = httpClient(log, server.url, { limits: { messageBytes: 1000 } });
  assertEquals((await rejection(client.once().recv())).name, "too_large");
  answer = () => stream(`id: 1\ndata: ${wide}\n\n`);
  assertEquals((await rejection(client.once().recv())).name, "too_large");
  answer = () => stream("data: ", ...Array.from({ length: 100_000 }, () => big));
  assertEquals((await rejection(client.once().recv())).name, "too_large");
  answer = () => stream(...Array.from({ length: 100_000 }, () => `data: ${big.slice(0, 500)}\n`));
  assertEquals((await rejection(client.once().recv())).name, "too_large");
});

test("more streams than allowed are refused", async () => {
  await using server = up(
    feedService({
      async *ticks({ signal }) {
        yield 1;
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      },
    }),
    { limits: { connections: 1 } },
  );
  await using client = httpClient(feed, server.url);
  const first = client.ticks({ n: 1 });
  await first.recv();
  assertEquals(server.handler.connections.size, 1);
  assertEquals((await rejection(client.ticks({ n: 1 }).opened)).name, "overloaded");
  assertEquals(
    await fetch(`${server.url}/ticks/1`).then(async (r) => (await r.body?.cancel(), r.status)),
    429,
  );
  first.cancel();
  await until(() => server.handler.calls === 0, "the first stream is over");
  const next = client.ticks({ n: 1 });
  assertEquals(await next.recv(), 1);
  next.cancel();
});

test("a caller that takes nothing makes send wait, then loses its stream", async () => {
  const ended = Promise.withResolvers<string>();
  let sent = 0;
  await using server = up(
    feedService({
      async search({ stream, signal }) {
        signal.addEventListener("abort", () => ended.resolve(signal.reason.name));
        for (;;) {
          await stream.send("x".repeat(10_000));
          sent++;
        }
      },
    }),
    { limits: { stallMs: 400 } },
  );
  const response = await fetch(`${server.url}/search`, {
    method: "POST",
    body: '{"words":[]}',
    headers: { "content-type": "application/json" },
  });
  assertEquals(await ended.promise, "overloaded");
  assert(sent < 5000, `${sent}`);
  await assertRejects(() => response.text());
  await until(() => server.handler.calls === 0, "the call is over");
});

test("the deadline of a caller that does not keep it itself", async () => {
  await using server = up(feedService({
    async *ticks({ signal }) {
      yield 1;
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  }));
  const text = await (await fetch(`${server.url}/ticks/1`, { headers: { "goats-timeout": "150" } })).text();
  assert(text.startsWith('data: 1\n\nevent: error\ndata: {"name":"timeout"'), text);
  const none = await fetch(`${server.url}/ticks/1`, { headers: { "goats-timeout": "0" } });
  assert(none.status === 408 || none.status === 200, `${none.status}`);
  assert((await none.text()).includes('"name":"timeout"'));
});

test("a shutdown tells callers, and lets no new ones in", async () => {
  await using server = up(feedService({
    async *ticks({ signal }) {
      yield 1;
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  }));
  const response = await fetch(`${server.url}/ticks/1`);
  const stopped = server.handler.shutdown(100);
  const late = await fetch(`${server.url}/ticks/1`);
  assertEquals(late.status, 503);
  await late.body?.cancel();
  assert((await response.text()).includes('event: error\ndata: {"name":"unavailable"'));
  await stopped;
});

test("within the process, by the handler itself", async () => {
  const reasons: string[] = [];
  const handler = httpHandler([feedService({
    async *ticks({ payload, signal }) {
      signal.addEventListener("abort", () => reasons.push(signal.reason.name));
      for (let n = 0; n < payload.n; n++) yield n;
      if (payload.n === 1) {
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      }
    },
  })]);
  await using client = httpClient(feed, "http://localhost", { fetch: handler });
  assertEquals(await Array.fromAsync(client.ticks({ n: 3 })), [0, 1, 2]);
  for await (const n of client.ticks({ n: 1 })) {
    assertEquals(n, 0);
    break;
  }
  await until(() => reasons.length === 1, "the handler saw that its caller has gone");
  assertEquals(reasons, ["canceled"]);
  await until(() => handler.calls === 0, "every call has ended");
});

// ---- Result and StreamingResult ---------------------------------------------------------------------------------------

const mixed = d.Service(
  "mixed",
  d.Error("denied"),
  d.Method(
    "sum",
    d.Payload(d.Field(1, "to", d.Int), d.Required("to")),
    d.Result(d.Field(1, "total", d.Int), d.Required("total")),
    d.StreamingResult(d.Field(1, "step", d.Int), d.Required("step")),
    d.HTTP(d.POST("/sum"), d.ServerSentEvents(), d.Response("denied", d.StatusForbidden)),
  ),
  d.Method("story", d.Result(Story), d.StreamingResult(d.String), get("/story")),
  d.Method("stories", d.Result(d.Int), d.StreamingResult(Story), get("/stories")),
);

const mixedService = implement(mixed, {
  async sum({ payload, stream, error, request, response }) {
    if (payload.to < 0) throw error("denied", "below zero");
    response.headers.set("x-way", request.transport);
    let total = 0;
    for (let step = 1; step <= payload.to; step++) {
      total += step;
      await stream?.send({ step });
    }
    return { total };
  },
  async story({ stream, setView }) {
    if (stream !== undefined) return void await stream.send("once upon a time");
    await setView("tiny");
    return { id: "1", text: "hidden" };
  },
  async stories({ stream }) {
    if (stream === undefined) return 1;
    await stream.setView("tiny");
    await stream.send({ id: "1", text: "hidden" });
  },
});

for (const transport of ["http", "memory"] as const) {
  test(`one result or a stream, as the caller asks: ${transport}`, async () => {
    await using server = up(mixedService);
    await using client = transport === "http" ? httpClient(mixed, server.url) : memoryClient(mixedService);
    assertEquals(await client.sum({ to: 4 }), { total: 10 });
    const steps = client.sumStream({ to: 3 });
    assertEquals((await steps.opened).headers.get("x-way"), transport === "http" ? "sse" : "memory");
    assertEquals(await Array.fromAsync(steps), [{ step: 1 }, { step: 2 }, { step: 3 }]);
    assertEquals((await rejection(client.sum({ to: -1 }))).name, "denied");
    assertEquals((await rejection(client.sumStream({ to: -1 }).recv())).name, "denied");
    assertEquals(await client.story(), { id: "1" });
    assertEquals(await Array.fromAsync(client.storyStream()), ["once upon a time"]);
    assertEquals(await client.stories(), 1);
    const stories = client.storiesStream();
    assertEquals(await Array.fromAsync(stories), [{ id: "1" }]);
    assertEquals(stories.view, "tiny");
    // What is of the stream is not of the result, to the compiler either.
    // @ts-expect-error a result has no `step`
    (await client.sum({ to: 0 })).step;
  });
}

test("interceptors see events, and one result or a stream as it was asked for, at both sides", async () => {
  const log: string[] = [];
  const spy = (name: string): Interceptor => ({
    open: async ({ request }, next) => {
      log.push(`${name} ${request.transport}`);
      await next();
    },
    send: (message) => void log.push(`${name} sends ${JSON.stringify(message)}`),
    receive: (message) => void log.push(`${name} takes ${JSON.stringify(message)}`),
    end: ({ ok, sent, received }) => void log.push(`${name} ${ok} ${sent} ${received}`),
  });
  await using server = up(mixedService, { interceptors: [spy("server")] });
  await using client = httpClient(mixed, server.url, { interceptors: [spy("client")] });
  const sorted = () => log.splice(0).sort();
  await client.sum({ to: 1 });
  await until(() => log.length === 6, "both sides told the end");
  const result = ['client takes {"total":1}', 'server sends {"total":1}'];
  assertEquals(
    sorted(),
    ["client http", "client true 0 1", result[0], "server http", result[1], "server true 1 0"].sort(),
  );
  await Array.fromAsync(client.sumStream({ to: 1 }));
  await until(() => log.length === 6, "both sides told the end");
  const event = ['client takes {"step":1}', 'server sends {"step":1}'];
  assertEquals(
    sorted(),
    ["client sse", event[0], "client true 0 1", event[1], "server sse", "server true 1 0"].sort(),
  );
});

test("one result or a stream: by Accept on the wire", async () => {
  await using server = up(mixedService);
  const ask = (accept?: string) =>
    fetch(`${server.url}/sum`, {
      method: "POST",
      body: '{"to":2}',
      headers: { "content-type": "application/json", ...(accept === undefined ? {} : { accept }) },
    });
  assertEquals(await (await ask()).json(), { total: 3 });
  assertEquals(await (await ask("*/*")).json(), { total: 3 });
  assertEquals(await (await ask("application/json")).json(), { total: 3 });
  const events = await ask("text/event-stream");
  assertEquals(events.headers.get("content-type"), "text/event-stream");
  assertEquals(await events.text(), 'data: {"step":1}\n\ndata: {"step":2}\n\nevent: end\ndata: {}\n\n');
});

Deno.test("a server that takes the connection and never answers is unavailable after openMs", async () => {
  await using between = await proxy(9, () => ({
    faults: [{ kind: "stall", at: { ms: 0 }, directions: ["up", "down"] }],
  }));
  await using client = httpClient(log, `http://127.0.0.1:${between.port}`, {
    limits: { openMs: 50 },
    reconnect: false,
  });
  const error = await assertRejects(() => client.once().recv(), ServiceError, "nothing was heard for 50 ms");
  assertEquals(error.name, "unavailable");
});
