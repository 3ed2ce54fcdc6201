/**
 * grpc-js as the engine of a server.
 *
 * Every rpc is registered as one that streams both ways: the wire is the same, and one code path serves all four kinds.
 * An interceptor takes the calls before grpc-js makes streams of Node out of them, which cost as much as all else it
 * does with a message.
 *
 * @module
 */
import {
  type ChannelOptions,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from "@grpc/grpc-js";
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
  const services = new Map<string, (call: ServerWire) => void>();
  const credentials = options.credentials ?? ServerCredentials.createInsecure();
  const handling = {
    secure: credentials._isSecure(),
    compression: options.compression,
    joins: options.channelOptions["grpc.max_send_message_length"] === undefined,
  };
  /** Never tells grpc-js's own handler that the call has started. */
  const take: ServerInterceptor = ({ path }, call) =>
    new ServerInterceptingCall(call, { start: () => serveOn(call, services.get(path)!, handling) });
  const server = new Server({ ...OUR_SERVER, ...options.channelOptions, interceptors: [take] });
  return {
    handle(path, serve) {
      services.set(path, serve);
      server.register(path, () => {}, toBuffer, fromBuffer, "bidi");
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

/** How the calls of an rpc are taken. */
interface Handling {
  /** Whether connections may have certificates. */
  readonly secure: boolean;
  /** How messages are compressed where a call does not say. */
  readonly compression: GrpcCompression;
  /** Whether messages may leave together: nothing behind looks at how long they are. */
  readonly joins: boolean;
}

function serveOn(
  call: ServerInterceptingCallInterface,
  serve: (call: ServerWire) => void,
  { secure, compression, joins }: Handling,
): void {
  let gzip = false;
  let out: Sender | undefined;
  const room = gate();
  const finished = Promise.withResolvers<void>();
  let ending = false;
  let refusal = isOver;
  let onGone: (() => unknown) | undefined;
  let paused = false;
  let starting = false;
  let again = false;

  /**
   * Asks for the next message, or the half-close. One that is here already comes at once, from within: it asks for the
   * one after it in this loop, not from deeper and deeper down.
   */
  function next(): void {
    if (paused) return;
    again = true;
    if (starting) return;
    starting = true;
    while (again) {
      again = false;
      call.startRead();
    }
    starting = false;
  }

  const inbox = pausingInbox({
    pause: () => void (paused = true),
    resume() {
      paused = false;
      next();
    },
  });

  call.start({
    onReceiveMetadata(metadata) {
      const received = receivedMetadata(metadata);
      const deadline = Number(call.getDeadline());
      const peer = call.getPeer();
      serve({
        headers: received.headers,
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
          if (ending) return Promise.reject(refusal());
          out ??= sender({ write: (message, done) => call.sendMessage(message, done) }, room, joins && !gzip);
          return out.send(gzip ? gzipped(message) : message);
        },
        end(status) {
          if (ending) return finished.promise;
          const metadata = statusMetadata(status);
          ending = true;
          inbox.discard();
          // `encodeURI` there throws on lone surrogates, outside of any call stack of ours.
          const last = { code: status.code, details: status.message.toWellFormed(), metadata };
          if (out === undefined) call.sendStatus(last);
          else out.finish(() => call.sendStatus(last));
          return finished.promise;
        },
      });
      next();
    },
    onReceiveMessage(message) {
      inbox.push(message);
      next();
    },
    onReceiveHalfClose: inbox.end,
    // Comes after a good end too, and after the DEADLINE_EXCEEDED that grpc-js sends by itself.
    onCancel() {
      if (!ending) {
        ending = true;
        const reason = onGone?.();
        refusal = () => reason;
        inbox.fail(reason);
      }
      room.fail(refusal);
      finished.resolve();
    },
  });
}

const isOver = (): unknown => new Error("the call is over");
