import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import type { ClientStream } from "./client_stream.ts";
import {
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
  watch,
  windowUpdate,
  written,
} from "./frames_peer_for_test.ts";
import { hpackDecoder } from "./hpack_decoder.ts";
import { seeded } from "./huffman_for_test.ts";
import { ErrorCode, Flag, Frame, FRAME_BYTES, Setting, WINDOW } from "./protocol.ts";

type Random = (below: number) => number;

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** What a server says to so many streams, frame by frame. */
function words(peer: Peer, streams: number, random: Random): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < streams; at++) {
    const id = at * 2 + 1;
    frames.push(peer.headers(id, [...OK, ["x-id", `${id}`]]), data(id, random(300)));
    frames.push(
      windowUpdate(random(2) * id, 1 + random(1000)),
      frame(Frame.ping, random(2), 0, bytes(8, random(3))),
    );
    if (random(4) === 0) frames.push(settings([1 + random(6), random(70_000)]));
    if (random(4) === 0) {
      const block = peer.block(DONE);
      frames.push(frame(Frame.headers, Flag.endStream, id, block.subarray(0, 2)));
      frames.push(frame(Frame.continuation, Flag.endHeaders, id, block.subarray(2)));
    } else if (random(3) === 0) frames.push(rstStream(id, random(14)));
    else frames.push(peer.headers(id, DONE, Flag.endStream));
  }
  if (random(4) === 0) frames.push(goaway(1 + 2 * random(streams), random(12), "why"));
  return frames;
}

/** Something else in place of it. */
function mutated(frames: Uint8Array[], random: Random): Uint8Array {
  for (let times = random(4); times > 0; times--) {
    const at = random(frames.length);
    const one = frames[at]!;
    const what = random(8);
    if (what === 0) frames.splice(at, 1);
    else if (what === 1) frames.splice(random(frames.length), 0, one);
    else if (what === 2) frames.splice(at, 1, one.subarray(0, random(one.length)));
    else if (what === 3) frames[at] = joined(one, bytes(random(20), random(256)));
    else if (what === 4) {
      const type = random(12);
      const size = random(5) === 0 ? FRAME_BYTES : random(20);
      frames.splice(at, 0, frame(type, random(64), random(12), bytes(size, random(256))));
    } else one[what === 5 ? random(one.length) : random(9)] = what === 6 ? random(16) : random(256);
  }
  return joined(...frames);
}

/** Sees that what a client wrote is frames of which each may be where it is. */
function legal(writes: readonly Uint8Array[]): void {
  const seen = written(writes);
  const decoder = hpackDecoder();
  const ended = new Map<number, "half" | "reset">();
  let last = -1;
  let goneAway = false;
  for (const { type, flags, id, payload } of seen) {
    assert(!goneAway, "something behind GOAWAY");
    assert(payload.length <= FRAME_BYTES);
    assert(id === 0 || id <= last || type === Frame.headers, `type ${type} of stream ${id}`);
    if (type === Frame.goaway) goneAway = true;
    if (type === Frame.headers) {
      assert(id > last && id % 2 === 1);
      last = id;
      assert(decoder.decode(payload, () => {}));
    }
    assert(ended.get(id) !== "reset", `type ${type} of stream ${id}, which was reset`);
    if (type === Frame.data) assert(!ended.has(id), "DATA behind END_STREAM");
    if (type === Frame.data && (flags & Flag.endStream) !== 0) ended.set(id, "half");
    if (type === Frame.rstStream) ended.set(id, "reset");
  }
}

