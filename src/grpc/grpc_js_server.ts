/**
 * grpc-js as the engine of a server.
 *
 * Every rpc is registered as one that streams both ways: the wire is the same, and one code path serves all four kinds.
 *
 * @module
 */
import { type ChannelOptions, Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { gate, pausingInbox } from "./flow.ts";
import { encodingAsked, type GrpcCompression, gzipped, takeEncodings } from "./gzip.ts";
import { guardHttp2, OUR_SERVER } from "./http2_guard.ts";
import { headersOf, metadataBytes, metadataOf } from "./metadata.ts";
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
  const secure = credentials._isSecure();
  return {
    handle(path, serve) {
      server.register(
        path,
        (call: ServerDuplexStream<Uint8Array, Uint8Array>) =>
          serve(serverWire(call, secure, options.compression)),
        toBuffer,
        fromBuffer,
        "bidi",
      );
    },
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

function serverWire(
  call: ServerDuplexStream<Uint8Array, Uint8Array>,
  secure: boolean,
  compression: GrpcCompression,
): ServerWire {
  const encodings = takeEncodings(call.metadata);
  const headers = headersOf(call.metadata);
  // What it compresses with is for grpc-js; that it does is for whoever wants to know.
  if (encodings.used !== undefined) headers.set("grpc-encoding", encodings.used);
  let gzip = false;
  const room = gate();
  const inbox = pausingInbox(call);
  const finished = Promise.withResolvers<void>();
  let ending = false;
  let over = false;
  let reason: unknown;
  let onGone: (() => unknown) | undefined;

  call.on("data", inbox.push);
  call.on("end", inbox.end);
  call.on("drain", room.open);
  call.on("finish", () => {
    over = true;
    finished.resolve();
  });
  // Comes after a good end too, and after the DEADLINE_EXCEEDED that grpc-js sends by itself.
  call.on("cancelled", () => {
    const early = !ending;
    over = ending = true;
    reason = early ? onGone?.() : new Error("the call is over");
    inbox.fail(reason);
    room.fail(reason);
    finished.resolve();
  });

  const deadline = Number(call.getDeadline());
  const peer = call.getPeer();
  return {
    headers,
    metadataBytes: metadataBytes(call.metadata),
    peer: peer === "unknown" ? "" : peer,
    deadline: Number.isFinite(deadline) ? deadline : undefined,
    inbox,
    ...(secure ? { certificate: () => certificateOf(call) } : {}),
    onGone: (hook) => void (onGone = hook),
    sendHeaders(headers, pairs) {
      const metadata = metadataOf(headers, pairs);
      gzip = encodings.gzip && encodingAsked(headers, compression) === "gzip";
      if (gzip) metadata.set("grpc-encoding", "gzip");
      call.sendMetadata(metadata);
    },
    write(message) {
      if (over) return Promise.reject(reason);
      if (!call.write(gzip ? gzipped(message) : message)) return room.wait();
    },
    end(status) {
      if (ending) return finished.promise;
      const metadata = statusMetadata(status);
      ending = true;
      inbox.discard();
      if (status.code === 0) call.end(metadata);
      // What grpc-js documents for a status; `destroy(error)` would send none. Its own listener ends the call.
      // `encodeURI` there throws on lone surrogates, outside of any call stack of ours.
      else call.emit("error", { code: status.code, details: status.message.toWellFormed(), metadata });
      return finished.promise;
    },
  };
}
