/**
 * Interceptors that misbehave, at either side and over every transport: `next()` too often, too late, after the call is
 * over; hooks that never settle; one that ends the call as it sees a message.
 */
import { assertEquals } from "@std/assert";
import { httpClient, implement, type Interceptor, serve, ServiceError } from "../mod.ts";
import * as d from "../src/design/mod.ts";
import { memoryClient } from "../src/memory/mod.ts";
import { until } from "./behaviour/until.ts";
import { handlers, type Options, type Setup, setUp, transports } from "./interceptors_support.ts";

const textOf = (error: unknown) => error instanceof Error ? `${error.name}: ${error.message}` : error;
const nameOf = (error: unknown) => (error as Error)?.name;
const never = () => new Promise<never>(() => {});

function each(name: string, test: (via: typeof transports[number]) => Promise<void>): void {
  for (const via of transports) Deno.test(`${via}: ${name}`, () => test(via));
}

/** Sets up with one interceptor, at one side or at both. */
async function withOne(
  via: typeof transports[number],
  one: Interceptor,
  test: (setup: Setup, side: "server" | "client") => Promise<void>,
  options: Pick<Options, "handlers"> = {},
  sides: readonly ("server" | "client")[] = ["server", "client"],
): Promise<void> {
  for (const side of sides) {
    await using setup = await setUp(via, { [side]: { interceptors: [one] }, ...options });
    await test(setup, side);
  }
}

each("a second next() that nobody looks at harms nobody", async (via) => {
  const one: Interceptor = {
    async open(_, next) {
      const result = await next();
      void next();
      return result;
    },
  };
  await withOne(via, one, async ({ client }) => {
    assertEquals(await client.double({ n: 1 }), { n: 2 });
    assertEquals(await Array.fromAsync(client.count({ to: 1 })), [{ n: 1 }]);
  });
});

each("next() after open has settled goes nowhere", async (via) => {
  let ran = 0;
  let late: (() => Promise<unknown>) | undefined;
  const one: Interceptor = {
    open(call, next) {
      late = next;
      if (call.method.name === "double") return { n: 5 };
    },
  };
  const counting = {
    double: ({ payload: { n } }: { payload: { n: number } }) => (ran++, Promise.resolve({ n })),
    async *count() {
      ran++;
      yield { n: 1 };
    },
  };
  await withOne(via, one, async ({ client }) => {
    assertEquals(await client.double({ n: 1 }), { n: 5 });
    assertEquals(
      await late!().catch(textOf),
      "TypeError: Cannot go on with numbers.double: open() has settled",
    );
    assertEquals(await Array.fromAsync(client.count({ to: 1 })), []);
    assertEquals(
      await late!().catch(textOf),
      "TypeError: Cannot go on with numbers.count: open() has settled",
    );
    void late!();
  }, { handlers: counting });
  assertEquals(ran, 0);
});

each("an interceptor that another one did not wait for goes nowhere either", async (via) => {
  let ran = 0;
  for (const side of ["server", "client"] as const) {
    const go = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<unknown>();
    const interceptors: Interceptor[] = [{
      open(_, next) {
        void next();
        return { n: 5 };
      },
    }, {
      async open(_, next) {
        await go.promise;
        gone.resolve(await next().catch(textOf));
      },
    }];
    await using setup = await setUp(via, {
      [side]: { interceptors },
      handlers: { double: ({ payload: { n } }) => (ran++, Promise.resolve({ n })) },
    });
    assertEquals(await setup.client.double({ n: 1 }), { n: 5 });
    go.resolve();
    const why = String(await gone.promise);
    assertEquals(/^TypeError: Cannot go on with numbers.double: /.test(why), true, why);
  }
  assertEquals(ran, 0);
});

each("next() of a call that is over rejects with how it ended, and the handler does not run", async (via) => {
  let ran = 0;
  const gone: Promise<unknown>[] = [];
  const one: Interceptor = {
    async open(call, next) {
      const aborted = new Promise<void>((resolve) => call.signal.addEventListener("abort", () => resolve()));
      await aborted;
      const inner = next();
      gone.push(inner.catch(nameOf));
      await inner;
    },
  };
  await withOne(via, one, async ({ client }, side) => {
    gone.length = 0;
    assertEquals(await client.double({ n: 1 }, { timeout: 20 }).catch(nameOf), "timeout");
    await until(() => gone.length === 1, `${side}: the interceptor has heard`);
    // The server hears of its own deadline, or of a caller that has left, whichever is first.
    assertEquals(["timeout", "canceled"].includes(await gone[0] as string), true);
  }, { handlers: { double: ({ payload: { n } }) => (ran++, Promise.resolve({ n })) } });
  assertEquals(ran, 0);
});

each("what waits for a client's send hook ends with the call", async (via) => {
  const one: Interceptor = { send: never };
  const answer = { sum: () => Promise.resolve({ n: 4 }) };
  await withOne(
    via,
    one,
    async ({ client }) => {
      const echo = client.echo();
      const [sent, closed] = [echo.send({ n: 1 }), echo.closeSend()];
      echo.cancel(new ServiceError("canceled", "enough"));
      assertEquals([await sent.catch(nameOf), await closed.catch(nameOf)], ["canceled", "canceled"]);

      const sum = client.sum();
      const late = sum.send({ n: 1 }).catch(textOf);
      assertEquals(await sum.closeAndRecv(), { n: 4 });
      assertEquals(await late, "TypeError: Cannot send on numbers.sum: the call is over");
    },
    { handlers: answer },
    ["client"],
  );
});

