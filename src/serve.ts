/**
 * Serves services over HTTP and gRPC from one process.
 *
 * @module
 */
import { checkNumbers, numbersOf } from "./core/check_options.ts";
import type { Connections } from "./core/connections.ts";
import type { ServiceImplementation } from "./core/endpoint.ts";
import type { GrpcServer, GrpcServerOptions } from "./grpc/server.ts";
import type { GrpcHealth } from "./grpc/health.ts";
import { GRPC_LIMITS, type GrpcLimits } from "./grpc/options.ts";
import type { GrpcCertificates, GrpcServerTls } from "./grpc/tls.ts";
import { httpHandler, type HttpHandlerOptions } from "./http/handler.ts";
import { HTTP_LIMITS, type HttpLimits } from "./http/limits.ts";

/** Where to listen. */
export interface ListenOptions {
  /** Port; `0` picks a free one. */
  readonly port: number;
  /** Address or name of the interface. Default `"127.0.0.1"`. */
  readonly hostname?: string;
}

/** Where to listen for gRPC, and how. */
export interface GrpcListenOptions extends ListenOptions {
  /** Secures connections by these certificates, which `grpc.setTls` can replace. Default: plain text. */
  readonly tls?: GrpcServerTls;
}

/** Options of {@linkcode serve}: those of `httpHandler` and `grpcServer`, and where each listens. */
export interface ServeOptions extends HttpHandlerOptions, Omit<GrpcServerOptions, "limits" | "tls"> {
  /** Bounds of what callers may cost; those that gRPC has beside the others are among them. */
  readonly limits?: HttpLimits & GrpcLimits;
  /** Serves HTTP, WebSocket streams included, when given. */
  readonly http?: ListenOptions;
  /** Serves gRPC when given. */
  readonly grpc?: GrpcListenOptions;
}

/** The HTTP door of a running server. */
export interface HttpAddress {
  /** `http://host:port`. */
  readonly url: string;
  /** The port in use. */
  readonly port: number;
  /** The streams that are open, of WebSockets and Server-Sent Events. */
  readonly connections: Connections;
}

/** The gRPC door of a running server. */
export interface GrpcAddress {
  /** `host:port`. */
  readonly address: string;
  /** The port in use. */
  readonly port: number;
  /** What callers are told of the services' health. */
  readonly health: GrpcHealth;
  /**
   * Replaces the certificates: connections to come use the new ones, those that are open go on.
   *
   * @throws {TypeError} When they cannot be read, or do not fit; the old ones stay
   */
  setTls(certificates: GrpcCertificates): void;
}

/** What {@linkcode serve} gives: the doors that were asked for. */
export interface Served<O extends ServeOptions = ServeOptions> extends AsyncDisposable {
  /** Where HTTP is served; `undefined` when not asked for. */
  readonly http: O["http"] extends ListenOptions ? HttpAddress : undefined;
  /** Where gRPC is served; `undefined` when not asked for. */
  readonly grpc: O["grpc"] extends ListenOptions ? GrpcAddress : undefined;
  /**
   * Stops accepting calls, lets the open ones end within the grace period (their signals abort when half of it is
   * over), then ends them with `unavailable`.
   *
   * @param graceMs ms; default: the `graceMs` option, 10 s
   */
  shutdown(graceMs?: number): Promise<void>;
}

/**
 * Time for connections to close once no call runs. Deno 2.9.6 never settles an upgrade whose peer has reset the
 * connection before the 101, and `shutdown` of its server then waits for ever.
 */
const CLOSE_MS = 5000;

