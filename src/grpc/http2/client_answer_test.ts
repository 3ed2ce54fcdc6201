import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import {
  brief,
  bytes,
  call,
  data,
  DONE,
  frame,
  framesPeer,
  joined,
  OK,
  type Peer,
  rstStream,
  u32,
  watch,
} from "./frames_peer_for_test.ts";
import type { Received } from "./client_stream.ts";
import type { Field } from "./hpack_static.ts";
import { ErrorCode, Flag, Frame, WINDOW } from "./protocol.ts";

const END = Flag.endStream;
const TRAILERS = 'trailers {"grpc-status":"0"}';

/** A request that was sent whole, and what comes of it. */
async function asked(peer: Peer) {
  const request = peer.session.request(call());
  const watched = watch(request);
  request.end();
  await peer.settle();
  return { request, id: request.id, ...watched };
}

/** A payload with so much padding behind it. */
function padded(payload: Uint8Array, padding: number): Uint8Array {
  return joined(Uint8Array.of(padding), payload, bytes(padding, 0));
}

Deno.test("answers: response, data, end, trailers, close", async () => {
  await using peer = await framesPeer({ settings: [] });
  const { request, id, closed } = await asked(peer);
  await peer.send(
    peer.headers(id, OK),
    data(id, "a"),
    data(id, "b"),
    data(id, ""),
    peer.headers(id, DONE, END),
  );
  assertEquals(await closed, ["response 200 0", "data ab", "end", TRAILERS, "close 0"]);
  assertEquals([request.destroyed, request.rstCode], [true, 0]);
  assertEquals(await peer.settle(), []);
});

Deno.test("answers: are the same wherever what brings them is cut", async () => {
  await using peer = await framesPeer({ settings: [] });
  let length = Infinity;
  for (let cut = 0; cut < length; cut++) {
    const { id, closed } = await asked(peer);
    const answer = joined(
      peer.headers(id, [...OK, ["x-cut", `${cut}`]]),
      data(id, "one"),
      frame(Frame.data, Flag.padded, id, padded(bytes(2, 50), 3)),
      peer.headers(id, DONE, END),
    );
    length = answer.length;
    // As if read: what is sent in two parts may arrive as one.
    peer.session.socket.emit("data", Buffer.from(answer.subarray(0, cut)));
    await new Promise((resolve) => setImmediate(resolve));
    peer.session.socket.emit("data", Buffer.from(answer.subarray(cut)));
    assertEquals(await closed, ["response 200 0", "data one22", "end", TRAILERS, "close 0"], `cut at ${cut}`);
  }
  assert(length < 200);
});

Deno.test("answers: END_STREAM on DATA, with or without bytes, and on HEADERS", async () => {
  await using peer = await framesPeer({ settings: [] });
  const first = await asked(peer);
  await peer.send(peer.headers(first.id, OK), data(first.id, "a", END));
  assertEquals(await first.closed, ["response 200 0", "data a", "end", "close 0"]);
  const second = await asked(peer);
  await peer.send(peer.headers(second.id, OK), data(second.id, "", END));
  assertEquals(await second.closed, ["response 200 0", "end", "close 0"]);
  const third = await asked(peer);
  await peer.send(peer.headers(third.id, [...OK, ...DONE], END));
  assertEquals(await third.closed, ["response 200 1", "end", "close 0"]);
  assertEquals(await peer.settle(), []);
});

Deno.test("answers: headers of one name are a list; none gets at what objects inherit", async () => {
  const answered: Record<string, unknown>[] = [];
  await using peer = await framesPeer({
    settings: [],
    answer: (headers) => {
      answered.push({ ...headers });
      headers["x-added"] = "by the hook";
    },
  });
  const { request, id, closed } = await asked(peer);
  let headers: Received = {};
  request.on("response", (received) => headers = received);
  const fields: Field[] = [[":status", "200"], ["x-a", "1"], ["x-a", "2"], ["x-a", ""], ["__proto__", "p"], [
    "constructor",
    "c",
  ]];
  await peer.send(peer.headers(id, fields, END));
  await closed;
  assertEquals(Object.entries(headers), [
    [":status", 200],
    ["x-a", ["1", "2", ""]],
    ["__proto__", "p"],
    ["constructor", "c"],
    ["x-added", "by the hook"],
  ]);
  assertEquals(answered.length, 1);
  assertEquals(answered[0]![":status"], 200);
});

