// Declared errors of API, service and method, before and amid messages, over every transport: name, message, flags and
// data arrive, each transport tells its own code, and both ends are typed.
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Client, credentials, Metadata, type StatusObject } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import protobuf from "protobufjs/minimal.js";
import { errorOf, httpClient, httpHandler, implement, ServiceError } from "../mod.ts";
import type { ClientOf } from "../src/core/client_types.ts";
import { grpcClient, grpcServer } from "../src/grpc/mod.ts";
import { memoryClient } from "../src/memory/mod.ts";
import {
  API,
  ArrayOf,
  CodeAborted,
  CodeDataLoss,
  CodeFailedPrecondition,
  CodeNotFound,
  CodeOutOfRange,
  CodeUnavailable,
  Default,
  Error,
  Fault,
  Field,
  GET,
  GRPC,
  HTTP,
  Int,
  Int64,
  Method,
  Param,
  Path,
  Payload,
  POST,
  Required,
  Response,
  Result,
  Service,
  StatusConflict,
  StatusGone,
  StatusLocked,
  StatusNotFound,
  StatusServiceUnavailable,
  StatusTeapot,
  StreamingPayload,
  StreamingResult,
  String,
  Temporary,
  Timeout,
  Type,
} from "../src/design/mod.ts";

const Missing = Type("Missing", Field(1, "id", Int64), Field(2, "tries", Int, Default(1)), Required("id"));
const Closed = Type("Closed", Field(1, "message"), Field(2, "days", ArrayOf(Int)), Required("message"));

const api = API(
  "errors",
  Error("not_found", "No such thing", Missing),
  Error("busy", "Try later", Temporary()),
  Error("api_only", "Of the API"),
  HTTP(
    Path("/v1"),
    Response("not_found", StatusNotFound),
    Response("busy", StatusServiceUnavailable),
    Response("api_only", StatusTeapot),
  ),
  GRPC(
    Response("not_found", CodeNotFound),
    Response("busy", CodeUnavailable),
    Response("api_only", CodeAborted),
  ),
);

const payload = Payload(Field(1, "name", String), Field(2, "after", Int, Default(0)), Required("name"));
const mapped = [Response("gone", StatusGone), Param("name"), Param("after")] as const;

const design = Service(
  "failing",
  api,
  Error("closed", Closed, Temporary()),
  Error("slow", "Too slow", Timeout()),
  Error("api_only", "Of the service"),
  HTTP(Path("/failing"), Response("closed", StatusLocked)),
  GRPC(Response("closed", CodeFailedPrecondition)),
  Method(
    "one",
    payload,
    Result(Int),
    Error("gone", String),
    Error("broken", "It broke", Fault()),
    Error("plain"),
    Error("late", Temporary(), Timeout()),
    HTTP(POST("/one"), Response("gone", StatusGone), Response("busy", StatusConflict)),
    GRPC(Response("gone", CodeOutOfRange), Response("busy", CodeDataLoss)),
  ),
  Method(
    "down",
    payload,
    StreamingResult(Int),
    Error("gone", String),
    HTTP(GET("/down"), ...mapped),
    GRPC(Response("gone", CodeOutOfRange)),
  ),
  Method(
    "up",
    payload,
    StreamingPayload(Int),
    Result(Int),
    Error("gone", String),
    HTTP(GET("/up"), ...mapped),
    GRPC(Response("gone", CodeOutOfRange)),
  ),
  Method(
    "both",
    payload,
    StreamingPayload(Int),
    StreamingResult(Int),
    Error("gone", String),
    HTTP(GET("/both"), ...mapped),
    GRPC(Response("gone", CodeOutOfRange)),
  ),
);

/** What each error is made with, and what the caller shall get. */
interface Case {
  readonly detail: unknown;
  readonly message: string;
  readonly flags?: Partial<Record<"temporary" | "timeout" | "fault", true>>;
  readonly data?: unknown;
  /** HTTP status and gRPC code; `one` where the unary method says otherwise. */
  readonly codes: readonly [number, number];
  readonly one?: readonly [number, number];
  /** Declared by the unary method alone. */
  readonly unary?: true;
}

