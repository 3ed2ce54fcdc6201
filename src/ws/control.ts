/**
 * The control frames of `goats.v1`, in bytes and back: see PROTOCOL.md.
 *
 * @module
 */

/** Leads a binary frame. */
export const HELLO = 0x01;
const RESUME = 0x02;
const LOST = 0x03;
const GRANT = 0x04;
const HEAD = 0x05;
const END = 0x06;
const ERROR = 0x07;
const PING = 0x08;
const PONG = 0x09;
const LEAVE = 0x0a;

/** Bytes of a session's token. */
export const TOKEN_BYTES = 16;

/** How far a sender may go, in absolute numbers since the stream began. */
export interface Grant {
  /** Messages that have arrived here: their sender need not keep them any longer. */
  readonly received: number;
  /** A message may be sent while fewer than this many were. */
  readonly messages: number;
  /** And while those sent are together smaller than this, in UTF-16 code units. */
  readonly size: number;
}

/** A control frame. */
export type Control =
  | {
    readonly type: "hello";
    /** What the client has to show to come back. */
    readonly token: Uint8Array;
    /** ms that the server keeps the stream for it. */
    readonly resumeMs: number;
    /** How far the client may send. */
    readonly grant: Grant;
  }
  | { readonly type: "resume"; readonly grant: Grant }
  | { readonly type: "lost" | "leave" }
  | { readonly type: "grant"; readonly grant: Grant }
  | {
    readonly type: "head";
    /** View of the messages, when there is one to tell. */
    readonly view?: string;
    /** What the handler set before its first message. */
    readonly headers: readonly (readonly [name: string, value: string])[];
  }
  | {
    readonly type: "end";
    /** Messages that came before. */
    readonly messages: number;
    /** What the handler set until the end; none from a client. */
    readonly trailers: readonly (readonly [name: string, value: string])[];
  }
  | {
    readonly type: "error";
    /** Messages that came before. */
    readonly messages: number;
    /** The close code that the plain wire would have for it. */
    readonly code: number;
    /** The error as JSON. */
    readonly json: string;
  }
  | { readonly type: "ping" | "pong"; readonly id: number; readonly received: number };

const utf8 = new TextEncoder();
const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Writes the numbers as LEB128, then the bytes. */
function frame(type: number, numbers: readonly number[], bytes?: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = [type];
  for (const number of numbers) {
    let rest = number;
    // Not by shifts: they end at 32 bits.
    while (rest >= 0x80) {
      head.push((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    head.push(rest);
  }
  const out = new Uint8Array(head.length + (bytes?.length ?? 0));
  out.set(head);
  if (bytes !== undefined) out.set(bytes, head.length);
  return out;
}

function grantNumbers({ received, messages, size }: Grant): number[] {
  return [received, messages, size];
}

/** Encodes a control frame. */
export function encodeControl(control: Control): Uint8Array<ArrayBuffer> {
  switch (control.type) {
    case "hello":
      return frame(HELLO, [control.resumeMs, ...grantNumbers(control.grant)], control.token);
    case "resume":
      return frame(RESUME, grantNumbers(control.grant));
    case "lost":
      return frame(LOST, []);
    case "grant":
      return frame(GRANT, grantNumbers(control.grant));
    case "head": {
      const { view, headers } = control;
      return frame(HEAD, [], json({ ...(view === undefined ? {} : { view }), ...pairs("headers", headers) }));
    }
    case "end":
      return frame(END, [control.messages], json(pairs("trailers", control.trailers)));
    case "error":
      return frame(ERROR, [control.messages, control.code], utf8.encode(control.json));
    case "ping":
      return frame(PING, [control.id, control.received]);
    case "pong":
      return frame(PONG, [control.id, control.received]);
    case "leave":
      return frame(LEAVE, []);
  }
}

type Pairs = readonly (readonly [string, string])[];

function pairs(name: string, list: Pairs): Record<string, Pairs> {
  return list.length === 0 ? {} : { [name]: list };
}

/** Nothing to say takes no bytes. */
function json(value: Record<string, unknown>): Uint8Array | undefined {
  return Object.keys(value).length === 0 ? undefined : utf8.encode(JSON.stringify(value));
}

/** Reads numbers and what is left behind them. */
class Cursor {
  #at = 1;

  constructor(readonly bytes: Uint8Array) {}

  number(): number {
    let value = 0;
    for (let scale = 1;; scale *= 0x80) {
      const byte = this.bytes[this.#at++];
      if (byte === undefined) throw new SyntaxError("it is cut off");
      value += (byte & 0x7f) * scale;
      if (!Number.isSafeInteger(value)) throw new SyntaxError("a number is too large");
      if (byte < 0x80) {
        // One number, one spelling.
        if (byte === 0 && scale > 1) throw new SyntaxError("a number has leading zeros");
        return value;
      }
    }
  }

  grant(): Grant {
    return { received: this.number(), messages: this.number(), size: this.number() };
  }

  rest(): Uint8Array {
    const rest = this.bytes.subarray(this.#at);
    this.#at = this.bytes.length;
    return rest;
  }

  json(): Record<string, unknown> {
    const rest = this.rest();
    if (rest.length === 0) return {};
    const value: unknown = JSON.parse(text.decode(rest));
    if (typeof value !== "object" || value === null) throw new SyntaxError("its JSON is no object");
    return value as Record<string, unknown>;
  }

  end<T>(value: T): T {
    if (this.#at !== this.bytes.length) throw new SyntaxError("it is too long");
    return value;
  }
}

function pairsOf(value: unknown): Pairs {
  if (value === undefined) return [];
  const isPair = (pair: unknown) =>
    Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === "string");
  if (!Array.isArray(value) || !value.every(isPair)) {
    throw new SyntaxError("its headers are no pairs of texts");
  }
  return value as Pairs;
}

/**
 * Decodes a control frame.
 *
 * @throws {SyntaxError | TypeError} When it is malformed, whatever its bytes are
 */
export function decodeControl(bytes: Uint8Array): Control {
  const cursor = new Cursor(bytes);
  switch (bytes[0]) {
    case HELLO: {
      const resumeMs = cursor.number();
      const grant = cursor.grant();
      const token = cursor.rest();
      if (token.length !== TOKEN_BYTES) throw new SyntaxError("its token has the wrong length");
      return { type: "hello", token: token.slice(), resumeMs, grant };
    }
    case RESUME:
      return cursor.end({ type: "resume", grant: cursor.grant() });
    case LOST:
      return cursor.end({ type: "lost" });
    case GRANT:
      return cursor.end({ type: "grant", grant: cursor.grant() });
    case HEAD: {
      const { view, headers } = cursor.json();
      if (view !== undefined && typeof view !== "string") throw new SyntaxError("its view is no text");
      return { type: "head", ...(view === undefined ? {} : { view }), headers: pairsOf(headers) };
    }
    case END: {
      const messages = cursor.number();
      return { type: "end", messages, trailers: pairsOf(cursor.json().trailers) };
    }
    case ERROR: {
      const messages = cursor.number();
      const code = cursor.number();
      return { type: "error", messages, code, json: text.decode(cursor.rest()) };
    }
    case PING:
      return cursor.end({ type: "ping", id: cursor.number(), received: cursor.number() });
    case PONG:
      return cursor.end({ type: "pong", id: cursor.number(), received: cursor.number() });
    case LEAVE:
      return cursor.end({ type: "leave" });
    default:
      throw new SyntaxError(bytes.length === 0 ? "it is empty" : `its type ${bytes[0]} is unknown`);
  }
}
