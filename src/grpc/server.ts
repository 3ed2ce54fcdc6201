/**
 * Serves services over gRPC.
 *
 * @module
 */
import type { ServerCredentials } from "@grpc/grpc-js";
import { protoService } from "../codec/proto.ts";
import { activeCalls } from "../core/active_calls.ts";
import { checkLimits } from "../core/check_limits.ts";
import type { ServiceImplementation } from "../core/endpoint.ts";
import { grpcJsServer } from "./grpc_js_server.ts";
import {
  channelOptionsOf,
  type GrpcLimits,
  type GrpcServerCallOptions,
  type GrpcServerCredentials,
} from "./options.ts";
import type { GrpcHealth } from "./health.ts";
import { type GrpcOperationsOptions, serveOperations } from "./operations.ts";
import { GRACE_MS, type GrpcServingOptions, serveServices } from "./serve_services.ts";
import { type GrpcCertificates, type GrpcServerTls, serverTls } from "./tls.ts";

/** Options of {@linkcode grpcServer}. */
export interface GrpcServerOptions extends GrpcServingOptions, GrpcServerCallOptions, GrpcOperationsOptions {
  /** Bounds of what is taken from callers. */
  readonly limits?: GrpcLimits;
  /** Secures connections by these certificates, which `setTls` can replace. Default: plain text. */
  readonly tls?: GrpcServerTls;
  /** The same as `ServerCredentials` of grpc-js, e.g. `ServerCredentials.createSsl(roots, pairs)`. Beats `tls`. */
  readonly credentials?: GrpcServerCredentials;
}

/** Where a server listens. */
export interface ListenAddress {
  /** `host:port` with the port in use, or `unix:path`: what clients connect to. */
  readonly address: string;
  /** The port in use; 0 for a Unix socket. */
  readonly port: number;
}

/** A gRPC server. */
export interface GrpcServer extends AsyncDisposable {
  /**
   * Listens on `host:port` (port 0 picks a free one) or `unix:path`. May be called for several addresses.
   *
   * @throws When the address cannot be listened on
   */
  listen(address: string): Promise<ListenAddress>;
  /** The address last listened on; `undefined` before. */
  readonly address: string | undefined;
  /** How many calls run; those that ask for health or reflection do not count. */
  readonly calls: number;
  /** What callers are told of the services' health. */
  readonly health: GrpcHealth;
  /**
   * Replaces the certificates: connections to come use the new ones, those that are open go on.
   *
   * @throws {TypeError} When they cannot be read, or do not fit; the old ones stay
   */
  setTls(certificates: GrpcCertificates): void;
  /**
   * Tells those who watch its health `NOT_SERVING` and its peers to go (GOAWAY), lets open calls end within the grace
   * period (their signals abort when half of it is over), then ends them with `unavailable`.
   *
   * @param graceMs ms; default: the `graceMs` option, 10 s
   */
  shutdown(graceMs?: number): Promise<void>;
}

/** How long a peer has to take the last messages of its calls, once they were ended. */
const FLUSH_MS = 1_000;

/**
 * Makes a gRPC server of services; `listen` starts it. Needs `--allow-net`, and `--allow-env` or `--ignore-env` for
 * grpc-js.
 *
 * @param implementations What `implement` returned
 * @throws {TypeError} When two of them have the same rpc, or a security scheme has no function in `auth`
 *
 * @example
 * ```ts
 * import { implement } from "@x/goats";
 * import { grpcClient, grpcServer } from "@x/goats/grpc";
 * import { CodeOK, Field, GRPC, Int, Method, Payload, Required, Response, Result, Service } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const calc = Service(
 *   "calc",
 *   Method("double", Payload(Field(1, "n", Int), Required("n")), Result(Int), GRPC(Response(CodeOK))),
 * );
 * await using server = grpcServer([implement(calc, { double: ({ payload }) => payload.n * 2 })]);
 * const { address } = await server.listen("127.0.0.1:0");
 *
 * await using client = grpcClient(calc, address);
 * assertEquals(await client.double({ n: 21 }), 42);
 * ```
 */
export function grpcServer(
  implementations: readonly ServiceImplementation[],
  options: GrpcServerOptions = {},
): GrpcServer {
  checkLimits("serve", options.limits);
  const tls = options.tls && serverTls(options.tls);
  const engine = grpcJsServer({
    credentials: options.credentials as ServerCredentials | undefined ?? tls?.credentials,
    compression: options.compression ?? "identity",
    channelOptions: channelOptionsOf(options),
  });
  const active = activeCalls();
  let address: string | undefined;
  let stopped: Promise<void> | undefined;

  serveServices(implementations, engine, active, options);
  const operations = serveOperations(
    implementations.map(({ service }) => protoService(service)),
    engine,
    options,
  );

  async function stop(graceMs: number): Promise<void> {
    operations.stop();
    const closing = engine.close();
    // Ended calls may wait for a peer that takes nothing, connections for a peer that does not leave.
    const cut = setTimeout(engine.destroy, Math.max(0, graceMs) + FLUSH_MS);
    try {
      await active.drain(graceMs);
      await closing;
    } finally {
      clearTimeout(cut);
      engine.destroy();
    }
  }

  const shutdown = (graceMs = options.graceMs ?? GRACE_MS) => stopped ??= stop(graceMs);
  return {
    async listen(target) {
      if (stopped !== undefined) throw new Error(`Cannot listen on ${target}: the server was shut down`);
      try {
        const port = await engine.listen(target);
        const unix = target.startsWith("unix:");
        address = unix ? target : target.replace(/\d+$/, `${port}`);
        return { address, port: unix ? 0 : port };
      } catch (cause) {
        throw new Error(`Cannot listen on ${target}: ${(cause as Error).message}`, { cause });
      }
    },
    get address() {
      return address;
    },
    get calls() {
      return active.size;
    },
    health: operations.health,
    setTls(certificates) {
      if (tls === undefined || options.credentials !== undefined) {
        throw new TypeError("Cannot replace the certificates of the gRPC server: it was made without tls");
      }
      tls.replace(certificates);
    },
    shutdown,
    [Symbol.asyncDispose]: () => shutdown(),
  };
}
