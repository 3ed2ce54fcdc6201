/**
 * Makes many calls, with nothing but collections of young objects in between, and prints how many bytes of each call that
 * is over a full collection finds: what an old object points to is kept until then. Run with `--expose-gc` and the way.
 */
import { getHeapStatistics } from "node:v8";
import { type ClientOf, httpClient, httpHandler, implement } from "@x/goats";
import * as d from "@x/goats/design";
import { memoryClient } from "@x/goats/testing";

const numbers = [d.Payload(d.Attribute("n", d.Int), d.Required("n"))] as const;
const service = d.Service(
  "svc",
  d.Method("square", ...numbers, d.Result(d.Int), d.HTTP(d.POST("/square"))),
  d.Method("count", ...numbers, d.StreamingResult(d.Int), d.HTTP(d.GET("/count"), d.Param("n"))),
  d.Method(
    "events",
    ...numbers,
    d.StreamingResult(d.Int),
    d.HTTP(d.GET("/events"), d.Param("n"), d.ServerSentEvents()),
  ),
  d.Method("sum", d.StreamingPayload(d.Int), d.Result(d.Int), d.HTTP(d.GET("/sum"))),
  d.Method("echo", d.StreamingPayload(d.Int), d.StreamingResult(d.Int), d.HTTP(d.GET("/echo"))),
);

async function* count(
  { payload: { n } }: { readonly payload: { readonly n: number } },
): AsyncGenerator<number> {
  for (let i = 0; i < n; i++) yield i;
}

const served = implement(service, {
  square: ({ payload: { n } }) => n * n,
  count,
  events: count,
  async sum({ stream }) {
    let sum = 0;
    for await (const n of stream) sum += n;
    return sum;
  },
  async echo({ stream }) {
    for await (const n of stream) await stream.send(n);
  },
});

type Calls = ClientOf<typeof service>;

function client(transport: string): Calls {
  if (transport === "memory") return memoryClient(served);
  const { addr } = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    httpHandler([served]),
  );
  const wire = transport === "plain" ? "plain" : "goats.v1";
  return httpClient(service, `http://127.0.0.1:${addr.port}`, { wire });
}

const kinds: Readonly<Record<string, (calls: Calls) => Promise<unknown>>> = {
  square: (calls) => calls.square({ n: 3 }),
  count: (calls) => Array.fromAsync(calls.count({ n: 2 })),
  events: (calls) => Array.fromAsync(calls.events({ n: 2 })),
  async sum(calls) {
    const stream = calls.sum();
    await stream.send(1);
    return await stream.closeAndRecv();
  },
  async echo(calls) {
    const stream = calls.echo();
    await stream.send(1);
    await stream.recv();
    await stream.closeSend();
    return await stream.recv();
  },
};

const { gc } = globalThis as unknown as { gc(options?: { type: "minor" | "major" }): void };
const used = () => getHeapStatistics().used_heap_size;

const [transport = "memory", kind = "square"] = Deno.args;
const calls = client(transport);
const call = kinds[kind]!;

async function some(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await Promise.all(Array.from({ length: 10 }, () => call(calls)));
    // Callbacks of sockets that are closed.
    await new Promise((resolve) => setTimeout(resolve, 10));
    gc({ type: "minor" });
  }
}

const ROUNDS = 40;
await some(30);
gc();
await some(ROUNDS);
gc({ type: "minor" });
const before = used();
gc();
console.log(Math.round((before - used()) / (ROUNDS * 10)));
Deno.exit(0);
