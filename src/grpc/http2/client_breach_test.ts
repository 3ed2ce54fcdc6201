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
  goaway,
  joined,
  OK,
  type Peer,
  rstStream,
  settings,
  u32,
  watch,
  windowUpdate,
  written,
} from "./frames_peer_for_test.ts";
import type { Field } from "./hpack_static.ts";
import { ConnectionError, ErrorCode, Flag, Frame, FRAME_BYTES, MAX_WINDOW, Setting } from "./protocol.ts";

const END = Flag.endStream;

/** Sees a connection end with a code, and tell of it. */
async function endsWith(peer: Peer, code: number): Promise<void> {
  await peer.gone;
  assertEquals(peer.errors.length, 1);
  const [error] = peer.errors;
  assert(error instanceof ConnectionError);
  assertEquals([error.errorCode, error.message === ""], [code, false]);
  assertEquals([peer.session.closed, peer.session.destroyed], [true, true]);
}

/** What no server may say while stream 1 is open and stream 3 is over, and the code of it. */
const BREACHES: Record<string, (peer: Peer) => [code: number, ...Uint8Array[]]> = {
  "a frame too large": () => [ErrorCode.frameSizeError, data(1, FRAME_BYTES + 1)],
  "DATA of no stream": () => [ErrorCode.protocolError, data(0, 1)],
  "DATA of a stream of its own": () => [ErrorCode.protocolError, data(2, 1)],
  "DATA of a stream to come": () => [ErrorCode.protocolError, data(5, 1)],
  "DATA with more padding than bytes": () => [
    ErrorCode.protocolError,
    joined(frame(Frame.headers, Flag.endHeaders, 1, Uint8Array.of(0x88))),
    frame(Frame.data, Flag.padded, 1, Uint8Array.of(2, 0)),
  ],
  "DATA without its padding's length": () => [
    ErrorCode.protocolError,
    frame(Frame.headers, Flag.endHeaders, 1, Uint8Array.of(0x88)),
    frame(Frame.data, Flag.padded, 1),
  ],
  "HEADERS of no stream": (peer) => [ErrorCode.protocolError, peer.headers(0, OK)],
  "HEADERS of a stream of its own": (peer) => [ErrorCode.protocolError, peer.headers(2, OK)],
  "HEADERS of a stream to come": (peer) => [ErrorCode.protocolError, peer.headers(5, OK)],
  "HEADERS with more padding than bytes": () => [
    ErrorCode.protocolError,
    frame(Frame.headers, Flag.endHeaders | Flag.padded, 1, Uint8Array.of(3, 0x88, 0)),
  ],
  "HEADERS too short for their priority": () => [
    ErrorCode.frameSizeError,
    frame(Frame.headers, Flag.endHeaders | Flag.priority, 1, bytes(4)),
  ],
  "HEADERS that HPACK does not know": () => [
    ErrorCode.compressionError,
    frame(Frame.headers, Flag.endHeaders, 1, Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)),
  ],
  "such HEADERS of a stream that is over": () => [
    ErrorCode.compressionError,
    frame(Frame.headers, Flag.endHeaders, 3, Uint8Array.of(0x80)),
  ],
  "CONTINUATION of nothing": () => [ErrorCode.protocolError, frame(Frame.continuation, Flag.endHeaders, 1)],
  "headers interrupted by DATA": (peer) => [
    ErrorCode.protocolError,
    frame(Frame.headers, 0, 1, peer.block(OK)),
    data(1, 1),
  ],
  "headers interrupted by an unknown frame": (peer) => [
    ErrorCode.protocolError,
    frame(Frame.headers, 0, 1, peer.block(OK)),
    frame(99, 0, 1),
  ],
  "headers interrupted by those of another stream": (peer) => [
    ErrorCode.protocolError,
    frame(Frame.headers, 0, 1, peer.block(OK)),
    frame(Frame.continuation, Flag.endHeaders, 3),
  ],
  "headers without end": () => [
    ErrorCode.enhanceYourCalm,
    frame(Frame.headers, 0, 1),
    ...Array(100).fill(frame(Frame.continuation, 0, 1, bytes(FRAME_BYTES))),
  ],
  "headers of nothing without end": () => [
    ErrorCode.enhanceYourCalm,
    frame(Frame.headers, 0, 1),
    ...Array(10_000).fill(frame(Frame.continuation, 0, 1)),
  ],
  "RST_STREAM of no stream": () => [ErrorCode.protocolError, rstStream(0, 0)],
  "RST_STREAM of a stream to come": () => [ErrorCode.protocolError, rstStream(5, 0)],
  "RST_STREAM of a wrong size": () => [ErrorCode.frameSizeError, frame(Frame.rstStream, 0, 1, bytes(5))],
  "SETTINGS of a stream": () => [ErrorCode.protocolError, frame(Frame.settings, 0, 1)],
  "SETTINGS of a wrong size": () => [ErrorCode.frameSizeError, frame(Frame.settings, 0, 0, bytes(7))],
  "SETTINGS acknowledged with some": () => [
    ErrorCode.frameSizeError,
    frame(Frame.settings, Flag.ack, 0, bytes(6)),
  ],
  "SETTINGS of a window too large": () => [
    ErrorCode.flowControlError,
    settings([Setting.initialWindowSize, 0x80000000]),
  ],
  "SETTINGS that make a stream's window too large": () => [
    ErrorCode.flowControlError,
    windowUpdate(1, 1),
    settings([Setting.initialWindowSize, MAX_WINDOW]),
  ],
  "SETTINGS of frames too small": () => [ErrorCode.protocolError, settings([Setting.maxFrameSize, 16383])],
  "SETTINGS of frames too large": () => [ErrorCode.protocolError, settings([Setting.maxFrameSize, 2 ** 24])],
  "PUSH_PROMISE": (peer) => [
    ErrorCode.protocolError,
    frame(Frame.pushPromise, Flag.endHeaders, 1, joined(u32(2), peer.block(OK))),
  ],
  "PING of a stream": () => [ErrorCode.protocolError, frame(Frame.ping, 0, 1, bytes(8))],
  "PING of a wrong size": () => [ErrorCode.frameSizeError, frame(Frame.ping, 0, 0, bytes(7))],
  "GOAWAY of a stream": () => [ErrorCode.protocolError, frame(Frame.goaway, 0, 1, bytes(8))],
  "GOAWAY too short": () => [ErrorCode.frameSizeError, frame(Frame.goaway, 0, 0, bytes(7))],
  "WINDOW_UPDATE of a wrong size":
    () => [ErrorCode.frameSizeError, frame(Frame.windowUpdate, 0, 1, bytes(3))],
  "WINDOW_UPDATE of a stream to come": () => [ErrorCode.protocolError, windowUpdate(5, 1)],
  "WINDOW_UPDATE by nothing": () => [ErrorCode.protocolError, windowUpdate(0, 0)],
  "WINDOW_UPDATE beyond what a window may be":
    () => [ErrorCode.flowControlError, windowUpdate(0, MAX_WINDOW)],
};

