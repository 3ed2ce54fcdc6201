/**
 * Limits of time, for the opening of calls and for all of them.
 *
 * @module
 */
import { builtinError } from "../errors/builtin.ts";
import { amount, checkNumbers } from "./check_options.ts";
import { startDeadline } from "./deadline.ts";
import type { InterceptedCall, Interceptor } from "./interceptor.ts";

/** Options of {@linkcode deadline}. */
export interface DeadlineOptions {
  /**
   * ms until a call must be open: accepted by the server, at a client; with a first message sent or taken, or ended, at
   * a server. Default: no limit.
   */
  readonly openMs?: number;
  /** ms until a call must be over. Default: no limit. */
  readonly totalMs?: number;
}

/**
 * An interceptor that ends calls that take too long with `timeout`: on either side, the opening of a stream and all of
 * it apart. What the caller asks for by its own `timeout` counts as well; the earliest ends the call.
 *
 * @param options The limits
 * @throws {TypeError} When one is no number of ms, or not known
 *
 * @example
 * ```ts
 * import { deadline, implement } from "@x/goats";
 * import { memoryClient } from "@x/goats/testing";
 * import { Method, Result, Service, String } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const slow = Service("slow", Method("wait", Result(String)));
 * const service = implement(slow, {
 *   wait: ({ signal }) =>
 *     new Promise<string>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
 * }, { interceptors: [deadline({ totalMs: 20 })] });
 *
 * await using client = memoryClient(service);
 * assertEquals(await client.wait().catch((error) => error.name), "timeout");
 * ```
 */
export function deadline(options: DeadlineOptions): Interceptor {
  checkNumbers("bound calls", "deadline", options, { openMs: amount(0), totalMs: amount(0) });
  const { openMs, totalMs } = options;
  const running = new WeakMap<InterceptedCall, () => void>();
  return {
    async open(call, next) {
      const late = (what: string, ms: number) => () => {
        const where = `${call.method.service}.${call.method.name}`;
        call.cancel(builtinError("timeout", `${where}: the call ${what} ${ms} ms`));
      };
      const stopOpen = openMs === undefined
        ? undefined
        : startDeadline(openMs, late("was not open within", openMs));
      const stopTotal = totalMs === undefined
        ? undefined
        : startDeadline(totalMs, late("took longer than", totalMs));
      const stop = () => {
        stopOpen?.();
        stopTotal?.();
      };
      running.set(call, stop);
      if (stopOpen !== undefined) call.opened.then(stopOpen, stopOpen);
      try {
        return await next();
      } finally {
        stop();
      }
    },
    end(_outcome, call) {
      running.get(call)?.();
    },
  };
}
