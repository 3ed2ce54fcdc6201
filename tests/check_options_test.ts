/** Numbers among the options: what bounds nothing, or is called otherwise, is told where something is made of it. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { deadline, httpClient, httpHandler, implement, serve } from "../mod.ts";
import * as d from "../src/design/mod.ts";
import { addToServer, grpcClient, grpcServer } from "../src/grpc/mod.ts";
import { memoryClient } from "../src/memory/mod.ts";

const app = d.Service(
  "app",
  d.Method("one", d.Payload(d.Int), d.Result(d.Int), d.HTTP(d.POST("/one")), d.GRPC()),
  d.Method("both", d.StreamingPayload(d.Int), d.StreamingResult(d.Int), d.HTTP(d.GET("/both")), d.GRPC()),
  d.Method("events", d.StreamingResult(d.Int), d.HTTP(d.GET("/events"), d.ServerSentEvents()), d.GRPC()),
);
const service = implement(app, {
  one: ({ payload }) => payload,
  async *both({ stream }) {
    yield* stream;
  },
  async *events() {
    yield 1;
  },
});

const MADE: Readonly<Record<string, (options: object) => unknown>> = {
  "make an HTTP handler": (options) => httpHandler([service], options),
  "make a gRPC server": (options) => grpcServer([service], options),
  "add services to a gRPC server": (options) =>
    addToServer({ register: () => true, unregister: () => true }, [service], options),
  serve: (options) => serve([service], { http: { port: 0 }, ...options }),
  "make a client": (options) => httpClient(app, "http://127.0.0.1:9", options),
  "make a client of gRPC": (options) => grpcClient(app, "127.0.0.1:9", options),
};

const MS = "2147483647";
const HTTP: readonly (readonly [Record<string, unknown>, string])[] = [
  [{ messageBytes: -1 }, "limits.messageBytes must be a number from 1 on, or Infinity, not -1"],
  [{ messageBytes: NaN }, "limits.messageBytes must be a number from 1 on, or Infinity, not NaN"],
  [{ messageBytes: "9" }, 'limits.messageBytes must be a number from 1 on, or Infinity, not "9"'],
  [{ messageBytes: null }, "limits.messageBytes must be a number from 1 on, or Infinity, not null"],
  [{ unreadMessages: 0 }, "limits.unreadMessages must be a number from 1 on, or Infinity, not 0"],
  [{ unreadBytes: -5 }, "limits.unreadBytes must be a number from 1 on, or Infinity, not -5"],
  [{ idleMs: -1 }, `limits.idleMs must be a number of ms from 0 (never) to ${MS}, not -1`],
  [{ idleMs: 2 ** 31 }, `limits.idleMs must be a number of ms from 0 (never) to ${MS}, not 2147483648`],
  [{ stallMs: 0 }, `limits.stallMs must be a number of ms from 1 to ${MS}, not 0`],
  [{ stallMs: Infinity }, `limits.stallMs must be a number of ms from 1 to ${MS}, not Infinity`],
  [{ openMs: 0 }, `limits.openMs must be a number of ms from 1 to ${MS}, not 0`],
  [{ resumeMs: NaN }, `limits.resumeMs must be a number of ms from 0 (not at all) to ${MS}, not NaN`],
  [
    { messagesBytes: 1 },
    "limits.messagesBytes is not known: there are messageBytes, unreadMessages, unreadBytes, idleMs, stallMs, openMs, " +
    "resumeMs",
  ],
  [{ toString: 1 }, "limits.toString is not known"],
];
const SERVER: typeof HTTP = [
  [{ lifeMs: -1 }, "limits.lifeMs must be a number from 0 on, or Infinity, not -1"],
  [{ resumeBytes: NaN }, "limits.resumeBytes must be a number from 0 on, or Infinity, not NaN"],
  [{ connections: -1 }, "limits.connections must be a number from 0 on, or Infinity, not -1"],
  [
    { connectionsPerPeer: true },
    "limits.connectionsPerPeer must be a number from 0 on, or Infinity, not true",
  ],
];
const GRPC: typeof HTTP = [
  [{ messageBytes: 0 }, "limits.messageBytes must be a number from 1 on, or Infinity, not 0"],
  [{ metadataBytes: NaN }, "limits.metadataBytes must be a number from 1 on, or Infinity, not NaN"],
  [{ connections: 5, stallMs: 1 }, "limits.connections is not known: there are messageBytes, metadataBytes"],
];
const REST: Readonly<Record<string, readonly (readonly [object, string])[]>> = {
  http: [[{ heartbeatMs: -1 }, `heartbeatMs must be a number of ms from 0 (`]],
  graced: [[{ graceMs: NaN }, `graceMs must be a number of ms from 0 (none) to ${MS}, not NaN`]],
  client: [
    [{ reconnect: { firstMs: -1 } }, "reconnect.firstMs must be a number from 0 on, or Infinity, not -1"],
    [{ reconnect: { factor: 0.5 } }, "reconnect.factor must be a number from 1 on, or Infinity, not 0.5"],
    [
      { reconnect: { retries: 3 } },
      "reconnect.retries is not known: there are firstMs, factor, maxMs, tries, giveUpMs",
    ],
    [{ reconnect: true }, "reconnect must be an object, not true"],
    [{ timeout: NaN }, "of app: timeout must be a number of ms, not NaN"],
  ],
  grpc: [
    [{ keepalive: { timeMs: -1 } }, `keepalive.timeMs must be a number of ms from 1 to ${MS}, not -1`],
    [{ keepalive: { timeMs: 1, timeout: 1 } }, "keepalive.timeout is not known: there are timeMs, timeoutMs"],
  ],
  grpcServer: [
    [{ maxConcurrentStreams: 0 }, "maxConcurrentStreams must be a number from 1 to 4294967295, not 0"],
    [{ maxTimeout: NaN }, "maxTimeout must be a number from 1 on, or Infinity, not NaN"],
  ],
};

Deno.test("limits that bound nothing, or are called otherwise, are refused where something is made of them", async () => {
  const limited = (table: typeof HTTP) => table.map(([limits, message]) => [{ limits }, message] as const);
  const none = [[{ limits: 5 }, "limits must be an object, not 5"], [
    { limits: null },
    "limits must be an object",
  ]];
  const { http, graced, client, grpc, grpcServer } = REST;
  const cases: Readonly<Record<string, readonly (readonly [object, string] | unknown[])[]>> = {
    "make an HTTP handler": [...limited([...HTTP, ...SERVER]), ...none, ...http!, ...graced!],
    serve: [...limited([...HTTP, ...SERVER, ...GRPC.slice(0, 2)]), ...none],
    "make a gRPC server": [...limited(GRPC), ...none, ...graced!, ...grpc!, ...grpcServer!],
    "add services to a gRPC server": [...limited(GRPC), ...none, ...graced!, grpcServer![1]!],
    "make a client": [...limited(HTTP), ...none, ...http!, ...client!],
    "make a client of gRPC": [...limited(GRPC), ...none, ...grpc!, client!.at(-1)!],
  };
  for (const [what, refused] of Object.entries(cases)) {
    for (const [options, message] of refused as readonly (readonly [object, string])[]) {
      const text = `Cannot ${what.replace(/ of gRPC$/, "")}${
        message.startsWith("of app") ? " " : ": "
      }${message}`;
      const make = () => MADE[what]!(options);
      if (what === "serve") await assertRejects(async () => await make(), TypeError, text);
      else assertThrows(make, TypeError, text);
    }
  }
  assertThrows(
    () => deadline({ totalMs: NaN }),
    TypeError,
    "Cannot bound calls: deadline.totalMs must be a number",
  );
  assertThrows(
    () => deadline({ total: 5 } as object),
    TypeError,
    "deadline.total is not known: there are openMs",
  );
  assertThrows(
    () => memoryClient(service, { timeout: NaN }),
    TypeError,
    "Cannot make a client of app: timeout",
  );
});

Deno.test("what is allowed at either end of each limit serves", async () => {
  const most = 2 ** 31 - 1;
  const all = { messageBytes: Infinity, unreadMessages: Infinity, unreadBytes: Infinity };
  const ends = [
    { ...all, idleMs: 0, stallMs: most, openMs: most, resumeMs: 0, lifeMs: 0 },
    {
      ...all,
      idleMs: most,
      stallMs: most,
      openMs: most,
      resumeMs: most,
      lifeMs: Infinity,
      resumeBytes: Infinity,
    },
    { ...all, idleMs: undefined, stallMs: undefined, resumeBytes: 0, connectionsPerPeer: Infinity },
  ];
  for (const limits of ends) {
    const server = await serve([service], {
      http: { port: 0 },
      grpc: { port: 0 },
      limits: { ...limits, connections: Infinity, metadataBytes: Infinity },
      graceMs: most,
      maxTimeout: Infinity,
      maxConcurrentStreams: 2 ** 32 - 1,
      heartbeatMs: most,
    });
    const known = Object.fromEntries(
      Object.entries(limits).filter(([name]) =>
        !["lifeMs", "resumeBytes", "connectionsPerPeer"].includes(name)
      ),
    );
    const grpcLimits = { messageBytes: Infinity, metadataBytes: Infinity };
    for (
      const client of [
        httpClient(app, server.http.url, { limits: known, heartbeatMs: most, timeout: Infinity }),
        httpClient(app, server.http.url, { limits: known, wire: "plain", heartbeatMs: 0 }),
        grpcClient(app, server.grpc.address, { limits: grpcLimits, timeout: Infinity }),
      ]
    ) {
      assertEquals(await client.one(7), 7);
      assertEquals(await Array.fromAsync(client.events()), [1]);
      const stream = client.both();
      await stream.send(3);
      assertEquals(await stream.recv(), 3);
      await stream.closeSend();
      assertEquals(await stream.recv(), null);
      await stream.closed;
      await client.close();
    }
    await server.shutdown();
  }
});

Deno.test("limits that accept gives one stream are looked at, too", async () => {
  const errors: string[] = [];
  const limits = { lifeMS: 5 } as object;
  const handler = httpHandler([service], {
    connection: { accept: () => ({ limits }) },
    onError: (error) => errors.push(`${error.name} ${(error.cause as Error).message}`),
  });
  const response = await handler(
    new Request("http://localhost/events", { headers: { accept: "text/event-stream" } }),
  );
  assertEquals([response.status, (await response.json()).name], [500, "fault"]);
  const known =
    "messageBytes, unreadMessages, unreadBytes, idleMs, stallMs, openMs, resumeMs, lifeMs, resumeBytes";
  assertEquals(errors, [`fault Cannot accept app.events: limits.lifeMS is not known: there are ${known}`]);
});
