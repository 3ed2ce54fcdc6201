/**
 * Keeps handlers from breaking the last word of grpc-js.
 *
 * grpc-js (1.14.7) ends a call by itself when a message is too large or the deadline has passed: it ends the stream and
 * sends the status once all before it is out. A message that a handler has on its way meanwhile is written after that
 * end, which destroys the stream: its caller is never told anything, and waits. tests/grpc_faults_test.ts has such a call.
 *
 * @module
 */

/** The part of a stream that is looked at. */
interface Stream {
  readonly writableEnded: boolean;
  write(chunk: unknown, ...rest: unknown[]): boolean;
}

/** Refuses what is written after the end, without harm to what was written before it. */
export function refuseLateWrites(stream: Stream): void {
  const { write } = stream;
  const writeInTime: Stream["write"] = (chunk, ...rest) => {
    if (!stream.writableEnded) return write.call(stream, chunk, ...rest);
    const done = rest.at(-1);
    if (typeof done === "function") queueMicrotask(() => done(new Error("the call is over")));
    return false;
  };
  stream.write = writeInTime;
}
