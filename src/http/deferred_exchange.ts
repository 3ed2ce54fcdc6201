/**
 * A call that cannot be opened yet, because its headers are still being fetched.
 *
 * @module
 */
import type { ClientCodec, ClientExchange } from "../core/exchange.ts";

/**
 * Makes an exchange that opens once `ready` resolves; what is written meanwhile waits, in order. A call given up before
 * is never opened.
 */
export function deferredExchange<F, T>(
  codec: ClientCodec<F>,
  ready: Promise<T>,
  open: (value: T) => ClientExchange<F>,
): ClientExchange<F> {
  const gate = Promise.withResolvers<ClientExchange<F>>();
  let cancelled = false;
  let inner: ClientExchange<F> | undefined;
  /** Operations that wait for the gate; later ones must not overtake them. */
  let waiting = 0;
  ready.then((value) => {
    if (cancelled) return;
    inner = open(value);
    gate.resolve(inner);
  }, gate.reject);

  function run<R>(operation: (exchange: ClientExchange<F>) => R | Promise<R>): R | Promise<R> {
    if (inner !== undefined && waiting === 0) return operation(inner);
    waiting++;
    return gate.promise.then((exchange) => {
      waiting--;
      return operation(exchange);
    });
  }

  return {
    codec,
    get status() {
      return inner?.status;
    },
    opened: gate.promise.then((exchange) => exchange.opened),
    closed: gate.promise.then((exchange) => exchange.closed),
    read: () => run((exchange) => exchange.read()),
    write: (frame) => run((exchange) => exchange.write(frame)),
    closeSend: () => run((exchange) => exchange.closeSend()),
    cancel(reason) {
      cancelled = true;
      if (inner !== undefined) inner.cancel(reason);
      else gate.reject(reason);
    },
  };
}
