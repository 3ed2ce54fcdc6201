// Event streams that go on, the same call, after their connection was lost.
import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { httpClient, type HttpClientOptions, httpHandler, implement, ServiceError } from "../mod.ts";
import type { HttpHandlerOptions } from "../src/http/handler.ts";
import type { ServiceImplementation } from "../src/core/endpoint.ts";
import type { StreamState } from "../src/core/client_types.ts";
import * as d from "../src/design/mod.ts";
import { type Plan, proxy } from "./behaviour/proxy.ts";
import { until } from "./behaviour/until.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, sanitizeOps: true, sanitizeResources: true, sanitizeExit: true, fn });
}

const Story = d.Type("Story", d.Field(1, "id", d.String), d.Field(2, "text", d.String), d.Required("id"));
const total = d.Payload(d.Field(1, "total", d.Int), d.Required("total"));

const feed = d.Service(
  "feed",
  d.Method("count", total, d.StreamingResult(d.Int), d.HTTP(d.GET("/count/{total}"), d.ServerSentEvents())),
  d.Method("posted", total, d.StreamingResult(d.Int), d.HTTP(d.POST("/posted"), d.ServerSentEvents())),
  d.Method(
    "repeated",
    d.Idempotent(),
    total,
    d.StreamingResult(d.Int),
    d.HTTP(d.GET("/repeated/{total}"), d.ServerSentEvents()),
  ),
  d.Method(
    "mapped",
    total,
    d.StreamingResult(Story),
    d.HTTP(d.PUT("/mapped/{total}"), d.ServerSentEvents("text", d.SSEEventID("id"))),
  ),
  d.Method(
    "timed",
    total,
    d.StreamingResult(d.Field(1, "n", d.Int), d.Field(2, "wait", d.UInt), d.Required("n", "wait")),
    d.HTTP(d.GET("/timed/{total}"), d.ServerSentEvents("n", d.SSEEventRetry("wait"))),
  ),
  d.Method("socket", total, d.StreamingResult(d.Int), d.HTTP(d.GET("/socket/{total}"))),
);

function up(implementation: ServiceImplementation, options: HttpHandlerOptions = {}, port = 0) {
  const handler = httpHandler([implementation], options);
  const server = Deno.serve({ port, hostname: "127.0.0.1", onListen() {} }, handler);
  return {
    handler,
    port: server.addr.port,
    url: `http://127.0.0.1:${server.addr.port}`,
    async [Symbol.asyncDispose]() {
      await handler.shutdown(0);
      await server.shutdown();
    },
  };
}

/** An implementation; what a test does not look at ends at once. */
// deno-lint-ignore no-explicit-any
function serving(handlers: Record<string, any>): ServiceImplementation {
  const none = async function* () {};
  return implement(feed, {
    count: none,
    posted: none,
    repeated: none,
    mapped: none,
    timed: none,
    socket: none,
    ...handlers,
  });
}

async function rejection(promise: Promise<unknown>): Promise<ServiceError> {
  const error = await assertRejects(() => promise);
  assertInstanceOf(error, ServiceError);
  return error;
}

const FAST = { firstMs: 2, maxMs: 10 } as const;

function client(port: number, options: HttpClientOptions = {}) {
  return httpClient(feed, `http://127.0.0.1:${port}`, { reconnect: FAST, ...options });
}

/** Waits until the call is over at the server; then says why. */
const left = (signal: AbortSignal) =>
  new Promise<ServiceError>((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    signal.addEventListener("abort", () => resolve(signal.reason));
  });

const upTo = (n: number) => Array.from({ length: n }, (_, at) => at + 1);

function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

const seed = Number(Deno.env.get("SEED") ?? Date.now() % 1e9);
// A hang, or an error, does not tell it.
console.log(`SEED=${seed}`);

/** What a method's messages carry. */
const numberOf = (message: unknown) =>
  typeof message === "number" ? message : Number((message as { id: string }).id);