each("what waits for a client's receive hook ends as its reader goes", async (via) => {
  let seen = 0;
  const one: Interceptor = { receive: () => (seen++, never()) };
  await withOne(
    via,
    one,
    async ({ client }) => {
      for (const leave of ["cancel", "close"]) {
        seen = 0;
        const count = client.count({ to: 3 });
        const first = count.recv();
        await count.closed;
        await until(() => seen === 1, "the hook has the first message");
        if (leave === "cancel") count.cancel();
        else await client.close();
        assertEquals([await first.catch(nameOf), await count.recv().catch(nameOf)], ["canceled", "canceled"]);
      }
    },
    {},
    ["client"],
  );
});

each(
  "a server's send hook that never settles holds neither a deadline, a caller nor a shutdown",
  async (via) => {
    const told: unknown[] = [];
    const holding = (): { promise: Promise<void>; one: Interceptor } => {
      const { promise, resolve } = Promise.withResolvers<void>();
      return {
        promise,
        one: {
          send: () => (resolve(), never()),
          end: ({ error }) => void told.push(nameOf(error) ?? "ok"),
        },
      };
    };
    const careless: Options["handlers"] = {
      ...handlers,
      // deno-lint-ignore require-await
      async echo({ stream }) {
        void stream.send({ n: 1 });
      },
    };
    const steps: ((setup: Setup) => Promise<unknown>)[] = [
      ({ client }) => client.double({ n: 1 }, { timeout: 20 }).catch(nameOf),
      async ({ client }) => {
        const error = await client.echo({ timeout: 20 }).recv().catch(nameOf);
        return error;
      },
    ];
    for (const step of steps) {
      const { one } = holding();
      await using setup = await setUp(via, { server: { interceptors: [one] }, handlers: careless });
      assertEquals(await step(setup), "timeout");
      await until(() => told.length === 1, "the interceptor is told");
      assertEquals(["timeout", "canceled"].includes(told.pop() as string), true);
    }
    {
      const { one, promise } = holding();
      await using setup = await setUp(via, { server: { interceptors: [one] }, handlers: careless });
      const echo = setup.client.echo();
      await promise;
      echo.cancel();
      await until(() => told.length === 1, "the interceptor is told");
      assertEquals(told.pop(), "canceled");
    }
    {
      const { one, promise } = holding();
      await using setup = await setUp(via, { server: { interceptors: [one] }, handlers: careless });
      const first = setup.client.echo().recv().catch(nameOf);
      await promise;
      await setup.shutdown(0);
      // A memory client that is closed gives up its calls.
      assertEquals(await first, via === "memory" ? "canceled" : "unavailable");
      await until(() => told.length === 1, "the interceptor is told");
      assertEquals(told.pop(), via === "memory" ? "canceled" : "unavailable");
    }
  },
);

each("an error of the handler is told after a send that took its time, and stays what it is", async (via) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const one: Interceptor = { send: () => promise };
  await withOne(
    via,
    one,
    async ({ client }) => {
      const count = client.count({ to: 1 });
      const first = count.recv();
      resolve();
      assertEquals(await first, { n: 1 });
      assertEquals(await count.recv().catch(nameOf), "too_big");
    },
    {
      handlers: {
        // deno-lint-ignore require-await
        async count({ stream, error }) {
          void stream.send({ n: 1 });
          throw error("too_big");
        },
      },
    },
    ["server"],
  );
});

each("an interceptor that ends the call as it sees a message leaves one error, its own", async (via) => {
  const one: Interceptor = { send: (_, call) => call.cancel(call.error("too_big", "enough")) };
  await withOne(
    via,
    one,
    async ({ client, errors }) => {
      assertEquals(await Array.fromAsync(client.count({ to: 2 })).catch(nameOf), "too_big");
      await until(() => errors.length > 0, "it is reported");
      assertEquals(await client.count({ to: 0 }).recv(), null);
      assertEquals(errors.map(textOf), ["too_big: enough"]);
    },
    {},
    ["server"],
  );
});

Deno.test("http: a header that cannot be sent is named, and is no server that is away", async () => {
  const one: Interceptor = {
    open(call, next) {
      call.request.headers.set("x-odd", "a\u0001b");
      return next();
    },
  };
  await withOne(
    "http",
    one,
    async ({ client }) => {
      const why = (method: string) =>
        `TypeError: Cannot call numbers.${method}: the value of header x-odd has a control character`;
      assertEquals(await client.double({ n: 1 }).catch(textOf), why("double"));
      assertEquals(await client.count({ to: 1 }).recv().catch(textOf), why("count"));
      assertEquals(await client.sum().closeAndRecv().catch(textOf), why("sum"));
    },
    {},
    ["client"],
  );
});

for (const via of ["memory", "http"] as const) {
  Deno.test(`${via}: a raw body that an interceptor refuses to send is told so`, async () => {
    const files = d.Service(
      "files",
      d.Method("read", d.HTTP(d.GET("/read"), d.SkipResponseBodyEncodeDecode())),
    );
    const told: unknown[] = [];
    const service = implement(files, {
      read: () =>
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(10)),
          cancel: (reason) => void told.push(nameOf(reason)),
        }),
    }, {
      interceptors: [{
        async open(_, next) {
          await next();
          throw new ServiceError("forbidden", "not this one");
        },
      }],
    });
    await using server = await serve([service], { http: { port: 0 } });
    await using client = via === "memory" ? memoryClient(service) : httpClient(files, server.http.url);
    assertEquals(await client.read().catch(nameOf), "forbidden");
    assertEquals(told, ["forbidden"]);
  });
}
