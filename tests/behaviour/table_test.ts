/**
 * The behaviour table: four kinds of call × what may happen to them, the same rows over every transport.
 *
 * A row that a transport cannot have (a cut network in memory) says so where it is left out.
 */
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { ServiceError } from "../../src/errors/service_error.ts";
import { errorOf } from "../../src/core/error_of.ts";
import type { Handlers } from "../../src/core/call.ts";
import type { MethodsOf } from "../../src/design/infer.ts";
import { loose, table } from "./design.ts";
import { type Setup, type SetupOptions, type Transport, transports } from "./transports.ts";
import { settled, until } from "./until.ts";

type TableHandlers = Partial<Handlers<MethodsOf<typeof table>>>;

const SANITIZED = { sanitizeOps: true, sanitizeResources: true, sanitizeExit: true };

function row(
  name: string,
  handlers: TableHandlers | (() => TableHandlers),
  run: (setup: Setup, transport: Transport) => Promise<void>,
  options: Partial<SetupOptions> & { only?: (transport: Transport) => boolean } = {},
): void {
  for (const transport of transports) {
    if (options.only && !options.only(transport)) continue;
    // Only streams from the server leave as events: a row without one says nothing new.
    if (transport.name === "sse") {
      const { down, unary } = typeof handlers === "function" ? handlers() : handlers;
      if (down === undefined && unary === undefined && !name.includes("invalid payload")) continue;
    }
    Deno.test({
      name: `${transport.name}: ${name}`,
      ...SANITIZED,
      async fn() {
        await using setup = await transport.setUp({
          server: table,
          client: table,
          handlers: typeof handlers === "function" ? handlers() : handlers,
          ...options,
        });
        await run(setup, transport);
        await until(() => setup.running() === 0, "every call has ended");
      },
    });
  }
}

async function rejection(promise: Promise<unknown>): Promise<ServiceError> {
  const error = await assertRejects(() => promise);
  assertInstanceOf(error, ServiceError);
  return error;
}

const item = (n: number) => ({
  n,
  at: 9_007_199_254_740_993n + BigInt(n),
  data: new Uint8Array([n & 255, 0, 255]),
});
const received = (n: number) => ({ ...item(n), note: "none" });

// ---- normal -------------------------------------------------------------------------------------------------------

row("unary: normal", {
  unary: ({ payload }) => ({ ...item(payload.n), note: payload.note ?? "-" }),
}, async ({ client }) => {
  assertEquals(await client.unary({ n: 7, note: "größe 😀" }), { ...item(7), note: "größe 😀" });
  assertEquals(await client.unary({ n: -1 }), { ...item(-1), note: "-" });
});

row("server stream: normal", {
  async *down({ payload }) {
    for (let n = 0; n < payload.n; n++) yield item(n);
  },
}, async ({ client }) => {
  const stream = client.down({ n: 3 });
  const all = [];
  for await (const message of stream) all.push(message);
  assertEquals(all, [0, 1, 2].map(received));
  assertEquals(await stream.recv(), null);
  assertEquals(await stream.recv(), null);
  await stream.closed;
  assertEquals(stream.state, "closed");
});

row("server stream: normal, by send and close", {
  async down({ stream }) {
    await stream.send(item(1));
    await stream.close();
  },
}, async ({ client }) => {
  const stream = client.down({ n: 1 });
  await stream.opened;
  assertEquals(await stream.recv(), received(1));
  assertEquals(await stream.recv(), null);
});

row("client stream: normal", {
  async up({ payload, stream }) {
    let count = 0n;
    let last = payload.n;
    for await (const message of stream) {
      count++;
      last = message.n;
      assertEquals(message, received(message.n));
    }
    return { count, last };
  },
}, async ({ client }) => {
  const stream = client.up({ n: 5 });
  for (let n = 0; n < 3; n++) await stream.send(item(n));
  assertEquals(await stream.closeAndRecv(), { count: 3n, last: 2 });
  await stream.closed;
});

row("client stream: normal, sendAndClose before the caller has closed", {
  async up({ stream }) {
    const first = await stream.recv();
    await stream.sendAndClose({ count: 1n, last: first?.n });
  },
}, async ({ client }) => {
  const stream = client.up({ n: 5 });
  await stream.send(item(42));
  await stream.closed;
  assertEquals(await stream.closeAndRecv(), { count: 1n, last: 42 });
});

