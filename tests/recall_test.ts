// Calls of Idempotent methods that are made anew when their connection, or their server, is lost.
import { assert, assertEquals, assertInstanceOf, assertRejects, assertStrictEquals } from "@std/assert";
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

const at = d.Payload(d.Field(1, "from", d.Int, d.Minimum(0)), d.Required("from"));
const Item = d.ResultType(
  "application/vnd.item",
  d.TypeName("Item"),
  d.Attributes(d.Field(1, "n", d.Int), d.Field(2, "note", d.String), d.Required("n")),
  d.View("default", "n", "note"),
  d.View("tiny", "n"),
);

const feed = d.Service(
  "feed",
  d.Error("gone"),
  d.Method("ws", d.Idempotent(), at, d.StreamingResult(d.Int), d.HTTP(d.GET("/ws"), d.Param("from"))),
  d.Method(
    "sse",
    d.Idempotent(),
    at,
    d.StreamingResult(d.Int),
    d.HTTP(d.POST("/sse"), d.ServerSentEvents()),
  ),
  d.Method("once", at, d.StreamingResult(d.Int), d.HTTP(d.POST("/once"), d.ServerSentEvents())),
  d.Method("views", d.Idempotent(), d.StreamingResult(Item), d.HTTP(d.GET("/views"), d.ServerSentEvents())),
  d.Method(
    "both",
    d.Idempotent(),
    d.StreamingPayload(d.Int),
    d.StreamingResult(d.Int),
    d.HTTP(d.GET("/both")),
  ),
);

/** Serves on a port of its own choice, or again on that of a server before it. */
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

const NEVER = () => new Promise<never>(() => {});

/** Waits until the caller is gone. */
const left = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

/** An implementation; what a test does not look at ends at once. */
// deno-lint-ignore no-explicit-any
function serving(handlers: Record<string, any>): ServiceImplementation {
  const none = async function* () {};
  return implement(feed, { ws: none, sse: none, once: none, views: none, both: none, ...handlers });
}

async function rejection(promise: Promise<unknown>): Promise<ServiceError> {
  const error = await assertRejects(() => promise);
  assertInstanceOf(error, ServiceError);
  return error;
}

/** Both ways of an Idempotent server stream, on wires that do not resume by themselves. */
const WAYS = ["ws", "sse"] as const;
const FAST = { firstMs: 2, maxMs: 10 } as const;
/** A server that keeps no lost streams. */
const FORGETFUL: HttpHandlerOptions = { limits: { resumeMs: 0 } };

function client(port: number, options: HttpClientOptions = {}) {
  return httpClient(feed, `http://127.0.0.1:${port}`, { reconnect: FAST, ...options });
}

