/** Callers that send faster than the handler reads: made to wait over HTTP/2, refused over HTTP/1.1. */
import { assert, assertEquals } from "@std/assert";
import { connect } from "node:http2";
import { settled, until } from "../behaviour/until.ts";
import { implement } from "../../src/core/implement.ts";
import { httpHandler } from "../../src/http/handler.ts";
import type { ServiceError } from "../../src/errors/service_error.ts";
import { shop } from "./design.ts";
import { shopHandlers } from "./support.ts";

const MESSAGE = (() => {
  const json = new TextEncoder().encode(
    JSON.stringify({
      itemId: "1",
      count: 1,
      big: "1",
      ratio: 1,
      data: "A".repeat(64 * 1024),
      flag: true,
      tags: [],
    }),
  );
  const bytes = new Uint8Array(5 + json.length);
  new DataView(bytes.buffer).setUint32(1, json.length);
  bytes.set(json, 5);
  return bytes;
})();

/** Serves a handler that reads one message, then waits. */
function serve() {
  const go = Promise.withResolvers<void>();
  const errors: ServiceError[] = [];
  let read = 0;
  const handler = httpHandler([
    implement(shop, {
      ...shopHandlers(),
      async talk({ stream, signal }) {
        const left = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        await stream.recv();
        await Promise.race([go.promise, left]);
        for await (const _ of stream) read++;
      },
    }),
  ], { auth: { jwt: () => ({ name: "" }) }, onError: (error) => void errors.push(error) });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  return {
    port: server.addr.port,
    handler,
    errors,
    go: go.resolve,
    read: () => read,
    async [Symbol.asyncDispose]() {
      await handler.shutdown(0);
      await server.shutdown();
    },
  };
}

Deno.test("over HTTP/2 a caller waits for the handler, and nothing is lost", async () => {
  await using at = serve();
  const session = connect(`http://127.0.0.1:${at.port}`);
  const call = session.request({
    ":method": "POST",
    ":path": "/web_shop.WebShop/Talk",
    "content-type": "application/connect+json",
  });
  let sent = 0;
  let ended = false;
  const offer = () => {
    while (!ended && call.write(MESSAGE)) sent++;
    sent++;
  };
  call.on("drain", offer);
  call.resume();
  offer();
  await settled(() => sent);
  assert(sent * MESSAGE.length < 32 * 2 ** 20, `${sent} messages were sent to nobody`);
  ended = true;
  const written = sent;
  call.end();
  at.go();
  await until(() => at.handler.calls === 0, "the call is over");
  // The last one counted may be the one that was not written.
  assert(at.read() + 1 === written || at.read() + 1 === written - 1, `${at.read()} of ${written}`);
  assertEquals(at.errors, []);
  await new Promise<void>((resolve) => session.close(resolve));
});

Deno.test("over HTTP/1.1 the call ends as overloaded", async () => {
  await using at = serve();
  let over = false;
  const body = new ReadableStream({
    // Deno's fetch goes on pulling when the response has ended.
    pull: (controller) => over ? controller.close() : controller.enqueue(MESSAGE),
  }, { highWaterMark: 0 });
  const response = await fetch(`http://127.0.0.1:${at.port}/web_shop.WebShop/Talk`, {
    method: "POST",
    headers: { "content-type": "application/connect+json" },
    body,
    duplex: "half",
  } as RequestInit);
  const text = await response.text();
  over = true;
  await until(() => at.handler.calls === 0, "the call is over");
  assert(text.includes("resource_exhausted") && text.includes("are unread"), text);
});
