// What callers may cost, on the plain WebSocket, on event streams and over HTTP. Limits of one socket's messages are
// tested in ws_server_test.ts too.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { httpClient, ServiceError } from "../mod.ts";
import { eventBody } from "../src/sse/body.ts";
import { until } from "./behaviour/until.ts";
import { app, run, type Running } from "./connections_app.ts";
import { bare, textFrame } from "./ws_support.ts";

const rejected = async (promise: Promise<unknown>) => await assertRejects(() => promise) as ServiceError;

const text = (value: string) => new TextEncoder().encode(value);

const HANDSHAKE = "GET /talk HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: Upgrade\r\n" +
  "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n";

/** A peer that asks for the stream and says `words`, and reads nothing but the head of the answer. */
async function deaf(server: Running, ...words: string[]): Promise<Deno.TcpConn> {
  const peer = await Deno.connect({ port: server.port });
  await peer.write(text(HANDSHAKE));
  await peer.read(new Uint8Array(1024));
  for (const word of words) await peer.write(textFrame(JSON.stringify(word)));
  return peer;
}

Deno.test("connections: streams of every wire count together, those that left no more", async () => {
  await using server = run({ limits: { connections: 2 } });
  await using client = httpClient(app, server.url, { wire: "plain" });
  const talk = client.talk();
  await talk.send("a");
  await talk.recv();
  const ticks = client.ticks();
  await ticks.recv();
  for (const stream of [client.talk(), client.ticks()]) {
    const error = await rejected(stream.opened as Promise<unknown>);
    assertEquals(error.name, "overloaded");
    assert(error.message.endsWith(": 2 streams are open already"), error.message);
    assert(error.temporary);
  }
  const probe = await fetch(`${server.url}/talk`, { headers: { "goats-probe": "1" } });
  assertEquals([probe.status, (await probe.json()).name], [429, "overloaded"]);
  // What is no stream is not bounded by it.
  assertEquals(await client.ask("a"), "a");
  talk.cancel();
  await until(() => server.handler.calls === 1, "one has gone");
  const next = client.ticks();
  assertEquals(await next.recv(), "tick");
  next.cancel();
  ticks.cancel();
});

Deno.test("connectionsPerPeer: one address is refused, others are not", async () => {
  await using server = run({
    limits: { connectionsPerPeer: 1 },
    peer: (request) => request.headers.get("x-forwarded-for") ?? undefined,
  });
  await using client = httpClient(app, server.url, { wire: "plain" });
  const from = (address: string) => ({ headers: { "x-forwarded-for": address } });
  const talk = client.talk(from("10.0.0.1"));
  await talk.send("a");
  await talk.recv();
  for (const stream of [client.talk(from("10.0.0.1")), client.ticks(from("10.0.0.1"))]) {
    const error = await rejected(stream.opened as Promise<unknown>);
    assertEquals(error.name, "overloaded");
    assert(error.message.endsWith(": 1 streams of this address are open already"), error.message);
  }
  const ticks = client.ticks(from("10.0.0.2"));
  await ticks.recv();
  // The connection's own address, with another port each.
  const own = client.ticks();
  await own.recv();
  assertEquals((await rejected(client.talk().opened as Promise<unknown>)).name, "overloaded");
  assertEquals(
    [...server.handler.connections].map(({ request }) => request.peer.replace(/:\d+$/, "")),
    ["10.0.0.1", "10.0.0.2", "127.0.0.1"],
  );
  talk.cancel();
  ticks.cancel();
  own.cancel();
  await until(() => server.handler.calls === 0, "all have gone");
  const again = client.talk(from("10.0.0.1"));
  await again.opened;
  again.cancel();
});

