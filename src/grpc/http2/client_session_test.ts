import { assert, assertEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { once } from "node:events";
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
  rstStream,
  settings,
  u32,
  watch,
  windowUpdate,
} from "./frames_peer_for_test.ts";
import { ErrorCode, Flag, Frame, Setting } from "./protocol.ts";

Deno.test("ClientSession: begins with preface, SETTINGS and the connection's window, in one write", async () => {
  await using peer = await framesPeer({ window: 100_000 });
  const first = await peer.next();
  assertEquals([first.type, first.flags, first.id], [Frame.settings, 0, 0]);
  assertEquals(
    first.payload,
    settings([Setting.enablePush, 0], [Setting.initialWindowSize, 100_000]).subarray(9),
  );
  assertEquals(brief([await peer.next()]), [`windowUpdate 0 ${1024 * 1024 - 65535}`]);
  assertEquals(peer.writes.length, 1);
});

Deno.test("ClientSession: SETTINGS are acknowledged and told of, each time", async () => {
  await using peer = await framesPeer({ settings: [] });
  let told = 0;
  peer.session.on("remoteSettings", () => told++);
  await peer.send(
    settings([Setting.maxFrameSize, 0xffffff], [77, 1], [Setting.maxHeaderListSize, 9]),
    settings(),
  );
  const seen = await peer.settle();
  assertEquals(seen.map(({ type, flags, id, payload }) => [type, flags, id, payload.length]), [
    [Frame.settings, Flag.ack, 0, 0],
    [Frame.settings, Flag.ack, 0, 0],
  ]);
  assertEquals(told, 2);
  await peer.send(frame(Frame.settings, Flag.ack, 0));
  assertEquals(await peer.settle(), []);
  assertEquals(told, 2);
});

const STRANGERS: Record<string, Uint8Array> = {
  "HTTP/1.1": new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"),
  "a frame that is not SETTINGS": frame(Frame.ping, 0, 0, bytes(8)),
  "an unknown frame": frame(100, 0, 0, bytes(8)),
  "an acknowledgement of SETTINGS": frame(Frame.settings, Flag.ack, 0),
  "GOAWAY": goaway(0, 0),
};

for (const [name, words] of Object.entries(STRANGERS)) {
  Deno.test(`ClientSession: a server that begins with ${name} does not speak HTTP/2`, async () => {
    await using peer = await framesPeer();
    const stream = watch(peer.session.request(call()));
    let closes = 0;
    peer.session.on("close", () => closes++);
    await peer.send(words);
    const message = "the server does not speak HTTP/2";
    assertEquals(await stream.closed, [`error ${message}`, `close ${ErrorCode.internalError}`]);
    await peer.gone;
    assertEquals(peer.errors.map((error) => error.message), [message]);
    assertEquals([closes, peer.session.closed, peer.session.destroyed], [1, true, true]);
    assertThrows(() => peer.session.request(call()));
    assertEquals(peer.session.ping(() => {}), false);
  });
}

Deno.test("ClientSession: a server that hangs up at once is no error", async () => {
  await using peer = await framesPeer();
  const stream = watch(peer.session.request(call()));
  peer.cut();
  assertEquals(await stream.closed, [`close ${ErrorCode.cancel}`]);
  await peer.gone;
  assertEquals(peer.session.destroyed, true);
});

Deno.test("ClientSession: PING is answered with its payload, an answer is not", async () => {
  await using peer = await framesPeer({ settings: [] });
  await peer.send(frame(Frame.ping, 0, 0, u32(1, 2)), frame(Frame.ping, Flag.ack, 0, u32(3, 4)));
  const seen = await peer.settle();
  assertEquals(seen.map(({ type, flags, id, payload }) => ({ type, flags, id, payload })), [
    { type: Frame.ping, flags: Flag.ack, id: 0, payload: u32(1, 2) },
  ]);
});