row("client stream without result: normal", () => {
  const seen: number[] = [];
  return {
    async push({ stream, response }) {
      for await (const message of stream) seen.push(message.n);
      response.trailers.set("seen", seen.join());
    },
  };
}, async ({ client }) => {
  const stream = client.push();
  await stream.send(item(1));
  await stream.send(item(2));
  await stream.close();
  await stream.closed;
});

row("bidi: normal, ping-pong", {
  async both({ stream }) {
    for await (const message of stream) await stream.send({ ...message, n: message.n + 1 });
  },
}, async ({ client }) => {
  const stream = client.both({ n: 0 });
  for (let n = 0; n < 5; n++) {
    await stream.send(item(n));
    assertEquals((await stream.recv())?.n, n + 1);
  }
  await stream.closeSend();
  assertEquals(await stream.recv(), null);
  await stream.closed;
});

row("bidi: normal, as Web Streams", {
  both({ stream }) {
    const doubled = new TransformStream<{ n: number }, { n: number }>({
      transform: ({ n }, controller) => controller.enqueue({ n: n * 2 }),
    });
    return stream.readable.pipeThrough(doubled).pipeTo(stream.writable);
  },
}, async ({ client }) => {
  const stream = client.both({ n: 0 });
  const sent = ReadableStream.from([1, 2, 3].map((n) => ({ n }))).pipeTo(stream.writable);
  const got = await Array.fromAsync(stream.readable, (message) => message.n);
  await sent;
  assertEquals(got, [2, 4, 6]);
});

row("a handler that returns a ReadableStream has it sent", {
  down: ({ payload }) => ReadableStream.from(Array.from({ length: payload.n }, (_, n) => item(n))),
}, async ({ client }) => {
  assertEquals(await Array.fromAsync(client.down({ n: 4 }), (message) => message.n), [0, 1, 2, 3]);
});

// ---- empty --------------------------------------------------------------------------------------------------------

row("empty streams, all kinds", {
  async *down() {},
  async up({ stream }) {
    return { count: await stream.recv() === null ? 0n : 1n };
  },
  async push({ stream }) {
    assertEquals(await stream.recv(), null);
  },
  async both({ stream }) {
    assertEquals(await stream.recv(), null);
  },
}, async ({ client, errors }) => {
  assertEquals(await client.down({ n: 0 }).recv(), null);
  assertEquals(await client.up({ n: 0 }).closeAndRecv(), { count: 0n });
  await client.push().close();
  const both = client.both({ n: 0 });
  await both.closeSend();
  assertEquals(await both.recv(), null);
  await both.closed;
  assertEquals(errors, []);
});

// ---- 10,000 messages in order ---------------------------------------------------------------------------------------

const MANY = 10_000;

row("10,000 messages in order, every direction", {
  async *down({ payload }) {
    for (let n = 0; n < payload.n; n++) yield { n };
  },
  async up({ stream }) {
    let count = 0n;
    for await (const { n } of stream) {
      if (BigInt(n) !== count) throw new Error(`got ${n} for ${count}`);
      count++;
    }
    return { count };
  },
  async both({ stream }) {
    for await (const { n } of stream) await stream.send({ n });
  },
}, async ({ client }) => {
  let next = 0;
  for await (const { n } of client.down({ n: MANY })) assertEquals(n, next++);
  assertEquals(next, MANY);

  const up = client.up({ n: 0 });
  for (let n = 0; n < MANY; n++) await up.send({ n });
  assertEquals(await up.closeAndRecv(), { count: BigInt(MANY) });

  const both = client.both({ n: 0 });
  const sending = (async () => {
    for (let n = 0; n < MANY; n++) await both.send({ n });
    await both.closeSend();
  })();
  next = 0;
  for await (const { n } of both) assertEquals(n, next++);
  await sending;
  assertEquals(next, MANY);
});

// ---- errors of handlers -----------------------------------------------------------------------------------------------

