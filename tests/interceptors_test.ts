/** Interceptors: the same on every transport, at both sides, for unary methods and streams. */
import { assert, assertEquals } from "@std/assert";
import {
  accessLog,
  type CallOf,
  type CallOutcome,
  deadline,
  httpHandler,
  implement,
  type InterceptedCall,
  type Interceptor,
  ServiceError,
} from "../mod.ts";
import { memoryClient } from "../src/memory/mod.ts";
import { handlers, numbers, type Options, type Setup, setUp, transports } from "./interceptors_support.ts";

const tick = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));
const nameOf = (error: unknown) => (error as Error)?.name;

function each(
  name: string,
  options: () => Options,
  test: (setup: Setup, via: string) => Promise<void>,
): void {
  for (const transport of transports) {
    Deno.test(`${transport}: ${name}`, async () => {
      await using setup = await setUp(transport, options());
      await test(setup, transport);
    });
  }
}

/** Tells what happens, by name. */
function spy(name: string, log: string[]): Interceptor {
  const n = (message: unknown) => (message as { n: number }).n;
  return {
    async open(call, next) {
      log.push(`${name} open ${call.side} ${call.method.name}`);
      const result = await next();
      log.push(`${name} done${result === undefined ? "" : ` ${n(result)}`}`);
    },
    receive: (message) => void log.push(`${name} receive ${n(message)}`),
    send: (message) => void log.push(`${name} send ${n(message)}`),
    end: ({ ok, error, received, sent }) =>
      void log.push(`${name} end ${ok ? "ok" : nameOf(error)} in=${received} out=${sent}`),
  };
}

{
  let server: string[] = [];
  let client: string[] = [];
  const options = (): Options => {
    server = [];
    client = [];
    return {
      server: { interceptors: [spy("a", server), spy("b", server)] },
      client: { interceptors: [spy("a", client), spy("b", client)] },
    };
  };

  each("order of a unary call", options, async (setup) => {
    assertEquals(await setup.client.double({ n: 2 }), { n: 4 });
    await tick(10);
    assertEquals(server, [
      "a open server double",
      "b open server double",
      "b done 4",
      "a done 4",
      "b send 4",
      "a send 4",
      "b end ok in=0 out=1",
      "a end ok in=0 out=1",
    ]);
    assertEquals(client, [
      "a open client double",
      "b open client double",
      "b receive 4",
      "a receive 4",
      "b done 4",
      "a done 4",
      "b end ok in=1 out=0",
      "a end ok in=1 out=0",
    ]);
  });

  each("order of a stream both ways", options, async (setup) => {
    const echo = setup.client.echo();
    await echo.send({ n: 7 });
    assertEquals(await echo.recv(), { n: 7 });
    await echo.closeSend();
    assertEquals(await echo.recv(), null);
    await tick(10);
    assertEquals(server, [
      "a open server echo",
      "b open server echo",
      "a receive 7",
      "b receive 7",
      "b send 7",
      "a send 7",
      "b done",
      "a done",
      "b end ok in=1 out=1",
      "a end ok in=1 out=1",
    ]);
    const messages = client.filter((line) => /send|receive/.test(line));
    assertEquals(messages, ["a send 7", "b send 7", "b receive 7", "a receive 7"]);
    assertEquals(client.slice(-2), ["b end ok in=1 out=1", "a end ok in=1 out=1"]);
  });

  each("a client stream", options, async (setup) => {
    const sum = setup.client.sum();
    for (const n of [1, 2, 3]) await sum.send({ n });
    assertEquals(await sum.closeAndRecv(), { n: 6 });
    await tick(10);
    assertEquals(server.slice(-2), ["b end ok in=3 out=1", "a end ok in=3 out=1"]);
    assertEquals(client.slice(-2), ["b end ok in=1 out=3", "a end ok in=1 out=3"]);
  });

  each("a server stream tells its end at the client once it was read", options, async (setup) => {
    assertEquals((await Array.fromAsync(setup.client.count({ to: 100 }))).length, 100);
    await tick(10);
    assertEquals(client.at(-1), "a end ok in=100 out=0");
    assertEquals(server.at(-1), "a end ok in=0 out=100");
  });
}

