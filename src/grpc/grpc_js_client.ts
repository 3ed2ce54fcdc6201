/**
 * grpc-js as the engine of a client.
 *
 * Calls are opened as ones that stream their results, whatever their kind: the wire is the same (see grpc_js_server.ts),
 * and those that send one message have a shorter way down than those that may send many.
 *
 * @module
 */
import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  type ClientDuplexStream,
  credentials as channelCredentials,
  type Metadata,
  type StatusObject,
} from "@grpc/grpc-js";
import { gate, pausingInbox } from "./flow.ts";
import { detailsOf, fromBuffer, toBuffer } from "./grpc_js_messages.ts";
import { Code } from "./codes.ts";
import { encodingAsked, type GrpcCompression } from "./gzip.ts";
import { guardHttp2 } from "./http2_guard.ts";
import { markCall } from "./trailers_last.ts";
import { type Sender, sender, type Sink } from "./joined.ts";
import { metadataOf, receivedMetadata } from "./metadata.ts";
import { isUncompressed } from "./uncompressed.ts";
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

  const { channelOptions } = options;
  /** Whether messages may leave together: nothing behind looks at how long they are, or compresses them. */
  const joins = (compression: GrpcCompression): boolean =>
    compression === "identity" &&
    channelOptions["grpc.default_compression_algorithm"] === undefined &&
    channelOptions["grpc.max_send_message_length"] === undefined;

  return {
    open({ path, headers, pairs, deadline, message }, events) {
      const compression = encodingAsked(headers, options.compression);
      const client = clientOf(compression);
      const metadata = metadataOf(headers, pairs);
      if (options.waitForReady) metadata.setOptions({ waitForReady: true });
      const { mark, forget } = markCall(takeAll);
      metadata.set(...mark);
      const many = message === undefined
        ? withoutStack(() => client.makeBidiStreamRequest(path, toBuffer, fromBuffer, metadata, { deadline }))
        : undefined;
      const call = many ??
        withoutStack(() =>
          client.makeServerStreamRequest(path, toBuffer, fromBuffer, message!, metadata, { deadline })
        );
      const room = gate();
      let out: Sender | undefined;
      let state: "open" | "ended" | "cancelled" = "open";
      let refusal: () => unknown;
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
        refusal = events.status(status);
        room.fail(refusal);
        forget();
      }

      function refuse(bytes: number): void {
        const message = tooMuchMetadata(bytes, limit);
        settle({ code: Code.resourceExhausted, message, trailers: new Headers() });
      }

      call.on("metadata", (metadata: Metadata) => {
        if (state !== "open") return;
        const head = receivedMetadata(metadata);
        if (head.bytes > limit) {
          refuse(head.bytes);
          call.cancel();
          return takeAll();
        }
        events.headers(head.headers);
      });
      call.on("data", inbox.push);
      call.on("end", () => void (state === "ended" && events.drained()));
      // The status tells it all; but an 'error' event that nobody hears is thrown.
      call.on("error", () => {});
      call.on("status", ({ code, details, metadata }: StatusObject) => {
        if (state !== "open") return;
        const received = receivedMetadata(metadata);
        if (received.bytes > limit) refuse(received.bytes);
        else {
          settle({
            code,
            message: details,
            get trailers() {
              return received.headers;
            },
            details: code === 0 ? undefined : detailsOf(metadata),
          });
        }
        takeAll();
      });
      return {
        inbox,
        write(message) {
          if (state !== "open") return Promise.reject(refusal());
          out ??= sender(compression === "gzip" ? flagged(many!) : many!, room, joins(compression));
          return out.send(message);
        },
        closeSend() {
          out?.flush();
          many?.end();
        },
        cancel(why) {
          if (state !== "open") return;
          state = "cancelled";
          refusal = () => why;
          room.fail(refusal);
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

/** Tells grpc-js what not to compress, by a flag where streams have the encoding of a text. */
function flagged(call: ClientDuplexStream<Uint8Array, Uint8Array>): Sink {
  return {
    write: (message, done) =>
      isUncompressed(message) ? call.write(message, NO_COMPRESS as never, done) : call.write(message, done),
  };
}

/** grpc-js's `WriteFlags.NoCompress`. */
const NO_COMPRESS = 2;

/**
 * Runs what makes an error with each call, to have its caller's stack by it should the call fail: that takes longer than
 * all else that is done here, and ours are other errors.
 */
function withoutStack<T>(make: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
