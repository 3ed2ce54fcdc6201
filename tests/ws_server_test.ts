/** The plain wire's server against peers that know nothing of goats: a bare WebSocket, npm `ws`, a TCP socket. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { WebSocket as NodeWebSocket } from "ws";
import { shutdownError } from "../src/core/active_calls.ts";
import { builtinError } from "../src/errors/builtin.ts";
import { ServiceError } from "../src/errors/service_error.ts";
import { until } from "./behaviour/until.ts";
import {
  bare,
  both,
  browse,
  down,
  frame,
  list,
  pinned,
  push,
  raw,
  serveMethod,
  textFrame,
  up,
} from "./ws_support.ts";

// deno-lint-ignore no-explicit-any
type Any = any;

async function* count({ payload }: Any) {
  for (let n = 0; n < payload.n; n++) yield { n };
}

async function total({ stream }: Any) {
  let sum = 0n;
  for await (const { n } of stream) sum += BigInt(n);
  return { count: sum };
}

async function echo({ stream }: Any) {
  for await (const message of stream) await stream.send(message);
}

Deno.test("server stream: messages, then close 1000", async () => {
  await using served = serveMethod(down, count, { payload: { n: 3 } });
  const peer = bare(served.url);
  const { code, reason, wasClean } = await peer.closed;
  assertEquals({ code, reason, wasClean }, { code: 1000, reason: "", wasClean: true });
  assertEquals(peer.messages, ['{"n":0}', '{"n":1}', '{"n":2}']);
  await until(() => served.active.size === 0, "the call is over");
  assertEquals(served.errors, []);
});

Deno.test("client stream: null ends the side, the result is one frame and a close", async () => {
  await using served = serveMethod(up, total);
  const peer = bare(served.url);
  await peer.opened;
  for (const n of [1, 2, 3]) peer.socket.send(JSON.stringify({ n, unknown: true, text: null }));
  peer.socket.send(" \r\n\tnull \n");
  peer.socket.send("what comes after the end is ignored");
  assertEquals((await peer.closed).code, 1000);
  assertEquals(peer.messages, ['{"count":6}']);
});

Deno.test("client stream without result: closes with 1000 when the handler is done", async () => {
  const seen: unknown[] = [];
  await using served = serveMethod(push, async ({ stream }: Any) => {
    for await (const { n } of stream) seen.push(n);
  });
  const peer = bare(served.url);
  await peer.opened;
  peer.socket.send('{"n":1}');
  peer.socket.send("null");
  assertEquals((await peer.closed).code, 1000);
  assertEquals([seen, peer.messages], [[1], []]);
});

Deno.test("both ways: the server goes on sending after null", async () => {
  await using served = serveMethod(both, async ({ stream }: Any) => {
    const all = [];
    for await (const { n } of stream) all.push(n);
    assertEquals(await stream.recv(), null);
    for (const n of all) await stream.send({ n: n * 10 });
  });
  const peer = bare(served.url);
  await peer.opened;
  for (const n of [1, 2]) peer.socket.send(JSON.stringify({ n }));
  peer.socket.send("null");
  assertEquals((await peer.closed).code, 1000);
  assertEquals(peer.messages, ['{"n":10}', '{"n":20}']);
});

Deno.test("both ways: the server may close its half first and go on receiving", async () => {
  const seen: unknown[] = [];
  await using served = serveMethod(both, async ({ stream }: Any) => {
    await stream.send({ n: 1 });
    await stream.close();
    for await (const { n } of stream) seen.push(n);
  });
  const peer = bare(served.url);
  await until(() => peer.messages.length === 1, "the first message");
  for (const n of [5, 6]) peer.socket.send(JSON.stringify({ n }));
  peer.socket.send("null");
  assertEquals((await peer.closed).code, 1000);
  assertEquals(seen, [5, 6]);
});

Deno.test("npm ws: both ways, exact 64-bit integers, messages sent in the same turn as open", async () => {
  await using served = serveMethod(both, echo);
  const socket = new NodeWebSocket(served.url);
  const got: string[] = [];
  socket.on("message", (data: Any) => got.push(data.toString()));
  const closed = Promise.withResolvers<number>();
  socket.on("close", (code: number) => closed.resolve(code));
  socket.on("open", () => {
    socket.send('{"n":1,"big":9007199254740993}');
    socket.send('{"n":2,"big":"9223372036854775807"}');
    socket.send("null");
  });
  assertEquals(await closed.promise, 1000);
  assertEquals(got, ['{"n":1,"big":9007199254740993}', '{"n":2,"big":9223372036854775807}']);
});

Deno.test("frames sent in one packet with the handshake's answer pending are not lost", async () => {
  await using served = serveMethod(up, total);
  const peer = raw(served.port);
  for (const n of [1, 2, 3, 4]) peer.socket.write(textFrame(JSON.stringify({ n })));
  peer.socket.write(textFrame("null"));
  assertMatch(await peer.head, /^HTTP\/1.1 101 /);
  await until(() => peer.body().length >= 14, "result and close frame");
  assertEquals(new TextDecoder().decode(peer.body().slice(2, 14)), '{"count":10}');
  peer.socket.destroy();
});

for (
  const [name, error, code] of [
    ["mapped to 404", new ServiceError("not_found", "no such thing"), 4404],
    ["declared, not mapped", new ServiceError("unmapped", "hm"), 4400],
    ["temporary", new ServiceError("busy", "later", { temporary: true }), 4503],
    ["timeout", builtinError("timeout", "too long"), 4408],
    ["temporary timeout", builtinError("timeout", "too long", { temporary: true }), 4504],
    ["unavailable", builtinError("unavailable", "not now"), 4503],
    ["too_large", builtinError("too_large", "too much"), 1009],
    ["overloaded", builtinError("overloaded", "too many"), 1013],
    ["canceled", builtinError("canceled", "no more"), 4499],
    ["unimplemented", builtinError("unimplemented", "not yet"), 4501],
    ["unauthorized", builtinError("unauthorized", "who?"), 4401],
    ["shutdown", shutdownError(), 1001],
  ] as const
) {
  Deno.test(`error ${name}: what was sent comes first, then close ${code} with the error as reason`, async () => {
    await using served = serveMethod(down, async function* () {
      yield { n: 1 };
      throw error;
    });
    const peer = bare(served.url);
    const event = await peer.closed;
    assertEquals([event.code, peer.messages], [code, ['{"n":1}']]);
    const { name, id, message } = JSON.parse(event.reason);
    assertEquals({ name, id, message }, { name: error.name, id: error.id, message: error.message });
  });
}

Deno.test("a plain Error is a fault: 4500, message hidden, id as onError sees it", async () => {
  await using served = serveMethod(down, () => {
    throw new TypeError("secret");
  });
  const peer = bare(served.url);
  const { code, reason } = await peer.closed;
  assertEquals(code, 4500);
  assert(!reason.includes("secret"));
  assertEquals(JSON.parse(reason).id, served.errors[0]!.id);
});

Deno.test("a long error is shortened to 123 bytes; name and id survive", async () => {
  const error = new ServiceError("not_found", "größer ".repeat(100));
  await using served = serveMethod(down, () => {
    throw error;
  });
  const { code, reason } = await bare(served.url).closed;
  assertEquals(code, 4404);
  assert(new TextEncoder().encode(reason).length <= 123);
  const body = JSON.parse(reason);
  assertEquals([body.name, body.id], ["not_found", error.id]);
});

for (
  const [what, message, name] of [
    ["not JSON", "{", "decode_payload"],
    ["of the wrong type", '"text"', "invalid_field_type"],
    ["without what is required", "{}", "missing_field"],
    ["out of range", '{"n":1000001}', "invalid_range"],
    ["binary", new Uint8Array([123, 125]), "invalid_field_type"],
    ["empty", "", "decode_payload"],
  ] as const
) {
  Deno.test(`a message ${what}: 4400 ${name}`, async () => {
    await using served = serveMethod(both, echo);
    const peer = bare(served.url);
    await peer.opened;
    peer.socket.send('{"n":1}');
    peer.socket.send(message);
    const event = await peer.closed;
    assertEquals([event.code, peer.messages], [4400, ['{"n":1}']]);
    assertEquals(JSON.parse(event.reason).name, name);
  });
}

Deno.test("an invalid message rejects that recv alone when the handler catches it", async () => {
  await using served = serveMethod(up, async ({ stream }: Any) => {
    const names: string[] = [];
    let good = 0n;
    for (;;) {
      try {
        const message = await stream.recv();
        if (message === null) break;
        good++;
      } catch (error) {
        names.push((error as ServiceError).name);
      }
    }
    assertEquals(names, ["invalid_field_type", "decode_payload"]);
    return { count: good };
  });
  const peer = bare(served.url);
  await peer.opened;
  for (const message of ['{"n":1}', new Uint8Array(3), "nul", '{"n":2}', "null"]) peer.socket.send(message);
  assertEquals((await peer.closed).code, 1000);
  assertEquals(peer.messages, ['{"count":2}']);
});

for (const text of ["x".repeat(1001), "ä".repeat(501), "€".repeat(334), "😀".repeat(251)]) {
  Deno.test(`a message of ${text.length} units beyond messageBytes: 1009 too_large`, async () => {
    await using served = serveMethod(both, echo, { limits: { messageBytes: 1000 } });
    const peer = bare(served.url);
    await peer.opened;
    const fits = JSON.stringify({ n: 1, text: "€".repeat(326) });
    assertEquals(new TextEncoder().encode(fits).length <= 1000, true);
    peer.socket.send(fits);
    await until(() => peer.messages.length === 1, "the one that fits comes back");
    peer.socket.send(text);
    const { code, reason } = await peer.closed;
    assertEquals([code, JSON.parse(reason).name], [1009, "too_large"]);
    await until(() => served.active.size === 0, "the call is over");
    assertEquals(served.errors.map(({ name }) => name), []);
  });
}

Deno.test("a single frame of 64 MiB ends that call alone", async () => {
  await using served = serveMethod(both, echo);
  const other = bare(served.url);
  await other.opened;
  const peer = bare(served.url);
  await peer.opened;
  peer.socket.send("x".repeat(64 * 1024 * 1024));
  await peer.closed;
  await until(() => served.active.size === 1, "the call is over");
  other.socket.send('{"n":1}');
  await until(() => other.messages.length === 1, "the other call goes on");
  other.socket.send("null");
  assertEquals((await other.closed).code, 1000);
});

Deno.test("a flood that nobody reads is bounded, then 1013 overloaded", async () => {
  const reasons: unknown[] = [];
  await using served = serveMethod(both, async ({ signal }: Any) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    reasons.push(signal.reason.name);
  }, { limits: { unreadMessages: 100 } });
  const peer = bare(served.url);
  await peer.opened;
  for (let n = 0; n < 100; n++) peer.socket.send('{"n":1}');
  peer.socket.send('{"n":1}');
  const { code, reason } = await peer.closed;
  assertEquals([code, JSON.parse(reason).name], [1013, "overloaded"]);
  await until(() => served.active.size === 0, "the call is over");
  assertEquals(reasons, ["overloaded"]);
});

Deno.test("a reader that keeps up may be behind within a turn of the event loop", async () => {
  let most = 0;
  let done = 0;
  await using served = serveMethod(up, async ({ stream }: Any) => {
    let count = 0n;
    for await (const { n } of stream) {
      most = Math.max(most, n);
      for (let tick = 0; tick < 20; tick++) await undefined;
      count++;
      done++;
    }
    return { count };
  }, { limits: { unreadMessages: 100 } });
  const peer = raw(served.port);
  await peer.head;
  const frames = Array.from({ length: 350 }, (_, n) => textFrame(JSON.stringify({ n })));
  frames.push(textFrame("null"));
  peer.socket.write(new Uint8Array(frames.flatMap((frame) => [...frame])));
  await until(() => peer.body().length >= 15, "a result");
  assertEquals(new TextDecoder().decode(peer.body().slice(2, 15)), '{"count":350}');
  assertEquals([done, most], [350, 349]);
  peer.socket.destroy();
});

Deno.test("within a turn, too, what is unread is bounded", async () => {
  await using served = serveMethod(up, stay, { limits: { unreadMessages: 10 } });
  const peer = raw(served.port);
  await peer.head;
  const frames = Array.from({ length: 41 }, (_, n) => textFrame(JSON.stringify({ n })));
  peer.socket.write(new Uint8Array(frames.flatMap((frame) => [...frame])));
  await until(() => peer.body().length >= 4, "a close frame");
  assertEquals([...peer.body().slice(2, 4)], [1013 >> 8, 1013 & 255]);
  peer.socket.destroy();
});

Deno.test("a flood of large messages is bounded by bytes", async () => {
  await using served = serveMethod(push, stay, { limits: { unreadBytes: 100_000 } });
  const peer = bare(served.url);
  await peer.opened;
  for (let n = 0; n < 10; n++) peer.socket.send(JSON.stringify({ n, text: "x".repeat(10_000) }));
  assertEquals((await peer.closed).code, 1013);
});

Deno.test("a peer that goes on sending 256 MiB regardless costs bounded memory and ends", async () => {
  await using served = serveMethod(both, stay);
  const before = Deno.memoryUsage().rss;
  const peer = raw(served.port);
  await peer.head;
  const message = textFrame(JSON.stringify({ n: 1, text: "x".repeat(60_000) }));
  let most = 0;
  for (let i = 0; i < 4400 && !peer.socket.destroyed; i++) {
    if (!peer.socket.write(message)) {
      await Promise.race([
        new Promise((resolve) => peer.socket.once("drain", resolve)),
        new Promise((resolve) => peer.socket.once("close", resolve)),
      ]);
    }
    most = Math.max(most, Deno.memoryUsage().rss - before);
  }
  await until(() => served.active.size === 0, "the call is over");
  assert(most < 100 * 1024 * 1024, `grew by ${most}`);
  peer.socket.destroy();
});

Deno.test("a method without StreamingPayload ignores what it is sent", async () => {
  const go = Promise.withResolvers<void>();
  await using served = serveMethod(down, async function* () {
    await go.promise;
    yield { n: 1 };
  }, { limits: { unreadMessages: 10 } });
  const peer = bare(served.url);
  await peer.opened;
  for (let n = 0; n < 1000; n++) peer.socket.send("whatever");
  peer.socket.send("null");
  go.resolve();
  await peer.closed;
  assertEquals(peer.messages, ['{"n":1}']);
});

Deno.test("slow reader: send waits, memory stays bounded while 64 MiB are offered", async () => {
  let sent = 0;
  const text = "x".repeat(64 * 1024);
  await using served = serveMethod(down, async ({ stream }: Any) => {
    for (let n = 0; n < 1024; n++) {
      await stream.send({ n, text });
      sent++;
    }
  });
  const before = Deno.memoryUsage().rss;
  const peer = raw(served.port);
  peer.socket.pause();
  let last = -1;
  await until(() => served.active.size === 1, "the call runs");
  while (sent !== last) {
    last = sent;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  assert(sent < 400, `sent ${sent} of 1024 to a peer that reads nothing`);
  const grown = Deno.memoryUsage().rss - before;
  assert(grown < 40 * 1024 * 1024, `grew by ${grown}`);
  let read = 0;
  peer.socket.removeAllListeners("data");
  peer.socket.on("data", (chunk: Uint8Array) => read += chunk.length);
  peer.socket.resume();
  await until(() => served.active.size === 0 || read > 1024 * 64 * 1024, "all is read");
  assertEquals(sent, 1024);
  peer.socket.destroy();
});

Deno.test("slow reader of tiny messages: their number is bounded, too", async () => {
  let sent = 0;
  await using served = serveMethod(down, async ({ stream }: Any) => {
    for (let n = 0; n < 1_000_000; n++) {
      await stream.send({ n });
      sent++;
    }
  });
  const peer = raw(served.port);
  peer.socket.pause();
  let last = -1;
  await until(() => served.active.size === 1, "the call runs");
  while (sent !== last) {
    last = sent;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  assert(sent > 1000 && sent < 700_000, `sent ${sent}`);
  peer.socket.destroy();
  await until(() => served.active.size === 0, "the call is over");
});

Deno.test("a peer that takes nothing for stallMs is overloaded", async () => {
  const ended = Promise.withResolvers<string>();
  await using served = serveMethod(down, async ({ stream }: Any) => {
    try {
      for (;;) await stream.send({ n: 1, text: "x".repeat(100_000) });
    } catch (error) {
      ended.resolve((error as ServiceError).name);
      throw error;
    }
  }, { limits: { stallMs: 200 } });
  const peer = raw(served.port);
  peer.socket.pause();
  assertEquals(await ended.promise, "overloaded");
  await until(() => served.active.size === 0, "the call is over");
  peer.socket.destroy();
});

for (const how of ["destroy", "resetAndDestroy"] as const) {
  Deno.test(`caller vanishes (${how}): the signal aborts with canceled, recv rejects with it`, async () => {
    const seen: string[] = [];
    await using served = serveMethod(both, async ({ stream, signal }: Any) => {
      const first = await stream.recv();
      seen.push(`${first.n}`);
      const error = await assertRejects(() => stream.recv(), ServiceError);
      seen.push(error.name, signal.reason.name);
      seen.push((await assertRejects(() => stream.send({ n: 1 }), ServiceError)).name);
      throw error;
    });
    const peer = raw(served.port);
    await peer.head;
    peer.socket.write(textFrame('{"n":7}'));
    await until(() => seen.length === 1, "the first message");
    peer.socket[how]();
    await until(() => seen.length === 4, "all is seen");
    assertEquals(seen, ["7", "canceled", "canceled", "canceled"]);
    await until(() => served.active.size === 0, "the call is over");
    assertEquals(served.errors, []);
  });
}

/** Runs until its caller has gone. */
function stay({ signal }: Any) {
  return new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
}

