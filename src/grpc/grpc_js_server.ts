/**
 * grpc-js as the engine of a server.
 *
 * Every rpc is registered as one that streams both ways: the wire is the same, and one code path serves all four kinds.
 *
 * @module
 */
import { type ChannelOptions, Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { builtinError } from "../errors/builtin.ts";
import { gate, pausingInbox } from "./flow.ts";
import { encodingAsked, type GrpcCompression, gzipped } from "./gzip.ts";
import { guardHttp2, OUR_SERVER } from "./http2_guard.ts";
import { type Sender, sender } from "./joined.ts";
import { metadataOf, receivedMetadata } from "./metadata.ts";
import { fromBuffer, statusMetadata, toBuffer } from "./grpc_js_messages.ts";
import { certificateOf } from "./tls.ts";
import type { ServerEngine, ServerWire } from "./wire.ts";

/** What {@linkcode grpcJsServer} can be told. */
export interface GrpcJsServerOptions {
  /** Default: plain text. */
  readonly credentials?: ServerCredentials;
  /** How messages are compressed where a call does not say. */
  readonly compression: GrpcCompression;
  /** grpc-js's own options. */
  readonly channelOptions: ChannelOptions;
}

/** Makes a server engine of grpc-js. */
export function grpcJsServer(options: GrpcJsServerOptions): ServerEngine {
  guardHttp2();
  const server = new Server({ ...OUR_SERVER, ...options.channelOptions });
  const credentials = options.credentials ?? ServerCredentials.createInsecure();
  const handling = {
    secure: credentials._isSecure(),
    compression: options.compression,
    joins: options.channelOptions["grpc.max_send_message_length"] === undefined,
  };
  return {
    handle: (path, serve) => void handleOn(server, path, serve, handling),
    listen: (address) =>
      new Promise((resolve, reject) => {
        server.bindAsync(
          address,
          credentials,
          (error, port) => error === null ? resolve(port) : reject(error),
        );
      }),
    close: () =>
      new Promise((resolve, reject) => {
        server.tryShutdown((error) => error === undefined ? resolve() : reject(error));
      }),
    destroy: () => server.forceShutdown(),
  };
}

/** How the calls of an rpc are taken. */
export interface HandlingOptions {
  /** Whether connections may have certificates. */
  readonly secure: boolean;
  /** How messages are compressed where a call does not say. */
  readonly compression: GrpcCompression;
  /** Largest message taken, where grpc-js was not told. */
  readonly messageBytes?: number;
  /** Whether messages may leave together: nothing behind looks at how long they are. */
  readonly joins: boolean;
}

/** The part of grpc-js's `Server` that rpcs are put on. */
export type RpcRegistry = Pick<Server, "register">;

/** Serves a path on a server of grpc-js. Returns whether it was free. */
export function handleOn(
  server: RpcRegistry,
  path: string,
  serve: (call: ServerWire) => void,
  options: HandlingOptions,
): boolean {
  return server.register(
    path,
    (call: ServerDuplexStream<Uint8Array, Uint8Array>) => serve(serverWire(call, options)),
    toBuffer,
    fromBuffer,
    "bidi",
  );
}

function serverWire(
  call: ServerDuplexStream<Uint8Array, Uint8Array>,
  { secure, compression, messageBytes, joins }: HandlingOptions,
): ServerWire {
  const received = receivedMetadata(call.metadata);
  let gzip = false;
  let out: Sender | undefined;
  const room = gate();
  const inbox = pausingInbox(call);
  const finished = Promise.withResolvers<void>();
  let ending = false;
  let over = false;
  let refusal = isOver;
  let onGone: (() => unknown) | undefined;

  call.on(
    "data",
    messageBytes === undefined ? inbox.push : (message: Uint8Array) => {
      if (message.length <= messageBytes) inbox.push(message);
      else inbox.fail(builtinError("too_large", tooLong(message.length, messageBytes)));
    },
  );
  call.on("end", inbox.end);
  call.on("finish", () => {
    over = true;
    finished.resolve();
  });
  // Comes after a good end too, and after the DEADLINE_EXCEEDED that grpc-js sends by itself.
  call.on("cancelled", () => {
    const early = !ending;
    over = ending = true;
    if (early) {
      const reason = onGone?.();
      refusal = () => reason;
      inbox.fail(reason);
    }
    room.fail(refusal);
    finished.resolve();
  });

  const deadline = Number(call.getDeadline());
  const peer = call.getPeer();
  return {
    get headers() {
      return received.headers;
    },
    metadataBytes: received.bytes,
    peer: peer === "unknown" ? "" : peer,
    deadline: Number.isFinite(deadline) ? deadline : undefined,
    inbox,
    ...(secure ? { certificate: () => certificateOf(call) } : {}),
    onGone: (hook) => void (onGone = hook),
    sendHeaders(headers, pairs) {
      const metadata = metadataOf(headers, pairs);
      gzip = received.gzip && encodingAsked(headers, compression) === "gzip";
      if (gzip) metadata.set("grpc-encoding", "gzip");
      call.sendMetadata(metadata);
    },
    write(message) {
      if (over) return Promise.reject(refusal());
      out ??= sender(call, room, joins && !gzip);
      return out.send(gzip ? gzipped(message) : message);
    },
    end(status) {
      if (ending) return finished.promise;
      const metadata = statusMetadata(status);
      ending = true;
      inbox.discard();
      out?.flush();
      if (status.code === 0) call.end(metadata);
      // What grpc-js documents for a status; `destroy(error)` would send none. Its own listener ends the call.
      // `encodeURI` there throws on lone surrogates, outside of any call stack of ours.
      else call.emit("error", { code: status.code, details: status.message.toWellFormed(), metadata });
      return finished.promise;
    },
  };
}

const isOver = (): unknown => new Error("the call is over");

/** Every gRPC library words it like this. */
function tooLong(bytes: number, limit: number): string {
  return `received message larger than max (${bytes} vs. ${limit})`;
}
