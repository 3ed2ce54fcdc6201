/**
 * Certificates, for each of the runtimes' ways to secure connections.
 *
 * @module
 */
import type { GrpcTransportOptions } from "../grpc/client.ts";
import type { HttpClientOptions } from "../http/client.ts";
import type { OptionValues } from "./options.ts";
import { UsageError } from "./usage_error.ts";

/** What is said of certificates on the command line, read from its files. */
export interface Certificates {
  /** CAs, in PEM. */
  readonly ca?: string;
  /** The caller's own, in PEM. */
  readonly cert?: string;
  /** Its key, in PEM. */
  readonly key?: string;
  /** Whether any certificate will do. */
  readonly insecure: boolean;
}

/** Reads the files that the options name. */
export async function readCertificates(options: OptionValues): Promise<Certificates> {
  const { ca, cert, key, insecure = false } = options;
  if ((cert === undefined) !== (key === undefined)) throw new UsageError("--cert and --key belong together");
  const read = async (path: string | undefined, flag: string): Promise<string | undefined> => {
    if (path === undefined) return undefined;
    try {
      return await Deno.readTextFile(path);
    } catch (error) {
      throw new UsageError(`${flag} cannot be read: ${(error as Error).message}`, { cause: error });
    }
  };
  return {
    insecure,
    ca: await read(ca, "--ca"),
    cert: await read(cert, "--cert"),
    key: await read(key, "--key"),
  };
}

/** Whether anything was said. */
export function areGiven({ ca, cert, insecure }: Certificates): boolean {
  return ca !== undefined || cert !== undefined || insecure;
}

/** What the HTTP client is told, and how to let go of it. */
export interface HttpTls {
  /** Its options. */
  readonly options: Pick<HttpClientOptions, "fetch" | "webSocket">;
  /** Closes connections that are kept. */
  close(): void;
}

/** What the HTTP client is told to use certificates. */
export function httpTls({ ca, cert, key, insecure }: Certificates, host: string): HttpTls {
  if (insecure) {
    throw new UsageError(
      "--insecure is for gRPC alone: over https and wss the runtime checks certificates, unless it is run with " +
        `"deno run --unsafely-ignore-certificate-errors=${host}"`,
    );
  }
  const client = clientOf({
    ...(ca === undefined ? {} : { caCerts: [ca] }),
    ...(cert === undefined ? {} : { cert, key: key! }),
  });
  return {
    options: {
      fetch: (request) => fetch(request, { client }),
      webSocket: (url, options) => new WebSocket(url, { ...options, client }),
    },
    close: () => client.close(),
  };
}

function clientOf(
  options: Deno.CreateHttpClientOptions | Deno.CreateHttpClientOptions & Deno.TlsCertifiedKeyPem,
) {
  try {
    return Deno.createHttpClient(options);
  } catch (error) {
    throw new UsageError(`Cannot use the certificates: ${(error as Error).message}`, { cause: error });
  }
}

/** What the gRPC client is told to use certificates. Imports grpc-js. */
export async function grpcTls(
  { ca, cert, key, insecure }: Certificates,
): Promise<Pick<GrpcTransportOptions, "tls" | "credentials" | "channelOptions">> {
  const own = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert, key: key! }),
  };
  if (!insecure) return { tls: own };
  const { credentials } = await import("@grpc/grpc-js");
  const { createSecureContext } = await import("node:tls");
  return {
    credentials: credentials.createFromSecureContext(createSecureContext(own), {
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    }),
    // An IP address is no name that a handshake could ask for.
    channelOptions: { "grpc.ssl_target_name_override": "address.invalid" },
  };
}
