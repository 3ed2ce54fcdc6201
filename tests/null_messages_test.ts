/** `null` is no message on any transport, not even where messages are Any: it stands for the end of a stream. */
import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import * as d from "../src/design/mod.ts";
import type { Handlers } from "../src/core/call.ts";
import type { MethodsOf } from "../src/design/infer.ts";
import { ServiceError } from "../src/errors/service_error.ts";
import { httpClient } from "../src/http/client_mod.ts";
import { room } from "../src/rooms/mod.ts";
import { everyTransport } from "./every_transport.ts";

const anything = d.Service(
  "anything",
  d.Method("both", d.StreamingPayload(d.Any), d.StreamingResult(d.Any), d.HTTP(d.GET("/both")), d.GRPC()),
  d.Method("down", d.StreamingResult(d.Any), d.HTTP(d.GET("/down")), d.GRPC()),
  d.Method(
    "events",
    d.StreamingResult(d.Any),
    d.HTTP(d.GET("/events"), d.ServerSentEvents()),
    d.GRPC(),
  ),
  d.Method("room", d.StreamingResult(d.Any), d.HTTP(d.GET("/room")), d.GRPC()),
);

const lobby = room<unknown>("lobby");

async function* oneAndNull(): AsyncGenerator<unknown> {
  yield 1;
  yield null;
}

const handlers: Handlers<MethodsOf<typeof anything>> = {
  async both({ stream }) {
    const told = await errorOf(stream.send(null));
    await stream.send(told.message);
    for await (const message of stream) await stream.send([message]);
  },
  down: oneAndNull,
  events: oneAndNull,
  async room({ stream }) {
    await lobby.join(stream).left;
  },
};

async function errorOf(promise: Promise<unknown>): Promise<ServiceError> {
  const error = await assertRejects(() => promise);
  assertInstanceOf(error, ServiceError);
  assertEquals(error.name, "invalid_field_type");
  return error;
}

everyTransport("null is no message", anything, handlers, async (client) => {
  const both = client.both();
  const refused = 'invalid value null for "streaming_payload", must be a message';
  assertEquals((await errorOf(both.send(null))).message, `anything.both: ${refused}`);
  await both.send([null]);
  assertEquals(await both.recv(), 'anything.both: invalid value null for "result", must be a message');
  assertEquals(await both.recv(), [[null]], "the stream goes on");
  await both.closeSend();
  assertEquals(await both.recv(), null);

  for (const stream of [client.down(), client.events()]) {
    assertEquals(await stream.recv(), 1);
    const error = await assertRejects(() => stream.recv());
    assertEquals((error as ServiceError).name, "fault", "the handler's mistake, and no good end");
  }

  const member = client.room();
  while (lobby.size === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await errorOf(lobby.broadcast(null));
  await lobby.broadcast(0);
  assertEquals(await member.recv(), 0);
  member.cancel();
  await member.closed.catch(() => {});
  while (lobby.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
});

Deno.test("null from a server that knows no better is an invalid message, and no end", async () => {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onopen = () => {
      for (const text of ["1", "null", "2"]) socket.send(text);
      socket.close(1000);
    };
    return response;
  });
  const client = httpClient(anything, `http://127.0.0.1:${server.addr.port}`, { wire: "plain" });
  const stream = client.down();
  assertEquals(await stream.recv(), 1);
  await errorOf(stream.recv());
  assertEquals([await stream.recv(), await stream.recv()], [2, null]);
  await client.close();
  await server.shutdown();
});
