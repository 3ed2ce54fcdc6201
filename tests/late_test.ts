/** First calls of their kind, for which what they travel by is still to be loaded: each with a module of its own. */
import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { implement } from "../src/core/implement.ts";
import {
  Field,
  GET,
  GRPC,
  HTTP,
  Int,
  Method,
  Param,
  Payload,
  POST,
  Required,
  Result,
  ServerSentEvents,
  Service,
  StreamingPayload,
  StreamingResult,
} from "../src/design/mod.ts";
import { ServiceError } from "../src/errors/service_error.ts";

const N = [Field(1, "n", Int), Required("n")] as const;
const late = Service(
  "late",
  Method("talk", StreamingPayload(...N), StreamingResult(...N), HTTP(GET("/talk"))),
  Method("count", Payload(...N), StreamingResult(...N), HTTP(GET("/count"), Param("n"), ServerSentEvents())),
  Method("twice", Payload(...N), Result(...N), HTTP(POST("/twice")), GRPC()),
);

const service = implement(late, {
  async talk({ stream }) {
    for await (const message of stream) await stream.send(message);
  },
  async *count({ payload }) {
    for (let n = 1; n <= payload.n; n++) yield await Promise.resolve({ n });
  },
  twice: ({ payload }) => ({ n: 2 * payload.n }),
});

let copies = 0;

async function newClient(): Promise<typeof import("../src/http/client.ts").httpClient> {
  return (await import(`../src/http/client.ts?${++copies}`)).httpClient;
}

async function newHandler(): Promise<ReturnType<typeof import("../src/http/handler.ts").httpHandler>> {
  return (await import(`../src/http/handler.ts?${++copies}`)).httpHandler([service]);
}

async function serving(): Promise<{ readonly url: string; readonly seen: () => number } & AsyncDisposable> {
  const handler = await newHandler();
  let seen = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request, info) => {
    seen++;
    return handler(request, info);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    seen: () => seen,
    async [Symbol.asyncDispose]() {
      await handler.shutdown(0);
      await server.shutdown();
    },
  };
}

async function nameOf(promise: Promise<unknown>): Promise<string> {
  const error = await assertRejects(() => promise);
  assertInstanceOf(error, ServiceError);
  return error.name;
}

Deno.test("messages of a first stream go as they were when they were sent, in order", async () => {
  await using server = await serving();
  await using client = (await newClient())(late, server.url);
  const stream = client.talk();
  const message = { n: 0 };
  for (message.n = 1; message.n <= 3; message.n++) void stream.send(message);
  void stream.closeSend();
  message.n = 100;
  const got: number[] = [];
  for await (const { n } of stream) got.push(n);
  assertEquals(got, [1, 2, 3]);
});

Deno.test("an invalid message of a first stream is told by send, as any other", async () => {
  await using server = await serving();
  await using client = (await newClient())(late, server.url);
  const stream = client.talk();
  assertEquals(await nameOf(stream.send({} as never)), "missing_field");
  await stream.send({ n: 5 });
  assertEquals(await stream.recv(), { n: 5 });
  stream.cancel();
});

Deno.test("the payload of a first call over Connect goes as it was when the call was made", async () => {
  const handler = await newHandler();
  await using client = (await newClient())(late, "http://x", { protocol: "connect", fetch: handler });
  const payload = { n: 4 };
  const result = client.twice(payload);
  payload.n = 100;
  assertEquals(await result, { n: 8 });
  assertEquals(await nameOf(client.twice({} as never)), "missing_field");
});

Deno.test("the invalid payload of a first call over Connect is its error", async () => {
  const handler = await newHandler();
  await using client = (await newClient())(late, "http://x", { protocol: "connect", fetch: handler });
  assertEquals(await nameOf(client.twice({} as never)), "missing_field");
});

Deno.test("a first stream of events", async () => {
  const handler = await newHandler();
  await using client = (await newClient())(late, "http://x", { fetch: handler });
  const got: number[] = [];
  for await (const { n } of client.count({ n: 3 })) got.push(n);
  assertEquals(got, [1, 2, 3]);
});

Deno.test("a first stream that is given up at once never reaches the server", async () => {
  await using server = await serving();
  {
    await using client = (await newClient())(late, server.url);
    const stream = client.talk();
    stream.cancel();
    assertEquals(await nameOf(stream.closed), "canceled");
    assertEquals(await nameOf(stream.opened), "canceled");
  }
  {
    const client = (await newClient())(late, server.url);
    const stream = client.talk();
    await client.close();
    assertEquals(await nameOf(stream.closed), "canceled");
  }
  assertEquals(server.seen(), 0);
});

Deno.test("a handler that shuts down while a first stream waits to begin refuses it", async () => {
  for (const [path, headers] of [["/count?n=1", {}], ["/talk", { "upgrade": "websocket" }]] as const) {
    const handler = await newHandler();
    const answer = handler(new Request(`http://x${path}`, { headers }));
    await handler.shutdown(0);
    const response = await answer;
    assertEquals(response.status, 503);
    assertEquals((await response.json()).name, "unavailable");
  }
});
