/**
 * What one gRPC call may cost.
 *
 * @module
 */
import type { ChannelOptions } from "@grpc/grpc-js";

/** Bounds of what is received; what is left out has its default. */
export interface GrpcLimits {
  /** Largest message taken, in bytes. A larger one ends its call with `too_large`. Default 4 MiB. */
  readonly messageBytes?: number;
}

/** The limit as grpc-js wants it. Sending has none of its own: it is for the receiver to say. */
export function receiveLimit(limits: GrpcLimits = {}): ChannelOptions {
  return { "grpc.max_receive_message_length": limits.messageBytes ?? 4 * 1024 * 1024 };
}
