/**
 * Runs all that happens to streams in a long life, at random: connects, disconnects, cancels, errors, rooms joined and
 * left, over all wires, some through a network that breaks. Every 15 s all callers pause; what is left then is nobody's,
 * and must not grow: heap, resident memory, open handles, connections, rooms.
 *
 *     deno task bench:soak [--minutes 10] [--callers 40] [--seed N]
 *
 * Exits 1 when something grew after the warm-up (the first third).
 *
 * @module
 */
import { delay } from "@std/async";
import { parseArgs } from "node:util";
import * as d from "../src/design/mod.ts";
import { implement } from "../src/core/implement.ts";
import { httpClient, type HttpClientOptions } from "../src/http/client.ts";
import { httpHandler } from "../src/http/handler.ts";
import { rooms } from "../src/rooms/mod.ts";
import { type Plan, proxy } from "../tests/behaviour/proxy.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    callers: { type: "string", default: "40" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
});
const gc = (globalThis as { gc?: () => void }).gc;
if (gc === undefined) throw new Error("Cannot soak: run with --v8-flags=--expose-gc");

/** mulberry32: who does what in a run follows from its seed, though not when. */
let seed = Number(values.seed);
function random(): number {
  seed = seed + 0x6d2b79f5 | 0;
  let mixed = Math.imul(seed ^ seed >>> 15, 1 | seed);
  mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
  return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
}
const upTo = (most: number): number => Math.floor(random() * (most + 1));
const chance = (one: number): boolean => random() < one;

const Item = d.Type("Item", d.Field(1, "n", d.Int, d.Maximum(1_000_000)), d.Required("n"));
const counted = d.Payload(d.Field(1, "n", d.Int), d.Required("n"));
const soak = d.Service(
  "soak",
  d.Error("sour"),
  d.Method("one", counted, d.Result(Item), d.HTTP(d.POST("/one"))),
  d.Method("echo", d.StreamingPayload(Item), d.StreamingResult(Item), d.HTTP(d.GET("/echo"))),
  d.Method("count", counted, d.StreamingResult(Item), d.HTTP(d.GET("/count/{n}"))),
  d.Method("events", counted, d.StreamingResult(Item), d.HTTP(d.GET("/events/{n}"), d.ServerSentEvents())),
  d.Method(
    "sum",
    d.StreamingPayload(Item),
    d.Result(d.Field(1, "sum", d.Int), d.Required("sum")),
    d.HTTP(d.GET("/sum")),
  ),
  d.Method("chat", counted, d.StreamingPayload(Item), d.StreamingResult(Item), d.HTTP(d.GET("/chat/{n}"))),
);

/** A message that makes its handler fail. */
const SOUR = 999_999;
const lobby = rooms<{ n: number }>({ history: 10, policy: "drop-oldest", buffer: 16 });
const service = implement(soak, {
  one({ payload, error }) {
    if (payload.n % 7 === 0) throw error("sour", "as asked");
    return payload;
  },
  async echo({ stream, error }) {
    for await (const message of stream) {
      if (message.n === SOUR) throw error("sour", "as asked");
      await stream.send(message);
    }
  },
  async *count({ payload }) {
    for (let n = 0; n < payload.n; n++) {
      if (n % 50 === 49) await delay(1);
      yield { n };
    }
  },
  async *events({ payload }) {
    for (let n = 0; n < payload.n; n++) {
      if (n % 50 === 49) await delay(1);
      yield { n };
    }
  },
  async sum({ stream }) {
    let sum = 0;
    for await (const { n } of stream) sum += n;
    return { sum };
  },
  async chat({ payload, stream }) {
    await using me = lobby.get(`room ${payload.n % 8}`).join(stream, { last: 3 });
    for await (const message of stream) await me.broadcast(message);
  },
});

const limits = { resumeMs: 400, openMs: 2000, stallMs: 2000, idleMs: 2000 };
const handler = httpHandler([service], {
  limits: { ...limits, connectionsPerPeer: 10_000 },
  heartbeatMs: 500,
});
const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);

