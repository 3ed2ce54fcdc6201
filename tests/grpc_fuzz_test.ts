/**
 * Garbage over gRPC, from both sides: frames that are none, messages that are no protobuf, prefixes that lie, headers,
 * statuses and trailers that are wrong. Whoever gets it is told a declared error, everybody else goes on, and nothing is
 * left. A failure prints its seed; `FUZZ_SEED=… deno test -A tests/grpc_fuzz_test.ts` repeats it, and `FUZZ_RUNS=…` does
 * more.
 *
 * @module
 */
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect } from "node:net";
import fc from "fast-check";
import { ServiceError } from "../src/errors/service_error.ts";
import { grpcClient, grpcServer } from "../src/grpc/mod.ts";
import { until } from "./behaviour/until.ts";
import {
  answerOf,
  connectByHand,
  frame,
  type FramedCall,
  frameOf,
  serveFrames,
} from "./grpc_faults/http2.ts";
import { encode } from "./grpc_raw.ts";
import { tripLog } from "./peers/design.ts";
import { tripLogService } from "./peers/service.ts";

const seed = Number(Deno.env.get("FUZZ_SEED") ?? Math.floor(Math.random() * 2 ** 31));
const numRuns = Number(Deno.env.get("FUZZ_RUNS") ?? 40);

/** grpc-js leaves an unref'd timer behind, of the pause after a connection that was lost. */
const UNREFD = { sanitizeOps: false, sanitizeResources: false };

const METHODS = ["GetTrip", "ListIds", "Upload", "Talk", "Ping", "Guide", "Nothing"] as const;
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((made) => Buffer.from(made));

/** Messages that are right, to be spoilt. */
const RIGHT: readonly Buffer[] = [
  encode("trip_log.GetTripRequest", { id: 7, view: "tiny" }),
  encode("trip_log.ListIdsRequest", { upto: 3 }),
  encode("trip_log.UploadStreamingRequest", { place: "Chur", wait: 3 }),
  encode("trip_log.TalkStreamingRequest", { text: "größer 😀" }),
  encode("trip_log.GuideStreamingRequest", { initial_payload: { trip: 1 } }),
  encode("trip_log.GetTripResponse", { id: 7, name: "Alps", stops: [{ place: "Chur" }], tags: { a: 1 } }),
];

/** Bytes that are nothing, or a message with some changed, cut off or behind it. */
const message = fc.oneof(
  bytes(40),
  fc.tuple(
    fc.constantFrom(...RIGHT),
    fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 3 }),
    fc.nat(60),
    bytes(4),
  ).map(([right, changes, length, more]) => {
    const spoilt = Buffer.from(right);
    for (const [at, byte] of changes) if (at < spoilt.length) spoilt[at] = byte;
    return Buffer.concat([spoilt.subarray(0, length), more]);
  }),
);

/** The same behind a prefix that is right, or says what is not so. */
const framed = fc.oneof(
  { weight: 4, arbitrary: message.map((made) => frame(made)) },
  { weight: 1, arbitrary: fc.tuple(message, fc.nat(255)).map(([made, flag]) => frame(made, flag)) },
  {
    weight: 1,
    arbitrary: fc.tuple(message, fc.nat(2 ** 32 - 1)).map(([made, length]) => frame(made, 0, length)),
  },
  { weight: 1, arbitrary: bytes(12) },
);

/** With a stream that somebody else has all the while, and that goes on. */
async function beside(address: string, run: () => Promise<void>): Promise<void> {
  await using client = grpcClient(tripLog, address);
  const talk = client.talk();
  const say = async (text: string) => {
    await talk.send({ text });
    assertEquals((await talk.recv())?.text, text.toUpperCase());
  };
  await say("before");
  await run();
  await say("after");
  await talk.closeSend();
  assertEquals((await Array.fromAsync(talk)).map(({ text }) => text), ["end"]);
}

async function served(run: (address: string, port: number) => Promise<void>): Promise<void> {
  const faults: unknown[] = [];
  await using server = grpcServer([tripLogService().service], {
    onError({ name, cause }) {
      if (name === "fault" && `${cause}` !== "Error: secret" && !`${cause}`.includes("fifty")) {
        faults.push(cause);
      }
    },
  });
  const { address, port } = await server.listen("127.0.0.1:0");
  await beside(address, async () => {
    await run(address, port);
    await until(() => server.calls === 1, "every handler but the bystander's has ended");
  });
  assertEquals(faults, [], "garbage is its sender's fault");
}

Deno.test(`grpc fuzz: messages that are garbage, at the server: seed ${seed}`, () =>
  served(async (address) => {
    await using peer = await connectByHand(address);
    const property = fc.asyncProperty(
      fc.constantFrom(...METHODS),
      fc.array(framed, { maxLength: 4 }),
      fc.boolean(),
      async (method, messages, joined) => {
        const stream = peer.open(method);
        const answer = answerOf(stream);
        if (joined) stream.end(Buffer.concat(messages));
        else {
          for (const message of messages) stream.write(message);
          stream.end();
        }
        // Far beyond what an answer takes: then there is none.
        const timer = setTimeout(() => stream.destroy(), 10_000);
        const { status, reset } = await answer;
        clearTimeout(timer);
        assert(status !== undefined && status >= 0 && status <= 16, `status ${status}, reset ${reset}`);
        // 13 is for what cannot be taken apart, by grpc-js: a compressed message without compression.
        assert([0, 3, 5, 7, 8, 12, 13, 14].includes(status), `${method}: ${status}`);
      },
    );
    await fc.assert(property, { seed, numRuns: numRuns * 5 });
  }));

