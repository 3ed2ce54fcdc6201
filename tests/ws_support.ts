/** Servers of one method each, around `serveWebSocket` alone, and the peers that call them. */
import { connect as connectTcp, type Socket } from "node:net";
import { att, field, method, object, result } from "../src/codec/test_models.ts";
import { errorJsonCodec } from "../src/codec/error_json.ts";
import { type ActiveCalls, activeCalls } from "../src/core/active_calls.ts";
import type { AnyHandler } from "../src/core/endpoint.ts";
import type { CallRequest } from "../src/core/exchange.ts";
import type { MethodModel } from "../src/design/model.ts";
import { httpStatusOf } from "../src/errors/http_status.ts";
import type { ServiceError } from "../src/errors/service_error.ts";
import { serveWebSocket, type WsServerOptions } from "../src/ws/server.ts";

export const item = object(
  field("n!", "int", { maximum: 1_000_000 }),
  field("text", "string"),
  field("big", "int64"),
);

const routes = [{ verb: "GET", path: "/", segments: [] }];

const mapped = (status: number) => ({ status, headers: [] });

const shared: Partial<MethodModel> = {
  service: "svc",
  errors: {
    not_found: { name: "not_found", temporary: false, timeout: false, fault: false },
    unmapped: { name: "unmapped", temporary: false, timeout: false, fault: false },
    busy: { name: "busy", temporary: true, timeout: false, fault: false },
  },
  http: {
    routes,
    query: [],
    headers: [],
    cookies: [],
    responses: [mapped(200)],
    errors: { not_found: mapped(404) },
  },
};

export const down = method({ ...shared, name: "down", kind: "server", streamingResult: item });
export const up = method({
  ...shared,
  name: "up",
  kind: "client",
  streamingPayload: item,
  result: object(field("count!", "int64")),
});
export const push = method({ ...shared, name: "push", kind: "client", streamingPayload: item });
export const both = method({
  ...shared,
  name: "both",
  kind: "bidi",
  streamingPayload: item,
  streamingResult: item,
});

export const Bottle = result(
  "Bottle",
  object(field("id!", "int"), field("name!", "string"), field("notes", "string")),
  { default: ["id", "name", "notes"], tiny: ["id"] },
);
export const list = method({ ...shared, name: "list", kind: "server", streamingResult: att(Bottle) });
export const pinned = method({ ...list, name: "pinned", streamingResult: att(Bottle, { view: "tiny" }) });
export const browse = method({ ...list, name: "browse", kind: "bidi", streamingPayload: item });

/** A server of one method. */
export interface Served extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly errors: ServiceError[];
  readonly active: ActiveCalls;
  /** What was seen of the calls. */
  readonly calls: CallRequest[];
  readonly server: Deno.HttpServer<Deno.NetAddr>;
}

export function serveMethod(
  model: MethodModel,
  handler: AnyHandler,
  options: Partial<WsServerOptions> & { payload?: unknown; signal?: AbortSignal } = {},
): Served {
  const errors: ServiceError[] = [];
  const calls: CallRequest[] = [];
  const active = activeCalls();
  const { signal } = options;
  const on = { port: 0, hostname: "127.0.0.1", onListen() {}, signal };
  const server = Deno.serve(on, (request, { remoteAddr }) => {
    const call: CallRequest = {
      transport: "ws",
      service: model.service,
      method: model.name,
      headers: request.headers,
      peer: `${remoteAddr.hostname}:${remoteAddr.port}`,
    };
    return serveWebSocket(request, call, { method: model, handler }, options.payload, {
      active,
      onError(error, seen) {
        errors.push(error);
        calls.push(seen);
      },
      errorResponse: (error) =>
        new Response(errorJsonCodec(model).encode(error), {
          status: httpStatusOf(error, model),
          headers: { "goa-error": error.name },
        }),
      ...options,
    });
  });
  const { port } = server.addr;
  return {
    port,
    url: `ws://127.0.0.1:${port}/`,
    errors,
    calls,
    active,
    server,
    async [Symbol.asyncDispose]() {
      await active.drain(0);
      await (signal?.aborted ? server.finished : server.shutdown());
    },
  };
}

/** A bare WebSocket, as a browser page would write it, with its messages and its end to wait for. */
export interface Bare {
  readonly socket: WebSocket;
  readonly messages: string[];
  readonly opened: Promise<void>;
  readonly closed: Promise<CloseEvent>;
}

export function bare(url: string, protocols?: string[]): Bare {
  const socket = protocols === undefined ? new WebSocket(url) : new WebSocket(url, protocols);
  const messages: string[] = [];
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<CloseEvent>();
  opened.promise.catch(() => {});
  socket.onopen = () => opened.resolve();
  socket.onmessage = ({ data }) => messages.push(data);
  socket.onclose = (event) => {
    opened.reject(new Error(`closed with ${event.code}`));
    closed.resolve(event);
  };
  return { socket, messages, opened: opened.promise, closed: closed.promise };
}

/** A TCP connection that has asked for an upgrade. */
export interface Raw {
  readonly socket: Socket;
  /** Resolves once the request is written. */
  readonly asked: Promise<void>;
  /** Status line and headers of the answer, once they are there. */
  readonly head: Promise<string>;
  /** Bytes after the head so far. */
  readonly body: () => Uint8Array;
  readonly closed: Promise<void>;
}

export function raw(port: number, headers: Record<string, string> = {}): Raw {
  const socket = connectTcp(port, "127.0.0.1");
  const head = Promise.withResolvers<string>();
  const closed = Promise.withResolvers<void>();
  let bytes = new Uint8Array();
  let text = "";
  socket.on("data", (chunk: Uint8Array) => {
    if (text !== "") {
      bytes = new Uint8Array([...bytes, ...chunk]);
      return;
    }
    bytes = new Uint8Array([...bytes, ...chunk]);
    const all = new TextDecoder("latin1").decode(bytes);
    const end = all.indexOf("\r\n\r\n");
    if (end < 0) return;
    text = all.slice(0, end);
    bytes = bytes.slice(end + 4);
    head.resolve(text);
  });
  socket.on("error", () => {});
  socket.on("close", () => closed.resolve());
  const all = {
    host: `127.0.0.1:${port}`,
    upgrade: "websocket",
    connection: "Upgrade",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const asked = Promise.withResolvers<void>();
  socket.write(`GET / HTTP/1.1\r\n${lines}\r\n`, () => asked.resolve());
  return { socket, asked: asked.promise, head: head.promise, body: () => bytes, closed: closed.promise };
}

/** A masked client frame (mask of zeros), final. */
export function frame(opcode: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const head = length < 126
    ? [0x80 | opcode, 0x80 | length]
    : length < 65536
    ? [0x80 | opcode, 0x80 | 126, length >> 8, length & 255]
    : [
      0x80 | opcode,
      0x80 | 127,
      0,
      0,
      0,
      0,
      length >>> 24,
      (length >> 16) & 255,
      (length >> 8) & 255,
      length & 255,
    ];
  const out = new Uint8Array(head.length + 4 + length);
  out.set(head);
  out.set(payload, head.length + 4);
  return out;
}

export const textFrame = (text: string): Uint8Array => frame(1, new TextEncoder().encode(text));