row("error before the first message, all kinds, typed at the other end", {
  unary: ({ error }) => {
    throw error("refused", "not today");
  },
  // deno-lint-ignore require-yield
  async *down({ error }) {
    throw error("gone", { id: "x", tries: 3 });
  },
  up: ({ error }) => {
    throw error("refused", "not today");
  },
  push: ({ error }) => {
    throw error("refused", "not today");
  },
  both: ({ error }) => {
    throw error("gone", { id: "y", tries: 4 });
  },
}, async ({ client, errors }) => {
  const refused = errorOf(table, "unary", await rejection(client.unary({ n: 1 })));
  assert(refused?.name === "refused");
  assertEquals(refused.message, "not today");
  assertEquals(refused.id, errors[0]?.error.id);

  const gone = errorOf(table, "down", await rejection(client.down({ n: 1 }).recv()));
  assert(gone?.name === "gone");
  assertEquals(gone.data, { id: "x", tries: 3 });

  const up = client.up({ n: 1 });
  assertEquals((await rejection(up.closeAndRecv())).name, "refused");
  assertEquals((await rejection(up.closed)).name, "refused");
  assertEquals((await rejection(client.push().close())).name, "refused");

  const both = client.both({ n: 1 });
  const bothGone = errorOf(table, "both", await rejection(both.recv()));
  assert(bothGone?.name === "gone");
  assertEquals(bothGone.data, { id: "y", tries: 4 });
  assertStrictEquals(await rejection(both.recv()), await rejection(both.recv()));
});

row("error in mid-stream: every message before it arrives, then the error, typed, and always", {
  async *down({ payload, error }) {
    for (let n = 0; n < payload.n; n++) yield { n };
    throw error("gone", { id: "mid", tries: payload.n });
  },
  async both({ stream, error }) {
    for await (const { n } of stream) {
      if (n === 2) throw error("refused", "two");
      await stream.send({ n });
    }
  },
  async up({ stream, error }) {
    await stream.recv();
    await stream.recv();
    throw error("refused", "enough");
  },
}, async ({ client }) => {
  const down = client.down({ n: 50 });
  for (let n = 0; n < 50; n++) assertEquals((await down.recv())?.n, n);
  const error = errorOf(table, "down", await rejection(down.recv()));
  assert(error?.name === "gone");
  assertEquals(error.data, { id: "mid", tries: 50 });
  assertStrictEquals(await rejection(down.recv()), error);
  assertStrictEquals(await rejection(down.closed), error);

  const both = client.both({ n: 0 });
  for (let n = 0; n < 3; n++) await both.send({ n });
  assertEquals((await both.recv())?.n, 0);
  assertEquals((await both.recv())?.n, 1);
  const refused = await rejection(both.recv());
  assertEquals([refused.name, refused.message], ["refused", "two"]);
  assertEquals((await rejection(both.send({ n: 9 }))).name, "refused");

  const up = client.up({ n: 0 });
  await up.send({ n: 0 });
  await up.send({ n: 1 });
  assertEquals((await rejection(up.closeAndRecv())).name, "refused");
});

row("a plain Error is a fault: message hidden, id given, cause seen by onError", {
  unary: () => {
    throw new Error("secret password");
  },
  async *down() {
    yield { n: 1 };
    throw new Error("secret password");
  },
  up: () => {
    throw new Error("secret password");
  },
  both: () => Promise.reject(new Error("secret password")),
}, async ({ client, errors }) => {
  const down = client.down({ n: 1 });
  assertEquals((await down.recv())?.n, 1);
  const faults = [
    await rejection(client.unary({ n: 1 })),
    await rejection(down.recv()),
    await rejection(client.up({ n: 1 }).closeAndRecv()),
    await rejection(client.both({ n: 1 }).recv()),
  ];
  for (const fault of faults) {
    assertEquals([fault.name, fault.fault], ["fault", true]);
    assert(!JSON.stringify({ ...fault, message: fault.message, cause: fault.cause }).includes("secret"));
    const seen = errors.find(({ error }) => error.id === fault.id);
    assertEquals((seen?.error.cause as Error | undefined)?.message, "secret password");
  }
  assertEquals(new Set(faults.map((fault) => fault.id)).size, 4);
});

// ---- invalid messages ---------------------------------------------------------------------------------------------------

const BAD = 1_000_001;

row("invalid payload: refused before the handler, at the caller", {}, async ({ client, errors }) => {
  const bad = { n: 1, note: "far too long" };
  const error = await rejection(client.unary(bad));
  assertEquals(error.name, "invalid_length");
  assert(error.message.includes("table.unary") && error.message.includes("note"), error.message);
  // deno-lint-ignore no-explicit-any
  assertEquals((await rejection(client.down({} as any).recv())).name, "missing_field");
  // deno-lint-ignore no-explicit-any
  assertEquals((await rejection(client.both({ n: "x" } as any).opened)).name, "invalid_field_type");
  assertEquals(errors, []);
});

