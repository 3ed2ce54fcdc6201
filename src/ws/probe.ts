/**
 * Finding out why a handshake failed, in time: the network that lost the handshake may lose the question, too.
 *
 * @module
 */
import { startDeadline } from "../core/deadline.ts";
import type { ServiceError } from "../errors/service_error.ts";

/** See `WsClientOptions.probe`. */
export type Probe = (signal: AbortSignal) => Promise<ServiceError | undefined>;

/** Makes a probe that rejects when it has no answer after `ms`. */
export function inTime(probe: Probe, ms: number): Probe {
  return async (signal) => {
    const asking = new AbortController();
    const onAbort = () => asking.abort(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    const stop = startDeadline(
      ms,
      () => asking.abort(new TypeError(`Cannot probe: no answer within ${ms} ms`)),
    );
    try {
      return await probe(asking.signal);
    } finally {
      stop();
      signal.removeEventListener("abort", onAbort);
    }
  };
}