Deno.test("caller vanishes right after its request: the call ends", async () => {
  const seen: string[] = [];
  await using served = serveMethod(both, async (call: Any) => {
    await stay(call);
    seen.push(call.signal.reason.name);
  });
  const peer = raw(served.port);
  await peer.asked;
  peer.socket.destroy();
  await until(() => seen.length === 1, "the handler is told");
  assertEquals(seen, ["canceled"]);
});

Deno.test({
  name: "caller resets right after its request: Deno says nothing of it, the call ends after openMs",
  // Deno leaves the upgrade pending for ever, and `shutdown` waits for it.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const stop = new AbortController();
    const seen: string[] = [];
    await using served = serveMethod(both, async (call: Any) => {
      await stay(call);
      seen.push(call.signal.reason.name);
    }, { limits: { openMs: 100 }, signal: stop.signal });
    const peer = raw(served.port);
    await peer.asked;
    peer.socket.resetAndDestroy();
    await until(() => seen.length === 1, "the handler is told");
    assertEquals(seen, ["canceled"]);
    await until(() => served.active.size === 0, "the call is over");
    stop.abort();
  },
});

Deno.test("Goa's clients drop the connection after null: every message counts", async () => {
  const seen: number[] = [];
  await using served = serveMethod(push, async ({ stream, signal }: Any) => {
    for await (const { n } of stream) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      seen.push(n);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    seen.push(signal.aborted ? -1 : -2);
  });
  const peer = raw(served.port);
  await peer.head;
  for (let n = 0; n < 50; n++) peer.socket.write(textFrame(JSON.stringify({ n })));
  peer.socket.write(textFrame("null"), () => peer.socket.destroy());
  await until(() => seen.length === 51, "all was handled");
  assertEquals(seen.at(-1), -2);
  assertEquals(served.errors, []);
});

