/**
 * TLS at both ends, without grpc-js in the user's hands.
 *
 * @module
 */
import {
  type ChannelCredentials,
  credentials as channelCredentials,
  ServerCredentials,
  type ServerDuplexStream,
} from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { SecureServerOptions } from "node:http2";
import { isIP } from "node:net";
import { checkServerIdentity, createSecureContext, type PeerCertificate as NodeCertificate } from "node:tls";
import type { PeerCertificate } from "../core/peer_certificate.ts";
import { subjectNames } from "./subject_names.ts";

/** Certificates in PEM: a text, or the bytes of one. */
export type Pem = string | Uint8Array;

/** What a server identifies itself with. */
export interface GrpcCertificates {
  /** The server's certificate, and after it those between it and the CA. */
  readonly cert: Pem;
  /** The certificate's private key. */
  readonly key: Pem;
  /** CAs that clients' certificates are verified with: for `clientCerts`. */
  readonly ca?: Pem;
}

/** How a server secures its connections. */
export interface GrpcServerTls extends GrpcCertificates {
  /**
   * Whether clients have to identify themselves with a certificate (mTLS). `"require"` refuses connections without one
   * that `ca` verifies. `"request"` lets them in: `call.request.tls` is there for those alone that have one. Default:
   * clients are not asked.
   */
  readonly clientCerts?: "require" | "request";
}

/** How a client secures its connections. */
export interface GrpcClientTls {
  /** CAs that the server's certificate is verified with. Default: those that the runtime trusts. */
  readonly ca?: Pem;
  /** The client's own certificate (mTLS), with its `key`. */
  readonly cert?: Pem;
  /** The private key of `cert`. */
  readonly key?: Pem;
  /** The name that the server's certificate has to have, in place of the host in the address. */
  readonly serverName?: string;
}

function buffer(pem: Pem): Buffer {
  return typeof pem === "string" ? Buffer.from(pem) : Buffer.from(pem.buffer, pem.byteOffset, pem.byteLength);
}

const text = (pem: Pem): string => buffer(pem).toString();

/** Tells a wrong pair now: later it would only be seen in handshakes that fail. */
function checkPair(cert: Pem, key: Pem, whose: string): void {
  let matches: boolean;
  try {
    matches = new X509Certificate(buffer(cert)).checkPrivateKey(createPrivateKey(buffer(key)));
  } catch (cause) {
    throw new TypeError(`Cannot use the certificate of the gRPC ${whose}: ${(cause as Error).message}`, {
      cause,
    });
  }
  if (!matches) throw new TypeError(`Cannot use the certificate of the gRPC ${whose}: the key is of another`);
}

function checkCa(ca: Pem, whose: string): void {
  try {
    new X509Certificate(buffer(ca));
  } catch (cause) {
    throw new TypeError(`Cannot use the CA of the gRPC ${whose}: ${(cause as Error).message}`, { cause });
  }
}

/** Credentials whose certificates can be replaced: grpc-js hands what is new to `setSecureContext`. */
class ReloadableCredentials extends ServerCredentials {
  constructor(options: SecureServerOptions, certificates: GrpcCertificates) {
    super(options, contextOf(certificates));
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }

  replace(certificates: GrpcCertificates): void {
    this.updateSecureContextOptions(contextOf(certificates));
  }
}

function contextOf({ cert, key, ca }: GrpcCertificates): { cert: string; key: string; ca?: string } {
  return { cert: text(cert), key: text(key), ...(ca === undefined ? {} : { ca: text(ca) }) };
}

/** A server's TLS. */
export interface ServerTls {
  /** What grpc-js is given. */
  readonly credentials: ServerCredentials;
  /** Uses other certificates for connections to come. */
  replace(certificates: GrpcCertificates): void;
}

/**
 * Makes a server's TLS.
 *
 * @throws {TypeError} When certificates cannot be read, or do not fit
 */