Deno.test("ClientSession: ping() is told of its own answer, or of the connection's end", async () => {
  await using peer = await framesPeer({ settings: [] });
  const told: string[] = [];
  const ping = (name: string) =>
    assert(peer.session.ping((error, ms, payload) => {
      assert(ms >= 0);
      assertEquals(payload.length, 8);
      told.push(`${name}: ${error === null ? "answered" : error.message}`);
    }));
  for (const name of ["first", "second", "third"]) ping(name);
  const [first, second, third] = await peer.settle();
  assertEquals(
    [first, second, third].map((seen) => [seen!.type, seen!.flags]),
    Array(3).fill([Frame.ping, 0]),
  );
  assertEquals(new Set([first, second, third].map((seen) => `${seen!.payload}`)).size, 3);
  const answer = (payload: Uint8Array) => frame(Frame.ping, Flag.ack, 0, payload);
  await peer.send(answer(second!.payload), answer(bytes(8)), answer(first!.payload), answer(first!.payload));
  await peer.settle();
  assertEquals(told, ["second: answered", "first: answered"]);
  peer.cut();
  await peer.gone;
  assertEquals(told.slice(2), ["third: the connection is closed"]);
  assertEquals(peer.session.ping(() => told.push("never")), false);
  assertEquals(told.length, 3);
});

Deno.test("ClientSession: GOAWAY tells what was not begun; the rest goes on", async () => {
  await using peer = await framesPeer({ settings: [[Setting.maxConcurrentStreams, 3]] });
  const events: unknown[] = [];
  peer.session.on("goaway", (code: number, last: number, why: Buffer) => events.push([code, last, `${why}`]));
  const [first, second, third, waiting] = [1, 3, 5, 0].map(() => watch(peer.session.request(call())));
  await peer.settle();
  await peer.send(goaway(0x7fffffff, 0, "soon"), goaway(3, 0, "now"));
  assertEquals(await third!.closed, [`close ${ErrorCode.refusedStream}`]);
  assertEquals(await waiting!.closed, [`close ${ErrorCode.refusedStream}`]);
  assertEquals(events, [[0, 0x7fffffff, "soon"], [0, 3, "now"]]);
  assertThrows(() => peer.session.request(call()), Error, "no more calls");
  await peer.send(peer.headers(1, OK), data(1, "one"), peer.headers(1, DONE, Flag.endStream));
  await peer.send(peer.headers(3, OK), data(3, "two", Flag.endStream));
  await peer.settle();
  assertEquals(first!.events.slice(0, 3), ["response 200 0", "data one", "end"]);
  assertEquals(second!.events, ["response 200 0", "data two", "end"]);
});

Deno.test("ClientSession: the last numbers are used, and then nothing more begins", async () => {
  await using peer = await framesPeer({ settings: [[Setting.maxConcurrentStreams, 2]], firstId: 0x7ffffffb });
  const events: unknown[] = [];
  peer.session.on("goaway", (...event: unknown[]) => events.push(event.slice(0, 2)));
  await peer.settle();
  const [first, second, third, fourth] = [0, 0, 0, 0].map(() => watch(peer.session.request(call())));
  await peer.settle();
  assertEquals(events, []);
  await peer.send(peer.headers(0x7ffffffb, DONE, Flag.endStream), rstStream(0x7ffffffb, 0));
  await first!.closed;
  assertEquals(events, [[0, 0x7fffffff]]);
  assertEquals(await fourth!.closed, [`close ${ErrorCode.refusedStream}`]);
  assertThrows(() => peer.session.request(call()), Error, "no more calls");
  await peer.settle();
  await peer.send(peer.headers(0x7fffffff, OK), data(0x7fffffff, "last", Flag.endStream));
  await peer.settle();
  assertEquals(third!.events, ["response 200 0", "data last", "end"]);
  assertEquals(second!.events, []);
});

Deno.test("ClientSession: the reserved bit of the last stream's number is ignored", async () => {
  await using peer = await framesPeer({ settings: [] });
  const last: number[] = [];
  peer.session.on("goaway", (_code: number, id: number) => last.push(id));
  const request = peer.session.request(call());
  await peer.settle();
  await peer.send(goaway(0x80000001, 0));
  await peer.settle();
  assertEquals([last, request.destroyed], [[1], false]);
});

Deno.test("ClientSession: what follows in the same bytes is not heard once it is destroyed", async () => {
  await using peer = await framesPeer({ settings: [] });
  let told = 0;
  peer.session.on("goaway", () => peer.session.destroy());
  peer.session.on("remoteSettings", () => told++);
  const words = joined(goaway(0, 0), settings(), frame(Frame.pushPromise, 0, 1));
  peer.session.socket.emit("data", Buffer.from(words));
  await peer.gone;
  assertEquals([told, peer.errors], [0, []]);
});