const CASES: Record<string, Case> = {
  not_found: {
    detail: { id: 9_007_199_254_740_993n },
    message: "No such thing",
    data: { id: 9_007_199_254_740_993n, tries: 1 },
    codes: [404, 5],
  },
  busy: {
    detail: "in use",
    message: "in use",
    flags: { temporary: true },
    codes: [503, 14],
    one: [409, 15],
  },
  // The service's own beats that of its API, whose mapping stays.
  api_only: { detail: undefined, message: "Of the service", codes: [418, 10] },
  closed: {
    detail: { message: "until spring", days: [1, 7] },
    message: "until spring",
    flags: { temporary: true },
    data: { message: "until spring", days: [1, 7] },
    codes: [423, 9],
  },
  slow: { detail: undefined, message: "Too slow", flags: { timeout: true }, codes: [408, 4] },
  gone: { detail: "for good", message: "for good", data: "for good", codes: [410, 11] },
  broken: { detail: undefined, message: "It broke", flags: { fault: true }, codes: [500, 13], unary: true },
  plain: { detail: "just so", message: "just so", codes: [400, 2], unary: true },
  late: {
    detail: "again",
    message: "again",
    flags: { temporary: true, timeout: true },
    codes: [504, 4],
    unary: true,
  },
};

type Make = (name: never, detail: never) => ServiceError;
const made = (error: Make, name: string) => error(name as never, CASES[name]!.detail as never);

const service = implement(design, {
  one: ({ payload, error }) => {
    throw made(error, payload.name);
  },
  async *down({ payload, error }) {
    for (let n = 0; n < payload.after; n++) yield n;
    throw made(error, payload.name);
  },
  async up({ payload, stream, error }) {
    for (let n = 0; n < payload.after; n++) await stream.recv();
    throw made(error, payload.name);
  },
  async both({ payload, stream, error }) {
    for (let n = 0; n < payload.after; n++) await stream.send((await stream.recv())! + 1);
    throw made(error, payload.name);
  },
});

interface Up extends AsyncDisposable {
  readonly client: ClientOf<typeof design>;
  readonly url?: string;
  readonly address?: string;
}

const TRANSPORTS: Record<string, () => Promise<Up>> = {
  memory() {
    const client = memoryClient(service);
    return Promise.resolve({ client, [Symbol.asyncDispose]: () => client.close() });
  },
  async "http and ws"() {
    const handler = httpHandler([service]);
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
    const url = `http://127.0.0.1:${server.addr.port}`;
    const client = httpClient(design, url);
    return await Promise.resolve({
      client,
      url,
      async [Symbol.asyncDispose]() {
        await client.close();
        await handler.shutdown(0);
        await server.shutdown();
      },
    });
  },
  async grpc() {
    const server = grpcServer([service]);
    const { address } = await server.listen("127.0.0.1:0");
    const client = grpcClient(design, address);
    return {
      client,
      address,
      async [Symbol.asyncDispose]() {
        await client.close();
        await server.shutdown(0);
      },
    };
  },
};

function test(name: string, transport: string, run: (up: Up) => Promise<void>): void {
  Deno.test(`errors over ${transport}: ${name}`, { sanitizeOps: true, sanitizeResources: true }, async () => {
    await using up = await TRANSPORTS[transport]!();
    await run(up);
  });
}

function check(thrown: unknown, name: string): void {
  const { message, flags = {}, data } = CASES[name]!;
  assert(thrown instanceof ServiceError, `${thrown}`);
  const { temporary, timeout, fault } = thrown;
  assertEquals(
    { name: thrown.name, message: thrown.message, temporary, timeout, fault, data: thrown.data },
    { name, message, temporary: false, timeout: false, fault: false, ...flags, data },
  );
  assertEquals(thrown.id.length, 8);
}

