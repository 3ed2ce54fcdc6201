/**
 * The stream that a client's streaming method returns, for every kind.
 *
 * @module
 */
import type { MethodModel } from "../design/model.ts";
import type { ClientCall } from "./client_call.ts";
import { isTimeout } from "./deadline.ts";
import { defineLazy } from "./lazy.ts";
import { messageOf } from "./null_message.ts";
import { type MessageReader, messageReader } from "./reader.ts";
import { quiet, type SendOptions, type SendRoom, sendRoom, SENT } from "./send_room.ts";
import { sharedAccessors } from "./shared_accessors.ts";
import { fairness } from "./turn.ts";
import { onlyResult } from "./unary.ts";

/** How a stream is doing. */
const withState = sharedAccessors("view", "state", "restarts", "rtt");

/** Makes the stream of one call; `client_types.ts` has the types of what it holds. */
export function clientStream(method: MethodModel, call: ClientCall<unknown>): object {
  const { exchange } = call;
  const stream: Record<PropertyKey, unknown> = {
    opened: exchange.opened,
    closed: exchange.closed,
    cancel: call.cancel,
    [Symbol.asyncDispose]: async () => {
      call.cancel();
      await exchange.closed.catch(() => {});
    },
  };
  withState(stream, {
    view: call.view,
    state: call.state,
    restarts: () => exchange.status?.restarts ?? 0,
    rtt: () => exchange.status?.rtt,
  });
  if (method.streamingResult !== undefined) {
    addReceiving(
      stream,
      call,
      messageReader(
        (waiter) => exchange.read(waiter),
        (frame) => messageOf(exchange.codec.decode(frame, call.view() ?? "default"), call.where, "result"),
      ),
    );
  }
  if (method.streamingPayload !== undefined) addSending(stream, method, call);
  return stream;
}

function addReceiving(
  stream: Record<PropertyKey, unknown>,
  call: ClientCall<unknown>,
  reader: MessageReader<unknown>,
): void {
  stream.recv = reader.recv;
  const iterate = () => reader.iterate(() => call.cancel());
  stream[Symbol.asyncIterator] = iterate;
  defineLazy(stream, "readable", () => reader.stream((reason) => call.cancel(reason)));
}

function addSending(
  stream: Record<PropertyKey, unknown>,
  method: MethodModel,
  call: ClientCall<unknown>,
): void {
  const { exchange, where } = call;
  const breathe = fairness();
  let closed = false;
  let room: SendRoom | undefined;
  const roomOf = (): SendRoom => {
    if (room === undefined) {
      room = sendRoom(where);
      exchange.closed.then(room.end, room.end);
    }
    return room;
  };
  /** Writes without waiting: returns a promise when there is no room for another, or when the call is over. */
  const put = (message: unknown): void | Promise<void> => {
    if (closed) throw new TypeError(`Cannot send on ${where}: this side of the stream is closed`);
    const written = exchange.write(exchange.codec.encode(messageOf(message, where, "streaming_payload")));
    if (written !== undefined) roomOf().note(written);
    return written;
  };
  const send = (message: unknown, options?: SendOptions): Promise<void> => {
    const timeout = options?.timeout;
    // One that is no number is told even so.
    if (timeout !== undefined && !(closed && isTimeout(timeout))) {
      return roomOf().within(timeout, () => put(message));
    }
    try {
      // Whoever wrote down that there is no room has heard of its failure, too.
      return put(message) ?? breathe() ?? SENT;
    } catch (error) {
      return quiet(Promise.reject(error));
    }
  };
  const trySend = (message: unknown) => {
    if (!closed && call.state() === "closed") {
      throw call.failure ?? new TypeError(`Cannot send on ${where}: the call is over`);
    }
    if (!closed && room?.full) return false;
    put(message);
    return true;
  };
  stream.trySend = trySend;
  const closeSend = async () => {
    if (closed) return;
    closed = true;
    room?.end();
    await exchange.closeSend();
  };
  /** Ends this side; what goes wrong with that, the end of the call tells better. */
  const finish = async () => {
    await closeSend().catch(() => {});
    return await (method.result === undefined
      ? exchange.closed.then(() => undefined)
      : onlyResult(method, call));
  };
  let finished: Promise<unknown> | undefined;
  const finishOnce = () => finished ??= finish();
  stream.send = send;
  if (method.streamingResult !== undefined) stream.closeSend = closeSend;
  else stream[method.result === undefined ? "close" : "closeAndRecv"] = finishOnce;
  defineLazy(stream, "writable", () =>
    new WritableStream({
      // Not the sink's abort(), which waits for the pending write: see server_stream.ts.
      start: ({ signal }) => signal.addEventListener("abort", () => call.cancel(signal.reason)),
      write: (message) => send(message),
      close: closeSend,
    }));
}
