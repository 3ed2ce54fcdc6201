// goats.v1: what survives, what is told, and what is on the wire. tests/behaviour runs the table over it, tests/faults
// random networks, src/ws/*_test.ts the frames and the bookkeeping.
import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { delay } from "@std/async";
import { httpClient, type HttpClientOptions, httpHandler, implement, ServiceError } from "../mod.ts";
import type { Handlers as AllHandlers } from "../src/core/call.ts";
import type { MethodsOf } from "../src/design/infer.ts";
import * as d from "../src/design/mod.ts";
import type { HttpHandlerOptions } from "../src/http/handler.ts";
import { type Control, decodeControl, encodeControl } from "../src/ws/control.ts";
import { CLEAR, type Plan, proxy } from "./behaviour/proxy.ts";
import { until } from "./behaviour/until.ts";

const Bottle = d.ResultType(
  "application/vnd.bottle",
  d.TypeName("Bottle"),
  d.Field(1, "id", d.Int),
  d.Field(2, "notes", d.String),
  d.Required("id"),
  d.View("default", "id", "notes"),
  d.View("tiny", "id"),
);
const Item = d.Type("Item", d.Field(1, "n", d.Int), d.Required("n"));
const Key = d.JWTSecurity("key");

const design = d.Service(
  "svc",
  d.Error("declined"),
  d.Method("down", d.StreamingResult(Item), d.HTTP(d.GET("/down"), d.Response("declined", d.StatusConflict))),
  d.Method("up", d.StreamingPayload(Item), d.Result(d.Int), d.HTTP(d.GET("/up"))),
  d.Method("both", d.StreamingPayload(Item), d.StreamingResult(Item), d.HTTP(d.GET("/both"))),
  d.Method("bottles", d.StreamingResult(Bottle), d.HTTP(d.GET("/bottles"))),
  d.Method(
    "secret",
    d.Security(Key),
    d.Payload(d.TokenField(1, "token", d.String), d.Required("token")),
    d.StreamingResult(Item),
    d.HTTP(d.GET("/secret")),
  ),
);

type Handlers = Partial<AllHandlers<MethodsOf<typeof design>>>;

function implementation(handlers: Handlers) {
  const none = () => {
    throw new Error("no handler");
  };
  return implement(
    design,
    { down: none, up: none, both: none, bottles: none, secret: none, ...handlers } as never,
  );
}

interface Options {
  readonly server?: HttpHandlerOptions;
  readonly client?: HttpClientOptions;
  readonly plan?: (connection: number) => Plan;
}

/** A server, a client, and a network between them. Tries to come back are quick. */
async function setUp(
  handlers: Handlers,
  { server: serverOptions, client: clientOptions, plan }: Options = {},
) {
  const handler = httpHandler([implementation(handlers)], {
    auth: { key: ({ token }) => ({ token }) },
    ...serverOptions,
  });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  const network = await proxy(server.addr.port, plan);
  const client = httpClient(design, `http://127.0.0.1:${network.port}`, {
    reconnect: { firstMs: 5, maxMs: 20 },
    ...clientOptions,
  });
  return {
    client,
    handler,
    network,
    direct: `ws://127.0.0.1:${server.addr.port}`,
    async [Symbol.asyncDispose]() {
      await client.close();
      await handler.shutdown(0);
      await server.shutdown();
      await network.stop();
    },
  };
}

const DEAD: Plan = { faults: [{ kind: "cut", at: { direction: "up", bytes: 1 } }] };

async function rejection(promise: Promise<unknown>): Promise<ServiceError> {
  const error = await assertRejects(() => promise);
  assertInstanceOf(error, ServiceError);
  return error;
}

/** Echoes numbers. */
const echo: Handlers = {
  async both({ stream }) {
    for await (const item of stream) await stream.send(item);
  },
};

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `goats.v1: ${name}`, sanitizeOps: true, sanitizeResources: true, fn });
}

// ---- resume -----------------------------------------------------------------------------------------------------------

