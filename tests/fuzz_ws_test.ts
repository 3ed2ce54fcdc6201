/**
 * Garbage on WebSockets, from both sides: random bytes, valid frames and `goats.v1` vectors with bytes changed, headers
 * and offers of subprotocols. Each connection gets an answer that the contract knows, healthy streams beside it keep their
 * order, and nothing is left. A failure prints its seed; `FUZZ_SEED=… deno test -A tests/fuzz_ws_test.ts` repeats it, and
 * `FUZZ_RUNS=…` does more.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createHash } from "node:crypto";
import { connect, createServer, type Socket } from "node:net";
import { once } from "node:events";
import * as d from "../src/design/mod.ts";
import { implement } from "../src/core/implement.ts";
import { ServiceError } from "../src/errors/service_error.ts";
import { httpClient } from "../src/http/client.ts";
import { httpHandler } from "../src/http/handler.ts";
import { decodeControl } from "../src/ws/control.ts";
import vectors from "../src/ws/vectors.json" with { type: "json" };
import { until } from "./behaviour/until.ts";
import { frame } from "./ws_support.ts";

const Item = d.Type(
  "Item",
  d.Field(1, "n", d.Int, d.Maximum(1_000_000)),
  d.Field(2, "text"),
  d.Required("n"),
);
const design = d.Service(
  "fuzzed",
  d.Method("echo", d.StreamingPayload(Item), d.StreamingResult(Item), d.HTTP(d.GET("/echo"))),
  d.Method("watch", d.StreamingResult(Item), d.HTTP(d.GET("/watch"))),
);

const seed = Number(Deno.env.get("FUZZ_SEED") ?? Math.floor(Math.random() * 2 ** 31));
const numRuns = Number(Deno.env.get("FUZZ_RUNS") ?? 15);
/** Connections at a time in each run. */
const AT_ONCE = { minLength: 1, maxLength: 24, size: "max" } as const;

/** Close codes of the contract, and those by which the runtime tells of a broken frame (RFC 6455 §7.4.1). */
function isDeclared(code: number): boolean {
  return [1000, 1001, 1002, 1003, 1007, 1009, 1013].includes(code) || (code >= 4400 && code < 4600);
}

/** Of a request that is no proper handshake, or none at all. */
const STATUSES = new Set([400, 403, 404, 405, 406, 408, 413, 414, 415, 426, 431, 501, 505]);

const utf8 = new TextEncoder();
const latin1 = new TextDecoder("latin1");

function join(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function handshake(path: string, protocols: string | undefined): Uint8Array {
  const lines = [
    `GET ${path} HTTP/1.1`,
    "host: 127.0.0.1",
    "upgrade: websocket",
    "connection: Upgrade",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version: 13",
    ...(protocols === undefined ? [] : [`sec-websocket-protocol: ${protocols}`]),
    "",
    "",
  ];
  return utf8.encode(lines.join("\r\n"));
}

/** What a server sent on one connection, once that is over. */
async function exchange(port: number, request: Uint8Array, frames: Uint8Array): Promise<Uint8Array> {
  const socket = connect(port, "127.0.0.1");
  const parts: Uint8Array[] = [];
  const late = setTimeout(() => socket.destroy(new Error("no end after 20 s")), 20_000);
  let failure: Error | undefined;
  let quiet: ReturnType<typeof setTimeout> | undefined;
  // A server that waits for more is told that there is none.
  const stir = () => {
    clearTimeout(quiet);
    quiet = setTimeout(() => socket.end(), 60);
  };
  socket.on("connect", () => {
    socket.write(request);
    stir();
  });
  socket.on("data", (part: Uint8Array) => {
    if (parts.length === 0) socket.write(frames);
    parts.push(part);
    stir();
  });
  socket.on("error", (error: Error) => failure = error);
  await new Promise<void>((resolve) => socket.on("close", () => resolve()));
  clearTimeout(late);
  clearTimeout(quiet);
  if (failure?.message.startsWith("no end")) throw failure;
  return join(parts);
}

interface Answer {
  readonly status: number | undefined;
  /** Frames: opcode and payload. */
  readonly frames: readonly { opcode: number; payload: Uint8Array }[];
}

/** Takes an answer apart; what the server could not finish is left out. */
function parse(bytes: Uint8Array): Answer {
  const text = latin1.decode(bytes);
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return { status: undefined, frames: [] };
  const status = Number(text.match(/^HTTP\/1\.[01] (\d{3})/)?.[1]);
  const frames = [];
  for (let at = end + 4; status === 101 && at + 2 <= bytes.length;) {
    const opcode = bytes[at]! & 15;
    let length = bytes[at + 1]! & 127;
    at += 2;
    if (length === 126) {
      length = bytes[at]! << 8 | bytes[at + 1]!;
      at += 2;
    } else if (length === 127) {
      length = Number(new DataView(bytes.buffer, at, 8).getBigUint64(0));
      at += 8;
    }
    if (at + length > bytes.length) break;
    frames.push({ opcode, payload: bytes.slice(at, at + length) });
    at += length;
  }
  return { status, frames };
}

/** Whether a close frame is declared, or the runtime's echo of the peer's own. */
function checkClose(payload: Uint8Array, sent: Uint8Array): void {
  if (payload.length === 0) return;
  const code = payload[0]! << 8 | payload[1]!;
  const echoed = sent.some((byte, at) => byte === payload[0] && sent[at + 1] === payload[1]);
  assert(isDeclared(code) || echoed, `close code ${code}`);
}

/** Whether the contract knows this answer to those frames. */
function check(bytes: Uint8Array, sent: Uint8Array): void {
  const { status, frames } = parse(bytes);
  if (status === undefined) return;
  if (status !== 101) assert(STATUSES.has(status), `status ${status}`);
  for (const { opcode, payload } of frames) {
    assert([1, 2, 8, 9, 10].includes(opcode), `opcode ${opcode}`);
    if (opcode === 8) checkClose(payload, sent);
    if (opcode !== 2) continue;
    const control = decodeControl(payload);
    assert(typeof control === "object", `control frame ${payload}`);
    if (control.type === "error") assert(isDeclared(control.code), `code ${control.code}`);
  }
}

const unhex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const bytes = fc.uint8Array({ maxLength: 300 });
const control = fc.constantFrom(...vectors.valid.map(({ hex }) => unhex(hex)), new Uint8Array());
const text = fc.oneof(
  fc.nat(2_000_000).map((n) => `{"n":${n},"text":"é"}`),
  fc.array(fc.nat(9), { maxLength: 100 }).map((all) => all.map((n) => `{"n":${n}}`).join("\n")),
  fc.constantFrom("null", "", "\n", "{", '{"n":1}\n', "\n\n\n", '{"n":1}\n{"n":', '"\u2028"'),
  fc.json(),
);

interface Change {
  readonly at: number;
  readonly how: "set" | "insert" | "cut" | "repeat";
  readonly bytes: Uint8Array;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  how: fc.constantFrom("set", "insert", "cut", "repeat"),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 6 }),
});

