/**
 * A call that could not be made.
 *
 * @module
 */
import type { ClientExchange } from "./exchange.ts";

/** A client's exchange on which everything rejects with `reason`. */
export function failedExchange<F = never>(reason: unknown): ClientExchange<F> {
  const rejected = Promise.reject(reason);
  rejected.catch(() => {});
  return {
    codec: {
      encode() {
        throw reason;
      },
      decode() {
        throw reason;
      },
    },
    opened: rejected,
    closed: rejected,
    read: () => Promise.reject(reason),
    write: () => Promise.reject(reason),
    closeSend: () => Promise.reject(reason),
    cancel() {},
  };
}
