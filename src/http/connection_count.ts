/**
 * How many streams are open, in all and for each peer.
 *
 * @module
 */
import type { CallRequest } from "../core/exchange.ts";
import { builtinError } from "../errors/builtin.ts";
import type { HttpLimits } from "./limits.ts";

/** Streams unless `limits.connections` says otherwise. */
const CONNECTIONS = 10_000;

/** Streams of one peer unless `limits.connectionsPerPeer` says otherwise. */
const PER_PEER = 1_000;

/** A count with bounds. */
export interface ConnectionCount {
  /**
   * Looks whether there is room for a call.
   *
   * @throws {ServiceError} `overloaded`
   */
  check(call: CallRequest): void;
  /** Counts something of a peer in. Returns what counts it out, once. */
  enter(peer: string): () => void;
}

/** The address in `CallRequest.peer`: without port and brackets. */
export function addressOf(peer: string): string {
  if (peer.startsWith("[")) return peer.slice(1, peer.indexOf("]"));
  const colon = peer.indexOf(":");
  // An IPv6 address has more than one.
  return colon >= 0 && colon === peer.lastIndexOf(":") ? peer.slice(0, colon) : peer;
}

/** Makes a count of nothing. */
export function connectionCount(limits: HttpLimits): ConnectionCount {
  const { connections = CONNECTIONS, connectionsPerPeer = PER_PEER } = limits;
  const byAddress = new Map<string, number>();
  let all = 0;
  return {
    check({ service, method, peer }) {
      const where = `${service}.${method}`;
      if (all >= connections) {
        throw builtinError("overloaded", `${where}: ${connections} streams are open already`);
      }
      if ((byAddress.get(addressOf(peer)) ?? 0) >= connectionsPerPeer) {
        throw builtinError(
          "overloaded",
          `${where}: ${connectionsPerPeer} streams of this address are open already`,
        );
      }
    },
    enter(peer) {
      const address = addressOf(peer);
      all++;
      if (address !== "") byAddress.set(address, (byAddress.get(address) ?? 0) + 1);
      let left = false;
      return () => {
        if (left) return;
        left = true;
        all--;
        const others = (byAddress.get(address) ?? 0) - 1;
        if (others > 0) byAddress.set(address, others);
        else byAddress.delete(address);
      };
    },
  };
}
