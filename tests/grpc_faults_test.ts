// What breaks calls from outside: each tells its caller a declared status, and nobody else notices. Garbage is in
// grpc_fuzz_test.ts.
import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { Buffer } from "node:buffer";
import { constants } from "node:http2";
import { fileURLToPath } from "node:url";
import { TextLineStream } from "@std/streams";
import { ServiceError } from "../src/errors/service_error.ts";
import { grpcClient, grpcServer, type GrpcServerOptions } from "../src/grpc/mod.ts";
import { proxy } from "./behaviour/proxy.ts";
import { until } from "./behaviour/until.ts";
import {
  answerOf,
  connectByHand,
  frame,
  type FramedCall,
  HEAD,
  respond,
  serveByHand,
  serveFrames,
} from "./grpc_faults/http2.ts";
import { decode, encode } from "./grpc_raw.ts";
import { tripLog } from "./peers/design.ts";
import { type Seen, tripLogService } from "./peers/service.ts";

/** grpc-js leaves an unref'd timer behind, of the pause after a connection that was lost. */
const UNREFD = { sanitizeOps: false, sanitizeResources: false };

const id = (n: number): Buffer => frame(encode("trip_log.ListIdsResponse", { field: n }));
const text = (text: string): Buffer => frame(encode("trip_log.TalkStreamingRequest", { text }));
const clientOf = (address: string) => grpcClient(tripLog, address);
type TripLogClient = ReturnType<typeof clientOf>;

async function failureOf(waiting: Promise<unknown>): Promise<ServiceError> {
  const error = await waiting.then((value) => value, (error) => error);
  assertInstanceOf(error, ServiceError);
  return error;
}

async function assertUnavailable(waiting: Promise<unknown>): Promise<void> {
  const { name, message } = await failureOf(waiting);
  assertEquals(name, "unavailable", message);
}

interface Setup {
  readonly address: string;
  readonly port: number;
  readonly seen: Seen;
  readonly errors: ServiceError[];
  readonly calls: () => number;
}

/** With a server, and a stream that somebody else has on it all the while. */
async function beside(run: (setup: Setup) => Promise<void>, options: GrpcServerOptions = {}): Promise<void> {
  const { service, seen } = tripLogService();
  const errors: ServiceError[] = [];
  await using server = grpcServer([service], { ...options, onError: (error) => errors.push(error) });
  const { address, port } = await server.listen("127.0.0.1:0");
  await using client = clientOf(address);
  const talk = client.talk();
  const say = async (text: string) => {
    await talk.send({ text });
    assertEquals((await talk.recv())?.text, text.toUpperCase());
  };
  await say("before");
  await run({ address, port, seen, errors, calls: () => server.calls - 1 });
  await say("after");
  await until(() => server.calls === 1, "nothing but the bystander is left");
  await talk.closeSend();
  assertEquals((await Array.fromAsync(talk)).map(({ text }) => text), ["end"]);
}

/** Opens a stream of each kind and waits until it goes: what they end with, in order. */
async function streams(client: TripLogClient): Promise<Promise<unknown>[]> {
  const down = client.list_ids({ upto: 1_000_000 });
  assertEquals(await down.recv(), 1);
  const up = client.upload();
  await up.send({ place: "Chur" });
  const talk = client.talk();
  await talk.send({ text: "a" });
  assertEquals((await talk.recv())?.text, "A");
  const drain = async () => {
    for (let last = 1;;) {
      const id = await down.recv();
      if (id === null) return null;
      assertEquals(id, ++last, "none is missing before the end");
    }
  };
  const ends = [drain(), up.closed, talk.recv()];
  for (const end of ends) end.catch(() => {});
  return ends;
}

Deno.test("faults: RST_STREAM from a caller ends that call alone, of those on its connection", () =>
  beside(async ({ address, seen, calls }) => {
    await using peer = await connectByHand(address);
    const other = peer.open("Talk");
    const answer = answerOf(other);
    other.write(text("other"));
    const codes = [
      constants.NGHTTP2_CANCEL,
      constants.NGHTTP2_INTERNAL_ERROR,
      constants.NGHTTP2_PROTOCOL_ERROR,
      constants.NGHTTP2_NO_ERROR,
    ];
    for (const code of codes) {
      const stream = peer.open("Talk");
      stream.write(text("a"));
      await new Promise((resolve) => stream.once("data", resolve));
      stream.close(code);
    }
    await until(() => calls() === 1, "they have ended");
    assertEquals(seen.aborted, codes.map(() => "canceled"));
    other.end();
    const { status, data } = await answer;
    assertEquals(status, 0);
    assertMatch(`${data}`, /OTHER.*end/s);
  }));