/** Frames of HTTP/2 as no library sends them. */
const http2Frame = fc.oneof(
  fc.tuple(fc.nat(255), fc.nat(255), fc.nat(2 ** 31 - 1), bytes(40)).map((made) => frameOf(...made)),
  fc.tuple(fc.nat(10), fc.nat(255), fc.constantFrom(0, 1, 2, 3), bytes(40)).map((made) => frameOf(...made)),
  bytes(40),
);
const PREFACE = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  frameOf(4, 0, 0, Buffer.alloc(0)),
]);

Deno.test(`grpc fuzz: frames that are garbage, at the server: seed ${seed}`, () =>
  served(async (_address, port) => {
    const property = fc.asyncProperty(
      fc.array(http2Frame, { maxLength: 5 }),
      fc.boolean(),
      async (frames, greeted) => {
        const socket = connect(port, "127.0.0.1");
        const closed = new Promise((resolve) => socket.on("close", resolve));
        socket.on("error", () => {});
        socket.resume();
        await once(socket, "connect");
        const all = Buffer.concat(greeted ? [PREFACE, ...frames] : frames);
        await new Promise<void>((resolve) => socket.end(all, () => resolve()));
        const timer = setTimeout(() => socket.destroy(), 20);
        await closed;
        clearTimeout(timer);
      },
    );
    await fc.assert(property, { seed, numRuns });
  }));

/** What a server may do that is none. */
type Deed = (call: FramedCall) => void;
const name = fc.constantFrom(
  "grpc-status",
  "grpc-message",
  "content-type",
  "grpc-encoding",
  "x-any",
  "goa-view",
);
const value = fc.oneof(
  fc.constantFrom("0", "-1", "99", "", "application/grpc", "text/html", "gzip", "rot13", "%", "%zz"),
  fc.string({ maxLength: 12, unit: fc.constantFrom(..."abc 0129%-_/=") }).map((text) => text.trim()),
);
const headers = fc.dictionary(name, value, { maxKeys: 3, noNullPrototype: true });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Deed>((call) => call.head()) },
  { weight: 1, arbitrary: headers.map((pairs): Deed => (call) => call.head(pairs)) },
  { weight: 4, arbitrary: framed.map((made): Deed => (call) => call.data(made)) },
  { weight: 1, arbitrary: headers.map((pairs): Deed => (call) => call.trailers(pairs)) },
  {
    weight: 1,
    arbitrary: fc.nat(16).map((code): Deed => (call) => call.trailers({ "grpc-status": `${code}` })),
  },
  { weight: 1, arbitrary: fc.nat(15).map((code): Deed => (call) => call.reset(code)) },
  { weight: 1, arbitrary: http2Frame.map((made): Deed => (call) => call.write(made)) },
);

Deno.test({
  name: `grpc fuzz: a server that babbles, at the client: seed ${seed}`,
  ...UNREFD,
  async fn() {
    let deeds: readonly Deed[] = [];
    await using server = await serveFrames((call) => {
      for (const deed of deeds) deed(call);
      // The rest is silence, which would be waited for.
      setTimeout(call.cut, 5);
    });
    const { service } = tripLogService();
    await using other = grpcServer([service]);
    const { address } = await other.listen("127.0.0.1:0");
    const property = fc.asyncProperty(fc.array(deed, { maxLength: 5 }), fc.nat(3), async (todo, kind) => {
      deeds = todo;
      await using client = grpcClient(tripLog, server.address);
      const results = await Promise.allSettled(
        kind === 0
          ? [client.get_trip({ id: 1n })]
          : kind === 1
          ? [client.ping()]
          : kind === 2
          ? [all(() => client.list_ids({ upto: 3 }))]
          : [all(() => client.talk())],
      );
      for (const result of results) {
        if (result.status === "rejected") assertInstanceOf(result.reason, ServiceError, `${result.reason}`);
      }
    });
    await beside(address, () => fc.assert(property, { seed, numRuns: numRuns * 3 }));
    await until(() => other.calls === 0, "the bystander has ended");
  },
});

/** Reads a stream to its end, beyond messages that are wrong; tells how it ended. */
async function all(
  open: () => { recv(): Promise<unknown>; readonly closed: Promise<unknown> },
): Promise<void> {
  const stream = open();
  let over: { readonly error?: unknown } | undefined;
  stream.closed.then(() => over = {}, (error) => over = { error });
  for (;;) {
    try {
      if (await stream.recv() === null) break;
    } catch (error) {
      assertInstanceOf(error, ServiceError);
      if (over !== undefined && over.error === error) break;
    }
  }
  await stream.closed;
}
