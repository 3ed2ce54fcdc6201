/** The plain wire's client: against servers written by hand with npm `ws`, as Goa's are, and against our own. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket as NodeWebSocket, WebSocketServer } from "ws";
import { openCall } from "../src/core/client_call.ts";
import { clientStream } from "../src/core/client_stream.ts";
import type { CallOptions } from "../src/core/client_types.ts";
import type { MethodModel } from "../src/design/model.ts";
import { builtinError } from "../src/errors/builtin.ts";
import { ServiceError } from "../src/errors/service_error.ts";
import { openWebSocket, type WsClientOptions } from "../src/ws/client.ts";
import { proxy } from "./behaviour/proxy.ts";
import { until } from "./behaviour/until.ts";
import { both, browse, down, list, pinned, push, serveMethod, up } from "./ws_support.ts";

// deno-lint-ignore no-explicit-any
type Any = any;

function call(
  method: MethodModel,
  url: string,
  options: Partial<WsClientOptions> = {},
  callOptions: CallOptions = {},
): Any {
  const transport = {
    call: (request: Any) => openWebSocket(request, { url, wire: "plain", ...options }),
    close() {},
  };
  return clientStream(
    method,
    openCall(transport, method, { payload: undefined, streaming: true }, callOptions),
  );
}

interface ByHand extends AsyncDisposable {
  readonly url: string;
  readonly headers: Record<string, string | string[] | undefined>[];
}

/** A server that goats has no part in. */
async function byHand(
  serve: (socket: NodeWebSocket) => void,
  options: { handleProtocols?: (offered: Set<string>) => string | false; refuse?: string } = {},
): Promise<ByHand> {
  const http = createServer();
  const headers: ByHand["headers"] = [];
  const wss = new WebSocketServer({
    noServer: true,
    handleProtocols: options.handleProtocols ?? (() => false),
  });
  http.on("upgrade", (request, socket, head) => {
    headers.push(request.headers);
    socket.on("error", () => {});
    if (options.refuse !== undefined) {
      socket.end(options.refuse);
      return;
    }
    wss.handleUpgrade(request, socket, head, (ws: NodeWebSocket) => {
      ws.on("error", () => {});
      serve(ws);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/x?interval=1`,
    headers,
    async [Symbol.asyncDispose]() {
      for (const client of wss.clients) client.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

async function all(stream: AsyncIterable<Any>): Promise<Any[]> {
  const out = [];
  for await (const message of stream) out.push(message);
  return out;
}

async function rejection(promise: Promise<unknown>): Promise<ServiceError> {
  return await assertRejects(() => promise, ServiceError) as ServiceError;
}

Deno.test("server stream by hand: messages, absent nulls, unknown attributes, exact integers, then 1000", async () => {
  await using server = await byHand((socket) => {
    socket.send('{"n":1,"text":null,"more":[1]}');
    socket.send('{"n":2,"big":9007199254740993}');
    socket.send('{"n":3,"big":"18"}');
    socket.close(1000);
  });
  const stream = call(down, server.url);
  await stream.opened;
  assertEquals(await all(stream), [{ n: 1 }, { n: 2, big: 9007199254740993n }, { n: 3, big: 18n }]);
  assert((await stream.closed) instanceof Headers);
  assertEquals([stream.state, stream.view], ["closed", undefined]);
});

Deno.test("messages sent with the handshake's answer are not lost", async () => {
  await using served = serveMethod(down, async function* () {
    for (let n = 0; n < 10_000; n++) yield { n };
  });
  const messages = await all(call(down, served.url));
  assertEquals(messages.length, 10_000);
  assert(messages.every(({ n }, index) => n === index));
});

Deno.test("client stream by hand: the frames are JSON, then null; the result is one frame and a close", async () => {
  const got: string[] = [];
  await using server = await byHand((socket) => {
    socket.on("message", (data: Any, binary: boolean) => {
      got.push(`${binary ? "binary" : "text"} ${data}`);
      if (`${data}` !== "null") return;
      socket.send('{"count":2}');
      socket.close(1000);
    });
  });
  const stream = call(up, server.url);
  await stream.send({ n: 1, big: 9007199254740993n });
  await stream.send({ n: 2 });
  assertEquals(await stream.closeAndRecv(), { count: 2n });
  assertEquals(got, ['text {"n":1,"big":9007199254740993}', 'text {"n":2}', "text null"]);
  await stream.closed;
});

Deno.test("Goa's servers drop the connection after the result: a normal end", async () => {
  await using server = await byHand((socket) => {
    socket.on("message", (data: Any) => {
      if (`${data}` === "null") socket.send('{"count":1}', () => socket.terminate());
    });
  });
  const stream = call(up, server.url);
  await stream.send({ n: 1 });
  assertEquals(await stream.closeAndRecv(), { count: 1n });
  await stream.closed;
});

Deno.test("both ways: half-close, and the server goes on", async () => {
  await using server = await byHand((socket) => {
    const got: string[] = [];
    socket.on("message", (data: Any) => {
      if (`${data}` !== "null") return void got.push(`${data}`);
      for (const text of got) socket.send(text);
      socket.close(1000);
    });
  });
  const stream = call(both, server.url);
  for (const n of [1, 2, 3]) await stream.send({ n });
  await stream.closeSend();
  await assertRejects(() => stream.send({ n: 4 }), TypeError);
  assertEquals(await all(stream), [{ n: 1 }, { n: 2 }, { n: 3 }]);
  assertEquals(await stream.recv(), null);
});

Deno.test("both ways against our server, either half first", async () => {
  await using served = serveMethod(both, async ({ stream }: Any) => {
    await stream.send({ n: 0 });
    await stream.close();
    let last;
    for await (const message of stream) last = message;
    assertEquals(last, { n: 9 });
  });
  const stream = call(both, served.url);
  assertEquals(await stream.recv(), { n: 0 });
  for (let n = 0; n < 10; n++) await stream.send({ n });
  await stream.closeSend();
  assertEquals(await stream.recv(), null);
  await stream.closed;
  assertEquals(served.errors, []);
});

for (
  const [code, reason, name, more] of [
    [4404, '{"name":"not_found","id":"abcdefgh","message":"none"}', "not_found", {
      id: "abcdefgh",
      message: "none",
    }],
    [4404, "", "not_found", {}],
    [4404, "no JSON", "not_found", {}],
    [4503, '{"name":"busy","id":"x","message":"m","temporary":true}', "busy", { temporary: true }],
    [4400, '{"name":"invalid_range","id":"x","message":"m"}', "invalid_range", {}],
    [4408, "", "timeout", { timeout: true, temporary: false }],
    [4504, "", "timeout", { timeout: true, temporary: true }],
    [4413, "", "too_large", {}],
    [4429, "", "overloaded", { temporary: true }],
    [4499, "", "canceled", {}],
    [4500, "", "fault", { fault: true }],
    [4501, "", "unimplemented", {}],
    [4503, "", "unavailable", { temporary: true }],
    [4418, "", "error", { fault: false }],
    [4999, "", "unavailable", {}],
    [3000, "", "unavailable", {}],
    [1009, "", "too_large", {}],
    [1013, "", "overloaded", {}],
    [1001, '{"name":"unavailable","id":"y","message":"shutting down","temporary":true}', "unavailable", {
      id: "y",
    }],
    [1001, "bye", "unavailable", {}],
    [1011, "", "unavailable", {}],
    [1002, "", "unavailable", {}],
    [undefined, "", "unavailable", {}],
  ] as const
) {
  Deno.test(`close ${code} ${reason.slice(0, 30)}: ${name}, after the messages before it`, async () => {
    await using server = await byHand((socket) => {
      socket.send('{"n":1}');
      socket.close(code, reason);
    });
    const stream = call(down, server.url);
    assertEquals(await stream.recv(), { n: 1 });
    const error = await rejection(stream.recv());
    assertEquals(error.name, name);
    for (const [key, value] of Object.entries(more)) assertEquals((error as Any)[key], value);
    assertStrictEquals(await rejection(stream.recv()), error);
    assertStrictEquals(await rejection(stream.closed), error);
  });
}

Deno.test("abrupt loss: what came is read, then unavailable everywhere", async () => {
  const lose = Promise.withResolvers<void>();
  await using server = await byHand((socket) => {
    for (const n of [1, 2, 3]) socket.send(`{"n":${n}}`);
    lose.promise.then(() => socket.terminate());
  });
  const stream = call(both, server.url);
  assertEquals(await stream.recv(), { n: 1 });
  lose.resolve();
  const error = await rejection(stream.closed);
  assertEquals([error.name, error.temporary], ["unavailable", true]);
  assertEquals([await stream.recv(), await stream.recv()], [{ n: 2 }, { n: 3 }]);
  assertStrictEquals(await rejection(stream.recv()), error);
  assertStrictEquals(await rejection(stream.send({ n: 1 })), error);
});

Deno.test("a handshake that fails: what the probe finds, else unavailable", async () => {
  const refuse = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  await using server = await byHand(() => {}, { refuse });
  const found = new ServiceError("not_found", "no such cellar");
  const stream = call(both, server.url, { probe: () => Promise.resolve(found) });
  assertStrictEquals(await rejection(stream.opened), found);
  assertStrictEquals(await rejection(stream.recv()), found);
  assertStrictEquals(await rejection(stream.send({ n: 1 })), found);
  assertStrictEquals(await rejection(stream.closed), found);
  assertEquals(
    (await rejection(call(both, server.url, { probe: () => Promise.resolve(undefined) }).opened)).name,
    "unavailable",
  );
  const failed = await rejection(
    call(both, server.url, { probe: () => Promise.reject(new TypeError("no")) }).opened,
  );
  assertEquals([failed.name, (failed.cause as Error).message], ["unavailable", "no"]);
  assertEquals((await rejection(call(both, server.url).opened)).name, "unavailable");
});

Deno.test("nobody listens, and a URL that is none", async () => {
  const server = await byHand(() => {});
  await server[Symbol.asyncDispose]();
  assertEquals((await rejection(call(both, server.url).opened)).name, "unavailable");
  const stream = call(both, "no url");
  assertEquals((await rejection(stream.recv())).name, "unavailable");
});

Deno.test("what is written before the socket opens waits its turn", async () => {
  await using served = serveMethod(up, async ({ stream }: Any) => {
    let count = 0n;
    for await (const { n } of stream) assertEquals(BigInt(n), count++);
    return { count };
  });
  const stream = call(up, served.url);
  for (let n = 0; n < 500; n++) void stream.send({ n });
  assertEquals(await stream.closeAndRecv(), { count: 500n });
});

Deno.test("headers and subprotocols are sent; goats.plain is selected", async () => {
  await using server = await byHand((socket) => socket.close(1000), {
    handleProtocols: (offered) => offered.has("goats.plain") && "goats.plain",
  });
  const stream = call(down, server.url, {
    headers: new Headers({ "goats-timeout": "500" }),
    protocols: ["goats.plain", "token"],
  });
  await stream.closed;
  assertEquals(server.headers[0]!["goats-timeout"], "500");
  assertEquals(server.headers[0]!["sec-websocket-protocol"], "goats.plain, token");
  await call(down, server.url, {}, { headers: { "x-a": "b" } }).closed;
  assertEquals(server.headers[1]!["x-a"], "b");
  // A client that speaks goats.v1 takes the plain wire on the same connection, where the server selects that.
  await call(down, server.url, { wire: "goats.v1", protocols: ["goats.plain", "token"] }).closed;
  assertEquals(server.headers[2]!["sec-websocket-protocol"], "goats.v1, goats.plain, token");
  assertEquals(server.headers.length, 3);
});

Deno.test("cancel: everything rejects with the reason at once, the server sees 4499", async () => {
  const closes: number[] = [];
  await using server = await byHand((socket) => {
    socket.send('{"n":1}');
    socket.on("close", (code: number) => closes.push(code));
  });
  const stream = call(both, server.url);
  assertEquals(await stream.recv(), { n: 1 });
  const reason = new Error("enough");
  const pending = stream.recv();
  stream.cancel(reason);
  for (const promise of [pending, stream.recv(), stream.send({ n: 1 }), stream.closed]) {
    assertStrictEquals(await assertRejects(() => promise), reason);
  }
  await until(() => closes.length === 1, "the server sees it");
  assertEquals(closes, [4499]);
});

Deno.test("cancel, abort and timeout while connecting", async () => {
  await using served = serveMethod(
    list,
    ({ signal }: Any) => new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve())),
  );
  const reason = new Error("enough");
  const stream = call(list, served.url);
  stream.cancel(reason);
  assertStrictEquals(await assertRejects(() => stream.opened), reason);
  const controller = new AbortController();
  const aborted = call(list, served.url, {}, { signal: controller.signal });
  await until(() => served.active.size > 0, "the handler runs");
  controller.abort(reason);
  assertStrictEquals(await assertRejects(() => aborted.recv()), reason);
  const late = call(list, served.url, {}, { timeout: 30 });
  assertEquals((await rejection(late.recv())).name, "timeout");
  await until(() => served.active.size === 0, "all are over at the server");
  // A socket that was still connecting is closed in a turn of its own.
  await new Promise((resolve) => setTimeout(resolve));
});

Deno.test("breaking out of for await cancels the call at the server", async () => {
  const reasons: string[] = [];
  await using served = serveMethod(down, async function* ({ signal }: Any) {
    signal.addEventListener("abort", () => reasons.push(signal.reason.name));
    for (let n = 0;; n++) {
      yield { n: n % 1000 };
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  });
  for await (const { n } of call(down, served.url)) if (n === 3) break;
  await until(() => served.active.size === 0, "the call is over");
  assertEquals(reasons, ["canceled"]);
});

for (
  const [what, message, name] of [
    ["not JSON", "nope", "decode_payload"],
    ["without what is required", "{}", "missing_field"],
    ["out of range", '{"n":2000000}', "invalid_range"],
    ["null", "null", "invalid_field_type"],
    ["binary", new Uint8Array([1]), "invalid_field_type"],
  ] as const
) {
  Deno.test(`a message ${what} rejects that recv alone: ${name}`, async () => {
    await using server = await byHand((socket) => {
      socket.send(message);
      socket.send('{"n":2}');
      socket.close(1000);
    });
    const stream = call(down, server.url);
    assertEquals((await rejection(stream.recv())).name, name);
    assertEquals(await stream.recv(), { n: 2 });
    assertEquals(await stream.recv(), null);
  });
}

Deno.test("too large a message: too_large here, 4413 there", async () => {
  const closes: number[] = [];
  await using server = await byHand((socket) => {
    socket.on("close", (code: number) => closes.push(code));
    socket.send('{"n":1}');
    socket.send(JSON.stringify({ n: 2, text: "x".repeat(2000) }));
  });
  const stream = call(down, server.url, { limits: { messageBytes: 1000 } });
  assertEquals(await stream.recv(), { n: 1 });
  assertEquals((await rejection(stream.recv())).name, "too_large");
  await until(() => closes.length === 1, "the server sees it");
  assertEquals(closes, [4413]);
});

Deno.test("a flood that nobody reads is bounded: what fits, then overloaded; 4429 there", async () => {
  const closes: number[] = [];
  await using server = await byHand((socket) => {
    socket.on("close", (code: number) => closes.push(code));
    for (let n = 0; n < 200; n++) socket.send(`{"n":${n}}`);
  });
  const stream = call(down, server.url, { limits: { unreadMessages: 100 } });
  const error = await rejection(stream.closed);
  assertEquals(error.name, "overloaded");
  for (let n = 0; n <= 100; n++) assertEquals(await stream.recv(), { n });
  const end = await assertRejects(async () => {
    for (let n = 101;; n++) assertEquals(await stream.recv(), { n });
  });
  assertStrictEquals(end, error);
  await until(() => closes.length === 1, "the server sees it");
  assertEquals(closes, [4429]);
});

Deno.test("who keeps up may be behind within a turn of the event loop", async () => {
  await using server = await byHand((socket) => {
    socket.send('{"n":0}');
    socket.on("message", () => {
      for (let n = 1; n <= 300; n++) socket.send(`{"n":${n}}`);
      socket.close(1000);
    });
  });
  const stream = call(both, server.url, { limits: { unreadMessages: 100 } });
  await stream.send({ n: 1 });
  let next = 0;
  for await (const { n } of stream) {
    assertEquals(n, next++);
    for (let tick = 0; tick < 20; tick++) await undefined;
  }
  assertEquals(next, 301);
});

Deno.test("slow server: send waits, nothing of 64 MiB piles up, all of it arrives", async () => {
  let go = () => {};
  let read = 0;
  await using server = await byHand((socket) => {
    socket.pause();
    go = () => socket.resume();
    socket.on("message", (data: Any) => {
      if (`${data}` === "null") {
        socket.send(`{"count":${read}}`);
        socket.close(1000);
      } else read++;
    });
  });
  const stream = call(up, server.url);
  await stream.opened;
  const before = Deno.memoryUsage().rss;
  const text = "x".repeat(64 * 1024);
  let sent = 0;
  const sending = (async () => {
    for (let n = 0; n < 1024; n++) {
      await stream.send({ n, text });
      sent++;
    }
  })();
  let last = -1;
  while (sent !== last) {
    last = sent;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  assert(sent < 400, `sent ${sent} of 1024 to a server that reads nothing`);
  const grown = Deno.memoryUsage().rss - before;
  assert(grown < 40 * 1024 * 1024, `grew by ${grown}`);
  go();
  await sending;
  assertEquals(await stream.closeAndRecv(), { count: 1024n });
});

Deno.test("client alone: close waits for the server's end", async () => {
  let done = false;
  await using served = serveMethod(push, async ({ stream }: Any) => {
    for await (const _ of stream);
    await new Promise((resolve) => setTimeout(resolve, 20));
    done = true;
  });
  const stream = call(push, served.url);
  await stream.send({ n: 1 });
  await stream.close();
  assert(done);
});

Deno.test("views: whatever view the server chose is taken; a pinned one is known", async () => {
  for (const view of ["tiny", "default"]) {
    await using served = serveMethod(browse, async ({ stream }: Any) => {
      await stream.setView(view);
      for await (const { n } of stream) await stream.send({ id: n, name: "Blue", notes: "dry" });
    });
    const stream = call(browse, served.url);
    await stream.opened;
    assertEquals(stream.view, undefined);
    await stream.send({ n: 3 });
    assertEquals(await stream.recv(), view === "tiny" ? { id: 3 } : { id: 3, name: "Blue", notes: "dry" });
    await stream.closeSend();
    await stream.closed;
  }
  await using served = serveMethod(pinned, async function* () {
    yield { id: 1, name: "Blue" };
  });
  const stream = call(pinned, served.url);
  assertEquals(await all(stream), [{ id: 1 }]);
  assertEquals(stream.view, "tiny");
});

Deno.test("what every view shows stays required", async () => {
  await using server = await byHand((socket) => {
    socket.send('{"name":"x"}');
    socket.close(1000);
  });
  assertEquals((await rejection(call(list, server.url).recv())).name, "missing_field");
});

Deno.test("errors of our server come back as they were, in mid-stream too", async () => {
  const thrown = [
    new ServiceError("not_found", "none"),
    new ServiceError("busy", "later", { temporary: true }),
    builtinError("too_large", "big"),
    builtinError("timeout", "slow"),
    builtinError("unavailable", "away"),
  ];
  for (const error of thrown) {
    await using served = serveMethod(both, async ({ stream }: Any) => {
      await stream.send({ n: 1 });
      throw error;
    });
    const stream = call(both, served.url);
    assertEquals(await stream.recv(), { n: 1 });
    const got = await rejection(stream.recv());
    for (const key of ["name", "id", "message", "temporary", "timeout", "fault"] as const) {
      assertEquals(got[key], error[key]);
    }
  }
});

Deno.test("500 calls leave nothing behind", async () => {
  await using served = serveMethod(both, async ({ stream }: Any) => {
    for await (const message of stream) await stream.send(message);
  });
  for (let round = 0; round < 25; round++) {
    await Promise.all(Array.from({ length: 20 }, async (_, n) => {
      const stream = call(both, served.url);
      await stream.send({ n });
      assertEquals(await stream.recv(), { n });
      if (n % 3 === 0) stream.cancel();
      else {
        await stream.closeSend();
        assertEquals(await stream.recv(), null);
      }
    }));
  }
  await until(() => served.active.size === 0, "all are over");
  assertEquals(served.errors, []);
  assertMatch(served.url, /^ws:/);
});

for (const wire of ["plain", "goats.v1"] as const) {
  Deno.test(`${wire}: a server that takes the connection and never answers is unavailable, whoever asks`, async () => {
    await using between = await proxy(9, () => ({
      faults: [{ kind: "stall", at: { ms: 0 }, directions: ["up", "down"] }],
    }));
    const origin = `127.0.0.1:${between.port}`;
    const stream = call(down, `ws://${origin}/`, {
      wire,
      limits: { openMs: 50 },
      async probe(signal) {
        await fetch(`http://${origin}/`, { signal });
        return undefined;
      },
    });
    const error = await assertRejects(() => stream.recv(), ServiceError, "Cannot open svc.down");
    assertEquals(error.name, "unavailable");
    assertEquals(stream.state, "closed");
  });
}
