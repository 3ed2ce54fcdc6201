/**
 * Decides on a caller before there is a call: an upgrade to WebSocket comes last.
 *
 * @module
 */
import { startDeadline } from "../core/deadline.ts";
import type { CallRequest } from "../core/exchange.ts";
import { builtinError } from "../errors/builtin.ts";

/**
 * Gives what `decide` does.
 *
 * @throws {ServiceError} What refused it; `canceled` when the caller leaves meanwhile, `timeout` when its time is over
 */
export function decideEarly<T>(call: CallRequest, request: Request, decide: () => Promise<T>): Promise<T> {
  const where = `${call.service}.${call.method}`;
  return new Promise((resolve, reject) => {
    let signal: AbortSignal | undefined;
    const gone = () => fail(builtinError("canceled", `${where}: the caller has gone`));
    // Whoever touches this signal makes Deno warn, once: quick functions are spared that.
    const timer = setTimeout(() => {
      signal = request.signal;
      if (signal.aborted) gone();
      else signal.addEventListener("abort", gone, { once: true });
    }, 0);
    const stopDeadline = call.deadline === undefined ? undefined : startDeadline(
      call.deadline - Date.now(),
      () => fail(builtinError("timeout", `${where}: the deadline has passed`)),
    );

    function cleanUp(): void {
      clearTimeout(timer);
      stopDeadline?.();
      signal?.removeEventListener("abort", gone);
    }

    function fail(reason: unknown): void {
      cleanUp();
      reject(reason);
    }

    decide().then((decision) => {
      cleanUp();
      resolve(decision);
    }, fail);
  });
}