row("invalid payload: refused before the handler, at the server", {}, async ({ client, errors }) => {
  const error = await rejection(client.unary({ n: 1, note: "far too long" }));
  assertEquals(error.name, "invalid_length");
  assert(error.message.includes("table.unary") && error.message.includes("note"), error.message);
  assert(errors.every(({ error }) => error.name === "invalid_length"));
}, { client: loose });

row("invalid message from the caller rejects that recv alone", {
  async up({ stream }) {
    const got: string[] = [];
    for (;;) {
      try {
        const message = await stream.recv();
        if (message === null) break;
        got.push(String(message.n));
      } catch (error) {
        assertInstanceOf(error, ServiceError);
        assert(error.message.includes("table.up") && error.message.includes("n must be"), error.message);
        got.push(error.name);
      }
    }
    assertEquals(got, ["1", "invalid_range", "3"]);
    return { count: 3n };
  },
}, async ({ client }) => {
  const stream = client.up({ n: 0 });
  for (const n of [1, BAD, 3]) await stream.send({ n });
  assertEquals(await stream.closeAndRecv(), { count: 3n });
}, { client: loose });

row("invalid message from the caller that the handler does not catch ends the call with it", {
  async up({ stream }) {
    let count = 0n;
    for await (const _ of stream) count++;
    return { count };
  },
}, async ({ client }) => {
  const stream = client.up({ n: 0 });
  await stream.send({ n: BAD });
  const error = await rejection(stream.closeAndRecv());
  assertEquals(error.name, "invalid_range");
}, { client: loose });

row("invalid message refused where it is sent, both sides; the stream goes on", {
  async both({ stream }) {
    assertEquals((await rejection(stream.send({ n: BAD }))).name, "invalid_range");
    for await (const { n } of stream) await stream.send({ n });
  },
}, async ({ client, errors }) => {
  const stream = client.both({ n: 0 });
  assertEquals((await rejection(stream.send({ n: BAD }))).name, "invalid_range");
  await stream.send({ n: 5 });
  assertEquals((await stream.recv())?.n, 5);
  await stream.closeSend();
  assertEquals(await stream.recv(), null);
  assertEquals(errors, []);
});

row("invalid message from the server rejects that recv alone", {
  async *down() {
    yield { n: 1 };
    yield { n: BAD };
    yield { n: 3 };
  },
}, async ({ client }) => {
  const stream = client.down({ n: 0 });
  assertEquals((await stream.recv())?.n, 1);
  assertEquals((await rejection(stream.recv())).name, "invalid_range");
  assertEquals((await stream.recv())?.n, 3);
  assertEquals(await stream.recv(), null);
}, { server: loose });

row("what a handler cannot send is its own fault, not the caller's", {
  unary: () => ({ n: BAD }),
  async *down() {
    yield { n: BAD };
  },
}, async ({ client, errors }) => {
  assertEquals((await rejection(client.unary({ n: 1 }))).name, "fault");
  assertEquals((await rejection(client.down({ n: 1 }).recv())).name, "fault");
  for (const { error } of errors) assertEquals((error.cause as ServiceError).name, "invalid_range");
  assertEquals(errors.length, 2);
});

// ---- cancellation ---------------------------------------------------------------------------------------------------------

/** Handlers that wait for their signal and keep what it said. */
function waiting() {
  const reasons: string[] = [];
  const wait = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      const aborted = () => {
        reasons.push(signal.reason.name);
        reject(signal.reason);
      };
      // In memory a caller may have left before its handler comes to wait.
      if (signal.aborted) aborted();
      else signal.addEventListener("abort", aborted, { once: true });
    });
  let started = 0;
  const handlers: TableHandlers = {
    unary: ({ signal }) => (started++, wait(signal)),
    async down({ stream, signal }) {
      await stream.send({ n: 1 });
      started++;
      await wait(signal);
    },
    async up({ stream, signal }) {
      await stream.recv();
      started++;
      await wait(signal);
    },
    async both({ stream, signal }) {
      await stream.send({ n: (await stream.recv())?.n ?? 0 });
      started++;
      await wait(signal);
    },
  };
  return { handlers, reasons, started: () => started };
}