Deno.test("both ways: dropped after null, all is read, then the signal aborts a handler that still runs", async () => {
  const seen: unknown[] = [];
  await using served = serveMethod(both, async ({ stream, signal }: Any) => {
    for await (const { n } of stream) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      seen.push(n);
    }
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    seen.push(signal.reason.name);
  });
  const peer = raw(served.port);
  await peer.head;
  for (let n = 0; n < 20; n++) peer.socket.write(textFrame(JSON.stringify({ n })));
  peer.socket.write(textFrame("null"), () => peer.socket.destroy());
  await until(() => seen.length === 21, "all was handled");
  assertEquals(seen, [...Array(20).keys(), "canceled"]);
});

for (const waits of [false, true]) {
  Deno.test(`both ways: a send that finds the caller gone, ${waits ? "waiting" : "later"}, finds the signal aborted`, async () => {
    let seen: unknown;
    await using served = serveMethod(both, async ({ stream, signal }: Any) => {
      await stream.recv();
      try {
        for (let n = 0;; n++) {
          await stream.send({ n, text: "x".repeat(waits ? 500_000 : 1) });
          if (!waits) await new Promise((resolve) => setTimeout(resolve, 1));
        }
      } catch (error) {
        seen = [(error as Error).name, signal.reason === error];
      }
    });
    const peer = raw(served.port);
    await peer.head;
    // What is not read keeps the signal waiting.
    for (let n = 0; n < 3; n++) peer.socket.write(textFrame(JSON.stringify({ n })));
    peer.socket.pause();
    peer.socket.write(textFrame("null"), () => setTimeout(() => peer.socket.destroy(), 100));
    await until(() => seen !== undefined, "the send is over");
    assertEquals(seen, ["canceled", true]);
  });
}

