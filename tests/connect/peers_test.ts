/** Connect's own clients, in all their protocols and formats, against `httpHandler`. */
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import * as node from "@connectrpc/connect-node";
import * as web from "@connectrpc/connect-web";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { until } from "../behaviour/until.ts";
import { decodeErrorResponse } from "../../src/grpc/status_decode.ts";
import { connectClient, type Message, serveShop } from "./support.ts";
import { shop } from "./design.ts";

/** What a transport is made of besides. */
interface Extra {
  readonly defaultTimeoutMs?: number;
  readonly useHttpGet?: boolean;
}

interface Way {
  readonly name: string;
  readonly grpc?: boolean;
  /** Whether requests can be streams. */
  readonly uploads?: boolean;
  transport(baseUrl: string, extra?: Extra): Transport;
}

const ways: readonly Way[] = [false, true].flatMap((useBinaryFormat): Way[] => {
  const format = useBinaryFormat ? "proto" : "json";
  return [
    {
      name: `connect-web, Connect, ${format}`,
      transport: (baseUrl, extra) => web.createConnectTransport({ baseUrl, useBinaryFormat, ...extra }),
    },
    {
      name: `connect-web, gRPC-Web, ${format}`,
      grpc: true,
      transport: (baseUrl, extra) => web.createGrpcWebTransport({ baseUrl, useBinaryFormat, ...extra }),
    },
    {
      name: `connect-node, Connect on HTTP/1.1, ${format}`,
      uploads: true,
      transport: (baseUrl, extra) =>
        node.createConnectTransport({
          baseUrl,
          useBinaryFormat,
          httpVersion: "1.1",
          sendCompression: node.compressionGzip,
          compressMinBytes: 8,
          acceptCompression: [node.compressionGzip],
          ...extra,
        }),
    },
    {
      name: `connect-node, gRPC-Web on HTTP/1.1, ${format}`,
      grpc: true,
      uploads: true,
      transport: (baseUrl, extra) =>
        node.createGrpcWebTransport({
          baseUrl,
          useBinaryFormat,
          httpVersion: "1.1",
          sendCompression: node.compressionGzip,
          compressMinBytes: 8,
          ...extra,
        }),
    },
  ];
});

const whole = {
  itemId: -9223372036854775808n,
  count: -2147483648,
  big: 18446744073709551615n,
  ratio: 0.1,
  data: new Uint8Array([0, 255, 254]),
  flag: true,
  tags: ["a", "ß", ""],
  scores: { "-5": 1, "9007199254740993": 2.5 },
  labels: { "": "empty", __proto__x: "p" },
  shape: { case: "labelText", value: "square" },
  extra: {
    kind: { case: "structValue", value: { fields: { a: { kind: { case: "numberValue", value: 1 } } } } },
  },
  rows: [{ field: [1, 2] }, { field: [] }],
  note: "x",
  renamed: "y",
  maybeCount: 0,
};