test("a stream goes on after its connection is cut, and tells what happened", async () => {
  await using up = await setUp(echo, { client: { heartbeatMs: 20 } });
  const states: string[] = [];
  const stream = up.client.both({ onState: (state) => states.push(state) });
  await stream.send({ n: 1 });
  assertEquals(await stream.recv(), { n: 1 });
  await until(() => stream.rtt !== undefined, "a round trip was measured");
  up.network.cut();
  await stream.send({ n: 2 });
  assertEquals(await stream.recv(), { n: 2 });
  await stream.closeSend();
  assertEquals(await stream.recv(), null);
  await stream.closed;
  assertEquals(states.slice(0, 2), ["open", "paused"]);
  assertEquals(states.slice(-3), ["resuming", "open", "closed"]);
  assertEquals(stream.restarts, 0);
});

test("a thousand cuts of a busy stream lose nothing and repeat nothing", async () => {
  await using up = await setUp(echo);
  const stream = up.client.both();
  const TOTAL = 20_000;
  const sending = (async () => {
    for (let n = 0; n < TOTAL; n++) await stream.send({ n });
    await stream.closeSend();
  })();
  let cuts = 0;
  const cutting = setInterval(() => {
    up.network.cut();
    cuts++;
  }, 15);
  try {
    for (let n = 0; n < TOTAL; n++) {
      assertEquals((await stream.recv())?.n, n);
      if (n % 100 === 0) await delay(1);
    }
    assertEquals(await stream.recv(), null);
    await sending;
  } finally {
    clearInterval(cutting);
  }
  assert(cuts > 5, String(cuts));
});

test("the end that a broken connection swallowed is told on the next", async () => {
  const finish = Promise.withResolvers<void>();
  let first = true;
  await using up = await setUp({
    async up({ stream }) {
      let sum = 0;
      for await (const { n } of stream) sum += n;
      await finish.promise;
      return sum;
    },
  }, {
    // Of what the server says nothing passes but its first word: the result is swallowed, then the connection breaks.
    plan: () => {
      if (!first) return CLEAR;
      first = false;
      return { faults: [{ kind: "stall", at: { direction: "down", bytes: 400 }, directions: ["down"] }] };
    },
  });
  const stream = up.client.up();
  for (let n = 0; n < 10; n++) await stream.send({ n });
  const result = stream.closeAndRecv();
  finish.resolve();
  await delay(20);
  up.network.cut();
  assertEquals(await result, 45);
});

test("a half-open connection is found by both ends, and replaced", async () => {
  let connections = 0;
  const limits = { idleMs: 150 };
  const gone: unknown[] = [];
  await using up = await setUp({
    async both({ stream, signal }) {
      signal.addEventListener("abort", () => gone.push(signal.reason));
      for await (const item of stream) await stream.send(item);
    },
  }, {
    server: { limits, heartbeatMs: 30 },
    client: { limits, heartbeatMs: 30 },
    plan: () =>
      connections++ > 0
        ? CLEAR
        : { faults: [{ kind: "stall", at: { direction: "up", bytes: 700 }, directions: ["up", "down"] }] },
  });
  const stream = up.client.both();
  let n = 0;
  for (; connections < 2; n++) {
    await stream.send({ n });
    assertEquals((await stream.recv())?.n, n);
  }
  for (const end = n + 100; n < end; n++) {
    await stream.send({ n });
    assertEquals((await stream.recv())?.n, n);
  }
  assertEquals(gone, []);
});

test("a busy event loop takes no peer for dead", async () => {
  const limits = { idleMs: 60 };
  await using up = await setUp(echo, {
    server: { limits, heartbeatMs: 10 },
    client: { limits, heartbeatMs: 10, reconnect: false },
  });
  const stream = up.client.both();
  for (let n = 0; n < 5; n++) {
    await stream.send({ n });
    assertEquals((await stream.recv())?.n, n);
    // Both ends are in this process: neither listens.
    for (const start = Date.now(); Date.now() - start < 200;);
    await delay(5);
  }
  assertEquals(up.network.taken, 1);
});

