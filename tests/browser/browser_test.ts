// The client in a real browser: Debian's chromium. See chromium.ts for how, page.ts for what pages do.
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { type ConnectionEnd, httpHandler, type HttpHandlerOptions, ServiceError } from "../../mod.ts";
import { CLEAR, proxy } from "../behaviour/proxy.ts";
import { until } from "../behaviour/until.ts";
import { openTab, pageAnswer } from "./chromium.ts";
import { bareServer, child } from "./servers.ts";
import { auth, type Ends, marketService } from "./service.ts";

interface Up extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly ends: Ends;
  /** Connections that were let in so far: their wires. */
  readonly wires: string[];
  readonly closes: ConnectionEnd[];
  /** Requests that came so far: verb, path, status. */
  readonly requests: string[];
  readonly running: () => number;
}

/** Serves the page and the service. */
function up(options: HttpHandlerOptions = {}, tls?: Deno.TlsCertifiedKeyPem): Up {
  const ends: Ends = { reasons: [] };
  const wires: string[] = [];
  const closes: ConnectionEnd[] = [];
  const requests: string[] = [];
  const handler = httpHandler([marketService(ends)], {
    auth,
    connection: {
      open: ({ wire }) => wires.push(wire),
      close: (_, end) => closes.push(end),
    },
    ...options,
  });
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {}, ...tls },
    async (request, info) => {
      const page = await pageAnswer(request);
      if (page !== undefined) return page;
      const { method, url } = request;
      const response = await handler(request, info);
      requests.push(`${method} ${new URL(url).pathname} ${response.status}`);
      return response;
    },
  );
  const { port } = server.addr;
  return {
    url: tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`,
    port,
    ends,
    wires,
    closes,
    requests,
    running: () => handler.calls,
    async [Symbol.asyncDispose]() {
      await handler.shutdown(0);
      await server.shutdown();
    },
  };
}

Deno.test("thousands of messages both ways over goats.v1, in order, with a half-close", async () => {
  await using server = up({ heartbeatMs: 20 });
  await using tab = await openTab(server.url);
  const { rtt, ...seen } = await tab.call("echo", server.url, 5000, { heartbeatMs: 20 }) as { rtt: unknown };
  assertEquals(seen as unknown, {
    inOrder: 5000,
    last: { n: 5000, text: "end" },
    states: ["open", "closed"],
    restarts: 0,
  });
  assert(typeof rtt === "number" && rtt > 0, `rtt ${rtt}`);
  assertEquals(server.wires, ["goats.v1"]);
  await until(() => server.closes.length > 0, "the connection is closed");
  assertEquals(server.closes.map(({ code }) => code), [1000]);
  assertEquals(tab.complaints, []);
});

Deno.test("and the same over the plain wire, when told so", async () => {
  await using server = up();
  await using tab = await openTab(server.url);
  assertEquals(await tab.call("echo", server.url, 2000, { wire: "plain" }), {
    inOrder: 2000,
    last: { n: 2000, text: "end" },
    rtt: undefined,
    states: ["open", "closed"],
    restarts: 0,
  });
  assertEquals(server.wires, ["plain"]);
  assertEquals(server.requests, ["GET /echo 101"]);
  assertEquals(tab.complaints, []);
});

Deno.test("events, unary calls, and bodies as they are", async () => {
  await using server = up();
  await using tab = await openTab(server.url);
  assertEquals(await tab.call("news", server.url, 3000), { inOrder: true, count: 3000 });
  assertEquals(server.wires, ["sse"]);
  assertEquals(await tab.call("files", server.url, false), [
    { size: 1_000_000, sum: 3_000_000 },
    { size: 2_000_000, sum: 6_000_000 },
    ["zeros", 3_000_000],
  ]);
  assertEquals(tab.complaints, []);
});

Deno.test("over TLS: goats.v1, and over HTTP/2 events and a stream as a request's body", async () => {
  const pem = (name: string) => Deno.readTextFile(new URL(`../grpc_doors/${name}`, import.meta.url));
  await using server = up({}, {
    cert: await pem("localhost.pem"),
    key: await pem("localhost.key.pem"),
  });
  await using tab = await openTab(server.url);
  const { inOrder } = await tab.call("echo", server.url, 1000) as { inOrder: number };
  assertEquals(inOrder, 1000);
  assertEquals(await tab.call("news", server.url, 100), { inOrder: true, count: 100 });
  assertEquals(server.wires, ["goats.v1", "sse"]);
  assertEquals(await tab.call("files", server.url, true), [
    { size: 1_000_000, sum: 3_000_000 },
    { size: 2_000_000, sum: 6_000_000 },
    { size: 500_000, sum: 1_500_000 },
    ["zeros", 3_000_000],
  ]);
  assertEquals(tab.complaints, []);
});

Deno.test("the page shows the typed error of a call, of a stream, and why a handshake was refused", async () => {
  await using server = up();
  await using tab = await openTab(server.url);
  assertEquals(await tab.call("buy", server.url), {
    price: 6,
    error: "sold_out",
    item: "goat",
    left: 0,
    until: "Monday",
  });
  assertEquals(await tab.text("error"), "sold_out: goat, 0 left, more on Monday");
  const shot = Deno.env.get("SCREENSHOT");
  if (shot) await tab.page.screenshot({ path: shot });

  const data = { item: "goat", left: 3, until: "ü\nnoon" };
  for (const wire of ["goats.v1", "plain"] as const) {
    assertEquals(await tab.call("auction", server.url, { wire }), { bids: [1, 2], error: "sold_out", data });
    assertEquals(await tab.text("error"), "sold_out: goat, 3 left");
  }
  assertEquals(await tab.call("invalid", server.url), [
    "invalid_range",
    "market.buy: payload.count must be greater or equal than 1 but got value 0",
  ]);

  server.requests.length = 0;
  assertEquals(await tab.call("secrets", server.url, "guessed"), [
    "unauthorized",
    "this token is not known",
  ]);
  assertEquals(await tab.text("error"), "unauthorized: this token is not known");
  // On the wire goats.v1, on the plain one, and why.
  assertEquals(server.requests, ["GET /secrets 401", "GET /secrets 401", "GET /secrets 401"]);
  assertEquals(tab.complaints, []);
});

Deno.test("a token travels beside goats.v1, and beside the plain wire", async () => {
  await using server = up();
  await using tab = await openTab(server.url);
  for (const wire of ["goats.v1", "plain"] as const) {
    assertEquals(await tab.call("secrets", server.url, "t0ken ü?", { wire }), ["for Ann"]);
  }
  assertEquals(server.wires, ["goats.v1", "plain"]);
  assertEquals(tab.complaints, []);
});

for (const method of ["follow", "news"] as const) {
  const way = method === "news" ? "as events" : "over goats.v1";
  Deno.test(`an Idempotent subscription ${way} survives the server: killed, and started again`, async () => {
    await using server = up();
    await using tab = await openTab(server.url);
    let other = await child(0, server.url);
    try {
      const url = `http://127.0.0.1:${other.port}`;
      const followed = tab.call("follow", url, method);
      await tab.shows("state", "open");
      await tab.shows("messages", /^[1-9]/);
      await other.kill();
      await tab.shows("state", /^(paused|resuming)$/);
      other = await child(other.port, server.url);
      const { restarts, states, before, first } = await followed as {
        restarts: number;
        states: string[];
        before: number;
        first: number;
      };
      assertEquals(restarts, 1);
      assertEquals(await tab.text("restarts"), "1");
      assertEquals(await tab.text("state"), "closed");
      assertEquals(states.slice(0, 2), ["open", "paused"]);
      assertEquals(states.slice(-3), ["resuming", "open", "closed"]);
      // By its id the new process goes on with the events; the other stream begins anew.
      assertEquals(first, method === "news" ? before + 1 : 1);
      assertEquals(tab.complaints, []);
    } finally {
      await other.kill();
    }
  });
}

