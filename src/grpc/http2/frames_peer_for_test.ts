/**
 * An HTTP/2 server by hand, for tests: says what a test wants, and tells what the client says, frame by frame.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Buffer } from "node:buffer";
import { once } from "node:events";
import net from "node:net";
import { byteSink } from "./byte_writer.ts";
import { ClientSession, type SessionHooks } from "./client_session.ts";
import type { Headers } from "./frame_writer.ts";
import type { ClientStream } from "./client_stream.ts";
import { hpackDecoder } from "./hpack_decoder.ts";
import { hpackEncoder } from "./hpack_encoder.ts";
import type { Field } from "./hpack_static.ts";
import { Flag, Frame, HEAD_BYTES, PREFACE } from "./protocol.ts";

/** A frame that the client sent. */
export interface Seen {
  readonly type: number;
  readonly flags: number;
  readonly id: number;
  readonly payload: Uint8Array;
  /** What the block of headers that ends here says. */
  readonly fields: Field[];
}

/** What {@linkcode framesPeer} may be told. */
export interface PeerOptions {
  /** What the server says first: no word of its own without it, an empty list for SETTINGS of nothing. */
  readonly settings?: readonly (readonly [name: number, value: number])[];
  /** The initial window of the client's streams. */
  readonly window?: number;
  readonly authority?: string;
  readonly arrived?: () => void;
  readonly answer?: SessionHooks["answer"];
  /** The number of the first stream. */
  readonly firstId?: number;
}

/** Both ends of a connection: a session, and who it talks to. */
export interface Peer extends AsyncDisposable {
  readonly session: ClientSession;
  /** What the session writes to its socket, each time. */
  readonly writes: Uint8Array[];
  /** Errors that the session told of. */
  readonly errors: Error[];
  /** Sends bytes to the client. */
  send(...bytes: Uint8Array[]): Promise<void>;
  /** A block of headers, in order with the others. */
  block(fields: readonly Field[]): Uint8Array;
  /** HEADERS with such a block. */
  headers(id: number, fields: readonly Field[], flags?: number): Uint8Array;
  /** The client's next frame. */
  next(): Promise<Seen>;
  /** The client's frames up to here: it has taken whatever was sent to it, and sent all that it will for now. */
  settle(): Promise<Seen[]>;
  /** The client's frames up to the end of the connection. */
  rest(): Promise<Seen[]>;
  /** Has the socket take no more; what is written is kept. */
  stick(): void;
  /** Has it take what was kept, and more. */
  unstick(): void;
  /** Ends the connection. */
  cut(): void;
  /** Resolves once the client's socket is gone. */
  readonly gone: Promise<unknown>;
}