for (const way of ways) {
  const test = (
    what: string,
    run: (client: ReturnType<typeof connectClient>, at: ReturnType<typeof serveShop>) => Promise<void>,
  ) =>
    Deno.test(`${way.name}: ${what}`, async () => {
      await using at = serveShop();
      await run(connectClient(shop, "web_shop.WebShop", way.transport(at.url)), at);
    });

  test("all kinds of values there and back, metadata and trailers", async (client, at) => {
    const headers: string[] = [];
    let trailer: string | null = "";
    const echo: Message = await client.echo!(whole, {
      headers: { "x-a": "1", "x-b-bin": btoa("\x00\xff") },
      onHeader: (all) => headers.push(all.get("x-a") ?? "", all.get("x-b-bin") ?? ""),
      onTrailer: (all) => trailer = all.get("x-done"),
    });
    const { $typeName: _type, $unknown: _unknown, ...rest } = echo;
    for (const [name, value] of Object.entries(whole)) {
      if (name === "extra" || name === "rows") continue;
      assertEquals(rest[name], value, name);
    }
    assertEquals(rest.rows.map((row: { field: number[] }) => row.field), [[1, 2], []]);
    const any = rest.extra.kind.value;
    assertEquals(any.fields.a.kind.value, 1);
    assertEquals(headers, ["1", btoa("\x00\xff")]);
    assertEquals(trailer, "yes");
    assertEquals(at.seen, [`echo by ${way.grpc ? "grpc-web" : "connect"}`]);
    assertEquals(at.errors, []);
  });

  test("zeros that proto3 leaves out are there; an empty message is a message", async (client) => {
    const echo = await client.echo!({});
    assertEquals(
      [echo.itemId, echo.count, echo.data.length, echo.tags, echo.note, echo.maybeCount, echo.shape.case],
      [0n, 0, 0, [], "none", undefined, undefined],
    );
    assertEquals((await client.nothing!({})).$typeName, "web_shop.NothingResponse");
  });

  test("large results are compressed where the client says so", async (client) => {
    assertEquals((await client.find!({ id: 1000n })).field.length, 1010);
  });

  test("a declared error with its own data; a fault without its secret; an invalid payload", async (client) => {
    const missing = await assertRejects(() => client.find!({ id: 404n }), ConnectError, "missing");
    assertEquals(missing.code, Code.NotFound);
    assertEquals(missing.metadata.get("x-found"), "perhaps");
    const details = missing.details as { type: string; value: Uint8Array }[];
    assertEquals(details.map(({ type }) => type), ["web_shop.FindMissingError", "goapb.ErrorResponse"]);
    assertEquals(decodeErrorResponse(details[1]!.value).name, "missing");

    const fault = await assertRejects(() => client.find!({ id: 500n }), ConnectError, "internal error");
    assertEquals(fault.code, Code.Internal);
    const busy = await assertRejects(() => client.find!({ id: 429n }), ConnectError, "come back");
    assertEquals(busy.code, Code.ResourceExhausted);
    const invalid = await assertRejects(() => client.find!({ id: 1001n }), ConnectError, "payload.id");
    assertEquals(invalid.code, Code.InvalidArgument);
  });

  test("a server stream, its headers, its trailers, its error after its messages", async (client) => {
    let start: string | null = "";
    let sent: string | null = "";
    const options = {
      onHeader: (all: Headers) => start = all.get("x-start"),
      onTrailer: (all: Headers) => sent = all.get("x-sent"),
    };
    const got: number[] = [];
    for await (const one of client.list!({ to: 500, size: 2000 }, options)) {
      got.push(one.count);
      assertEquals(one.data.length, 2000);
    }
    assertEquals([got.length, got[499], start, sent], [500, 500, "1", "500"]);

    const some: number[] = [];
    const error = await assertRejects(async () => {
      for await (const one of client.list!({ to: 3 })) some.push(one.count);
    }, ConnectError);
    assertEquals([some, error.code], [[1, 2, 3], Code.NotFound]);
    assertEquals((error.details[0] as { type: string }).type, "web_shop.ListMissingError");
  });

  test("a stream that its caller leaves is canceled at the server", async (client, at) => {
    // Leaving the loop alone tells no one: these clients then neither read on nor say so.
    const controller = new AbortController();
    const { signal } = controller;
    const error = await assertRejects(async () => {
      for await (const one of client.list!({ to: 1_000_000_000 }, { signal })) {
        if (one.count === 5) controller.abort();
      }
    }, ConnectError);
    assertEquals(error.code, Code.Canceled);
    await until(() => at.handler.calls === 0, "the call is over");
  });

  test("a deadline is told to the server, and ends the call at both ends", async (client, at) => {
    const error = await assertRejects(() => client.wait!({}, { timeoutMs: 100 }), ConnectError);
    assertEquals(error.code, Code.DeadlineExceeded);
    await until(() => at.handler.calls === 0, "the call is over");
    assertEquals(at.seen, ["aborted"]);
  });

  test("a call that its caller aborts is canceled at the server", async (client, at) => {
    const controller = new AbortController();
    const call = client.wait!({}, { signal: controller.signal });
    call.catch(() => {});
    await until(() => at.handler.calls === 1, "the call is there");
    controller.abort();
    const error = await assertRejects(() => call, ConnectError);
    assertEquals(error.code, Code.Canceled);
    await until(() => at.handler.calls === 0, "the call is over");
    assertEquals(at.seen, ["aborted"]);
  });

  test("views, attributes in metadata, headers and trailers", async (client) => {
    let view: string | null = null;
    const tiny = await client.look!({ view: "tiny" }, { onHeader: (all) => view = all.get("goa-view") });
    assertEquals([tiny.id, tiny.name, view], [9007199254740993n, "", "tiny"]);

    const beside: string[] = [];
    const result = await client.beside!({ a: "A" }, {
      headers: { "x-key": "k" },
      onHeader: (all) => beside.push(all.get("x-mark") ?? ""),
      onTrailer: (all) => beside.push(all.get("x-last") ?? ""),
    });
    assertEquals([result.b, ...beside], ["Ak", "marked", "later"]);
  });

  test("credentials in metadata", async (client) => {
    const headers = { authorization: "Bearer t0ken" };
    assertEquals((await client.secret!({ q: "?" }, { headers })).field, "Ann ?");
    const error = await assertRejects(() => client.secret!({}), ConnectError);
    assertEquals(error.code, Code.Unauthenticated);
  });

  test("a path that is no method", async (_client, at) => {
    const response = await fetch(`${at.url}/web_shop.WebShop/None`, {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json" },
    });
    assertEquals(response.status, 404);
    await response.body?.cancel();
  });

  if (!way.uploads) continue;

  test("a client stream", async (client) => {
    async function* numbers(...all: number[]) {
      yield { body: { case: "initialPayload", value: { start: 1 } } };
      for (const field of all) yield { body: { case: "streamItem", value: { field } } };
    }
    assertEquals((await client.sum!(numbers(2, 3))).field, 6n);
    const error = await assertRejects(() => client.sum!(numbers(12)), ConnectError);
    assertEquals(error.code, Code.InvalidArgument);
    const empty = await assertRejects(() => client.sum!((async function* () {})()), ConnectError);
    assertEquals(empty.code, Code.InvalidArgument);
  });
}

