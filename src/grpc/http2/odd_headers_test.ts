// Headers that no one means to send or receive.
import { assertEquals } from "@std/assert";
import { call, data, DONE, framesPeer, OK } from "./frames_peer_for_test.ts";
import { Flag } from "./protocol.ts";

Deno.test("ClientSession: what a request inherits is not sent", async () => {
  await using peer = await framesPeer({ settings: [] });
  // What grpc-js makes of metadata named `__proto__`, but for Deno; and what names like other things.
  const headers = Object.setPrototypeOf(call("/s/m", { constructor: "c", "tostring": ["t"] }), ["a", "b"]);
  peer.session.request(headers).end();
  const [head] = await peer.settle();
  assertEquals(head?.fields, [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", "/s/m"],
    [":authority", "here"],
    ["te", "trailers"],
    ["constructor", "c"],
    ["tostring", "t"],
  ]);
});

Deno.test("ClientSession: thousands of headers of one name are one list", async () => {
  await using peer = await framesPeer({ settings: [] });
  const stream = peer.session.request(call());
  let got: unknown;
  stream.on("response", (headers) => got = headers["x"]);
  stream.end();
  await peer.settle();
  const many = Array.from({ length: 3000 }, (_, at): [string, string] => ["x", `${at % 10}`]);
  await peer.send(peer.headers(1, [...OK, ...many]), data(1, "a"), peer.headers(1, DONE, Flag.endStream));
  await peer.settle();
  assertEquals(got, many.map(([, value]) => value));
});
