/**
 * The body of a response that is an event stream: text in, and comments while there is none.
 *
 * @module
 */
import { type OutgoingBody, outgoingBody } from "../core/outgoing_body.ts";
import { HEARTBEAT } from "./event_stream.ts";

/** What a {@linkcode EventBody} needs to know. */
export interface EventBodyOptions {
  /** ms of silence after which a comment says that the stream is alive; 0: never. */
  readonly heartbeatMs: number;
  /** ms in which the caller must take something of what waits for it. */
  readonly stallMs: number;
  /** Called when the caller has let go of the body. */
  readonly gone: () => void;
  /** Called when the caller took nothing for too long; the body is cut off. */
  readonly stalled: () => void;
  /** Called with each heartbeat that is due, sent or not. */
  readonly beat?: () => void;
}

/** A body under way. */
export interface EventBody extends Omit<OutgoingBody<string>, "abort" | "end" | "over"> {
  /** Adds the last text and ends the body. Resolves when the caller has taken all of it, or is gone. */
  end(text: string): Promise<void>;
  /** Starts heartbeats. */
  start(): void;
}

const CHUNK_BYTES = 256 * 1024;

const utf8 = new TextEncoder();

/** Makes a body. */
export function eventBody({ heartbeatMs, stallMs, gone, stalled, beat }: EventBodyOptions): EventBody {
  /** Whether something was written since the last heartbeat was due. */
  let busy = true;
  let beatTimer: ReturnType<typeof setInterval> | undefined;
  const stop = () => clearInterval(beatTimer);
  const body = outgoingBody<string>({
    encode: (texts) => utf8.encode(texts.length === 1 ? texts[0]! : texts.join("")),
    chunkBytes: CHUNK_BYTES,
    stallMs,
    gone() {
      stop();
      gone();
    },
    stalled() {
      stop();
      stalled();
    },
    what: "an event stream",
  });
  return {
    stream: body.stream,
    start() {
      if (heartbeatMs <= 0 || body.over()) return;
      beatTimer = setInterval(() => {
        beat?.();
        // What waits for the caller will tell it; more would only pile up.
        if (!busy && body.queued().messages === 0) void body.write(HEARTBEAT);
        busy = false;
      }, heartbeatMs);
    },
    write(text) {
      busy = true;
      return body.write(text);
    },
    end(text) {
      stop();
      return body.end(text);
    },
    drop() {
      stop();
      body.drop();
    },
    queued: body.queued,
    lastTaken: body.lastTaken,
  };
}