for (const [name, words] of Object.entries(BREACHES)) {
  Deno.test(`breaches: ${name} ends the connection`, async () => {
    await using peer = await framesPeer({ settings: [] });
    const { closed } = watch(peer.session.request(call()));
    peer.session.request(call()).close(ErrorCode.cancel);
    await peer.settle();
    const [code, ...frames] = words(peer);
    // All at once, and as if read: a peer that was hung up on may not get to send it all.
    peer.session.socket.emit("data", Buffer.from(joined(...frames)));
    assertEquals(peer.session.destroyed, true);
    await endsWith(peer, code);
    const events = await closed;
    assertEquals(events.slice(-2), [`error ${peer.errors[0]!.message}`, `close ${ErrorCode.internalError}`]);
    assertEquals(brief(written(peer.writes)).at(-1), `goaway 0 0 ${code}`);
  });
}

/** What no server may say on stream 1, and the code that ends the stream and nothing else. */
const STREAM_BREACHES: Record<string, (peer: Peer) => [code: number, ...Uint8Array[]]> = {
  "DATA before an answer": () => [ErrorCode.streamClosed, data(1, 1)],
  "HEADERS without a status": (peer) => [ErrorCode.protocolError, peer.headers(1, [["x-a", "1"]])],
  "HEADERS of two statuses": (peer) => [
    ErrorCode.protocolError,
    peer.headers(1, [[":status", "200"], [":status", "200"]]),
  ],
  "HEADERS of an empty status": (peer) => [ErrorCode.protocolError, peer.headers(1, [[":status", ""]])],
  "HEADERS of a status that is none": (
    peer,
  ) => [ErrorCode.protocolError, peer.headers(1, [[":status", "2e2"]])],
  "an answer to come as the last one": (peer) => [
    ErrorCode.protocolError,
    peer.headers(1, [[":status", "100"]], END),
  ],
  "trailers that are not the end": (peer) => [
    ErrorCode.protocolError,
    peer.headers(1, OK),
    peer.headers(1, DONE),
  ],
  "WINDOW_UPDATE by nothing": () => [ErrorCode.protocolError, windowUpdate(1, 0)],
  "WINDOW_UPDATE beyond what a window may be":
    () => [ErrorCode.flowControlError, windowUpdate(1, MAX_WINDOW)],
  "headers that are larger unpacked": (peer) => {
    // A field of 4,000 bytes that takes a byte each time but the first: 1.2 MB in 4.3 kB.
    const repeated: Field[] = Array(300).fill(["content-type", "x".repeat(2000)]);
    const block = peer.block([...OK, ...repeated, ...repeated]);
    assert(block.length < 10_000, `${block.length}`);
    return [ErrorCode.enhanceYourCalm, frame(Frame.headers, Flag.endHeaders, 1, block)];
  },
};