/** What a server's RST_STREAM means (grpc/doc/PROTOCOL-HTTP2.md). */
const RESETS: readonly (readonly [code: number, name: string])[] = [
  [constants.NGHTTP2_NO_ERROR, "fault"],
  [constants.NGHTTP2_PROTOCOL_ERROR, "fault"],
  [constants.NGHTTP2_INTERNAL_ERROR, "fault"],
  [constants.NGHTTP2_FLOW_CONTROL_ERROR, "fault"],
  [constants.NGHTTP2_CANCEL, "canceled"],
  [constants.NGHTTP2_REFUSED_STREAM, "unavailable"],
  [constants.NGHTTP2_ENHANCE_YOUR_CALM, "overloaded"],
  [constants.NGHTTP2_INADEQUATE_SECURITY, "forbidden"],
];

Deno.test("faults: a stream that is refused before it began is tried again, once", async () => {
  let tried = 0;
  let refused = 1;
  await using server = await serveFrames((call) => {
    tried++;
    if (refused-- > 0) return call.reset(constants.NGHTTP2_REFUSED_STREAM);
    call.head();
    call.data(id(1));
    call.trailers({ "grpc-status": "0" });
  });
  await using client = clientOf(server.address);
  assertEquals(await Array.fromAsync(client.list_ids({ upto: 1 })), [1]);
  assertEquals(tried, 2);
  refused = 10;
  assertEquals((await failureOf(client.list_ids({ upto: 1 }).recv())).name, "unavailable");
});

Deno.test("faults: GOAWAY from a caller: its calls end well, the server goes on", () =>
  beside(async ({ address, calls }) => {
    await using peer = await connectByHand(address);
    const stream = peer.open("Talk");
    const answer = answerOf(stream);
    stream.write(text("a"));
    await new Promise((resolve) => stream.once("data", resolve));
    peer.session.goaway();
    stream.end(text("b"));
    const { status, data } = await answer;
    assertEquals(status, 0);
    assertMatch(`${data}`, /A.*B.*end/s);
    await until(() => calls() === 0, "it has ended");
  }));

Deno.test("faults: a message too large for the server: RESOURCE_EXHAUSTED, after what came before it", () =>
  beside(async ({ address, seen, calls }) => {
    await using peer = await connectByHand(address);
    // Nobody waits for the 4 GiB to come.
    for (const large of [frame(new Uint8Array(2001)), frame(new Uint8Array(1), 0, 0xffffffff)]) {
      const stream = peer.open("Talk");
      const answer = answerOf(stream);
      stream.write(text("a"));
      await new Promise((resolve) => stream.once("data", resolve));
      stream.write(large);
      const { status, message, data } = await answer;
      assertEquals(status, 8);
      assertMatch(message!, /larger than max/);
      assertEquals(decode("trip_log.TalkResponse", data.subarray(5)).text, "A");
    }
    await until(() => calls() === 0, "the handlers have ended");
    assertEquals(seen.aborted, ["canceled", "canceled"]);
  }, { limits: { messageBytes: 2000 } }));

Deno.test("faults: a message too large for the server, while it answers those before it", () =>
  beside(async ({ address, calls }) => {
    await using peer = await connectByHand(address);
    for (let run = 0; run < 20; run++) {
      const stream = peer.open("Talk");
      const answer = answerOf(stream);
      // In pieces, so that an answer is on its way when the length arrives.
      for (const piece of [text(""), Buffer.of(0), Buffer.of(0, 0, 0, 0, 0, 1, 0, 0, 0)]) stream.write(piece);
      stream.end();
      // Far beyond what an answer takes: then there is none.
      const timer = setTimeout(() => stream.destroy(), 10_000);
      assertEquals((await answer).status, 8);
      clearTimeout(timer);
    }
    await until(() => calls() === 0, "the handlers have ended");
  }));

