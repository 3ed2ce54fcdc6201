/**
 * The `stream` of a handler's call, for every kind of streaming method.
 *
 * @module
 */
import type { MethodModel } from "../design/model.ts";
import { isTimeout } from "./deadline.ts";
import { defineLazy } from "./lazy.ts";
import type { MessageReader } from "./reader.ts";
import { SEND_PORT, type SendPort, type SharedLane } from "./send_port.ts";
import { quiet, type SendOptions, type SendRoom } from "./send_room.ts";
import type { SharedMessage } from "./shared_message.ts";

/** A running call, as the stream object of its handler sees it. */
export interface ServerCall {
  /** Whether the call has ended, whoever ended it. */
  readonly over: boolean;
  /** Whether the handler has closed its side. */
  closed: boolean;
  /** Why the result that a handler sent was not: what is told when it returns no other. */
  unsent: unknown;
  /** Fixes headers and view and sends them; does nothing the second time. */
  open(): void;
  /** Encodes and writes one message to the caller; waits for room for another. */
  write(message: unknown): Promise<void>;
  /** The same without waiting: returns a promise when there is no room for another. Throws what `write` rejects with. */
  put(message: unknown): void | Promise<void>;
  /** Tells by throwing that a message is invalid, where that can be told without sending it. */
  checkShared(message: SharedMessage): void;
  /** As `put`, of a message that other calls send too. */
  putShared(message: SharedMessage): void | Promise<void>;
  /** See {@linkcode SendPort.lane}. */
  lane(): SharedLane | undefined;
  /** Tells whether there is room. */
  room(): SendRoom;
  /** Chooses the view of all messages. */
  setView(view: string): Promise<void>;
  /** What a send is told that comes too late. */
  refusal(): unknown;
  /** Calls `hook` when the call ends, unless removed before. Returns what removes it. */
  onOver(hook: () => void): () => void;
  /** Ends the call, once: well without an argument, else with what was thrown. */
  finish(thrown?: unknown): void;
}

/** Makes the `stream` of one call; `call.ts` has the types of what it holds. */
export function serverStream(
  method: MethodModel,
  call: ServerCall,
  reader: MessageReader<unknown> | undefined,
  stopReading: () => void,
): object {
  const stream: Record<PropertyKey, unknown> = {};
  if (reader !== undefined) {
    stream.recv = reader.recv;
    // Leaving a loop is not leaving the stream: the handler can go on with it.
    const iterate = () => reader.iterate();
    stream[Symbol.asyncIterator] = iterate;
    defineLazy(stream, "readable", () => reader.stream(stopReading));
  }
  const close = () => Promise.resolve(call.finish());
  if (method.streamingResult !== undefined) addSending(stream, method, call);
  else if (method.result !== undefined) addResult(stream, call);
  else stream.close = close;
  return stream;
}

function addSending(stream: Record<PropertyKey, unknown>, method: MethodModel, call: ServerCall): void {
  const put = (message: unknown) => {
    if (call.closed) throw call.refusal();
    return call.put(message);
  };
  const send = (message: unknown, options?: SendOptions) => {
    const ended = call.closed || call.over;
    const timeout = options?.timeout;
    // One that is no number is told even so.
    if (timeout !== undefined && !(ended && isTimeout(timeout))) {
      return call.room().within(timeout, () => put(message));
    }
    return ended ? quiet(Promise.reject(call.refusal())) : call.write(message);
  };
  const onClose = new Set<() => void>();
  // deno-lint-ignore require-await
  const close = async () => {
    if (call.closed || call.over) return;
    call.closed = true;
    // A caller may still be sending to a stream that goes both ways: it ends when the handler returns.
    if (method.kind === "bidi") {
      call.open();
      call.room().end();
    } else call.finish();
    for (const hook of [...onClose]) hook();
  };
  const trySend = (message: unknown) => {
    if (!call.closed && !call.over && call.room().full) return false;
    put(message);
    return true;
  };
  stream.send = send;
  stream.trySend = trySend;
  stream.close = close;
  stream.setView = call.setView;
  defineLazy(stream, "writable", () =>
    new WritableStream({
      // Not the sink's abort(): that is only called once the pending write has settled, and one that waits for a peer
      // who does not read never does (Streams §5.5.4, WritableStreamAbort).
      start: ({ signal }) => signal.addEventListener("abort", () => call.finish(signal.reason)),
      write: (message) => send(message),
      close,
    }));
  defineLazy(
    stream,
    SEND_PORT,
    () => sendPort(`${method.service}.${method.name}`, call, onClose),
    false,
  );
}

function sendPort(where: string, call: ServerCall, onClose: Set<() => void>): SendPort {
  const over = () => call.closed || call.over;
  return {
    where,
    over,
    refusal: call.refusal,
    check: call.checkShared,
    write(message) {
      if (over()) throw call.refusal();
      return call.putShared(message);
    },
    lane: call.lane,
    onOver(hook) {
      const forget = call.onOver(hook);
      onClose.add(hook);
      return () => {
        forget();
        onClose.delete(hook);
      };
    },
    fail: (error) => call.finish(error),
  };
}

function addResult(stream: Record<PropertyKey, unknown>, call: ServerCall): void {
  let sent = false;
  const sendAndClose = (result: unknown): Promise<void> => {
    if (sent || call.over) return quiet(Promise.reject(call.refusal()));
    sent = true;
    return quiet(
      call.write(result).then(() => call.finish(), (error) => {
        // One that could not be sent leaves room for a better one.
        sent = false;
        call.unsent = error;
        throw error;
      }),
    );
  };
  stream.sendAndClose = sendAndClose;
  stream.setView = call.setView;
}