function changed(bytes: Uint8Array, changes: readonly Change[]): Uint8Array {
  let all = bytes;
  for (const { at: share, how, bytes: put } of changes) {
    const at = Math.floor(share * all.length);
    if (how === "set") {
      all = all.slice();
      all.set(put.subarray(0, all.length - at), at);
    } else if (how === "insert") {
      all = join([all.subarray(0, at), put, all.subarray(at)]);
    } else if (how === "cut") {
      all = join([all.subarray(0, at), all.subarray(at + put.length)]);
    } else {
      all = join([all.subarray(0, at), all.subarray(Math.max(0, at - 40), at), all.subarray(at)]);
    }
  }
  return all;
}

const changes = fc.array(change, { maxLength: 4 });
/** Frames of a client, some of them with a few bytes changed, before or after they were framed. */
const frames = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.tuple(control, changes).map(([one, how]) => frame(2, changed(one, how))) },
    { weight: 3, arbitrary: text.map((one) => frame(1, utf8.encode(one))) },
    {
      weight: 2,
      arbitrary: fc.tuple(text, changes).map(([one, how]) => changed(frame(1, utf8.encode(one)), how)),
    },
    { weight: 1, arbitrary: fc.tuple(fc.nat(15), bytes).map(([opcode, one]) => frame(opcode, one)) },
    { weight: 1, arbitrary: bytes },
  ),
  { maxLength: 12 },
).map(join);

const path = fc.constantFrom("/echo", "/watch");
const offer = fc.oneof(
  { weight: 6, arbitrary: fc.constant("goats.v1") },
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant("goats.plain, goats.v1") },
  { weight: 1, arbitrary: fc.constant(`goats.v1, goats.resume.${"00".repeat(16)}`) },
);

