/**
 * Calls of `Idempotent` methods that are made anew when they are lost: contract §6.
 *
 * @module
 */
import { type Backoff, backoff, type ResolvedReconnect, SETTLED_MS, wait } from "../core/backoff.ts";
import type { ClientExchange, ClientRequest, ResponseHead } from "../core/exchange.ts";
import { failedExchange } from "../core/failed_exchange.ts";
import { isLost } from "../core/lost.ts";
import { sharedAccessors } from "../core/shared_accessors.ts";
import { ServiceError } from "../errors/service_error.ts";

/**
 * Opens one call of many; its headers are made anew.
 *
 * @param request The request, with the time that is left
 * @param waits When to try again: a transport that resumes calls by itself takes its waits from here, so that all tries
 * are counted together
 * @param again Whether it is not the first: whoever makes the headers may need the network, too
 */
export type OpenAttempt<F> = (request: ClientRequest, waits: Backoff, again: boolean) => ClientExchange<F>;

const recalledStatus = sharedAccessors("restarts", "rtt", "view");

/** One of the calls. */
interface Attempt<F> {
  exchange: ClientExchange<F>;
  /** Whether another one was before it. */
  readonly again: boolean;
  /** The attempt after this one; rejects with the error that ended it all. */
  readonly next: PromiseWithResolvers<Attempt<F>>;
  /** Resolves when everything that it brought was taken. */
  readonly drained: PromiseWithResolvers<void>;
  head?: ResponseHead;
  openedAt?: number;
  /** Whether its loss is known. */
  lost: boolean;
  /** Whether its reader waits. */
  reading: boolean;
  /** What was taken to see whether anything is left. */
  peeked?: F | Promise<F | null> | null;
}

/**
 * Makes a call that is made anew, after a wait, when it was open and its connection or its server was lost, unless the
 * caller has sent something on it. What the lost one brought is read first; its successor is not opened before, so that
 * no more than one call's messages are held. An error of a new call that no further one would mend ends it.
 */