for (const way of WAYS) {
  test(`${way}: a lost call is made anew with new headers; what was read stays read, what was not comes first`, async () => {
    let calls = 0;
    let lose = () => {};
    await using server = up(
      serving({
        // deno-lint-ignore no-explicit-any
        async *[way]({ payload, request, signal }: any) {
          calls++;
          assertEquals(request.headers.get("x-token"), String(calls));
          for (let n = 0; n < 5; n++) yield payload.from + calls * 10 + n;
          if (calls < 4) await left(signal);
        },
      }),
      FORGETFUL,
    );
    await using between = await proxy(server.port);
    lose = () => between.cut();
    let token = 0;
    await using c = client(between.port, { headers: () => Promise.resolve({ "x-token": String(++token) }) });
    const states: StreamState[] = [];
    const stream = c[way]({ from: 100 }, { onState: (state) => states.push(state) });
    const got: number[] = [];
    for (let n = 0; n < 20; n++) {
      got.push((await stream.recv())!);
      // Two are read, three wait: they are read when the connection is no more.
      if (n % 5 === 1 && n < 15) {
        await until(() => calls === Math.floor(n / 5) + 1, "the call was made");
        await until(() => stream.state === "open", "it is open");
        // The five are one chunk: with the second the others are here.
        lose();
        await until(() => stream.state === "paused", "the loss is known");
      }
    }
    assertEquals(got, [1, 2, 3, 4].flatMap((call) => [0, 1, 2, 3, 4].map((n) => 100 + call * 10 + n)));
    assertEquals(await stream.recv(), null);
    await stream.closed;
    assertEquals([stream.restarts, calls, token], [3, 4, 4]);
    assertEquals(states.filter((state, n) => state !== states[n - 1]), [
      "open",
      ...Array(3).fill(["paused", "resuming", "open"]).flat(),
      "closed",
    ]);
    await until(() => server.handler.calls === 0, "the server has noticed");
  });

  test(`${way}: a server that shuts down and one that starts in its place`, async () => {
    let calls = 0;
    const service = () =>
      serving({
        async *[way]() {
          yield ++calls;
          if (calls < 3) await NEVER();
        },
      });
    const first = up(service());
    await using c = client(first.port);
    const stream = c[way]({ from: 0 });
    assertEquals(await stream.recv(), 1);
    await first[Symbol.asyncDispose]();
    await until(() => stream.state !== "open", "the end is known");
    const second = up(service(), {}, first.port);
    assertEquals(await stream.recv(), 2);
    await second[Symbol.asyncDispose]();
    await using _third = up(service(), {}, first.port);
    assertEquals([await stream.recv(), await stream.recv()], [3, null]);
    assertEquals(stream.restarts, 2);
  });

  test(`${way}: an error of the handler is final, "unavailable" too`, async () => {
    let calls = 0;
    await using server = up(serving({
      async *[way]() {
        calls++;
        yield 1;
        throw new ServiceError("unavailable", "not today", { temporary: true });
      },
    }));
    await using c = client(server.port);
    const stream = c[way]({ from: 0 });
    assertEquals(await stream.recv(), 1);
    const error = await rejection(stream.recv());
    assertEquals([error.name, error.message, calls, stream.restarts], ["unavailable", "not today", 1, 0]);
    assertStrictEquals(await rejection(stream.closed), error);
  });

  test(`${way}: the deadline counts over all calls, and a wait ends with it, with the signal, with cancel and close`, async () => {
    let calls = 0;
    const deadlines: number[] = [];
    await using server = up(
      serving({
        // deno-lint-ignore no-explicit-any
        async *[way]({ request }: any) {
          if (request.deadline !== undefined) deadlines.push(request.deadline);
          yield ++calls;
          await NEVER();
        },
      }),
      FORGETFUL,
    );
    const between = await proxy(server.port);
    await using patient = client(between.port, { reconnect: { firstMs: 2 ** 30, maxMs: 2 ** 30 } });
    const waiting = async (options = {}) => {
      const stream = patient[way]({ from: 0 }, options);
      await stream.recv();
      between.cut();
      await until(() => stream.state === "paused", "the loss is known");
      return stream;
    };
    const late = await waiting({ timeout: 300 });
    assertEquals((await rejection(late.recv())).name, "timeout");
    assertEquals((await rejection(late.closed)).name, "timeout");

    const controller = new AbortController();
    const aborted = await waiting({ signal: controller.signal });
    const reading = aborted.recv();
    controller.abort(new Error("enough"));
    assertEquals((await assertRejects(() => reading) as Error).message, "enough");

    const cancelled = await waiting();
    cancelled.cancel();
    assertEquals((await rejection(cancelled.recv())).name, "canceled");

    const left = await waiting();
    await patient.close();
    assertEquals((await rejection(left.recv())).name, "canceled");
    assertEquals(left.state, "closed");

    deadlines.length = 0;
    await using c = client(between.port);
    const timed = c[way]({ from: 0 }, { timeout: 60_000 });
    await timed.recv();
    between.cut();
    await timed.recv();
    assertEquals(timed.restarts, 1);
    assert(deadlines[1]! - deadlines[0]! < 30_000, "no new minute");
    timed.cancel();
    await between.stop();
  });

  test(`${way}: a definite error of the new call ends the stream`, async () => {
    const wanted = d.JWTSecurity("jwt");
    const secured = d.Service(
      "secured",
      d.Security(wanted),
      d.Method(
        "watch",
        d.Idempotent(),
        d.Payload(d.TokenField(1, "token", d.String)),
        d.StreamingResult(d.Int),
        way === "sse" ? d.HTTP(d.GET("/"), d.ServerSentEvents()) : d.HTTP(d.GET("/")),
      ),
    );
    let good = true;
    let calls = 0;
    await using server = up(
      implement(secured, {
        async *watch() {
          yield ++calls;
          await NEVER();
        },
      }),
      {
        ...FORGETFUL,
        auth: {
          jwt: () => {
            if (!good) throw new ServiceError("unauthorized", "expired");
            return {};
          },
        },
      },
    );
    await using between = await proxy(server.port);
    await using c = httpClient(secured, `http://127.0.0.1:${between.port}`, {
      reconnect: FAST,
    });
    const stream = c.watch({ token: "t" });
    assertEquals(await stream.recv(), 1);
    good = false;
    between.cut();
    const error = await rejection(stream.recv());
    assertEquals([error.name, error.message, calls], ["unauthorized", "expired", 1]);
    assertEquals((await rejection(stream.closed)).name, "unauthorized");
    assertEquals([stream.state, stream.restarts], ["closed", 0]);
  });

  test(`${way}: headers that cannot be made while the network is gone are a try in vain`, async () => {
    let calls = 0;
    await using server = up(
      serving({
        async *[way]() {
          yield ++calls;
          if (calls < 2) await NEVER();
        },
      }),
      FORGETFUL,
    );
    await using between = await proxy(server.port);
    let asked = 0;
    await using c = client(between.port, {
      headers: () => {
        asked++;
        if (asked === 2 || asked === 3) throw new TypeError("no network");
        return {};
      },
    });
    const stream = c[way]({ from: 0 });
    assertEquals(await stream.recv(), 1);
    between.cut();
    assertEquals([await stream.recv(), await stream.recv()], [2, null]);
    assertEquals([asked, stream.restarts], [4, 1]);
  });

  test(`${way}: giving up ends with the last error; reconnect: false never tries`, async () => {
    let calls = 0;
    const server = up(
      serving({
        async *[way]() {
          yield ++calls;
          await NEVER();
        },
      }),
      FORGETFUL,
    );
    await using c = client(server.port, { reconnect: { ...FAST, tries: 3 } });
    await using never = client(server.port, { reconnect: false });
    const [stream, other] = [c[way]({ from: 0 }), never[way]({ from: 0 })];
    await Promise.all([stream.recv(), other.recv()]);
    await server[Symbol.asyncDispose]();
    assertEquals((await rejection(other.recv())).name, "unavailable");
    const error = await rejection(stream.recv());
    assertEquals([error.name, stream.restarts, calls], ["unavailable", 0, 2]);
    assertStrictEquals(await rejection(stream.closed), error);
  });
}

