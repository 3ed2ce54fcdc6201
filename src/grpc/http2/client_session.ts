/**
 * A connection to a server, with that part of `ClientHttp2Session` which grpc-js uses. What it sends in a turn of the
 * event loop leaves in one write: headers, message and half-close of a call, and those of other calls with it.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { TransientMap } from "../../core/transient.ts";
import {
  type AnswerChecks,
  ClientStream,
  type Outgoing,
  type Received,
  type StreamHooks,
  type StreamSession,
} from "./client_stream.ts";
import { frameReader } from "./frame_reader.ts";
import { type FrameWriter, frameWriter, type Headers } from "./frame_writer.ts";
import { type HeaderBlock, headerBlocks } from "./header_blocks.ts";
import { HpackError } from "./hpack_error.ts";
import {
  ConnectionError,
  ErrorCode,
  Flag,
  Frame,
  FRAME_BYTES,
  MAX_WINDOW,
  Setting,
  WINDOW,
} from "./protocol.ts";

/** What `http2.connect` is told by grpc-js, as far as it matters here. */
export interface SessionOptions {
  /** Gives the connection, TLS and all. */
  createConnection(): Socket;
  /** What the server is told. */
  readonly settings?: { readonly initialWindowSize?: number };
}

/** What a {@linkcode ClientSession} tells of its calls. */
export interface SessionHooks {
  /** Takes from the headers of a request what is to be told of it. */
  call(headers: Headers): StreamHooks | undefined;
  /** Sees the headers of an answer before grpc-js does; gives what looks at the rest, if anything shall. */
  answer(headers: Record<string, unknown>, call: StreamHooks | undefined): AnswerChecks | void;
  /** The number of the first stream: 1, but for tests of the last ones. */
  readonly firstId?: number;
}

/** What the server may send on all streams together before it is told that it has arrived: each has its own window. */
const CONNECTION_WINDOW = 1024 * 1024;
/** Bytes that are written without waiting for the end of the turn. */
const FLUSH_BYTES = 64 * 1024;
/** Answers to pings and settings that may wait for the connection to take them. */
const MAX_ANSWERS = 1000;
const NOTHING = new Uint8Array(0);
/** The last number that a stream can have. */
const LAST_ID = 0x7fffffff;

/** A connection. */
export class ClientSession extends EventEmitter implements StreamSession {
  /** What it runs on. */
  readonly socket: Socket;
  /** Whether that is encrypted. */
  readonly encrypted: boolean;
  /** Whether it is closed for new streams; whether it is no more. */
  closed = false;
  destroyed = false;
  readonly #hooks: SessionHooks;
  readonly #out: FrameWriter;
  readonly #blocks = headerBlocks();
  /** By number; those that the server does not let begin; those that wait for the connection to take more. */
  readonly #streams = new TransientMap<number, ClientStream>();
  readonly #waiting = new Map<ClientStream, Headers>();
  readonly #blocked = new Set<ClientStream>();
  /** What is to be told once all is written that was framed. */
  #written: Outgoing[] = [];
  #nextId: number;
  #maxStreams = Infinity;
  #initialWindow = WINDOW;
  readonly #ownWindow: number;
  #sendWindow = WINDOW;
  #receiveWindow = CONNECTION_WINDOW;
  /** Whether bytes are to be written at the end of the turn; whether the connection takes no more for now. */
  #flushing = false;
  #full = false;
  #answers = 0;
  /** Whether the server has said anything; that it will say no more. */
  #met = false;
  #leaving = false;
  /**
   * Frames behind the server's first SETTINGS, for a turn of the event loop: grpc-js (1.14.7) takes the connection over
   * some microtasks after it heard of those. Of a GOAWAY before that it would never learn, and try its calls here again
   * and again without letting anything else run.
   */
  #held: (() => void)[] | undefined;
  /** What becomes of its streams when the connection is lost. */
  #lostCode: number = ErrorCode.cancel;
  #pings: { readonly payload: Buffer; readonly sent: number; readonly done: PingDone }[] = [];
  #pinged = 0;