for (const method of ["count", "posted", "mapped"] as const) {
  test(`${method}: every message once and in order, over many cuts at random bytes, in one call`, async () => {
    for (let round = 0; round < 5; round++) {
      const random = randomFrom(seed + round);
      const CUTS = 30;
      const TOTAL = 3000;
      let calls = 0;
      let ends = 0;
      await using server = up(serving({
        // deno-lint-ignore no-explicit-any
        async *[method]({ payload }: any) {
          calls++;
          for (let n = 1; n <= payload.total; n++) {
            yield method === "mapped" ? { id: String(n), text: "line\nline" } : n;
            if (random(50) === 0) await new Promise((resolve) => setTimeout(resolve, 0));
          }
          ends++;
        },
      }));
      const plan = (n: number): Plan =>
        // The first is cut once the client knows how to come back.
        n > CUTS ? { faults: [], chunks: [1 + random(50)] } : {
          faults: [{
            kind: random(2) === 0 ? "cut" : "reset",
            at: { direction: "down", bytes: n === 0 ? 600 + random(3000) : random(2000) },
          }],
          chunks: [1 + random(2000), 1 + random(200)],
        };
      await using between = await proxy(server.port, plan);
      await using c = client(between.port);
      const stream = c[method]({ total: TOTAL });
      const got: number[] = [];
      for await (const message of stream) got.push(numberOf(message));
      assertEquals(got, upTo(TOTAL), `seed ${seed}, round ${round}`);
      assertEquals([calls, ends, stream.restarts], [1, 1, 0], `seed ${seed}, round ${round}`);
      assert(between.taken > 5, `seed ${seed}, round ${round}: ${between.taken} connections`);
      await stream.closed;
    }
  });
}

test("the state is told, and the handler sees nothing but a pause", async () => {
  const go = Promise.withResolvers<void>();
  let aborted = 0;
  await using server = up(serving({
    // deno-lint-ignore no-explicit-any
    async *count({ signal, response }: any) {
      signal.addEventListener("abort", () => aborted++);
      response.headers.set("x-kept", "yes");
      yield 1;
      await go.promise;
      yield 2;
      yield 3;
    },
  }));
  await using between = await proxy(server.port);
  await using c = client(between.port);
  const states: StreamState[] = [];
  const stream = c.count({ total: 3 }, { onState: (state) => states.push(state) });
  assertEquals([await stream.recv(), (await stream.opened).headers.get("x-kept")], [1, "yes"]);
  const vitals = () => [...server.handler.connections].map((one) => one.state);
  assertEquals(vitals(), ["open"]);
  between.cut();
  await until(() => states.includes("paused"), "the loss is known");
  await until(() => stream.state === "open", "it is back");
  await until(() => vitals()[0] === "open", "the server has it back");
  go.resolve();
  assertEquals([await stream.recv(), await stream.recv(), await stream.recv()], [2, 3, null]);
  await stream.closed;
  assertEquals(states, ["open", "paused", "resuming", "open", "closed"]);
  assertEquals([aborted, stream.restarts], [0, 0]);
});

test("the end, and an error, that did not arrive are there for who comes back", async () => {
  const go = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using server = up(serving({
    // deno-lint-ignore no-explicit-any
    async *count({ payload, response }: any) {
      yield 1;
      await go[payload.total]!.promise;
      response.trailers.set("x-done", "1");
      if (payload.total === 1) throw new ServiceError("broken", "after all");
    },
  }));
  await using between = await proxy(server.port);
  await using c = client(between.port, { reconnect: { firstMs: 200, maxMs: 200 } });
  for (const total of [0, 1]) {
    const stream = c.count({ total });
    assertEquals(await stream.recv(), 1);
    between.cut();
    await until(
      () => [...server.handler.connections].every((one) => one.state === "paused"),
      "the server knows",
    );
    go[total]!.resolve();
    if (total === 0) {
      assertEquals(await stream.recv(), null);
      assertEquals((await stream.closed).get("x-done"), "1");
    } else {
      assertEquals((await rejection(stream.recv())).message, "after all");
    }
  }
});

test("a stream whose connection is lost before its first event goes on", async () => {
  const lost = Promise.withResolvers<void>();
  let calls = 0;
  await using server = up(serving({
    async *count() {
      calls++;
      await lost.promise;
      yield* upTo(3);
    },
  }));
  await using between = await proxy(server.port);
  await using c = client(between.port);
  const stream = c.count({ total: 3 });
  await stream.opened;
  between.cut();
  await until(() => stream.state !== "open", "the loss is known");
  lost.resolve();
  assertEquals([await Array.fromAsync(stream), calls], [upTo(3), 1]);
});

