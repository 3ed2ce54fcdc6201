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
import { guardHttp2 } from "./http2_guard.ts";
import { markCall } from "./trailers_last.ts";
import { headersOf, metadataOf } from "./metadata.ts";
import type { ClientEngine } from "./wire.ts";

/** What {@linkcode grpcJsClient} can be told. */
export interface GrpcJsClientOptions {
  /** Default: plain text. */
  readonly credentials?: ChannelCredentials;
  /** grpc-js's own options. */
  readonly channelOptions: ChannelOptions;
}

/** Makes a client engine of grpc-js. */
export function grpcJsClient(address: string, options: GrpcJsClientOptions): ClientEngine {
  guardHttp2();
  const client = new Client(
    address,
    options.credentials ?? channelCredentials.createInsecure(),
    options.channelOptions,
  );
  return {
    open({ path, headers, pairs, deadline }, events) {
      const metadata = metadataOf(headers, pairs);
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

      call.on(
        "metadata",
        (metadata: Metadata) => void (state === "open" && events.headers(headersOf(metadata))),
      );
      call.on("data", inbox.push);
      call.on("drain", room.open);
      call.on("end", () => void (state === "ended" && events.drained()));
      // The status tells it all; but an 'error' event that nobody hears is thrown.
      call.on("error", () => {});
      call.on("status", ({ code, details, metadata }: StatusObject) => {
        if (state !== "open") return;
        state = "ended";
        const binary = takeDetails(metadata);
        reason = events.status({ code, message: details, trailers: headersOf(metadata), details: binary });
        room.fail(reason);
        forget();
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
    close: () => client.close(),
  };
}