for (const how of ["cancel", "signal"] as const) {
  const seen = { now: waiting() };
  row(
    `caller cancels by ${how}, all kinds`,
    () => (seen.now = waiting()).handlers,
    async ({ client, errors }) => {
      const { reasons, started } = seen.now;
      const why = new Error("changed my mind");
      const controller = new AbortController();
      const options = how === "signal" ? { signal: controller.signal } : {};
      const down = client.down({ n: 1 }, options);
      const up = client.up({ n: 1 }, options);
      const both = client.both({ n: 1 }, options);
      await up.send({ n: 1 });
      await both.send({ n: 1 });
      assertEquals((await down.recv())?.n, 1);
      assertEquals((await both.recv())?.n, 1);
      await until(() => started() === 3, "the handlers run");
      const pending = [down.recv(), both.recv(), up.closeAndRecv()].map((promise) =>
        assertRejects(() => promise)
      );
      if (how === "cancel") { for (const stream of [down, up, both]) stream.cancel(why); }
      else controller.abort(why);
      for (const error of await Promise.all(pending)) assertStrictEquals(error, why);
      for (const stream of [down, up, both]) {
        assertStrictEquals(await assertRejects(() => stream.closed), why);
        assertEquals(stream.state, "closed");
      }
      assertStrictEquals(await assertRejects(() => both.send({ n: 1 })), why);
      assertStrictEquals(await assertRejects(() => down.recv()), why);
      if (how === "signal") {
        const late = new AbortController();
        const unary = assertRejects(() => client.unary({ n: 1 }, { signal: late.signal }));
        await until(() => started() === 4, "the unary handler runs");
        late.abort(why);
        assertStrictEquals(await unary, why);
        assertStrictEquals(await assertRejects(() => client.unary({ n: 1 }, { signal: late.signal })), why);
      }
      await until(() => reasons.length === started(), "every handler saw its signal abort");
      assertEquals(new Set(reasons), new Set(["canceled"]));
      assertEquals(errors, [], "a caller that leaves is no error");
    },
  );
}

let finished: string[] = [];
row("a cancelled call stops its source at the server", () => {
  const finished = finishes();
  return {
    async *down() {
      try {
        for (let n = 0;; n++) yield { n: n % 1000 };
      } finally {
        finished.push("down");
      }
    },
    both: () =>
      new ReadableStream<{ n: number }>({
        start: (controller) => controller.enqueue({ n: 1 }),
        cancel: () => void finished.push("both"),
      }),
  };
}, async ({ client }) => {
  const down = client.down({ n: 1 });
  await down.recv();
  down.cancel();
  await until(() => finished.includes("down"), "the generator's finally ran");
  const both = client.both({ n: 1 });
  assertEquals((await both.recv())?.n, 1);
  both.cancel();
  await until(() => finished.includes("both"), "the stream was cancelled");
});
function finishes(): string[] {
  return finished = [];
}

const vanishing = { now: waiting() };
row(
  "caller vanishes: the network is cut without a word",
  () => (vanishing.now = waiting()).handlers,
  async (setup) => {
    const { client, cut } = setup;
    const { reasons, started } = vanishing.now;
    const down = client.down({ n: 1 });
    const up = client.up({ n: 1 });
    const both = client.both({ n: 1 });
    await up.send({ n: 1 });
    await both.send({ n: 1 });
    assertEquals((await down.recv())?.n, 1);
    assertEquals((await both.recv())?.n, 1);
    const unary = assertRejects(() => client.unary({ n: 1 }));
    await until(() => started() === 4, "the handlers run");
    cut!();
    await until(() => reasons.length === 4, "every handler saw its signal abort");
    assertEquals(new Set(reasons), new Set(["canceled"]));
    for (
      const error of [
        await unary,
        ...await Promise.all([down.recv(), both.recv(), up.closeAndRecv()].map(rejection)),
      ]
    ) {
      assertEquals((error as ServiceError).name, "unavailable");
    }
  },
  { only: ({ name }) => name !== "memory" /* there is no network to cut */ },
);

const early = { now: waiting() };
row(
  "breaking out of for await cancels at the caller",
  () => (early.now = waiting()).handlers,
  async ({ client }) => {
    const stream = client.down({ n: 1 });
    for await (const { n } of stream) {
      assertEquals(n, 1);
      break;
    }
    assertEquals((await rejection(stream.closed)).name, "canceled");
    await until(() => early.now.reasons.length === 1, "the handler saw its signal abort");
    const both = client.both({ n: 1 });
    await both.send({ n: 1 });
    for await (const _ of both) break;
    await until(() => early.now.reasons.length === 2, "the handler saw its signal abort");
    {
      await using disposed = client.down({ n: 1 });
      await disposed.recv();
    }
    await until(() => early.now.reasons.length === 3, "disposing cancels");
  },
);