  /** Begins at once. */
  constructor(authority: string, options: SessionOptions, hooks: SessionHooks) {
    super();
    this.#hooks = hooks;
    this.#nextId = hooks.firstId ?? 1;
    this.encrypted = authority.startsWith("https:");
    this.#out = frameWriter(this.encrypted ? "https" : "http");
    this.#ownWindow = options.settings?.initialWindowSize ?? WINDOW;
    this.socket = options.createConnection();
    const read = frameReader((type, flags, id, payload) => this.#frame(type, flags, id, payload));
    this.socket.on("data", (chunk: Buffer) => this.#take(() => read(chunk)));
    this.socket.on("drain", () => this.#drained());
    this.socket.on("error", (error: Error) => this.#lost(error));
    this.socket.on("end", () => this.#lost());
    this.socket.on("close", () => this.#lost());
    this.#out.begin(this.#ownWindow);
    this.#out.windowUpdate(0, CONNECTION_WINDOW - WINDOW);
    this.#flush();
  }

  /** Windows, for traces. */
  get state(): { readonly localWindowSize: number; readonly remoteWindowSize: number } {
    return { localWindowSize: this.#receiveWindow, remoteWindowSize: this.#sendWindow };
  }

  /** Does nothing: the window of the connection is as large as it can be of use. */
  setLocalWindowSize(): void {}

  /** Keeps the process running. */
  ref(): void {
    this.socket.ref();
  }

  /** Does not. */
  unref(): void {
    this.socket.unref();
  }

  /**
   * Opens a stream.
   *
   * @throws When the connection is closed, or the server is about to close it; {@linkcode TypeError} when a header
   * cannot be sent
   */
  request(headers: Headers): ClientStream {
    if (this.closed || this.#leaving) {
      throw new Error("the HTTP/2 connection takes no more calls");
    }
    const stream = new ClientStream(this, this.#hooks.call(headers));
    if (this.#streams.size < this.#maxStreams) this.#begin(stream, headers);
    else this.#waiting.set(stream, headers);
    return stream;
  }

  /** Asks for a sign of life; tells whether it could. */
  ping(done: PingDone): boolean {
    if (this.destroyed) return false;
    const payload = Buffer.alloc(8);
    payload.writeUInt32BE(++this.#pinged, 4);
    this.#pings.push({ payload, sent: performance.now(), done });
    this.#out.ping(payload, false);
    this.#flushLater();
    return true;
  }

  /** Takes no new streams, and ends with the last one. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#leaveIfDone();
  }

  /** Ends at once, and all streams with it. */
  destroy(): void {
    this.#end(ErrorCode.cancel);
    this.socket.destroy();
  }

  /** Frames what a stream has to send, as far as windows allow. */
  pump(stream: ClientStream): void {
    if (stream.id === 0 || stream.sentEnd || stream.destroyed) return;
    const { outgoing } = stream;
    while (outgoing.length > 0) {
      const next = outgoing[0]!;
      const left = next.bytes.length - next.at;
      // SETTINGS can make a stream's window negative.
      const size = Math.max(0, Math.min(left, FRAME_BYTES, stream.sendWindow, this.#sendWindow));
      if (this.#full || size === 0 && left > 0) {
        if (this.#full || this.#sendWindow <= 0) this.#blocked.add(stream);
        this.#flushLater();
        return;
      }
      const whole = size === left;
      const last = whole && stream.writableEnded && outgoing.length === 1;
      const all = size === next.bytes.length;
      this.#out.data(stream.id, all ? next.bytes : next.bytes.subarray(next.at, next.at + size), last);
      next.at += size;
      stream.sendWindow -= size;
      this.#sendWindow -= size;
      if (last) stream.sentEnd = true;
      if (whole) {
        outgoing.shift();
        if (next.done !== undefined) this.#written.push(next);
      }
      if (this.#out.length >= FLUSH_BYTES) {
        this.#flush();
        // By who was told that bytes are written.
        if (stream.destroyed) return;
      }
    }
    if (stream.writableEnded && !stream.sentEnd) {
      stream.sentEnd = true;
      this.#out.data(stream.id, NOTHING, true);
    }
    this.#flushLater();
    if (stream.sentEnd && stream.remoteEnded) this.#over(stream, ErrorCode.noError);
  }

  /** Gives the server room for what was read of a stream. */
  consumed(stream: ClientStream, bytes: number): void {
    if (stream.remoteEnded || stream.destroyed) return;
    stream.unreported += bytes;
    if (stream.unreported < this.#ownWindow / 2) return;
    this.#out.windowUpdate(stream.id, stream.unreported);
    stream.receiveWindow += stream.unreported;
    stream.unreported = 0;
    this.#flushLater();
  }

  /** Resets a stream. */
  reset(stream: ClientStream, code: number): void {
    if (stream.id !== 0 && !(stream.sentEnd && stream.remoteEnded)) {
      this.#out.rstStream(stream.id, code);
      this.#flushLater();
    }
    this.#over(stream, code);
  }

  #begin(stream: ClientStream, headers: Headers): void {
    this.#out.headers(this.#nextId, headers);
    stream.id = this.#nextId;
    this.#nextId += 2;
    stream.sendWindow = this.#initialWindow;
    stream.receiveWindow = this.#ownWindow;
    this.#streams.set(stream.id, stream);
    this.#flushLater();
    // There are no more numbers: who makes calls hears what it would of a server that wants no more of them.
    if (this.#nextId > LAST_ID) this.#leave(ErrorCode.noError, LAST_ID, Buffer.alloc(0));
    if (stream.outgoing.length > 0 || stream.writableEnded) this.pump(stream);
  }

  #beginWaiting(): void {
    for (const [stream, headers] of this.#waiting) {
      if (this.#streams.size >= this.#maxStreams || this.#leaving) return;
      this.#waiting.delete(stream);
      try {
        this.#begin(stream, headers);
      } catch (error) {
        // Who asked for it is gone, and whose turn it is now has no part in it.
        stream.fail(ErrorCode.internalError, error as Error);
      }
    }
  }

  /** A stream is no more. */
  #over(stream: ClientStream, code: number): void {
    this.#streams.delete(stream.id);
    this.#waiting.delete(stream);
    this.#blocked.delete(stream);
    stream.over(code);
    if (this.destroyed) return;
    if (this.#waiting.size > 0 && !this.#leaving) this.#beginWaiting();
    this.#leaveIfDone();
  }

  #leaveIfDone(): void {
    if (!this.closed || this.destroyed || this.#streams.size > 0 || this.#waiting.size > 0) return;
    this.#goaway(ErrorCode.noError, "");
    this.#end(ErrorCode.noError);
  }

  /** The connection is gone. */
  #lost(error?: Error): void {
    this.#takeHeld();
    if (this.destroyed) return;
    if (error !== undefined && this.listenerCount("error") > 0) this.emit("error", error);
    this.#end(this.#lostCode);
    this.socket.destroy();
  }

  /** The server breaks the rules. */
  #fail(thrown: unknown): void {
    const error = thrown instanceof HpackError
      ? new ConnectionError(ErrorCode.compressionError, thrown.message)
      : thrown instanceof ConnectionError
      ? thrown
      : new ConnectionError(ErrorCode.internalError, (thrown as Error).message);
    const told = this.#met ? error : new Error("the server does not speak HTTP/2", { cause: error });
    this.#goaway(error.errorCode, error.message);
    if (this.listenerCount("error") > 0) this.emit("error", told);
    this.#end(ErrorCode.internalError, told);
  }

  /** Says goodbye. */
  #goaway(code: number, why: string): void {
    if (this.destroyed) return;
    this.#out.goaway(code, why);
    this.#flush();
    const { socket } = this;
    // A server that reads nothing would keep it for ever.
    if (this.#full) socket.destroy();
    else socket.end(() => socket.destroy());
  }

  #end(code: number, error?: Error): void {
    if (this.destroyed) return;
    this.closed = this.destroyed = true;
    const begun = this.#streams.all();
    const streams = [...begun, ...this.#waiting.keys()];
    for (const { id } of begun) this.#streams.delete(id);
    this.#waiting.clear();
    this.#blocked.clear();
    this.emit("close");
    for (const stream of streams) stream.fail(code, error);
    // An error would take an answer away from its reader that is here as a whole.
    this.#tellWritten();
    const pings = this.#pings.splice(0);
    for (const { done } of pings) done(new Error("the connection is closed"), 0, Buffer.alloc(8));
  }

  // What is sent.

  #flushLater(): void {
    if (this.#flushing || this.#full) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      if (!this.destroyed) this.#flush();
    });
  }

  #flush(): void {
    if (this.#full) return;
    if (this.#out.length > 0) {
      this.#answers = 0;
      this.#full = !this.socket.write(this.#out.take());
    }
    if (!this.#full) this.#tellWritten();
  }

  #tellWritten(): void {
    if (this.#written.length === 0) return;
    const written = this.#written;
    this.#written = [];
    for (const { done } of written) done!();
  }

  #drained(): void {
    if (this.destroyed) return;
    this.#full = false;
    this.#flush();
    this.#pumpBlocked();
  }

  #pumpBlocked(): void {
    for (const stream of [...this.#blocked]) {
      if (this.#full || this.#sendWindow <= 0) return;
      this.#blocked.delete(stream);
      this.pump(stream);
    }
  }

  // What is received.

  /** Takes in what was received. */
  #take(receive: () => void): void {
    if (this.destroyed) return;
    try {
      receive();
    } catch (error) {
      this.#fail(error);
    }
  }

  #takeHeld(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined && held.length > 0) {
      this.#take(() => {
        for (const frame of held) frame();
      });
    }
  }

  #frame(type: number, flags: number, id: number, payload: Buffer): void {
    if (this.destroyed) return;
    if (this.#held !== undefined) {
      this.#held.push(() => this.#frame(type, flags, id, payload));
      return;
    }
    if (!this.#met && (type !== Frame.settings || (flags & Flag.ack) !== 0)) {
      throw new ConnectionError(ErrorCode.protocolError, "the first frame must be SETTINGS");
    }
    const { open } = this.#blocks;
    if (open !== undefined && (type !== Frame.continuation || id !== open)) {
      throw new ConnectionError(ErrorCode.protocolError, "headers are interrupted");
    }
    switch (type) {
      case Frame.data:
        return this.#onData(flags, id, payload);
      case Frame.headers:
        this.#streamOf(id);
        return this.#onBlock(this.#blocks.begin(id, flags, unpadded(flags, payload)));
      case Frame.rstStream:
        return this.#onRstStream(id, payload);
      case Frame.settings:
        return this.#onSettings(flags, id, payload);
      case Frame.pushPromise:
        throw new ConnectionError(ErrorCode.protocolError, "PUSH_PROMISE was ruled out");
      case Frame.ping:
        return this.#onPing(flags, id, payload);
      case Frame.goaway:
        return this.#onGoaway(id, payload);
      case Frame.windowUpdate:
        return this.#onWindowUpdate(id, payload);
      case Frame.continuation:
        return this.#onBlock(this.#blocks.goOn(flags, payload));
    }
  }

  /** The stream of a frame: none if it is over. */
  #streamOf(id: number): ClientStream | undefined {
    const stream = this.#streams.get(id);
    if (stream === undefined && (id === 0 || id % 2 === 0 || id >= this.#nextId)) {
      throw new ConnectionError(ErrorCode.protocolError, `there is no stream ${id}`);
    }
    return stream;
  }

  #onData(flags: number, id: number, payload: Buffer): void {
    const stream = this.#streamOf(id);
    // Never exceeded: a frame is less than the half that is left when the other half is given back.
    this.#receiveWindow -= payload.length;
    if (this.#receiveWindow <= CONNECTION_WINDOW / 2) {
      this.#out.windowUpdate(0, CONNECTION_WINDOW - this.#receiveWindow);
      this.#receiveWindow = CONNECTION_WINDOW;
      this.#flushLater();
    }
    if (stream === undefined) return;
    if (!stream.answered || stream.remoteEnded) return this.#breach(stream, ErrorCode.streamClosed);
    stream.receiveWindow -= payload.length;
    if (stream.receiveWindow < 0) return this.#breach(stream, ErrorCode.flowControlError);
    const data = unpadded(flags, payload);
    if (data.length < payload.length) this.consumed(stream, payload.length - data.length);
    if (data.length > 0) stream.receive(data);
    if ((flags & Flag.endStream) !== 0) this.#finish(stream, undefined);
  }

  #onBlock(block: HeaderBlock | undefined): void {
    const stream = block && this.#streams.get(block.id);
    if (stream === undefined) return;
    const { headers, end, whole } = block!;
    if (!whole) return this.#breach(stream, ErrorCode.enhanceYourCalm);
    if (stream.remoteEnded) return this.#breach(stream, ErrorCode.streamClosed);
    if (stream.answered) {
      if (!end) return this.#breach(stream, ErrorCode.protocolError);
      return this.#finish(stream, headers);
    }
    const said = headers[":status"];
    if (typeof said !== "string" || !STATUS.test(said)) return this.#breach(stream, ErrorCode.protocolError);
    const status = Number(said);
    // Of an answer to come.
    if (status < 200) return end ? this.#breach(stream, ErrorCode.protocolError) : undefined;
    headers[":status"] = status;
    // Of an answer that is all here there is no rest.
    const checks = this.#hooks.answer(headers, stream.hooks);
    if (!end && checks !== undefined) stream.checks = checks;
    stream.respond(headers, end ? Flag.endStream : 0);
    if (end) this.#finish(stream, undefined);
  }

  #finish(stream: ClientStream, trailers: Received | undefined): void {
    if (stream.destroyed) return;
    stream.finish(trailers);
    if (stream.sentEnd && !stream.destroyed) this.#over(stream, ErrorCode.noError);
  }

  /** The server breaks the rules of one stream. */
  #breach(stream: ClientStream, code: number): void {
    this.reset(stream, code);
  }

  #onRstStream(id: number, payload: Buffer): void {
    sized(payload, 4, "RST_STREAM");
    const stream = this.#streamOf(id);
    if (stream !== undefined) this.#over(stream, payload.readUInt32BE(0));
  }