Deno.test("a bare close() ends the caller's side; a handler that ends with it ends well", async () => {
  const seen: unknown[] = [];
  const aborted: boolean[] = [];
  await using served = serveMethod(up, async ({ stream, signal }: Any) => {
    signal.addEventListener("abort", () => aborted.push(true));
    for await (const { n } of stream) seen.push(n);
    seen.push("end");
    return { count: 1n };
  });
  const peer = bare(served.url);
  await peer.opened;
  peer.socket.send('{"n":1}');
  peer.socket.close();
  await peer.closed;
  await until(() => served.active.size === 0, "the call is over");
  assertEquals(seen, [1, "end"]);
});

Deno.test("a server stream whose caller closes is canceled", async () => {
  await using served = serveMethod(down, async function* ({ signal }: Any) {
    yield { n: 1 };
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    throw signal.reason;
  });
  const peer = bare(served.url);
  await until(() => peer.messages.length === 1, "the first message");
  peer.socket.close(1000);
  await peer.closed;
  await until(() => served.active.size === 0, "the call is over");
  assertEquals(served.errors, []);
});

// ---- handshake ----------------------------------------------------------------------------------------------------

Deno.test("subprotocols: a list without spaces never fails, a token is never echoed, goats.plain is selected", async () => {
  await using served = serveMethod(down, count, { payload: { n: 1 } });
  for (
    const [offer, selected] of [
      ["a,b", undefined],
      ["goats.v1,secret-token", undefined],
      ["goats.plain,secret-token", "goats.plain"],
      ["secret-token , goats.plain", "goats.plain"],
    ] as const
  ) {
    const peer = raw(served.port, { "sec-websocket-protocol": offer });
    const head = await peer.head;
    assertMatch(head, /^HTTP\/1.1 101 /);
    assertEquals(/^sec-websocket-protocol: (.*)$/im.exec(head)?.[1], selected);
    peer.socket.destroy();
  }
  const peer = bare(served.url, ["goats.plain", "secret-token"]);
  await peer.opened;
  assertEquals(peer.socket.protocol, "goats.plain");
  await peer.closed;
});