Deno.test("connections: callers that wait to be let in count, and no more once they were refused or have gone", async () => {
  const asked: PromiseWithResolvers<void>[] = [];
  await using server = run({
    limits: { connections: 1 },
    connection: {
      accept() {
        const answer = Promise.withResolvers<void>();
        asked.push(answer);
        return answer.promise;
      },
    },
  });
  await using client = httpClient(app, server.url, { wire: "plain", reconnect: false });
  const probe = () => fetch(`${server.url}/talk`, { headers: { "goats-probe": "1" } });
  const first = probe();
  await until(() => asked.length === 1, "the first is asked about");
  const second = await probe();
  assertEquals([second.status, (await second.json()).name], [429, "overloaded"]);
  asked[0]!.reject(new ServiceError("forbidden", "no"));
  assertEquals(await first.then(async (r) => [r.status, (await r.json()).name]), [403, "forbidden"]);
  const talk = client.talk();
  await until(() => asked.length === 2, "the next is asked about");
  asked[1]!.resolve();
  await talk.send("a");
  assertEquals(await talk.recv(), "a");
  talk.cancel();
});

Deno.test("a socket that its peer does not let go counts on, until it does", async () => {
  await using server = run({ limits: { connections: 1, stallMs: 100 } });
  const peer = await deaf(server, "pour");
  await until(() => server.aborted.length === 1, "the call is over");
  assertEquals(server.aborted, ["overloaded: app.talk: the caller has taken nothing for 100 ms"]);
  await until(() => server.handler.calls === 0, "the socket is given up");
  assertEquals(server.handler.connections.size, 0);
  const refused = await fetch(`${server.url}/ticks`);
  assertEquals([refused.status, (await refused.json()).name], [429, "overloaded"]);
  peer.close();
  let status = 0;
  for (const start = Date.now(); status !== 200 && Date.now() - start < 20_000;) {
    const response = await fetch(`${server.url}/ticks`);
    ({ status } = response);
    await response.body!.cancel();
  }
  assertEquals(status, 200);
  await until(() => server.handler.calls === 0, "all have gone");
});

Deno.test("a socket that Deno closes for idling while its queue is stuck has taken nothing", async () => {
  // It has sent its ping after 500 ms, and waits for the answer; no 'close' comes of it, and the queue seems empty.
  await using server = run({ limits: { idleMs: 1000, stallMs: 2500 } });
  const peer = await deaf(server, "late");
  await until(() => server.aborted.length === 1, "the call is over");
  assertEquals(server.aborted, ["overloaded: app.talk: the caller has taken nothing for 2500 ms"]);
  peer.close();
});

Deno.test("lifeMs: a stream ends as at a shutdown, its signal aborts", async () => {
  await using server = run({ limits: { lifeMs: 30 } });
  const peer = bare(`ws://127.0.0.1:${server.port}/talk`);
  const { code, reason } = await peer.closed;
  assertEquals(code, 1001);
  const told = JSON.parse(reason);
  assertEquals(told.name, "unavailable");
  await using client = httpClient(app, server.url, { wire: "plain" });
  const ticks = client.ticks();
  assertEquals(await ticks.recv(), "tick");
  const error = await rejected(ticks.recv());
  assertEquals(error.name, "unavailable");
  assertEquals(error.message, "app.ticks: the stream has been open for 30 ms, as long as it may be");
  assertEquals(server.aborted.length, 2);
  assertEquals(server.aborted[1], `unavailable: ${error.message}`);
  // What is no stream may take its time.
  assertEquals(await client.ask("a"), "a");
});

Deno.test("lifeMs: accept may bound the life of one stream", async () => {
  await using server = run({
    connection: {
      accept: (request) => request.headers.has("x-short") ? { limits: { lifeMs: 20 } } : undefined,
    },
  });
  await using client = httpClient(app, server.url, { wire: "plain" });
  const long = client.ticks();
  await long.recv();
  const headers = { "x-short": "1" };
  const [talk, ticks] = [client.talk({ headers }), client.ticks({ headers })];
  assertEquals((await rejected(talk.recv())).name, "unavailable");
  assertEquals(await ticks.recv(), "tick");
  assertEquals((await rejected(ticks.recv())).name, "unavailable");
  await until(() => server.handler.connections.size === 1, "the long one is left");
  long.cancel();
});

Deno.test("a life that ends well leaves no timer behind", async () => {
  await using server = run({ limits: { lifeMs: 3_600_000 } });
  await using client = httpClient(app, server.url, { wire: "plain" });
  const talk = client.talk();
  await talk.closeSend();
  assertEquals(await talk.recv(), null);
});