/** One connection on which a client does this and that while it is fed, and is then cut. */
async function round(random: Random, feed: (peer: Peer) => Uint8Array): Promise<boolean> {
  const limit = random(3) === 0 ? [[Setting.maxConcurrentStreams, 2] as const] : [];
  await using peer = await framesPeer({ settings: limit, window: 200 + random(1000) });
  let open = 0;
  let reading = false;
  const streams: ClientStream[] = [];
  const closed: Promise<unknown>[] = [];
  const told = () => {
    open++;
    let first = true;
    return () => {
      assert(first, "told twice");
      first = false;
      open--;
    };
  };
  const ask = () => {
    const stream = peer.session.request(call());
    streams.push(stream);
    closed.push(watch(stream).closed);
    stream.on("data", () => act(stream));
  };
  const act = (stream: ClientStream) => {
    if (reading) return;
    const what = random(14);
    if (what < 3) stream.write(bytes(random(10) === 0 ? 100_000 : random(100)), told());
    else if (what < 5) stream.end();
    else if (what === 5) stream.close(random(12));
    else if (what === 6) stream.pause();
    else if (what === 7) stream.resume();
    else if (what === 8) {
      const done = told();
      if (!peer.session.ping(done)) done();
    } else if (what === 9 && random(8) === 0) peer.session.close();
  };
  for (let count = 0; count < 4; count++) ask();
  const fed = Buffer.from(feed(peer));
  for (let at = 0; at < fed.length;) {
    const size = 1 + random(random(2) === 0 ? 20 : 2000);
    // No one is there to catch what it throws.
    peer.session.socket.emit("data", fed.subarray(at, at + size));
    at += size;
    act(streams[random(streams.length)]!);
    if (random(5) === 0) await turn();
  }
  const { destroyed } = peer.session;
  assert(peer.errors.length <= 1);
  if (peer.errors.length === 1) assert(destroyed);
  if (!destroyed) peer.cut();
  await peer.gone;
  reading = true;
  for (const stream of streams) stream.resume();
  await Promise.all(closed);
  await turn();
  assertEquals(open, 0);
  legal(peer.writes);
  return destroyed;
}

Deno.test("fuzz: mutated exchanges go on or end, and leave nothing behind", async () => {
  // What befalls others is nothing to it.
  await using other = await framesPeer({ settings: [] });
  const watched = watch(other.session.request(call()));
  const random = seeded();
  let ended = 0;
  for (let count = 0; count < 400; count++) {
    if (await round(random, (peer) => mutated(words(peer, 4, random), random))) ended++;
  }
  assert(ended > 40 && ended < 360, `${ended} ended`);
  assertEquals((await other.settle()).length, 1);
  await other.send(other.headers(1, OK), data(1, "a", Flag.endStream));
  await other.settle();
  assertEquals(watched.events, ["response 200 0", "data a", "end"]);
});

Deno.test("fuzz: random bytes and random frames end connections, and nothing else", async () => {
  const random = seeded();
  for (let count = 0; count < 150; count++) {
    await round(random, () => {
      if (random(2) === 0) return Uint8Array.from({ length: random(500) }, () => random(256));
      const frames = Array.from({ length: random(50) }, () => {
        const payload = Uint8Array.from({ length: random(4) * random(10) }, () => random(256));
        return frame(random(11), random(256), random(9), payload);
      });
      return joined(...frames);
    });
  }
});

Deno.test("fuzz: random first words end connections, and nothing else", async () => {
  const random = seeded();
  for (let count = 0; count < 50; count++) {
    await using peer = await framesPeer();
    const stream = watch(peer.session.request(call()));
    const words = Uint8Array.from({ length: 1 + random(100) }, () => random(256));
    if (random(2) === 0) words.set(settings().subarray(0, random(9)).subarray(0, words.length));
    peer.session.socket.emit("data", Buffer.from(words));
    if (!peer.session.destroyed) peer.cut();
    await peer.gone;
    assert(
      [ErrorCode.internalError, ErrorCode.cancel].map((code) => `close ${code}`).includes(
        (await stream.closed).at(-1)!,
      ),
    );
  }
});

/** Bytes of a stream, that tell where they stand. */
const counted = (length: number) => Uint8Array.from({ length }, (_, at) => at % 251);

Deno.test("fuzz: whatever windows there are, they are kept to, and all arrives", async () => {
  const random = seeded();
  for (let count = 0; count < 12; count++) await exchange(random);
});

