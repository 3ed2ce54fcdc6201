/**
 * Reads the body of a request or response as text, and never more of it than allowed.
 *
 * @module
 */
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";

/** Largest message body unless `limits.messageBytes` says otherwise: 1 MiB. */
export const MESSAGE_BYTES: number = 1024 * 1024;

/** ms in which some of a request body must come unless `limits.stallMs` says otherwise. */
export const STALL_MS: number = 30_000;

const utf8 = new TextDecoder("utf-8", { fatal: true });

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
  if (message.body === null) return "";
  const bytes = await readBytes(message, limit, what, stallMs);
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new ServiceError("decode_payload", `${what} is not UTF-8`, { cause });
  }
}

/** Headers and body of a request or a response. */
export interface BodyMessage {
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
}

/**
 * Reads a body whole.
 *
 * @param message Its headers and body
 * @param limit Most bytes to take; counted as they come, as `content-length` may be absent or wrong
 * @param what Leads error messages, e.g. `monitor.show: request body`
 * @param stallMs ms in which some of it must come; without it there is no bound
 * @throws {ServiceError} `too_large`, `timeout`
 */
export async function readBytes(
  message: BodyMessage,
  limit: number,
  what: string,
  stallMs?: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const { body } = message;
  if (body === null) return new Uint8Array();
  const length = message.headers.get("content-length");
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
