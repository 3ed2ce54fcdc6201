/**
 * Makes the trailers of our calls come after their messages.
 *
 * `node:http2` emits `trailers` as soon as they arrive, even while bytes before them wait to be read, and grpc-js
 * (1.14.7) takes a status other than OK for the end of everything: it drops the messages that it has not handed out
 * yet. A call that fails after 50 messages loses 49 of them on Deno whoever reads, and on Node when the reader is slow.
 *
 * This needs nothing from the inside of grpc-js but its use of the stream's public methods: it pauses the stream when it
 * has taken bytes with a message in them, resumes it when it wants more than the messages it holds, and resumes it as
 * well when it gives the call up. So: an ended stream that is not paused has been taken whole.
 *
 * A grpc-js that keeps this order itself makes it superfluous: tests/grpc_status_order_test.ts has the control.
 *
 * @module
 */
import type { ClientHttp2Stream, OutgoingHttpHeaders } from "node:http2";
import { keepEncodings } from "./gzip.ts";
import { joinCalls, type Session as Joining } from "./joined_calls.ts";

/** Marks the requests of our calls. Never sent: other calls of grpc-js in this process are not for us to change. */
const MARK = "goats-call";

/** What is called when the trailers of a call are here, by its mark: the place in here, used again once it is free. */
const calls: ((() => void) | undefined)[] = [];
const free: number[] = [];

/** A call whose trailers shall come last. */
export interface MarkedCall {
  /** Name and value of the header to send along. */
  readonly mark: readonly [name: string, value: string];
  /** Must be called once the call is over. */
  forget(): void;
}

/**
 * Marks a call. It must read its messages to the end.
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

/** The part of a client session that is replaced. */
interface Session extends Joining {
  request(headers?: OutgoingHttpHeaders, ...rest: unknown[]): ClientHttp2Stream;
}

/** Holds back the trailers of marked calls on a session (and the `close` after them) until what came before is taken. */
export function trailersLast(session: Session): void {
  const { request } = session;
  session.request = (headers, ...rest) => {
    const arrived = headers && calls[Number(headers[MARK])];
    if (headers === undefined || arrived === undefined) return request.call(session, headers, ...rest);
    delete headers[MARK];
    joinCalls(session);
    const stream = request.call(session, headers, ...rest);
    hold(stream, arrived);
    return stream;
  };
}

/** What Node says of a connection that the other side has left while something was being written. */
const LEFT = new Set<unknown>(["EPIPE", "ECONNABORTED"]);

/** grpc-js knows two errors of a connection that is lost, which are UNAVAILABLE; the others it takes for its own. */
function connectionLost(error: unknown): unknown {
  const { code, message } = error as { readonly code?: unknown; readonly message?: string };
  return LEFT.has(code) ? Object.assign(new Error(message, { cause: error }), { code: "ECONNRESET" }) : error;
}

type Emit = (this: unknown, event: string | symbol, ...args: unknown[]) => boolean;

function hold(stream: ClientHttp2Stream, arrived: () => void): void {
  const emit = stream.emit as Emit;
  const { resume } = stream;
  let held: [event: string | symbol, ...args: unknown[]][] = [];

  function release(): void {
    const events = held;
    held = [];
    for (const event of events) emit.apply(stream, event);
  }

  stream.emit = ((event: string | symbol, ...args: unknown[]) => {
    if (event === "response") keepEncodings(args[0] as Record<string, unknown>);
    if (event === "trailers" && !(stream.readableEnded && !stream.isPaused())) {
      held.push([event, ...args]);
      arrived();
      return true;
    }
    // Without the status before it, grpc-js would take an orderly close for a call without a status.
    if (event === "close" && held.length > 0) {
      held.push([event, ...args]);
      if (!stream.isPaused()) release();
      return true;
    }
    if (event === "error") args = [connectionLost(args[0])];
    const heard = emit.call(stream, event, ...args);
    if (event === "end" && !stream.isPaused()) release();
    return heard;
  }) as typeof stream.emit;

  stream.resume = () => {
    resume.call(stream);
    if (held.length > 0 && (stream.readableEnded || stream.destroyed)) release();
    return stream;
  };
}
