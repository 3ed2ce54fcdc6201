/** What callers may ask for that makes no sense: every transport gives the same answer. */
import { assertEquals, assertRejects } from "@std/assert";
import {
  Field,
  GET,
  GRPC,
  HTTP,
  Int,
  Method,
  Payload,
  POST,
  Required,
  Result,
  Service,
  Type,
} from "../src/design/mod.ts";
import { StreamingPayload, StreamingResult } from "../src/design/mod.ts";
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
  for (const timeout of [NaN, "5" as unknown as number]) {
    await assertRejects(() => client.same({ n: 1 }, { timeout }), TypeError, `not ${timeout}`);
    const stream = client.echo({ timeout });
    await assertRejects(() => stream.opened, TypeError);
    await assertRejects(() => stream.closed, TypeError);
    await assertRejects(() => stream.recv(), TypeError);
    assertEquals(stream.state, "closed");
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
