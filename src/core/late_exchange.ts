/**
 * A call by what is still being loaded.
 *
 * @module
 */
import { literal } from "../design/freeze.ts";
import { deferredExchange } from "./deferred_exchange.ts";
import type { ClientExchange } from "./exchange.ts";

/**
 * Makes an exchange that stands for the one that `open` makes once all is there. Its frames are the messages themselves,
 * as they were when they were sent; what encodes them comes later.
 *
 * @param loaded Its rejection is the call's error
 * @param open Opens the call. Not called when it is given up before
 */
export function lateExchange(
  loaded: Promise<unknown>,
  open: () => ClientExchange<unknown>,
): ClientExchange<unknown> {
  let inner: ClientExchange<unknown> | undefined;
  let givenUp: { readonly reason: unknown } | undefined;
  const ready = loaded.then((): ClientExchange<unknown> => {
    if (givenUp !== undefined) throw givenUp.reason;
    const exchange = inner = open();
    return {
      codec: exchange.codec,
      get status() {
        return exchange.status;
      },
      opened: exchange.opened,
      closed: exchange.closed,
      read: exchange.read,
      takeBody: () => exchange.takeBody?.(),
      write: (message) => exchange.write(exchange.codec.encode(message)),
      closeSend: exchange.closeSend,
      cancel: exchange.cancel,
    };
  });
  const codec = {
    encode: (message: unknown) => inner === undefined ? literal(message) : message,
    decode: (frame: unknown, view: string) => inner!.codec.decode(frame, view),
  };
  return deferredExchange(codec, ready, (reason) => givenUp = { reason });
}
