/**
 * Calls of servers that somebody else has made with grpc-js, which come as streams of Node.
 *
 * @module
 */
import type { Server, ServerDuplexStream } from "@grpc/grpc-js";
import { builtinError } from "../errors/builtin.ts";
import { gate, pausingInbox } from "./flow.ts";
import { encodingAsked, gzipped } from "./gzip.ts";
import { type Sender, sender } from "./joined.ts";
import { metadataOf, receivedMetadata } from "./metadata.ts";
import { fromBuffer, statusMetadata, toBuffer } from "./grpc_js_messages.ts";
import { certificateOf } from "./tls.ts";
import type { ServerWire } from "./wire.ts";

/** The part of grpc-js's `Server` that rpcs are put on. */
export type RpcRegistry = Pick<Server, "register">;

/**
 * Serves a path on a server of grpc-js.
 *
 * @param messageBytes Largest message taken, where grpc-js was not told
 * @returns Whether the path was free
 */
export function handleOn(
  server: RpcRegistry,
  path: string,
  serve: (call: ServerWire) => void,
  messageBytes = Infinity,
): boolean {
  return server.register(
    path,
    (call: ServerDuplexStream<Uint8Array, Uint8Array>) => serve(serverWire(call, messageBytes)),
    toBuffer,
    fromBuffer,
    "bidi",
  );
}

function serverWire(call: ServerDuplexStream<Uint8Array, Uint8Array>, messageBytes: number): ServerWire {
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

  call.on("data", (message: Uint8Array) => {
    if (message.length <= messageBytes) inbox.push(message);
    else inbox.fail(builtinError("too_large", tooLong(message.length, messageBytes)));
  });
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
    headers: received.headers,
    metadataBytes: received.bytes,
    peer: peer === "unknown" ? "" : peer,
    deadline: Number.isFinite(deadline) ? deadline : undefined,
    inbox,
    certificate: () => certificateOf(call),
    onGone: (hook) => void (onGone = hook),
    sendHeaders(headers, pairs) {
      const metadata = metadataOf(headers, pairs);
      gzip = received.gzip && encodingAsked(headers, "identity") === "gzip";
      if (gzip) metadata.set("grpc-encoding", "gzip");
      call.sendMetadata(metadata);
    },
    write(message) {
      if (over) return Promise.reject(refusal());
      // The server may have a limit of what is sent, which would count joined messages as one.
      out ??= sender(call, room, false);
      return out.send(gzip ? gzipped(message) : message);
    },
    end(status) {
      if (ending) return finished.promise;
      const metadata = statusMetadata(status);
      ending = true;
      inbox.discard();
      const last = (): void => {
        if (status.code === 0) call.end(metadata);
        // What grpc-js documents for a status; `destroy(error)` would send none. Its own listener ends the call.
        // `encodeURI` there throws on lone surrogates, outside of any call stack of ours.
        else call.emit("error", { code: status.code, details: status.message.toWellFormed(), metadata });
      };
      if (out === undefined) last();
      else out.finish(last);
      return finished.promise;
    },
  };
}

const isOver = (): unknown => new Error("the call is over");

/** Every gRPC library words it like this. */
function tooLong(bytes: number, limit: number): string {
  return `received message larger than max (${bytes} vs. ${limit})`;
}
