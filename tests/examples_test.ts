/**
 * The examples, called for real: each client over each transport, `deno task start`, `deno serve`.
 */
import { assert, assertEquals, assertGreater, assertLess, assertMatch, assertRejects } from "@std/assert";
import { deadline } from "@std/async";
import { TextLineStream } from "@std/streams";
import { errorOf, httpClient, serve, ServiceError } from "@x/goats";
import { grpcClient } from "@x/goats/grpc";
import { memoryClient } from "@x/goats/testing";
import { type Connect, services } from "../examples/all.ts";
import { run as runAnalytics } from "../examples/analytics/client.ts";
import { analytics } from "../examples/analytics/design.ts";
import { analyticsService } from "../examples/analytics/service.ts";
import { run as runCellar } from "../examples/cellar/client.ts";
import { cellar } from "../examples/cellar/design.ts";
import { cellarService } from "../examples/cellar/service.ts";
import { meet, run as runChat, talk } from "../examples/chat/client.ts";
import { chat } from "../examples/chat/design.ts";
import { chatService, present } from "../examples/chat/service.ts";
import { run as runGuide } from "../examples/guide/client.ts";
import { guide } from "../examples/guide/design.ts";
import { guideService, subscribed } from "../examples/guide/service.ts";
import { monitor } from "../examples/monitor/design.ts";
import { monitorService } from "../examples/monitor/service.ts";

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Runs `test` once per transport, against a server of its own. */
function overEach(name: string, test: (connect: Connect) => Promise<void>): void {
  Deno.test(`${name} over WebSocket and HTTP`, async () => {
    await using server = await serve(services, { http: { port: 0 } });
    await test((design) => httpClient(design, server.http.url));
  });
  Deno.test(`${name} over gRPC`, async () => {
    await using server = await serve(services, { grpc: { port: 0 } });
    await test((design) => grpcClient(design, server.grpc.address));
  });
  Deno.test(`${name} in memory`, async () => {
    await test((_, service) => memoryClient(service));
  });
}

/** Waits for what another task does, without a fixed time: turn by turn of the event loop. */
async function until(condition: () => boolean): Promise<void> {
  await deadline(
    (async () => {
      while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
    })(),
    10_000,
  );
}

overEach("monitor.watch tells this machine's load", async (connect) => {
  await using client = connect(monitor, monitorService);
  // A loop without end would go on after `terminate`, in this process and for as long as it lives (Deno 2.9.6).
  const looping = "onmessage = ({ data }) => { while (Atomics.load(data, 0) === 0); };";
  const busy = new Worker(URL.createObjectURL(new Blob([looping])), { type: "module" });
  const enough = new Int32Array(new SharedArrayBuffer(4));
  busy.postMessage(enough);
  try {
    let samples = 0;
    for await (const { cpu, memory } of client.watch({ interval: 1 })) {
      const { total, available } = Deno.systemMemoryInfo();
      const used = 100 * (total - available) / total;
      assertLess(Math.abs(memory - used), 15, "memory is this machine's");
      assertGreater(cpu, 100 / navigator.hardwareConcurrency / 4, "a busy loop is seen");
      assert(cpu <= 100);
      if (++samples === 2) break;
    }
    assertEquals(samples, 2);
  } finally {
    Atomics.store(enough, 0, 1);
    busy.terminate();
  }
});

overEach("monitor.watch refuses an interval that the design does not allow", async (connect) => {
  await using client = connect(monitor, monitorService);
  for (const interval of [0, -1, 3601]) {
    const error = await assertRejects(() => client.watch({ interval }).recv(), ServiceError, "interval");
    assertEquals(error.name, "invalid_range");
  }
});

overEach("analytics.process counts what it is sent", async (connect) => {
  await using client = connect(analytics, analyticsService);
  const text = await Deno.readTextFile(new URL("../LICENSE", import.meta.url));
  const lines = text.trimEnd().split("\n");
  const bytes = new TextEncoder().encode(lines.join("")).length;
  const file = await Deno.open(new URL("../LICENSE", import.meta.url));
  assertEquals(
    await Array.fromAsync(runAnalytics(client, file.readable)),
    [`sent ${lines.length} events, ${bytes} bytes; processed ${lines.length}`],
  );

  const none = client.process();
  assertEquals(await none.closeAndRecv(), { processed_count: 0n });

  const many = client.process();
  const data = new Uint8Array([0, 255, 128]);
  for (let i = 0; i < 1000; i++) {
    await many.send({ event_type: "click", timestamp: "2026-01-02T03:04:05Z", data });
  }
  assertEquals(await many.closeAndRecv(), { processed_count: 1000n });

  const bad = client.process();
  const error = await assertRejects(
    () => bad.send({ event_type: "click", timestamp: "yesterday", data }),
    ServiceError,
    "timestamp",
  );
  assertEquals(error.name, "invalid_format");
  assertEquals(await bad.closeAndRecv(), { processed_count: 0n });
});

