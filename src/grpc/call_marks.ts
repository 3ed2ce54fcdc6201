/**
 * Tells a connection which call of ours a request of grpc-js is.
 *
 * @module
 */

/** Marks the requests of our calls. Never sent. */
const MARK = "goats-call";

/** What is called when the trailers of a call are here, by its mark: the place in here, used again once it is free. */
const calls: ((() => void) | undefined)[] = [];
const free: number[] = [];

/** A call that a connection knows of. */
export interface MarkedCall {
  /** Name and value of the header to send along. */
  readonly mark: readonly [name: string, value: string];
  /** Must be called once the call is over. */
  forget(): void;
}

/**
 * Marks a call. It must read its messages to the end: trailers are handed over behind them.
 *
 * @param arrived Called when the trailers are here, and so all messages: nothing is gained by not taking them
 */
export function markCall(arrived: () => void): MarkedCall {
  const place = free.pop() ?? calls.length;
  calls[place] = arrived;
  return {
    mark: [MARK, `${place}`],
    forget() {
      if (calls[place] !== arrived) return;
      calls[place] = undefined;
      free.push(place);
    },
  };
}

/** Takes the mark off a request, and gives what its call wants to be told. */
export function markedCall(headers: Record<string, unknown>): (() => void) | undefined {
  const mark = headers[MARK];
  if (mark === undefined) return undefined;
  delete headers[MARK];
  return calls[Number(mark)];
}
