/** What many calls leave behind: nothing. */
import { assertEquals } from "@std/assert";
import { implement } from "../src/core/implement.ts";
import { httpClient } from "../src/http/client.ts";
import { httpHandler } from "../src/http/handler.ts";
import { shop } from "./http_design.ts";
import { shopHandlers } from "./http_handlers.ts";

/** How many listeners a signal has. */
function counted(signal: AbortSignal): () => number {
  const listeners = new Set<unknown>();
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (type: string, listener: unknown, ...rest: unknown[]) => {
    listeners.add(listener);
    addEventListener.call(signal, type as "abort", listener as () => void, ...rest as []);
  };
  signal.removeEventListener = (type: string, listener: unknown, ...rest: unknown[]) => {
    listeners.delete(listener);
    removeEventListener.call(signal, type as "abort", listener as () => void, ...rest as []);
  };
  return () => listeners.size;
}

Deno.test("2,000 calls, good ones, failed ones, cancelled ones, leave nothing behind", async () => {
  const handler = httpHandler([
    implement(shop, {
      ...shopHandlers(),
      wait: ({ payload, signal }) =>
        new Promise<number>((resolve, reject) => {
          const timer = payload.n === undefined ? undefined : setTimeout(() => resolve(payload.n!), 0);
          signal.addEventListener("abort", () => {
            clearTimeout(timer);
            reject(signal.reason);
          }, { once: true });
        }),
    }),
  ]);
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request, info) => {
    return handler(request, info);
  });
  const client = httpClient(shop, `http://127.0.0.1:${server.addr.port}`);
  const controller = new AbortController();
  const listeners = counted(controller.signal);
  const { signal } = controller;
  for (let round = 0; round < 50; round++) {
    const leaving = new AbortController();
    const calls = Array.from({ length: 10 }, async (_, n) => {
      assertEquals(await client.wait({ n }, { signal, timeout: 60_000 }), n);
      assertEquals(await client.optional({ a: n }, { signal }), { a: n, b: 5 });
      await client.fail({ how: "plain" }, { signal }).then(() => {
        throw new Error("it did not fail");
      }, (error) => assertEquals(error.name, "plain"));
      // Cancelled while the others still run, or once they have ended.
      const given = client.wait({}, { signal: leaving.signal }).catch((error) =>
        assertEquals(error, "enough")
      );
      if (n === 9) leaving.abort("enough");
      await given;
    });
    await Promise.all(calls);
  }
  assertEquals(listeners(), 0);
  await client.close();
  // The server learns a moment later that its callers have left.
  while (handler.calls > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await handler.shutdown();
  await server.shutdown();
});
