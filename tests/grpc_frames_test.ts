// Messages that are cut or have flags that nobody knows, timeouts and statuses that are none: what grpc-js lets pass.
import { assertEquals, assertInstanceOf } from "@std/assert";
import { Server } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import type { ClientOf } from "../src/core/client_types.ts";
import type { ServiceImplementation } from "../src/core/endpoint.ts";
import { ServiceError } from "../src/errors/service_error.ts";
import { addToServer, grpcClient, grpcServer } from "../src/grpc/mod.ts";
import { until } from "./behaviour/until.ts";
import {
  type Answer,
  answerOf,
  connectByHand,
  frame,
  type FramedCall,
  serveFrames,
} from "./grpc_faults/http2.ts";
import { encode } from "./grpc_raw.ts";
import { tripLog } from "./peers/design.ts";
import { type Seen, tripLogService } from "./peers/service.ts";
import { listen } from "./grpc_listen.ts";

interface Setup {
  call(method: string, body: Uint8Array, headers?: Record<string, string>): Promise<Answer>;
  /** Opens `Talk`, which answers each message, and does not end it. */
  talk(headers?: Record<string, string>): ReturnType<Awaited<ReturnType<typeof connectByHand>>["open"]>;
  readonly seen: Seen;
  readonly errors: string[];
}

/** A server of ours, or one of somebody else's to which services were added. */
interface Up extends AsyncDisposable {
  readonly address: string;
  calls(): number;
}

type OnError = (error: ServiceError) => void;

async function own(service: ServiceImplementation, onError: OnError): Promise<Up> {
  const server = grpcServer([service], { onError });
  const { address } = await server.listen("127.0.0.1:0");
  return { address, calls: () => server.calls, [Symbol.asyncDispose]: () => server.shutdown() };
}

async function another(service: ServiceImplementation, onError: OnError): Promise<Up> {
  const server = new Server();
  const added = addToServer(server, [service], { onError });
  const port = await listen(server);
  return {
    address: `127.0.0.1:${port}`,
    calls: () => added.calls,
    async [Symbol.asyncDispose]() {
      await added.shutdown();
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
    },
  };
}

function served(name: string, run: (setup: Setup) => Promise<void>): void {
  for (const [whose, serve] of [["our server", own], ["somebody's server", another]] as const) {
    Deno.test(`grpc frames: at ${whose}: ${name}`, async () => {
      const { service, seen } = tripLogService();
      const errors: string[] = [];
      await using server = await serve(service, ({ name }) => errors.push(name));
      await using peer = await connectByHand(server.address);
      await run({
        call(method, body, headers) {
          const stream = peer.open(method, headers);
          stream.end(body);
          return answerOf(stream);
        },
        talk: (headers) => peer.open("Talk", headers),
        seen,
        errors,
      });
      await until(() => server.calls() === 0, "every call has ended");
    });
  }
}

const stop = (place: string) => encode("trip_log.UploadStreamingRequest", { place });
const spoken = (text: string) => encode("trip_log.TalkStreamingRequest", { text });

served("a stream that is cut within a message has not ended well", async ({ call, seen, errors }) => {
  const [first, second] = [frame(stop("first")), frame(stop("second"))];
  for (let cut = 1; cut < second.length; cut++) {
    const body = Buffer.concat([first, second.subarray(0, cut)]);
    const { status, message, data } = await call("Upload", body);
    assertEquals(
      [status, message, data.length],
      [3, "trip_log.upload: the request ends within a message", 0],
    );
    assertEquals(seen.places.splice(0), ["first undefined"], "what came whole is the handler's");
    assertEquals(errors.splice(0), ["decode_payload"]);
  }
  const trip = frame(encode("trip_log.GetTripRequest", { id: 7 }));
  for (const body of [trip.subarray(0, 6), Buffer.concat([trip, Buffer.of(0)])]) {
    const { status, message } = await call("GetTrip", body);
    assertEquals([status, message], [3, "trip_log.get_trip: the request ends within a message"]);
  }
});

served("flags that nobody knows, and compression that nobody named", async ({ call, seen }) => {
  const gzip = { "grpc-encoding": "gzip" };
  for (
    const [flags, message, headers, fault] of [
      [2, stop("x"), {}, "a message has unknown flags: 2"],
      [255, stop("x"), {}, "a message has unknown flags: 255"],
      [3, gzipSync(stop("x")), gzip, "a message has unknown flags: 3"],
      [1, stop("x"), {}, "a message is compressed, and grpc-encoding names no compression"],
      [
        1,
        gzipSync(stop("x")),
        { "grpc-encoding": "identity" },
        "a message is compressed, and grpc-encoding names no compression",
      ],
    ] as const
  ) {
    const body = Buffer.concat([frame(stop("first")), frame(message, flags), frame(stop("last"))]);
    const answer = await call("Upload", body, headers);
    assertEquals([answer.status, answer.message], [3, `trip_log.upload: ${fault}`]);
    assertEquals(seen.places.splice(0), ["first undefined"]);
  }
  const both = Buffer.concat([frame(gzipSync(stop("a")), 1), frame(stop("b"))]);
  assertEquals((await call("Upload", both, gzip)).status, 0);
  assertEquals(seen.places, ["a undefined", "b undefined"]);
});

