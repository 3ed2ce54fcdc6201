// What a gRPC call carries besides messages: compression, deadlines, sizes of metadata, and grpc-js's own options.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Buffer } from "node:buffer";
import http2 from "node:http2";
import { gunzipSync, gzipSync } from "node:zlib";
import { Metadata, Server, type ServerDuplexStream } from "@grpc/grpc-js";
import { implement, ServiceError } from "@x/goats";
import {
  Bytes,
  CodeOK,
  Field,
  GRPC,
  Int,
  Method,
  Payload,
  Required,
  Response,
  Result,
  Service,
  StreamingPayload,
  StreamingResult,
} from "@x/goats/design";
import { grpcClient, grpcServer, type GrpcServerOptions, uncompressed } from "@x/goats/grpc";
import { listen } from "./grpc_listen.ts";

const box = Service(
  "box",
  Method("fill", Payload(Field(1, "size", Int), Required("size")), Result(Bytes), GRPC(Response(CodeOK))),
  Method("weigh", Payload(Bytes), Result(Int), GRPC(Response(CodeOK))),
  Method("pass", StreamingPayload(Bytes), StreamingResult(Bytes), GRPC(Response(CodeOK))),
  Method("wait", Payload(Field(1, "ms", Int)), Result(Int), GRPC(Response(CodeOK))),
);

interface Seen {
  encodings: (string | null)[];
  agents: (string | null)[];
  deadlines: (number | undefined)[];
  headers: Headers[];
}

function boxService() {
  const seen: Seen = { encodings: [], agents: [], deadlines: [], headers: [] };
  const see = ({ headers, deadline }: { headers: Headers; deadline?: number }) => {
    seen.encodings.push(headers.get("grpc-encoding"));
    seen.agents.push(headers.get("user-agent"));
    seen.deadlines.push(deadline);
    seen.headers.push(headers);
  };
  const service = implement(box, {
    fill({ payload, request, response }) {
      see(request);
      const asked = request.headers.get("x-answer-by");
      if (asked !== null) response.headers.set("grpc-encoding", asked);
      const big = request.headers.get("x-big");
      if (big === "headers") response.headers.set("x-big", "b".repeat(20_000));
      if (big === "trailers") response.trailers.set("x-big", "b".repeat(20_000));
      return new Uint8Array(payload.size);
    },
    weigh({ payload, request }) {
      see(request);
      return payload.length;
    },
    async *pass({ stream, request }) {
      see(request);
      yield* stream;
    },
    wait: ({ signal, request }) =>
      new Promise((_, reject) => {
        see(request);
        if (signal.aborted) reject(signal.reason);
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  });
  return { service, seen };
}

async function withBox(
  options: GrpcServerOptions,
  run: (address: string, seen: Seen) => Promise<void>,
): Promise<void> {
  const { service, seen } = boxService();
  await using server = grpcServer([service], options);
  const { address } = await server.listen("127.0.0.1:0");
  await run(address, seen);
}

/** One message by hand, through `node:http2` alone: what really is on the wire. */
function raw(
  address: string,
  path: string,
  message: Uint8Array,
  headers: Record<string, string> = {},
): Promise<{ headers: http2.IncomingHttpHeaders; trailers: http2.IncomingHttpHeaders; body: Buffer }> {
  const session = http2.connect(`http://${address}`);
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    let told: http2.IncomingHttpHeaders = {};
    let trailers: http2.IncomingHttpHeaders = {};
    const parts: Buffer[] = [];
    stream.on("response", (headers) => told = headers);
    stream.on("trailers", (headers) => trailers = headers);
    stream.on("data", (part: Buffer) => parts.push(part));
    stream.on("error", reject);
    stream.on("close", () => {
      session.close(() => resolve({ headers: told, trailers, body: Buffer.concat(parts) }));
    });
    stream.end(message);
  });
}

