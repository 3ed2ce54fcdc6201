/**
 * One request and its answer, with that part of `ClientHttp2Stream` which grpc-js uses.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { nextTick } from "node:process";
import { ErrorCode } from "./protocol.ts";

/** Received headers or trailers; fields of one name are a list. */
export type Received = Record<string, string | number | readonly string[]>;

/** What a stream tells of itself. */
export interface StreamHooks {
  /** Called when trailers are here that have to wait for a reader: all messages are, too. */
  arrived(): void;
}

/** Looks at an answer before whoever reads it. */
export interface AnswerChecks {
  /** How many bytes may be read. Fewer than there are: it is no answer, and `broken` stands in for the rest of it. */
  take(chunk: Uint8Array): number;
  /** Trailers of an answer that is none. */
  broken(): Received;
  /** Trailers in place of those that came, if any did. */
  trailers(trailers: Received | undefined): Received | undefined;
}

/** What a stream needs of its session. */
export interface StreamSession {
  /** Frames what the stream has to send, as far as windows allow. */
  pump(stream: ClientStream): void;
  /** Tells the server that the stream has been read so far. */
  consumed(stream: ClientStream, bytes: number): void;
  /** Resets the stream; it is no more. */
  reset(stream: ClientStream, code: number): void;
}

/** Bytes on their way out. */
export interface Outgoing {
  readonly bytes: Uint8Array;
  /** How many of them were framed. */
  at: number;
  readonly done: Done | undefined;
}

/** Called once bytes are on their way or are not wanted any more; with an error if they cannot be sent. */
export type Done = (error?: Error) => void;

/** Events, and what they bring. */
interface Events {
  response: [headers: Received, flags: number];
  data: [chunk: Buffer];
  end: [];
  trailers: [trailers: Received];
  close: [];
  error: [error: Error];
}

type Listeners = { [E in keyof Events]?: (...args: Events[E]) => void };

/**
 * A stream. In order: `response`, `data`, `end`, `trailers`, `close`. What comes behind bytes that wait to be read waits
 * with them: grpc-js (1.14.7) takes a status other than OK for the end of everything, and drops the messages that it
 * has not handed out yet. It pauses the stream when it has taken bytes with a message in them, and resumes it when it
 * wants more than the messages it holds, or gives the call up. So a stream that flows at its end has been taken whole.
 */
export class ClientStream {
  /** 0 until it is the server's turn to know of it. */
  id = 0;
  /** One of {@linkcode ErrorCode}, once the stream is closed. */
  rstCode: number = ErrorCode.noError;
  /** Whether nothing more is sent or received. What was received may wait to be read. */
  destroyed = false;
  /** Whether this side was ended. */
  writableEnded = false;
  /** Whether the server knows. */
  sentEnd = false;
  /** Bytes that the server takes, and that it may send. */
  sendWindow = 0;
  receiveWindow = 0;
  /** Bytes read of which the server was not told. */
  unreported = 0;
  /** What is not framed. */
  readonly outgoing: Outgoing[] = [];
  /** Whether the answer has begun; whether it is all here. */
  answered = false;
  remoteEnded = false;
  /** What looks at the answer. */
  checks: AnswerChecks | undefined;
  readonly #session: StreamSession;
  /** What is told of it. */
  readonly hooks: StreamHooks | undefined;
  readonly #listeners: Listeners = {};
  /** What waits to be read, from a place on. */
  #chunks: Buffer[] = [];
  #head = 0;
  #trailers: Received | undefined;
  #flowing = true;
  #delivering = false;
  #ended = false;
  #closed = false;

  constructor(session: StreamSession, hooks: StreamHooks | undefined) {
    this.#session = session;
    this.hooks = hooks;
  }

