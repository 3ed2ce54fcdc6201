/**
 * How to reach a service by URL.
 *
 * @module
 */
import type { ClientTransport } from "../core/exchange.ts";
import type { ServiceModel } from "../design/model.ts";
import type { GrpcTransportOptions } from "../grpc/client.ts";
import { httpTransport } from "../http/client.ts";
import { areGiven, type Certificates, grpcTls, httpTls } from "./tls.ts";
import { suggestion, UsageError } from "./usage_error.ts";

/** Where to call. */
export interface Target {
  /** Which family of transports the scheme stands for. */
  readonly kind: "http" | "grpc";
  /** Whether connections are encrypted. */
  readonly secure: boolean;
  /** The URL, or `host:port` for gRPC. */
  readonly address: string;
  /** Its host alone. */
  readonly host: string;
}

const SCHEMES: Readonly<Record<string, Pick<Target, "kind" | "secure">>> = {
  __proto__: null as never,
  http: { kind: "http", secure: false },
  https: { kind: "http", secure: true },
  ws: { kind: "http", secure: false },
  wss: { kind: "http", secure: true },
  grpc: { kind: "grpc", secure: false },
  grpcs: { kind: "grpc", secure: true },
};

/** Reads a URL. */
export function targetOf(url: string): Target {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  const found = scheme === undefined ? undefined : SCHEMES[scheme];
  if (found === undefined) {
    const known = Object.keys(SCHEMES);
    throw new UsageError(
      scheme === undefined
        ? `${JSON.stringify(url)} is no URL; one looks like http://127.0.0.1:8080 or grpc://127.0.0.1:50051`
        : `Cannot call by ${scheme}://${suggestion(scheme, known)}`,
    );
  }
  if (!URL.canParse(url)) throw new UsageError(`${JSON.stringify(url)} is no URL`);
  // Of schemes that it does not know, URL tells neither ports nor hosts in brackets.
  const { hostname, port, pathname } = new URL(url.replace(/^[^:]+/, found.secure ? "https" : "http"));
  if (found.kind === "http") return { ...found, address: url, host: hostname };
  if (pathname !== "/") throw new UsageError(`${url} has a path, which gRPC has no use for`);
  if (!found.secure && !/:\d+\/?$/.test(url)) {
    throw new UsageError(`${url} has no port; gRPC has none of its own, as in grpc://${hostname}:50051`);
  }
  return { ...found, address: `${hostname}:${port || (found.secure ? 443 : 80)}`, host: hostname };
}

/** A transport, and what it holds besides. */
export interface Door {
  /** Calls. */
  readonly transport: ClientTransport;
  /** Lets go of connections, once what is to be told was told. */
  close(): Promise<void>;
}

/** What TLS a gRPC client is told to use. */
export async function grpcSecurity(
  target: Target,
  certificates: Certificates,
): Promise<Pick<GrpcTransportOptions, "tls" | "credentials" | "channelOptions">> {
  refuseInPlain(target, certificates);
  return target.secure ? await grpcTls(certificates) : {};
}

function refuseInPlain({ secure, address }: Target, certificates: Certificates): void {
  if (secure || !areGiven(certificates)) return;
  throw new UsageError(
    `Certificates are of no use at ${address}, which is not encrypted: https, wss and grpcs are`,
  );
}

/** How to connect. */
export interface Connecting {
  /** Where to. */
  readonly target: Target;
  /** By what certificates. */
  readonly certificates: Certificates;
  /** Bounds of what is taken. */
  readonly limits: { readonly messageBytes?: number };
}

/** Connects to a service. */
export async function connect(
  service: ServiceModel,
  { target, certificates, limits }: Connecting,
): Promise<Door> {
  if (target.kind === "grpc") {
    // Loads grpc-js, which HTTP alone does without.
    const { grpcTransport } = await import("../grpc/client.ts");
    const security = await grpcSecurity(target, certificates);
    const transport = grpcTransport(service, target.address, { ...security, limits });
    return { transport, close: async () => await transport.close() };
  }
  refuseInPlain(target, certificates);
  const tls = areGiven(certificates) ? httpTls(certificates, target.host) : undefined;
  const sockets = socketsIn(tls?.options.webSocket);
  const transport = httpTransport(service, target.address, {
    ...tls?.options,
    limits,
    webSocket: sockets.open,
  });
  return {
    transport,
    async close() {
      await transport.close();
      await sockets.closed();
      tls?.close();
    },
  };
}

type OpenSocket = NonNullable<NonNullable<Parameters<typeof httpTransport>[2]>["webSocket"]>;

/** Longest wait for peers that do not answer the end of a socket. */
const FAREWELL_MS = 1000;

/** Sockets whose end can be waited for: a process that exits before takes their last words with it. */
function socketsIn(open: OpenSocket = (url, options) => new WebSocket(url, options)): {
  readonly open: OpenSocket;
  closed(): Promise<void>;
} {
  const live = new Set<WebSocket>();
  let told: (() => void) | undefined;
  return {
    open(url, options) {
      const socket = open(url, options);
      live.add(socket);
      socket.addEventListener("close", () => {
        live.delete(socket);
        if (live.size === 0) told?.();
      }, { once: true });
      return socket;
    },
    async closed() {
      if (live.size === 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      told = resolve;
      const timer = setTimeout(resolve, FAREWELL_MS);
      await promise;
      clearTimeout(timer);
    },
  };
}
