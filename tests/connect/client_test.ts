/** `httpClient` over Connect: against `httpHandler`, against connect-node's own server, and against what is neither. */
import { toBinary } from "@bufbuild/protobuf";
import { ConnectError, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import type { DescService } from "@bufbuild/protobuf";
import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { errorOf } from "../../src/core/error_of.ts";
import type { ClientOf } from "../../src/core/client_types.ts";
import { ServiceError } from "../../src/errors/service_error.ts";
import { httpClient, type HttpClientOptions } from "../../src/http/client.ts";
import { CLEAR, proxy } from "../behaviour/proxy.ts";
import { until } from "../behaviour/until.ts";
import { shop } from "./design.ts";
import { type Message, registryOf, serveShop, thing } from "./support.ts";

type ShopClient = ClientOf<typeof shop>;

async function rejection(promise: Promise<unknown>): Promise<ServiceError> {
  const error = await assertRejects(() => promise);
  assertInstanceOf(error, ServiceError);
  return error;
}

function overConnect(url: string, options: HttpClientOptions = {}): ShopClient {
  return httpClient(shop, url, { protocol: "connect", ...options });
}

/** A shop as connect-node serves it: messages are protobuf-es's, errors and metadata Connect's own. */
async function serveByConnect(): Promise<{ readonly url: string } & AsyncDisposable> {
  const registry = registryOf(shop);
  const service = registry.getService("web_shop.WebShop") as DescService;
  const missing = registry.getMessage("web_shop.ListMissingError")!;
  const found = registry.getMessage("web_shop.FindMissingError")!;
  const refuse = (desc: typeof missing, itemId: bigint) => {
    const error = new ConnectError("missing", 5, { "x-found": "perhaps" });
    const value = { $typeName: desc.typeName, itemId, hints: ["a"] };
    // The descriptor was made at run time, so there is no schema to type this with.
    error.details.push({ type: desc.typeName, value: toBinary(desc, value as never) });
    return error;
  };
  const handlers: Record<string, unknown> = {
    echo(request: Message, { requestHeader, responseHeader, responseTrailer }: HandlerContext) {
      for (const [name, value] of requestHeader) if (name.startsWith("x-")) responseHeader.set(name, value);
      responseTrailer.set("x-done", "yes");
      return request;
    },
    find({ id }: Message, { timeoutMs }: HandlerContext) {
      if (id === 404n) throw refuse(found, id);
      if (id === 1n) return { field: `${(timeoutMs() ?? 0) > 50_000}` };
      return { field: `item ${id}` };
    },
    async *list({ to, size }: Message, { responseHeader, responseTrailer }: HandlerContext) {
      responseHeader.set("x-start", "1");
      responseTrailer.set("x-sent", `${to}`);
      for (let n = 1; n <= to; n++) {
        yield { itemId: BigInt(n), count: n, data: new Uint8Array(size ?? 0), big: 1n };
      }
      if (to === 3) throw refuse(missing, 3n);
    },
    async sum(requests: AsyncIterable<Message>) {
      let sum = 0;
      for await (const { body } of requests) {
        sum += body.case === "initialPayload" ? body.value.start : body.value.field;
      }
      return { field: BigInt(sum) };
    },
    async *talk(requests: AsyncIterable<Message>) {
      for await (const one of requests) yield { ...one, count: one.count + 1 };
    },
    nothing: () => ({}),
  };
  const routes = (router: ConnectRouter) => void router.service(service, handlers as never);
  const server = createServer(connectNodeAdapter({ routes }));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const whole = {
  item_id: -9223372036854775808n,
  count: -2147483648,
  big: 18446744073709551615n,
  ratio: 0.1,
  data: new Uint8Array([0, 255, 254]),
  flag: true,
  tags: ["a", "ß", ""],
  scores: new Map([[-5n, 1], [9007199254740993n, 2.5]]),
  labels: { "": "empty", p: "p" },
  shape: { type: "label_text" as const, value: "square" },
  extra: { a: [1, null, "x"] },
  rows: [[1, 2], []],
  note: "x",
  renamed: "y",
  maybe_count: 0,
};

const servers: Readonly<Record<string, () => Promise<{ readonly url: string } & AsyncDisposable>>> = {
  "httpHandler": () => Promise.resolve(serveShop()),
  "connect-node": serveByConnect,
};

for (const [name, serve] of Object.entries(servers)) {
  const test = (what: string, run: (client: ShopClient, url: string) => Promise<void>) =>
    Deno.test(`httpClient against ${name}: ${what}`, async () => {
      await using at = await serve();
      await using client = overConnect(at.url);
      await run(client, at.url);
    });

  test("all kinds of values there and back", async (client) => {
    assertEquals(await client.echo(whole), whole);
    assertEquals(await client.nothing(), undefined);
  });

  test("a declared error with its own data; an invalid payload is not sent", async (client) => {
    const error = await rejection(client.find({ id: 404n }));
    assertEquals([error.name, error.message], ["missing", "missing"]);
    const declared = errorOf(shop, "find", error);
    assertEquals((declared?.data as { item_id: bigint }).item_id, 404n);
    assertEquals((await rejection(client.find({ id: 1001n }))).name, "invalid_range");
  });

  test("a server stream, its headers and trailers, its error after its messages", async (client) => {
    const stream = client.list({ to: 500, size: 2000 });
    assertEquals((await stream.opened).headers.get("x-start"), "1");
    let count = 0;
    for await (const one of stream) {
      assertEquals([one.count, one.data.length], [++count, 2000]);
    }
    assertEquals(count, 500);
    assertEquals((await stream.closed).get("x-sent"), "500");

    const got: number[] = [];
    const error = await rejection((async () => {
      for await (const one of client.list({ to: 3 })) got.push(one.count);
    })());
    assertEquals([got, error.name], [[1, 2, 3], "missing"]);
    assertEquals((error.data as { item_id: bigint }).item_id, 3n);
  });

  test("a client stream", async (client) => {
    const sum = client.sum({ start: 1 });
    for (let n = 1; n <= 1000; n++) await sum.send(n);
    assertEquals(await sum.closeAndRecv(), 500_501n);
  });

  // connect-node serves the rest over HTTP/2 alone, and does not notice on HTTP/1.1 that a caller has left.
  if (name === "connect-node") continue;

  test("a stream both ways, one message at a time", async (client) => {
    const talk = client.talk();
    for (let n = 1; n <= 3; n++) {
      await talk.send(thing(n));
      assertEquals((await talk.recv())?.count, n + 1);
    }
    await talk.closeSend();
    assertEquals(await talk.recv(), null);
    await talk.closed;
  });

  test("a stream that its caller leaves", async (client) => {
    for await (const one of client.list({ to: 1_000_000 })) if (one.count === 5) break;
  });
}

Deno.test("connect-node's server reads our timeout", async () => {
  await using at = await serveByConnect();
  await using client = overConnect(at.url);
  assertEquals(await client.find({ id: 1n }, { timeout: 60_000 }), "true");
});

Deno.test("what travels beside messages: views, headers, trailers, metadata, credentials", async () => {
  await using at = serveShop();
  const routes: string[] = [];
  await using client = overConnect(at.url, {
    headers: () => Promise.resolve({ "x-a": "1", "x-b-bin": btoa("\x00\xff"), "x-c": "client" }),
    interceptors: [{
      open(call, next) {
        routes.push(`${call.request.transport} ${call.request.peer === new URL(at.url).host}`);
        return next();
      },
    }],
  });
  assertEquals(await client.look({ view: "tiny" }), { id: 9007199254740993n } as never);
  assertEquals(await client.beside({ a: "A", key: "k" }), { b: "Ak", mark: "marked", last: "later" });
  assertEquals(await client.secret({ token: "t0ken", q: "?" }), "Ann ?");
  const refused = await rejection(client.secret({ token: "other" }));
  assertEquals([refused.name, refused.message], ["unauthorized", "this token is not known"]);
  const stream = client.list({ to: 1 }, { headers: { "x-c": "call" } });
  await Array.fromAsync(stream);
  assertEquals(routes, new Array(5).fill("connect true"));
});

Deno.test("faults keep their secret and their id; temporary errors say so", async () => {
  await using at = serveShop();
  await using client = overConnect(at.url);
  const fault = await rejection(client.find({ id: 500n }));
  assertEquals([fault.name, fault.fault], ["fault", true]);
  assert(!fault.message.includes("secret"));
  assertEquals(fault.id, at.errors[0]!.id);
  const busy = await rejection(client.find({ id: 429n }));
  assertEquals([busy.name, busy.temporary], ["busy", true]);
});

Deno.test("timeouts and cancels reach the handler", async () => {
  await using at = serveShop();
  await using client = overConnect(at.url);
  assertEquals((await rejection(client.wait({}, { timeout: 50 }))).name, "timeout");
  await until(() => at.handler.calls === 0, "the call is over");
  const controller = new AbortController();
  const call = client.wait({}, { signal: controller.signal });
  call.catch(() => {});
  await until(() => at.handler.calls === 1, "the call is there");
  controller.abort(new Error("enough"));
  await assertRejects(() => call, Error, "enough");
  await until(() => at.handler.calls === 0, "the call is over");
  assertEquals(at.seen, ["aborted", "aborted"]);
});

Deno.test("a handler within the process serves as `fetch`", async () => {
  await using at = serveShop();
  await using client = overConnect("http://localhost", { fetch: at.handler });
  assertEquals(await client.find({ id: 1n }), "item 1 x");
  const talk = client.talk();
  await talk.send(thing(1));
  assertEquals((await talk.recv())?.count, 2);
  await talk.closeSend();
  assertEquals(await talk.recv(), null);
  for await (const one of client.list({ to: 1_000_000 })) if (one.count === 5) break;
  await until(() => at.handler.calls === 0, "the calls are over");
});

Deno.test("an idempotent stream whose connection is lost is called anew", async () => {
  await using at = serveShop();
  const between = await proxy(Number(new URL(at.url).port), () => CLEAR);
  const client = overConnect(`http://127.0.0.1:${between.port}`, { reconnect: { firstMs: 1, maxMs: 10 } });
  const stream = client.list({ to: 1_000_000, size: 1000 });
  const first: number[] = [];
  let again = false;
  for await (const { count } of stream) {
    first.push(count);
    if (first.length === 3) between.cut();
    if (first.length > 3 && count === 1) {
      again = true;
      break;
    }
  }
  assert(again);
  assertEquals(stream.restarts, 1);
  await client.close();
  await between.stop();
});

Deno.test("methods without GRPC travel as the design maps them, those without HTTP need Connect", async () => {
  await using at = serveShop();
  await using plain = httpClient(shop, at.url);
  const error = await assertRejects(() => plain.nothing());
  assert(`${error}`.includes("HTTP"), `${error}`);
});

// ---- answers that are not what they should be -----------------------------------------------------------------------

const utf8 = new TextEncoder();

function envelope(flags: number, text: string, length = utf8.encode(text).length): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(5 + utf8.encode(text).length);
  bytes[0] = flags;
  new DataView(bytes.buffer).setUint32(1, length);
  bytes.set(utf8.encode(text), 5);
  return bytes;
}

const JSON_TYPE = { "content-type": "application/json" };
const STREAM_TYPE = { "content-type": "application/connect+json" };

const unaryAnswers: readonly [what: string, answer: () => Response, error: string][] = [
  ["nothing of Connect's", () => new Response("<html>", { status: 404 }), "unimplemented"],
  ["a gateway's", () => new Response("", { status: 502 }), "unavailable"],
  ["no permission", () => new Response("no", { status: 403 }), "forbidden"],
  [
    "an error without a code",
    () => new Response(`{"message":"m"}`, { status: 503, headers: JSON_TYPE }),
    "unavailable",
  ],
  [
    "an error of another code",
    () => new Response(`{"code":"odd"}`, { status: 400, headers: JSON_TYPE }),
    "fault",
  ],
  [
    "an error that is no JSON",
    () => new Response(`{"code":`, { status: 500, headers: JSON_TYPE }),
    "unknown",
  ],
  [
    "details that are none",
    () =>
      new Response(
        `{"code":"not_found","message":"m","details":[1,{},{"type":"goapb.ErrorResponse","value":"//8"}]}`,
        {
          status: 404,
          headers: JSON_TYPE,
        },
      ),
    "not_found",
  ],
  ["another type", () => new Response("x", { headers: { "content-type": "text/plain" } }), "bad_response"],
  ["no JSON", () => new Response("{", { headers: JSON_TYPE }), "decode_payload"],
  ["an invalid result", () => new Response("[]", { headers: JSON_TYPE }), "invalid_field_type"],
  ["too much", () => new Response(" ".repeat(2000), { headers: JSON_TYPE }), "too_large"],
];

for (const [what, answer, name] of unaryAnswers) {
  Deno.test(`answers to a unary call: ${what}`, async () => {
    await using client = overConnect("http://localhost", {
      fetch: () => Promise.resolve(answer()),
      limits: { messageBytes: 1000 },
    });
    assertEquals((await rejection(client.find({ id: 1n }))).name, name);
  });
}

const good = JSON.stringify({ itemId: "1", count: 1, big: "1", ratio: 1, data: "", flag: true, tags: [] });
const streamAnswers: readonly [what: string, parts: Uint8Array<ArrayBuffer>[], error: string | undefined][] =
  [
    ["well", [envelope(0, good), envelope(2, "{}")], undefined],
    ["no end", [envelope(0, good)], "unavailable"],
    ["an end within a message", [envelope(0, good), envelope(0, "{", 5)], "unavailable"],
    ["an end within a head", [envelope(0, good), new Uint8Array(3)], "unavailable"],
    ["compressed, though nobody asked for it", [envelope(0, good), envelope(1, "{}")], "bad_response"],
    ["an end that is none", [envelope(0, good), envelope(2, "nonsense")], "bad_response"],
    ["an error that is none", [envelope(0, good), envelope(2, `{"error":7}`)], "bad_response"],
    ["an error", [envelope(0, good), envelope(2, `{"error":{"code":"aborted"}}`)], "aborted"],
    [
      "odd trailers",
      [envelope(0, good), envelope(2, `{"metadata":{"\\n":["x"],"a":7,"b":["1","2"]}}`)],
      undefined,
    ],
    ["too much", [envelope(0, good), envelope(0, " ".repeat(2000))], "too_large"],
  ];

for (const [what, parts, name] of streamAnswers) {
  Deno.test(`answers to a call of a stream: ${what}`, async () => {
    await using client = overConnect("http://localhost", {
      fetch: () => Promise.resolve(new Response(ReadableStream.from(parts), { headers: STREAM_TYPE })),
      reconnect: false,
      limits: { messageBytes: 1000 },
    });
    const stream = client.list({ to: 1 });
    const got: number[] = [];
    const reading = (async () => {
      for await (const { count } of stream) got.push(count);
    })();
    if (name !== undefined) assertEquals((await rejection(reading)).name, name);
    else {
      await reading;
      if (what === "odd trailers") assertEquals((await stream.closed).get("b"), "1, 2");
    }
    assertEquals(got, [1]);
  });
}

Deno.test("a server that is not there is unavailable; a stream of another type is none", async () => {
  const gone = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = gone.addr;
  gone.close();
  await using client = overConnect(`http://127.0.0.1:${port}`);
  for (
    const call of [
      client.find({ id: 1n }),
      client.list({ to: 1 }).recv(),
      client.sum({ start: 1 }).closeAndRecv(),
    ]
  ) {
    assertEquals((await rejection(call)).name, "unavailable");
  }
  await using other = overConnect("http://localhost", {
    fetch: () => Promise.resolve(new Response("{}", { headers: JSON_TYPE })),
  });
  assertEquals((await rejection(other.list({ to: 1 }).recv())).name, "bad_response");
});

Deno.test("headers that cannot be made or sent end the call, whatever they throw", async () => {
  await using client = overConnect("http://localhost", {
    headers: () => Promise.reject(new Error("no token")),
    fetch: () => Promise.reject(new Error("not to be called")),
  });
  await assertRejects(() => client.find({ id: 1n }), Error, "no token");
  await assertRejects(() => client.list({ to: 1 }).recv(), Error, "no token");
  await using other = overConnect("http://localhost", { headers: { "x-bin": "?" } });
  await assertRejects(() => other.find({ id: 1n }), TypeError, "x-bin");
});