Deno.test("ClientSession: nothing is written while the socket takes no more", async () => {
  await using peer = await framesPeer({ settings: [[Setting.initialWindowSize, 1_000_000]] });
  await peer.send(windowUpdate(0, 1_000_000));
  const request = peer.session.request(call());
  await peer.settle();
  peer.stick();
  const before = peer.writes.length;
  peer.session.ping(() => {});
  request.write(bytes(65_536));
  request.write(bytes(1));
  peer.session.ping(() => {});
  await new Promise((resolve) => setImmediate(resolve));
  assertEquals(peer.writes.length, before + 1);
  peer.unstick();
  const seen = brief(await peer.settle());
  assertEquals(seen, ["ping 0", ...Array(4).fill("data 1 16384"), "ping 0", "data 1 1"]);
});

Deno.test("ClientSession: what waits is refused at the first GOAWAY", async () => {
  await using peer = await framesPeer({ settings: [[Setting.maxConcurrentStreams, 0]] });
  const waiting = watch(peer.session.request(call()));
  await peer.send(goaway(0x7fffffff, 0));
  assertEquals(await waiting.closed, [`close ${ErrorCode.refusedStream}`]);
  assertEquals(await peer.settle(), []);
});

Deno.test("ClientSession: streams end with the code that GOAWAY had when the connection goes", async () => {
  await using peer = await framesPeer({ settings: [] });
  const stream = watch(peer.session.request(call()));
  await peer.settle();
  await peer.send(goaway(1, ErrorCode.enhanceYourCalm, "too_many_pings"));
  peer.cut();
  assertEquals(await stream.closed, [`close ${ErrorCode.enhanceYourCalm}`]);
});

Deno.test("ClientSession: close() of a connection without streams says goodbye and closes", async () => {
  await using peer = await framesPeer({ settings: [] });
  const closed = once(peer.session, "close");
  peer.session.close();
  await closed;
  assertEquals(brief(await peer.rest()), ["goaway 0 0 0"]);
  await peer.gone;
  assertEquals(peer.errors, []);
  assertThrows(() => peer.session.request(call()), Error, "no more calls");
});

Deno.test("ClientSession: close() lets streams end, also those that wait to begin", async () => {
  await using peer = await framesPeer({ settings: [[Setting.maxConcurrentStreams, 1]] });
  const requests = [peer.session.request(call()), peer.session.request(call())];
  const watched = requests.map(watch);
  for (const request of requests) request.end();
  peer.session.close();
  assertThrows(() => peer.session.request(call()), Error, "no more calls");
  assertEquals(brief(await peer.settle()), ["headers 1", "data 1 0 end"]);
  assertEquals([peer.session.closed, peer.session.destroyed], [true, false]);
  await peer.send(peer.headers(1, OK, Flag.endStream));
  assertEquals(await watched[0]!.closed, ["response 200 1", "end", "close 0"]);
  assertEquals(brief(await peer.settle()), ["headers 3", "data 3 0 end"]);
  await peer.send(peer.headers(3, OK, Flag.endStream));
  assertEquals(await watched[1]!.closed, ["response 200 1", "end", "close 0"]);
  assertEquals(brief(await peer.rest()), ["goaway 0 0 0"]);
  await peer.gone;
});

Deno.test("ClientSession: close() waits for a stream that the server lets begin later", async () => {
  await using peer = await framesPeer({ settings: [[Setting.maxConcurrentStreams, 0]] });
  const request = peer.session.request(call());
  const { closed } = watch(request);
  request.end();
  peer.session.close();
  assertEquals(await peer.settle(), []);
  await peer.send(settings([Setting.maxConcurrentStreams, 1]));
  await peer.settle();
  await peer.send(peer.headers(1, OK, Flag.endStream));
  assertEquals(await closed, ["response 200 1", "end", "close 0"]);
  assertEquals(brief(await peer.rest()), ["goaway 0 0 0"]);
  await peer.gone;
});

