/**
 * A call that could not be made.
 *
 * @module
 */
import type { MethodModel } from "../design/model.ts";
import { builtinError } from "../errors/builtin.ts";
import type { ServiceError } from "../errors/service_error.ts";
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

/** What calls of a client that was closed end with, those that were open and those that come after. */
export function clientClosed({ service, name }: MethodModel): ServiceError {
  return builtinError("canceled", `${service}.${name}: the client was closed`);
}