function frame(message: Uint8Array, compressed = false): Buffer {
  const head = Buffer.alloc(5);
  head[0] = Number(compressed);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** `fill({ size })`. */
const fill = (size: number): Uint8Array => {
  const bytes = [0x08];
  for (let rest = size * 2;;) {
    bytes.push(rest > 127 ? rest % 128 | 128 : rest);
    if (rest < 128) return new Uint8Array(bytes);
    rest = Math.floor(rest / 128);
  }
};

Deno.test("grpc call: a server compresses for callers that take it, and what gets shorter", async () => {
  await withBox({ compression: "gzip" }, async (address, seen) => {
    const gzip = { "grpc-accept-encoding": "identity, gzip" };
    const large = await raw(address, "/box.Box/Fill", frame(fill(10_000)), gzip);
    assertEquals(large.headers["grpc-encoding"], "gzip");
    assertEquals(large.trailers["grpc-status"], "0");
    assertEquals(large.body[0], 1);
    assertEquals(large.body.readUInt32BE(1), large.body.length - 5);
    assert(large.body.length < 200);
    // Field 1, 10,000 bytes.
    assertEquals(gunzipSync(large.body.subarray(5)).length, 10_003);

    const small = await raw(address, "/box.Box/Fill", frame(fill(10)), gzip);
    assertEquals([small.headers["grpc-encoding"], small.body[0], small.body.length], ["gzip", 0, 17]);

    const refused = await raw(address, "/box.Box/Fill", frame(fill(10_000)));
    assertEquals(refused.headers["grpc-encoding"], "identity");
    assertEquals([refused.body[0], refused.body.length], [0, 10_008]);
    // What is for the way past grpc-js reaches nobody.
    assertEquals(seen.headers.map((headers) => headers.has("goats-accept-encoding")), [false, false, false]);
  });
});

Deno.test("grpc call: a handler says how its call compresses", async () => {
  const gzip = { "grpc-accept-encoding": "gzip" };
  await withBox({}, async (address) => {
    const plain = await raw(address, "/box.Box/Fill", frame(fill(1000)), gzip);
    assertEquals([plain.headers["grpc-encoding"], plain.body[0]], ["identity", 0]);
    const asked = await raw(address, "/box.Box/Fill", frame(fill(1000)), { ...gzip, "x-answer-by": "gzip" });
    assertEquals([asked.headers["grpc-encoding"], asked.body[0]], ["gzip", 1]);
    const wrong = await raw(address, "/box.Box/Fill", frame(fill(1000)), { ...gzip, "x-answer-by": "rot13" });
    assertEquals(wrong.headers["grpc-status"] ?? wrong.trailers["grpc-status"], "13");
  });
  await withBox({ compression: "gzip" }, async (address) => {
    const not = await raw(address, "/box.Box/Fill", frame(fill(1000)), {
      ...gzip,
      "x-answer-by": "identity",
    });
    assertEquals([not.headers["grpc-encoding"], not.body[0]], ["identity", 0]);
  });
});

Deno.test("grpc call: messages compressed by hand are taken, and their handler is told", async () => {
  await withBox({}, async (address, seen) => {
    const message = Buffer.concat([Buffer.from([0x0a, 0xe8, 0x07]), Buffer.alloc(1000)]);
    const { trailers, body } = await raw(
      address,
      "/box.Box/Weigh",
      frame(gzipSync(message), true),
      { "grpc-encoding": "gzip", "goats-encoding": "spoofed" },
    );
    // Field 1, sint32 1000.
    assertEquals([trailers["grpc-status"], [...body.subarray(5)]], ["0", [0x08, 0xd0, 0x0f]]);
    await raw(address, "/box.Box/Weigh", frame(message), { "goats-encoding": "spoofed" });
    assertEquals(seen.encodings, ["gzip", null]);
  });
});

Deno.test("grpc call: gzip both ways between our ends, by client, by call, by server", async () => {
  await withBox({ compression: "gzip" }, async (address, seen) => {
    {
      await using client = grpcClient(box, address, { compression: "gzip" });
      assertEquals(await client.weigh(new Uint8Array(100_000)), 100_000);
      assertEquals((await client.fill({ size: 50_000 })).length, 50_000);
      const stream = client.pass();
      for (const size of [3, 70_000, 0]) {
        await stream.send(new Uint8Array(size).fill(7));
        assertEquals(await stream.recv(), new Uint8Array(size).fill(7));
      }
      await stream.closeSend();
      assertEquals(await stream.recv(), null);
      assertEquals((await stream.opened).headers.get("grpc-encoding"), "gzip");
      const headers = { "grpc-encoding": "identity" };
      assertEquals(await client.weigh(new Uint8Array(1000), { headers }), 1000);
    }
    {
      await using client = grpcClient(box, address);
      assertEquals(await client.weigh(new Uint8Array(1000)), 1000);
      const headers = { "grpc-encoding": "gzip" };
      assertEquals(await client.weigh(new Uint8Array(1000), { headers }), 1000);
      await assertRejects(
        () => client.weigh(new Uint8Array(1000), { headers: { "grpc-encoding": "br" } }),
        TypeError,
        "Cannot compress by br",
      );
    }
    assertEquals(seen.encodings, ["gzip", "gzip", "gzip", null, null, "gzip"]);
  });
});

/** The frames of a body: whether each is compressed, and how long it is. */
function framesOf(body: Buffer): [compressed: number, length: number][] {
  const frames: [number, number][] = [];
  for (let at = 0; at < body.length; at += 5 + frames.at(-1)![1]) {
    frames.push([body[at]!, body.readUInt32BE(at + 1)]);
  }
  return frames;
}

Deno.test("grpc call: a call that compresses leaves single messages as they are, if it shall", async () => {
  const page = (size: number) => ({ data: new Uint8Array(size) });
  const Page = [Field(1, "data", Bytes), Required("data")] as const;
  const album = Service(
    "album",
    Method("pages", StreamingResult(...Page), GRPC(Response(CodeOK))),
    Method("add", StreamingPayload(...Page), Result(Int), GRPC(Response(CodeOK))),
  );
  await using server = grpcServer([
    implement(album, {
      async *pages() {
        yield page(1000);
        yield uncompressed(page(1000));
        yield page(1000);
      },
      async add({ stream }) {
        let bytes = 0;
        for await (const { data } of stream) bytes += data.length;
        return bytes;
      },
    }),
  ], { compression: "gzip" });
  const { address } = await server.listen("127.0.0.1:0");
  const { body } = await raw(address, "/album.Album/Pages", frame(new Uint8Array(0)), {
    "grpc-accept-encoding": "gzip",
  });
  const [first, second, third] = framesOf(body);
  assertEquals(second, [0, 1003]);
  assertEquals([first![0], first![1] < 100, third], [1, true, first]);

  // The other way a server by hand looks at the frames.
  const got: Buffer[] = [];
  const hand = http2.createServer();
  hand.on("stream", (stream: http2.ServerHttp2Stream) => {
    stream.on("data", (part: Buffer) => got.push(part));
    stream.on("end", () => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(frame(new Uint8Array([8, 2])));
    });
  });
  await new Promise<void>((resolve) => hand.listen(0, "127.0.0.1", resolve));
  const port = (hand.address() as { port: number }).port;
  try {
    for (const target of [address, `127.0.0.1:${port}`]) {
      await using client = grpcClient(album, target, { compression: "gzip" });
      const stream = client.add();
      for (const message of [page(1000), uncompressed(page(1000)), page(1000)]) await stream.send(message);
      assertEquals(await stream.closeAndRecv(), target === address ? 3000 : 1);
    }
  } finally {
    await new Promise((resolve) => hand.close(resolve));
  }
  const sent = framesOf(Buffer.concat(got));
  assertEquals(sent[1], [0, 1003]);
  assertEquals([sent.length, sent[0]![0], sent[0]![1] < 100, sent[2]![0]], [3, 1, true, 1]);
});