for (const [name, words] of Object.entries(STREAM_BREACHES)) {
  Deno.test(`breaches: ${name} ends a stream, not its connection`, async () => {
    await using peer = await framesPeer({ settings: [] });
    const { closed } = watch(peer.session.request(call()));
    const other = watch(peer.session.request(call()));
    await peer.settle();
    const [code, ...frames] = words(peer);
    await peer.send(...frames);
    assertEquals((await closed).at(-1), `close ${code}`);
    assertEquals(brief(await peer.settle()), [`rstStream 1 ${code}`]);
    await peer.send(peer.headers(3, OK), data(3, "b", END));
    await peer.settle();
    assertEquals(other.events, ["response 200 0", "data b", "end"]);
    assertEquals(peer.errors, []);
  });
}

Deno.test("breaches: frames of unknown types and settings of unknown names are none", async () => {
  await using peer = await framesPeer({ settings: [] });
  const watched = watch(peer.session.request(call()));
  await peer.settle();
  await peer.send(
    frame(0xa, 0, 0, bytes(20)),
    peer.headers(1, OK),
    frame(0xff, 0xff, 1, bytes(FRAME_BYTES)),
    frame(0x10, 0, 77),
    data(1, "a", END),
  );
  await peer.settle();
  assertEquals(watched.events, ["response 200 0", "data a", "end"]);
  assertEquals(peer.errors, []);
});

Deno.test("breaches: what must be answered is, however much, while the connection takes it", async () => {
  await using peer = await framesPeer({ settings: [] });
  for (let round = 0; round < 10; round++) {
    await peer.send(...Array(300).fill(frame(Frame.ping, 0, 0, bytes(8))), ...Array(300).fill(settings()));
    assertEquals((await peer.settle()).length, 600);
  }
});

for (const [name, one] of Object.entries({ PING: frame(Frame.ping, 0, 0, bytes(8)), SETTINGS: settings() })) {
  Deno.test(`breaches: ${name} without end, of a server that takes no answers, ends the connection`, async () => {
    await using peer = await framesPeer({ settings: [] });
    const stream = peer.session.request(call());
    await peer.settle();
    peer.stick();
    stream.write(bytes(10));
    await peer.send(...Array(1100).fill(one));
    // Though it takes no goodbye either.
    await endsWith(peer, ErrorCode.enhanceYourCalm);
    assertEquals(stream.rstCode, ErrorCode.internalError);
  });
}

Deno.test("breaches: the end of one connection is none of another's", async () => {
  await using peer = await framesPeer({ settings: [] });
  await using other = await framesPeer({ settings: [] });
  const watched = watch(other.session.request(call()));
  await peer.send(goaway(0, 0).subarray(0, 12), bytes(100));
  await peer.gone;
  await other.settle();
  await other.send(other.headers(1, OK), data(1, "a", END));
  await other.settle();
  assertEquals(watched.events, ["response 200 0", "data a", "end"]);
});
