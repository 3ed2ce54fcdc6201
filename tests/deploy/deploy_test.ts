/** The deploy example under `deno serve`, as Deno Deploy runs it: a page, a call, a stream, an eviction. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { deadline } from "@std/async";
import { httpClient } from "@x/goats";
import { tally } from "../../examples/deploy/design.ts";

/** A process of `deno serve`. */
interface App {
  readonly url: string;
  readonly port: number;
  /** Ends it as Deno Deploy does; gives its exit code. */
  evict(): Promise<number>;
}

async function serveApp(port: number): Promise<App> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "serve",
      "--no-prompt",
      "--allow-read=examples/deploy",
      "--host=127.0.0.1",
      `--port=${port}`,
      "examples/deploy/app.ts",
    ],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const text = child.stderr.pipeThrough(new TextDecoderStream());
  let told = "";
  for await (const part of text.values({ preventCancel: true })) {
    told += part;
    if (/http:\/\/[\d.]+:\d+\//.test(told)) break;
  }
  const match = /http:\/\/[\d.]+:(\d+)/.exec(told);
  if (match === null) {
    child.kill();
    await child.status;
    throw new Error(`it did not start: ${told}`);
  }
  const rest = Array.fromAsync(text.values());
  return {
    url: match[0],
    port: Number(match[1]),
    async evict() {
      child.kill("SIGINT");
      const { code } = await child.status;
      await rest;
      return code;
    },
  };
}

Deno.test("the deploy example serves its page, a call and a WebSocket stream under deno serve", async () => {
  const app = await serveApp(0);
  try {
    const page = await fetch(app.url);
    assertEquals([page.status, page.headers.get("content-type")], [200, "text/html; charset=utf-8"]);
    assertStringIncludes(await page.text(), 'new WebSocket("/watch")');

    await using client = httpClient(tally, app.url);
    await using watching = client.watch();
    const first = await watching.recv();
    assertEquals(first?.total, 0);
    assertEquals(await client.add({ by: 2 }), { total: 2, instance: first!.instance });
    assertEquals((await watching.recv())?.total, 2);

    // What the page does.
    const socket = new WebSocket(`${app.url.replace("http", "ws")}/watch`);
    const { promise, resolve } = Promise.withResolvers<string>();
    socket.onmessage = ({ data }) => resolve(data);
    assertEquals(JSON.parse(await deadline(promise, 20_000)).total, 2);
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.close(1000);
    await closed;
    const events = await fetch(`${app.url}/watch`, { headers: { accept: "text/event-stream" } });
    for await (const text of events.body!.pipeThrough(new TextDecoderStream())) {
      assertMatch(text, /"total":2/);
      break;
    }
    const refused = await fetch(`${app.url}/add`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"by":101}',
    });
    assertEquals([refused.status, (await refused.json()).name], [400, "invalid_range"]);
  } finally {
    assertEquals(await app.evict(), 0);
  }
});

Deno.test("a stream goes on at another process when the one that served it is evicted", async () => {
  const before = await serveApp(0);
  await using client = httpClient(tally, before.url, { reconnect: { firstMs: 50, maxMs: 200 } });
  await using watching = client.watch();
  const first = (await watching.recv())!;
  assertEquals(await before.evict(), 0);
  const after = await serveApp(before.port);
  try {
    const next = (await deadline(watching.recv(), 60_000))!;
    assert(next.instance !== first.instance, "another process has another total");
    assertEquals([next.total, watching.restarts], [0, 1]);
  } finally {
    watching.cancel();
    await watching.closed.catch(() => {});
    assertEquals(await after.evict(), 0);
  }
});