/** Many requests and answers at once, over windows that are narrow and change. */
async function exchange(random: Random): Promise<void> {
  const own = 500 + random(30_000);
  let initial = random(20_000);
  const agreed: number[] = [];
  await using peer = await framesPeer({
    window: own,
    settings: [[Setting.maxConcurrentStreams, 1 + random(6)], [Setting.initialWindowSize, initial]],
  });
  const REQUESTS = 12;
  const asked: Promise<void>[] = [];
  for (let count = 0; count < REQUESTS; count++) {
    const stream = peer.session.request(call());
    const { closed } = watch(stream);
    const parts = Array.from({ length: 1 + random(4) }, () => counted(random(40_000)));
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    const got: Uint8Array[] = [];
    stream.on("data", (chunk) => {
      got.push(chunk.slice());
      if (random(3) > 0) return;
      stream.pause();
      setImmediate(() => stream.resume());
    });
    const write = async () => {
      for (const part of parts) {
        const done = new Promise<void>((resolve, reject) =>
          stream.write(part, (e) => e ? reject(e) : resolve())
        );
        if (random(2) === 0) await done;
      }
      stream.end();
      const events = await closed;
      assertEquals(events.slice(-3), ["end", 'trailers {"grpc-status":"0"}', "close 0"]);
      assertEquals(joined(...got), counted(size));
    };
    asked.push(write());
  }

  // The server: sends back as many bytes as it got.
  interface Call {
    window: number;
    debt: number;
    got: number;
    ended: boolean;
    own: number;
    sent: number;
  }
  const calls = new Map<number, Call>();
  const all = counted(160_000);
  let window = WINDOW;
  let debt = 0;
  let ownWindow = 1024 * 1024;
  let over = 0;
  const say: Uint8Array[] = [];
  const pay = (id: number, of: Call) => {
    const more = Math.max(of.debt, 1 - of.window);
    say.push(windowUpdate(id, more));
    of.window += more;
    of.debt = 0;
  };
  const answer = (id: number, of: Call) => {
    while (of.ended && of.sent < of.got) {
      const size = Math.min(1 + random(FRAME_BYTES), of.got - of.sent, of.own, ownWindow);
      if (size === 0) return;
      say.push(frame(Frame.data, 0, id, all.subarray(of.sent, of.sent + size)));
      of.sent += size;
      of.own -= size;
      ownWindow -= size;
    }
    if (!of.ended) return;
    say.push(peer.headers(id, DONE, Flag.endStream));
    calls.delete(id);
    over++;
  };
  while (over < REQUESTS) {
    const { type, flags, id, payload } = await peer.next();
    const of = calls.get(id);
    if (type === Frame.headers) {
      calls.set(id, { window: initial, debt: 0, got: 0, ended: false, own, sent: 0 });
      if (initial === 0) pay(id, calls.get(id)!);
      say.push(peer.headers(id, OK));
    } else if (type === Frame.data) {
      of!.got += payload.length;
      of!.window -= payload.length;
      of!.debt += payload.length;
      window -= payload.length;
      debt += payload.length;
      assert(payload.length === 0 || of!.window >= 0 && window >= 0, "more than a window");
      of!.ended = (flags & Flag.endStream) !== 0;
      if (of!.ended) answer(id, of!);
      else if (of!.window === 0 || random(3) === 0) pay(id, of!);
      if (debt > 0 && (window === 0 || random(3) === 0)) {
        say.push(windowUpdate(0, debt));
        window += debt;
        debt = 0;
      }
    } else if (type === Frame.windowUpdate) {
      const more = new DataView(payload.buffer).getUint32(0);
      if (id === 0) {
        ownWindow += more;
        for (const [id, of] of [...calls]) answer(id, of);
      } else if (of !== undefined) {
        of.own += more;
        answer(id, of);
      }
    } else if (type === Frame.settings) {
      const now = agreed.shift()!;
      for (const [id, of] of calls) {
        of.window += now - initial;
        if (of.window <= 0 && !of.ended) pay(id, of);
      }
      initial = now;
    } else throw new Error(`type ${type}`);
    if (random(10) === 0) {
      agreed.push(random(30_000));
      say.push(settings([Setting.initialWindowSize, agreed.at(-1)!]));
    }
    await peer.send(...say.splice(0));
  }
  await Promise.all(asked);
  assertEquals(peer.errors, []);
}