test("an ended stream is kept, until its caller says that it has a large one", async () => {
  await using server = up(serving({
    async *count() {
      yield* upTo(3);
    },
    async *posted() {
      yield* upTo(10_000);
    },
    // deno-lint-ignore no-explicit-any
    async *repeated({ error }: any) {
      yield* upTo(10_000);
      throw error("unavailable", "no more");
    },
  }));
  const statuses: number[] = [];
  for (const name of ["count", "posted", "repeated"] as const) {
    let told = "";
    const c = client(server.port, {
      async fetch(request) {
        const response = await fetch(request);
        told = response.headers.get("goats-stream") ?? told;
        return response;
      },
    });
    const stream = c[name]({ total: 0 });
    await Array.fromAsync(stream).catch(() => {});
    await stream.closed.catch(() => {});
    // It waits for what is said after the end.
    await c.close();
    const [token] = told.split(" ");
    const path = { count: "/count/0", posted: "/posted", repeated: "/repeated/0" }[name];
    const again = await fetch(server.url + path, {
      method: name === "posted" ? "POST" : "GET",
      headers: { "goats-resume": `${token}.3` },
    });
    statuses.push(again.status);
    if (name === "count") assertEquals(await again.text(), "event: end\ndata: {}\n\n");
    else await again.body?.cancel();
  }
  assertEquals(statuses, [200, 410, 410]);
});

test("without a connection a full buffer makes the handler wait; nobody coming back ends it as canceled", async () => {
  let sent = 0;
  const reasons: string[] = [];
  await using server = up(
    serving({
      // deno-lint-ignore no-explicit-any
      async count({ stream, signal }: any) {
        void left(signal).then((reason) => reasons.push(reason.name));
        try {
          for (;;) {
            await stream.send(++sent);
            if (sent === 1) await gone.promise;
          }
        } catch {
          // Over.
        }
      },
    }),
    { limits: { resumeMs: 300, resumeBytes: 1000 } },
  );
  const gone = Promise.withResolvers<void>();
  const response = await fetch(`${server.url}/count/1`, {
    headers: { accept: "text/event-stream;goats=resume" },
  });
  const reader = response.body!.getReader();
  const first = new TextDecoder().decode((await reader.read()).value);
  assertEquals(first, "data: 1\n\n");
  const [, token] = /^(\S+) 300 15000$/.exec(response.headers.get("goats-stream")!)!;
  await reader.cancel();
  await until(
    () => [...server.handler.connections].every((one) => one.state === "paused"),
    "the server knows",
  );
  gone.resolve();
  await until(() => sent > 50, "it goes on");
  await until(() => reasons.length === 1, "nobody came");
  assert(sent < 120, `${sent} sent`);
  assertEquals(reasons, ["canceled"]);
  const late = await fetch(`${server.url}/count/1`, { headers: { "goats-resume": `${token}.1` } });
  await late.body?.cancel();
  assertEquals(late.status, 410);
  await until(() => server.handler.calls === 0, "nothing is left");
});

test("a full buffer goes on when its caller is back", async () => {
  const gone = Promise.withResolvers<void>();
  await using server = up(
    serving({
      async *count() {
        yield 1;
        await gone.promise;
        for (let n = 2; n <= 1000; n++) yield n;
      },
    }),
    { limits: { resumeBytes: 100 } },
  );
  // It may be back at once: until the server knows that it has gone, it does not get through.
  let away = false;
  const cutOff: Plan = { faults: [{ kind: "cut", at: { direction: "up", bytes: 1 } }] };
  await using between = await proxy(server.port, () => away ? cutOff : { faults: [] });
  await using c = client(between.port, { reconnect: { firstMs: 100, maxMs: 100 } });
  const stream = c.count({ total: 0 });
  assertEquals(await stream.recv(), 1);
  away = true;
  between.cut();
  await until(
    () => [...server.handler.connections].every((one) => one.state === "paused"),
    "the server knows",
  );
  away = false;
  gone.resolve();
  assertEquals(await Array.fromAsync(stream), upTo(1000).slice(1));
});

