/** HTTP/2 by hand, at either end: peers that do what no gRPC library does. */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import http2, { type ClientHttp2Session, type ClientHttp2Stream, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** Puts gRPC's prefix before a message: the length is what it should be, unless told otherwise. */
export function frame(message: Uint8Array, flag = 0, length = message.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

/** A connection by hand. */
export interface ByHand extends AsyncDisposable {
  readonly session: ClientHttp2Session;
  /** Opens a call of `trip_log.TripLog`. */
  open(method: string, headers?: Readonly<Record<string, string>>): ClientHttp2Stream;
}

export async function connectByHand(address: string): Promise<ByHand> {
  const session = http2.connect(`http://${address}`);
  session.on("error", () => {});
  await once(session, "connect");
  return {
    session,
    open(method, headers = {}) {
      const stream = session.request({
        ":method": "POST",
        ":path": `/trip_log.TripLog/${method}`,
        "content-type": "application/grpc",
        te: "trailers",
        ...headers,
      });
      stream.on("error", () => {});
      return stream;
    },
    async [Symbol.asyncDispose]() {
      const closed = session.closed ? undefined : new Promise((resolve) => session.once("close", resolve));
      session.destroy();
      await closed;
    },
  };
}

/** What a call by hand came to. */
export interface Answer {
  /** `grpc-status`; absent when there was none. */
  readonly status?: number;
  readonly message?: string;
  /** `:status`; absent when nothing came. */
  readonly http?: number;
  readonly data: Buffer;
  /** The code of RST_STREAM, 0 for none. */
  readonly reset: number;
}

/** Waits for the end of a call by hand, whatever it is. */
export function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  const data: Buffer[] = [];
  let told: Record<string, unknown> = {};
  const note = (headers: Record<string, unknown>) => told = { ...told, ...headers };
  stream.on("response", note);
  stream.on("trailers", note);
  stream.on("data", (chunk: Buffer) => data.push(chunk));
  // A server that has said its last does not make its caller stop.
  stream.on("end", () => stream.end());
  return new Promise((resolve) =>
    stream.on("close", () => {
      const { ":status": http, "grpc-status": status, "grpc-message": message } = told;
      resolve({
        ...(status === undefined ? {} : { status: Number(status) }),
        ...(http === undefined ? {} : { http: Number(http) }),
        ...(message === undefined ? {} : { message: decodeURI(`${message}`) }),
        data: Buffer.concat(data),
        reset: stream.rstCode ?? 0,
      });
    })
  );
}

/** A server by hand. */
export interface ServerByHand extends AsyncDisposable {
  readonly address: string;
  /** Connections it has had. */
  readonly sessions: number;
}

/** Serves every call by `handle`, given the path. */
export async function serveByHand(
  handle: (stream: ServerHttp2Stream, path: string) => void,
): Promise<ServerByHand> {
  const server = http2.createServer();
  const open = new Set<{ destroy(): void }>();
  let sessions = 0;
  server.on("session", (session) => {
    sessions++;
    open.add(session);
    session.on("error", () => {});
    session.on("close", () => open.delete(session));
  });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    handle(stream as ServerHttp2Stream, `${headers[":path"]}`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get sessions() {
      return sessions;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const session of open) session.destroy();
      await closed;
    },
  };
}

/** Types of frames (RFC 9113 §6). */
export const FRAME = { data: 0, headers: 1, reset: 3, settings: 4, goaway: 7 } as const;
const END_STREAM = 1;
const END_HEADERS = 4;
const ACK = 1;

/** A frame. */
export function frameOf(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function fields(pairs: Record<string, string>): Buffer {
  // Literals without indexing, names in full (RFC 7541 §6.2.2).
  return Buffer.concat(
    Object.entries(pairs).flatMap(([name, value]) => [
      Buffer.of(0, name.length),
      Buffer.from(name),
      Buffer.of(value.length),
      Buffer.from(value),
    ]),
  );
}

function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, at) => bytes.writeUInt32BE(value, 4 * at));
  return bytes;
}

/** A call as a server sees it that writes its frames itself: `node:http2` ends streams before it resets them. */
export interface FramedCall {
  /** Writes bytes that may be anything. */
  write(bytes: Uint8Array): void;
  /** Number of the stream. */
  readonly id: number;
  head(pairs?: Record<string, string>): void;
  data(bytes: Uint8Array): void;
  /** Headers that end the stream. */
  trailers(pairs: Record<string, string>): void;
  reset(code: number): void;
  goaway(last: number, code: number): void;
  /** Cuts the connection. */
  cut(): void;
}

/** Serves every call by frames written by hand. */
export async function serveFrames(handle: (call: FramedCall) => void): Promise<ServerByHand> {
  const sockets = new Set<Socket>();
  let sessions = 0;
  const server = createServer((socket) => {
    sessions++;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.write(frameOf(FRAME.settings, 0, 0, Buffer.alloc(0)));
    const write = (bytes: Uint8Array) => void (socket.destroyed || socket.write(bytes));
    let unread = Buffer.alloc(0);
    let preface = 24;
    socket.on("data", (chunk: Buffer) => {
      unread = Buffer.concat([unread, chunk]);
      if (unread.length < preface) return;
      unread = unread.subarray(preface);
      preface = 0;
      while (unread.length >= 9) {
        const length = unread.readUIntBE(0, 3);
        if (unread.length < 9 + length) return;
        const [type, flags, id] = [unread[3], unread[4]!, unread.readUInt32BE(5)];
        unread = unread.subarray(9 + length);
        if (type === FRAME.settings && !(flags & ACK)) {
          write(frameOf(FRAME.settings, ACK, 0, Buffer.alloc(0)));
        }
        if (type !== FRAME.headers) continue;
        const send = (type: number, flags: number, payload: Uint8Array) =>
          write(frameOf(type, flags, id, payload));
        handle({
          write,
          id,
          head: (pairs = { "content-type": "application/grpc" }) =>
            // 0x88: the status 200.
            send(FRAME.headers, END_HEADERS, Buffer.concat([Buffer.of(0x88), fields(pairs)])),
          data: (bytes) => send(FRAME.data, 0, bytes),
          trailers: (pairs) => send(FRAME.headers, END_HEADERS | END_STREAM, fields(pairs)),
          reset: (code) => send(FRAME.reset, 0, uint32(code)),
          goaway: (last, code) => write(frameOf(FRAME.goaway, 0, 0, uint32(last, code))),
          cut: () => socket.destroy(),
        });
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get sessions() {
      return sessions;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Response headers of gRPC. */
export const HEAD = { ":status": 200, "content-type": "application/grpc" } as const;

/** Sends headers, messages and a status as gRPC has it. */
export function respond(
  stream: ServerHttp2Stream,
  messages: readonly Uint8Array[],
  trailers: Record<string, string> = { "grpc-status": "0" },
): void {
  stream.respond(HEAD, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  for (const message of messages) stream.write(message);
  stream.end();
}
