/**
 * What both ends can be told. grpc-js's own types are named here by what is needed of them, as its docs are not ours.
 *
 * @module
 */
import type { ChannelOptions } from "@grpc/grpc-js";
import {
  amount,
  checkNumber,
  checkNumbers,
  DURATION,
  durationOr,
  type NumberRule,
  type NumberRules,
} from "../core/check_options.ts";
import type { GrpcCompression } from "./gzip.ts";

/** Bounds of what is received; what is left out has its default. */
export interface GrpcLimits {
  /** Largest message taken, in bytes. A larger one ends its call with `too_large`. Default 4 MiB. */
  readonly messageBytes?: number;
  /**
   * Most metadata taken with a call, in bytes: names and values and 32 for each pair, as HTTP/2 counts them (RFC 9113
   * §6.5.2). More of it ends its call with `too_large`. Default 16 KiB, which is what gRPC's C core takes.
   */
  readonly metadataBytes?: number;
}

/** How connections that say nothing are looked after. */
export interface GrpcKeepalive {
  /** ms without anything from the peer until it is pinged. */
  readonly timeMs: number;
  /** ms until a peer that does not answer is given up, and its calls end with `unavailable`. Default 20 s. */
  readonly timeoutMs?: number;
  /** Of a client: whether it pings when no call is open, too. Servers may refuse that. Default `false`. */
  readonly withoutCalls?: boolean;
}

/** What both ends can be told of their calls. */
export interface GrpcCallOptions {
  /** Bounds of what is taken from the peer. */
  readonly limits?: GrpcLimits;
  /**
   * How messages are compressed unless a call says otherwise by its header `grpc-encoding`: those of a client's call by
   * its `headers`, those of a server's by `call.response.headers`. A server compresses for callers that take it
   * (`grpc-accept-encoding`), and what gets shorter by it. Compressed messages are always taken. Default `"identity"`.
   */
  readonly compression?: GrpcCompression;
  /** Pings silent peers. Default: a client never does, a server every two hours. */
  readonly keepalive?: GrpcKeepalive;
  /** Options of grpc-js itself, by their names there; they beat the others. Its books for channelz are off by default. */
  readonly channelOptions?: GrpcChannelOptions;
}

/** Options that grpc-js has for servers alone. */
export interface GrpcServerCallOptions extends GrpcCallOptions {
  /** How many calls one connection may have open at once; clients wait with more. Default: no limit. */
  readonly maxConcurrentStreams?: number;
}

/** A service config (grpc/proposal A6): load balancing, and by method timeout, retries, wait-for-ready. */
export type GrpcServiceConfig = Readonly<Record<string, unknown>>;

/** Options that grpc-js has for clients alone. */
export interface GrpcClientCallOptions extends GrpcCallOptions {
  /**
   * Whether calls wait for a connection that cannot be made, until their timeout, rather than fail with `unavailable`.
   * Default `false`.
   */
  readonly waitForReady?: boolean;
  /** What a name resolver would say of how to call: `methodConfig` with `retryPolicy`, `waitForReady`, `timeout`, … */
  readonly serviceConfig?: GrpcServiceConfig;
  /** What stands in front of grpc-js's own name in `user-agent`. */
  readonly userAgent?: string;
}

/** What `credentials.createSsl(...)` and its like of `npm:@grpc/grpc-js` return: how a client secures connections. */
export interface GrpcChannelCredentials {
  /** Adds credentials of single calls. */
  compose(callCredentials: never): unknown;
  /** Whether connections are encrypted. */
  _isSecure(): boolean;
}

/** What `ServerCredentials.createSsl(...)` of `npm:@grpc/grpc-js` returns: how a server secures connections. */
export interface GrpcServerCredentials {
  /** Certificates and keys. */
  _getSecureContextOptions(): unknown;
  /** Whether connections are encrypted. */
  _isSecure(): boolean;
}

/**
 * Options of grpc-js itself, by their names there: keepalive, compression, connection age, name overrides
 * (`"grpc.keepalive_time_ms"`, `"grpc.default_compression_algorithm"`, `"grpc.ssl_target_name_override"`, …).
 */
export type GrpcChannelOptions = Readonly<Record<string, string | number>>;

/** What each limit may be. */
export const GRPC_LIMITS: NumberRules<GrpcLimits> = { messageBytes: amount(1), metadataBytes: amount(1) };

const KEEPALIVE: NumberRules<Omit<GrpcKeepalive, "withoutCalls">> = { timeMs: DURATION, timeoutMs: DURATION };
/** What HTTP/2 tells the peer, in 32 bits. */
const STREAMS: NumberRule = { least: 1, most: 2 ** 32 - 1, words: `a number from 1 to ${2 ** 32 - 1}` };

/** The numbers among the options of either end. */
interface GrpcNumbers extends GrpcServerCallOptions {
  readonly maxTimeout?: number;
  readonly graceMs?: number;
}

/**
 * Checks the numbers that either end is told.
 *
 * @param action What is being made
 * @throws {TypeError} When one is not allowed, or not known
 */
export function checkGrpcNumbers(action: string, options: GrpcNumbers): void {
  checkNumbers(action, "limits", options.limits, GRPC_LIMITS);
  if (options.keepalive !== undefined) {
    const { withoutCalls: _, ...times } = options.keepalive;
    checkNumbers(action, "keepalive", times, KEEPALIVE);
  }
  checkNumber(action, "maxConcurrentStreams", options.maxConcurrentStreams, STREAMS);
  checkNumber(action, "maxTimeout", options.maxTimeout, amount(1));
  checkNumber(action, "graceMs", options.graceMs, durationOr("none"));
}

/** Bytes of metadata that a call may bring. */
export const METADATA_BYTES = 16 * 1024;

/** What grpc-js is told, by either end: its own options have the last word. Sending has no limit: receivers decide. */
export function channelOptionsOf(options: GrpcServerCallOptions & GrpcClientCallOptions): ChannelOptions {
  const { keepalive, maxConcurrentStreams, serviceConfig, userAgent } = options;
  const told: Record<string, string | number | undefined> = {
    "grpc.enable_channelz": 0,
    "grpc.max_receive_message_length": options.limits?.messageBytes ?? 4 * 1024 * 1024,
    "grpc.keepalive_time_ms": keepalive?.timeMs,
    "grpc.keepalive_timeout_ms": keepalive?.timeoutMs,
    "grpc.keepalive_permit_without_calls": keepalive && Number(keepalive.withoutCalls ?? false),
    "grpc.max_concurrent_streams": maxConcurrentStreams,
    "grpc.service_config": serviceConfig && JSON.stringify(serviceConfig),
    "grpc.primary_user_agent": userAgent,
  };
  // grpc-js asks of some whether they are there, not what they are.
  const given = Object.entries(told).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), ...options.channelOptions };
}