test("sse: the view may change from call to call", async () => {
  let calls = 0;
  await using server = up(
    serving({
      // deno-lint-ignore no-explicit-any
      async views({ stream }: any) {
        const first = ++calls === 1;
        await stream.setView(first ? "default" : "tiny");
        await stream.send({ n: calls, note: "x" });
        if (first) await NEVER();
      },
    }),
    FORGETFUL,
  );
  await using between = await proxy(server.port);
  await using c = client(between.port);
  const stream = c.views();
  assertEquals(await stream.recv(), { n: 1, note: "x" });
  assertEquals(stream.view, "default");
  between.cut();
  assertEquals(await stream.recv(), { n: 2 });
  assertEquals([stream.view, await stream.recv()], ["tiny", null]);
});

for (const wire of ["plain", "goats.v1"] as const) {
  test(`${wire}: a stream both ways is called anew while nothing was sent, and not after`, async () => {
    let calls = 0;
    await using server = up(
      serving({
        // deno-lint-ignore no-explicit-any
        async both({ stream }: any) {
          await stream.send(100 + ++calls);
          for await (const n of stream) await stream.send(n * 2);
        },
      }),
      FORGETFUL,
    );
    await using between = await proxy(server.port);
    await using c = client(between.port, wire === "plain" ? { wire: "plain" } : {});
    const stream = c.both();
    assertEquals(await stream.recv(), 101);
    between.cut();
    await until(() => stream.state !== "open", "the loss is known");
    // What is sent while there is no connection goes to the next one.
    const sending = [stream.send(1), stream.send(2)];
    assertEquals([await stream.recv(), await stream.recv(), await stream.recv()], [102, 2, 4]);
    await Promise.all(sending);
    between.cut();
    assertEquals((await rejection(stream.recv())).name, "unavailable");
    assertEquals((await rejection(stream.send(3))).name, "unavailable");
    assertEquals([calls, stream.restarts], [2, 1]);

    calls = 0;
    const quiet = c.both();
    assertEquals(await quiet.recv(), 101);
    between.cut();
    assertEquals(await quiet.recv(), 102);
    await quiet.closeSend();
    assertEquals(await quiet.recv(), null);
    await until(() => server.handler.calls === 0, "every call has ended");
  });
}