Deno.test("origins: same host by default, a list, any; absent passes", async () => {
  const status = async (origins: WsOrigins, headers: Record<string, string>) => {
    await using served = serveMethod(down, count, { payload: { n: 1 }, origins });
    const peer = raw(
      served.port,
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, value.replace("PORT", `${served.port}`)]),
      ),
    );
    const head = await peer.head;
    peer.socket.destroy();
    return [Number(head.split(" ")[1]), /^goa-error: (.*)$/im.exec(head)?.[1]];
  };
  type WsOrigins = readonly string[] | "*" | undefined;
  const passes = [101, undefined];
  const fails = [403, "forbidden"];
  assertEquals(await status(undefined, {}), passes);
  assertEquals(await status(undefined, { origin: "http://127.0.0.1:PORT" }), passes);
  assertEquals(await status(undefined, { origin: "http://evil.example" }), fails);
  assertEquals(await status(undefined, { origin: "null" }), fails);
  assertEquals(await status(undefined, { host: "shop.example", origin: "https://shop.example" }), passes);
  assertEquals(await status(["https://app.example"], { origin: "https://app.example" }), passes);
  assertEquals(await status(["https://app.example"], { origin: "http://app.example" }), fails);
  assertEquals(await status("*", { origin: "http://evil.example" }), passes);
});

