/** What handlers return is typed by the design where it is written: `deno test` checks the types of this file. */
import { assertEquals } from "@std/assert";
import * as d from "../src/design/mod.ts";
import { implement } from "../src/core/implement.ts";
import type { Interceptor } from "../src/core/interceptor.ts";
import { memoryClient } from "../src/memory/mod.ts";

const state = [
  d.Field(1, "state", d.String, d.Enum("up", "down")),
  d.Field(2, "load", d.Int),
  d.Required("state"),
] as const;

const lamp = d.Service(
  "lamp",
  d.Method("name", d.Result(d.String, d.Enum("lamp", "torch"))),
  d.Method("show", d.Result(...state)),
  d.Method("look", d.Result(...state)),
  d.Method("watch", d.StreamingResult(...state)),
  d.Method("follow", d.Payload(d.String), d.StreamingResult(...state)),
  d.Method("last", d.StreamingPayload(d.String), d.Result(...state)),
);

Deno.test("values of an Enum need no `as const` in handlers, with parameters or without", async () => {
  const visitor: Interceptor<{ visitor: number }> = {
    open(call, next) {
      call.context.visitor = 1;
      return next();
    },
  };
  const service = implement(lamp, {
    name: () => "torch",
    show() {
      return { state: "up" };
    },
    async look() {
      await Promise.resolve();
      return { state: "down", load: 2 };
    },
    async *watch() {
      yield { state: "up", load: 1 };
      yield { state: "down" };
    },
    async *follow({ payload, context }) {
      yield { state: payload === "up" ? "up" : "down", load: context.visitor };
      yield { state: "down" };
    },
    async last() {
      return await Promise.resolve(true) ? { state: "up" } : { state: "down", load: 3 };
    },
  }, { interceptors: [visitor] });

  await using client = memoryClient(service);
  assertEquals(await client.name(), "torch");
  assertEquals(await client.show(), { state: "up" });
  assertEquals(await Array.fromAsync(client.watch()), [{ state: "up", load: 1 }, { state: "down" }]);
  assertEquals(await Array.fromAsync(client.follow("up")), [{ state: "up", load: 1 }, { state: "down" }]);
});

Deno.test("wrong values of an Enum do not compile", () => {
  const handlers = () =>
    implement(lamp, {
      // @ts-expect-error: no such name
      name: () => "candle",
      // @ts-expect-error: no such state
      show: () => ({ state: "left" }),
      look: () => ({ state: "up" }),
      // @ts-expect-error: no such state
      async *watch() {
        yield { state: "left" };
      },
      // @ts-expect-error: load is a number
      async *follow({ payload }) {
        yield { state: "up", load: payload };
      },
      last: () => ({ state: "up" }),
    });
  assertEquals(typeof handlers, "function");
});

Deno.test("an interceptor written where it is passed has typed parameters, and puts nothing into the context", async () => {
  const seen: unknown[] = [];
  const service = implement(lamp, {
    name: () => "lamp",
    show: () => ({ state: "up" }),
    look: () => ({ state: "up" }),
    watch() {},
    async *follow({ context }) {
      const none: Record<never, never> = context;
      // @ts-expect-error: nobody puts it there
      seen.push(context.visitor);
      yield { state: "up", load: Object.keys(none).length };
    },
    last: () => ({ state: "up" }),
  }, {
    interceptors: [{
      open(call, next) {
        const method: string = call.request.method;
        seen.push(method);
        return next();
      },
      end({ ok }) {
        const well: boolean = ok;
        seen.push(well);
      },
    }],
  });
  await using client = memoryClient(service);
  assertEquals(await client.name(), "lamp");
  assertEquals(await Array.fromAsync(client.follow("up")), [{ state: "up", load: 0 }]);
  assertEquals(seen, ["name", true, "follow", undefined, true]);
});