Deno.test("ClientSession: close() closes once the last stream is reset", async () => {
  await using peer = await framesPeer({ settings: [] });
  const request = peer.session.request(call());
  peer.session.close();
  await peer.settle();
  request.close(ErrorCode.cancel);
  assertEquals(brief(await peer.rest()), ["rstStream 1 8", "goaway 0 0 0"]);
  await peer.gone;
});

Deno.test("ClientSession: destroy() ends all at once", async () => {
  await using peer = await framesPeer({ settings: [[Setting.maxConcurrentStreams, 1]] });
  const begun = peer.session.request(call());
  const watched = [begun, peer.session.request(call())].map(watch);
  const told: string[] = [];
  begun.write(bytes(100_000), (error) => told.push(`write: ${error?.message}`));
  peer.session.ping((error) => told.push(`ping: ${error?.message}`));
  peer.session.on("close", () => told.push("close"));
  peer.session.destroy();
  peer.session.destroy();
  for (const { closed } of watched) assertEquals(await closed, [`close ${ErrorCode.cancel}`]);
  await peer.gone;
  assertEquals(told, ["close", "ping: the connection is closed", "write: the stream is over"]);
  assertEquals(peer.errors, []);
  begun.write(bytes(1), (error) => told.push(`late: ${error?.message}`));
  begun.end();
  begun.close(1);
  await new Promise((resolve) => setImmediate(resolve));
  assertEquals(told.slice(3), ["late: the stream is over"]);
});

Deno.test("ClientSession: a connection cut anywhere ends what it carried", async () => {
  let length = Infinity;
  let seen = 2;
  for (let cut = 0; cut <= length; cut++) {
    await using peer = await framesPeer({ settings: [] });
    const requests = [1, 3, 5].map((id) => peer.session.request(call(`/s/${id}`)));
    const watched = requests.map(watch);
    const pinged = new Promise<string | undefined>((resolve) =>
      peer.session.ping((error) => resolve(error?.message))
    );
    requests[0]!.end();
    requests[1]!.end();
    await peer.settle();
    const answer = joined(
      peer.headers(1, OK),
      data(1, "one"),
      peer.headers(3, OK),
      windowUpdate(3, 100),
      peer.headers(1, DONE, Flag.endStream),
      data(3, "three"),
      frame(Frame.rstStream, 0, 5, u32(5)),
    );
    length = answer.length;
    await peer.send(answer.subarray(0, cut));
    peer.cut();
    const [one, three, five] = await Promise.all(watched.map(({ closed }) => closed));
    await peer.gone;
    const all = ["response 200 0", "data one", "end", 'trailers {"grpc-status":"0"}', "close 0"];
    if (one!.at(-1) === "close 0") assertEquals(one, all);
    else assertEquals(one, [...all.slice(0, one!.length - 1), "close 8"]);
    if (cut === length) assertEquals(one, all);
    const begun = ["response 200 0", "data three"];
    assertEquals(three, [...begun.slice(0, three!.length - 1), "close 8"]);
    if (cut === length) assertEquals(three!.length, 3);
    assert(one!.length + three!.length >= seen);
    seen = one!.length + three!.length;
    assertEquals(five, [cut === length ? "close 5" : "close 8"]);
    assertEquals(await pinged, "the connection is closed");
    assertEquals(peer.session.destroyed, true);
  }
});

Deno.test("ClientSession: tells of its windows, and whether it is encrypted", async () => {
  await using peer = await framesPeer({ settings: [], authority: "https://there" });
  assertEquals(peer.session.encrypted, true);
  assertEquals(peer.session.state, { localWindowSize: 1024 * 1024, remoteWindowSize: 65535 });
  const request = peer.session.request(call());
  request.write(bytes(5));
  const [headers] = await peer.settle();
  assertEquals(headers!.fields.slice(0, 4), [
    [":method", "POST"],
    [":scheme", "https"],
    [":path", "/s/m"],
    [":authority", "here"],
  ]);
  await peer.send(peer.headers(1, OK), data(1, 100));
  await peer.settle();
  assertEquals(peer.session.state, { localWindowSize: 1024 * 1024 - 100, remoteWindowSize: 65530 });
  peer.session.unref();
  peer.session.ref();
  peer.session.setLocalWindowSize();
  assertEquals(await peer.settle(), []);
});