Deno.test("answers: very many headers of one name take no longer than others", async () => {
  await using peer = await framesPeer({ settings: [] });
  const { request, id, closed } = await asked(peer);
  let copies = 0;
  request.on("response", (received) => copies = (received["a"] as string[]).length);
  const iterated = Array.prototype[Symbol.iterator];
  let iterations = 0;
  const block = peer.block([[":status", "200"], ...Array<Field>(30_000).fill(["a", ""])]);
  const frames = [];
  for (let at = 0; at < block.length; at += 16384) {
    const last = at + 16384 >= block.length;
    const type = at === 0 ? Frame.headers : Frame.continuation;
    const flags = (last ? Flag.endHeaders : 0) | (at === 0 ? END : 0);
    frames.push(frame(type, flags, id, block.subarray(at, at + 16384)));
  }
  Array.prototype[Symbol.iterator] = function () {
    iterations++;
    return iterated.call(this);
  };
  try {
    await peer.send(...frames);
    await closed;
  } finally {
    Array.prototype[Symbol.iterator] = iterated;
  }
  assertEquals(copies, 30_000);
  assert(iterations < 1000, `${iterations} lists were copied`);
});

Deno.test("answers: padding and priorities are dropped", async () => {
  await using peer = await framesPeer({ settings: [] });
  const { id, closed } = await asked(peer);
  const priority = u32(0x80000000);
  const headers = joined(priority, bytes(1, 200), peer.block(OK));
  await peer.send(
    frame(Frame.priority, 0, id, joined(priority, bytes(1))),
    frame(
      Frame.headers,
      Flag.endHeaders | Flag.padded | Flag.priority,
      id,
      padded(headers, 255),
    ),
    frame(Frame.data, Flag.padded, id, padded(bytes(1, 97), 0)),
    frame(Frame.data, Flag.padded, id, padded(bytes(0), 10)),
    frame(Frame.data, Flag.padded, id, padded(bytes(1, 98), 200)),
    frame(Frame.headers, Flag.endHeaders | Flag.padded | END, id, padded(peer.block(DONE), 1)),
  );
  assertEquals(await closed, ["response 200 0", "data ab", "end", TRAILERS, "close 0"]);
});

Deno.test("answers: those to come are passed over", async () => {
  await using peer = await framesPeer({ settings: [] });
  const { id, closed } = await asked(peer);
  await peer.send(
    peer.headers(id, [[":status", "100"]]),
    peer.headers(id, [[":status", "103"], ["link", "<a>"]]),
    peer.headers(id, [[":status", "404"]], END),
  );
  assertEquals(await closed, ["response 404 1", "end", "close 0"]);
});

Deno.test("answers: headers in CONTINUATIONs, also empty ones", async () => {
  await using peer = await framesPeer({ settings: [] });
  const { id, closed } = await asked(peer);
  const first = peer.block(OK);
  const last = peer.block(DONE);
  await peer.send(
    frame(Frame.headers, 0, id, first.subarray(0, 3)),
    frame(Frame.continuation, 0, id),
    frame(Frame.continuation, Flag.endHeaders, id, first.subarray(3)),
    frame(Frame.headers, END, id),
    frame(Frame.continuation, Flag.endHeaders, id, last),
  );
  assertEquals(await closed, ["response 200 0", "end", TRAILERS, "close 0"]);
});

Deno.test("answers: trailers wait behind data that waits, and who asked is told once", async () => {
  let arrived = 0;
  await using peer = await framesPeer({ settings: [], arrived: () => arrived++ });
  const { request, id, events, closed } = await asked(peer);
  request.pause();
  await peer.send(peer.headers(id, OK), data(id, "a"), data(id, "b"));
  await peer.settle();
  assertEquals([events, arrived], [["response 200 0"], 0]);
  await peer.send(peer.headers(id, DONE, END));
  await peer.settle();
  assertEquals([events, arrived], [["response 200 0"], 1]);
  assertEquals(request.destroyed, true);
  request.close(ErrorCode.cancel);
  // One message at a time, as grpc-js does.
  let taken = 0;
  request.on("data", (chunk) => {
    taken++;
    events.push(`chunk ${chunk}`);
    request.pause();
  });
  request.resume();
  assertEquals([events.slice(1), taken], [["chunk a"], 1]);
  request.resume();
  assertEquals(events.slice(2), ["chunk b"]);
  request.resume();
  assertEquals(await closed, ["response 200 0", "chunk a", "chunk b", "end", TRAILERS, "close 0"]);
  request.resume();
  assertEquals([events.length, arrived], [6, 1]);
});