Deno.test("faults: a message too large for the client: `too_large`, after what came before it", async () => {
  const large: (() => void)[] = [];
  let sent = frame(new Uint8Array());
  await using server = await serveByHand((stream) => {
    stream.respond(HEAD, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.write(Buffer.concat([id(1), id(2)]));
    large.push(() => stream.end(sent));
  });
  await using client = grpcClient(tripLog, server.address, { limits: { messageBytes: 2000 } });
  for (sent of [frame(new Uint8Array(2001)), frame(new Uint8Array(1), 0, 0xffffffff)]) {
    const stream = client.list_ids({ upto: 9 });
    assertEquals([await stream.recv(), await stream.recv()], [1, 2]);
    large.pop()!();
    const error = await failureOf(stream.recv());
    assertEquals(error.name, "too_large");
    assertMatch(error.message, /larger than max/);
  }
  assert(server.sessions === 1);
});

// These come last: what UNREFD is for goes on for a while, whoever is tested then.

Deno.test(
  "faults: a connection that is cut in mid-stream: `unavailable`, and the signals abort",
  UNREFD,
  () =>
    beside(async ({ port, seen, calls }) => {
      await using link = await proxy(port);
      await using client = clientOf(`127.0.0.1:${link.port}`);
      const ends = await streams(client);
      await until(() => seen.places.length === 1 && calls() === 3, "all of them run");
      link.cut();
      for (const end of ends) await assertUnavailable(end);
      await until(() => calls() === 0, "every handler has ended");
      assertEquals(seen.aborted, ["canceled", "canceled"]);
      assertEquals((await client.get_trip({ id: 1n })).name, "Alps", "the client connects anew");
    }),
);

Deno.test(
  "faults: a connection that is reset after so many bytes, anywhere",
  UNREFD,
  () =>
    beside(async ({ port, calls }) => {
      // Within the preface, the headers, a message, the trailers.
      for (const bytes of [0, 10, 40, 90, 120, 200, 1000, 50_000]) {
        for (const direction of ["up", "down"] as const) {
          await using link = await proxy(port, (n) => ({
            faults: n > 0 ? [] : [{ kind: "reset", at: { direction, bytes } }],
          }));
          await using client = clientOf(`127.0.0.1:${link.port}`);
          const got: number[] = [];
          let end: unknown = "ok";
          const stream = client.list_ids({ upto: 3000 });
          try {
            for await (const id of stream) got.push(id);
          } catch (error) {
            end = error;
          }
          if (end !== "ok") {
            assertInstanceOf(end, ServiceError);
            assertEquals(end.name, "unavailable", `${direction} ${bytes}: ${end.message}`);
          } else assertEquals(got.length, 3000);
          assertEquals(got, Array.from(got, (_, at) => at + 1), "in order, without a gap");
          assertEquals(await stream.closed.then(() => "ok", (error) => error), end);
        }
      }
      await until(() => calls() === 0, "nothing is left");
    }),
);

Deno.test("faults: a server that is killed: what it had sent, then `unavailable`", UNREFD, async () => {
  const path = fileURLToPath(import.meta.resolve("./grpc_faults/server.ts"));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", path],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
    .getReader();
  await using client = clientOf(`127.0.0.1:${(await lines.read()).value}`);
  try {
    const ends = await streams(client);
    child.kill("SIGKILL");
    for (const end of ends) await assertUnavailable(end);
    assertEquals((await failureOf(client.get_trip({ id: 1n }))).name, "unavailable");
  } finally {
    await lines.cancel();
    assertEquals((await child.status).signal, "SIGKILL");
  }
});

Deno.test(
  "faults: RST_STREAM from a server: every code has its error, after the messages",
  UNREFD,
  async () => {
    const calls: FramedCall[] = [];
    await using server = await serveFrames((call) => {
      calls.push(call);
      call.head();
      call.data(Buffer.concat([id(1), id(2)]));
    });
    await using client = clientOf(server.address);
    const names: string[] = [];
    for (const [code] of RESETS) {
      const stream = client.list_ids({ upto: 9 });
      assertEquals([await stream.recv(), await stream.recv()], [1, 2]);
      calls.pop()!.reset(code);
      names.push((await failureOf(stream.recv())).name);
      assertEquals((await failureOf(stream.closed)).name, names.at(-1));
    }
    assertEquals(names, RESETS.map(([, name]) => name));
    assertEquals(server.sessions, 1, "the connection goes on");
  },
);

Deno.test("faults: GOAWAY from a server: open calls end well, new ones go elsewhere", UNREFD, async () => {
  const finish: (() => void)[] = [];
  await using server = await serveByHand((stream, path) => {
    if (path.endsWith("Ping")) return respond(stream, [frame(new Uint8Array())]);
    stream.respond(HEAD, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.write(id(1));
    stream.session!.goaway(constants.NGHTTP2_NO_ERROR);
    finish.push(() => stream.end(id(2)));
  });
  await using client = clientOf(server.address);
  const stream = client.list_ids({ upto: 2 });
  assertEquals(await stream.recv(), 1);
  await client.ping();
  await until(() => server.sessions === 2, "there is a second connection");
  finish[0]!();
  assertEquals([await stream.recv(), await stream.recv()], [2, null]);
  await stream.closed;
});

Deno.test("faults: GOAWAY from a server that cuts its calls tells why", UNREFD, async () => {
  // A code other than "no error" is that of the streams, too.
  for (const [code, name] of [[constants.NGHTTP2_NO_ERROR, "unavailable"], RESETS[6]!] as const) {
    const calls: FramedCall[] = [];
    await using server = await serveFrames((call) => {
      call.head();
      call.data(id(1));
      if (server.sessions === 1) return void calls.push(call);
      call.trailers({ "grpc-status": "0" });
    });
    await using client = clientOf(server.address);
    const stream = client.list_ids({ upto: 2 });
    assertEquals(await stream.recv(), 1);
    const [call] = calls;
    call!.goaway(call!.id, code);
    call!.cut();
    assertEquals((await failureOf(stream.recv())).name, name);
    assertEquals(await Array.fromAsync(client.list_ids({ upto: 1 })), [1], "the client connects anew");
  }
});
