import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { delay } from "@std/async";
import { field, method, object } from "../codec/test_models.ts";
import { ServiceError } from "../errors/service_error.ts";
import { plainClientCodec } from "./codec.ts";
import { resolveLimits } from "./limits.ts";
import { plainClient, type PlainClientOptions } from "./plain_client.ts";

const item = object(field("n!", "int"));
const both = method({ kind: "bidi", streamingPayload: item, streamingResult: item });

/** A socket that does nothing by itself. */
function idleSocket() {
  const closes: unknown[][] = [];
  const socket = {
    readyState: WebSocket.CONNECTING,
    bufferedAmount: 0,
    send() {},
    close: (...how: unknown[]) => void closes.push(how),
  } as unknown as WebSocket;
  return { socket, closes };
}

function open(socket: WebSocket, options: Partial<PlainClientOptions> = {}) {
  const connect = () => socket;
  return plainClient({
    method: both,
    codec: plainClientCodec(both),
    limits: resolveLimits(),
    connect,
    ...options,
  });
}

Deno.test("a handshake that fails by an error alone, as Node's does, fails the call", async () => {
  const { socket } = idleSocket();
  let probes = 0;
  const found = new ServiceError("not_found", "none");
  const call = open(socket, {
    probe() {
      probes++;
      return Promise.resolve(found);
    },
  });
  socket.onerror!(new Event("error"));
  assertStrictEquals(await assertRejects(() => call.opened), found);
  assertStrictEquals(await assertRejects(() => call.closed), found);
  assertEquals([probes, socket.onclose], [1, null]);
});

Deno.test("a cancelled call stops its probe and listens no more", async () => {
  const { socket } = idleSocket();
  const reasons: unknown[] = [];
  const call = open(socket, {
    probe: (signal) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => {
          reasons.push(signal.reason);
          reject(signal.reason);
        })
      ),
  });
  socket.onclose!(new CloseEvent("close", { code: 1006 }));
  const reason = new Error("enough");
  call.cancel(reason);
  assertStrictEquals(await assertRejects(() => call.closed), reason);
  assertStrictEquals(await assertRejects(async () => await call.read()), reason);
  assertEquals(reasons, [reason]);
  // It is closed in a later turn, as it is not open yet.
  await delay(0);
  assertEquals([socket.onopen, socket.onmessage, socket.onerror, socket.onclose], [null, null, null, null]);
});

Deno.test("a call that is over is left alone by cancel", async () => {
  const { socket, closes } = idleSocket();
  const call = open(socket);
  socket.onopen!(new Event("open"));
  socket.onmessage!(new MessageEvent("message", { data: '{"n":1}' }));
  socket.onclose!(new CloseEvent("close", { code: 1000 }));
  call.cancel(new Error("late"));
  assertEquals([await call.read(), await call.read()], ['{"n":1}', null]);
  await call.closed;
  await assertRejects(async () => await call.write("x"), TypeError, "Cannot send");
  assertEquals(closes, []);
});