Deno.test("a bad handshake is an ordinary response, not a hanging one", async () => {
  await using served = serveMethod(down, count, { payload: { n: 1 } });
  const response = await fetch(served.url.replace("ws:", "http:"), { headers: { "x": "y" } });
  assertEquals(response.status, 400);
  assertEquals((await response.json()).name, "bad_handshake");
});

Deno.test("headers of the call can be read after the upgrade", async () => {
  await using served = serveMethod(down, async function* ({ request }: Any) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    yield { n: 1, text: request.headers.get("x-who") };
  });
  const peer = raw(served.port, { "x-who": "me" });
  await peer.head;
  await until(() => peer.body().length > 2, "a message");
  assertMatch(new TextDecoder().decode(peer.body()), /"text":"me"/);
  peer.socket.destroy();
});

// ---- views --------------------------------------------------------------------------------------------------------

const bottle = { id: 1, name: "Blue", notes: "dry" };
const viewOf = (head: string) => /^goa-view: (.*)$/im.exec(head)?.[1];

Deno.test("a view chosen at run time is told in goa-view, and shapes the messages", async () => {
  for (const view of ["tiny", "default", undefined]) {
    await using served = serveMethod(list, async ({ stream, response }: Any) => {
      response.headers.set("x-more", "yes");
      response.headers.set("connection", "close");
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (view !== undefined) await stream.setView(view);
      await stream.send(bottle);
    });
    const peer = raw(served.port, { "sec-websocket-protocol": "goats.plain,x" });
    const head = await peer.head;
    assertMatch(head, /^HTTP\/1.1 101 /);
    assertEquals(viewOf(head), view ?? "default");
    assertMatch(head, /^x-more: yes$/im);
    assertMatch(head, /^connection: upgrade$/im);
    assertMatch(head, /^sec-websocket-protocol: goats.plain$/im);
    await until(() => peer.body().length > 4, "a message");
    const text = new TextDecoder().decode(peer.body());
    assertEquals(text.includes("Blue"), view !== "tiny");
    peer.socket.destroy();
  }
});

