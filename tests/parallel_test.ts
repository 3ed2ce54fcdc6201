/** Several isolates on one port, for real: `deno serve --parallel`, and workers that share a port. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { deadline } from "@std/async";
import { type ClientOf, httpClient, implement, ServiceError } from "@x/goats";
import {
  Field,
  GET,
  GRPC,
  HTTP,
  Method,
  Result,
  ServerSentEvents,
  Service,
  StreamingResult,
  String,
} from "@x/goats/design";
import { grpcServer } from "@x/goats/grpc";
import { parallel } from "../examples/parallel/design.ts";
import { run } from "../examples/parallel/client.ts";
import { proxy } from "./behaviour/proxy.ts";

const ROOT = new URL("../", import.meta.url);

/** A server of several isolates. */
interface App extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Asks it to end; gives its exit code. */
  stop(): Promise<number>;
}

/** Starts a process; it serves once it has said where. */
async function start(args: string[], says: "stdout" | "stderr"): Promise<App> {
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    env: { NO_COLOR: "1", DENO_JOBS: "2" },
    stdout: says === "stdout" ? "piped" : "null",
    stderr: says === "stderr" ? "piped" : "null",
  }).spawn();
  const text = child[says].pipeThrough(new TextDecoderStream());
  let told = "";
  for await (const part of text.values({ preventCancel: true })) {
    told += part;
    if (/http:\/\/[\d.]+:\d+.*\n/.test(told)) break;
  }
  const rest = Array.fromAsync(text.values());
  let ended: Promise<number> | undefined;
  const stop = () =>
    ended ??= (async () => {
      child.kill("SIGTERM");
      const { code } = await child.status;
      await rest;
      return code;
    })();
  const match = /http:\/\/[\d.]+:(\d+)/.exec(told);
  if (match === null) {
    await stop();
    throw new Error(`it did not start: ${told}`);
  }
  return {
    url: match[0],
    port: Number(match[1]),
    stop,
    async [Symbol.asyncDispose]() {
      // One that was not up when it was told to end; its test has failed then.
      const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
      try {
        await stop();
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** `--port=0` would be a port of its own for each isolate. */
function freePort(): number {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  return listener.addr.port;
}

const APPS = {
  "deno serve --parallel": (app = "examples/parallel/app.ts") =>
    start(
      [
        "serve",
        "--no-prompt",
        "--parallel",
        "--host=127.0.0.1",
        `--port=${freePort()}`,
        app,
      ],
      "stderr",
    ),
  "workers that share a port": () =>
    start(
      [
        "run",
        "--no-prompt",
        "--unstable-net",
        "--allow-net",
        "--allow-read=.",
        "examples/parallel/workers.ts",
        "0",
        "2",
      ],
      "stdout",
    ),
};

/** `news`, as a caller knows it who must not call it anew. */
const unrepeatable = Service(
  "parallel",
  Method("news", StreamingResult(Field(1, "text", String), Field(2, "to", String)), HTTP(GET("/news"))),
);

/** The same over Server-Sent Events. */
const events = Service(
  "parallel",
  Method(
    "news",
    StreamingResult(Field(1, "text", String), Field(2, "to", String)),
    HTTP(GET("/news"), ServerSentEvents()),
  ),
);

/** Streams to different isolates, by their names, both open. */
async function connected(client: ClientOf<typeof parallel>) {
  const streams = new Map<string, ReturnType<typeof client.news>>();
  for (let n = 0; streams.size < 2; n++) {
    assert(n < 5000, "all connections reached one isolate");
    const stream = client.news();
    const { to } = (await deadline(stream.recv(), 60_000))!;
    if (streams.has(to)) {
      stream.cancel();
      await stream.closed.catch(() => {});
    } else streams.set(to, stream);
  }
  return streams;
}

async function disconnect(streams: Awaited<ReturnType<typeof connected>>): Promise<void> {
  for (const stream of streams.values()) {
    stream.cancel();
    await stream.closed.catch(() => {});
  }
}

for (const [name, serve] of Object.entries(APPS)) {
  Deno.test(`${name}: several isolates answer, and a room spans them`, async () => {
    await using app = await serve();
    await using client = httpClient(parallel, app.url);
    await disconnect(await connected(client)); // both are up
    const lines = await Array.fromAsync(run(client));
    assertEquals(lines, ["connected to 2 isolates", ...Array(2).fill("a reader at its isolate hears hello")]);

    const streams = await connected(client);
    const numbers: bigint[] = [];
    for (let n = 0; n < 20; n++) numbers.push(await client.tell({ text: `${n}` }));
    for (const [isolate, stream] of streams) {
      for (const [n, number] of numbers.entries()) {
        const { text, to, ...heard } = (await deadline(stream.recv(), 60_000))!;
        assertEquals([text, to, heard.number], [`${n}`, isolate, number]);
      }
      stream.cancel();
      await stream.closed.catch(() => {});
    }
    assertEquals(numbers.map((number) => number - numbers[0]!), numbers.map((_, n) => BigInt(n)));
  });

  Deno.test(`${name}: a signal ends the streams of all isolates, then the process`, async () => {
    await using app = await serve();
    await using client = httpClient(parallel, app.url, { reconnect: false });
    const streams = [...(await connected(client)).values()];
    const code = app.stop();
    for (const stream of streams) {
      const error = await assertRejects(() => deadline(stream.recv(), 60_000), ServiceError);
      assertEquals(error.name, "unavailable");
    }
    assertEquals(await code, 0);
  });
}

Deno.test("an isolate that is done does not end the process before the others are", async () => {
  await using app = await APPS["deno serve --parallel"]();
  await using client = httpClient(events, app.url, { reconnect: false });
  {
    // An isolate that is still starting would miss the signal.
    await using plain = httpClient(parallel, app.url);
    await disconnect(await connected(plain));
  }
  const stream = client.news();
  await deadline(stream.recv(), 60_000);
  const code = app.stop();
  // Its own isolate lets it go on for the grace period, and then says why it ends.
  const error = await assertRejects(() => deadline(stream.recv(), 60_000), ServiceError);
  assertEquals(error.name, "unavailable");
  assertMatch(error.message, /shutting down/);
  assertEquals(await code, 0);
});

Deno.test("limits count in each isolate", async () => {
  await using app = await APPS["deno serve --parallel"]("tests/parallel_limits_app.ts");
  await using client = httpClient(parallel, app.url, { reconnect: false });
  const isolates = new Set<string>();
  /** Opens a stream, and tells whether it was let in. */
  async function open(): Promise<boolean> {
    try {
      isolates.add((await deadline(client.news().recv(), 60_000))!.to);
      return true;
    } catch (error) {
      assert(error instanceof ServiceError, `${error}`);
      // An isolate that is still starting has the port, and may drop whom it is dealt.
      if (!(isolates.size < 2 && error.name === "unavailable")) assertEquals(error.name, "overloaded");
      return false;
    }
  }
  for (let n = 0; isolates.size < 2; n++) {
    assert(n < 5000, "all connections reached one isolate");
    await open();
  }
  assertEquals(await Promise.all(Array.from({ length: 20 }, open)), Array(20).fill(false));
});

Deno.test("a stream that comes back to its isolate goes on; at another one the call is made anew", async () => {
  await using app = await APPS["deno serve --parallel"]();
  await using cuts = await proxy(app.port);
  await using client = httpClient(parallel, `http://127.0.0.1:${cuts.port}`, {
    reconnect: { firstMs: 1, maxMs: 5 },
  });
  await using direct = httpClient(parallel, app.url);
  const stream = client.news();
  let isolate = (await deadline(stream.recv(), 60_000))!.to;
  let [resumed, anew] = [0, 0];
  for (let n = 0; resumed === 0 || anew === 0; n++) {
    assert(n < 100, "the same isolate a hundred times, or never");
    cuts.cut();
    const number = await direct.tell({ text: `${n}` });
    const next = (await deadline(stream.recv(), 60_000))!;
    if (next.text === "welcome") {
      // What was told meanwhile is missed, unless it is asked for by `since`.
      anew++;
      isolate = next.to;
      assertEquals(stream.restarts, anew);
      await using late = direct.news({ since: number - 1n });
      assertEquals((await deadline(late.recv(), 60_000))!.number, number);
      // It may have been told after the call was made anew.
      const last = await direct.tell({ text: "last" });
      while ((await deadline(stream.recv(), 60_000))!.number !== last);
    } else {
      resumed++;
      assertEquals([next.number, next.to], [number, isolate]);
    }
  }
  stream.cancel();
  await stream.closed.catch(() => {});
});

for (const wire of ["WebSocket", "events"]) {
  Deno.test(`${wire}: a method that is not Idempotent ends as unavailable when it comes back to another isolate`, async () => {
    await using app = await APPS["deno serve --parallel"]();
    await using cuts = await proxy(app.port);
    await using client = httpClient(
      wire === "events" ? events : unrepeatable,
      `http://127.0.0.1:${cuts.port}`,
      { reconnect: { firstMs: 1, maxMs: 5 } },
    );
    await using direct = httpClient(parallel, app.url);
    const stream = client.news();
    const { to } = (await deadline(stream.recv(), 60_000))!;
    const error = await assertRejects(async () => {
      for (let n = 0; n < 100; n++) {
        cuts.cut();
        await direct.tell({ text: `${n}` });
        const next = (await deadline(stream.recv(), 60_000))!;
        assertEquals([next.text, next.to], [`${n}`, to], "resumed, and nothing missed");
      }
    }, ServiceError);
    assertEquals(error.name, "unavailable");
    assertEquals(stream.restarts, 0);
  });
}

Deno.test("gRPC: one isolate of a process has the port, and no other gets it", async () => {
  const hello = Service("hello", Method("greet", Result(String), GRPC()));
  const implementation = implement(hello, { greet: () => "hello" });
  await using first = grpcServer([implementation]);
  const { address } = await first.listen("127.0.0.1:0");
  const worker = new Worker(new URL("./parallel_grpc_worker.ts", import.meta.url), { type: "module" });
  try {
    const answer = new Promise<string>((resolve) => worker.onmessage = ({ data }) => resolve(data));
    worker.postMessage(address);
    assertMatch(await deadline(answer, 60_000), /^Cannot listen on .*EADDRINUSE/);
  } finally {
    worker.terminate();
  }
});