each("hooks transform payload, messages and result, taking their time", () => {
  const add = (by: number) => async (message: unknown) => {
    await tick(Math.random() * 3);
    return { n: (message as { n: number }).n + by };
  };
  const payload: Interceptor = {
    open(call, next) {
      const payload = call.payload as { n?: number };
      if (payload?.n !== undefined) call.payload = { n: payload.n + 1 };
      return next();
    },
  };
  return {
    server: { interceptors: [payload, { receive: add(10), send: add(100) }] },
    client: { interceptors: [payload, { receive: add(1000), send: add(10_000) }] },
  };
}, async ({ client }) => {
  // (2 + 1 + 1) * 2, + 100 by the server's send, + 1000 by the client's receive.
  assertEquals(await client.double({ n: 2 }), { n: 1108 });
  const echo = client.echo();
  const count = 20;
  await Promise.all(Array.from({ length: count }, (_, n) => echo.send({ n })));
  await echo.closeSend();
  const echoed = await Array.fromAsync(echo);
  assertEquals(echoed, Array.from({ length: count }, (_, n) => ({ n: n + 11_110 })));
  const sum = client.sum();
  void sum.send({ n: 1 });
  void sum.send({ n: 2 });
  assertEquals(await sum.closeAndRecv(), { n: 3 + 20_020 + 100 + 1000 });
});

each("a handler that does not wait for its sends loses none to hooks that take their time", () => ({
  server: { interceptors: [{ send: async (message) => (await tick(2), message) }] },
  handlers: {
    count({ stream }) {
      for (const n of [1, 2, 3]) void stream.send({ n });
      return stream.close();
    },
  },
}), async ({ client }) => {
  assertEquals(await Array.fromAsync(client.count({ to: 1 })), [{ n: 1 }, { n: 2 }, { n: 3 }]);
});

each("open may put a result in place of the handler's, or do without it", () => {
  let ran = 0;
  return {
    server: {
      interceptors: [{
        async open(call, next) {
          const { n } = call.payload as { n: number };
          if (n === 1) return { n: 11 };
          await next();
          return { n: -ran };
        },
      }],
    },
    client: {
      interceptors: [{ open: (call, next) => (call.payload as { n: number }).n === 0 ? { n: 100 } : next() }],
    },
    handlers: { double: () => ({ n: ++ran }) },
  };
}, async ({ client }) => {
  assertEquals(await client.double({ n: 0 }), { n: 100 });
  assertEquals(await client.double({ n: 1 }), { n: 11 });
  assertEquals(await client.double({ n: 2 }), { n: -1 });
  assertEquals(await client.double({ n: 3 }), { n: -2 });
});

each("open refuses by throwing, at either side, and the handler does not run", () => ({
  server: {
    interceptors: [{
      open(call, next) {
        if (call.request.headers.has("x-stranger")) throw new ServiceError("forbidden", "not you");
        return next();
      },
    }],
  },
  client: {
    interceptors: [{
      open(call, next) {
        if (call.request.headers.has("x-tired")) throw new ServiceError("overloaded", "too tired");
        return next();
      },
    }],
  },
  handlers: {
    double() {
      throw new Error("unreachable");
    },
    count() {
      throw new Error("unreachable");
    },
  },
}), async ({ client, errors }) => {
  for (const [header, name] of [["x-stranger", "forbidden"], ["x-tired", "overloaded"]] as const) {
    const headers = { [header]: "1" };
    assertEquals(await client.double({ n: 1 }, { headers }).catch(nameOf), name);
    const count = client.count({ to: 1 }, { headers });
    assertEquals(await count.recv().catch(nameOf), name);
    assertEquals(await count.closed.catch(nameOf), name);
    const echo = client.echo({ headers });
    assertEquals(await echo.recv().catch(nameOf), name);
    assertEquals(await echo.send({ n: 1 }).then(() => "sent", nameOf), name);
  }
  assertEquals([...new Set(errors.map(nameOf))], ["forbidden"]);
});

