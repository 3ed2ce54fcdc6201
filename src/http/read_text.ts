/**
 * Reads the body of a request or response as text, and never more of it than allowed.
 *
 * @module
 */
import { startDeadline } from "../core/deadline.ts";
import { microtasks } from "../core/turn.ts";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";

/** Largest message body unless `limits.messageBytes` says otherwise: 1 MiB. */
export const MESSAGE_BYTES: number = 1024 * 1024;

/** ms in which some of a request body must come unless `limits.stallMs` says otherwise. */
export const STALL_MS: number = 30_000;

const utf8 = new TextDecoder();
const strict = new TextDecoder("utf-8", { fatal: true });

/** Text of UTF-8; throws when it is none. Only what may be none is decoded strictly, which takes three times as long. */
export function decodeUtf8(bytes: Uint8Array): string {
  const text = utf8.decode(bytes);
  return text.includes("\ufffd") ? strict.decode(bytes) : text;
}

/**
 * Reads a body whole, as text.
 *
 * @throws {ServiceError} `too_large`, or `decode_payload` when it is not UTF-8
 */
export async function readText(
  message: BodyMessage,
  limit: number,
  what: string,
  stallMs?: number,
): Promise<string> {
  if (isEmpty(message)) return "";
  const bytes = await readBytes(message, limit, what, stallMs);
  try {
    return decodeUtf8(bytes);
  } catch (cause) {
    throw new ServiceError("decode_payload", `${what} is not UTF-8`, { cause });
  }
}

/** Headers and body of a request or a response. */
export interface BodyMessage {
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
  /** Bytes of a small body, which is not encoded. */
  readonly size?: number;
  /** Reads the body whole; only where that is a small one. */
  whole?(): Promise<Uint8Array<ArrayBuffer>>;
}

/** A body that is said to be no longer is read at once, in a fourth of the time that its stream takes. */
const SMALL_BYTES = 16 * 1024;

/** A message with a small body, which is not looked at before it is needed: that makes a stream. */
class Small implements BodyMessage {
  readonly headers: Headers;
  readonly size: number;
  readonly #message: Request | Response;

  constructor(message: Request | Response, size: number) {
    this.headers = message.headers;
    this.size = size;
    this.#message = message;
  }

  get body(): ReadableStream<Uint8Array> | null {
    return this.#message.body;
  }

  whole(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#message.bytes();
  }
}

/**
 * A message that came over the network, where HTTP keeps bodies to the length that they are said to have; but what is
 * decompressed on the way is not bounded by that.
 */
export function received(message: Request | Response): BodyMessage {
  const { headers } = message;
  const length = headers.get("content-length");
  const size = length === null ? Infinity : Number(length);
  return size <= SMALL_BYTES && !headers.has("content-encoding") ? new Small(message, size) : message;
}

/** Whether a message has no body. */
export function isEmpty(message: BodyMessage): boolean {
  return message.whole === undefined && message.body === null;
}

/**
 * Reads a body whole.
 *
 * @param message Its headers and body
 * @param limit Most bytes to take; counted as they come, as `content-length` may be absent or wrong
 * @param what Leads error messages, e.g. `monitor.show: request body`
 * @param stallMs ms in which some of it must come, or all of it when it says to be small; without it there is no bound
 * @throws {ServiceError} `too_large`, `timeout`
 */
export async function readBytes(
  message: BodyMessage,
  limit: number,
  what: string,
  stallMs?: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (message.whole !== undefined && message.size! <= limit) {
    const whole = message.whole();
    return stallMs === undefined ? whole : await within(stallMs, whole, what);
  }
  const length = message.headers.get("content-length");
  const { body } = message;
  if (body === null) return new Uint8Array();
  if (length !== null && Number(length) > limit) {
    await drop(body);
    throw tooLarge(what, limit);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = body.getReader();
  let watched = 0;
  let stalled = false;
  // One timer for the whole of it, as most bodies are there at once.
  const timer = stallMs === undefined ? undefined : setInterval(() => {
    stalled = chunks.length === watched;
    watched = chunks.length;
    // The pending read then says that there is no more.
    if (stalled) void drop(reader);
  }, stallMs);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (stalled) throw builtinError("timeout", `${what} has brought nothing for ${stallMs} ms`);
      if (done) break;
      size += value.length;
      if (size > limit) {
        await drop(reader);
        throw tooLarge(what, limit);
      }
      chunks.push(value);
    }
  } finally {
    clearInterval(timer);
  }
  return chunks.length === 1 ? chunks[0] as Uint8Array<ArrayBuffer> : concat(chunks, size);
}

/** Turns of the microtask queue that a body which is here takes at most, and some more. */
const TURNS = 16;

/** Waits for a small body: it has not just to go on, but to come whole. Most are here, and need no timer. */
async function within<T>(ms: number, whole: Promise<T>, what: string): Promise<T> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  whole.then(settle, settle);
  await microtasks(TURNS, () => settled);
  if (settled) return await whole;
  const late = Promise.withResolvers<never>();
  const stop = startDeadline(ms, () => {
    late.reject(builtinError("timeout", `${what} has not come within ${ms} ms`));
  });
  try {
    return await Promise.race([whole, late.promise]);
  } finally {
    stop();
  }
}

/** Lets go of a body that nobody reads on. That its connection may be broken by then is no news. */
async function drop(body: { cancel(): Promise<void> }): Promise<void> {
  try {
    await body.cancel();
  } catch {
    // The reader has its error already, or never wanted the body.
  }
}

function concat(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function tooLarge(what: string, limit: number): ServiceError {
  return builtinError("too_large", `${what} is larger than ${limit} bytes`);
}