Deno.test("grpc call: a compressed message counts by what it unpacks to", async () => {
  await withBox({ compression: "gzip", limits: { messageBytes: 10_000 } }, async (address) => {
    await using client = grpcClient(box, address, { compression: "gzip", limits: { messageBytes: 20_000 } });
    const sent = await assertRejects(() => client.weigh(new Uint8Array(10_001)), ServiceError);
    assertEquals(sent.name, "too_large");
    assertEquals((await client.fill({ size: 19_000 })).length, 19_000);
    const got = await assertRejects(() => client.fill({ size: 20_001 }), ServiceError);
    assertEquals(got.name, "too_large");
    assertEquals(await client.weigh(new Uint8Array(9_000)), 9_000);
  });
});

Deno.test("grpc call: too much metadata is refused at either end, and nothing else", async () => {
  const told: string[] = [];
  const onError: GrpcServerOptions["onError"] = (error, call) => told.push(`${call.method} ${error.name}`);
  await withBox({ onError }, async (address, seen) => {
    await using client = grpcClient(box, address);
    const large = await assertRejects(
      () => client.fill({ size: 1 }, { headers: { "x-large": "a".repeat(17_000) } }),
      ServiceError,
      "received metadata larger than max",
    );
    assertEquals(large.name, "too_large");
    assertEquals([told, seen.headers.length], [["fill too_large"], 0]);
    for (const big of ["headers", "trailers"]) {
      const error = await assertRejects(
        () => client.fill({ size: 1 }, { headers: { "x-big": big } }),
        ServiceError,
      );
      assertEquals([error.name, /received metadata larger than max/.test(error.message)], [
        "too_large",
        true,
      ]);
    }
    await using patient = grpcClient(box, address, { limits: { metadataBytes: 32 * 1024 } });
    assertEquals((await patient.fill({ size: 1 }, { headers: { "x-big": "headers" } })).length, 1);
    assertEquals((await client.fill({ size: 2 })).length, 2);
  });
  await withBox({ limits: { metadataBytes: 64 * 1024 } }, async (address) => {
    await using client = grpcClient(box, address);
    assertEquals((await client.fill({ size: 1 }, { headers: { "x-large": "a".repeat(30_000) } })).length, 1);
  });
});