each("receive and send may refuse one message, and the call goes on", () => {
  const refuse = (from: string, bad: number) => (message: unknown) => {
    if ((message as { n: number }).n === bad) {
      throw new ServiceError("invalid_range", `${from} refuses ${bad}`);
    }
  };
  return {
    server: { interceptors: [{ receive: refuse("server receive", 1), send: refuse("server send", 2) }] },
    client: { interceptors: [{ receive: refuse("client receive", 3), send: refuse("client send", 4) }] },
    handlers: {
      async echo({ stream }) {
        for (;;) {
          try {
            const message = await stream.recv();
            if (message === null) return;
            await stream.send(message);
          } catch (error) {
            await stream.send({ n: -((error as Error).message.length) });
          }
        }
      },
    },
  };
}, async ({ client }) => {
  const echo = client.echo();
  const answers: unknown[] = [];
  for (const n of [1, 2, 3, 4, 5]) {
    try {
      await echo.send({ n });
      answers.push((await echo.recv())?.n);
    } catch (error) {
      answers.push((error as Error).message);
    }
  }
  assertEquals(answers, [
    -"server receive refuses 1".length,
    -"server send refuses 2".length,
    "client receive refuses 3",
    "client send refuses 4",
    5,
  ]);
  await echo.closeSend();
  assertEquals(await echo.recv(), null);
});

each("next() runs once, and an error of the call is not lost", () => ({
  server: {
    interceptors: [{
      async open(_call, next) {
        await next().catch(() => {});
        await next().catch((error) => {
          assertEquals(
            (error as Error).message,
            "Cannot go on with numbers.double: next() was called before",
          );
        });
      },
    }],
  },
}), async ({ client }) => {
  assertEquals(await client.double({ n: 1 }), { n: 2 });
  assertEquals(await client.double({ n: 1001 }).catch(nameOf), "too_big");
});

each("open may put an error in place of another", () => ({
  server: {
    interceptors: [{
      open: (call, next) =>
        next().catch((error) => {
          throw call.error("too_big", `not ${nameOf(error)}`);
        }),
    }],
  },
  handlers: {
    double() {
      throw new Error("secret");
    },
    async *count() {
      yield { n: 1 };
      throw new Error("secret");
    },
  },
}), async ({ client, errors }) => {
  assertEquals(await client.double({ n: 1 }).catch((error) => [error.name, error.message]), [
    "too_big",
    "not Error",
  ]);
  const count = client.count({ to: 1 });
  assertEquals(await count.recv(), { n: 1 });
  assertEquals(await count.recv().catch(nameOf), "too_big");
  await tick(5);
  assertEquals(errors.map(nameOf), ["too_big", "too_big"]);
});

each("headers and trailers: what interceptors add on one side the other sees", () => {
  return {
    server: {
      interceptors: [{
        async open(call, next) {
          call.response!.headers.set("x-seen", call.request.headers.get("x-from") ?? "");
          const result = await next();
          call.response!.trailers.set("x-late", "1");
          return result;
        },
      }],
    },
    client: {
      interceptors: [{
        open(call, next) {
          call.request.headers.set("x-from", "client");
          void call.opened.then(({ headers }) => seen.push(headers.get("x-seen")));
          return next();
        },
      }],
    },
  };
}, async ({ client }, via) => {
  seen.length = 0;
  await client.double({ n: 1 });
  await tick(5);
  assertEquals(seen, ["client"]);
  if (via === "http") return;
  const count = client.count({ to: 1 });
  await Array.fromAsync(count);
  assertEquals((await count.closed).get("x-late"), "1");
});
const seen: unknown[] = [];