row("a handler that breaks out of for await can go on with its stream", {
  async both({ stream }) {
    for await (const { n } of stream) {
      await stream.send({ n });
      if (n === 2) break;
    }
    await stream.send({ n: 100 + ((await stream.recv())?.n ?? 0) });
    for await (const { n } of stream) await stream.send({ n });
  },
}, async ({ client }) => {
  const stream = client.both({ n: 0 });
  for (const n of [1, 2, 3, 4]) await stream.send({ n });
  await stream.closeSend();
  assertEquals(await Array.fromAsync(stream, ({ n }) => n), [1, 2, 103, 4]);
});

// ---- deadline ---------------------------------------------------------------------------------------------------------------

const late = { now: waiting() };
row(
  "deadline: both ends give up with `timeout`",
  () => (late.now = waiting()).handlers,
  async ({ client }) => {
    const { reasons } = late.now;
    const timeout = 300;
    const down = client.down({ n: 1 }, { timeout });
    assertEquals((await down.recv())?.n, 1);
    const error = await rejection(down.recv());
    assertEquals([error.name, error.timeout], ["timeout", true]);
    assertStringIncludes(error.message, "table.down: ");
    const told = async (promise: Promise<unknown>, method: string) => {
      const { name, message } = await rejection(promise);
      assertEquals([name, message.split(": ")[0]], ["timeout", `table.${method}`]);
    };
    await told(client.unary({ n: 1 }, { timeout }), "unary");
    const up = client.up({ n: 1 }, { timeout });
    await up.send({ n: 1 });
    await told(up.closeAndRecv(), "up");
    await until(() => reasons.length === 3, "every handler saw its signal abort");
    // A handler may learn first that its caller gave up, as both clocks run out at once.
    for (const reason of reasons) assert(reason === "timeout" || reason === "canceled", reason);
  },
);

row("deadline: the server ends a call whose handler does not listen", {
  down: async ({ stream }) => {
    await stream.send({ n: 1 });
    await new Promise((resolve) => setTimeout(resolve, 600));
  },
}, async ({ client, errors }) => {
  const stream = client.down({ n: 1 }, { headers: { "goats-timeout": "250" } });
  assertEquals((await stream.recv())?.n, 1);
  const error = await rejection(stream.recv());
  assertEquals(error.name, "timeout");
  await until(() => errors.length === 1, "onError saw it");
  assertEquals(errors[0]?.error.name, "timeout");
}, {
  only: ({ name }) =>
    name === "ws" ||
    name === "goats.v1" ||
    name === "sse", /* elsewhere the caller keeps the same clock; tests/grpc_* has a raw caller */
});

// ---- backpressure -------------------------------------------------------------------------------------------------------------

const CHUNK = 64 * 1024;
const OFFERED = 16 * 1024; // × 64 KiB = 1 GiB
const BOUND = 96 * 1024 * 1024;
const blob = { n: 1, data: new Uint8Array(CHUNK).fill(7) };

const push = { sent: 0 };
row("slow reader while 1 GiB is offered: the server waits, or the stream ends as overloaded", () => {
  push.sent = 0;
  return {
    async down({ stream }) {
      for (let n = 0; n < OFFERED; n++) {
        await stream.send(blob);
        push.sent++;
      }
    },
  };
}, async ({ client }, { name }) => {
  const before = Deno.memoryUsage().rss;
  const stream = client.down({ n: 1 });
  assertEquals((await stream.recv())?.data?.length, CHUNK);
  const sent = await settled(() => push.sent);
  assert(sent * CHUNK < BOUND, `${sent} messages were sent to nobody`);
  const grown = Deno.memoryUsage().rss - before;
  assert(grown < 2 * BOUND, `${grown} bytes for a reader that does not read`);
  if (name === "ws") {
    // This wire cannot make a sender wait for its reader: what is unread is bounded, then the stream ends.
    const error = await (async () => {
      for (;;) await stream.recv();
    })().catch((error) => error);
    assertEquals(error.name, "overloaded");
  } else {
    for (let n = 0; n < 200; n++) assert(await stream.recv());
    await until(() => push.sent > sent, "reading lets the sender go on");
    stream.cancel();
  }
});