overEach("chat.connect passes on what people say, and forgets who leaves", async (connect) => {
  await using client = connect(chat, chatService);
  const lines = await Array.fromAsync(runChat(client));
  assertEquals(lines.length, 6);
  for (const line of lines) assertMatch(line, /^\w+ hears \w+ at \S+: hello, 2 others$/);
  for (const line of lines) assertMatch(line.split(" ")[4]!.slice(0, -1), RFC3339);
  await until(() => present() === 0);

  // Leaving without a word: one breaks out of its loop, one cancels, one closes the connection.
  const [ada, grace] = [client.connect(), client.connect()];
  await Promise.all([ada.opened, grace.opened]);
  await until(() => present() === 2);
  await grace.send({ user_id: "grace", message: "anybody?" });
  for await (const { user_id, message } of ada) {
    assertEquals([user_id, message], ["grace", "anybody?"]);
    break;
  }
  await until(() => present() === 1);
  grace.cancel();
  await until(() => present() === 0);
  const linus = client.connect();
  await linus.opened;
  await until(() => present() === 1);
  await client.close();
  await until(() => present() === 0);
});

overEach("chat.connect talks for as long as there are lines", async (connect) => {
  await using client = connect(chat, chatService);
  await using ada = client.connect();
  await ada.opened;
  await until(() => present() === 1);
  const said = talk(client, "grace", ReadableStream.from(["one", "", "two"]));
  assertEquals(await said.next(), { done: true, value: undefined });
  const heard = [await ada.recv(), await ada.recv()];
  assertEquals(heard.map((said) => [said?.user_id, said?.message]), [["grace", "one"], ["grace", "two"]]);
});

Deno.test("chat.connect lets people who come by different transports meet", async () => {
  await using server = await serve(services, { http: { port: 0 }, grpc: { port: 0 } });
  await using ada = httpClient(chat, server.http.url);
  await using grace = grpcClient(chat, server.grpc.address);
  await using linus = memoryClient(chatService);
  const lines = await Array.fromAsync(meet([
    { user_id: "ada", client: ada },
    { user_id: "grace", client: grace },
    { user_id: "linus", client: linus },
  ]));
  assertEquals(
    lines.map((line) => line.split(" at ")[0]),
    [
      "ada hears linus",
      "grace hears linus",
      "ada hears grace",
      "linus hears grace",
      "grace hears ada",
      "linus hears ada",
    ],
  );
  await until(() => present() === 0);
});

Deno.test("chat.connect sees off a person who does not listen, and nobody waits for them", async () => {
  await using client = memoryClient(chatService);
  await using deaf = client.connect();
  await using loud = client.connect();
  await Promise.all([deaf.opened, loud.opened]);
  for (let sent = 0; present() === 2; sent++) {
    assertLess(sent, 10_000);
    await loud.send({ user_id: "loud", message: "hey" });
  }
  const error = errorOf(chat, "connect", await assertRejects(() => deaf.closed));
  assertEquals([error?.name, error?.temporary], ["too_slow", true]);
});

overEach("chat.connect tells who comes late what was said, and chat.people who is there", async (connect) => {
  await using client = connect(chat, chatService);
  await using people = client.people();
  const seen: string[] = [];
  const watching = (async () => {
    for await (const { type, user_id, connections } of people) {
      seen.push(`${type} ${user_id} ${connections}`);
      if (type === "left") return;
    }
  })();
  const ada = client.connect({ user_id: "ada" });
  await until(() => present() === 1);
  for (const message of ["one", "two", "three"]) await ada.send({ user_id: "ada", message });
  await ada.closeSend();
  await watching;
  assertEquals(seen, ["joined ada 1", "left ada 0"]);

  await using late = client.connect({ user_id: "grace", last: 2 });
  const heard = [await late.recv(), await late.recv()];
  assertEquals(heard.map((said) => said?.message), ["two", "three"]);
  await using again = client.connect({ user_id: "grace", since: heard[0]!.number! });
  assertEquals(await again.recv(), heard[1]);
});