/** Every outcome there is, each told exactly once on both sides. */
{
  let server: [CallOutcome, InterceptedCall][] = [];
  let client: [CallOutcome, InterceptedCall][] = [];
  const options = (): Options => {
    server = [];
    client = [];
    return {
      server: { interceptors: [{ end: (...told) => void server.push(told) }] },
      client: { interceptors: [{ end: (...told) => void client.push(told) }] },
    };
  };
  const names = (told: typeof server) => told.map(([{ ok, error }]) => ok ? "ok" : nameOf(error));
  const outcome = async (expected: { server: string[]; client: string[] }): Promise<void> => {
    for (let waited = 0; waited < 100; waited++) {
      if (server.length >= expected.server.length && client.length >= expected.client.length) break;
      await tick(5);
    }
    await tick(20);
    assertEquals({ server: names(server), client: names(client) }, expected);
    for (const [{ ok, error, ms }, call] of [...server, ...client]) {
      assertEquals(ok, error === undefined);
      assert(ms >= 0);
      assertEquals([call.request.service, call.request.method], ["numbers", call.method.name]);
    }
    server.length = client.length = 0;
  };

  each("end is told once when calls end well or with an error", options, async ({ client }) => {
    await client.double({ n: 1 });
    await outcome({ server: ["ok"], client: ["ok"] });
    await client.double({ n: 1001 }).catch(() => {});
    await outcome({ server: ["too_big"], client: ["too_big"] });
    await Array.fromAsync(client.count({ to: 0 }));
    await outcome({ server: ["ok"], client: ["ok"] });
    await Array.fromAsync(client.count({ to: 1001 })).catch(() => {});
    await outcome({ server: ["too_big"], client: ["too_big"] });
    // Nobody reads: known from the call alone.
    await client.count({ to: 2000 }).closed.catch(() => {});
    await outcome({ server: ["too_big"], client: ["too_big"] });
  });

  each("end is told once of payloads that are invalid", options, async ({ client: own }, via) => {
    assertEquals(await own.double({ n: -200 }).catch(nameOf), "invalid_range");
    assertEquals(await own.count({ to: -1 }).recv().catch(nameOf), "invalid_range");
    // The caller's own validation refuses them; nothing was sent.
    await outcome({ server: [], client: ["invalid_range", "invalid_range"] });
    assert(via !== "");
  });

  each("end is told once when the caller cancels", options, async ({ client }) => {
    const controller = new AbortController();
    const unary = client.double({ n: 999 }, { signal: controller.signal });
    await tick(30);
    controller.abort(new ServiceError("canceled", "enough"));
    await unary.catch(() => {});
    await outcome({ server: ["canceled"], client: ["canceled"] });
    for await (const _ of client.count({ to: 60 })) break;
    await outcome({ server: ["canceled"], client: ["canceled"] });
    const echo = client.echo();
    await echo.send({ n: 1 });
    await echo.recv();
    echo.cancel();
    await outcome({ server: ["canceled"], client: ["canceled"] });
  });

  each("end is told once when the deadline passes", options, async ({ client: own }) => {
    assertEquals(await own.double({ n: 999 }, { timeout: 40 }).catch(nameOf), "timeout");
    for (let waited = 0; waited < 100 && (server.length < 1 || client.length < 1); waited++) await tick(5);
    await tick(20);
    assertEquals(names(client), ["timeout"]);
    assert(["timeout", "canceled"].includes(names(server).join()), names(server).join());
    server.length = client.length = 0;
    const count = own.count({ to: 60 }, { timeout: 60 });
    assertEquals(await Array.fromAsync(count).catch(nameOf), "timeout");
    for (let waited = 0; waited < 100 && server.length < 1; waited++) await tick(5);
    await tick(20);
    assertEquals(names(client), ["timeout"]);
    assert(["timeout", "canceled"].includes(names(server).join()), names(server).join());
  });

  each("end is told once when the server shuts down, or the client", options, async (setup, via) => {
    const echo = setup.client.echo();
    await echo.send({ n: 1 });
    await echo.recv();
    const shutdown = setup.shutdown(0);
    await echo.recv().catch(() => {});
    await shutdown;
    const why = via === "memory" ? "canceled" : "unavailable";
    await outcome({ server: [why], client: [why] });
  });

  each(
    "end is told once of calls that were never sent, and of streams that were not read",
    options,
    async (setup) => {
      const gone = AbortSignal.abort(new ServiceError("canceled", "no"));
      await setup.client.double({ n: 1 }, { signal: gone }).catch(() => {});
      const count = setup.client.count({ to: 3 });
      assertEquals(await count.recv(), { n: 1 });
      await count.closed;
      await tick(10);
      assertEquals(names(client), []);
      await setup.client.close();
      // The first never got to interceptors: its signal had aborted before the call was made.
      await outcome({ server: ["ok"], client: ["ok"] });
    },
  );
}