/** connect-node allows streams both ways on HTTP/2 alone. */
for (const useBinaryFormat of [false, true]) {
  for (const create of [node.createConnectTransport, node.createGrpcWebTransport]) {
    Deno.test(`connect-node on HTTP/2: ${create.name}, ${useBinaryFormat}: a stream both ways, one message at a time`, async () => {
      await using at = serveShop();
      const manager = new node.Http2SessionManager(at.url);
      const transport = create({
        baseUrl: at.url,
        useBinaryFormat,
        httpVersion: "2",
        sessionManager: manager,
      });
      const client = connectClient(shop, "web_shop.WebShop", transport);
      let next = Promise.withResolvers<number | null>();
      async function* requests() {
        for (;;) {
          const count = await next.promise;
          if (count === null) return;
          next = Promise.withResolvers();
          yield { itemId: 1n, count };
        }
      }
      const got: number[] = [];
      next.resolve(1);
      for await (const reply of client.talk!(requests())) {
        got.push(reply.count);
        next.resolve(got.length === 3 ? null : reply.count);
      }
      assertEquals(got, [2, 3, 4]);
      manager.abort();
    });
  }
}

Deno.test("an idempotent method by GET", async () => {
  await using at = serveShop();
  const methods: string[] = [];
  for (const useBinaryFormat of [false, true]) {
    const client = connectClient(
      shop,
      "web_shop.WebShop",
      web.createConnectTransport({
        baseUrl: at.url,
        useBinaryFormat,
        useHttpGet: true,
        fetch: (input, init) => {
          methods.push(init?.method ?? "GET");
          return fetch(input, init);
        },
      }),
      // Goa's word says less than what these clients want to know: that there are no side effects.
      MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS,
    );
    assertEquals((await client.find!({ id: 7n })).field, "item 7 xxxxxxx");
    const error = await assertRejects(() => client.find!({ id: 404n }), ConnectError);
    assertEquals(error.code, Code.NotFound);
    assert((await client.find!({ id: 1000n })).field.length > 1000);
  }
  assertEquals(methods, new Array(6).fill("GET"));
});
