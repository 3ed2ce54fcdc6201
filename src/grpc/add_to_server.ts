/**
 * Adds services to a server that somebody else has made.
 *
 * @module
 */
import type { Server } from "@grpc/grpc-js";
import { activeCalls } from "../core/active_calls.ts";
import type { ServiceImplementation } from "../core/endpoint.ts";
import { Code } from "./codes.ts";
import { guardHttp2 } from "./http2_guard.ts";
import { checkGrpcNumbers } from "./options.ts";
import { GRACE_MS, type GrpcServingOptions, serveServices } from "./serve_services.ts";
import { handleOn } from "./stream_wire.ts";

/** The part that is needed of a `Server` of `npm:@grpc/grpc-js`. */
export interface GrpcJsServer {
  /** Adds an rpc; returns whether there was none of its path. */
  register(path: string, handler: never, serialize: never, deserialize: never, type: string): boolean;
  /** Takes an rpc away. */
  unregister(path: string): boolean;
}

/** Services on a server that is somebody else's. */
export interface AddedServices extends AsyncDisposable {
  /** How many calls of them run. */
  readonly calls: number;
  /**
   * Stops accepting calls of these services (their callers are told UNAVAILABLE), lets the open ones end within the
   * grace period (their signals abort when half of it is over), then ends them with `unavailable`. The server itself
   * and all else on it go on.
   *
   * @param graceMs ms; default: the `graceMs` option, 10 s
   */
  shutdown(graceMs?: number): Promise<void>;
}

/**
 * Adds services to an existing server of grpc-js, beside services that are written by hand. Their calls have all that
 * they have on a `grpcServer`: validation, errors, interceptors, `auth`, `onError`, limits, a shutdown that drains. Ports,
 * credentials and channel options, compression among them, are the server's. Add services before `bindAsync`: connections
 * of servers that listen already lack the guards that keep `node:http2` from ending the process.
 *
 * @param server A `Server` of `npm:@grpc/grpc-js`
 * @param implementations What `implement` returned
 * @throws {TypeError} When the server or two of them have the same rpc, or a security scheme has no function in `auth`;
 * nothing is added then
 *
 * @example
 * ```ts
 * import { implement } from "@x/goats";
 * import { addToServer, grpcClient } from "@x/goats/grpc";
 * import { CodeOK, Field, GRPC, Int, Method, Payload, Required, Response, Result, Service } from "@x/goats/design";
 * import { Server, ServerCredentials } from "@grpc/grpc-js";
 * import { assertEquals } from "@std/assert";
 *
 * const calc = Service(
 *   "calc",
 *   Method("double", Payload(Field(1, "n", Int), Required("n")), Result(Int), GRPC(Response(CodeOK))),
 * );
 *
 * const server = new Server(); // … with addService(…) of what there is
 * const added = addToServer(server, [implement(calc, { double: ({ payload }) => payload.n * 2 })]);
 * const port = await new Promise<number>((resolve, reject) =>
 *   server.bindAsync(
 *     "127.0.0.1:0",
 *     ServerCredentials.createInsecure(),
 *     (error, port) => error === null ? resolve(port) : reject(error),
 *   )
 * );
 *
 * await using client = grpcClient(calc, `127.0.0.1:${port}`);
 * assertEquals(await client.double({ n: 21 }), 42);
 *
 * await added.shutdown(); // then server.tryShutdown(…)
 * server.forceShutdown();
 * ```
 */
export function addToServer(
  server: GrpcJsServer,
  implementations: readonly ServiceImplementation[],
  options: GrpcServingOptions = {},
): AddedServices {
  checkGrpcNumbers("add services to a gRPC server", options);
  guardHttp2();
  const active = activeCalls();
  const paths: string[] = [];
  let stopped: Promise<void> | undefined;
  try {
    serveServices(
      implementations,
      {
        handle(path, serve, where = path) {
          const added = handleOn(
            server as unknown as Server,
            path,
            (wire) => {
              if (stopped === undefined) return serve(wire);
              const message = "the service is shutting down";
              void wire.end({ code: Code.unavailable, message, trailers: new Headers() });
            },
            where,
            options.limits?.messageBytes,
          );
          if (!added) throw new TypeError(`Cannot add the rpc ${path}: the server has one of this path`);
          paths.push(path);
        },
      },
      active,
      options,
    );
  } catch (error) {
    for (const path of paths) server.unregister(path);
    throw error;
  }
  const shutdown = (graceMs = options.graceMs ?? GRACE_MS) => stopped ??= active.drain(graceMs);
  return {
    get calls() {
      return active.size;
    },
    shutdown,
    [Symbol.asyncDispose]: () => shutdown(),
  };
}
