/**
 * Keeps `node:http2` from ending the process, and has our own connections take its place at clients.
 *
 * @module
 */
import http2 from "node:http2";
import { checkAnswer } from "./answer.ts";
import { noteArrival, noteArrivalOfOurs } from "./arrival.ts";
import { markedCall } from "./call_marks.ts";
import { keepEncodings } from "./gzip.ts";
import { ClientSession } from "./http2/client_session.ts";
import { joinAnswer } from "./joined_calls.ts";
import { refuseLateWrites } from "./late_writes.ts";

/** The part of `node:http2` that is replaced. Functions of any signature: they are passed on as they come. */
// deno-lint-ignore no-explicit-any
type Functions = Record<"connect" | "createServer" | "createSecureServer", (...args: any[]) => any>;

/** The part of a session that is replaced. */
interface Session {
  destroy(...args: unknown[]): void;
}

/** A call at one of our servers. */
type OurStream =
  & Parameters<typeof refuseLateWrites>[0]
  & Parameters<typeof joinAnswer>[0]
  & Parameters<typeof noteArrival>[0];

let installed = false;

/**
 * By what our own servers and channels are known among those of the process, which stay as they are: grpc-js hands this
 * option on to `node:http2`. It stands for "no limit", as grpc-js has it. (A server with a limit of its own does not
 * learn how its callers compress, and so does not compress.)
 */
const SESSION_MEMORY = Number.MAX_SAFE_INTEGER - 1;

/** Options of grpc-js that make a server or a channel ours. */
export const OURS: Readonly<Record<string, number>> = {
  "grpc-node.max_session_memory": SESSION_MEMORY,
};

/**
 * Installs the guards, once. Must run before the sessions are made that it shall guard; grpc-js looks up the functions
 * of `node:http2` as it calls them, so importing grpc-js earlier does no harm.
 *
 * - Under Deno, sessions are destroyed a turn of the event loop later: on 2.9.4 and later nghttp2 aborts the whole
 *   process (SIGABRT, nothing in JavaScript can catch it) when a session is destroyed from within one of its own
 *   callbacks, as happens when a peer says goodbye with GOAWAY (https://github.com/denoland/deno/issues/36788).
 *   `close()` must stay as it is: `tryShutdown` of grpc-js would never call back. Remove it once the control of
 *   http2_guard_test.ts, which runs without this guard, survives on the oldest Deno that is supported.
 * - Connections of our clients are our own: see http2/client_session.ts.
 * - Our servers write nothing after a status: see late_writes.ts.
 * - What answers our calls leaves together where there are several: see joined_calls.ts.
 * - Both ends of our calls learn how the other one compresses: see gzip.ts.
 * - Requests of our calls are looked at before a server has them, prefixes of their messages too: see arrival.ts. So
 *   are their answers: see answer.ts.
 */
export function guardHttp2(): void {
  if (installed) return;
  installed = true;
  const functions = http2 as unknown as Functions;
  // What grpc-js answers requests with that are not gRPC's. Deno's `node:http2` (2.9.6) lacks it, and answers 200 then.
  const constants = http2.constants as { HTTP_STATUS_UNSUPPORTED_MEDIA_TYPE?: number };
  constants.HTTP_STATUS_UNSUPPORTED_MEDIA_TYPE ??= 415;
  const later = "Deno" in globalThis ? destroyLater : () => {};
  const { connect } = functions;
  functions.connect = (...args) => {
    const [authority, options] = args;
    if (options?.maxSessionMemory === SESSION_MEMORY) {
      return new ClientSession(authority, options, { call: markedCall, answer: checkAnswer });
    }
    const session = connect.apply(http2, args);
    later(session);
    return session;
  };
  const keep = (stream: OurStream, headers: Record<string, unknown>) => {
    noteArrival(stream, headers);
    keepEncodings(headers);
    refuseLateWrites(stream);
    joinAnswer(stream);
  };
  for (const name of ["createServer", "createSecureServer"] as const) {
    const create = functions[name];
    functions[name] = (...args) => {
      const server = create.apply(http2, args);
      server.prependListener("session", later);
      const ours = args[0]?.maxSessionMemory === SESSION_MEMORY;
      server.prependListener("stream", ours ? keep : noteArrivalOfOurs);
      return server;
    };
  }
}

function destroyLater(session: Session): void {
  const { destroy } = session;
  session.destroy = (...args) => {
    setImmediate(() => destroy.apply(session, args));
  };
}
