/**
 * A call at a server of grpc-js, however that hands it over: what an interceptor's calls and streams of Node share.
 *
 * @module
 */
import type { Metadata, ServerInterceptingCallInterface } from "@grpc/grpc-js";
import type { Inbox } from "../core/inbox.ts";
import { gate, pausingInbox, type Source } from "./flow.ts";
import { statusMetadata } from "./grpc_js_messages.ts";
import { encodingAsked, type GrpcCompression, gzipped } from "./gzip.ts";
import { type Sender, sender, type Sink } from "./joined.ts";
import { metadataOf, receivedMetadata } from "./metadata.ts";
import { certificateOf } from "./tls.ts";
import type { ServerWire } from "./wire.ts";

/** What both kinds of call can be asked. */
type Call = Pick<
  ServerInterceptingCallInterface,
  "getAuthContext" | "getDeadline" | "getPeer" | "sendMetadata"
>;

/** A status as grpc-js takes it. */
export interface LastWord {
  readonly code: number;
  /** Well-formed: `encodeURI` there throws on lone surrogates, outside of any call stack of ours. */
  readonly details: string;
  readonly metadata: Metadata;
}

/** How the calls of an rpc are taken. */
export interface Handling {
  /** Whether connections may have certificates. */
  readonly secure: boolean;
  /** How messages are compressed where a call does not say. */
  readonly compression: GrpcCompression;
  /** Whether messages may leave together: nothing behind looks at how long they are. */
  readonly joins: boolean;
}

/** In what the two kinds of call differ. */
export interface Ways {
  /** Where messages come from. */
  readonly source: Source;
  /** Where they go. */
  readonly sink: Sink;
  /** Sends the status. */
  readonly end: (last: LastWord) => void;
}

/** A call, and what is to be told of it. */
export interface TakenCall {
  readonly wire: ServerWire;
  /** Received messages, and their end. */
  readonly inbox: Inbox<Uint8Array>;
  /** The status is out. */
  finished(): void;
  /** The call is no more. Comes after a good end too, and after the DEADLINE_EXCEEDED that grpc-js sends by itself. */
  gone(): void;
}

/** Takes a call. */
export function takenCall(
  call: Call,
  metadata: Metadata,
  { secure, compression, joins }: Handling,
  { source, sink, end }: Ways,
): TakenCall {
  const received = receivedMetadata(metadata);
  const room = gate();
  const inbox = pausingInbox(source);
  const finished = Promise.withResolvers<void>();
  const deadline = Number(call.getDeadline());
  const peer = call.getPeer();
  let gzip = false;
  let out: Sender | undefined;
  let ending = false;
  let refusal = isOver;
  let onGone: (() => unknown) | undefined;
  return {
    inbox,
    finished: finished.resolve,
    gone() {
      if (!ending) {
        ending = true;
        const reason = onGone?.();
        refusal = () => reason;
        inbox.fail(reason);
      }
      room.fail(refusal);
      finished.resolve();
    },
    wire: {
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
        out ??= sender(sink, room, joins && !gzip);
        return out.send(gzip ? gzipped(message) : message);
      },
      end(status) {
        if (ending) return finished.promise;
        const metadata = statusMetadata(status);
        ending = true;
        inbox.discard();
        const last = { code: status.code, details: status.message.toWellFormed(), metadata };
        if (out === undefined) end(last);
        else out.finish(() => end(last));
        return finished.promise;
      },
    },
  };
}

const isOver = (): unknown => new Error("the call is over");