row("slow handler while 1 GiB is offered: the caller waits, or the stream ends as overloaded", {
  async up({ signal, stream }) {
    await stream.recv();
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  },
}, async ({ client }, { name }) => {
  const before = Deno.memoryUsage().rss;
  const stream = client.up({ n: 1 });
  let sent = 0;
  const offering = (async () => {
    for (; sent < OFFERED; sent++) await stream.send(blob);
  })().catch((error) => error);
  await settled(() => sent);
  assert(sent * CHUNK < BOUND, `${sent} messages were sent to nobody`);
  const grown = Deno.memoryUsage().rss - before;
  assert(grown < 2 * BOUND, `${grown} bytes for a handler that does not read`);
  // The plain wire cannot make a sender wait, nor can Connect over HTTP/1.1: the server ends the stream. A peer that keeps
  // sending may see only an abrupt end (runtime.md, 5).
  if (name === "ws" || name === "connect") {
    assert(["overloaded", "unavailable"].includes((await rejection(stream.closed)).name));
  } else stream.cancel();
  assert(await offering !== undefined);
});

// ---- ends -----------------------------------------------------------------------------------------------------------------------

row("send after the end rejects, at once and always", () => {
  late.now = waiting();
  return {
    async down({ stream }) {
      await stream.close();
      for (let n = 0; n < 3; n++) await assertRejects(() => stream.send({ n }), TypeError, "table.down");
      finishes().push("down");
    },
    async up({ stream }) {
      await stream.sendAndClose({ count: 1n });
      await assertRejects(() => stream.sendAndClose({ count: 2n }), TypeError, "table.up");
      assertEquals(await stream.recv(), null);
      finishes().push("up");
    },
    async both({ stream }) {
      for await (const _ of stream);
    },
  };
}, async ({ client, errors }) => {
  assertEquals(await client.down({ n: 1 }).recv(), null);
  await until(() => finished.includes("down"), "the handler ended");
  const up = client.up({ n: 1 });
  assertEquals(await up.closeAndRecv(), { count: 1n });
  await until(() => finished.includes("up"), "the handler ended");
  for (let n = 0; n < 3; n++) await assertRejects(() => up.send({ n }), TypeError, "table.up");
  const both = client.both({ n: 1 });
  await both.closeSend();
  await both.closeSend();
  for (let n = 0; n < 3; n++) await assertRejects(() => both.send({ n }), TypeError, "table.both");
  assertEquals(await both.recv(), null);
  assertEquals(errors, []);
});

row("send to a caller that has gone rejects with the reason, always", () => {
  const errors: unknown[] = finishes();
  return {
    async down({ stream, signal }) {
      await stream.send({ n: 1 });
      if (!signal.aborted) {
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      }
      for (let n = 0; n < 3; n++) {
        errors.push(await stream.send({ n }).catch((error) => error === signal.reason));
      }
    },
  };
}, async ({ client }) => {
  const stream = client.down({ n: 1 });
  await stream.recv();
  stream.cancel();
  await until(() => finished.length === 3, "the handler tried three times");
  assertEquals(finished as unknown[], [true, true, true]);
});

row("both halves closed, the caller first", {
  async both({ stream }) {
    let count = 0;
    for await (const _ of stream) count++;
    for (let n = 0; n < count; n++) await stream.send({ n });
  },
}, async ({ client }) => {
  const stream = client.both({ n: 0 });
  for (const n of [1, 2, 3]) await stream.send({ n });
  await stream.closeSend();
  assertEquals(await Array.fromAsync(stream, ({ n }) => n), [0, 1, 2]);
  await stream.closed;
});

row("both halves closed, the server first", () => {
  const seen: unknown[] = finishes();
  return {
    async both({ stream }) {
      await stream.send({ n: 1 });
      await stream.close();
      await assertRejects(() => stream.send({ n: 2 }), TypeError);
      for await (const { n } of stream) seen.push(n);
    },
  };
}, async ({ client }) => {
  const stream = client.both({ n: 0 });
  assertEquals((await stream.recv())?.n, 1);
  for (const n of [1, 2, 3]) await stream.send({ n });
  await stream.closeSend();
  assertEquals(await stream.recv(), null);
  await stream.closed;
  assertEquals(finished as unknown[], [1, 2, 3]);
});

// ---- head and tail ----------------------------------------------------------------------------------------------------------------

