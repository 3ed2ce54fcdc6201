import { assert, assertEquals } from "@std/assert";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { byteSink } from "./byte_writer.ts";
import { hpackDecoder } from "./hpack_decoder.ts";
import { hpackEncoder } from "./hpack_encoder.ts";
import type { Field } from "./hpack_static.ts";
import { seeded } from "./huffman_for_test.ts";

const HEADERS = 1;
const SETTINGS = 4;
const CONTINUATION = 9;
const END_STREAM = 1;
const ACK = 1;
const END_HEADERS = 4;
const HEADER_TABLE_SIZE = 1;

interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Uint8Array;
}

/** The frames that arrive on a connection. */
async function* framesOf(connection: Deno.Conn): AsyncGenerator<Frame> {
  let held = new Uint8Array(0);
  for await (const read of connection.readable.values({ preventCancel: true })) {
    const all = new Uint8Array(held.length + read.length);
    all.set(held);
    all.set(read, held.length);
    held = all;
    while (held.length >= 9) {
      const view = new DataView(held.buffer, held.byteOffset);
      const end = 9 + (view.getUint32(0) >>> 8);
      if (held.length < end) break;
      yield { type: held[3]!, flags: held[4]!, stream: view.getUint32(5), payload: held.slice(9, end) };
      held = held.subarray(end);
    }
  }
}

/** A session by hand, of calls one after the other, with a server of `node:http2` that sends all headers back. */
async function session(
  tableSizes: { theirs?: number; ours?: number },
  calls: Field[][],
): Promise<{ requests: number[]; answers: Field[][]; blocks: Uint8Array[] }> {
  const server = http2.createServer({ settings: { headerTableSize: tableSizes.theirs ?? 4096 } });
  const requests: number[] = [];
  server.on("stream", (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => {
    const back: Record<string, string | string[]> = { ":status": "200" };
    for (const [name, value] of Object.entries(headers)) {
      back[name.startsWith(":") ? `was-${name.slice(1)}` : name] = value as string;
    }
    stream.respond(back, { endStream: true });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const connection = await Deno.connect({ port, hostname: "127.0.0.1" });
  const answers: Field[][] = [];
  const blocks: Uint8Array[] = [];
  try {
    const { ours } = tableSizes;
    const encoder = hpackEncoder();
    const decoder = hpackDecoder({ tableBytes: ours });
    const out = byteSink();
    const writer = connection.writable.getWriter();
    const frame = (type: number, flags: number, stream: number, payload: () => void): void => {
      const at = out.length;
      out.u24(0);
      out.u8(type);
      out.u8(flags);
      out.u32(stream);
      payload();
      out.setU24(at, out.length - at - 9);
    };
    const call = (): Promise<void> => {
      const at = out.length;
      const stream = answers.length * 2 + 1;
      frame(
        HEADERS,
        END_HEADERS | END_STREAM,
        stream,
        () => encoder.encode(calls[answers.length]!, out),
      );
      requests.push(out.length - at - 9);
      return writer.write(out.take());
    };
    out.text("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    frame(SETTINGS, 0, 0, () => {
      if (ours === undefined) return;
      out.u16(HEADER_TABLE_SIZE);
      out.u32(ours);
    });
    await writer.write(out.take());
    let block: number[] = [];
    for await (const { type, flags, payload } of framesOf(connection)) {
      if (type === SETTINGS && !(flags & ACK)) {
        for (let at = 0; at < payload.length; at += 6) {
          const view = new DataView(payload.buffer, at);
          if (view.getUint16(0) === HEADER_TABLE_SIZE) encoder.setTableSize(view.getUint32(2));
        }
        frame(SETTINGS, ACK, 0, () => {});
        await call();
      }
      assert(type !== 7 && type !== 3, `frame of type ${type}`);
      if (type !== HEADERS && type !== CONTINUATION) continue;
      // Neither padded nor with a priority: a server has no reason to.
      assertEquals(flags & 0x28, 0);
      block.push(...payload);
      if (!(flags & END_HEADERS)) continue;
      const fields: Field[] = [];
      assert(decoder.decode(Uint8Array.from(block), (name, value) => fields.push([name, value])));
      answers.push(fields);
      blocks.push(Uint8Array.from(block));
      block = [];
      if (answers.length === calls.length) break;
      await call();
    }
    assertEquals(answers.length, calls.length);
  } finally {
    connection.close();
    await new Promise((closed) => server.close(closed));
  }
  return { requests, answers, blocks };
}

/** Headers that grpc-js sends, and some more of any printable characters. */
function someCalls(count: number): Field[][] {
  const random = seeded();
  const text = (length: number, from: number, to: number): string =>
    Array.from({ length }, () => String.fromCharCode(from + random(to - from))).join("");
  return Array.from({ length: count }, () => [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", `/chat.Chat/Say${random(80)}`],
    [":authority", "127.0.0.1:50051"],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
    ["user-agent", "grpc-node-js/1.14.7"],
    ["authorization", text(random(40), 0x21, 0x7f)],
    // Letters up to "k": never the name below.
    [`x-${text(1 + random(5), 0x61, 0x6c)}`, text(1 + random(200), 0x21, 0x7f)],
    // Not in a name that grpc has a meaning for; long ones take an integer of several octets.
    ["x-long", text(random(10) ? 10 : 3000, 0x61, 0x67)],
  ]);
}

/** What the server has been sent, by what it sent back. */
function assertAnswers(calls: Field[][], answers: Field[][]): void {
  calls.forEach((call, at) => {
    const answer = new Map(answers[at]);
    assertEquals(answer.get(":status"), "200");
    for (const [name, value] of call) {
      assertEquals(answer.get(name.startsWith(":") ? `was-${name.slice(1)}` : name), value, name);
    }
  });
}

Deno.test("hpack: node:http2 reads what is written, and what it writes is read", async () => {
  const calls = someCalls(200);
  const { answers, blocks } = await session({}, calls);
  assertAnswers(calls, answers);
  // It does code strings: it is not only plain ones that were read.
  const plain = answers.reduce((all, fields) => fields.reduce((sum, [, { length }]) => sum + length, all), 0);
  assert(blocks.reduce((sum, { length }) => sum + length, 0) < plain);
});

Deno.test("hpack: node:http2 with a table of another size", async () => {
  for (const theirs of [0, 100, 300, 65_536]) {
    const calls = someCalls(60);
    const { answers, requests } = await session({ theirs }, calls);
    assertAnswers(calls, answers);
    assert(requests.length === calls.length);
  }
});

Deno.test("hpack: node:http2 told another size of our table", async () => {
  for (const ours of [0, 100, 300, 10_000]) {
    const calls = someCalls(60);
    assertAnswers(calls, (await session({ ours }, calls)).answers);
  }
});
