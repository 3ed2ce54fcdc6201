// What our server sends, frame by frame: a raw HTTP/2 client on a TCP connection.
import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import http2, { type ClientHttp2Stream, type IncomingHttpHeaders } from "node:http2";
import { grpcServer } from "../src/grpc/mod.ts";
import { guardHttp2 } from "../src/grpc/http2_guard.ts";
import { encode } from "./grpc_raw.ts";
import { tripLogService } from "./peers/service.ts";

guardHttp2();

const END_STREAM = http2.constants.NGHTTP2_FLAG_END_STREAM;

/** Length-prefixed message (gRPC over HTTP/2): not compressed, length, bytes. */
function framed(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  return frame;
}

interface Heard {
  readonly response: IncomingHttpHeaders;
  /** Whether HEADERS had END_STREAM: a Trailers-Only response. */
  readonly only: boolean;
  readonly body: Buffer;
  readonly trailers: IncomingHttpHeaders | undefined;
  readonly trailersEnd: boolean;
  readonly rst: number | undefined;
}

async function hear(stream: ClientHttp2Stream): Promise<Heard> {
  const chunks: Buffer[] = [];
  let trailers: IncomingHttpHeaders | undefined;
  let trailersEnd = false;
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("trailers", (headers: IncomingHttpHeaders, flags: number) => {
    trailers = headers;
    trailersEnd = (flags & END_STREAM) !== 0;
  });
  const closed = once(stream, "close");
  const [response, flags] = await once(stream, "response") as [IncomingHttpHeaders, number];
  await closed;
  const body = Buffer.concat(chunks);
  return { response, only: (flags & END_STREAM) !== 0, body, trailers, trailersEnd, rst: stream.rstCode };
}

Deno.test("on the wire: HEADERS, DATA, trailing HEADERS with grpc-status and END_STREAM", async (t) => {
  await using server = grpcServer([tripLogService().service]);
  const { port } = await server.listen("127.0.0.1:0");
  const session = http2.connect(`http://127.0.0.1:${port}`);
  const post = (method: string, body: Uint8Array): Promise<Heard> => {
    const stream = session.request({
      ":method": "POST",
      ":path": `/trip_log.TripLog/${method}`,
      "content-type": "application/grpc+proto",
      te: "trailers",
    });
    stream.end(body);
    return hear(stream);
  };

  await t.step("a unary call", async () => {
    const got = await post("GetTrip", framed(encode("trip_log.GetTripRequest", { id: 7, view: "tiny" })));
    assertEquals([got.response[":status"], got.only], [200, false]);
    assertEquals(`${got.response["content-type"]}`.startsWith("application/grpc"), true);
    assertEquals(got.response["goa-view"], "tiny");
    assertEquals(got.response["grpc-status"], undefined);
    assertEquals(got.body, framed(encode("trip_log.GetTripResponse", { id: 7, name: "Alps" })));
    assertEquals([got.trailers?.["grpc-status"], got.trailers?.["x-told"], got.trailersEnd], [
      "0",
      "bye",
      true,
    ]);
    assertEquals(got.rst, 0);
  });
  await t.step("a stream that is empty", async () => {
    const got = await post("ListIds", framed(new Uint8Array()));
    assertEquals([got.response[":status"], got.only, got.body.length], [200, false, 0]);
    assertEquals([got.trailers?.["grpc-status"], got.trailersEnd], ["0", true]);
  });
  await t.step("an error after messages", async () => {
    const got = await post("ListIds", framed(encode("trip_log.ListIdsRequest", { upto: 50 })));
    const messages = Array.from(
      { length: 50 },
      (_, i) => framed(encode("trip_log.ListIdsResponse", { field: i + 1 })),
    );
    assertEquals(got.body, Buffer.concat(messages));
    assertEquals([got.trailers?.["grpc-status"], got.trailers?.["grpc-message"]], ["13", "internal%20error"]);
    assertEquals(got.trailersEnd, true);
  });
  await t.step("an error before anything else: one HEADERS with END_STREAM", async () => {
    const got = await post("GetTrip", framed(encode("trip_log.GetTripRequest", { id: 503 })));
    assertEquals([got.response[":status"], got.only, got.body.length], [200, true, 0]);
    assertEquals([got.response["grpc-status"], got.response["grpc-message"]], ["14", "come%20again"]);
    assertEquals(got.trailers, undefined);
  });

  const closed = once(session, "close");
  session.close();
  await closed;
});