/** A network that breaks now and then, and always in the end: connections do not pile up in it. */
function plan(): Plan {
  const at = { direction: chance(0.5) ? "up" : "down", bytes: 300 + upTo(5000) } as const;
  if (chance(0.5)) return { faults: [{ kind: chance(0.5) ? "cut" : "reset", at }] };
  return {
    faults: [{ kind: "stall", at, directions: ["up", "down"], ms: upTo(100) }],
    chunks: [1 + upTo(500)],
  };
}
const broken = await proxy(server.addr.port, plan);
const direct = `http://127.0.0.1:${server.addr.port}`;
const shaky = `http://127.0.0.1:${broken.port}`;

// Without a pool: what it keeps open for later would count as left.
const pool = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
const options: HttpClientOptions = {
  fetch: (request) => fetch(request, { client: pool }),
  limits,
  heartbeatMs: 500,
  reconnect: { firstMs: 20, maxMs: 100 },
};
const make = (url: string, wire: "plain" | "goats.v1") => httpClient(soak, url, { ...options, wire });
const clients = [direct, shaky].flatMap((url) => [make(url, "plain"), make(url, "goats.v1")]);

type Client = typeof clients[number];
let actions = 0;
let failures = 0;

const actionsOf: readonly ((client: Client, signal: AbortSignal) => Promise<unknown>)[] = [
  (client, signal) => client.one({ n: upTo(20) }, { signal }),
  async (client, signal) => {
    await using stream = client.echo({ signal });
    for (let left = upTo(30); left > 0; left--) {
      await stream.send({ n: chance(0.02) ? SOUR : chance(0.02) ? 2_000_000 : left });
      if (await stream.recv() === null) break;
    }
    if (chance(0.3)) return stream.cancel("enough");
    await stream.closeSend();
    while (await stream.recv() !== null);
  },
  async (client, signal) => {
    for await (const { n } of client[chance(0.5) ? "count" : "events"]({ n: upTo(300) }, { signal })) {
      if (chance(0.003)) throw new Error(`enough after ${n}`);
    }
  },
  async (client, signal) => {
    await using stream = client.sum({ signal, timeout: 1 + upTo(2000) });
    for (let left = upTo(100); left > 0; left--) await stream.send({ n: left });
    if (chance(0.2)) return stream.cancel();
    await stream.closeAndRecv();
  },
  async (client, signal) => {
    await using stream = client.chat({ n: upTo(7) }, { signal });
    const reading = (async () => {
      for await (const _ of stream);
    })();
    // Looked at below.
    reading.catch(() => {});
    for (let left = upTo(10); left > 0; left--) {
      await stream.send({ n: left });
      if (chance(0.5)) await delay(1);
    }
    if (chance(0.5)) await stream.closeSend();
    else stream.cancel("enough");
    await reading;
  },
  // Opened, and left before anything has happened; or its whole client with it.
  // deno-lint-ignore require-await
  async (client) => client.echo().cancel(),
  async () => {
    await using own = make(chance(0.5) ? direct : shaky, chance(0.5) ? "plain" : "goats.v1");
    await own.echo().send({ n: 1 });
  },
  async () => {
    const socket = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
    if (chance(0.5)) await socket.write(new TextEncoder().encode("GET /echo HTTP/1.1\r\nhost: x\r\n"));
    socket.close();
  },
];

/** Callers wait here while there is one. */
let pause: PromiseWithResolvers<void> | undefined;
let busy = 0;
let over = false;

async function caller(): Promise<void> {
  while (!over) {
    if (pause !== undefined) await pause.promise;
    busy++;
    const leaving = new AbortController();
    const timer = chance(0.1) ? setTimeout(() => leaving.abort(new Error("enough")), upTo(50)) : undefined;
    try {
      await actionsOf[upTo(actionsOf.length - 1)]!(clients[upTo(clients.length - 1)]!, leaving.signal);
    } catch {
      failures++;
    }
    clearTimeout(timer);
    actions++;
    busy--;
    await delay(upTo(10));
  }
}