test("what is forgotten cannot be resumed: unavailable, and a call anew of an Idempotent method", async () => {
  const calls = { count: 0, repeated: 0 };
  const handler = (name: keyof typeof calls) =>
    async function* ({ signal }: { signal: AbortSignal }) {
      calls[name]++;
      for (let n = 1; n <= 100; n++) yield n;
      if (calls[name] === 1) throw await left(signal);
    };
  await using server = up(
    serving({ count: handler("count"), repeated: handler("repeated") }),
    { limits: { resumeBytes: 200 } },
  );
  // Nothing of the events arrives, and more of them are sent than are kept.
  const plan = (n: number): Plan =>
    n > 0 ? { faults: [] } : {
      faults: [{ kind: "cut", at: { direction: "down", bytes: 500 } }],
    };
  for (const name of ["count", "repeated"] as const) {
    await using between = await proxy(server.port, plan);
    await using c = client(between.port);
    const stream = c[name]({ total: 0 });
    if (name === "count") {
      const got: unknown[] = [];
      const error = await rejection((async () => {
        for await (const n of stream) got.push(n);
      })());
      assertEquals(error.name, "unavailable");
      assertEquals(got, upTo(got.length));
    } else {
      const got = await Array.fromAsync(stream);
      assertEquals(got.slice(-100), upTo(100));
      assertEquals(got.slice(0, -100), upTo(got.length - 100));
      assertEquals([stream.restarts, calls.repeated], [1, 2]);
    }
  }
  await until(() => server.handler.calls === 0, "the server has let go");
});

test("a server that starts in the place of another does not know the stream", async () => {
  let calls = 0;
  const service = () =>
    serving({
      async *count() {
        yield ++calls;
        await new Promise(() => {});
      },
      async *repeated() {
        yield ++calls;
        if (calls < 3) await new Promise(() => {});
      },
    });
  const first = up(service());
  const between = await proxy(first.port);
  await using c = client(between.port);
  const [stream, again] = [c.count({ total: 0 }), c.repeated({ total: 0 })];
  assertEquals([await stream.recv(), await again.recv()], [1, 2]);
  // It dies without a word.
  await between.stop();
  await first[Symbol.asyncDispose]();
  await using second = up(service(), {}, between.port);
  assertEquals((await rejection(stream.recv())).name, "unavailable");
  assertEquals([await again.recv(), await again.recv()], [3, null]);
  assertEquals([stream.restarts, again.restarts], [0, 1]);
  assert(second.port === between.port);
});

test("who leaves is gone at once: cancel, break, close, deadline", async () => {
  const reasons: string[] = [];
  await using server = up(
    serving({
      // deno-lint-ignore no-explicit-any
      async *posted({ signal }: any) {
        yield 1;
        reasons.push((await left(signal)).name);
      },
    }),
    { limits: { resumeMs: 600_000 } },
  );
  const c = client(server.port);
  const one = c.posted({ total: 1 });
  await one.recv();
  one.cancel();
  await until(() => reasons.length === 1, "cancelled");
  for await (const _ of c.posted({ total: 1 })) break;
  await until(() => reasons.length === 2, "left");
  const timed = c.posted({ total: 1 }, { timeout: 100 });
  await timed.recv();
  await rejection(timed.recv());
  await until(() => reasons.length === 3, "timed out");
  const closed = c.posted({ total: 1 });
  await closed.recv();
  await c.close();
  await until(() => reasons.length === 4, "closed");
  await until(() => server.handler.calls === 0, "nothing is left");
  assertEquals(
    reasons.filter((name) => name !== "timeout"),
    Array(reasons.length - Number(reasons.includes("timeout"))).fill("canceled"),
  );
});

test("who leaves before the answer is gone as well", async () => {
  const reasons: string[] = [];
  let started = () => {};
  await using server = up(
    serving({
      // deno-lint-ignore no-explicit-any require-yield
      async *posted({ signal }: any) {
        const end = left(signal);
        started();
        reasons.push((await end).name);
      },
    }),
    { limits: { resumeMs: 600_000 } },
  );
  const c = client(server.port);
  const began = new Promise<void>((resolve) => started = resolve);
  const one = c.posted({ total: 1 });
  await began;
  one.cancel();
  assertEquals((await rejection(one.opened)).name, "canceled");
  await c.close();
  await until(() => reasons.length === 1, "cancelled");
  await until(() => server.handler.calls === 0, "nothing is left");
  assertEquals(reasons, ["canceled"]);
});

