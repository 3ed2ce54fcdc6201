import { assertEquals } from "@std/assert";
import type { MethodModel } from "../design/model.ts";
import type { ServiceError } from "../errors/service_error.ts";
import type { ClientExchange } from "./exchange.ts";
import { OpenCalls } from "./open_calls.ts";

const method = { service: "s", name: "m" } as MethodModel;

/** An exchange of which no more is asked than when it is over. */
class Exchange {
  readonly asked: string[] = [];
  readonly end = Promise.withResolvers<Headers>();

  get closed(): Promise<Headers> {
    this.asked.push("closed");
    return this.end.promise;
  }

  cancel(reason: ServiceError): void {
    this.asked.push(`cancel: ${reason.name}`);
  }
}

/** One that tells by itself. */
class Telling extends Exchange {
  isOver = false;
  hook: (() => void) | undefined;

  onOver(hook: () => void): void {
    this.asked.push("onOver");
    if (this.isOver) hook();
    else this.hook = hook;
  }
}

const exchangeOf = (one: Exchange) => one as unknown as ClientExchange<unknown>;

Deno.test("calls that are open when their client is closed are cancelled, and no others", async () => {
  const calls = new OpenCalls();
  const [well, ill, open] = [new Exchange(), new Exchange(), new Exchange()];
  const [told, before, waiting] = [new Telling(), new Telling(), new Telling()];
  before.isOver = true;
  const all = [well, ill, open, told, before, waiting];
  for (const one of all) calls.add(exchangeOf(one), method);
  well.end.resolve(new Headers());
  ill.end.reject(new Error("ill"));
  told.hook!();
  await new Promise<void>((resolve) => queueMicrotask(() => queueMicrotask(resolve)));
  assertEquals(calls.closed, false);
  calls.close();
  assertEquals(calls.closed, true);
  // What tells by itself makes no promise for it.
  assertEquals(all.map(({ asked }) => asked), [
    ["closed"],
    ["closed"],
    ["closed", "cancel: canceled"],
    ["onOver"],
    ["onOver"],
    ["onOver", "cancel: canceled"],
  ]);
});
