// The registry of live streams, and the hooks around them.
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type AcceptChoice,
  accessLog,
  type Connection,
  type ConnectionEnd,
  httpClient,
  serve,
  ServiceError,
} from "../mod.ts";
import { implement } from "../mod.ts";
import { delay } from "@std/async";
import { until } from "./behaviour/until.ts";
import { app, run } from "./connections_app.ts";
import { bare, raw } from "./ws_support.ts";

const rejected = async (promise: Promise<unknown>) => await assertRejects(() => promise) as ServiceError;

/** Hooks that write down what they are told. */
function told() {
  const seen: string[] = [];
  const ends: ConnectionEnd[] = [];
  return {
    seen,
    ends,
    hooks: {
      open: ({ request, wire }: Connection) => seen.push(`open ${request.method} ${wire}`),
      close({ request, wire }: Connection, end: ConnectionEnd) {
        ends.push(end);
        seen.push(`close ${request.method} ${wire} ${end.code} ${end.error?.name}`);
      },
    },
  };
}

Deno.test("the registry tells who is there, on every wire, and forgets who has gone", async () => {
  await using server = run();
  const { connections } = server.handler;
  await using client = httpClient(app, server.url, { wire: "plain" });
  const before = Date.now();
  const talk = client.talk();
  await talk.send("a");
  assertEquals(await talk.recv(), "a");
  const ticks = client.ticks();
  await ticks.recv();
  const secret = client.secret({ token: "eve" });
  await secret.recv();
  assertEquals(connections.size, 3);
  const by = Object.fromEntries([...connections].map((one) => [one.request.method, one]));
  assertEquals(Object.keys(by).sort(), ["secret", "talk", "ticks"]);
  assertEquals([by.talk!.wire, by.ticks!.wire, by.secret!.wire], ["plain", "sse", "plain"]);
  for (const one of connections) {
    assertEquals(one.state, "open");
    assertEquals(one.rtt, undefined);
    assertEquals(connections.get(one.id), one);
    assert(one.since >= before && one.since <= Date.now());
    assert(one.lastSeen >= before && one.lastSeen <= Date.now());
    assert(one.request.peer.startsWith("127.0.0.1:"));
  }
  assertEquals(new Set([...connections].map(({ id }) => id)).size, 3);
  assertEquals(by.talk!.auth, undefined);
  assertEquals(by.secret!.auth, { user: "eve" });
  await until(() => by.talk!.buffered.bytes === 0, "all is taken");
  assertEquals(by.talk!.buffered, { messages: 0, bytes: 0 });
  const { lastSeen } = by.talk!;
  await until(() => Date.now() > lastSeen, "the clock goes on");
  await talk.send("b");
  await talk.recv();
  assert(by.talk!.lastSeen > lastSeen);

  talk.cancel();
  ticks.cancel();
  secret.cancel();
  await until(() => connections.size === 0, "all have gone");
  assertEquals(connections.get(by.talk!.id), undefined);
  assertEquals([...connections], []);
});

Deno.test("what waits for a peer that does not read is told", async () => {
  await using server = run();
  const peer = bare(`ws://127.0.0.1:${server.port}/talk`);
  await peer.opened;
  const [one] = server.handler.connections;
  assertEquals(one!.buffered, { messages: 0, bytes: 0 });
  peer.socket.close();
  await peer.closed;
  const deaf = await Deno.connect({ port: server.port });
  await deaf.write(new TextEncoder().encode(
    "GET /talk HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: Upgrade\r\n" +
      "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n",
  ));
  // A masked text frame (mask of zeros): "pour", as JSON.
  await deaf.write(
    new Uint8Array([0x81, 0x86, 0, 0, 0, 0, ...new TextEncoder().encode('"pour"')]),
  );
  const pouring = () => [...server.handler.connections].find(({ buffered }) => buffered.bytes > 0);
  await until(() => pouring() !== undefined, "messages wait");
  // What the network still takes of them is its own affair: until it takes no more.
  let before: number | undefined;
  do {
    before = pouring()?.buffered.bytes;
    await delay(200);
  } while (before === undefined || before !== pouring()?.buffered.bytes);
  const { messages, bytes } = pouring()!.buffered;
  // As many as were sent since the last time that nothing waited.
  assert(messages * 16_386 >= bytes, `${messages} messages of ${bytes} bytes`);
  deaf.close();
  await until(() => server.handler.connections.size === 0, "both have gone");
});