/** Connects a session to a server by hand. */
export async function framesPeer(options: PeerOptions = {}): Promise<Peer> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const socket = net.connect({ host: "127.0.0.1", port: listener.addr.port, noDelay: true });
  const [connection] = await Promise.all([listener.accept(), once(socket, "connect")]);
  listener.close();
  connection.setNoDelay(true);
  const gone = new Promise((resolve) => socket.on("close", resolve));
  const writes: Uint8Array[] = [];
  const kept: Uint8Array[] = [];
  let stuck = false;
  const write = socket.write.bind(socket) as (bytes: Uint8Array) => boolean;
  const end = socket.end.bind(socket) as (done: () => void) => void;
  Object.assign(socket, {
    write(bytes: Uint8Array) {
      writes.push(bytes.slice());
      if (!stuck) return write(bytes);
      kept.push(bytes);
      return false;
    },
    end(done: () => void) {
      // It would never come to its end.
      if (!stuck) end(done);
    },
  });
  const session = new ClientSession(options.authority ?? "http://localhost", {
    createConnection: () => socket,
    settings: options.window === undefined ? undefined : { initialWindowSize: options.window },
  }, {
    call: () => options.arrived && { arrived: options.arrived },
    answer: options.answer ?? (() => {}),
    firstId: options.firstId,
  });
  const errors: Error[] = [];
  session.on("error", (error: Error) => errors.push(error));

  const encoder = hpackEncoder();
  const decoder = hpackDecoder({ maxBytes: 2 ** 24 });
  const buffer = new Uint8Array(64 * 1024);
  let held = new Uint8Array(0);
  let parts: Uint8Array[] = [];
  let pings = 0;
  let open = true;

  /** So many bytes of the client; none at the end of the connection. */
  async function read(bytes: number): Promise<Uint8Array | undefined> {
    while (held.length < bytes) {
      let got: number | null = null;
      try {
        got = await connection.read(buffer);
      } catch { /* It was reset. */ }
      if (got === null) return undefined;
      held = joined(held, buffer.subarray(0, got));
    }
    const taken = held.slice(0, bytes);
    held = held.subarray(bytes);
    return taken;
  }

  async function frameOrEnd(): Promise<Seen | undefined> {
    const head = await read(HEAD_BYTES);
    if (head === undefined) return undefined;
    const view = new DataView(head.buffer);
    const payload = await read(view.getUint32(0) >>> 8);
    if (payload === undefined) return undefined;
    const type = head[3]!, flags = head[4]!, fields: Field[] = [];
    if (type === Frame.headers || type === Frame.continuation) {
      parts.push(payload);
      if ((flags & Flag.endHeaders) !== 0) {
        assert(decoder.decode(joined(...parts), (name, value) => fields.push([name, value])));
        parts = [];
      }
    }
    return { type, flags, id: view.getUint32(5), payload, fields };
  }

  const peer: Peer = {
    session,
    writes,
    errors,
    gone,
    async send(...bytes) {
      const all = joined(...bytes);
      for (let at = 0; at < all.length;) at += await connection.write(all.subarray(at));
    },
    block(fields) {
      const out = byteSink();
      encoder.encode(fields, out);
      return out.take();
    },
    headers(id, fields, flags = 0) {
      return frame(Frame.headers, flags | Flag.endHeaders, id, peer.block(fields));
    },
    async next() {
      const seen = await frameOrEnd();
      assert(seen !== undefined, "the connection has ended");
      return seen;
    },
    async settle() {
      const payload = Uint8Array.of(115, 101, 116, 116, 108, 101, ++pings >> 8, pings);
      await peer.send(frame(Frame.ping, 0, 0, payload));
      const seen: Seen[] = [];
      while (true) {
        const one = await peer.next();
        if (one.type === Frame.ping && one.flags === Flag.ack && `${one.payload}` === `${payload}`) {
          return seen;
        }
        seen.push(one);
      }
    },
    async rest() {
      const seen: Seen[] = [];
      for (let one; (one = await frameOrEnd()) !== undefined;) seen.push(one);
      return seen;
    },
    stick() {
      stuck = true;
    },
    unstick() {
      stuck = false;
      for (const bytes of kept.splice(0)) write(bytes);
      socket.emit("drain");
    },
    cut() {
      if (open) connection.close();
      open = false;
    },
    async [Symbol.asyncDispose]() {
      session.destroy();
      await gone;
      peer.cut();
    },
  };
  const preface = await read(PREFACE.length);
  assertEquals(new TextDecoder().decode(preface), PREFACE);
  if (options.settings !== undefined) {
    assertEquals((await peer.next()).type, Frame.settings);
    assertEquals((await peer.next()).type, Frame.windowUpdate);
    await peer.send(settings(...options.settings));
    assertEquals(await peer.next(), {
      type: Frame.settings,
      flags: Flag.ack,
      id: 0,
      payload: bytes(0),
      fields: [],
    });
  }
  return peer;
}

/** Bytes after one another. */
export function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** So many bytes. */
export function bytes(length: number, value = 120): Uint8Array {
  return new Uint8Array(length).fill(value);
}

/** A number in 4 bytes. */
export function u32(...values: number[]): Uint8Array {
  const out = byteSink();
  for (const value of values) out.u32(value);
  return out.take();
}

/** A frame. */
export function frame(type: number, flags: number, id: number, payload: Uint8Array = bytes(0)): Uint8Array {
  const out = byteSink();
  out.u24(payload.length);
  out.u8(type);
  out.u8(flags);
  out.u32(id);
  out.bytes(payload);
  return out.take();
}