export function serverTls(tls: GrpcServerTls): ServerTls {
  const { clientCerts } = tls;
  const check = ({ cert, key, ca }: GrpcCertificates) => {
    checkPair(cert, key, "server");
    if (ca !== undefined) checkCa(ca, "server");
    else if (clientCerts !== undefined) {
      throw new TypeError(
        `Cannot ${clientCerts} certificates of gRPC clients: there is no ca to verify them`,
      );
    }
  };
  check(tls);
  const credentials = new ReloadableCredentials({
    requestCert: clientCerts !== undefined,
    rejectUnauthorized: clientCerts === "require",
  }, tls);
  return {
    credentials,
    replace(certificates) {
      check(certificates);
      credentials.replace(certificates);
    },
  };
}

/** What a client gives grpc-js. */
export interface ClientTls {
  /** How connections are secured. */
  readonly credentials: ChannelCredentials;
  /** Options of the channel that belong to it. */
  readonly channelOptions: Readonly<Record<string, string>>;
}

/** Sent in place of an IP address: RFC 6066 §3 wants none, and Deno and grpc-js leave no way to send no name at all. */
const NO_NAME = "address.invalid";

/**
 * Makes a client's TLS. Neither the roots nor the ciphers of grpc-js's environment variables are read.
 *
 * @throws {TypeError} When certificates cannot be read, or do not fit
 */
export function clientTls({ ca, cert, key, serverName }: GrpcClientTls, address: string): ClientTls {
  if ((cert === undefined) !== (key === undefined)) {
    throw new TypeError("Cannot use the certificate of the gRPC client: cert and key belong together");
  }
  if (cert !== undefined) checkPair(cert, key!, "client");
  if (ca !== undefined) checkCa(ca, "client");
  const secureContext = createSecureContext({
    ...(ca === undefined ? {} : { ca: text(ca) }),
    ...(cert === undefined ? {} : { cert: text(cert), key: text(key!) }),
  });
  const name = serverName ?? hostOf(address);
  const isAddress = isIP(name) !== 0;
  const override = isAddress ? NO_NAME : serverName;
  return {
    credentials: channelCredentials.createFromSecureContext(secureContext, {
      // Certificates name addresses too; both Deno and grpc-js would look for a host of this name.
      ...(isAddress
        ? { checkServerIdentity: (_: string, found: NodeCertificate) => checkServerIdentity(name, found) }
        : {}),
    }),
    channelOptions: override === undefined ? {} : { "grpc.ssl_target_name_override": override },
  };
}

/** The host of `host:port`, `[v6]:port` or `dns:///host:port`. */
function hostOf(address: string): string {
  const target = address.replace(/^[a-z][a-z0-9+.-]*:(?:\/\/[^/]*\/)?(?=\D|\d+\.)/, "");
  const bracketed = /^\[(.+)\](?::\d+)?$/.exec(target);
  return bracketed?.[1] ?? (isIP(target) !== 0 ? target : target.replace(/:\d+$/, ""));
}

/** The certificate that the caller of a call was verified with, if there is one. */
export function certificateOf(
  call: Pick<ServerDuplexStream<unknown, unknown>, "getAuthContext">,
): PeerCertificate | undefined {
  const found = call.getAuthContext().sslPeerCertificate;
  if (found === undefined) return undefined;
  const raw = new Uint8Array(found.raw);
  return {
    subject: named(found.subject),
    issuer: named(found.issuer),
    sans: subjectNames(raw),
    serialNumber: found.serialNumber,
    fingerprint: found.fingerprint256.replaceAll(":", "").toLowerCase(),
    validFrom: new Date(found.valid_from),
    validTo: new Date(found.valid_to),
    raw,
  };
}

function named(name: object): Record<string, readonly string[]> {
  const all: Record<string, readonly string[]> = Object.create(null);
  for (const [key, value] of Object.entries(name)) all[key] = [value].flat();
  return all;
}
