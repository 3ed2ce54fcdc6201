/**
 * grpc-js as the engine of a client.
 *
 * Calls are made of its channels, one code path for all four kinds: its `Client` would put streams of Node around them,
 * which cost as much as all else it does with a message.
 *
 * @module
 */
import {
  Channel,
  type ChannelCredentials,
  type ChannelOptions,
  credentials as channelCredentials,
} from "@grpc/grpc-js";
import type { Buffer } from "node:buffer";
import { gate, pausingInbox } from "./flow.ts";
import { detailsOf, fromBuffer, toBuffer } from "./grpc_js_messages.ts";
import { Code } from "./codes.ts";
import { encodingAsked, type GrpcCompression } from "./gzip.ts";
import { markCall } from "./call_marks.ts";
import { guardHttp2, OURS } from "./http2_guard.ts";
import { type Sender, sender } from "./joined.ts";
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
  const channels = new Map<GrpcCompression, Channel>();
  const limit = options.metadataBytes;

  /** grpc-js compresses by channel: there is a second one when single calls differ from the others. */
  function channelOf(compression: GrpcCompression): Channel {
    let channel = channels.get(compression);
    if (channel === undefined) {
      channels.set(
        compression,
        channel = new Channel(address, credentials, {
          ...(compression === "gzip" ? { "grpc.default_compression_algorithm": 2 } : {}),
          ...options.channelOptions,
          ...OURS,
        }),
      );
    }
    return channel;
  }
  channelOf(options.compression);

  const { channelOptions } = options;
  const most = Number(channelOptions["grpc.max_receive_message_length"] ?? -1);
  const messageBytes = most < 0 ? Infinity : most;
  /** Whether messages may leave together: nothing behind looks at how long they are, or compresses them. */
  const joins = (compression: GrpcCompression): boolean =>
    compression === "identity" &&
    channelOptions["grpc.default_compression_algorithm"] === undefined &&
    channelOptions["grpc.max_send_message_length"] === undefined;

  return {
    open({ path, headers, pairs, deadline, message }, events) {
      const compression = encodingAsked(headers, options.compression);
      const metadata = metadataOf(headers, pairs);
      if (options.waitForReady) metadata.setOptions({ waitForReady: true });
      const call = channelOf(compression).createCall(path, deadline ?? Infinity, null, null, null);
      const { mark, forget } = markCall({ arrived: takeAll, messageBytes });
      metadata.set(...mark);
      const room = gate();
      let out: Sender | undefined;
      let state: "open" | "ended" | "cancelled" = "open";
      let refusal: () => unknown;
      /** Whether there is room for messages; whether one was asked for; whether all of them are here. */
      let paused = false;
      let reading = false;
      let complete = false;
      const inbox = pausingInbox({
        pause: () => void (paused = true),
        resume() {
          paused = false;
          next();
        },
      });

      /** Asks for the next message, or the status. */
      function next(): void {
        if (reading || paused && !complete) return;
        reading = true;
        call.startRead();
      }

      /** Once the trailers are here nothing more comes: what lies below may move over, whoever reads. */
      function takeAll(): void {
        complete = true;
        next();
      }

      /** Ends the call for whoever made it; messages that came before are still theirs. */
      function settle(status: WireStatus): void {
        state = "ended";
        refusal = events.status(status);
        room.fail(refusal);
        forget();
        events.drained();
      }

      function refuse(bytes: number): void {
        const message = tooMuchMetadata(bytes, limit);
        settle({ code: Code.resourceExhausted, message, trailers: new Headers() });
      }

      /** Resets the stream, and lets it reach its end with what is left dropped. */
      function reset(): void {
        call.cancelWithStatus(Code.canceled, "Cancelled on client");
        takeAll();
      }

      call.start(metadata, {
        onReceiveMetadata(metadata) {
          if (state !== "open") return;
          const head = receivedMetadata(metadata);
          if (head.bytes <= limit) return events.headers(head.headers());
          refuse(head.bytes);
          reset();
        },
        onReceiveMessage(message: Buffer) {
          reading = false;
          inbox.push(fromBuffer(message));
          next();
        },
        onReceiveStatus({ code, details, metadata }) {
          if (state !== "open") return;
          const received = receivedMetadata(metadata);
          if (received.bytes > limit) return refuse(received.bytes);
          settle({
            code,
            message: details,
            trailers: received.headers(),
            details: code === 0 ? undefined : detailsOf(metadata),
          });
        },
      });
      next();
      if (message !== undefined) {
        call.sendMessageWithContext({}, toBuffer(message));
        call.halfClose();
      }
      return {
        inbox,
        write(message) {
          if (state !== "open") return Promise.reject(refusal());
          out ??= sender(
            {
              write: (message, callback) =>
                call.sendMessageWithContext(
                  compression === "gzip" && isUncompressed(message)
                    ? { callback, flags: NO_COMPRESS }
                    : { callback },
                  toBuffer(message),
                ),
            },
            room,
            joins(compression),
          );
          return out.send(message);
        },
        closeSend() {
          if (out === undefined) call.halfClose();
          else out.finish(() => call.halfClose());
        },
        cancel(why) {
          if (state !== "open") return;
          state = "cancelled";
          refusal = () => why;
          room.fail(refusal);
          forget();
          reset();
        },
      };
    },
    close() {
      for (const channel of channels.values()) channel.close();
    },
  };
}

/** grpc-js's `WriteFlags.NoCompress`. */
const NO_COMPRESS = 2;