test("a handler whose caller does not come back sees `canceled` once the time is over", async () => {
  const reason = Promise.withResolvers<ServiceError>();
  let down = false;
  await using up = await setUp({
    async both({ stream, signal }) {
      signal.addEventListener("abort", () => reason.resolve(signal.reason));
      for await (const _ of stream);
    },
  }, { server: { limits: { resumeMs: 80 } }, plan: () => down ? DEAD : CLEAR });
  const stream = up.client.both();
  await stream.send({ n: 1 });
  await until(() => up.handler.connections.size === 1, "the call runs");
  down = true;
  up.network.cut();
  assertEquals((await reason.promise).name, "canceled");
  assertEquals((await rejection(stream.recv())).name, "unavailable");
  await until(() => up.handler.connections.size === 0, "the call is over");
});

test("what a handler sends while its caller is away waits, bounded, and arrives", async () => {
  let sent = 0;
  let down = false;
  await using up = await setUp({
    async down({ stream }) {
      for (; sent < 100_000; sent++) await stream.send({ n: sent });
    },
  }, { plan: () => down ? DEAD : CLEAR, client: { limits: { unreadMessages: 100 } } });
  const stream = up.client.down();
  assertEquals((await stream.recv())?.n, 0);
  down = true;
  up.network.cut();
  const before = await stable(() => sent);
  assert(before < 3000, String(before));
  down = false;
  for (let n = 1; n < 100_000; n++) {
    const message = await stream.recv();
    if (message?.n !== n) assertEquals(message, { n });
  }
  assertEquals(await stream.recv(), null);
});

async function stable(value: () => number): Promise<number> {
  for (let last = value();;) {
    await delay(60);
    if (value() === last) return last;
    last = value();
  }
}

test("another process at the same address has no such stream: it ends as unavailable", async () => {
  const before = httpHandler([implementation(echo)], { auth: { key: () => ({}) } });
  const after = httpHandler([implementation(echo)], { auth: { key: () => ({}) } });
  let current = before;
  const on = { port: 0, hostname: "127.0.0.1", onListen() {} };
  const server = Deno.serve(on, (request, info) => current(request, info));
  const network = await proxy(server.addr.port);
  const client = httpClient(design, `http://127.0.0.1:${network.port}`, { reconnect: { firstMs: 5 } });
  const stream = client.both();
  await stream.send({ n: 1 });
  assertEquals((await stream.recv())?.n, 1);
  current = after;
  network.cut();
  const error = await rejection(stream.recv());
  assertEquals(error.name, "unavailable");
  assert(error.message.includes("does not know the stream any more"), error.message);
  await client.close();
  await before.shutdown(0);
  await after.shutdown(0);
  await server.shutdown();
  await network.stop();
});

test("a token that no stream has is told so", async () => {
  await using up = await setUp(echo);
  const { frames, closed } = await bare(`${up.direct}/both`, ["goats.v1", `goats.resume.${"ab".repeat(16)}`]);
  assertEquals((await closed).code, 4410);
  assertEquals(frames, [{ type: "lost" }]);
});