for (const way of WAYS) {
  test(`${way}: many losses at random bytes: each call's messages in order, none twice within a call`, async () => {
    const seed = Number(Deno.env.get("SEED") ?? Date.now() % 1e9);
    // A hang, or an error, does not tell it.
    console.log(`SEED=${seed}`);
    let state = seed;
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor(state / 2 ** 32 * below);
    };
    const LAST = 40;
    let calls = 0;
    let taken = () => 0;
    await using server = up(
      serving({
        async *[way]() {
          const call = ++calls;
          for (let n = 0; n < 20; n++) yield call * 100 + n;
          if (taken() <= LAST) await NEVER();
        },
      }),
      FORGETFUL,
    );
    const plan = (n: number): Plan =>
      n >= LAST ? { faults: [] } : {
        faults: [{
          kind: random(2) === 0 ? "cut" : "reset",
          at: { direction: "down", bytes: random(2) === 0 ? random(200) : 200 + random(400) },
        }, { kind: "cut", at: { ms: 100 } }],
      };
    await using between = await proxy(server.port, plan);
    taken = () => between.taken;
    await using c = client(between.port, { wire: "plain", reconnect: { firstMs: 1, maxMs: 2 } });
    let got: number[] = [];
    let restarts = 0;
    // What never opened is its caller's to try again.
    for (;;) {
      const stream = c[way]({ from: 0 });
      got = [];
      try {
        for await (const n of stream) got.push(n);
        restarts = stream.restarts;
        break;
      } catch (error) {
        assertEquals([(error as ServiceError).name, got], ["unavailable", []], `seed ${seed}`);
      }
    }
    const numbers = new Set(got.map((n) => Math.floor(n / 100)));
    for (const call of numbers) {
      const mine = got.filter((n) => Math.floor(n / 100) === call).map((n) => n % 100);
      assertEquals(mine, mine.map((_, n) => n), `seed ${seed}, call ${call}`);
    }
    assertEquals(got.slice(-20).map((n) => n % 100), Array.from({ length: 20 }, (_, n) => n), `seed ${seed}`);
    assertEquals(got, got.toSorted((a, b) => a - b), `seed ${seed}`);
    assert(restarts > 0 && restarts < calls, `seed ${seed}: ${restarts} of ${calls}`);
  });
}