Deno.test("answers: nothing arrives where nothing waits, or no trailers came", async () => {
  let arrived = 0;
  await using peer = await framesPeer({ settings: [], arrived: () => arrived++ });
  const flowing = await asked(peer);
  await peer.send(peer.headers(flowing.id, OK), data(flowing.id, "a"), peer.headers(flowing.id, DONE, END));
  await flowing.closed;
  const reset = await asked(peer);
  reset.request.pause();
  await peer.send(peer.headers(reset.id, OK), data(reset.id, "a"), rstStream(reset.id, 2));
  assertEquals(await reset.closed, ["response 200 0", "close 2"]);
  const bare = await asked(peer);
  bare.request.pause();
  await peer.send(peer.headers(bare.id, OK), data(bare.id, "a", END));
  await peer.settle();
  bare.request.resume();
  assertEquals(await bare.closed, ["response 200 0", "data a", "end", "close 0"]);
  assertEquals(arrived, 0);
});

Deno.test("answers: a complete one outlives RST_STREAM, its connection, and a breach", async () => {
  const ends: ((peer: Peer, id: number) => Promise<unknown>)[] = [
    async (peer, id) => {
      await peer.send(rstStream(id, ErrorCode.noError));
      await peer.settle();
    },
    async (peer, id) => {
      await peer.send(rstStream(id, ErrorCode.internalError));
      await peer.settle();
    },
    async (peer, id) => {
      await peer.send(data(id, "late"));
      assertEquals(brief(await peer.settle()), [`rstStream ${id} ${ErrorCode.streamClosed}`]);
    },
    async (peer, id) => {
      await peer.send(peer.headers(id, DONE, END));
      assertEquals(brief(await peer.settle()), [`rstStream ${id} ${ErrorCode.streamClosed}`]);
    },
    (peer) => {
      peer.cut();
      return peer.gone;
    },
  ];
  for (const end of ends) {
    await using peer = await framesPeer({ settings: [] });
    const request = peer.session.request(call());
    const { events, closed } = watch(request);
    await peer.settle();
    request.pause();
    await peer.send(peer.headers(1, OK), data(1, "whole"), peer.headers(1, DONE, END));
    await peer.settle();
    assertEquals(request.destroyed, false);
    await end(peer, 1);
    assertEquals([events, request.destroyed], [["response 200 0"], true]);
    request.resume();
    assertEquals(await closed, ["response 200 0", "data whole", "end", TRAILERS, "close 0"]);
  }
});

Deno.test("answers: RST_STREAM before the end drops what waits", async () => {
  await using peer = await framesPeer({ settings: [] });
  const { request, id, events, closed } = await asked(peer);
  await peer.send(peer.headers(id, OK), data(id, "a"));
  await peer.settle();
  request.pause();
  await peer.send(data(id, "b"), rstStream(id, ErrorCode.enhanceYourCalm));
  assertEquals(await closed, ["response 200 0", "data a", `close ${ErrorCode.enhanceYourCalm}`]);
  request.resume();
  assertEquals(await peer.settle(), []);
  assertEquals(events.length, 3);
});

Deno.test("answers: a listener may reset, pause and read on", async () => {
  await using peer = await framesPeer({ settings: [] });
  const whole = (id: number) =>
    peer.send(peer.headers(id, OK), data(id, "a"), data(id, "b"), peer.headers(id, DONE, END));
  const first = await asked(peer);
  first.request.on("response", () => first.request.close(ErrorCode.cancel));
  await whole(first.id);
  assertEquals(await first.closed, ["close 8"]);
  assertEquals(brief(await peer.settle()), [`rstStream ${first.id} 8`]);

  const second = await asked(peer);
  second.request.on("data", (chunk) => {
    second.events.push(`${chunk}`);
    second.request.close(ErrorCode.cancel);
    second.request.resume();
  });
  await whole(second.id);
  assertEquals(await second.closed, ["response 200 0", "a", "close 8"]);
  assertEquals(brief(await peer.settle()), [`rstStream ${second.id} 8`]);

  const third = await asked(peer);
  third.request.on("data", (chunk) => {
    third.events.push(`begin ${chunk}`);
    third.request.pause();
    third.request.resume();
    third.events.push(`end ${chunk}`);
  });
  third.request.pause();
  await whole(third.id);
  await peer.settle();
  third.request.resume();
  assertEquals((await third.closed).slice(1, 5), ["begin a", "end a", "begin b", "end b"]);
});