test("a token does not open another method", async () => {
  await using up = await setUp({
    ...echo,
    async down({ stream, signal }) {
      await stream.send({ n: 1 });
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  });
  const first = await bare(`${up.direct}/both`, ["goats.v1"]);
  await until(() => first.frames.length > 0, "hello");
  const hello = first.frames[0] as Control & { type: "hello" };
  const resume = `goats.resume.${hello.token.toHex()}`;
  const other = await bare(`${up.direct}/down`, ["goats.v1", resume]);
  assertEquals((await other.closed).code, 4410);
  const same = await bare(`${up.direct}/both`, ["goats.v1", resume]);
  await until(() => same.frames.length > 0, "resume");
  assertEquals(same.frames[0], { type: "resume", grant: { received: 0, messages: 8192, size: 1048576 } });
  // The connection that seemed to be there is given up.
  assertEquals((await first.closed).code, 4409);
  same.socket.close(4499);
  await same.closed;
});

test("headers are made anew for each connection, and verified anew", async () => {
  const seen: string[] = [];
  let token = 1;
  let refuse = false;
  await using up = await setUp({
    async secret({ stream, signal }) {
      for (let n = 0; !signal.aborted; n++) {
        await stream.send({ n });
        await delay(2);
      }
    },
  }, {
    server: {
      auth: {
        key: ({ token }) => {
          seen.push(token);
          if (refuse) throw new ServiceError("unauthorized", "the token has expired");
          return {};
        },
      },
    },
    client: { headers: () => Promise.resolve({ authorization: `Bearer ${token++}` }) },
  });
  const stream = up.client.secret({ token: "Bearer 0" } as never);
  for (let n = 0; n < 3; n++) assertEquals((await stream.recv())?.n, n);
  up.network.cut();
  for (let n = 3; n < 6; n++) assertEquals((await stream.recv())?.n, n);
  assert(seen.length >= 2);
  refuse = true;
  up.network.cut();
  const error = await (async () => {
    for (let n = 6;; n++) assertEquals((await stream.recv())?.n, n);
  })().catch((error) => error);
  assertEquals(error.name, "unauthorized");
  assertEquals(error.message, "the token has expired");
});

test("without reconnect a lost connection is the end at the caller, and soon at the server", async () => {
  await using up = await setUp(echo, {
    client: { reconnect: false },
    server: { limits: { resumeMs: 0 } },
  });
  const stream = up.client.both();
  await stream.send({ n: 1 });
  assertEquals((await stream.recv())?.n, 1);
  up.network.cut();
  assertEquals((await rejection(stream.recv())).name, "unavailable");
  await until(() => up.handler.connections.size === 0, "the call is over");
});

test("a stream that is given up while it is away ends at once", async () => {
  let down = false;
  await using up = await setUp(echo, {
    plan: () => down ? DEAD : CLEAR,
    server: { limits: { resumeMs: 100 } },
  });
  const stream = up.client.both();
  await stream.send({ n: 1 });
  assertEquals((await stream.recv())?.n, 1);
  down = true;
  up.network.cut();
  await until(() => stream.state === "paused" || stream.state === "resuming", "it is away");
  const reason = new Error("enough");
  stream.cancel(reason);
  assertEquals(await assertRejects(() => stream.recv()), reason);
  assertEquals(stream.state, "closed");
  await until(() => up.handler.connections.size === 0, "the server gives it up, too");
});

// ---- shutdown -----------------------------------------------------------------------------------------------------------

test("within the grace period a stream comes back to the old process; beyond it ends with 1001", async () => {
  await using up = await setUp(echo);
  const stream = up.client.both();
  await stream.send({ n: 1 });
  assertEquals((await stream.recv())?.n, 1);
  const stopped = up.handler.shutdown(600);
  up.network.cut();
  await stream.send({ n: 2 });
  assertEquals((await stream.recv())?.n, 2);
  // New calls are refused meanwhile.
  assertEquals((await rejection(up.client.both().opened)).name, "unavailable");
  assertEquals((await rejection(stream.recv())).name, "unavailable");
  await stopped;
});

// ---- what is told -------------------------------------------------------------------------------------------------------

test("an error arrives whole, with what was sent before it", async () => {
  const message = "é".repeat(5000);
  await using up = await setUp({
    async *down({ error }) {
      for (let n = 0; n < 5000; n++) yield { n };
      throw error("declined", message);
    },
  });
  const stream = up.client.down();
  for (let n = 0; n < 5000; n++) assertEquals((await stream.recv())?.n, n);
  const error = await rejection(stream.recv());
  assertEquals([error.name, error.message], ["declined", message]);
});

test("the view, headers and trailers are told", async () => {
  await using up = await setUp({
    async bottles({ stream, response }) {
      response.headers.set("x-cellar", "deep");
      await stream.setView("tiny");
      await stream.send({ id: 1, notes: "not told" });
      response.trailers.set("x-count", "1");
    },
  });
  const stream = up.client.bottles();
  const { view, headers } = await stream.opened;
  assertEquals([view, stream.view, headers.get("x-cellar")], ["tiny", "tiny", "deep"]);
  assertEquals(await stream.recv(), { id: 1 });
  assertEquals(await stream.recv(), null);
  assertEquals((await stream.closed).get("x-count"), "1");
});

test("a caller that wants the plain wire gets it, and one that offers both gets goats.v1", async () => {
  await using up = await setUp(echo);
  const wires = () => [...up.handler.connections].map(({ wire }) => wire);
  const plain = httpClient(design, up.direct.replace("ws:", "http:"), { wire: "plain" });
  const stream = plain.both();
  await stream.opened;
  assertEquals(wires(), ["plain"]);
  const other = up.client.both();
  await other.send({ n: 1 });
  assertEquals((await other.recv())?.n, 1);
  assertEquals(wires(), ["plain", "goats.v1"]);
  await plain.close();
});

test("a server that refuses goats.v1 serves the plain wire on the same connection", async () => {
  await using up = await setUp(echo, { server: { connection: { accept: () => ({ wire: "plain" }) } } });
  const stream = up.client.both();
  await stream.send({ n: 1 });
  assertEquals((await stream.recv())?.n, 1);
  assertEquals([...up.handler.connections].map(({ wire }) => wire), ["plain"]);
  assertEquals(up.network.taken, 1);
  await stream.closeSend();
  assertEquals(await stream.recv(), null);
});

// ---- on the wire ----------------------------------------------------------------------------------------------------------

/** A bare WebSocket that speaks frames. */
function bare(url: string, protocols: string[]) {
  const socket = new WebSocket(url, protocols);
  socket.binaryType = "arraybuffer";
  const frames: (Control | string)[] = [];
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<CloseEvent>();
  socket.onopen = () => opened.resolve();
  socket.onmessage = ({ data }) =>
    frames.push(typeof data === "string" ? data : decodeControl(new Uint8Array(data)));
  socket.onclose = (event) => closed.resolve(event);
  socket.onerror = () => {};
  return opened.promise.then(() => ({
    socket,
    frames,
    closed: closed.promise,
    send: (control: Control) => socket.send(encodeControl(control)),
  }));
}

test("the frames of a call, as PROTOCOL.md has them", async () => {
  await using up = await setUp({
    async both({ stream, response }) {
      response.headers.set("x-a", "b");
      for await (const { n } of stream) {
        await stream.send({ n: n * 10 });
        await stream.send({ n: n * 10 + 1 });
      }
      response.trailers.set("x-z", "y");
    },
  });
  const peer = await bare(`${up.direct}/both`, ["goats.v1"]);
  assertEquals(peer.socket.protocol, "goats.v1");
  peer.socket.send('{"n":1}\n{"n":2}');
  peer.send({ type: "ping", id: 7, received: 0 });
  peer.send({ type: "end", messages: 2, trailers: [] });
  await until(
    () => peer.frames.some((frame) => typeof frame !== "string" && frame.type === "end"),
    "the end",
  );
  const { token, ...hello } = peer.frames[0] as Control & { type: "hello" };
  assertEquals(token.length, 16);
  assertEquals(hello, {
    type: "hello",
    resumeMs: 30_000,
    grant: { received: 0, messages: 8192, size: 1024 * 1024 },
  });
  const rest = peer.frames.slice(1);
  assertEquals(rest[0], { type: "head", headers: [["x-a", "b"]] });
  assertEquals(
    rest.filter((frame) => typeof frame === "string").join("\n"),
    '{"n":10}\n{"n":11}\n{"n":20}\n{"n":21}',
  );
  assert(rest.some((frame) => typeof frame !== "string" && frame.type === "pong" && frame.id === 7));
  assertEquals(rest.at(-1), { type: "end", messages: 4, trailers: [["x-z", "y"]] });
  peer.socket.close(1000);
  await peer.closed;
  await until(() => up.handler.connections.size === 0, "the server has heard");
});

test("a caller that says that it leaves is not waited for, though its connection then breaks", async () => {
  let reason: unknown;
  await using up = await setUp({
    async *down({ signal }) {
      signal.addEventListener("abort", () => reason = signal.reason);
      yield { n: 1 };
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
    ...({} as Handlers),
  });
  const peer = await bare(`${up.direct}/down`, ["goats.v1"]);
  await until(() => peer.frames.includes('{"n":1}'), "the message");
  peer.socket.send(encodeControl({ type: "leave" }));
  assertEquals((await peer.closed).code, 1001);
  await until(() => up.handler.connections.size === 0, "the call is over");
  assertInstanceOf(reason, ServiceError);
  assertEquals([reason.name, reason.message], ["canceled", "svc.down: the caller has gone"]);
});

for (
  const [name, send, code, told] of [
    ["an unknown type", (s: WebSocket) => s.send(new Uint8Array([99])), 4400, "its type 99 is unknown"],
    ["an empty frame", (s: WebSocket) => s.send(new Uint8Array()), 4400, "it is empty"],
    [
      "a frame that is the server's",
      (s: WebSocket) => s.send(encodeControl({ type: "lost" })),
      4400,
      "a client sends no frame of type lost",
    ],
    [
      "a resume of a new call",
      (s: WebSocket) =>
        s.send(encodeControl({ type: "resume", grant: { received: 0, messages: 1, size: 1 } })),
      4400,
      "there is nothing to resume",
    ],
    [
      "an end that counts wrongly",
      (s: WebSocket) => s.send(encodeControl({ type: "end", messages: 5, trailers: [] })),
      4400,
      "it ends after 5 messages, of which 0 arrived",
    ],
    [
      "more than is granted",
      (s: WebSocket) => s.send(Array(9000).fill('{"n":1}').join("\n")),
      4400,
      "it sent more than it was granted",
    ],
    [
      "a message too large",
      (s: WebSocket) => s.send("x".repeat(2 ** 20 + 1)),
      1009,
      "larger than 1048576 bytes",
    ],
  ] as const
) {
  test(`${name} ends the call by a declared error, and nothing else`, async () => {
    await using up = await setUp({
      async both({ stream, signal }) {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        await stream.recv();
      },
      ...({} as Handlers),
    });
    const healthy = up.client.both();
    await healthy.opened;
    const peer = await bare(`${up.direct}/both`, ["goats.v1"]);
    await until(() => peer.frames.length > 0, "hello");
    send(peer.socket);
    assertEquals((await peer.closed).code, code);
    const error = peer.frames.at(-1) as Control & { type: "error" };
    assertEquals([error.type, error.code], ["error", code]);
    assert(error.json.includes(told), error.json);
    assertEquals(healthy.state, "open");
  });
}

test("a message that is no JSON is the reader's error alone, and the others of its frame arrive", async () => {
  const got: unknown[] = [];
  await using up = await setUp({
    async both({ stream }) {
      for (;;) {
        try {
          const item = await stream.recv();
          if (item === null) return;
          got.push(item.n);
        } catch (error) {
          got.push((error as ServiceError).name);
        }
      }
    },
  });
  const peer = await bare(`${up.direct}/both`, ["goats.v1"]);
  peer.socket.send('{"n":1}\n{"n":\n\n{"n":"2"}\n{"n":3}\n{}');
  peer.send({ type: "end", messages: 6, trailers: [] });
  await until(
    () => peer.frames.some((frame) => typeof frame !== "string" && frame.type === "end"),
    "the end",
  );
  assertEquals(got, [1, "decode_payload", "decode_payload", "invalid_field_type", 3, "missing_field"]);
  peer.socket.close(1000);
  await peer.closed;
});

test("a caller that gives up before its socket is open leaves no handler that waits for it", async () => {
  const reasons: string[] = [];
  let started = () => {};
  await using up = await setUp({
    async both({ signal }) {
      await new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => {
          reasons.push((signal.reason as ServiceError).message);
          resolve();
        });
        started();
      });
    },
  }, { server: { limits: { resumeMs: 2000 } } });
  const moments: ((stream: { cancel(): void }) => unknown)[] = [
    () => {},
    () => Promise.resolve(),
    () => new Promise<void>((resolve) => started = resolve),
  ];
  for (const moment of moments) {
    const stream = up.client.both();
    await moment(stream);
    stream.cancel();
    assertEquals((await rejection(stream.opened)).name, "canceled");
  }
  // Closing waits for those that have not said yet that they are gone.
  await up.client.close();
  await until(() => reasons.length === moments.length, "all handlers are told");
  assertEquals(reasons, moments.map(() => "svc.both: the caller has gone"));
});
