/**
 * Tells a connection which call of ours a request of grpc-js is.
 *
 * @module
 */

/** Marks the requests of our calls. Never sent. */
const MARK = "goats-call";

/** By their marks: the places in here, used again once they are free. */
const calls: (MarkedCall | undefined)[] = [];
const free: number[] = [];

/** What a connection knows of a call. */
export interface MarkedCall {
  /** Called when the trailers are here, and so all messages: nothing is gained by not taking them. */
  arrived(): void;
  /** Largest message taken. */
  readonly messageBytes: number;
}

/** How a call is known by. */
export interface Mark {
  /** Name and value of the header to send along. */
  readonly mark: readonly [name: string, value: string];
  /** Must be called once the call is over. */
  forget(): void;
}

/** Marks a call. It must read its messages to the end: trailers are handed over behind them. */
export function markCall(call: MarkedCall): Mark {
  const place = free.pop() ?? calls.length;
  calls[place] = call;
  return {
    mark: [MARK, `${place}`],
    forget() {
      if (calls[place] !== call) return;
      calls[place] = undefined;
      free.push(place);
    },
  };
}

/** Takes the mark off a request, and gives its call. */
export function markedCall(headers: Record<string, unknown>): MarkedCall | undefined {
  const mark = headers[MARK];
  if (mark === undefined) return undefined;
  delete headers[MARK];
  return calls[Number(mark)];
}