Deno.test("grpc call: a server caps the deadlines of its callers", async () => {
  await withBox({ maxTimeout: 50 }, async (address, seen) => {
    await using client = grpcClient(box, address);
    const before = Date.now();
    for (const timeout of [undefined, 600_000]) {
      const error = await assertRejects(() => client.wait({}, { timeout }), ServiceError);
      assertEquals(error.name, "timeout");
    }
    const after = Date.now();
    for (const deadline of seen.deadlines) assert(deadline! >= before + 50 && deadline! <= after + 50);
  });
  await withBox({ maxTimeout: 600_000 }, async (address, seen) => {
    await using client = grpcClient(box, address);
    const error = await assertRejects(() => client.wait({}, { timeout: 100 }), ServiceError);
    assertEquals(error.name, "timeout");
    assert(seen.deadlines.every((deadline) => deadline! <= Date.now() + 600_000 - 1000));
  });
});

Deno.test("grpc call: -bin values, repeated too, both ways; a user agent of one's own", async () => {
  await withBox({}, async (address, seen) => {
    await using client = grpcClient(box, address, { userAgent: "kiosk/7" });
    const headers = new Headers([["x-key-bin", "AAE="], ["x-key-bin", "//79"], ["x-word", "a"], [
      "x-word",
      "b",
    ]]);
    await client.weigh(new Uint8Array(1), { headers });
    assertEquals(seen.headers[0]!.get("x-key-bin"), "AAE=, //79");
    assertEquals(seen.headers[0]!.get("x-word"), "a, b");
    assert(seen.agents[0]!.startsWith("kiosk/7 grpc-node-js/"));
  });
});

Deno.test("grpc call: one connection has so many calls open and no more", async () => {
  let most: number | undefined;
  await withBox({ maxConcurrentStreams: 3 }, (address) =>
    new Promise((done) => {
      const session = http2.connect(`http://${address}`);
      session.on("remoteSettings", ({ maxConcurrentStreams }) => {
        most = maxConcurrentStreams;
        session.close(() => done());
      });
    }));
  assertEquals(most, 3);
});

Deno.test("grpc call: calls wait for a server that is not there yet, if they shall", async () => {
  // A port that was free a moment ago.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const address = `127.0.0.1:${port}`;
  const channelOptions = { "grpc.initial_reconnect_backoff_ms": 50, "grpc.max_reconnect_backoff_ms": 50 };
  await using hasty = grpcClient(box, address, { channelOptions });
  assertEquals((await assertRejects(() => hasty.fill({ size: 1 }), ServiceError)).name, "unavailable");
  await using patient = grpcClient(box, address, { waitForReady: true, channelOptions });
  const call = patient.fill({ size: 3 });
  // The same by its service config.
  await using told = grpcClient(box, address, {
    channelOptions,
    serviceConfig: { methodConfig: [{ name: [{ service: "box.Box" }], waitForReady: true }] },
  });
  const other = told.fill({ size: 4 });
  const { service } = boxService();
  await using server = grpcServer([service]);
  await server.listen(address);
  assertEquals([(await call).length, (await other).length], [3, 4]);
});

Deno.test("grpc call: calls are tried again as a service config says", async () => {
  let tries = 0;
  const server = new Server();
  const same = (bytes: Buffer) => bytes;
  server.register(
    "/box.Box/Fill",
    (call: ServerDuplexStream<Buffer, Buffer>) => {
      call.on("data", () => {});
      call.on("end", () => {
        if (++tries < 3) call.emit("error", { code: 14, details: "not yet", metadata: new Metadata() });
        else {
          call.write(Buffer.from([0x0a, 1, 9]));
          call.end();
        }
      });
    },
    same,
    same,
    "bidi",
  );
  const port = await listen(server);
  try {
    const retryPolicy = {
      maxAttempts: 4,
      initialBackoff: "0.01s",
      maxBackoff: "0.01s",
      backoffMultiplier: 1,
      retryableStatusCodes: ["UNAVAILABLE"],
    };
    await using client = grpcClient(box, `127.0.0.1:${port}`, {
      serviceConfig: { methodConfig: [{ name: [{ service: "box.Box", method: "Fill" }], retryPolicy }] },
    });
    assertEquals(await client.fill({ size: 1 }), new Uint8Array([9]));
    assertEquals(tries, 3);
  } finally {
    server.forceShutdown();
  }
});