row("headers and trailers", {
  async both({ request, response, stream }) {
    response.headers.set("x-answer", request.headers.get("x-question") ?? "");
    response.trailers.set("x-count", "3");
    for await (const { n } of stream) await stream.send({ n });
  },
}, async ({ client }, { name }) => {
  const stream = client.both({ n: 0 }, { headers: { "x-question": "why" } });
  await stream.send({ n: 1 });
  assertEquals((await stream.recv())?.n, 1);
  await stream.closeSend();
  assertEquals(await stream.recv(), null);
  // A native WebSocket shows its user neither headers nor trailers.
  if (name === "ws") return;
  assertEquals((await stream.opened).headers.get("x-answer"), "why");
  assertEquals((await stream.closed).get("x-count"), "3");
});

// ---- shutdown -----------------------------------------------------------------------------------------------------------------------

const ending = { now: waiting() };
row(
  "shutdown: signals abort, calls end with unavailable",
  () => (ending.now = waiting()).handlers,
  async (setup) => {
    const down = setup.client.down({ n: 1 });
    assertEquals((await down.recv())?.n, 1);
    const stopped = setup.shutdown(100);
    assertEquals((await rejection(down.recv())).name, "unavailable");
    await stopped;
    assertEquals(ending.now.reasons, ["unavailable"]);
  },
);

row("shutdown: calls that end by themselves within the grace period end well", {
  async *down() {
    yield { n: 1 };
    await new Promise((resolve) => setTimeout(resolve, 50));
    yield { n: 2 };
  },
}, async ({ client, shutdown, errors }) => {
  const down = client.down({ n: 1 });
  assertEquals((await down.recv())?.n, 1);
  const stopped = shutdown(20_000);
  assertEquals((await down.recv())?.n, 2);
  assertEquals(await down.recv(), null);
  await stopped;
  assertEquals(errors, []);
});

row(
  "closing a client ends its calls with canceled",
  () => (ending.now = waiting()).handlers,
  async ({ client }) => {
    const down = client.down({ n: 1 });
    assertEquals((await down.recv())?.n, 1);
    await client.close();
    const closed = (method: string) => ["canceled", `table.${method}: the client was closed`];
    const told = ({ name, message }: ServiceError) => [name, message];
    assertEquals(told(await rejection(down.recv())), closed("down"));
    // Nor does it begin others.
    assertEquals(told(await rejection(client.unary({ n: 1 }))), closed("unary"));
    assertEquals(told(await rejection(client.down({ n: 1 }).recv())), closed("down"));
    assertEquals(told(await rejection(client.up({ n: 1 }).closeAndRecv())), closed("up"));
  },
);

// ---- leaks ----------------------------------------------------------------------------------------------------------------------------

row("1,000 calls leave nothing behind", {
  unary: ({ payload }) => ({ n: payload.n }),
  async *down({ payload, error }) {
    yield { n: payload.n };
    if (payload.n % 3 === 0) throw error("refused", "every third");
    yield { n: payload.n };
  },
  async up({ stream }) {
    let count = 0n;
    for await (const _ of stream) count++;
    return { count };
  },
  async both({ stream }) {
    for await (const { n } of stream) await stream.send({ n });
  },
}, async ({ client, running }) => {
  const controller = new AbortController();
  // One signal for all calls: a listener left on it would show.
  const { signal } = controller;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  // deno-lint-ignore no-explicit-any
  signal.addEventListener = (...args: any) => (listeners++, (add as any)(...args));
  // deno-lint-ignore no-explicit-any
  signal.removeEventListener = (...args: any) => (listeners--, (remove as any)(...args));
  const options = { signal, timeout: 60_000 };
  const one = async (n: number) => {
    switch (n % 5) {
      case 0:
        return assertEquals((await client.unary({ n }, options)).n, n);
      case 1: {
        const names = await Array.fromAsync(client.down({ n }, options)).then(
          () => "ok",
          (error) => error.name,
        );
        return assertEquals(names, n % 3 === 0 ? "refused" : "ok");
      }
      case 2: {
        const up = client.up({ n }, options);
        await up.send({ n });
        return assertEquals(await up.closeAndRecv(), { count: 1n });
      }
      case 3: {
        const both = client.both({ n }, options);
        await both.send({ n });
        assertEquals((await both.recv())?.n, n);
        await both.closeSend();
        return assertEquals(await both.recv(), null);
      }
      default: {
        const both = client.both({ n }, options);
        await both.opened;
        both.cancel();
      }
    }
  };
  for (let n = 0; n < 1000; n += 20) await Promise.all(Array.from({ length: 20 }, (_, i) => one(n + i)));
  await until(() => running() === 0, "no call runs at the server");
  assertEquals(listeners, 0);
});
