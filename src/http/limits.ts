/**
 * What callers of an HTTP server may cost.
 *
 * @module
 */
import { amount, type NumberRules } from "../core/check_options.ts";
import { WS_LIMITS, type WsLimits } from "../ws/limits.ts";

/** Bounds of one stream; what is left out has its default. docs/limits.md tells which wires each applies to. */
export interface StreamLimits extends WsLimits {
  /**
   * ms that a stream may be open, resumes included; then it ends as at a shutdown: `unavailable`, close code 1001, so
   * that clients call `Idempotent` methods anew. Default 0: no bound.
   */
  readonly lifeMs?: number;
  /**
   * Characters of the events of one stream that a server keeps for a caller that may come back; once they are more it
   * forgets the oldest, or, while the connection is lost, makes the handler wait. Server-Sent Events alone. Default 4 Mi.
   */
  readonly resumeBytes?: number;
}

/** Bounds of what callers may cost; what is left out has its default. */
export interface HttpLimits extends StreamLimits {
  /** Streams open at a time; further ones are refused as `overloaded` (429). Default 10,000. */
  readonly connections?: number;
  /**
   * The same for each address of a peer, without its port. Peers without a known address (Unix sockets) are bounded by
   * `connections` alone. Behind a proxy all have the proxy's, unless the option `peer` tells better. Default 1,000.
   */
  readonly connectionsPerPeer?: number;
}

/** What each of one stream's may be. */
export const STREAM_LIMITS: NumberRules<StreamLimits> = {
  ...WS_LIMITS,
  lifeMs: amount(0),
  resumeBytes: amount(0),
};

/** What each may be. */
export const HTTP_LIMITS: NumberRules<HttpLimits> = {
  ...STREAM_LIMITS,
  connections: amount(0),
  connectionsPerPeer: amount(0),
};