  /** Listens: one listener for each event. */
  on<E extends keyof Events>(event: E, listener: (...args: Events[E]) => void): this {
    (this.#listeners as Record<E, (...args: Events[E]) => void>)[event] = listener;
    return this;
  }

  /** Sends bytes. `done` is called when there is room for more. */
  write(bytes: Uint8Array, done?: Done): void {
    if (this.destroyed || this.writableEnded) return this.#refuse(done);
    this.outgoing.push({ bytes, at: 0, done });
    this.#session.pump(this);
  }

  /** Ends this side. */
  end(): void {
    if (this.destroyed || this.writableEnded) return;
    this.writableEnded = true;
    this.#session.pump(this);
    this.#drop();
  }

  /** Resets the stream. */
  close(code: number = ErrorCode.noError): void {
    if (!this.destroyed) this.#session.reset(this, code);
  }

  /** Has what comes wait. */
  pause(): void {
    this.#flowing = false;
  }

  /** Reads on, with what waits first. */
  resume(): void {
    this.#flowing = true;
    this.#deliver();
  }

  /** The session's: headers are here. */
  respond(headers: Received, flags: number): void {
    this.answered = true;
    this.#listeners.response?.(headers, flags);
  }

  /** The session's: bytes are here. */
  receive(chunk: Buffer): void {
    const sound = this.checks?.take(chunk) ?? chunk.length;
    if (sound > 0) {
      this.#chunks.push(sound === chunk.length ? chunk : chunk.subarray(0, sound));
      this.#deliver();
    }
    if (sound === chunk.length || this.destroyed) return;
    this.#complete(this.checks!.broken());
    if (!this.destroyed) this.#session.reset(this, ErrorCode.cancel);
  }

  /** The session's: the answer is complete. */
  finish(trailers: Received | undefined): void {
    this.#complete(this.checks === undefined ? trailers : this.checks.trailers(trailers));
  }

  #complete(trailers: Received | undefined): void {
    this.remoteEnded = true;
    this.#trailers = trailers;
    this.#deliver();
    if (!this.#ended && trailers !== undefined) this.hooks?.arrived();
  }

  /** The session's: the stream is no more, and why, if that is not for the server to say. */
  fail(code: number, error: Error | undefined): void {
    if (error !== undefined && !this.destroyed) this.#listeners.error?.(error);
    this.over(code);
  }

  /** The session's: the stream is no more. Of an answer that is complete, nothing is lost. */
  over(code: number): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.writableEnded = true;
    const unsent = this.outgoing.splice(0);
    if (!this.remoteEnded) {
      this.rstCode = code;
      this.#chunks = [];
      this.#head = 0;
      this.#ended = true;
    }
    this.#close();
    for (const { done } of unsent) this.#refuse(done);
  }

  /**
   * Tells that bytes are not sent. Not as an error if the answer is complete: grpc-js would take that for the end of the
   * call, whatever of the answer waits to be read.
   */
  #refuse(done: Done | undefined): void {
    if (done === undefined) return;
    if (this.remoteEnded) nextTick(done);
    else nextTick(done, new Error("the stream is over"));
  }

  /** Hands over what is here, while it is wanted. */
  #deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    while (this.#flowing && this.#head < this.#chunks.length) {
      const chunk = this.#chunks[this.#head++]!;
      if (this.#head === this.#chunks.length) {
        this.#chunks = [];
        this.#head = 0;
      }
      this.#listeners.data?.(chunk);
      this.#session.consumed(this, chunk.length);
    }
    if (this.#flowing && this.remoteEnded && !this.#ended) {
      this.#ended = true;
      this.#listeners.end?.();
      if (this.#trailers !== undefined) this.#listeners.trailers?.(this.#trailers);
      this.#drop();
      this.#close();
    }
    this.#delivering = false;
  }

  /** No one waits for the rest once the answer was taken: a server that reads no more would keep the stream. */
  #drop(): void {
    if (!this.remoteEnded || !this.#ended || !this.writableEnded || this.outgoing.length === 0) return;
    this.#session.reset(this, ErrorCode.cancel);
  }

  #close(): void {
    if (!this.destroyed || !this.#ended || this.#closed) return;
    this.#closed = true;
    this.#listeners.close?.();
  }
}
