/**
 * Keeps `node:http2` from ending the process, and from telling how a call ended before its last messages.
 *
 * @module
 */
import http2 from "node:http2";
import { trailersLast } from "./trailers_last.ts";

/** The part of `node:http2` that is replaced. Functions of any signature: they are passed on as they come. */
// deno-lint-ignore no-explicit-any
type Functions = Record<"connect" | "createServer" | "createSecureServer", (...args: any[]) => any>;

/** The part of a session that is replaced. */
interface Session {
  destroy(...args: unknown[]): void;
}

let installed = false;

/**
 * Installs the guards, once. Must run before the sessions are made that it shall guard; grpc-js looks up the functions
 * of `node:http2` as it calls them, so importing grpc-js earlier does no harm.
 *
 * - Under Deno, sessions are destroyed a turn of the event loop later: on 2.9.4 and later nghttp2 aborts the whole
 *   process (SIGABRT, nothing in JavaScript can catch it) when a session is destroyed from within one of its own
 *   callbacks, as happens when a peer says goodbye with GOAWAY (https://github.com/denoland/deno/issues/36788).
 *   `close()` must stay as it is: `tryShutdown` of grpc-js would never call back. Remove it once the control of
 *   http2_guard_test.ts, which runs without this guard, survives on the oldest Deno that is supported.
 * - Trailers of our gRPC calls come last: see trailers_last.ts.
 */
export function guardHttp2(): void {
  if (installed) return;
  installed = true;
  const functions = http2 as unknown as Functions;
  const later = "Deno" in globalThis ? destroyLater : () => {};
  const { connect } = functions;
  functions.connect = (...args) => {
    const session = connect.apply(http2, args);
    later(session);
    trailersLast(session);
    return session;
  };
  for (const name of ["createServer", "createSecureServer"] as const) {
    const create = functions[name];
    functions[name] = (...args) => {
      const server = create.apply(http2, args);
      server.prependListener("session", later);
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