for (const transport of Object.keys(TRANSPORTS)) {
  for (const [name, { unary }] of Object.entries(CASES)) {
    test(name, transport, async ({ client }) => {
      check(await assertRejects(() => client.one({ name })), name);
      if (unary) return;
      for (const after of [0, 3]) {
        const got: number[] = [];
        const down = await assertRejects(async () => {
          for await (const n of client.down({ name, after })) got.push(n);
        });
        check(down, name);
        assertEquals(got, [0, 1, 2].slice(0, after));

        await using up = client.up({ name, after });
        up.closed.catch(() => {});
        for (let n = 0; n < after; n++) await up.send(n);
        check(await assertRejects(() => up.closeAndRecv()), name);

        await using both = client.both({ name, after });
        for (let n = 0; n < after; n++) {
          await both.send(n);
          assertEquals(await both.recv(), n + 1);
        }
        check(await assertRejects(() => both.recv()), name);
        // And always.
        check(await assertRejects(() => both.recv()), name);
        check(await assertRejects(() => both.closed), name);
      }
    });
  }
}

for (const [name, { codes, one = codes, unary }] of Object.entries(CASES)) {
  test(`the codes of ${name}`, "http and ws", async ({ url }) => {
    const response = await fetch(`${url}/v1/failing/one`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name }),
    });
    const body = await response.json();
    assertEquals([response.status, response.headers.get("goa-error")], [one[0], name]);
    // A type that is no object stands under `data`.
    assertEquals(body.name, name);
    if (unary) return;
    for (const after of [0, 2]) {
      const socket = new WebSocket(`${url}/v1/failing/down?name=${name}&after=${after}`);
      const closed = await new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
      assertEquals([closed.code, JSON.parse(closed.reason).name], [4000 + codes[0], name]);
    }
  });

  test(`the codes of ${name}`, "grpc", async ({ address }) => {
    const by = new Client(address!, credentials.createInsecure());
    const same = (bytes: Buffer) => bytes;
    const code = (rpc: string, after: number) =>
      new Promise<number>((resolve) => {
        const call = by.makeBidiStreamRequest(`/failing.Failing/${rpc}`, same, same, new Metadata());
        call.on("error", () => {});
        call.on("data", () => {});
        call.on("status", ({ code }: StatusObject) => resolve(code));
        const message = protobuf.Writer.create().uint32(10).string(name).uint32(16).sint32(after).finish();
        call.write(Buffer.from(message));
        call.end();
      });
    try {
      assertEquals(await code("One", 0), one[1]);
      if (!unary) assertEquals([await code("Down", 0), await code("Down", 2)], [codes[1], codes[1]]);
    } finally {
      by.close();
    }
  });
}

Deno.test("errors are typed where they are made and where they are caught", async () => {
  const typed = implement(design, {
    one({ error }) {
      // @ts-expect-error no such error
      assertThrows(() => error("nothing"), TypeError);
      // @ts-expect-error an error with a type of its own takes a value of it
      error("not_found", "text");
      // @ts-expect-error not a value of its type
      error("closed", { message: 3 });
      // @ts-expect-error the built-in type takes a message
      error("busy", { message: "m" });
      throw error("not_found", { id: 1n });
    },
    down() {},
    up: () => 1,
    both() {},
  });
  await using client = memoryClient(typed);
  const error = errorOf(design, "one", await assertRejects(() => client.one({ name: "" })));
  assert(error !== undefined);
  let seen: unknown;
  switch (error.name) {
    case "not_found": {
      const id: bigint = error.data.id;
      const tries: number = error.data.tries;
      seen = [id, tries];
      break;
    }
    case "closed":
      seen = error.data.message satisfies string;
      break;
    case "gone":
      seen = error.data satisfies string;
      break;
    case "busy":
      seen = error.data satisfies undefined;
      break;
    // @ts-expect-error no such error
    case "nothing":
  }
  assertEquals(seen, [1n, 1]);
  assertEquals(errorOf(design, "down", error)?.name, "not_found");
  assertEquals(errorOf(design, "down", new ServiceError("broken", "of another method")), undefined);
});