Deno.test("unreadMessages: a peer that floods a handler which reads nothing is overloaded", async () => {
  await using server = run({ limits: { unreadMessages: 10 } });
  await using client = httpClient(app, server.url, { wire: "plain" });
  const talk = client.talk();
  await talk.send("sleep");
  const flood = (async () => {
    for (;;) await talk.send("x");
  })();
  const error = await rejected(talk.recv());
  await rejected(flood);
  await until(() => server.aborted.length > 0, "its signal aborts");
  assertEquals(server.aborted, ["overloaded: app.talk: more than 10 messages are unread"]);
  // A peer that keeps sending may see no more than an abrupt end (runtime.md, fact 5).
  assert(["overloaded", "unavailable"].includes(error.name), error.name);
});

Deno.test("messageBytes: too_large on every way in", async () => {
  await using server = run({ limits: { messageBytes: 100 } });
  await using client = httpClient(app, server.url, { wire: "plain" });
  const long = "x".repeat(99);
  const talk = client.talk();
  await talk.send(long);
  const error = await rejected(talk.recv());
  assertEquals([error.name, error.message], ["too_large", "app.talk: message is larger than 100 bytes"]);
  const unary = await rejected(client.ask(long));
  assertEquals([unary.name, unary.message], ["too_large", "app.ask: request body is larger than 100 bytes"]);
  const response = await fetch(`${server.url}/ask`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(long),
  });
  assertEquals(response.status, 413);
  await response.body?.cancel();
});

// Small bodies are read at once, others and those of unknown length as they come.
for (
  const [length, why] of [
    ["content-length: 100", "has not come within 50 ms"],
    ["content-length: 100000", "has brought nothing for 50 ms"],
    ["transfer-encoding: chunked", "has brought nothing for 50 ms"],
  ]
) {
  Deno.test(`stallMs: a request body that does not come on is a timeout (${length})`, async () => {
    await using server = run({ limits: { stallMs: 50 } });
    const peer = await Deno.connect({ port: server.port });
    const head = `POST /ask HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${length}\r\n\r\n`;
    await peer.write(text(`${head}${length!.endsWith("chunked") ? "4\r\n" : ""}"abc`));
    const answer = await new Response(peer.readable.pipeThrough(firstChunk())).text();
    assert(answer.startsWith("HTTP/1.1 408"), answer);
    assertEquals(server.errors, [`timeout: app.ask: request body ${why}`]);
    assertEquals(server.handler.calls, 0);
  });
}

/** Ends with its first chunk. */
function firstChunk(): TransformStream<Uint8Array, Uint8Array<ArrayBuffer>> {
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(new Uint8Array(chunk));
      controller.terminate();
    },
  });
}

Deno.test("stallMs: an event stream whose caller takes a large event bit by bit goes on", async () => {
  let stalled = 0;
  const body = eventBody({ heartbeatMs: 0, stallMs: 300, gone() {}, stalled: () => stalled++ });
  const size = 3 * 1024 * 1024;
  body.write("x".repeat(size));
  const ended = body.end("y");
  const reader = body.stream.getReader();
  const start = performance.now();
  let taken = 0;
  let chunks = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    taken += value.length;
    chunks++;
    // Slower by far, in all, than what would be no progress at once.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assertEquals(taken, size + 1);
  assert(chunks >= 12, `${chunks} chunks`);
  assert(performance.now() - start > 300);
  assertEquals(stalled, 0);
  await ended;
});

Deno.test("stallMs: an event stream whose caller takes nothing is cut", async () => {
  const cut = Promise.withResolvers<void>();
  const body = eventBody({ heartbeatMs: 0, stallMs: 20, gone() {}, stalled: cut.resolve });
  body.write("x".repeat(1024 * 1024));
  const reader = body.stream.getReader();
  assertEquals((await reader.read()).value!.length, 256 * 1024);
  assertEquals(body.queued().bytes, 768 * 1024);
  await cut.promise;
  assertEquals(body.queued(), { messages: 0, bytes: 0 });
  await assertRejects(() => reader.read(), Error, "takes nothing");
});