  #onSettings(flags: number, id: number, payload: Buffer): void {
    if (id !== 0) throw new ConnectionError(ErrorCode.protocolError, "SETTINGS of a stream");
    if ((flags & Flag.ack) !== 0) return sized(payload, 0, "the acknowledgement of SETTINGS");
    if (payload.length % 6 !== 0) throw new ConnectionError(ErrorCode.frameSizeError, "SETTINGS are cut");
    if (!this.#met) {
      this.#met = true;
      this.#held = [];
      setImmediate(() => this.#takeHeld());
    }
    for (let at = 0; at < payload.length; at += 6) {
      this.#set(payload.readUInt16BE(at), payload.readUInt32BE(at + 2));
    }
    this.#out.settingsAck();
    this.#answered();
    this.emit("remoteSettings", {});
    this.#beginWaiting();
    this.#pumpAll();
  }

  #set(name: number, value: number): void {
    switch (name) {
      case Setting.headerTableSize:
        return this.#out.setTableSize(value);
      case Setting.maxConcurrentStreams:
        this.#maxStreams = value;
        return;
      case Setting.initialWindowSize: {
        if (value > MAX_WINDOW) {
          throw new ConnectionError(ErrorCode.flowControlError, "a window is too large");
        }
        const more = value - this.#initialWindow;
        this.#initialWindow = value;
        for (const stream of this.#streams.all()) {
          stream.sendWindow += more;
          if (stream.sendWindow > MAX_WINDOW) {
            throw new ConnectionError(ErrorCode.flowControlError, "a stream's window becomes too large");
          }
        }
        return;
      }
      case Setting.maxFrameSize:
        if (value < FRAME_BYTES || value > 0xffffff) {
          throw new ConnectionError(ErrorCode.protocolError, `frames of ${value} bytes cannot be`);
        }
    }
  }

  #pumpAll(): void {
    for (const stream of this.#streams.all()) if (stream.outgoing.length > 0) this.pump(stream);
  }

  #onPing(flags: number, id: number, payload: Buffer): void {
    if (id !== 0) throw new ConnectionError(ErrorCode.protocolError, "PING of a stream");
    sized(payload, 8, "PING");
    if ((flags & Flag.ack) === 0) {
      this.#out.ping(payload, true);
      this.#answered();
      return;
    }
    const at = this.#pings.findIndex((ping) => ping.payload.equals(payload));
    if (at === -1) return;
    const [ping] = this.#pings.splice(at, 1);
    ping!.done(null, performance.now() - ping!.sent, ping!.payload);
  }

  /** Something was answered at once: a server that does not read cannot make us keep answers without end. */
  #answered(): void {
    if (++this.#answers > MAX_ANSWERS) {
      throw new ConnectionError(ErrorCode.enhanceYourCalm, "too much to be answered");
    }
    this.#flushLater();
  }

  #onGoaway(id: number, payload: Buffer): void {
    if (id !== 0) throw new ConnectionError(ErrorCode.protocolError, "GOAWAY of a stream");
    if (payload.length < 8) throw new ConnectionError(ErrorCode.frameSizeError, "GOAWAY is too short");
    const last = payload.readUInt32BE(0) & 0x7fffffff;
    const code = payload.readUInt32BE(4);
    if (code !== ErrorCode.noError) this.#lostCode = code;
    this.#leave(code, last, Buffer.from(payload.subarray(8)));
  }

  /** Nothing more begins here. */
  #leave(code: number, last: number, why: Buffer): void {
    this.#leaving = true;
    this.emit("goaway", code, last, why);
    // Of these the server knows nothing: they may be sent again, elsewhere.
    for (const stream of this.#streams.all()) {
      if (stream.id > last) this.#over(stream, ErrorCode.refusedStream);
    }
    for (const stream of [...this.#waiting.keys()]) this.#over(stream, ErrorCode.refusedStream);
  }

  #onWindowUpdate(id: number, payload: Buffer): void {
    sized(payload, 4, "WINDOW_UPDATE");
    const more = payload.readUInt32BE(0) & MAX_WINDOW;
    if (id === 0) {
      if (more === 0) throw new ConnectionError(ErrorCode.protocolError, "WINDOW_UPDATE by nothing");
      this.#sendWindow += more;
      if (this.#sendWindow > MAX_WINDOW) {
        throw new ConnectionError(ErrorCode.flowControlError, "the connection's window becomes too large");
      }
      return this.#pumpBlocked();
    }
    const stream = this.#streamOf(id);
    if (stream === undefined) return;
    if (more === 0) return this.#breach(stream, ErrorCode.protocolError);
    stream.sendWindow += more;
    if (stream.sendWindow > MAX_WINDOW) return this.#breach(stream, ErrorCode.flowControlError);
    if (stream.outgoing.length > 0) this.pump(stream);
  }
}

/** Called with the answer to a ping, or without one. */
export type PingDone = (error: Error | null, ms: number, payload: Buffer) => void;

/** What a status looks like: `Number` takes less and more for one. */
const STATUS = /^[1-9]\d\d$/;

function unpadded(flags: number, payload: Buffer): Buffer {
  if ((flags & Flag.padded) === 0) return payload;
  const end = payload.length - (payload[0] ?? 0);
  if (end < 1) throw new ConnectionError(ErrorCode.protocolError, "there is more padding than frame");
  return payload.subarray(1, end);
}

function sized(payload: Buffer, bytes: number, what: string): void {
  if (payload.length === bytes) return;
  throw new ConnectionError(ErrorCode.frameSizeError, `${what} cannot have ${payload.length} bytes`);
}