export function recall<F>(
  request: ClientRequest,
  reconnect: ResolvedReconnect,
  open: OpenAttempt<F>,
): ClientExchange<F> {
  const { timeout } = request;
  const began = performance.now();
  const waits = backoff(reconnect);
  const giveUp = new AbortController();
  const closed = quiet<Headers>();
  let restarts = 0;
  let sent = false;
  let sideEnded = false;
  let over = false;
  let canceled: { readonly reason: unknown } | undefined;
  /** Writes that wait for the next attempt; later ones must not overtake them. */
  let waiting = 0;
  let current = attempt(request, false);
  // Not the attempt itself, which leads to all that come after it.
  const { codec, opened } = current.exchange;
  /** The attempt that is read from: the current one, or the one before it. */
  let reader = current;
  let fresh = true;

  function attempt(asked: ClientRequest, again: boolean): Attempt<F> {
    const made = {
      again,
      next: quiet(),
      drained: Promise.withResolvers<void>(),
      lost: false,
      reading: false,
    } as Attempt<F>;
    const onState = (state: "open" | "paused" | "resuming") => {
      if (!made.lost) tell(state);
    };
    try {
      made.exchange = open({ ...asked, onState }, waits, again);
    } catch (error) {
      made.exchange = failedExchange(error);
    }
    made.exchange.opened.then((head) => {
      made.head = head;
      made.openedAt = performance.now();
      if (!again) return;
      restarts++;
      if (!made.lost) tell("open");
    }, () => {});
    made.exchange.closed.then((trailers) => {
      over = true;
      closed.resolve(trailers);
    }, (error) => void ended(made, error));
    return made;
  }

  function tell(state: "open" | "paused" | "resuming"): void {
    if (!over) request.onState?.(state);
  }

  function fail(error: unknown): void {
    if (over) return;
    over = true;
    closed.reject(error);
    current.next.reject(error);
  }

  /** An attempt has ended with an error: makes the next one, if there is to be one. */
  async function ended(last: Attempt<F>, error: unknown): Promise<void> {
    if (over) return;
    if (sent || !mends(last, error)) return fail(error);
    last.lost = true;
    tell("paused");
    if (last.openedAt !== undefined && performance.now() - last.openedAt > SETTLED_MS) waits.reset();
    await drain(last);
    const ms = over ? undefined : waits.next();
    if (ms === undefined) return fail(error);
    if (!await wait(ms, giveUp.signal)) return;
    tell("resuming");
    fresh = true;
    const left = timeout === undefined ? undefined : Math.max(1, timeout - (performance.now() - began));
    current = attempt(left === undefined ? request : { ...request, timeout: Math.ceil(left) }, true);
    if (sideEnded) Promise.resolve(current.exchange.closeSend()).catch(() => {});
    if (reader === last && !last.reading) reader = current;
    last.next.resolve(current);
  }

  /** Whether a new call may do better. What never opened the caller may itself try again; later, so do we. */
  function mends(last: Attempt<F>, error: unknown): boolean {
    if (isLost(error)) return last.again || last.openedAt !== undefined;
    return last.again && last.openedAt === undefined && isBusy(error);
  }

  /** Waits until everything that a lost attempt brought was taken. */
  function drain(last: Attempt<F>): Promise<void> {
    if (!last.reading && last.peeked === undefined && reader === last) {
      last.peeked = last.exchange.read();
      if (last.peeked instanceof Promise) last.peeked.catch(() => last.drained.resolve());
    }
    return last.drained.promise;
  }

  function read(): F | null | Promise<F | null> {
    if (canceled !== undefined) return Promise.reject(canceled.reason);
    const from = reader;
    const frame = from.peeked ?? from.exchange.read();
    from.peeked = undefined;
    if (frame instanceof Promise) return settled(from, frame);
    if (fresh) worked(from);
    return frame;
  }

  async function settled(from: Attempt<F>, taking: Promise<F | null>): Promise<F | null> {
    from.reading = true;
    try {
      const frame = await taking;
      if (fresh) worked(from);
      return frame;
    } catch {
      from.drained.resolve();
    } finally {
      from.reading = false;
    }
    // The end of the attempt tells better than its reader: what comes next, or the error that ended it all.
    reader = await from.next.promise;
    return read();
  }

  function worked(from: Attempt<F>): void {
    fresh = false;
    if (from === current) waits.reset();
  }

  /** Does something on the current attempt, or, while there is none, on the next. */
  function run(act: (exchange: ClientExchange<F>) => void | Promise<void>): void | Promise<void> {
    if (canceled !== undefined) return Promise.reject(canceled.reason);
    if (waiting === 0 && (over || !current.lost)) return act(current.exchange);
    waiting++;
    return (async () => {
      try {
        while (current.lost && !over) await current.next.promise;
      } finally {
        waiting--;
      }
      return await act(current.exchange);
    })();
  }

  return {
    codec,
    status: recalledStatus({}, {
      restarts: () => restarts,
      rtt: () => current.exchange.status?.rtt,
      view: () => reader.exchange.status?.view ?? reader.head?.view,
    }),
    opened,
    closed: closed.promise,
    read,
    write: (frame) =>
      run((exchange) => {
        sent = true;
        return exchange.write(frame);
      }),
    closeSend: () =>
      run((exchange) => {
        sideEnded = true;
        return exchange.closeSend();
      }),
    cancel(reason) {
      if (over) return;
      canceled = { reason };
      giveUp.abort(reason);
      fail(reason);
      current.exchange.cancel(reason);
      reader.next.reject(reason);
    },
  };
}

/** Refused for want of room: after a restart everybody comes back at once. */
function isBusy(error: unknown): boolean {
  return error instanceof ServiceError && error.name === "overloaded" && error.temporary;
}

/** A promise whose rejection is nobody's concern until somebody asks for it. */
function quiet<T>(): PromiseWithResolvers<T> {
  const made = Promise.withResolvers<T>();
  made.promise.catch(() => {});
  return made;
}