interface Sample {
  readonly minutes: number;
  readonly heap: number;
  readonly rss: number;
  readonly handles: number;
}

const MIB = 1024 * 1024;
const began = performance.now();

/** Waits until nobody does anything any more, and looks at what is there. */
async function look(): Promise<Sample> {
  const resting = pause = Promise.withResolvers<void>();
  const start = performance.now();
  const rest = (): boolean =>
    busy === 0 && handler.connections.size === 0 && lobby.size === 0 && broken.open === 0;
  while (!rest()) {
    if (performance.now() - start > 30_000) {
      console.log(
        `left after 30 s: ${busy} callers, ${handler.connections.size} connections, ${lobby.size} rooms, ` +
          `${broken.open} connections in the proxy`,
      );
      for (const { request, wire, since, buffered, state } of [...handler.connections].slice(0, 10)) {
        const age = ((Date.now() - since) / 1000).toFixed(0);
        console.log(
          `  ${request.method} on ${wire}, ${age} s old, ${JSON.stringify(buffered)}, ${state}`,
        );
      }
      Deno.exit(1);
    }
    await delay(20);
  }
  // Close handshakes, and what Deno has to say of connections that are gone.
  await delay(1500);
  gc!();
  await delay(50);
  gc!();
  const { heapUsed: heap, rss } = Deno.memoryUsage();
  const handles = [...Deno.readDirSync("/proc/self/fd")].length;
  const minutes = (performance.now() - began) / 60_000;
  console.log(
    `${minutes.toFixed(2).padStart(6)} min  heap ${(heap / MIB).toFixed(2)} MiB  rss ${
      (rss / MIB).toFixed(0)
    } MiB  ` +
      `${handles} handles  ${handler.connections.size} connections  ${lobby.size} rooms  ` +
      `${actions} calls, ${failures} with an error`,
  );
  pause = undefined;
  resting.resolve();
  return { minutes, heap, rss, handles };
}

/** Theil–Sen: the median of the slopes between all pairs, which single samples cannot tilt. */
function slope(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const slopes = samples.flatMap((one, n) =>
    samples.slice(n + 1).map((other) => (of(other) - of(one)) / (other.minutes - one.minutes))
  );
  return slopes.sort((a, b) => a - b)[slopes.length >> 1] ?? 0;
}

console.log(`seed ${values.seed}, ${values.callers} callers, ${values.minutes} minutes`);
const callers = Array.from({ length: Number(values.callers) }, caller);
const samples: Sample[] = [];
while (performance.now() - began < Number(values.minutes) * 60_000) {
  await delay(15_000);
  samples.push(await look());
}
over = true;
await Promise.all(callers);
for (const client of clients) await client.close();
await broken.stop();
pool.close();
await handler.shutdown(0);

const warm = samples.slice(Math.floor(samples.length / 3));
const [first, last] = [warm[0]!, warm.at(-1)!];
const calls = actions / samples.at(-1)!.minutes;
const heap = slope(warm, (sample) => sample.heap);
const rss = slope(warm, (sample) => sample.rss);
const handles = Math.max(...warm.map((sample) => sample.handles)) - first.handles;
console.log(
  `after the warm-up: heap ${(heap / 1024).toFixed(0)} KiB a minute (${
    (heap / calls).toFixed(1)
  } bytes a call), ` +
    `rss ${(rss / 1024).toFixed(0)} KiB a minute, handles ${first.handles} to ${last.handles}`,
);
/** Bytes of heap a call: what the runtime learns of the code it runs stays below, an object left behind is above. */
const LEAK = 30;
const grew = [
  ...(heap / calls > LEAK ? ["heap"] : []),
  ...(handles > 0 && last.handles > first.handles ? ["handles"] : []),
];
console.log(grew.length === 0 ? "nothing grew" : `grew: ${grew.join(", ")}`);
Deno.exit(grew.length === 0 ? 0 : 1);