Deno.test("answers: a stream's window is given back as it is read, the connection's as it comes", async () => {
  await using peer = await framesPeer({ settings: [], window: 60_000 });
  const { request, id } = await asked(peer);
  const flowing = await asked(peer);
  request.pause();
  await peer.send(peer.headers(id, OK), ...Array(6).fill(data(id, 10_000)));
  assertEquals(await peer.settle(), []);
  request.resume();
  // All were read: told at the half, and again.
  assertEquals(brief(await peer.settle()), [`windowUpdate ${id} 30000`, `windowUpdate ${id} 30000`]);

  await peer.send(peer.headers(flowing.id, OK), data(flowing.id, 10_000), data(flowing.id, 10_000));
  assertEquals(await peer.settle(), []);
  await peer.send(data(flowing.id, 10_000));
  assertEquals(brief(await peer.settle()), [`windowUpdate ${flowing.id} 30000`]);

  // 90,000 came so far. What comes for streams that are over counts, too.
  flowing.request.close(ErrorCode.cancel);
  const half = 512 * 1024;
  let left = half - 90_000;
  const late: Uint8Array[] = [];
  for (; left > 16_000; left -= 16_000) late.push(data(flowing.id, 16_000));
  late.push(data(flowing.id, left - 1));
  await peer.send(...late);
  assertEquals(brief(await peer.settle()), [`rstStream ${flowing.id} 8`]);
  await peer.send(data(flowing.id, 1));
  assertEquals(brief(await peer.settle()), [`windowUpdate 0 ${half}`]);
});

Deno.test("answers: padding counts as read, and none is given back once all is here", async () => {
  await using peer = await framesPeer({ settings: [], window: 1000 });
  const { request, id, closed } = await asked(peer);
  request.pause();
  await peer.send(
    peer.headers(id, OK),
    ...Array(3).fill(frame(Frame.data, Flag.padded, id, padded(bytes(2), 199))),
  );
  // 200 of each are the padding and its length.
  assertEquals(brief(await peer.settle()), [`windowUpdate ${id} 600`]);
  await peer.send(data(id, 900), data(id, 94, END));
  assertEquals(await peer.settle(), []);
  request.resume();
  await closed;
  assertEquals(await peer.settle(), []);
});

Deno.test("answers: DATA beyond a stream's window ends it, not others", async () => {
  await using peer = await framesPeer({ settings: [] });
  const { request, id, closed } = await asked(peer);
  const other = await asked(peer);
  request.pause();
  const frames = Array.from({ length: 4 }, (_, at) => data(id, at === 3 ? WINDOW - 3 * 16384 : 16384));
  await peer.send(peer.headers(id, OK), ...frames);
  assertEquals(await peer.settle(), []);
  await peer.send(data(id, 1));
  assertEquals(await closed, ["response 200 0", `close ${ErrorCode.flowControlError}`]);
  assertEquals(brief(await peer.settle()), [`rstStream ${id} ${ErrorCode.flowControlError}`]);
  await peer.send(peer.headers(other.id, OK), data(other.id, "b", END));
  assertEquals(await other.closed, ["response 200 0", "data b", "end", "close 0"]);
});

Deno.test("answers: what comes late for a stream that is over is dropped, and headers stay in step", async () => {
  await using peer = await framesPeer({ settings: [] });
  const { request, id } = await asked(peer);
  request.close(ErrorCode.cancel);
  assertEquals(brief(await peer.settle()), [`rstStream ${id} 8`]);
  // These put "content-type" into the table, and what comes next takes it from there.
  const late = peer.headers(id, OK);
  await peer.send(late, data(id, "a"), frame(Frame.windowUpdate, 0, id, u32(1)), rstStream(id, 2));
  await peer.send(peer.headers(id, DONE, END));
  const { request: next, id: nextId, closed } = await asked(peer);
  let type: unknown;
  next.on("response", (headers) => type = headers["content-type"]);
  const known = peer.headers(nextId, OK, END);
  assert(known.length < late.length);
  await peer.send(known);
  await closed;
  assertEquals(type, "application/grpc");
  assertEquals(await peer.settle(), []);
});