test("the caller is verified again: 401 on the way back ends the stream as unauthorized", async () => {
  const secured = d.Service(
    "secured",
    d.Security(d.JWTSecurity("jwt")),
    d.Method(
      "watch",
      d.Idempotent(),
      d.Payload(d.TokenField(1, "token", d.String)),
      d.StreamingResult(d.Int),
      d.HTTP(d.GET("/"), d.ServerSentEvents()),
    ),
  );
  let good = true;
  let verified = 0;
  const reasons: string[] = [];
  await using server = up(
    implement(secured, {
      async *watch({ signal }) {
        yield 1;
        reasons.push((await left(signal)).name);
      },
    }),
    {
      limits: { resumeMs: 600_000 },
      auth: {
        jwt: () => {
          verified++;
          if (!good) throw new ServiceError("unauthorized", "expired");
          return {};
        },
      },
    },
  );
  await using between = await proxy(server.port);
  await using c = httpClient(secured, `http://127.0.0.1:${between.port}`, { reconnect: FAST });
  const stream = c.watch({ token: "t" });
  assertEquals(await stream.recv(), 1);
  between.cut();
  await until(() => verified === 2, "verified again");
  await until(() => stream.state === "open", "it is back");
  good = false;
  between.cut();
  const error = await rejection(stream.recv());
  assertEquals([error.name, error.message, stream.restarts], ["unauthorized", "expired", 0]);
  await until(() => reasons.length === 1, "the server has let go");
});

test("a server that is silent is taken for dead, and another connection goes on", async () => {
  let calls = 0;
  const go = Promise.withResolvers<void>();
  await using server = up(
    serving({
      async *count() {
        calls++;
        yield 1;
        await go.promise;
        yield 2;
      },
    }),
    { heartbeatMs: 20 },
  );
  // The first connection passes its first bytes, and then nothing for good, in neither direction.
  await using between = await proxy(server.port, (n) =>
    n > 0 ? { faults: [] } : {
      faults: [{ kind: "stall", at: { direction: "down", bytes: 500 }, directions: ["up", "down"] }],
    });
  await using c = client(between.port);
  const stream = c.count({ total: 0 });
  assertEquals(await stream.recv(), 1);
  await until(() => between.taken === 2, "it has come back");
  go.resolve();
  assertEquals([await stream.recv(), await stream.recv()], [2, null]);
  assertEquals(calls, 1);
});

test("idleMs: silence of a server that tells nothing of itself", async () => {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  {
    await using c = client(server.addr.port, { limits: { idleMs: 50 } });
    const stream = c.count({ total: 0 });
    assertEquals(await stream.recv(), 1);
    const error = await rejection(stream.recv());
    assertEquals([error.name, /nothing was heard for 50 ms/.test(error.message)], ["unavailable", true]);
  }
  await server.shutdown();
});

test("in the grace period of a shutdown streams still resume", async () => {
  const go = Promise.withResolvers<void>();
  const server = up(serving({
    async *count() {
      yield 1;
      await go.promise;
      yield 2;
    },
  }));
  await using between = await proxy(server.port);
  await using c = client(between.port);
  const stream = c.count({ total: 0 });
  assertEquals(await stream.recv(), 1);
  const closing = server.handler.shutdown(60_000);
  between.cut();
  await until(() => between.taken === 2 && stream.state === "open", "it is back");
  go.resolve();
  assertEquals([await stream.recv(), await stream.recv()], [2, null]);
  await closing;
  await server[Symbol.asyncDispose]();
});

test("reconnect: false neither asks nor comes back", async () => {
  const accepts: (string | null)[] = [];
  const reasons: string[] = [];
  await using server = up(serving({
    // deno-lint-ignore no-explicit-any
    async *count({ request, signal }: any) {
      accepts.push(request.headers.get("accept"));
      yield 1;
      reasons.push((await left(signal)).name);
    },
  }));
  await using between = await proxy(server.port);
  await using c = client(between.port, { reconnect: false });
  const stream = c.count({ total: 0 });
  assertEquals(await stream.recv(), 1);
  between.cut();
  assertEquals((await rejection(stream.recv())).name, "unavailable");
  await until(() => reasons.length === 1, "the server has let go");
  assertEquals([accepts, between.taken], [["text/event-stream"], 1]);
});

