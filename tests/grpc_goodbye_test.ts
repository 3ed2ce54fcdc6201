// What a shutdown looks like to peers that nobody here wrote: frames as node:http2 has them, a watcher made by hand on
// grpc-js. tests/grpc_shutdown_test.ts has what it owes to callers of ours, tests/peers what grpcurl sees of it.
import { assert, assertEquals } from "@std/assert";
import { Client, credentials, type ServiceError as GrpcError } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import http2 from "node:http2";
import { implement } from "@x/goats";
import {
  CodeOK,
  GRPC,
  Int,
  Method,
  Response,
  Result,
  Service,
  StreamingPayload,
  StreamingResult,
} from "@x/goats/design";
import { grpcServer, type GrpcServerOptions } from "@x/goats/grpc";
import { authority } from "./certificates.ts";

const dock = Service(
  "dock",
  Method("echo", StreamingPayload(Int), StreamingResult(Int), GRPC(Response(CodeOK))),
  Method("stay", StreamingResult(Int), GRPC(Response(CodeOK))),
  Method("hello", Result(Int), GRPC(Response(CodeOK))),
);

/** A handler of `stay` that leaves only when it is told to, and what its signal said. */
function dockService() {
  const aborted = Promise.withResolvers<unknown>();
  const left = Promise.withResolvers<void>();
  const service = implement(dock, {
    async *echo({ stream }) {
      yield* stream;
    },
    async stay({ stream, signal }) {
      signal.addEventListener("abort", () => aborted.resolve(signal.reason));
      await stream.send(1);
      // It does not heed its signal.
      await left.promise;
    },
    hello: () => 1,
  });
  return { service, aborted: aborted.promise, leave: left.resolve };
}

/** `{ field: n }`: field 1, sint32; zero is not sent. */
const frame = (n: number): Buffer => Buffer.from([0, 0, 0, 0, 2, 8, n * 2]);
const EMPTY = Buffer.from([0, 0, 0, 0, 0]);

/** A connection by hand, and what it hears. */
interface Peer {
  readonly session: http2.ClientHttp2Session;
  readonly goaway: Promise<{ code: number; last: number }>;
  readonly closed: Promise<void>;
  open(method: string): Stream;
}

interface Stream {
  readonly id: number | undefined;
  write(message: Buffer): void;
  end(): void;
  /** Value of the next message. */
  next(): Promise<number>;
  readonly trailers: Promise<http2.IncomingHttpHeaders>;
}

function peer(url: string, ca?: string): Peer {
  const session = http2.connect(url, ca === undefined ? {} : { ca });
  session.on("error", () => {});
  const goaway = Promise.withResolvers<{ code: number; last: number }>();
  const closed = Promise.withResolvers<void>();
  session.on("goaway", (code, last) => goaway.resolve({ code, last }));
  session.on("close", () => closed.resolve());
  return {
    session,
    goaway: goaway.promise,
    closed: closed.promise,
    open(method) {
      const stream = session.request({
        ":method": "POST",
        ":path": `/dock.Dock/${method}`,
        "content-type": "application/grpc",
        te: "trailers",
      });
      const trailers = Promise.withResolvers<http2.IncomingHttpHeaders>();
      stream.on("error", (error) => trailers.reject(error));
      stream.on("trailers", (headers) => trailers.resolve(headers));
      stream.on("response", (headers) => {
        if (headers["grpc-status"] !== undefined) trailers.resolve(headers);
      });
      let got = Buffer.alloc(0);
      const waiting: (() => void)[] = [];
      stream.on("data", (bytes: Buffer) => {
        got = Buffer.concat([got, bytes]);
        for (const wake of waiting.splice(0)) wake();
      });
      return {
        get id() {
          return stream.id;
        },
        write: (message) => void stream.write(message),
        end: () => void stream.end(),
        async next() {
          while (got.length < 7) await new Promise<void>((resolve) => waiting.push(resolve));
          const value = got[6]! / 2;
          got = got.subarray(7);
          return value;
        },
        trailers: trailers.promise,
      };
    },
  };
}