/** Resolves when `task` does, or after `ms`. */
function within(ms: number, task: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    task.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** A door that is open. */
interface Door<Address> {
  readonly address: Address;
  shutdown(graceMs?: number): Promise<void>;
}

/**
 * Serves services over HTTP (WebSocket streams included), gRPC, or both. Needs `--allow-net`; grpc-js is loaded only
 * when `grpc` is given.
 *
 * @param implementations What `implement` returned
 * @param options Where to listen, and the options of `httpHandler` and `grpcServer`
 * @returns The addresses in use, and how to stop
 * @throws {TypeError} When neither `http` nor `grpc` is given, two services have the same route, or a limit is not
 * allowed or not known
 *
 * @example
 * ```ts
 * import { httpClient, implement, serve } from "@x/goats";
 * import { Field, GET, HTTP, Int, Method, Param, Payload, Required, Result, Service } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const calc = Service(
 *   "calc",
 *   Method(
 *     "double",
 *     Payload(Field(1, "n", Int), Required("n")),
 *     Result(Int),
 *     HTTP(GET("/double/{n}")),
 *   ),
 * );
 * const service = implement(calc, { double: ({ payload }) => payload.n * 2 });
 *
 * await using server = await serve([service], { http: { port: 0 } });
 * await using client = httpClient(calc, server.http.url);
 * assertEquals(await client.double({ n: 21 }), 42);
 * ```
 */
export async function serve<const O extends ServeOptions>(
  implementations: readonly ServiceImplementation[],
  options: O,
): Promise<Served<O>> {
  if (options.http === undefined && options.grpc === undefined) {
    throw new TypeError("Cannot serve: neither http nor grpc is given");
  }
  checkNumbers("serve", "limits", options.limits, { ...HTTP_LIMITS, ...GRPC_LIMITS });
  const http = options.http && serveHttp(implementations, options.http, options);
  let grpc: Door<GrpcAddress> | undefined;
  try {
    grpc = options.grpc && await serveGrpc(implementations, options.grpc, options);
  } catch (error) {
    await http?.shutdown(0);
    throw error;
  }
  let stopped: Promise<void> | undefined;
  const shutdown = (graceMs?: number) =>
    stopped ??= Promise.all([http?.shutdown(graceMs), grpc?.shutdown(graceMs)]).then(() => {});
  return {
    http: http?.address as Served<O>["http"],
    grpc: grpc?.address as Served<O>["grpc"],
    shutdown,
    [Symbol.asyncDispose]: () => shutdown(),
  };
}

function serveHttp(
  implementations: readonly ServiceImplementation[],
  { port, hostname = "127.0.0.1" }: ListenOptions,
  options: HttpHandlerOptions,
): Door<HttpAddress> {
  const handler = httpHandler(implementations, {
    ...options,
    limits: numbersOf<HttpLimits>(options.limits, HTTP_LIMITS),
  });
  const server = listen(
    `${bracketed(hostname)}:${port}`,
    () => Deno.serve({ port, hostname, onListen() {} }, handler),
  );
  const at = server.addr.port;
  return {
    address: { url: `http://${bracketed(hostname)}:${at}`, port: at, connections: handler.connections },
    async shutdown(graceMs) {
      await handler.shutdown(graceMs);
      await within(CLOSE_MS, server.shutdown());
    },
  };
}

/** Deno says that an address is taken, or not to be had, and not which. */
function listen<T>(address: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    const { AddrInUse, AddrNotAvailable, PermissionDenied } = Deno.errors;
    for (const kind of [AddrInUse, AddrNotAvailable, PermissionDenied]) {
      if (error instanceof kind) {
        throw new kind(`Cannot listen on ${address}: ${error.message}`, { cause: error });
      }
    }
    throw error;
  }
}

async function serveGrpc(
  implementations: readonly ServiceImplementation[],
  { port, hostname = "127.0.0.1", tls }: GrpcListenOptions,
  options: Omit<GrpcServerOptions, "tls">,
): Promise<Door<GrpcAddress>> {
  const { grpcServer } = await import("./grpc/server.ts");
  const server: GrpcServer = grpcServer(implementations, {
    ...options,
    limits: numbersOf<GrpcLimits>(options.limits, GRPC_LIMITS),
    ...(tls === undefined ? {} : { tls }),
  });
  const listening = await server.listen(`${bracketed(hostname)}:${port}`);
  const address = { ...listening, health: server.health, setTls: server.setTls };
  return { address, shutdown: (graceMs) => server.shutdown(graceMs) };
}

/** An IPv6 address as URLs and gRPC targets want it. */
function bracketed(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}