Deno.test("a stream whose connections are cut resumes, and nothing is lost", async () => {
  await using page = up();
  await using server = up({ origins: [page.url] });
  // By FIN, by RST, on the way there and on the way back; then the network is well.
  const cuts = [
    { kind: "cut", at: { direction: "up", bytes: 20_000 } },
    { kind: "reset", at: { direction: "up", bytes: 30_001 } },
    { kind: "cut", at: { direction: "down", bytes: 30_000 } },
    { kind: "reset", at: { direction: "down", bytes: 12_345 } },
  ] as const;
  await using between = await proxy(
    server.port,
    (n) => cuts[n] === undefined ? CLEAR : { faults: [cuts[n]] },
  );
  await using tab = await openTab(page.url);
  const { inOrder, states, restarts } = await tab.call("echo", `http://127.0.0.1:${between.port}`, 5000) as {
    inOrder: number;
    states: string[];
    restarts: number;
  };
  assertEquals([inOrder, restarts], [5000, 0]);
  assertEquals(states.filter((state) => state === "paused").length, cuts.length);
  assertEquals(between.taken, cuts.length + 1);
  assertEquals(server.wires, ["goats.v1"]);
  assertEquals(tab.complaints, []);
});

Deno.test("a server that knows no subprotocol is called on the plain wire, and remembered", async () => {
  await using page = up();
  await using bare = bareServer();
  await using tab = await openTab(page.url);
  for (const [count, connections] of [[500, 2], [20, 3], [20, 4]] as const) {
    const { inOrder, states } = await tab.call("echo", bare.url, count) as {
      inOrder: number;
      states: string[];
    };
    assertEquals(inOrder, count);
    assertEquals(states, ["open", "closed"]);
    assertEquals(bare.connections(), connections);
  }
  assertEquals(tab.complaints, []);
});

