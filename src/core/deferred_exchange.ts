/**
 * A call that cannot be opened yet: its headers are still being fetched, or it is not known yet how it travels.
 *
 * @module
 */
import type { ClientCodec, ClientExchange } from "./exchange.ts";
import { sharedAccessors } from "./shared_accessors.ts";

const withStatus = sharedAccessors("status");

/**
 * Makes an exchange that stands for the one that `ready` resolves with; what is written meanwhile waits, in order.
 *
 * @param ready Its rejection is the call's error
 * @param cancelled Called when the call is given up before; an exchange that comes all the same is cancelled
 */
export function deferredExchange<F>(
  codec: ClientCodec<F>,
  ready: Promise<ClientExchange<F>>,
  cancelled?: (reason: unknown) => void,
): ClientExchange<F> {
  const gate = Promise.withResolvers<ClientExchange<F>>();
  let over: { readonly reason: unknown } | undefined;
  let inner: ClientExchange<F> | undefined;
  /** Operations that wait for the gate; later ones must not overtake them. */
  let waiting = 0;

  function adopt(exchange: ClientExchange<F>): void {
    if (over !== undefined) return exchange.cancel(over.reason);
    inner = exchange;
    if (waiting === 0) pass(exchange);
    gate.resolve(exchange);
  }

  /** From here on nothing stands between: the core looks these up for each message. */
  function pass(exchange: ClientExchange<F>): void {
    outer.read = exchange.read;
    outer.write = exchange.write;
    outer.closeSend = exchange.closeSend;
  }

  function run<R>(operation: (exchange: ClientExchange<F>) => R | Promise<R>): Promise<R> {
    waiting++;
    return gate.promise.then((exchange) => {
      if (--waiting === 0) pass(exchange);
      return operation(exchange);
    });
  }

  const outer: {
    -readonly [K in Exclude<keyof ClientExchange<F>, "status" | "only" | "onOver">]: ClientExchange<F>[K];
  } = {
    codec,
    opened: gate.promise.then((exchange) => exchange.opened),
    closed: gate.promise.then((exchange) => exchange.closed),
    read: () => run((exchange) => exchange.read()),
    write: (frame) => run((exchange) => exchange.write(frame)),
    closeSend: () => run((exchange) => exchange.closeSend()),
    takeBody: () => inner?.takeBody?.(),
    cancel(reason) {
      if (inner !== undefined) return inner.cancel(reason);
      if (over !== undefined) return;
      over = { reason };
      gate.reject(reason);
      cancelled?.(reason);
    },
  };
  // They stay observable, but a caller that never looks at them must not end the process.
  outer.opened.catch(() => {});
  outer.closed.catch(() => {});
  ready.then(adopt, gate.reject);
  return withStatus(outer, { status: () => inner?.status });
}