const plain = { name: "plain text", options: {}, url: (port: number) => `http://127.0.0.1:${port}` };
const { ca, sign } = await authority();
const tls = await sign("CN=dock", [{ type: "ip", value: "127.0.0.1" }, { type: "dns", value: "localhost" }]);
const secure = { name: "TLS", options: { tls }, ca, url: (port: number) => `https://localhost:${port}` };
const ways: { name: string; options: GrpcServerOptions; ca?: string; url(port: number): string }[] = [
  plain,
  secure,
];

for (const { name, options, ca, url } of ways) {
  Deno.test(`goodbye, ${name}: GOAWAY, while streams that are open go on and end well`, async () => {
    const { service } = dockService();
    const server = grpcServer([service], options);
    const { port } = await server.listen("127.0.0.1:0");
    const { session, goaway, closed, open } = peer(url(port), ca);
    const echo = open("Echo");
    echo.write(frame(1));
    assertEquals(await echo.next(), 1);

    let down = false;
    const shutdown = server.shutdown(60_000).then(() => down = true);
    const { code, last } = await goaway;
    assertEquals(code, http2.constants.NGHTTP2_NO_ERROR);
    assert(last >= echo.id!, `${last}`);
    assertEquals(server.health.get(dock), "NOT_SERVING");
    echo.write(frame(2));
    assertEquals(await echo.next(), 2);
    assertEquals(down, false);
    echo.end();
    assertEquals((await echo.trailers)["grpc-status"], "0");
    await shutdown;
    await closed;
    assertEquals(session.destroyed, true);
  });

  Deno.test(`goodbye, ${name}: a stream that outlives the grace ends with UNAVAILABLE`, async () => {
    const { service, aborted, leave } = dockService();
    const seen: string[] = [];
    const server = grpcServer([service], { ...options, onError: (error) => void seen.push(error.name) });
    const { port } = await server.listen("127.0.0.1:0");
    const { goaway, closed, open } = peer(url(port), ca);
    const stay = open("Stay");
    stay.write(EMPTY);
    stay.end();
    assertEquals(await stay.next(), 1);
    const shutdown = server.shutdown(50);
    assertEquals((await goaway).code, http2.constants.NGHTTP2_NO_ERROR);
    const { "grpc-status": status, "grpc-message": message } = await stay.trailers;
    assertEquals([status, message], ["14", "the%20server%20is%20shutting%20down"]);
    assertEquals((await aborted as Error).name, "unavailable");
    await shutdown;
    await closed;
    assertEquals([server.calls, seen], [0, ["unavailable"]]);
    leave();
  });
}

Deno.test("goodbye: who watches the health hears NOT_SERVING before anything ends", async () => {
  const { service, leave } = dockService();
  const server = grpcServer([service]);
  const { address } = await server.listen("127.0.0.1:0");
  const client = new Client(address, credentials.createInsecure());
  const same = (bytes: Buffer) => bytes;
  const heard: string[] = [];
  const up = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const watch = client.makeServerStreamRequest(
    "/grpc.health.v1.Health/Watch",
    same,
    same,
    Buffer.concat([Buffer.from([10, 9]), Buffer.from("dock.Dock")]),
  );
  watch.on("data", (message: Buffer) => {
    heard.push(`status ${message[1]}`);
    up.resolve();
  });
  watch.on("error", ({ code }: GrpcError) => {
    heard.push(`watch ended with ${code}`);
  });
  await up.promise;
  const stay = client.makeServerStreamRequest("/dock.Dock/Stay", same, same, Buffer.alloc(0));
  const began = Promise.withResolvers<void>();
  stay.on("data", () => began.resolve());
  stay.on("error", ({ code }: GrpcError) => {
    heard.push(`call ended with ${code}`);
    over.resolve();
  });
  await began.promise;
  const shutdown = server.shutdown(200);
  await over.promise;
  await shutdown;
  // SERVING is 1, NOT_SERVING 2, UNAVAILABLE 14.
  assertEquals(heard, ["status 1", "status 2", "watch ended with 14", "call ended with 14"]);
  leave();
  client.close();
});
