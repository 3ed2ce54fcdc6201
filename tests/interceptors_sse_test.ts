/** Interceptors over Server-Sent Events: as on every other transport. */
import { assertEquals } from "@std/assert";
import {
  Field,
  GET,
  HTTP,
  Int,
  Method,
  Minimum,
  Param,
  Payload,
  Required,
  ServerSentEvents,
  Service,
  StreamingResult,
} from "../src/design/mod.ts";
import { accessLog, httpClient, implement, type Interceptor, serve, ServiceError } from "../mod.ts";

const ticker = Service(
  "ticker",
  Method(
    "tick",
    Payload(Field(1, "to", Int, Minimum(0)), Required("to")),
    StreamingResult(Field(1, "n", Int), Required("n")),
    HTTP(GET("/tick"), Param("to"), ServerSentEvents()),
  ),
);

Deno.test("sse: open, messages both sides, end once: ok, error, refusal, invalid payload, cancel", async () => {
  const lines: string[] = [];
  const log = accessLog({
    log: (_line, { side, transport, outcome, sent, received }) =>
      lines.push(`${side} ${transport} ${outcome} in=${received} out=${sent}`),
  });
  const add = (by: number) => (message: unknown) => ({ n: (message as { n: number }).n + by });
  const refuse: Interceptor = {
    open(call, next) {
      if (call.request.headers.has("x-stranger")) throw new ServiceError("forbidden", "not you");
      return next();
    },
  };
  const service = implement(ticker, {
    async *tick({ payload: { to }, signal }) {
      for (let n = 1; n <= Math.min(to, 2); n++) yield { n };
      if (to === 3) throw new ServiceError("unavailable", "no more");
      if (to === 4) await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  });
  await using server = await serve([service], {
    http: { port: 0 },
    interceptors: [log, refuse, { send: add(10) }],
  });
  await using client = httpClient(ticker, server.http.url, { interceptors: [log, { receive: add(100) }] });
  const both = async () => {
    for (let waited = 0; waited < 200 && lines.length < 2; waited++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return lines.splice(0).sort();
  };

  assertEquals(await Array.fromAsync(client.tick({ to: 2 })), [{ n: 111 }, { n: 112 }]);
  assertEquals(await both(), ["client sse ok in=2 out=0", "server sse ok in=0 out=2"]);
  await Array.fromAsync(client.tick({ to: 3 })).catch(() => {});
  assertEquals(await both(), ["client sse unavailable in=2 out=0", "server sse unavailable in=0 out=2"]);
  const refused = client.tick({ to: 1 }, { headers: { "x-stranger": "1" } });
  assertEquals(await refused.recv().catch((error) => error.name), "forbidden");
  assertEquals(await both(), ["client sse forbidden in=0 out=0", "server sse forbidden in=0 out=0"]);
  for await (const _ of client.tick({ to: 4 })) break;
  const cancelled = await both();
  assertEquals(cancelled.map((line) => line.split(" ")[2]), ["canceled", "canceled"]);
  const response = await fetch(`${server.http.url}/tick?to=-1`, { headers: { accept: "text/event-stream" } });
  await response.body?.cancel();
  assertEquals(response.status, 400);
  await new Promise((resolve) => setTimeout(resolve, 10));
  assertEquals(lines, ["server sse invalid_range in=0 out=0"]);
});
