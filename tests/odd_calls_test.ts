/** What callers may ask for that makes no sense: every transport gives the same answer. */
import { assertEquals, assertRejects } from "@std/assert";
import {
  ArrayOf,
  Body,
  Cookie,
  Field,
  GET,
  GRPC,
  Header,
  HTTP,
  Int,
  Maximum,
  Method,
  Param,
  Payload,
  POST,
  Required,
  Response,
  Result,
  ServerSentEvents,
  Service,
  SSEEventID,
  SSEEventType,
  StatusAccepted,
  StatusOK,
  StreamingPayload,
  StreamingResult,
  String,
  Tag,
  Type,
} from "../src/design/mod.ts";
import { ServiceError } from "../src/errors/service_error.ts";
import { everyTransport } from "./every_transport.ts";

const Count = Type("Count", Field(1, "n", Int), Required("n"));
const odd = Service(
  "odd",
  Method("same", Payload(Count), Result(Count), HTTP(POST("/same")), GRPC()),
  Method("echo", StreamingPayload(Count), StreamingResult(Count), HTTP(GET("/echo")), GRPC()),
);
const handlers = {
  same: ({ payload }: { payload: { n: number } }) => payload,
  async *echo({ stream }: { stream: AsyncIterable<{ n: number }> }) {
    yield* stream;
  },
};

everyTransport("a timeout that is no number is refused before the call", odd, handlers, async (client) => {
  for (const odd of [NaN, "5", null, 5n, Symbol("five")]) {
    const timeout = odd as number;
    const message = `Cannot call odd.same: timeout must be a number of ms, not ${globalThis.String(odd)}`;
    await assertRejects(() => client.same({ n: 1 }, { timeout }), TypeError, message);
    const stream = client.echo({ timeout });
    await assertRejects(() => stream.opened, TypeError);
    await assertRejects(() => stream.closed, TypeError);
    await assertRejects(() => stream.recv(), TypeError);
    assertEquals(stream.state, "closed");
  }
  for (const timeout of [-1, -Infinity]) {
    // It has passed already.
    const stream = client.echo({ timeout });
    const error = await assertRejects(() => stream.closed, ServiceError);
    assertEquals((error as ServiceError).name, "timeout");
  }
  for (const timeout of [Infinity, 2 ** 31, 1e20]) {
    assertEquals(await client.same({ n: 1 }, { timeout }), { n: 1 });
  }
});

everyTransport("headers that belong to the connection are left out", odd, handlers, async (client) => {
  const headers = {
    connection: "close",
    "keep-alive": "timeout=5",
    "proxy-connection": "close",
    te: "gzip",
    "transfer-encoding": "gzip",
    upgrade: "h2c",
    "http2-settings": "AAMAAABkAAQAAP__",
    "content-length": "3",
    host: "elsewhere",
  };
  assertEquals(await client.same({ n: 1 }, { headers }), { n: 1 });
});

everyTransport("a client that was closed calls no more", odd, handlers, async (client) => {
  await (client as unknown as { close(): Promise<void> }).close();
  const stream = client.echo();
  for (
    const asked of [
      () => client.same({ n: 1 }),
      () => stream.opened,
      () => stream.recv(),
      () => stream.closed,
    ]
  ) {
    const error = await assertRejects<ServiceError>(asked, ServiceError, "the client was closed");
    assertEquals(error.name, "canceled");
  }
});

const summed = Service(
  "summed",
  Method("sum", StreamingPayload(Count), Result(Int, Maximum(3)), HTTP(GET("/sum")), GRPC()),
);

everyTransport(
  "a result that cannot be sent, which its handler does not wait for, ends the call and not the process",
  summed,
  {
    async sum(
      { stream }: { stream: { recv(): Promise<unknown>; sendAndClose(sum: number): Promise<void> } },
    ) {
      await stream.recv();
      stream.sendAndClose(9);
    },
  },
  async (client) => {
    const stream = client.sum();
    await stream.send({ n: 9 });
    assertEquals((await assertRejects(() => stream.closeAndRecv(), ServiceError)).name, "fault");
    await assertRejects(() => client.sum().closeAndRecv(), ServiceError);
  },
);

const Inherited = Type(
  "Inherited",
  Field(1, "constructor", String),
  Field(2, "toString", Int),
  Field(3, "valueOf", String),
  Field(4, "hasOwnProperty", ArrayOf(String)),
  Field(5, "key", String),
  Required("key"),
);
const inherited = Service(
  "inherited",
  Method(
    "mapped",
    Payload(Inherited),
    Result(Inherited),
    HTTP(
      GET("/mapped/{key}"),
      Param("toString"),
      Param("hasOwnProperty"),
      Header("valueOf:x-value"),
      Cookie("constructor:made-by"),
      Response(
        StatusOK,
        Header("toString:x-text"),
        Cookie("constructor:by"),
        Body("hasOwnProperty"),
        Header("key:x-key"),
      ),
    ),
    GRPC(),
  ),
  Method(
    "tagged",
    Payload(Inherited),
    Result(Inherited),
    HTTP(
      POST("/tagged"),
      Response(StatusAccepted, Tag("constructor", "tag")),
      Response(StatusOK),
    ),
    GRPC(),
  ),
  Method(
    "events",
    Payload(Inherited),
    StreamingResult(Inherited),
    HTTP(POST("/events"), ServerSentEvents("key", SSEEventID("constructor"), SSEEventType("valueOf"))),
    GRPC(),
  ),
);

interface Odd {
  readonly key: string;
  readonly constructor: string | undefined;
  readonly valueOf: unknown;
}

// TypeScript, too, takes what all objects inherit for theirs.
const handling = {
  mapped: ({ payload: { valueOf: _, ...rest } }: { payload: Odd }) => rest,
  tagged: ({ payload }: { payload: Odd }) => payload,
  async *events({ payload: { key, constructor, valueOf } }: { payload: Odd }) {
    yield { key, ...(typeof constructor === "string" ? { constructor, valueOf } : {}) };
  },
};

everyTransport(
  "attributes called as what all objects inherit travel anywhere, or are absent",
  inherited,
  handling as never,
  async (client) => {
    const only = { key: "k" } as never;
    const kept = { key: "k", constructor: "c", toString: 5, hasOwnProperty: ["a"] };
    assertEquals(await client.mapped(only), only);
    assertEquals(await client.mapped({ ...kept, valueOf: "v" }), kept as never);
    assertEquals(await client.tagged(only), only);
    const tagged = { key: "k", constructor: "tag" } as never;
    assertEquals(await client.tagged(tagged), tagged);
    assertEquals(await Array.fromAsync(client.events(only)), [only]);
    const all = { key: "k", constructor: "c", valueOf: "v" } as never;
    assertEquals(await Array.fromAsync(client.events(all)), [all]);
  },
);