Deno.test("chat has a page, whose requests are those that the service answers", async () => {
  await using server = await serve(services, { http: { port: 0 } });
  const response = await fetch(`${server.http.url}/chat`);
  assertEquals([response.status, response.headers.get("content-type")], [200, "text/html; charset=utf-8"]);
  const page = await response.text();
  assertMatch(page, /new WebSocket\(`\/connect\?/);
  assertMatch(page, /new EventSource\("\/people"\)/);

  const socket = new WebSocket(`${server.http.url}/connect?user_id=ada&last=1`);
  await new Promise((resolve) => socket.onopen = resolve);
  const events = new EventSource(`${server.http.url}/people`);
  const { data } = await new Promise<MessageEvent>((resolve) => events.onmessage = resolve);
  events.close();
  assertEquals(JSON.parse(data), { type: "joined", user_id: "ada", connections: 1 });
  socket.close();
  await new Promise((resolve) => socket.onclose = resolve);
  await until(() => present() === 0);
});

overEach("cellar streams the file's bottles in either view, and shows one", async (connect) => {
  await using client = connect(cellar, cellarService);
  const csv = await Deno.readTextFile(new URL("../examples/cellar/bottles.csv", import.meta.url));
  const [header, ...rows] = csv.trimEnd().split("\n").map((line) => line.split(","));
  const expected = rows.map((row) =>
    Object.fromEntries(row.map((cell, i) => [header![i]!, /^\d+$/.test(cell) ? Number(cell) : cell]))
  );
  const all: Record<string, unknown>[] = await Array.fromAsync(client.list());
  assertEquals(all, expected);
  assertEquals<unknown>(await Array.fromAsync(client.list({ view: "default" })), expected);

  const tiny: Record<string, unknown>[] = await Array.fromAsync(client.list({ view: "tiny" }));
  assertEquals(tiny, expected.map(({ id, name }) => ({ id, name })));

  const shown: Record<string, unknown> = await client.show({ id: 3 });
  assertEquals(shown, expected[2]);

  const lines = await Array.fromAsync(runCellar(client));
  assertEquals(lines.length, 4);
  assertEquals(lines[3], `not_found: there is no bottle ${rows.length + 1}`);

  const error = await assertRejects(() => client.show({ id: 99 }), ServiceError, "there is no bottle 99");
  assertEquals([error.name, error.fault, error.temporary, error.timeout], ["not_found", false, false, false]);
});

Deno.test("cellar.show answers 404 for a bottle that is not there", async () => {
  await using server = await serve(services, { http: { port: 0 } });
  const response = await fetch(`${server.http.url}/cellar/bottles/99`);
  assertEquals(response.status, 404);
  assertEquals(response.headers.get("goa-error"), "not_found");
  const body = await response.json();
  assertEquals([body.name, body.message], ["not_found", "there is no bottle 99"]);

  const found = await fetch(`${server.http.url}/cellar/bottles/12`);
  assertEquals(found.status, 200);
  assertEquals((await found.json()).winery, "Two Goats");
});

Deno.test("cellar.list tells a bare WebSocket its view", async () => {
  await using server = await serve(services, { http: { port: 0 } });
  const socket = new WebSocket(`${server.http.url}/cellar/bottles?view=tiny`);
  const messages: unknown[] = [];
  socket.onmessage = ({ data }) => messages.push(JSON.parse(data));
  const { code } = await new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  assertEquals(code, 1000);
  assertEquals(messages.length, 12);
  assertEquals(messages[0], { id: 1, name: "Number 8" });
});

overEach("the guide's echo, listener and subscribe", async (connect) => {
  await using client = connect(guide, guideService);
  const lines = await Array.fromAsync(runGuide(client, ["a", "b"]));
  assertEquals(lines.slice(0, 2), ["echo: a, b", "subscribed: 1 subscribed"]);
  assertEquals(lines.slice(2).map((line) => line.replace(/ at \S+:/, "")), ["heard a", "heard b"]);
  for (const line of lines.slice(2)) assertMatch(line.split(" ")[2]!.slice(0, -1), RFC3339);
  await until(() => subscribed() === 0);
});

/** Runs Deno in a child process; `output` has all it printed, once it is over. */
function spawn(args: string[], options: Deno.CommandOptions = {}): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args,
    cwd: new URL("..", import.meta.url),
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
    ...options,
  }).spawn();
}

async function output(child: Deno.ChildProcess): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await child.output();
  const utf8 = new TextDecoder();
  return { code, stdout: utf8.decode(stdout), stderr: utf8.decode(stderr) };
}

Deno.test("deno task start --once prints a whole transcript and exits", async () => {
  const { code, stdout, stderr } = await output(
    spawn(["task", "start", "--once", "--http-port=0", "--grpc-port=0"]),
  );
  assertEquals(code, 0, stdout + stderr);
  for (const example of ["monitor", "analytics", "chat", "cellar", "guide"]) {
    for (const transport of ["WebSocket", "gRPC", "memory"]) {
      assertMatch(stdout, new RegExp(`^${example} +${transport} +\\S`, "m"));
    }
  }
  assert(!stdout.includes("FAILED"), stdout);
  assertMatch(stdout, /^HTTP http:\/\/127\.0\.0\.1:\d+ {2}gRPC 127\.0\.0\.1:\d+$/m);
  assertMatch(stdout, /^15 of 15 went well$/m);
});

Deno.test(
  "deno task start stays up until it is told to stop",
  { ignore: Deno.build.os === "windows" },
  async () => {
    // Not by way of `deno task`: a signal to it would have to be passed on.
    const { tasks } = JSON.parse(await Deno.readTextFile(new URL("../deno.json", import.meta.url)));
    const [deno, ...args] = tasks.start.command.split(" ");
    assertEquals(deno, "deno");
    await using child = spawn([...args, "--http-port=0", "--grpc-port=0"]);
    let url = "";
    let last = "";
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
    for await (const line of lines.values({ preventCancel: true })) {
      url = /^HTTP (\S+)/.exec(line)?.[1] ?? url;
      last = line;
      if (line.includes("grpc://")) break;
    }
    assert(last.includes("grpc://"), last);
    await using client = httpClient(cellar, url);
    assertEquals((await client.show({ id: 1 })).name, "Number 8");
    child.kill("SIGTERM");
    await lines.cancel();
    const [{ success, signal }, errors] = await Promise.all([
      child.status,
      new Response(child.stderr).text(),
    ]);
    assertEquals([success, signal], [true, null], errors);
  },
);

Deno.test("deno task start says so when a port is taken or a flag is wrong", async () => {
  using taken = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = taken.addr;
  for (const flags of [[`--http-port=${port}`, "--grpc-port=0"], ["--http-port=0", `--grpc-port=${port}`]]) {
    const { code, stderr } = await output(spawn(["task", "start", "--once", ...flags]));
    assertEquals(code, 1, stderr);
    assertMatch(stderr, /^Cannot serve: .*(in use|EADDRINUSE)/m);
    assertMatch(stderr, /--http-port/);
  }
  for (const flag of ["--grpc-port=x", "--http-port=70000", "--nope"]) {
    const { code, stderr } = await output(spawn(["task", "start", "--once", flag]));
    assertEquals(code, 2, stderr);
    assertMatch(stderr, /^Usage: /m);
  }
});

/** Starts a server in a child process, and tells its URL once it listens. */
async function listening(child: Deno.ChildProcess): Promise<string> {
  let told = "";
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream()).values()) {
    told += text;
    const url = /http:\/\/[\d.:]+(?=\/)/.exec(told)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error(`it did not start: ${told}`);
}

for (
  const [how, args] of [
    ["deno serve", ["serve", "--no-prompt", "--host=127.0.0.1", "--port=0", "examples/guide/app.ts"]],
    ["deno run --allow-net", ["run", "--no-prompt", "--allow-net", "examples/guide/server.ts", "0"]],
  ] as const
) {
  Deno.test(`an app answers under ${how} alone`, async () => {
    const child = spawn([...args], { stdout: "null" });
    try {
      await using client = httpClient(guide, await deadline(listening(child), 60_000));
      const lines = await Array.fromAsync(runGuide(client, ["a"]));
      assertEquals(lines[0], "echo: a");
    } finally {
      child.kill();
      await child.status;
    }
  });
}