test("a method of WebSockets resumes as events, too", async () => {
  await using server = up(serving({
    async *socket() {
      yield* upTo(5);
    },
  }));
  const url = `${server.url}/socket/5`;
  const accept = "text/event-stream;goats=resume";
  const all = await fetch(url, { headers: { accept } });
  assertEquals(await all.text(), upTo(5).map((n) => `data: ${n}\n\n`).join("") + "event: end\ndata: {}\n\n");
  const [, token] = /^(\S+) 30000 15000$/.exec(all.headers.get("goats-stream")!)!;
  const rest = await fetch(url, { headers: { accept, "goats-resume": `${token}.3` } });
  assertEquals(await rest.text(), "data: 4\n\ndata: 5\n\nevent: end\ndata: {}\n\n");
  const ahead = await fetch(url, { headers: { accept, "goats-resume": `${token}.6` } });
  assertEquals([ahead.status, await ahead.text()], [410, ""]);
  const other = await fetch(`${server.url}/count/5`, { headers: { accept, "goats-resume": `${token}.3` } });
  assertEquals([other.status, await other.text()], [410, ""]);
});

// ---- an EventSource --------------------------------------------------------------------------------------------------

test("the runtime's EventSource resumes by itself when it asks for ids, and stops at the end", async () => {
  let calls = 0;
  const go = Promise.withResolvers<void>();
  await using server = up(serving({
    // deno-lint-ignore no-explicit-any
    async *timed({ payload }: any) {
      calls++;
      for (let n = 1; n <= payload.total; n++) {
        if (n === 4) await go.promise;
        yield { n, wait: 10 };
      }
    },
  }));
  await using between = await proxy(server.port);
  const source = new EventSource(`http://127.0.0.1:${between.port}/timed/6?goats-resume=1`);
  const got: number[] = [];
  let ended = false;
  source.onmessage = ({ data }) => got.push(Number(data));
  source.addEventListener("end", () => ended = true);
  await until(() => got.length === 3, "three came");
  between.cut();
  await until(
    () => [...server.handler.connections].every((one) => one.state === "paused"),
    "the server knows",
  );
  go.resolve();
  await until(() => ended, "the end came");
  // It comes once more, and is told not to.
  await until(() => source.readyState === EventSource.CLOSED, "it stops by itself");
  assertEquals([got, calls], [upTo(6), 1]);
});

test("ids: none unless asked for; a stale one is a fresh call of an Idempotent method, else the end", async () => {
  await using server = up(serving({
    async *count() {
      yield 7;
    },
    async *repeated() {
      yield 8;
    },
    async *mapped() {
      yield { id: "own", text: "t" };
    },
  }));
  const text = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(server.url + path, init);
    return [response.status, await response.text()];
  };
  const END = "event: end\ndata: {}\n\n";
  assertEquals(await text("/count/1"), [200, `data: 7\n\n${END}`]);
  const [, asked] = await text("/count/1?goats-resume=1");
  const [, token] = /^id: (goats-\S{32})\.1\ndata: 7\n\nid: \1\.end\nevent: end\ndata: \{\}\n\n$/.exec(
    String(asked),
  )!;
  assertEquals(await text("/mapped/1?goats-resume=1", { method: "PUT" }), [
    200,
    `id: own\ndata: t\n\n${END}`,
  ]);
  const from = (id: string) => ({ headers: { "last-event-id": id } });
  assertEquals(await text("/count/1", from(`${token}.0`)), [
    200,
    `id: ${token}.1\ndata: 7\n\nid: ${token}.end\n${END}`,
  ]);
  assertEquals(await text("/count/1", from(`${token}.end`)), [204, ""]);
  assertEquals(await text("/count/1", from(`${token}.0`)), [204, ""]);
  assertEquals(await text("/repeated/1", from(`${token}.0`)), [200, `data: 8\n\n${END}`]);
  assertEquals(await text("/repeated/1", from(`${token}.end`)), [204, ""]);
  assertEquals(await text("/count/1", from("5")), [200, `data: 7\n\n${END}`]);
});
