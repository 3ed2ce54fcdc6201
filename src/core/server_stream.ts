/**
 * The `stream` of a handler's call, for every kind of streaming method.
 *
 * @module
 */
import type { MethodModel } from "../design/model.ts";
import { defineLazy } from "./lazy.ts";
import type { MessageReader } from "./reader.ts";

/** A running call, as the stream object of its handler sees it. */
export interface ServerCall {
  /** Whether the call has ended, whoever ended it. */
  readonly over: boolean;
  /** Fixes headers and view and sends them; does nothing the second time. */
  open(): void;
  /** Encodes and writes one message to the caller. */
  write(message: unknown): Promise<void>;
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
    stream[Symbol.asyncIterator] = () => reader.iterate();
    defineLazy(stream, "readable", () => reader.stream(stopReading));
  }
  if (method.streamingResult !== undefined) addSending(stream, method, call);
  else if (method.result !== undefined) addResult(stream, call);
  else stream.close = () => Promise.resolve(call.finish());
  return stream;
}

function addSending(stream: Record<PropertyKey, unknown>, method: MethodModel, call: ServerCall): void {
  let closed = false;
  const send = (message: unknown) =>
    closed || call.over ? Promise.reject(call.refusal()) : call.write(message);
  // deno-lint-ignore require-await
  const close = async () => {
    if (closed || call.over) return;
    closed = true;
    // A caller may still be sending to a stream that goes both ways: it ends when the handler returns.
    if (method.kind === "bidi") call.open();
    else call.finish();
  };
  stream.send = send;
  stream.close = close;
  stream.setView = call.setView;
  defineLazy(stream, "writable", () =>
    new WritableStream({
      // Not the sink's abort(): that is only called once the pending write has settled, and one that waits for a peer
      // who does not read never does (Streams §5.5.4, WritableStreamAbort).
      start: ({ signal }) => signal.addEventListener("abort", () => call.finish(signal.reason)),
      write: send,
      close,
    }));
}

function addResult(stream: Record<PropertyKey, unknown>, call: ServerCall): void {
  let sent = false;
  stream.sendAndClose = async (result: unknown) => {
    if (sent || call.over) throw call.refusal();
    sent = true;
    try {
      await call.write(result);
    } catch (error) {
      // One that could not be sent leaves room for a better one.
      sent = false;
      throw error;
    }
    call.finish();
  };
  stream.setView = call.setView;
}