/** Two streams that go on beside the garbage, one on each wire. */
async function beside(url: string, garbage: () => Promise<void>): Promise<void> {
  let over = false;
  const healthy = (["plain", "goats.v1"] as const).map(async (wire) => {
    await using client = httpClient(design, url, { wire });
    const stream = client.echo();
    let n = 0;
    for (; !over || n === 0; n++) {
      await stream.send({ n: n % 1_000_000 });
      assertEquals(await stream.recv(), { n: n % 1_000_000 });
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await stream.closeSend();
    assertEquals(await stream.recv(), null);
    await stream.closed;
  });
  try {
    await garbage();
  } finally {
    over = true;
    await Promise.all(healthy);
  }
}

async function fuzzServer(property: (port: number) => fc.IAsyncProperty<unknown>): Promise<void> {
  const faults: string[] = [];
  const handler = httpHandler([
    implement(design, {
      async echo({ stream }) {
        for await (const message of stream) await stream.send(message);
      },
      async *watch() {
        for (let n = 0; n < 10; n++) yield { n };
      },
    }),
  ], {
    limits: { openMs: 1000, idleMs: 2000, resumeMs: 200 },
    onError: ({ name, message, cause }) => name === "fault" && faults.push(`${message} ${cause}`),
  });
  const stop = new AbortController();
  const on = { port: 0, hostname: "127.0.0.1", onListen() {}, signal: stop.signal };
  const server = Deno.serve(on, handler);
  try {
    const { port } = server.addr;
    await beside(`http://127.0.0.1:${port}`, () => fc.assert(property(port), { seed, numRuns }));
    await until(() => handler.connections.size === 0, "no call is left");
    assertEquals(faults, []);
  } finally {
    await handler.shutdown(0);
    stop.abort();
    await server.finished;
  }
}

Deno.test(`fuzz: frames that are garbage: seed ${seed}`, () =>
  fuzzServer((port) =>
    fc.asyncProperty(
      fc.array(fc.record({ path, offer, frames }), AT_ONCE),
      async (all) => {
        await Promise.all(all.map(async ({ path, offer, frames }) => {
          const answer = await exchange(port, handshake(path, offer), frames);
          assertEquals(parse(answer).status, 101);
          check(answer, frames);
        }));
      },
    )
  ));

const protocols = fc.oneof(
  fc.string({ unit: "binary-ascii", maxLength: 60 }).map((one) => one.replace(/[\r\n]/g, " ")),
  fc.array(
    fc.oneof(
      fc.constantFrom("goats.v1", "goats.plain", "goats.resume.", "goats.resume.zz", "GOATS.V1", ""),
      fc.string({ maxLength: 10 }).map((one) => one.replace(/[\r\n]/g, " ")),
      fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF"), maxLength: 80 }).map((hex) =>
        `goats.resume.${hex}`
      ),
    ),
    { maxLength: 30 },
  ).chain((all) => fc.constantFrom(",", ", ", " ,\t", ",,").map((comma) => all.join(comma))),
);

Deno.test({
  name: `fuzz: handshakes that are garbage: seed ${seed}`,
  // Deno never settles an upgrade whose peer was gone before the 101 (runtime.md).
  sanitizeOps: false,
  fn: () =>
    fuzzServer((port) =>
      fc.asyncProperty(
        fc.array(fc.record({ path, protocols: fc.oneof(protocols, offer), changes, frames }), AT_ONCE),
        async (all) => {
          await Promise.all(all.map(async ({ path, protocols, changes, frames }) => {
            check(await exchange(port, changed(handshake(path, protocols), changes), frames), frames);
          }));
        },
      )
    ),
});

/** A server that shakes hands and then says what it is given, and nothing more. */
async function babbling(says: (connection: number) => { offer: string | undefined; frames: Uint8Array }) {
  let taken = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const { offer, frames } = says(taken++);
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.once("data", (request: Uint8Array) => {
      const key = latin1.decode(request).match(/sec-websocket-key: (\S+)/i)?.[1];
      if (key === undefined) return socket.end("HTTP/1.1 426 Upgrade Required\r\ncontent-length: 0\r\n\r\n");
      const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
      const lines = [
        "HTTP/1.1 101 Switching Protocols",
        "upgrade: websocket",
        "connection: Upgrade",
        `sec-websocket-accept: ${accept}`,
        ...(offer === undefined ? [] : [`sec-websocket-protocol: ${offer}`]),
        "",
        "",
      ];
      socket.write(join([utf8.encode(lines.join("\r\n")), frames]), () => socket.end());
      socket.resume();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A server's frame has no mask: bit and key go. */
function unmasked(opcode: number, payload: Uint8Array): Uint8Array {
  const masked = frame(opcode, payload);
  const head = masked.length - payload.length - 4;
  masked[1]! &= 127;
  return join([masked.subarray(0, head), payload]);
}

const served = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.tuple(control, changes).map(([one, how]) => unmasked(2, changed(one, how))) },
    { weight: 3, arbitrary: text.map((one) => unmasked(1, utf8.encode(one))) },
    {
      weight: 2,
      arbitrary: fc.tuple(text, changes).map(([one, how]) => changed(unmasked(1, utf8.encode(one)), how)),
    },
    { weight: 1, arbitrary: fc.tuple(fc.nat(15), bytes).map(([opcode, one]) => unmasked(opcode, one)) },
    { weight: 1, arbitrary: bytes },
  ),
  { maxLength: 12 },
).map(join);

Deno.test(`fuzz: a server that babbles: seed ${seed}`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ offer: fc.constantFrom(undefined, "goats.v1"), frames: served }), AT_ONCE),
      async (all) => {
        await Promise.all(all.map(async (one) => {
          await using server = await babbling(() => one);
          await using client = httpClient(design, server.url, { reconnect: false, limits: { openMs: 1000 } });
          const stream = client.echo();
          for (;;) {
            try {
              if (await stream.recv() === null) break;
            } catch (error) {
              assert(error instanceof ServiceError, `${error}`);
              // An invalid message rejects one `recv`, the end of the call all of them.
              if (stream.state === "closed") break;
            }
          }
          await stream.closed.catch((error) => assert(error instanceof ServiceError, `${error}`));
        }));
      },
    ),
    { seed, numRuns },
  );
});