Deno.test("over HTTP end is told of payloads that the server refuses before the call", async () => {
  const told: string[] = [];
  const handler = httpHandler([implement(numbers, handlers)], {
    interceptors: [{ end: ({ error }, call) => void told.push(`${call.method.name} ${nameOf(error)}`) }],
  });
  const upgrade = { upgrade: "websocket", connection: "upgrade" };
  assertEquals((await handler(new Request("http://h/count?to=x", { headers: upgrade }))).status, 400);
  assertEquals((await handler(new Request("http://h/double/x"))).status, 400);
  assertEquals(told, ["count invalid_field_type", "double invalid_field_type"]);
  await handler.shutdown(0);
});

Deno.test("the context is typed from the interceptors of implement, and ends up in the handler", async () => {
  const user: Interceptor<{ user: string }> = {
    open(call, next) {
      call.context.user = call.request.headers.get("x-user") ?? "nobody";
      return next();
    },
  };
  const clock: Interceptor<{ now: number }> = {
    open(call, next) {
      call.context.now = 42;
      return next();
    },
  };
  function double({ payload, context }: CallOf<typeof numbers, "double", { user: string }>) {
    return { n: payload.n + context.user.length };
  }
  const service = implement(numbers, {
    ...handlers,
    double,
    async *count({ context }) {
      const { user, now } = context;
      const typed: [string, number] = [user, now];
      yield { n: typed[0].length + typed[1] };
    },
    // @ts-expect-error what no interceptor puts there is not there
    sum: ({ context }) => ({ n: context.nothing }),
  }, { interceptors: [user, clock] });
  await using client = memoryClient(service);
  const headers = { "x-user": "Ada" };
  assertEquals(await client.double({ n: 1 }, { headers }), { n: 4 });
  assertEquals(await Array.fromAsync(client.count({ to: 1 }, { headers })), [{ n: 45 }]);

  // @ts-expect-error a handler that wants a context needs an interceptor for it
  implement(numbers, { ...handlers, double });
  // @ts-expect-error and one that fits
  implement(numbers, { ...handlers, double }, { interceptors: [clock] });
});

Deno.test("without interceptors the context is empty and frozen", async () => {
  let context: object | undefined;
  const service = implement(numbers, {
    ...handlers,
    double(call) {
      context = call.context;
      return { n: 0 };
    },
  });
  await using client = memoryClient(service);
  await client.double({ n: 1 });
  assertEquals(context, {});
  assert(Object.isFrozen(context));
});

Deno.test("those given when serving lie around those given to implement", async () => {
  const log: string[] = [];
  const service = implement(numbers, handlers, { interceptors: [spy("i1", log), spy("i2", log)] });
  await using client = memoryClient(service, {
    server: { interceptors: [spy("s1", log), spy("s2", log)] },
  });
  await client.double({ n: 1 });
  const order = log.filter((line) => line.includes("open")).map((line) => line.split(" ")[0]);
  assertEquals(order, ["s1", "s2", "i1", "i2"]);
});

each("cancel ends a call from within, at either side, and onError sees it at the server", () => {
  const cut = (side: string): Interceptor => ({
    open(call, next) {
      if (call.request.headers.get("x-cut") === side) {
        void call.opened.then(() => call.cancel(new ServiceError("too_busy", side)), () => {});
      }
      return next();
    },
  });
  return { server: { interceptors: [cut("server")] }, client: { interceptors: [cut("client")] } };
}, async ({ client, errors }) => {
  for (const side of ["server", "client"]) {
    const echo = client.echo({ headers: { "x-cut": side } });
    const error = await echo.recv().catch((error) => error);
    assertEquals([nameOf(error), error.message], ["too_busy", side]);
    if (side === "server") assertEquals(errors.map(nameOf), ["too_busy"]);
  }
});