served("a caller that goes on is told at once what it did wrong", async ({ talk }) => {
  const stream = talk({ "grpc-encoding": "gzip" });
  const answer = answerOf(stream);
  stream.write(Buffer.concat([frame(gzipSync(spoken("a")), 1), frame(spoken("b"))]));
  stream.write(frame(spoken("c"), 7));
  const { status, message, data } = await answer;
  assertEquals([status, message], [3, "trip_log.talk: a message has unknown flags: 7"]);
  const answers = [{ text: "A" }, { text: "B", n: 1 }].map((said) =>
    frame(encode("trip_log.TalkResponse", said))
  );
  assertEquals(data, Buffer.concat(answers));
});

served("timeouts that are none are refused before the handler", async ({ call, seen, errors }) => {
  for (const text of ["", "5", "S", "5x", "5s", "-5S", "5 S", "1.5S", "5S5S", "123456789S", "100000000m"]) {
    const { status, message } = await call("Upload", frame(stop("a")), { "grpc-timeout": text });
    assertEquals(
      [status, message],
      [3, `trip_log.upload: grpc-timeout is malformed: ${JSON.stringify(text)}`],
    );
    assertEquals(errors.splice(0), ["invalid_format"]);
  }
  assertEquals(seen.places, []);
});

served("bytes in metadata that are none are refused before the handler", async ({ call, seen }) => {
  for (const text of ["%%%", "A", "AAAAA", "AA=A", "AAE, !", "AAE===", "größe"]) {
    const { status, message } = await call("Upload", frame(stop("a")), { "x-ask-bin": encodeURI(text) });
    assertEquals([status, message], [3, "trip_log.upload: metadata x-ask-bin is not base64"], text);
  }
  assertEquals(seen.places, []);
  for (const text of ["", "AA", "AAE", "AAE=", "AA==", "AAEC", "AAE,AAE=, AAEC", "-_+/", ","]) {
    const { status } = await call("Upload", frame(stop("a")), { "x-ask-bin": text });
    assertEquals(status, 0, text);
  }
});

served("timeouts of all units, and of more ms than timers count", async ({ talk, seen }) => {
  const HOUR = 3_600_000;
  for (
    const [text, ms] of [
      ["99999999H", 99_999_999 * HOUR],
      ["9999999H", 9_999_999 * HOUR],
      ["597H", 597 * HOUR],
      ["596H", 596 * HOUR],
      ["99999999M", 99_999_999 * 60_000],
      ["3600000S", 3_600_000_000],
      ["99999999m", 99_999_999],
      ["99999999u", 99_999],
    ] as const
  ) {
    const stream = talk({ "grpc-timeout": text });
    const answer = answerOf(stream);
    stream.write(frame(spoken("a")));
    await new Promise((resolve) => stream.once("data", resolve));
    stream.end();
    assertEquals((await answer).status, 0, text);
    const [told] = seen.timeouts.splice(0);
    assertEquals(told !== undefined && told <= ms && told > ms - HOUR, true, `${text}: ${told}`);
  }
  for (const text of ["0H", "0S", "1u", "99999999n"]) {
    const answer = answerOf(talk({ "grpc-timeout": text }));
    assertEquals((await answer).status, 4, text);
  }
});

served("what is no gRPC is 415", async ({ call }) => {
  for (const type of ["application/json", "text/html", ""]) {
    const { http, status } = await call("Ping", new Uint8Array(), { "content-type": type });
    assertEquals([http, status], [415, undefined]);
  }
});

/** What became of a call: messages in order, and how it ended. */
interface Outcome {
  readonly got: unknown[];
  readonly end: string;
}

async function outcomeOf(client: ClientOf<typeof tripLog>): Promise<Outcome> {
  const stream = client.list_ids({ upto: 3 });
  const got: unknown[] = [];
  const end = await stream.closed.then(() => "ok", (error) => {
    assertInstanceOf(error, ServiceError);
    return `${error.name}: ${error.message}`;
  });
  try {
    for await (const id of stream) got.push(id);
  } catch (error) {
    assertEquals(`${(error as Error).name}: ${(error as Error).message}`, end);
  }
  return { got, end };
}

const id = (field: number) => frame(encode("trip_log.ListIdsResponse", { field }));
const OK = { "grpc-status": "0" };

/** Lists of what servers do, and what their caller is told of it. */
function answered(
  name: string,
  cases: Record<string, [(call: FramedCall) => void, ...Outcome["got"]]>,
): void {
  Deno.test(`grpc frames: at the client: ${name}`, async () => {
    let deed: (call: FramedCall) => void = () => {};
    await using server = await serveFrames((call) => deed(call));
    await using client = grpcClient(tripLog, server.address, { limits: { messageBytes: 100 } });
    for (const [what, [does, ...expected]] of Object.entries(cases)) {
      deed = does;
      const { got, end } = await outcomeOf(client);
      assertEquals([...got, end], expected, what);
    }
    assertEquals(server.sessions, 1, "none of it is the connection's fault");
  });
}