/** DATA, of a text or of so many bytes. */
export function data(id: number, content: string | number, flags = 0): Uint8Array {
  return frame(
    Frame.data,
    flags,
    id,
    typeof content === "number" ? bytes(content) : new TextEncoder().encode(content),
  );
}

/** SETTINGS. */
export function settings(...values: (readonly [name: number, value: number])[]): Uint8Array {
  const out = byteSink();
  for (const [name, value] of values) {
    out.u16(name);
    out.u32(value);
  }
  return frame(Frame.settings, 0, 0, out.take());
}

/** WINDOW_UPDATE. */
export function windowUpdate(id: number, more: number): Uint8Array {
  return frame(Frame.windowUpdate, 0, id, u32(more));
}

/** RST_STREAM. */
export function rstStream(id: number, code: number): Uint8Array {
  return frame(Frame.rstStream, 0, id, u32(code));
}

/** GOAWAY. */
export function goaway(last: number, code: number, why = ""): Uint8Array {
  return frame(Frame.goaway, 0, 0, joined(u32(last, code), new TextEncoder().encode(why)));
}

/** Headers of a request. */
export function call(path = "/s/m", more: Headers = {}): Headers {
  return { ":authority": "here", ":method": "POST", ":path": path, te: "trailers", ...more };
}

/** Headers of an answer. */
export const OK: readonly Field[] = [[":status", "200"], ["content-type", "application/grpc"]];
/** Trailers of an answer. */
export const DONE: readonly Field[] = [["grpc-status", "0"]];

/** What came of a stream. */
export interface Watched {
  /** Its events, in order: those of data that follow on one another as one. */
  readonly events: string[];
  /** Resolves with them once it is closed. */
  readonly closed: Promise<string[]>;
}

/** Listens to a stream. */
export function watch(stream: ClientStream): Watched {
  const events: string[] = [];
  stream.on("response", (headers, flags) => events.push(`response ${headers[":status"]} ${flags}`));
  stream.on("data", (chunk: Buffer) => {
    const last = events.length - 1;
    if (events[last]?.startsWith("data ") === true) events[last] += chunk.toString("latin1");
    else events.push(`data ${chunk.toString("latin1")}`);
  });
  stream.on("end", () => events.push("end"));
  stream.on("trailers", (trailers) => events.push(`trailers ${JSON.stringify(trailers)}`));
  stream.on("error", (error) => events.push(`error ${error.message}`));
  const closed = new Promise<string[]>((resolve) => {
    stream.on("close", () => {
      events.push(`close ${stream.rstCode}`);
      resolve(events);
    });
  });
  return { events, closed };
}

/** Says frames shortly, in one line each. */
export function brief(seen: readonly Seen[]): string[] {
  const names = Object.entries(Frame);
  return seen.map(({ type, flags, id, payload }) => {
    const name = names.find(([, number]) => number === type)?.[0] ?? `type ${type}`;
    const numbers = new DataView(payload.buffer);
    const detail = type === Frame.rstStream || type === Frame.windowUpdate
      ? `${numbers.getUint32(0)}`
      : type === Frame.goaway
      ? `${numbers.getUint32(0)} ${numbers.getUint32(4)}`
      : type === Frame.data
      ? `${payload.length}`
      : "";
    const end = (type === Frame.data || type === Frame.headers) && (flags & Flag.endStream) !== 0
      ? " end"
      : "";
    return `${name} ${id}${detail && ` ${detail}`}${end}`;
  });
}

/** The client's frames as it wrote them, whether they arrived or not. */
export function written(writes: readonly Uint8Array[]): Seen[] {
  const all = joined(...writes);
  const seen: Seen[] = [];
  const view = new DataView(all.buffer);
  for (let at = PREFACE.length; at < all.length;) {
    const end = at + HEAD_BYTES + (view.getUint32(at) >>> 8);
    const payload = all.slice(at + HEAD_BYTES, end);
    seen.push({ type: all[at + 3]!, flags: all[at + 4]!, id: view.getUint32(at + 5), payload, fields: [] });
    at = end;
  }
  return seen;
}