Deno.test("close ends one call as a shutdown does, or with the error given; others go on", async () => {
  const { hooks, ends } = told();
  await using server = run({ connection: hooks });
  const { connections } = server.handler;
  await using client = httpClient(app, server.url, { wire: "plain" });
  const talking = () => {
    const stream = client.talk();
    void stream.send("hello");
    return stream;
  };
  for (const method of ["talk", "ticks"] as const) {
    const open = async () => {
      const stream = method === "talk" ? talking() : client.ticks();
      await stream.recv();
      return { stream, one: [...connections].at(-1)! };
    };
    const first = await open();
    const second = await open();
    const third = await open();
    first.one.close();
    const error = await rejected(first.stream.recv());
    assertEquals(error.name, "unavailable");
    assertEquals(error.message, `app.${method}: the server has closed this stream`);
    second.one.close(new ServiceError("forbidden", "you are out"));
    const out = await rejected(second.stream.recv());
    assertEquals([out.name, out.message], ["forbidden", "you are out"]);
    await until(() => connections.size === 1, "one is left");
    // Does nothing once it is over.
    first.one.close();
    assertEquals([...connections][0], third.one);
    third.stream.cancel();
    await until(() => connections.size === 0, "none is left");
  }
  assertEquals(ends.map(({ code }) => code), [1001, 4403, 4499, undefined, undefined, undefined]);
  assertEquals(ends.map(({ error }) => error!.name), [
    "unavailable",
    "forbidden",
    "canceled",
    "unavailable",
    "forbidden",
    "canceled",
  ]);
  assertEquals(JSON.parse(ends[1]!.reason!).message, "you are out");
  assertEquals(server.aborted.map((text) => text.split(":")[0]), ends.map(({ error }) => error!.name));
});

Deno.test("closeAll closes those that are chosen", async () => {
  await using server = run();
  const { connections } = server.handler;
  await using client = httpClient(app, server.url, { wire: "plain" });
  const eve = client.secret({ token: "eve" });
  const bob = client.secret({ token: "bob" });
  const ticks = client.ticks();
  await Promise.all([eve.recv(), bob.recv(), ticks.recv()]);
  const isEve = ({ auth }: Connection) => (auth as { user: string } | undefined)?.user === "eve";
  assertEquals(connections.closeAll(isEve, new ServiceError("forbidden", "you are out")), 1);
  assertEquals((await rejected(eve.recv())).name, "forbidden");
  await until(() => connections.size === 2, "two are left");
  assertEquals(connections.closeAll(), 2);
  assertEquals((await rejected(bob.recv())).name, "unavailable");
  assertEquals((await rejected(ticks.recv())).name, "unavailable");
  await until(() => connections.size === 0, "none is left");
  assertEquals(connections.closeAll(), 0);
});

Deno.test("serve gives the registry of its HTTP door", async () => {
  const service = implement(app, {
    async talk({ stream }) {
      for await (const text of stream) await stream.send(text);
    },
    async *ticks() {},
    ask: ({ payload }) => payload,
    async *secret() {},
  });
  await using server = await serve([service], { http: { port: 0 }, auth: { key: () => null } });
  await using client = httpClient(app, server.http.url, { wire: "plain" });
  const talk = client.talk();
  await talk.send("a");
  await talk.recv();
  assertEquals([...server.http.connections].map(({ request }) => request.method), ["talk"]);
  await talk.closeSend();
  assertEquals(await talk.recv(), null);
  await until(() => server.http.connections.size === 0, "it has gone");
});