Deno.test("a pinned view is told, too, and needs no wait", async () => {
  await using served = serveMethod(pinned, async function* () {
    yield bottle;
  });
  const peer = raw(served.port);
  assertEquals(viewOf(await peer.head), "tiny");
  peer.socket.destroy();
});

Deno.test("run-time view: recv opens, an empty stream opens at its end", async () => {
  await using served = serveMethod(browse, async ({ stream }: Any) => {
    const first = await stream.recv();
    if (first !== null) await stream.send({ ...bottle, id: first.n });
  });
  const peer = bare(served.url);
  await peer.opened;
  peer.socket.send('{"n":5}');
  assertEquals((await peer.closed).code, 1000);
  assertEquals(peer.messages, ['{"id":5,"name":"Blue","notes":"dry"}']);
  await using empty = serveMethod(list, async function* () {});
  assertEquals((await bare(empty.url).closed).code, 1000);
});

Deno.test("run-time view: an error before the view is an ordinary HTTP response", async () => {
  await using served = serveMethod(list, () => {
    throw new ServiceError("not_found", "no such cellar");
  });
  const head = await raw(served.port).head;
  assertMatch(head, /^HTTP\/1.1 404 /);
  assertMatch(head, /^goa-error: not_found$/im);
});

Deno.test("run-time view: a caller that vanishes before the view cancels the handler", async () => {
  const seen: string[] = [];
  await using served = serveMethod(list, async ({ signal, stream }: Any) => {
    seen.push("start");
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    seen.push(signal.reason.name);
    await stream.send(bottle);
  });
  const peer = raw(served.port);
  await until(() => seen.length === 1, "the handler runs");
  peer.socket.destroy();
  await until(() => seen.length === 2, "the handler is told");
  assertEquals(seen[1], "canceled");
  await until(() => served.active.size === 0, "the call is over");
});

Deno.test("shutdown closes with 1001", async () => {
  const served = serveMethod(down, async function* ({ signal }: Any) {
    yield { n: 1 };
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    throw signal.reason;
  });
  const peer = bare(served.url);
  await until(() => peer.messages.length === 1, "the first message");
  await served.active.drain(20);
  const { code, reason } = await peer.closed;
  assertEquals([code, JSON.parse(reason).name], [1001, "unavailable"]);
  await served.server.shutdown();
});

Deno.test("ping is answered; a silent peer that answers none is dropped after idleMs", async () => {
  await using served = serveMethod(both, echo, { limits: { idleMs: 1000 } });
  const peer = raw(served.port);
  await peer.head;
  peer.socket.write(frame(9, new Uint8Array([1, 2])));
  await until(() => peer.body().length >= 4, "a pong");
  assertEquals(peer.body().slice(0, 4), new Uint8Array([0x8a, 2, 1, 2]));
  await until(() => served.active.size === 0, "the call is over");
  peer.socket.destroy();
});
