/**
 * Tells several the same things in the same order, though those who are told may have something to tell.
 *
 * @module
 */

/** Tells listeners of one room. */
export interface Teller<Listener> {
  /** Tells those who do not know yet what is being told right now: to be called before anything new gets its place. */
  settle(): void;
  /** Tells all of them; who comes meanwhile is told as well, who goes is not. */
  tell(all: Iterable<Listener>, one: (listener: Listener) => void): void;
}

/** Makes a {@linkcode Teller}. */
export function teller<Listener>(): Teller<Listener> {
  let untold: { readonly rest: Iterator<Listener>; readonly one: (listener: Listener) => void } | undefined;

  function settle(): void {
    const current = untold;
    if (current === undefined) return;
    const { rest, one } = current;
    for (let next = rest.next(); !next.done; next = rest.next()) one(next.value);
    if (untold === current) untold = undefined;
  }

  return {
    settle,
    tell(all, one) {
      untold = { rest: all[Symbol.iterator](), one };
      settle();
    },
  };
}
