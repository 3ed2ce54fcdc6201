/**
 * Calls of servers that somebody else has made with grpc-js, which come as streams of Node.
 *
 * @module
 */
import type { Server, ServerDuplexStream } from "@grpc/grpc-js";
import { builtinError } from "../errors/builtin.ts";
import { arrivalOf, notePath } from "./arrival.ts";
import { followedRequest } from "./followed_request.ts";
import { fromBuffer, toBuffer } from "./grpc_js_messages.ts";
import { type Handling, takenCall } from "./taken_call.ts";
import type { ServerWire } from "./wire.ts";

/** Connections may have certificates, and the server a limit of what is sent, which would count joined messages as one. */
const HANDLING: Handling = { secure: true, compression: "identity", joins: false };

/**
 * Serves a path on a server of grpc-js.
 *
 * @param where `service.method`, for messages
 * @param messageBytes Largest message taken, where grpc-js was not told
 * @returns Whether the path was free
 */
export function handleOn(
  server: Pick<Server, "register">,
  path: string,
  serve: (call: ServerWire) => void,
  where: string,
  messageBytes = Infinity,
): boolean {
  notePath(path);
  return server.register(
    path,
    (call: ServerDuplexStream<Uint8Array, Uint8Array>) => serve(streamWire(call, where, messageBytes)),
    toBuffer,
    fromBuffer,
    "bidi",
  );
}

function streamWire(
  call: ServerDuplexStream<Uint8Array, Uint8Array>,
  where: string,
  messageBytes: number,
): ServerWire {
  const arrival = arrivalOf(call.metadata);
  const taken = takenCall(call, call.metadata, HANDLING, {
    source: call,
    sink: call,
    end(last) {
      if (last.code === 0) call.end(last.metadata);
      // What grpc-js documents for a status; `destroy(error)` would send none. Its own listener ends the call.
      else call.emit("error", last);
    },
  });
  const { inbox, finished, gone } = taken;
  const request = followedRequest(arrival, taken, where);
  call.on("data", (message: Uint8Array) => {
    if (message.length <= messageBytes) request.push(message);
    else inbox.fail(builtinError("too_large", tooLong(message.length, messageBytes)));
  });
  call.on("end", request.end);
  call.on("finish", finished);
  call.on("cancelled", gone);
  return request.wire;
}

/** Every gRPC library words it like this. */
function tooLong(bytes: number, limit: number): string {
  return `received message larger than max (${bytes} vs. ${limit})`;
}