Deno.test("open and close come once for each call that was let in, with how it ended", async () => {
  const { hooks, seen, ends } = told();
  await using server = run({ connection: hooks });
  await using client = httpClient(app, server.url, { wire: "plain" });
  const talk = client.talk();
  await talk.send("a");
  await talk.closeSend();
  assertEquals(await talk.recv(), "a");
  assertEquals(await talk.recv(), null);
  await until(() => seen.length === 2, "closed");
  assertEquals(seen, ["open talk plain", "close talk plain 1000 undefined"]);
  assertEquals(ends[0], { code: 1000, reason: "", error: undefined });

  const deaf = await Deno.connect({ port: server.port });
  await deaf.write(new TextEncoder().encode(
    "GET /talk HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: Upgrade\r\n" +
      "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n",
  ));
  await deaf.read(new Uint8Array(1024));
  deaf.close();
  await until(() => seen.length === 4, "lost");
  assertEquals(seen.slice(2), ["open talk plain", "close talk plain 1006 canceled"]);

  // Refused: neither.
  await rejected(client.talk({ headers: { origin: "https://bad.example" } }).opened as Promise<unknown>);
  await fetch(`${server.url}/secret`).then((response) => response.body?.cancel());
  assertEquals(seen.length, 4);
});

Deno.test("hooks that throw harm neither call nor process, and are reported", async () => {
  await using server = run({
    connection: {
      open() {
        throw new Error("open broke");
      },
      close: () => Promise.reject(new Error("close broke")),
    },
  });
  await using client = httpClient(app, server.url, { wire: "plain" });
  const talk = client.talk();
  await talk.send("a");
  assertEquals(await talk.recv(), "a");
  await talk.closeSend();
  assertEquals(await talk.recv(), null);
  await until(() => server.errors.length === 2, "both are reported");
  assertEquals(server.errors, ["fault: internal error", "fault: internal error"]);
});

Deno.test("an onError, a log or an onState that rejects ends neither process nor call", async () => {
  let logged = 0;
  await using server = run({
    connection: {
      open: () => Promise.reject(new Error("open broke")),
      close() {
        throw new Error("close broke");
      },
    },
    interceptors: [accessLog({ log: () => (logged++, Promise.reject(new Error("log broke"))) })],
    onError: () => Promise.reject(new Error("onError broke")),
  });
  await using client = httpClient(app, server.url, { wire: "plain" });
  const onState = () => Promise.reject(new Error("onState broke"));
  const talk = client.talk({ onState });
  await talk.send("a");
  assertEquals(await talk.recv(), "a");
  await talk.closeSend();
  assertEquals(await talk.recv(), null);
  // What is refused before it is a call is reported by another way.
  const refused = await fetch(`${server.url}/ask`, { method: "POST", body: "{" });
  await refused.body?.cancel();
  assertEquals(refused.status, 415);
  await until(() => logged === 2 && server.errors.length >= 4, "all is reported");
});

Deno.test("accept sees request, payload and auth, before the upgrade and before the first event", async () => {
  const seen: unknown[] = [];
  await using server = run({
    connection: {
      accept(request, { transport, method, payload, auth }) {
        seen.push([
          new URL(request.url).pathname,
          request.headers.get("x-token"),
          transport,
          method,
          payload,
          auth,
        ]);
        return { headers: { "x-server": "one" } };
      },
    },
  });
  const peer = raw(server.port, { "x-token": "eve" });
  // The peer asks for "/", which is nothing here: no stream, no question.
  assert((await peer.head).startsWith("HTTP/1.1 404"));
  peer.socket.destroy();
  assertEquals(seen, []);
  await using client = httpClient(app, server.url, { wire: "plain" });
  const secret = client.secret({ token: "eve" });
  assertEquals(await secret.recv(), "psst");
  assertEquals(seen.shift(), ["/secret", "eve", "ws", "secret", { token: "eve" }, { user: "eve" }]);
  secret.cancel();
  const events = await fetch(`${server.url}/ticks`);
  assertEquals(events.headers.get("x-server"), "one");
  assertEquals(seen.shift(), ["/ticks", null, "sse", "ticks", undefined, undefined]);
  await events.body!.cancel();
  await fetch(`${server.url}/ask`, { method: "POST", body: '"a"' }).then((response) => response.text());
  assertEquals(seen, []);
});

