/**
 * grpc-js as the engine of a client.
 *
 * Every call is opened as one that streams both ways, see grpc_js_server.ts.
 *
 * @module
 */
import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  credentials as channelCredentials,
  type Metadata,
  type StatusObject,
} from "@grpc/grpc-js";
import { gate, pausingInbox } from "./flow.ts";
import { fromBuffer, takeDetails, toBuffer } from "./grpc_js_messages.ts";
import { Code } from "./codes.ts";
import { encodingAsked, type GrpcCompression, takeEncodings } from "./gzip.ts";
import { guardHttp2 } from "./http2_guard.ts";
import { markCall } from "./trailers_last.ts";
import { headersOf, metadataBytes, metadataOf } from "./metadata.ts";
import { type ClientEngine, tooMuchMetadata, type WireStatus } from "./wire.ts";

/** What {@linkcode grpcJsClient} can be told. */
export interface GrpcJsClientOptions {
  /** Default: plain text. */
  readonly credentials?: ChannelCredentials;
  /** How messages are compressed where a call does not say. */
  readonly compression: GrpcCompression;
  /** Most metadata taken before and after the messages, each. */
  readonly metadataBytes: number;
  /** Whether calls wait for a connection that cannot be made. */
  readonly waitForReady: boolean;
  /** grpc-js's own options. */
  readonly channelOptions: ChannelOptions;
}

/** Makes a client engine of grpc-js. */
export function grpcJsClient(address: string, options: GrpcJsClientOptions): ClientEngine {
  guardHttp2();
  const credentials = options.credentials ?? channelCredentials.createInsecure();
  const clients = new Map<GrpcCompression, Client>();
  const limit = options.metadataBytes;

  /** grpc-js compresses by channel: there is a second one when single calls differ from the others. */
  function clientOf(compression: GrpcCompression): Client {
    let client = clients.get(compression);
    if (client === undefined) {
      clients.set(
        compression,
        client = new Client(address, credentials, {
          ...(compression === "gzip" ? { "grpc.default_compression_algorithm": 2 } : {}),
          ...options.channelOptions,
        }),
      );
    }
    return client;
  }
  clientOf(options.compression);

  return {
    open({ path, headers, pairs, deadline }, events) {
      const client = clientOf(encodingAsked(headers, options.compression));
      const metadata = metadataOf(headers, pairs);
      if (options.waitForReady) metadata.setOptions({ waitForReady: true });
      const { mark, forget } = markCall(takeAll);
      metadata.set(...mark);
      const call = client.makeBidiStreamRequest(path, toBuffer, fromBuffer, metadata, { deadline });
      const room = gate();
      let state: "open" | "ended" | "cancelled" = "open";
      let reason: unknown;
      let complete = false;
      const inbox = pausingInbox({
        pause: () => void (complete || call.pause()),
        resume: () => void call.resume(),
      });

      /** Once the trailers are here nothing more comes: what lies below may move over, whoever reads. */
      function takeAll(): void {
        complete = true;
        call.resume();
      }

      /** Ends the call for whoever made it; messages that came before are still theirs. */
      function settle(status: WireStatus): void {
        state = "ended";
        reason = events.status(status);
        room.fail(reason);
        forget();
      }

      function refuse(bytes: number): void {
        const message = tooMuchMetadata(bytes, limit);
        settle({ code: Code.resourceExhausted, message, trailers: new Headers() });
      }

      call.on("metadata", (metadata: Metadata) => {
        if (state !== "open") return;
        const { used } = takeEncodings(metadata);
        const bytes = metadataBytes(metadata);
        if (bytes > limit) {
          refuse(bytes);
          call.cancel();
          return takeAll();
        }
        const headers = headersOf(metadata);
        if (used !== undefined) headers.set("grpc-encoding", used);
        events.headers(headers);
      });
      call.on("data", inbox.push);
      call.on("drain", room.open);
      call.on("end", () => void (state === "ended" && events.drained()));
      // The status tells it all; but an 'error' event that nobody hears is thrown.
      call.on("error", () => {});
      call.on("status", ({ code, details, metadata }: StatusObject) => {
        if (state !== "open") return;
        const bytes = metadataBytes(metadata);
        if (bytes > limit) refuse(bytes);
        else {
          const binary = takeDetails(metadata);
          settle({ code, message: details, trailers: headersOf(metadata), details: binary });
        }
        takeAll();
      });
      return {
        inbox,
        write(message) {
          if (state !== "open") return Promise.reject(reason);
          if (!call.write(message)) return room.wait();
        },
        closeSend: () => void call.end(),
        cancel(why) {
          if (state !== "open") return;
          state = "cancelled";
          reason = why;
          room.fail(why);
          forget();
          call.cancel();
          // Lets it reach its end, with what is left dropped.
          takeAll();
        },
      };
    },
    close() {
      for (const client of clients.values()) client.close();
    },
  };
}
