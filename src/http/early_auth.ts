/**
 * Lets a caller in before there is a call: an upgrade to WebSocket must be decided first.
 *
 * @module
 */
import type { Authorize } from "../core/auth.ts";
import { startDeadline } from "../core/deadline.ts";
import type { CallRequest } from "../core/exchange.ts";
import type { MethodModel } from "../design/model.ts";
import { builtinError } from "../errors/builtin.ts";

/**
 * Gives the call's `auth`.
 *
 * @throws {ServiceError} What refused it; `canceled` when the caller leaves meanwhile, `timeout` when its time is over
 */
export function authorizeEarly(
  authorize: Authorize,
  method: MethodModel,
  payload: unknown,
  call: CallRequest,
  request: Request,
): Promise<unknown> {
  const where = `${method.service}.${method.name}`;
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

    (async () => await authorize(method, payload, call))().then((auth) => {
      cleanUp();
      resolve(auth);
    }, fail);
  });
}
