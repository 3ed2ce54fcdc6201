/**
 * What both ends can be told. grpc-js's own types are named here by what is needed of them, as its docs are not ours.
 *
 * @module
 */
import type { ChannelOptions } from "@grpc/grpc-js";

/** Bounds of what is received; what is left out has its default. */
export interface GrpcLimits {
  /** Largest message taken, in bytes. A larger one ends its call with `too_large`. Default 4 MiB. */
  readonly messageBytes?: number;
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

/** What grpc-js is told: the limit, unless the channel options have one. Sending has none: receivers decide. */
export function channelOptionsOf(options: {
  readonly limits?: GrpcLimits;
  readonly channelOptions?: GrpcChannelOptions;
}): ChannelOptions {
  const limit = options.limits?.messageBytes ?? 4 * 1024 * 1024;
  return { "grpc.max_receive_message_length": limit, ...options.channelOptions };
}