Deno.test("accept refuses with an ordinary response, for a client of WebSockets too", async () => {
  await using server = run({
    connection: {
      async accept(_request, { method }) {
        await Promise.resolve();
        if (method === "secret") throw new Error("broken");
        throw new ServiceError("overloaded", "come back later", { temporary: true });
      },
    },
  });
  await using client = httpClient(app, server.url, { wire: "plain" });
  for (const stream of [client.talk(), client.ticks()]) {
    const error = await rejected(stream.opened as Promise<unknown>);
    assertEquals([error.name, error.message, error.temporary], ["overloaded", "come back later", true]);
  }
  const response = await fetch(`${server.url}/ticks`);
  assertEquals(response.status, 429);
  assertEquals((await response.json()).message, "come back later");
  const fault = await rejected(client.secret({ token: "eve" }).opened as Promise<unknown>);
  assertEquals([fault.name, fault.message], ["fault", "internal error"]);
  await until(() => server.handler.calls === 0, "nothing runs");
  assertEquals(server.handler.connections.size, 0);
});

Deno.test("accept selects a subprotocol that is offered, and no other", async () => {
  let protocol = "chat.v2";
  const causes: unknown[] = [];
  await using server = run({
    connection: { accept: () => ({ protocol, headers: { "x-server": "one" } }) },
    onError: ({ cause }) => causes.push((cause as Error)?.message),
  });
  const url = `ws://127.0.0.1:${server.port}/talk`;
  const peer = bare(url, ["chat.v1", "chat.v2", "goats.v1"]);
  await peer.opened;
  assertEquals(peer.socket.protocol, "chat.v2");
  peer.socket.send('"a"');
  await until(() => peer.messages.length === 1, "an answer");
  // Messages are those of the plain wire.
  assertEquals(peer.messages, ['"a"']);
  peer.socket.close();
  await peer.closed;
  for (protocol of ["chat.v3", "goats.token.abc"]) {
    const refused = bare(url, ["chat.v1", "goats.token.abc"]);
    await assertRejects(() => refused.opened);
    await refused.closed;
  }
  assertEquals(causes.slice(-2), [
    'Cannot select the subprotocol "chat.v3": the caller does not offer it',
    'Cannot select the subprotocol "goats.token.abc": the caller does not offer it',
  ]);
});

Deno.test("accept may bound one stream, and keep it on the plain wire", async () => {
  await using server = run({
    connection: {
      accept(request) {
        const small = request.headers.get("x-small") !== null;
        return { wire: "plain", ...(small && { limits: { messageBytes: 10 } }) };
      },
    },
  });
  await using client = httpClient(app, server.url);
  const talk = client.talk({ headers: { "x-small": "yes" } });
  await talk.send("short");
  assertEquals(await talk.recv(), "short");
  assertEquals([...server.handler.connections].map(({ wire }) => wire), ["plain"]);
  await talk.send("longer than that");
  assertEquals((await rejected(talk.recv())).name, "too_large");
  const other = client.talk();
  await other.send("longer than that");
  assertEquals(await other.recv(), "longer than that");
  other.cancel();
});

Deno.test("what accept cannot mean is a fault that says so, before the upgrade and for who asks why", async () => {
  const causes: string[] = [];
  const odd: [AcceptChoice, string][] = [
    [{ headers: { "x-odd": "a\u0001b" } }, "Cannot send header x-odd: its value has a control character"],
    [{ limits: { lifeMs: NaN } }, "limits.lifeMs must be a number from 0 on, or Infinity, not NaN"],
    [
      { limits: { lifeMs: "1 s" as unknown as number } },
      'limits.lifeMs must be a number from 0 on, or Infinity, not "1 s"',
    ],
    [{ limits: { messageBytes: -1 } }, "limits.messageBytes must be a number from 1 on, or Infinity, not -1"],
  ];
  for (const [choice, why] of odd) {
    causes.length = 0;
    await using server = run({
      connection: { accept: () => choice },
      onError: ({ cause }) => void causes.push(String((cause as Error)?.message)),
    });
    await using client = httpClient(app, server.url, { reconnect: false });
    for (const method of ["talk", "ticks"] as const) {
      const told = why.startsWith("limits") ? `Cannot accept app.${method}: ${why}` : why;
      assertEquals((await rejected(client[method]().opened)).name, "fault");
      assertEquals(causes.splice(0), [told], method);
    }
  }
});
