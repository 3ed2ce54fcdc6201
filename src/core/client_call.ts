/**
 * One call at the client: the exchange with its signal, its timeout and its state.
 *
 * @module
 */
import { builtinError } from "../errors/builtin.ts";
import type { MethodModel } from "../design/model.ts";
import { attempt } from "./attempt.ts";
import type { CallOptions, StreamState } from "./client_types.ts";
import { invalidTimeout, isTimeout, startDeadline } from "./deadline.ts";
import type { ClientExchange, ClientRequest, ClientTransport, OnlyResult } from "./exchange.ts";
import { failedExchange } from "./failed_exchange.ts";

/** A call under way. */
export interface ClientCall<F> {
  /** What moves its frames. */
  readonly exchange: ClientExchange<F>;
  /** `service.method`, for messages. */
  readonly where: string;
  /** View told by the server, once opened. */
  view(): string | undefined;
  /** Where it is in its life. */
  state(): StreamState;
  /** What it failed with, once it is closed. */
  readonly failure?: unknown;
  /** Of an exchange that gives its only result: that, and the end of the call with it. */
  readonly only?: () => Promise<OnlyResult<F>>;
  /** See `ClientStream.cancel`. */
  cancel(reason?: unknown): void;
}

/**
 * Opens a call on a transport. Never throws.
 *
 * @param once Whether the call is for its one result alone, which is then asked for by `only` where there is that
 */
export function openCall(
  transport: ClientTransport,
  method: MethodModel,
  request: Pick<ClientRequest, "payload" | "streaming" | "body">,
  options: CallOptions,
  once = false,
): ClientCall<unknown> {
  const where = `${method.service}.${method.name}`;
  const { signal, timeout } = options;
  const timed = isTimeout(timeout);
  let view: string | undefined;
  let state: StreamState = "connecting";
  const exchange = open();
  const call: { -readonly [K in keyof ClientCall<unknown>]: ClientCall<unknown>[K] } = {
    exchange,
    where,
    view: () => exchange.status?.view ?? view,
    state: () => state,
    failure: undefined,
    cancel: (reason) =>
      exchange.cancel(reason ?? builtinError("canceled", `${where}: the caller has cancelled`)),
  };

  function enter(next: StreamState): void {
    if (state === next || state === "closed") return;
    state = next;
    // A user interface that fails must not end the call.
    if (options.onState !== undefined) attempt(() => options.onState!(next));
  }

  function open(): ClientExchange<unknown> {
    if (signal?.aborted) return failedExchange(signal.reason);
    if (timeout !== undefined && !timed) {
      // Each timer and each wire would make something else of it, and grpc-js end the process.
      return failedExchange(invalidTimeout(`call ${where}`, timeout));
    }
    try {
      return transport.call({
        ...request,
        method,
        timeout,
        headers: new Headers(options.headers),
        onState: enter,
      });
    } catch (error) {
      // Invalid headers, or a transport that fails its promise not to throw.
      return failedExchange(error);
    }
  }

  const onAbort = () => exchange.cancel(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const stopDeadline = timed
    ? startDeadline(timeout, () => {
      exchange.cancel(builtinError("timeout", `${where}: the call took longer than ${timeout} ms`));
    })
    : undefined;
  const done = () => {
    enter("closed");
    signal?.removeEventListener("abort", onAbort);
    stopDeadline?.();
  };
  const failed = (error: unknown) => {
    call.failure = error;
    done();
  };
  const opened = (told: string | undefined) => {
    view = told;
    if (state === "connecting") enter("open");
  };
  if (!once || exchange.only === undefined) {
    exchange.closed.then(done, failed);
    exchange.opened.then((head) => opened(head.view), () => {});
  } else {
    const only = async () => {
      try {
        const result = await exchange.only!();
        opened(result.view);
        done();
        return result;
      } catch (error) {
        failed(error);
        throw error;
      }
    };
    call.only = only;
  }

  return call;
}
