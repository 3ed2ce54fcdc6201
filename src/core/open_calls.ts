/**
 * The calls that a client has open, which end with it.
 *
 * @module
 */
import type { MethodModel } from "../design/model.ts";
import type { ClientExchange } from "./exchange.ts";
import { clientClosed } from "./failed_exchange.ts";
import { TransientSet } from "./transient.ts";

/** Open calls, until their client is closed. */
export class OpenCalls {
  readonly #calls = new TransientSet<
    { readonly exchange: ClientExchange<unknown>; readonly method: MethodModel }
  >();
  #closed = false;

  /** Whether the client is closed: no call is to be opened any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Adds a call, until it is over. */
  add(exchange: ClientExchange<unknown>, method: MethodModel): void {
    const remove = this.#calls.add({ exchange, method });
    if (exchange.onOver !== undefined) exchange.onOver(remove);
    else exchange.closed.then(remove, remove);
  }

  /** Ends all of them, as `canceled`. */
  close(): void {
    this.#closed = true;
    for (const { exchange, method } of this.#calls.all()) exchange.cancel(clientClosed(method));
  }
}