Deno.test("grpc call: who does not answer pings is given up", async () => {
  // Says hello as HTTP/2 wants it, and nothing ever after.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const settings = new Uint8Array([0, 0, 0, 4, 0, 0, 0, 0, 0]);
  const deaf = (async () => {
    const held: Deno.Conn[] = [];
    for await (const connection of listener) {
      held.push(connection);
      await connection.write(settings);
      const buffer = new Uint8Array(1 << 16);
      void (async () => {
        while (await connection.read(buffer).catch(() => null) !== null);
      })();
    }
    for (const connection of held) connection.close();
  })();
  try {
    await using client = grpcClient(box, `127.0.0.1:${listener.addr.port}`, {
      keepalive: { timeMs: 100, timeoutMs: 100 },
    });
    const error = await assertRejects(() => client.fill({ size: 1 }), ServiceError);
    assertEquals(error.name, "unavailable");
  } finally {
    listener.close();
    await deaf;
  }
});

Deno.test("grpc call: headers come before the first message, trailers after the last", async () => {
  const door = Service(
    "door",
    Method("talk", StreamingPayload(Int), StreamingResult(Int), GRPC(Response(CodeOK))),
  );
  await using server = grpcServer([
    implement(door, {
      async talk({ stream, response }) {
        response.headers.set("x-first", "1");
        response.headers.append("x-bytes-bin", "AQI=");
        for await (const n of stream) await stream.send(n);
        response.trailers.set("x-last", "2");
        response.trailers.append("x-sum-bin", "AwQ=");
      },
    }),
  ]);
  const { address } = await server.listen("127.0.0.1:0");
  await using client = grpcClient(door, address);
  const stream = client.talk();
  // Nobody has sent a message.
  const { headers } = await stream.opened;
  assertEquals([headers.get("x-first"), headers.get("x-bytes-bin")], ["1", "AQI="]);
  await stream.send(7);
  assertEquals(await stream.recv(), 7);
  await stream.closeSend();
  assertEquals(await stream.recv(), null);
  const trailers = await stream.closed;
  assertEquals([trailers.get("x-last"), trailers.get("x-sum-bin")], ["2", "AwQ="]);
});

Deno.test("grpc call: more calls than a connection may have open wait for their turn", async () => {
  await withBox({ maxConcurrentStreams: 3 }, async (address, seen) => {
    await using client = grpcClient(box, address);
    const streams = Array.from({ length: 3 }, () => client.pass());
    for (const stream of streams) {
      await stream.send(new Uint8Array([1]));
      await stream.recv();
    }
    const waiting = client.fill({ size: 2 });
    for (const stream of streams) {
      await stream.send(new Uint8Array([2]));
      await stream.recv();
    }
    // It is not there as long as all three are.
    assertEquals(seen.headers.length, 3);
    await streams[0]!.closeSend();
    assertEquals(await streams[0]!.recv(), null);
    assertEquals((await waiting).length, 2);
    for (const stream of streams) stream.cancel();
  });
});

Deno.test("grpc call: a server pings callers that are silent", async () => {
  await withBox({ keepalive: { timeMs: 50, timeoutMs: 60_000 } }, (address) =>
    new Promise((done) => {
      const session = http2.connect(`http://${address}`);
      session.once("ping", () => session.close(() => done()));
    }));
});

Deno.test("grpc call: a service config has timeouts of methods", async () => {
  await withBox({}, async (address, seen) => {
    await using client = grpcClient(box, address, {
      // grpc-js reads "0.5s" as five nanoseconds.
      serviceConfig: {
        methodConfig: [{ name: [{ service: "box.Box", method: "Wait" }], timeout: "0.500000000s" }],
      },
    });
    assertEquals((await client.fill({ size: 1 })).length, 1);
    const error = await assertRejects(() => client.wait({}), ServiceError);
    assertEquals(error.name, "timeout");
    // It is told to the server.
    assert(seen.deadlines[1]! <= Date.now() + 500);
  });
});
