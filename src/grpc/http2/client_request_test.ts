import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  brief,
  bytes,
  call,
  data,
  DONE,
  framesPeer,
  joined,
  OK,
  type Peer,
  rstStream,
  type Seen,
  settings,
  watch,
  windowUpdate,
  written,
} from "./frames_peer_for_test.ts";
import { ErrorCode, Flag, Frame, FRAME_BYTES, Setting, WINDOW } from "./protocol.ts";

/** DATA of a stream among frames, as its bytes; none of it may be larger than frames are. */
function dataOf(seen: readonly Seen[], id: number): Uint8Array {
  const parts = seen.filter((one) => one.type === Frame.data && one.id === id).map(({ payload }) => payload);
  for (const part of parts) assert(part.length <= FRAME_BYTES);
  return joined(...parts);
}

/** Bytes that tell where they stand. */
function counted(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => at % 251);
}

/** A server that takes more on its connection than it takes of a stream, if that is wanted. */
async function roomy(...values: (readonly [name: number, value: number])[]): Promise<Peer> {
  const peer = await framesPeer({ settings: values });
  await peer.send(windowUpdate(0, 10_000_000));
  await peer.settle();
  return peer;
}

/** The end of the turn, when all is written. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

Deno.test("requests: headers, message and end leave in one write, and those of other calls with them", async () => {
  await using peer = await framesPeer({ settings: [] });
  const before = peer.writes.length;
  for (const path of ["/s/a", "/s/b"]) {
    const request = peer.session.request(call(path));
    request.write(bytes(5));
    request.end();
  }
  peer.session.ping(() => {});
  assertEquals(peer.writes.length, before);
  const seen = await peer.settle();
  assertEquals(brief(seen), [
    "headers 1",
    "data 1 5",
    "data 1 0 end",
    "headers 3",
    "data 3 5",
    "data 3 0 end",
    "ping 0",
  ]);
  assertEquals(seen.map(({ fields }) => fields[2]).filter((field) => field), [[":path", "/s/a"], [
    ":path",
    "/s/b",
  ]]);
  // The second one answers the PING of settle().
  assertEquals(peer.writes.length, before + 2);
});

Deno.test("requests: headers keep names, values and order, pseudo-headers first", async () => {
  await using peer = await framesPeer({ settings: [] });
  peer.session.request({
    "x-a": "1",
    ":path": "/p",
    "x-list": ["a", "", "c"],
    not: undefined,
    ":method": "GET",
  });
  const [seen] = await peer.settle();
  assertEquals(seen!.flags, Flag.endHeaders);
  assertEquals(seen!.fields, [
    [":method", "GET"],
    [":scheme", "http"],
    [":path", "/p"],
    [":authority", ""],
    ["x-a", "1"],
    ["x-list", "a"],
    ["x-list", ""],
    ["x-list", "c"],
  ]);
});

Deno.test("requests: large headers go on in CONTINUATIONs", async () => {
  await using peer = await framesPeer({ settings: [] });
  for (const length of [FRAME_BYTES - 300, FRAME_BYTES, 2 * FRAME_BYTES, 5 * FRAME_BYTES + 7]) {
    const value = "v".repeat(length);
    const request = peer.session.request(call("/s/m", { "x-large": value }));
    request.end();
    const seen = await peer.settle();
    const id = request.id;
    const blocks = seen.filter(({ type }) => type !== Frame.data);
    assertEquals(blocks.length, Math.ceil((length + 100) / FRAME_BYTES));
    blocks.forEach(({ type, flags, id: of, payload }, at) => {
      assertEquals([type, of], [at === 0 ? Frame.headers : Frame.continuation, id]);
      assertEquals(flags, at === blocks.length - 1 ? Flag.endHeaders : 0);
      assert(payload.length > 0 && payload.length <= FRAME_BYTES);
    });
    assertEquals(new Map(blocks.at(-1)!.fields).get("x-large"), value);
    assertEquals(brief(seen).at(-1), `data ${id} 0 end`);
  }
});

Deno.test("requests: one with headers that cannot be sent leaves no trace", async () => {
  await using peer = await framesPeer({ settings: [] });
  for (const value of ["€", "€".repeat(FRAME_BYTES)]) {
    assertThrows(() => peer.session.request(call("/s/m", { "x-a": value })), TypeError);
  }
  peer.session.request(call("/s/after"));
  const seen = await peer.settle();
  assertEquals(brief(seen), ["headers 1"]);
  assertEquals(seen[0]!.fields[2], [":path", "/s/after"]);
});

Deno.test("requests: END_STREAM stands on the last DATA if the end was known", async () => {
  await using peer = await roomy([Setting.initialWindowSize, 0]);
  const request = peer.session.request(call());
  request.write(bytes(10));
  request.write(bytes(20));
  request.end();
  assertEquals(brief(await peer.settle()), ["headers 1"]);
  await peer.send(windowUpdate(1, 30));
  assertEquals(brief(await peer.settle()), ["data 1 10", "data 1 20 end"]);
});

Deno.test("requests: messages are cut at the size of frames and at both windows", async () => {
  await using peer = await framesPeer({ settings: [] });
  const message = counted(200_000);
  const request = peer.session.request(call());
  request.write(message);
  request.end();
  const seen = await peer.settle();
  assertEquals(dataOf(seen, 1).length, WINDOW);
  // One of both is not enough.
  await peer.send(windowUpdate(1, 30_000));
  assertEquals(await peer.settle(), []);
  await peer.send(windowUpdate(0, 10_000));
  seen.push(...await peer.settle());
  assertEquals(dataOf(seen, 1).length, WINDOW + 10_000);
  await peer.send(windowUpdate(0, 1_000_000));
  seen.push(...await peer.settle());
  assertEquals(dataOf(seen, 1).length, WINDOW + 30_000);
  await peer.send(windowUpdate(1, 1_000_000));
  seen.push(...await peer.settle());
  assertEquals(dataOf(seen, 1), message);
  assertEquals(brief(seen.slice(-1))[0]!.endsWith(" end"), true);
});

Deno.test("requests: a new INITIAL_WINDOW_SIZE counts for streams that are there, and makes windows negative", async () => {
  await using peer = await roomy([Setting.initialWindowSize, 100]);
  const message = counted(400);
  const request = peer.session.request(call());
  request.write(message);
  const seen = await peer.settle();
  assertEquals(dataOf(seen, 1).length, 100);
  const acknowledged = async (value: number) => {
    await peer.send(settings([Setting.initialWindowSize, value]));
    seen.push(...await peer.settle());
  };
  await acknowledged(150);
  assertEquals(dataOf(seen, 1).length, 150);
  await acknowledged(20);
  // The window is -130 now: neither bytes nor what has none may do harm.
  let done = 0;
  request.write(bytes(0), () => done++);
  await peer.send(windowUpdate(1, 130));
  seen.push(...await peer.settle());
  assertEquals(dataOf(seen, 1).length, 150);
  await peer.send(windowUpdate(1, 1));
  seen.push(...await peer.settle());
  assertEquals(dataOf(seen, 1).length, 151);
  const later = peer.session.request(call());
  later.write(bytes(50));
  seen.push(...await peer.settle());
  assertEquals(dataOf(seen, 3).length, 20);
  await acknowledged(10_000);
  assertEquals(dataOf(seen, 1), message);
  assertEquals(dataOf(seen, 3).length, 50);
  assertEquals(done, 1);
});

Deno.test("requests: bytes of no length need no window, be it negative", async () => {
  await using peer = await roomy([Setting.initialWindowSize, 100]);
  const request = peer.session.request(call());
  request.write(bytes(100));
  await peer.settle();
  await peer.send(settings([Setting.initialWindowSize, 10]));
  await peer.settle();
  let done = 0;
  request.write(bytes(0), () => done++);
  request.end();
  assertEquals(brief(await peer.settle()), ["data 1 0", "data 1 0 end"]);
  assertEquals(done, 1);
});

Deno.test("requests: all that wait for the connection's window go on, and what was reset does not", async () => {
  await using peer = await framesPeer({ settings: [[Setting.initialWindowSize, 20_000_000]] });
  await peer.send(windowUpdate(0, 1_000_000));
  await peer.settle();
  const seen: Seen[] = [];
  const requests = [1, 2, 3, 4].map(() => peer.session.request(call()));
  const total = 600_000;
  for (const request of requests) {
    request.write(counted(total));
    request.end();
  }
  const window = 1_000_000 + WINDOW;
  while (
    seen.reduce((sum, { type, payload }) => sum + (type === Frame.data ? payload.length : 0), 0) < window
  ) {
    seen.push(await peer.next());
  }
  assertEquals(await peer.settle(), []);
  assertEquals(peer.session.state.remoteWindowSize, 0);
  requests[2]!.close(ErrorCode.cancel);
  assertEquals(brief(await peer.settle()), ["rstStream 5 8"]);
  await peer.send(windowUpdate(0, 10_000_000));
  const done = () =>
    seen.filter(({ type, flags }) => type === Frame.data && (flags & Flag.endStream) !== 0).map(({ id }) =>
      id
    ).sort();
  while (done().length < 3) seen.push(await peer.next());
  assertEquals(await peer.settle(), []);
  assertEquals(done(), [1, 3, 7]);
  for (const id of [1, 3, 7]) assertEquals(dataOf(seen, id), counted(total));
});

Deno.test("requests: a large message arrives whole while the socket takes parts of it", async () => {
  await using peer = await roomy([Setting.initialWindowSize, 20_000_000]);
  const message = counted(2_000_000);
  const request = peer.session.request(call());
  let done = 0;
  request.write(message, () => done++);
  request.write(bytes(1), () => done++);
  request.end();
  const seen: Seen[] = [];
  while ((seen.at(-1)?.flags ?? 0) !== Flag.endStream) seen.push(await peer.next());
  assertEquals(dataOf(seen, 1).length, message.length + 1);
  assertEquals(dataOf(seen, 1).subarray(0, message.length), message);
  await peer.settle();
  assertEquals(done, 2);
});

Deno.test("requests: a write is done when the socket takes more", async () => {
  await using peer = await framesPeer({ settings: [] });
  const told: string[] = [];
  const request = peer.session.request(call());
  request.write(bytes(5), (error) => told.push(`first ${error}`));
  assertEquals(told, []);
  await turn();
  assertEquals(told, ["first undefined"]);
  await peer.settle();
  peer.stick();
  request.write(bytes(6), (error) => told.push(`second ${error}`));
  await turn();
  request.write(bytes(7), (error) => told.push(`third ${error}`));
  await turn();
  assertEquals(told.length, 1);
  assertEquals(brief(written(peer.writes)).slice(-1), ["data 1 6"]);
  peer.unstick();
  assertEquals(told[1], "second undefined");
  assertEquals(brief(await peer.settle()), ["data 1 6", "data 1 7"]);
  assertEquals(told.slice(2), ["third undefined"]);
});

Deno.test("requests: a write is done only once all of it was let through", async () => {
  await using peer = await roomy([Setting.initialWindowSize, 10]);
  const told: unknown[] = [];
  const request = peer.session.request(call());
  request.write(bytes(11), (error) => told.push(error));
  await peer.settle();
  assertEquals(told, []);
  await peer.send(windowUpdate(1, 1));
  await peer.settle();
  assertEquals(told, [undefined]);
});

Deno.test("requests: writes of a stream that is over fail, also those that waited", async () => {
  await using peer = await roomy([Setting.initialWindowSize, 10]);
  const told: string[] = [];
  const request = peer.session.request(call());
  const watched = watch(request);
  request.write(bytes(5), (error) => told.push(`sent: ${error?.message}`));
  request.write(bytes(11), (error) => told.push(`waits: ${error?.message}`));
  await peer.settle();
  await peer.send(rstStream(1, ErrorCode.refusedStream));
  await watched.closed;
  request.write(bytes(1), (error) => told.push(`late: ${error?.message}`));
  request.write(bytes(1));
  await turn();
  assertEquals(told, ["sent: undefined", "waits: the stream is over", "late: the stream is over"]);
  assertEquals(await peer.settle(), []);

  const ended = peer.session.request(call());
  ended.end();
  ended.end();
  ended.write(bytes(1), (error) => told.push(`ended: ${error?.message}`));
  await turn();
  assertEquals(told.slice(3), ["ended: the stream is over"]);
  assertEquals(brief(await peer.settle()), ["headers 3", "data 3 0 end"]);
});

Deno.test("requests: what a write's `done` resets sends nothing more", async () => {
  await using peer = await roomy([Setting.initialWindowSize, 1_000_000]);
  const request = peer.session.request(call());
  const other = peer.session.request(call());
  await peer.settle();
  peer.stick();
  other.write(bytes(10));
  await turn();
  // Both wait for the socket; the first one's write fills it again.
  request.write(bytes(10), () => {
    request.close(ErrorCode.cancel);
    other.close(ErrorCode.cancel);
  });
  request.write(bytes(100_000));
  request.write(bytes(100_000));
  other.write(bytes(100_000));
  other.end();
  peer.unstick();
  const seen = await peer.settle();
  for (const id of [1, 3]) {
    assertEquals(brief(seen.filter((one) => one.id === id)).at(-1), `rstStream ${id} 8`, `${id}`);
  }
});

Deno.test("requests: beyond MAX_CONCURRENT_STREAMS they wait for others to end, in order", async () => {
  await using peer = await framesPeer({ settings: [[Setting.maxConcurrentStreams, 2]] });
  const requests = ["/a", "/b", "/c", "/d", "/e"].map((path) => peer.session.request(call(path)));
  const told: string[] = [];
  for (const request of requests) {
    request.write(bytes(3), (error) => told.push(error?.message ?? `${request.id}`));
    request.end();
  }
  const seen = await peer.settle();
  assertEquals(brief(seen.filter(({ type }) => type === Frame.headers)), ["headers 1", "headers 3"]);
  assertEquals(told, ["1", "3"]);
  // One ends of itself, one by the server, one by its caller, who gives up one that waits, too.
  await peer.send(peer.headers(3, OK), peer.headers(3, DONE, Flag.endStream));
  assertEquals(brief(await peer.settle()), ["headers 5", "data 5 3 end"]);
  requests[3]!.close(ErrorCode.cancel);
  assertEquals(await peer.settle(), []);
  await peer.send(rstStream(1, ErrorCode.refusedStream));
  const last = await peer.settle();
  assertEquals(brief(last), ["headers 7", "data 7 3 end"]);
  assertEquals(last[0]!.fields[2], [":path", "/e"]);
  assertEquals(told, ["1", "3", "5", "the stream is over", "7"]);
});

Deno.test("requests: a caller's reset lets the next one begin", async () => {
  await using peer = await framesPeer({ settings: [[Setting.maxConcurrentStreams, 1]] });
  const first = peer.session.request(call("/a"));
  peer.session.request(call("/b"));
  await peer.settle();
  first.close(ErrorCode.cancel);
  assertEquals(brief(await peer.settle()), ["rstStream 1 8", "headers 3"]);
});

Deno.test("requests: MAX_CONCURRENT_STREAMS may be none, and may change", async () => {
  await using peer = await framesPeer({ settings: [[Setting.maxConcurrentStreams, 0]] });
  const requests = ["/a", "/b", "/c"].map((path) => peer.session.request(call(path)));
  const cancelled = watch(requests[0]!);
  assertEquals(await peer.settle(), []);
  requests[0]!.close(ErrorCode.cancel);
  assertEquals(await cancelled.closed, [`close ${ErrorCode.cancel}`]);
  await peer.send(settings([Setting.maxConcurrentStreams, 1]));
  const seen = await peer.settle();
  assertEquals(brief(seen.filter(({ type }) => type === Frame.headers)), ["headers 1"]);
  assertEquals(seen.find(({ type }) => type === Frame.headers)!.fields[2], [":path", "/b"]);
  await peer.send(settings([Setting.maxConcurrentStreams, 100]));
  assertEquals(brief((await peer.settle()).slice(-1)), ["headers 3"]);
});

Deno.test("requests: one that waited and cannot be sent fails alone", async () => {
  await using peer = await framesPeer({ settings: [[Setting.maxConcurrentStreams, 1]] });
  const first = peer.session.request(call("/a"));
  const bad = watch(peer.session.request(call("/b", { "x-a": "€" })));
  const good = peer.session.request(call("/c"));
  await peer.settle();
  first.close(ErrorCode.cancel);
  const [error, close] = await bad.closed;
  assert(error!.startsWith('error Cannot send header "x-a"'));
  assertEquals(close, `close ${ErrorCode.internalError}`);
  assertEquals(brief(await peer.settle()), ["rstStream 1 8", "headers 3"]);
  assertEquals(good.destroyed, false);
});

Deno.test("requests: close() resets a stream, once, and not what was over", async () => {
  await using peer = await framesPeer({ settings: [] });
  const request = peer.session.request(call());
  const watched = watch(request);
  await peer.settle();
  request.close(ErrorCode.internalError);
  request.close(ErrorCode.cancel);
  request.end();
  assertEquals(await watched.closed, [`close ${ErrorCode.internalError}`]);
  assertEquals([request.destroyed, request.writableEnded, request.rstCode], [
    true,
    true,
    ErrorCode.internalError,
  ]);
  assertEquals(brief(await peer.settle()), ["rstStream 1 2"]);

  const whole = peer.session.request(call());
  whole.end();
  await peer.settle();
  await peer.send(peer.headers(3, OK, Flag.endStream));
  await peer.settle();
  whole.close(ErrorCode.cancel);
  assertEquals(whole.rstCode, ErrorCode.noError);
  assertEquals(await peer.settle(), []);
});

Deno.test("requests: the answer may be complete before them", async () => {
  await using peer = await framesPeer({ settings: [] });
  const request = peer.session.request(call());
  const watched = watch(request);
  await peer.settle();
  await peer.send(peer.headers(1, OK), data(1, "a"), peer.headers(1, DONE, Flag.endStream));
  await peer.settle();
  const whole = ["response 200 0", "data a", "end", 'trailers {"grpc-status":"0"}'];
  assertEquals(watched.events, whole);
  request.write(bytes(3));
  request.end();
  assertEquals(await watched.closed, [...whole, "close 0"]);
  assertEquals(brief(await peer.settle()), ["data 1 3", "data 1 0 end"]);
});

Deno.test("requests: a table of headers that the server makes smaller is kept to", async () => {
  await using peer = await framesPeer({ settings: [] });
  const paths: string[] = [];
  // What a block tells first of the table's size: none of what it was.
  const updates: [size: number, first: number | undefined][] = [[4096, undefined], [0, 0x20], [100, 0x3f], [
    65536,
    0x3f,
  ]];
  for (const [size, first] of updates) {
    await peer.send(settings([Setting.headerTableSize, size]));
    await peer.settle();
    for (const path of ["/again", "/again", `/of/${size}`]) {
      peer.session.request(call(path));
      paths.push(path);
    }
    const seen = await peer.settle();
    assertEquals(
      seen.filter(({ type }) => type === Frame.headers).map(({ fields }) => fields[2]![1]),
      paths.splice(0),
    );
    const [headers] = seen.filter(({ type }) => type === Frame.headers);
    assertEquals(headers!.payload[0]! >> 5 === 1 ? headers!.payload[0] : undefined, first);
  }
});