for (const wire of ["goats.v1", "plain"] as const) {
  for (const origin of ["its own", "another"]) {
    Deno.test(`a user who leaves the page ends its handlers at once (${wire}, ${origin} origin)`, async () => {
      await using page = up();
      await using server = up({ origins: [page.url] });
      await using own = up();
      const called = origin === "another" ? server : own;
      await using tab = await openTab(origin === "another" ? page.url : own.url);
      await tab.call("stay", called.url, { wire });
      assertEquals(called.wires, [wire, wire, "sse"]);
      assertEquals(called.running(), 3);
      await tab.page.goto("data:text/html,elsewhere");
      // Far sooner than a stream is kept for a caller that was cut off: 30 s.
      await until(() => called.running() === 0, "the handlers have ended", 10_000);
      for (const { code } of called.closes) {
        // Of a connection that breaks while it sends, Deno may not see how it was closed.
        assert(code === undefined || code === 1001 || (wire === "plain" && code === 1006), `closed: ${code}`);
      }
      for (const reason of called.ends.reasons) {
        assertInstanceOf(reason, ServiceError);
        assertEquals(reason.name, "canceled");
      }
      assertEquals(called.ends.reasons.length, 3);
      assertEquals(tab.complaints, []);
    });
  }
}

Deno.test("a server that was away for one handshake is called on goats.v1 again, ten minutes later", async () => {
  let away = true;
  await using server = up({
    connection: {
      accept() {
        if (!away) return;
        away = false;
        throw new ServiceError("unavailable", "starting");
      },
      open: ({ wire }) => wires.push(wire),
    },
  });
  const wires: string[] = [];
  await using tab = await openTab(server.url);
  const call = async () => await tab.call("auction", server.url);
  await call();
  await call();
  assertEquals(wires, ["plain", "plain"]);
  await tab.page.evaluate(() => {
    const now = performance.now.bind(performance);
    performance.now = () => now() + 10 * 60_000;
  });
  await call();
  assertEquals(wires, ["plain", "plain", "goats.v1"]);
  assertEquals(tab.complaints, []);
});

Deno.test("a page that the browser kept, and shows again, goes on", async () => {
  await using server = up();
  // Drivers have browsers forget pages that are left: not this one.
  await using tab = await openTab(server.url, ["--disable-back-forward-cache"]);
  await tab.call("remain", server.url);
  await tab.shows("messages", /^[1-9]/);
  await tab.page.evaluate("addEventListener('pageshow', ({ persisted }) => globalThis.kept = persisted)");
  await tab.page.goto("data:text/html,elsewhere");
  await until(() => server.running() === 0, "the handler has ended", 10_000);
  await tab.page.goBack({ waitUntil: "commit" });
  await tab.shows("restarts", "1");
  await tab.shows("state", "open");
  assertEquals(await tab.page.evaluate("globalThis.kept"), true);
  assertEquals(server.running(), 1);
  assertEquals(tab.complaints, []);
});
