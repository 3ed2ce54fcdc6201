/**
 * `send` with a timeout and `trySend`, at both ends of every transport, with a reader that does not read: a network that
 * passes nothing on, or, in memory, nobody who calls `recv`.
 */
import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { once } from "node:events";
import { connect as connectTcp, createServer, type Socket } from "node:net";
import { httpClient, httpHandler, implement, ServiceError } from "@x/goats";
import type { BidiStreaming, ClientOf, ClientStreaming, Handlers, Sending } from "@x/goats";
import { grpcClient, grpcServer } from "@x/goats/grpc";
import { memoryClient } from "@x/goats/testing";
import {
  Bytes,
  CodeOK,
  Field,
  GET,
  GRPC,
  HTTP,
  Int,
  Maximum,
  Method,
  Required,
  Response,
  Result,
  ServerSentEvents,
  Service,
  StreamingPayload,
  StreamingResult,
} from "../src/design/mod.ts";
import type { MethodsOf } from "../src/design/infer.ts";

const design = Service(
  "svc",
  Method(
    "down",
    StreamingResult(Field(1, "n", Int, Maximum(1_000_000)), Field(2, "data", Bytes), Required("n")),
    HTTP(GET("/down")),
    GRPC(Response(CodeOK)),
  ),
  Method(
    "events",
    StreamingResult(Field(1, "n", Int, Maximum(1_000_000)), Field(2, "data", Bytes), Required("n")),
    HTTP(GET("/events"), ServerSentEvents()),
    GRPC(Response(CodeOK)),
  ),
  Method(
    "up",
    StreamingPayload(Field(1, "n", Int, Maximum(1_000_000)), Field(2, "data", Bytes), Required("n")),
    Result(Field(1, "count", Int), Field(2, "last", Int), Required("count", "last")),
    HTTP(GET("/up")),
    GRPC(Response(CodeOK)),
  ),
  Method(
    "both",
    StreamingPayload(Field(1, "n", Int, Maximum(1_000_000)), Field(2, "data", Bytes), Required("n")),
    StreamingResult(Field(1, "n", Int, Maximum(1_000_000)), Field(2, "data", Bytes), Required("n")),
    HTTP(GET("/both")),
    GRPC(Response(CodeOK)),
  ),
);

interface Item {
  readonly n: number;
  readonly data?: Uint8Array;
}

type AllHandlers = Handlers<MethodsOf<typeof design>>;

const DATA = new Uint8Array(64 * 1024).fill(7);
/** The plain wire cannot make a sender wait for its reader; what the network has held back comes all at once. */
const PLAIN = { unreadBytes: 1e9, stallMs: 60_000 };
const LONG = { timeout: 60_000 };

const nothing: AllHandlers = {
  down() {},
  events() {},
  up: () => ({ count: 0, last: 0 }),
  both() {},
};

