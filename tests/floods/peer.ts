/**
 * The other end: `peer.ts KIND PORT BYTES SIZE`.
 *
 * - `flood-plain` `flood-goats.v1`: frames as fast as TCP takes them, whatever the server says: no peer that plays fair
 * - `send-plain` `send-goats.v1`: a goats client that sends as fast as it may
 * - `deaf-plain` `deaf-goats.v1` `deaf-sse`: asks for a stream and reads nothing of it
 *
 * Answers `look` with what it has sent, how that ended, and its own memory.
 */
import { httpClient } from "../../src/http/client.ts";
import { frame } from "../ws_support.ts";
import { floods } from "./design.ts";
import { answer, forgetPeak, resident } from "./process.ts";

const [kind, port, bytes, size] = [Deno.args[0]!, ...Deno.args.slice(1).map(Number)] as [
  string,
  number,
  number,
  number,
];
let sent = 0;
let end = "";

function handshake(path: string, ...headers: string[]): Uint8Array<ArrayBuffer> {
  const lines = [`GET ${path} HTTP/1.1`, "host: 127.0.0.1", ...headers, "", ""];
  return new TextEncoder().encode(lines.join("\r\n"));
}

function upgrade(path: string, wire: string): Uint8Array<ArrayBuffer> {
  return handshake(
    path,
    "upgrade: websocket",
    "connection: upgrade",
    "sec-websocket-version: 13",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
    ...(wire === "goats.v1" ? ["sec-websocket-protocol: goats.v1"] : []),
  );
}

async function writeAll(to: Deno.Conn, data: Uint8Array): Promise<void> {
  for (let at = 0; at < data.length;) at += await to.write(data.subarray(at));
}

/** Many frames of one message each, to be written at once. */
function manyFrames(): { data: Uint8Array; messages: number } {
  const one = frame(1, new TextEncoder().encode(JSON.stringify({ text: "x".repeat(size) })));
  const messages = Math.max(1, Math.floor(65_536 / one.length));
  const data = new Uint8Array(one.length * messages);
  for (let n = 0; n < messages; n++) data.set(one, n * one.length);
  return { data, messages };
}

/** The close code among the last bytes of a server, if it is there. */
function closeCode(tail: Uint8Array): number | undefined {
  const at = tail.lastIndexOf(0x88);
  return at < 0 || at + 3 >= tail.length ? undefined : tail[at + 2]! << 8 | tail[at + 3]!;
}

async function flood(wire: string): Promise<void> {
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  await writeAll(socket, upgrade("/up", wire));
  let tail = new Uint8Array();
  const listening = (async () => {
    const buffer = new Uint8Array(4096);
    for (let n = await socket.read(buffer); n !== null; n = await socket.read(buffer)) {
      tail = buffer.slice(0, n);
    }
  })().catch(() => {});
  const { data, messages } = manyFrames();
  try {
    for (; sent < bytes; sent += messages * size) await writeAll(socket, data);
    end = "all sent";
  } catch (error) {
    await listening;
    end = `${(error as Error).name}, close code ${closeCode(tail)}`;
  }
}

async function send(wire: "plain" | "goats.v1"): Promise<void> {
  const client = httpClient(floods, `http://127.0.0.1:${port}`, { wire, limits: { stallMs: 2000 } });
  const stream = client.up();
  const text = "x".repeat(size);
  try {
    for (; sent < bytes; sent += size) await stream.send({ text });
    end = "all sent";
  } catch (error) {
    end = (error as Error).name;
  }
}

async function deaf(wire: string): Promise<void> {
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  const query = `?bytes=${bytes}&size=${size}`;
  await writeAll(
    socket,
    wire === "sse"
      ? handshake(`/events${query}`, "accept: text/event-stream")
      : upgrade(`/down${query}`, wire),
  );
  // Kept open: nobody ever reads.
  end = `deaf on ${socket.localAddr.transport}`;
}

const [what, wire] = kind.split(/-(.*)/) as ["flood" | "send" | "deaf", "plain" | "goats.v1"];
forgetPeak();
const before = resident().now;
void { flood, send, deaf }[what](wire);
console.log("started".length);
await answer({ look: () => ({ sent, end, grown: resident().peak - before }) });
Deno.exit(0);