each("an end that throws harms nothing", () => ({
  server: {
    interceptors: [{
      end() {
        throw new Error("full");
      },
    }, { end: () => Promise.reject(new Error("full, later")) }],
  },
  client: {
    interceptors: [{
      end() {
        throw new Error("full");
      },
    }, { end: () => Promise.reject(new Error("full, later")) }],
  },
}), async ({ client, errors }) => {
  assertEquals(await client.double({ n: 1 }), { n: 2 });
  await tick(5);
  assertEquals(errors.map((error) => (error.cause as Error).message), ["full", "full, later"]);
});

each("deadline ends the opening and the whole of a call apart", () => ({
  server: { interceptors: [deadline({ totalMs: 80, openMs: 40 })] },
  handlers: {
    async *count({ payload, signal }) {
      if (payload.to === 1) yield { n: 1 };
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  },
}), async ({ client }) => {
  assertEquals(await client.double({ n: 1 }), { n: 2 });
  const never = await Array.fromAsync(client.count({ to: 0 })).catch((error) => error);
  assertEquals(
    [never.name, never.message],
    ["timeout", "numbers.count: the call was not open within 40 ms"],
  );
  const stuck = client.count({ to: 1 });
  assertEquals(await stuck.recv(), { n: 1 });
  const error = await stuck.recv().catch((error) => error);
  assertEquals([error.name, error.message], ["timeout", "numbers.count: the call took longer than 80 ms"]);
});

each("deadline at a client", () => ({
  client: { interceptors: [deadline({ totalMs: 50 })] },
}), async ({ client }) => {
  assertEquals(await client.double({ n: 999 }).catch(nameOf), "timeout");
  assertEquals(await Array.fromAsync(client.count({ to: 60 })).catch(nameOf), "timeout");
  assertEquals(await client.double({ n: 1 }), { n: 2 });
});

{
  let lines: string[] = [];
  each("accessLog writes a line per call", () => {
    lines = [];
    const log = accessLog({ log: (line) => lines.push(line) });
    return { server: { interceptors: [log] }, client: { interceptors: [log] } };
  }, async ({ client }, via) => {
    await client.double({ n: 1 });
    await client.double({ n: 1001 }).catch(() => {});
    await Array.fromAsync(client.count({ to: 3 }));
    await tick(20);
    const plain = lines.map((line) =>
      line.replace(/#\S+/, "#id").replace(/[\d.]+ms/, "ms").replace(
        /(127\.0\.0\.1:\d+|memory) (?=ok|too)/,
        "peer ",
      )
    ).sort();
    const stream = via === "http" ? "ws" : via;
    assertEquals(
      plain,
      [
        `client ${via} numbers.double peer ok ms in=1 out=0`,
        `client ${via} numbers.double peer too_big#id ms in=0 out=0`,
        `client ${stream} numbers.count peer ok ms in=3 out=0`,
        `server ${via} numbers.double peer ok ms in=0 out=1`,
        `server ${via} numbers.double peer too_big#id ms in=0 out=0`,
        `server ${stream} numbers.count peer ok ms in=0 out=3`,
      ].sort(),
    );
  });
}

each("a hook that never settles holds up no shutdown", () => ({
  server: { interceptors: [{ send: () => new Promise(() => {}), end: () => void seen.push("end") }] },
}), async ({ client, shutdown }, via) => {
  seen.length = 0;
  const count = client.count({ to: 1 });
  const recv = count.recv().catch(nameOf);
  await tick(20);
  await shutdown(0);
  assertEquals(await recv, via === "memory" ? "canceled" : "unavailable");
  await tick(10);
  assertEquals(seen, ["end"]);
});