const gzipped = { "content-type": "application/grpc", "grpc-encoding": "gzip" };
const reading = "fault: trip_log.list_ids: Failed to read the answer:";

answered("messages that are none", {
  ...Object.fromEntries(
    Array.from({ length: 6 }, (_, at) => [`cut at ${at + 1}`, [
      (call: FramedCall) => {
        call.head();
        call.data(id(1));
        call.data(id(2).subarray(0, at + 1));
        call.trailers(OK);
      },
      1,
      `${reading} it ends within a message`,
    ]]),
  ),
  "cut, and an error": [
    (call) => {
      call.head();
      call.data(Buffer.concat([id(1), id(2).subarray(0, 3)]));
      call.trailers({ "grpc-status": "5", "grpc-message": "gone" });
    },
    1,
    "not_found: gone",
  ],
  "unknown flags": [
    (call) => {
      call.head();
      call.data(Buffer.concat([id(1), id(2), Buffer.of(128), id(3)]));
    },
    1,
    2,
    `${reading} a message has unknown flags: 128`,
  ],
  "compressed by nothing": [
    (call) => {
      call.head();
      call.data(id(1));
      call.data(frame(encode("trip_log.ListIdsResponse", { field: 2 }), 1));
      call.data(id(3));
      call.trailers(OK);
    },
    1,
    `${reading} a message is compressed, and grpc-encoding names no compression`,
  ],
  "compressed by something": [
    (call) => {
      call.head({ ...gzipped, "grpc-encoding": "rot13" });
      call.data(id(1));
      call.data(frame(Buffer.of(1, 2, 3), 1));
    },
    1,
    `${reading} a message is compressed by "rot13", which is not known`,
  ],
  "compressed, or not": [
    (call) => {
      call.head(gzipped);
      call.data(id(1));
      call.data(frame(gzipSync(encode("trip_log.ListIdsResponse", { field: 2 })), 1));
      call.trailers(OK);
    },
    1,
    2,
    "ok",
  ],
  "too large, behind others": [
    (call) => {
      call.head();
      call.data(Buffer.concat([id(1), id(2), frame(new Uint8Array(101))]));
      call.trailers(OK);
    },
    1,
    2,
    "too_large: trip_log.list_ids: Received message larger than max (101 vs 100)",
  ],
  "too large to come": [
    (call) => {
      call.head();
      call.data(Buffer.concat([id(1), frame(new Uint8Array(), 0, 0xffffffff).subarray(0, 3)]));
      call.data(frame(new Uint8Array(), 0, 0xffffffff).subarray(3));
    },
    1,
    "too_large: trip_log.list_ids: Received message larger than max (4294967295 vs 100)",
  ],
  "a page": [(call) => {
    call.head({ "content-type": "text/html" });
    call.data(Buffer.from("<html>Welcome"));
  }, "unknown: trip_log.list_ids: Received HTTP status code 200 with content-type text/html"],
  "a page that ends": [(call) => {
    call.head({ "content-type": "text/html" });
    call.data(Buffer.of(0, 0, 0, 0, 0));
    call.trailers({});
  }, "unknown: trip_log.list_ids: Received HTTP status code 200 with content-type text/html"],
});

const status = (pairs: Record<string, string>) => (call: FramedCall) => {
  call.head();
  call.data(id(1));
  call.trailers(pairs);
};
const malformed = "unknown: trip_log.list_ids: Received malformed grpc-status";

answered("statuses that are none, and messages as libraries escape them", {
  ...Object.fromEntries(
    ["", "-0", "0x0", "0.0", "0e5", "+0", "abc"].map((text) => [
      `status ${JSON.stringify(text)}`,
      [status({ "grpc-status": text }), 1, malformed],
    ]),
  ),
  "a status that is none, with a message": [
    status({ "grpc-status": "?", "grpc-message": "why" }),
    1,
    "unknown: why",
  ],
  "zeros before a status": [status({ "grpc-status": "00" }), 1, "ok"],
  "all is escaped": [
    status({ "grpc-status": "5", "grpc-message": encodeURIComponent("a, b: c/d? #1 $&+;=@ 100% größer 😀") }),
    1,
    "not_found: a, b: c/d? #1 $&+;=@ 100% größer 😀",
  ],
  "escapes that are none": [
    status({ "grpc-status": "5", "grpc-message": "100% %zz %4 %C3%A4 %2c%FF%2C %" }),
    1,
    "not_found: 100% %zz %4 ä ,\ufffd, %",
  ],
});

answered("streams that are reset: the method is named", {
  ...Object.fromEntries(
    ([
      [8, "canceled: trip_log.list_ids: Call cancelled"],
      [11, "overloaded: trip_log.list_ids: Bandwidth exhausted or memory limit exceeded"],
      [12, "forbidden: trip_log.list_ids: Protocol not secure enough"],
    ] as const).map(([code, end]) => [`code ${code}`, [(call: FramedCall) => {
      call.head();
      call.reset(code);
    }, end]]),
  ),
});