/** A network that can be made to pass nothing on. */
async function relay(target: number): Promise<{
  readonly port: number;
  hold(): void;
  release(): void;
  stop(): Promise<void>;
}> {
  const sockets = new Set<Socket>();
  let held = false;
  const server = createServer({ noDelay: true }, (near) => {
    const far = connectTcp({ port: target, host: "127.0.0.1", noDelay: true });
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from);
      from.on("data", (bytes: Uint8Array) => {
        if (!to.write(bytes)) from.pause();
      });
      to.on("drain", () => {
        if (!held) from.resume();
      });
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as { port: number }).port,
    hold() {
      held = true;
      for (const socket of sockets) socket.pause();
    },
    release() {
      held = false;
      for (const socket of sockets) socket.resume();
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

interface Setup extends AsyncDisposable {
  readonly client: ClientOf<typeof design>;
  hold(): void;
  release(): void;
  /** Ends the calls, without the network if there is one. */
  end(): Promise<void>;
}

interface Transport {
  readonly name: string;
  /** The method that sends down. */
  readonly down: "down" | "events";
  setUp(handlers: AllHandlers): Promise<Setup>;
}

async function overHttp(handlers: AllHandlers, wire?: "plain"): Promise<Setup> {
  const limits = wire === undefined ? { stallMs: 60_000 } : PLAIN;
  const handler = httpHandler([implement(design, handlers)], { limits });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  const between = await relay(server.addr.port);
  const client = httpClient(design, `http://127.0.0.1:${between.port}`, { limits, wire });
  return {
    client,
    hold: between.hold,
    release: between.release,
    end: () => handler.shutdown(0),
    async [Symbol.asyncDispose]() {
      await client.close();
      await between.stop();
      await handler.shutdown(0);
      await server.shutdown();
    },
  };
}

const transports: readonly Transport[] = [
  {
    name: "memory",
    down: "down",
    setUp(handlers) {
      const client = memoryClient(implement(design, handlers));
      return Promise.resolve({
        client,
        hold() {},
        release() {},
        end: () => client.close(),
        [Symbol.asyncDispose]: () => client.close(),
      });
    },
  },
  { name: "ws", down: "down", setUp: (handlers) => overHttp(handlers, "plain") },
  { name: "goats.v1", down: "down", setUp: (handlers) => overHttp(handlers) },
  { name: "sse", down: "events", setUp: overHttp },
  {
    name: "grpc",
    down: "down",
    async setUp(handlers) {
      const server = grpcServer([implement(design, handlers)]);
      const { port } = await server.listen("127.0.0.1:0");
      const between = await relay(port);
      const client = grpcClient(design, `127.0.0.1:${between.port}`);
      return {
        client,
        hold: between.hold,
        release: between.release,
        end: () => server.shutdown(0),
        async [Symbol.asyncDispose]() {
          await client.close();
          await server.shutdown(0);
          await between.stop();
        },
      };
    },
  },
];

function over(
  which: (transport: Transport) => boolean,
  name: string,
  test: (transport: Transport) => Promise<void>,
): void {
  for (const transport of transports.filter(which)) {
    Deno.test({
      name: `${transport.name}: ${name}`,
      sanitizeOps: true,
      sanitizeResources: true,
      fn: () => test(transport),
    });
  }
}

const all = () => true;
const twoWay = ({ name }: Transport) => name !== "sse";

/** What both ends have in common. */
type Sender = Pick<Sending<Item>, "send" | "trySend">;

/** Sends until there is no room, and has been none for a while. Returns how many messages were taken. */
async function fill(sender: Sender): Promise<number> {
  for (let n = 0; n < 10_000; n++) {
    try {
      await sender.send({ n, data: DATA }, { timeout: 250 });
    } catch (error) {
      assertInstanceOf(error, ServiceError);
      assertEquals([error.name, error.timeout], ["timeout", true]);
      assert(/^Cannot send on svc\.\w+: there was no room within 250 ms$/.test(error.message), error.message);
      return n;
    }
  }
  throw new Error("there was always room");
}

/** A timeout that is none is told as that of a call, whether there is room or not, or the stream is over. */
async function refusesOdd(sender: Sender): Promise<void> {
  for (const timeout of [NaN, "5", null, 5n, Symbol("five")]) {
    const error = await assertRejects(() => sender.send({ n: 0 }, { timeout: timeout as number }), TypeError);
    assert(
      /^Cannot send on svc\.\w+: timeout must be a number of ms, not /.test(error.message),
      error.message,
    );
    assert(error.message.endsWith(String(timeout)), error.message);
  }
}

/** What a sender sees that has no room, and then has. Returns how many messages were taken. */
async function starve(sender: Sender, release: () => void): Promise<number> {
  let n = await fill(sender);
  assert(n > 0);
  assertEquals(sender.trySend({ n, data: DATA }), false);
  // Below zero it has passed already, as that of a call has.
  for (const timeout of [0, -1, -Infinity]) {
    await assertRejects(() => sender.send({ n }, { timeout }), ServiceError, `no room within ${timeout} ms`);
  }
  await refusesOdd(sender);
  // Those who wait are served in their order, and one that gives up does not hold up the rest.
  const impatient = assertRejects(() => sender.send({ n: 999_999 }, { timeout: 20 }), ServiceError);
  const order: number[] = [];
  const waiting = [n, n + 1, n + 2].map(async (next) => {
    await sender.send({ n: next }, LONG);
    order.push(next);
  });
  await impatient;
  assertEquals(order, []);
  release();
  await Promise.all(waiting);
  assertEquals(order, [n, n + 1, n + 2]);
  n += 3;
  await sender.send({ n: n++ });
  await sender.send({ n: n++ }, LONG);
  await sender.send({ n: n++ }, { timeout: -1 });
  await refusesOdd(sender);
  assertEquals(sender.trySend({ n }), true);
  // An invalid message throws as it rejects, and the stream goes on.
  assertThrows(() => sender.trySend({ n: 1_000_001 }), ServiceError, "n must be");
  await assertRejects(() => sender.send({ n: 1_000_001 }, LONG), ServiceError, "n must be");
  return n + 1;
}

over(all, "a server that has no room is told so, and its stream goes on", async ({ setUp, down }) => {
  const ready = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const starved = Promise.withResolvers<void>();
  const done = Promise.withResolvers<number>();
  const handler = async ({ stream }: { stream: Sending<Item> & { close(): Promise<void> } }) => {
    try {
      ready.resolve();
      assertEquals(stream.trySend({ n: 0 }), true);
      await held.promise;
      done.resolve(await starve(stream, starved.resolve));
      await stream.close();
      assertThrows(() => stream.trySend({ n: 0 }), TypeError, "stream is closed");
      await assertRejects(() => stream.send({ n: 0 }, LONG), TypeError, "stream is closed");
      await refusesOdd(stream);
    } catch (error) {
      done.reject(error);
    }
  };
  await using setup = await setUp({ ...nothing, [down]: handler });
  const stream = setup.client[down]();
  assertEquals((await stream.recv())?.n, 0);
  setup.hold();
  held.resolve();
  await Promise.race([starved.promise, done.promise]);
  setup.release();
  const got: number[] = [];
  for await (const { n } of stream) got.push(n);
  assertEquals(got, Array.from({ length: await done.promise }, (_, n) => n));
});

over(twoWay, "a caller that has no room is told so, and its stream goes on", async ({ setUp }) => {
  const reading = Promise.withResolvers<void>();
  const got: number[] = [];
  await using setup = await setUp({
    ...nothing,
    async up({ stream }) {
      await stream.recv();
      await reading.promise;
      for await (const { n } of stream) got.push(n);
      return { count: got.length, last: got.at(-1)! };
    },
  });
  const stream: ClientStreaming<Item, { count: number; last: number }> = setup.client.up();
  assertEquals(stream.trySend({ n: 0 }), true, "there is room while it connects");
  await stream.opened;
  setup.hold();
  const sent = await starve(stream, () => {
    reading.resolve();
    setup.release();
  });
  assertEquals(await stream.closeAndRecv(), { count: sent, last: sent - 1 });
  assertEquals(got, Array.from({ length: sent }, (_, n) => n));
  assertThrows(() => stream.trySend({ n: 0 }), TypeError, "this side of the stream is closed");
  await assertRejects(() => stream.send({ n: 0 }, LONG), TypeError, "this side of the stream is closed");
  await refusesOdd(stream);
});

over(all, "who waits for room is told that the call is over", async ({ setUp, down }) => {
  const held = Promise.withResolvers<void>();
  const waits = Promise.withResolvers<void>();
  const told = Promise.withResolvers<[unknown, unknown]>();
  await using setup = await setUp({
    ...nothing,
    async [down]({ stream }: { stream: Sending<Item> }) {
      await stream.send({ n: 0 });
      await held.promise;
      await fill(stream);
      const waiting = stream.send({ n: 1 }, LONG);
      waits.resolve();
      const rejected = await waiting.catch((error) => error);
      try {
        told.resolve([rejected, stream.trySend({ n: 2 })]);
      } catch (thrown) {
        told.resolve([rejected, thrown]);
      }
    },
  });
  const stream = setup.client[down]();
  await stream.recv();
  setup.hold();
  held.resolve();
  await waits.promise;
  const ended = setup.end();
  for (const error of await told.promise) {
    assertInstanceOf(error, ServiceError);
    assert(["canceled", "unavailable"].includes(error.name), error.name);
  }
  setup.release();
  await ended;
});

over(twoWay, "a caller that waits for room is told that the call is over", async ({ setUp }) => {
  await using setup = await setUp({
    ...nothing,
    async both({ stream, signal }) {
      await stream.recv();
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    },
  });
  for (const end of ["cancel", "closeSend"] as const) {
    const stream: BidiStreaming<Item, Item> = setup.client.both();
    await stream.opened;
    setup.hold();
    await fill(stream);
    const waiting = stream.send({ n: 1 }, LONG);
    const ended = stream[end]();
    setup.release();
    const error = await assertRejects(() => waiting);
    if (end === "cancel") {
      assertEquals((error as ServiceError).name, "canceled");
      await assertRejects(() => stream.closed);
      assertThrows(() => stream.trySend({ n: 2 }), ServiceError, "the caller has cancelled");
      await assertRejects(() => stream.send({ n: 2 }, LONG), ServiceError, "the caller has cancelled");
    } else {
      assertInstanceOf(error, TypeError);
      stream.cancel();
      await Promise.resolve(ended).catch(() => {});
    }
  }
});

over(twoWay, "a handler that closes tells those who wait for room", async ({ setUp }) => {
  const held = Promise.withResolvers<void>();
  const told = Promise.withResolvers<unknown>();
  await using setup = await setUp({
    ...nothing,
    async both({ stream }) {
      await stream.send({ n: 0 });
      await held.promise;
      await fill(stream).catch(told.reject);
      const waiting = stream.send({ n: 1 }, LONG);
      await stream.close();
      told.resolve(await waiting.catch((error) => error));
    },
  });
  const stream = setup.client.both();
  await stream.recv();
  setup.hold();
  held.resolve();
  assertInstanceOf(await told.promise, TypeError);
  stream.cancel();
  setup.release();
});

over(twoWay, "a send that nobody awaits ends no process, whatever it fails with", async ({ setUp }) => {
  const left: Promise<void>[] = [];
  await using setup = await setUp({
    ...nothing,
    async both({ stream, signal }) {
      const { promise, resolve } = Promise.withResolvers<void>();
      left.push(promise);
      void stream.send({ n: 1_000_001 });
      void stream.send({ n: 0 });
      void stream.send({ n: 1_000_001 }, LONG);
      while (stream.trySend({ n: 1, data: DATA }));
      void stream.send({ n: 1 }, { timeout: 0 });
      void stream.send({ n: 2 });
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
      void stream.send({ n: 3 });
      void stream.send({ n: 3 }, LONG);
      resolve();
    },
  });
  const stream = setup.client.both();
  void stream.send({ n: 1_000_001 });
  assertEquals((await stream.recv())?.n, 0);
  void stream.send({ n: 1, data: DATA });
  stream.cancel();
  void stream.send({ n: 2 });
  void stream.send({ n: 2 }, LONG);
  await left[0];
  await new Promise((resolve) => setTimeout(resolve, 0));
});
