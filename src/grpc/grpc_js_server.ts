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
import { arrivalOf } from "./arrival.ts";
import { type FollowedRequest, followedRequest } from "./followed_request.ts";
import type { GrpcCompression } from "./gzip.ts";
import { fromBuffer, toBuffer } from "./grpc_js_messages.ts";
import { guardHttp2, OURS } from "./http2_guard.ts";
import { type Handling, type TakenCall, takenCall } from "./taken_call.ts";
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
  const services = new Map<string, Service>();
  const credentials = options.credentials ?? ServerCredentials.createInsecure();
  const handling = {
    secure: credentials._isSecure(),
    compression: options.compression,
    joins: options.channelOptions["grpc.max_send_message_length"] === undefined,
  };
  /** Never tells grpc-js's own handler that the call has started. */
  const take: ServerInterceptor = ({ path }, call) =>
    new ServerInterceptingCall(call, { start: () => serveOn(call, services.get(path)!, handling) });
  const server = new Server({ ...OURS, ...options.channelOptions, interceptors: [take] });
  return {
    handle(path, serve, where = path) {
      services.set(path, { serve, where });
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

/** What serves a path. */
interface Service {
  readonly serve: (call: ServerWire) => void;
  /** `service.method`, for messages. */
  readonly where: string;
}

function serveOn(
  call: ServerInterceptingCallInterface,
  { serve, where }: Service,
  handling: Handling,
): void {
  let paused = false;
  let starting = false;
  let again = false;
  let taken: TakenCall;
  let request: FollowedRequest;

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

  call.start({
    onReceiveMetadata(metadata) {
      const arrival = arrivalOf(metadata);
      taken = takenCall(call, metadata, handling, {
        source: {
          pause: () => void (paused = true),
          resume() {
            paused = false;
            next();
          },
        },
        sink: { write: (message, done) => call.sendMessage(message, done) },
        end: (last) => call.sendStatus(last),
      });
      request = followedRequest(arrival, taken, where);
      serve(request.wire);
      next();
    },
    onReceiveMessage(message) {
      request.push(message);
      next();
    },
    onReceiveHalfClose: () => request.end(),
    onCancel: () => taken.gone(),
  });
}
