/**
 * Messages in envelopes, as Connect's streams and gRPC-Web have them: a byte of flags, four of length, the message.
 *
 * @module
 */
import { fromBase64 } from "../codec/base64.ts";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";

/** The message is compressed. */
export const COMPRESSED = 0x01;
/** The last envelope of a Connect stream: how it ended, in JSON. */
export const END_STREAM = 0x02;
/** The last envelope of a gRPC-Web response: its trailers. */
export const TRAILERS = 0x80;

/** What came in an envelope. */
export interface Envelope {
  readonly flags: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Puts a message into an envelope. */
export function envelope(flags: number, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(5 + data.length);
  bytes[0] = flags;
  new DataView(bytes.buffer).setUint32(1, data.length);
  bytes.set(data, 5);
  return bytes;
}

/** How to read envelopes. */
export interface EnvelopeOptions {
  /** Most bytes of a message. */
  readonly messageBytes: number;
  /** ms in which some of a body must come that waits; absent: no bound. */
  readonly stallMs?: number;
  /** Whether the body is base64. */
  readonly text?: boolean;
  /** Leads error messages, e.g. `monitor.watch: request body`. */
  readonly what: string;
}

/** Reads envelopes, one after the other: the sender is made to wait for whoever reads. */
export interface EnvelopeReader {
  /**
   * Takes the next; `null` at the end. Rejects when the body ends within one or fails, and then always.
   */
  read(): Promise<Envelope | null>;
  /** Lets go of the body. */
  cancel(): void;
}

/** Makes an {@linkcode EnvelopeReader}. */
export function envelopeReader(
  body: ReadableStream<Uint8Array> | null,
  { messageBytes, stallMs, text, what }: EnvelopeOptions,
): EnvelopeReader {
  const reader = body?.getReader();
  const decode = text ? base64Decoder(what) : undefined;
  let chunks: Uint8Array[] = [];
  /** Bytes of the first chunk that were taken. */
  let offset = 0;
  let size = 0;
  let ended = reader === undefined;
  let failed: { readonly error: unknown } | undefined;

  function cancel(): void {
    ended = true;
    // That its connection may be broken by then is no news.
    reader?.cancel().catch(() => {});
  }

  /** Waits for the next chunk. */
  async function more(): Promise<void> {
    let stalled = false;
    const timer = stallMs === undefined ? undefined : setTimeout(() => {
      stalled = true;
      cancel();
    }, stallMs);
    try {
      const { done, value } = await reader!.read();
      if (stalled) throw builtinError("timeout", `${what} has brought nothing for ${stallMs} ms`);
      if (done) ended = true;
      const chunk = decode === undefined ? value : decode(value);
      if (chunk === undefined || chunk.length === 0) return;
      chunks.push(chunk);
      size += chunk.length;
    } finally {
      clearTimeout(timer);
    }
  }

  function take(count: number): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(count);
    let at = 0;
    let used = 0;
    while (at < count) {
      const chunk = chunks[used]!;
      const part = chunk.subarray(offset, offset + count - at);
      taken.set(part, at);
      at += part.length;
      offset += part.length;
      if (offset === chunk.length) {
        used++;
        offset = 0;
      }
    }
    if (used > 0) chunks = chunks.slice(used);
    size -= count;
    return taken;
  }

  async function next(): Promise<Envelope | null> {
    while (size < 5) {
      if (!ended) await more();
      else if (size === 0) return null;
      else throw early();
    }
    const head = take(5);
    const length = new DataView(head.buffer).getUint32(1);
    if (length > messageBytes) {
      throw builtinError("too_large", `${what} has a message larger than ${messageBytes} bytes`);
    }
    while (size < length) {
      if (ended) throw early();
      await more();
    }
    return { flags: head[0]!, data: take(length) };
  }

  function early(): ServiceError {
    return new ServiceError("decode_payload", `${what} ends within a message`);
  }

  return {
    async read() {
      if (failed !== undefined) throw failed.error;
      try {
        return await next();
      } catch (error) {
        failed = { error };
        cancel();
        throw error;
      }
    },
    cancel,
  };
}

/** Decodes base64 that comes in pieces, each of which may end in padding of its own. */
function base64Decoder(what: string): (chunk: Uint8Array | undefined) => Uint8Array | undefined {
  const ascii = new TextDecoder("latin1");
  let rest = "";
  return (chunk) => {
    rest += chunk === undefined ? "" : ascii.decode(chunk).replaceAll(/\s/g, "");
    const whole = chunk === undefined ? rest.length : rest.length - rest.length % 4;
    const now = rest.slice(0, whole);
    rest = rest.slice(whole);
    if (now === "") return undefined;
    const parts = (now.match(/[^=]+=*|=+/g) ?? []).map((part) => {
      const bytes = fromBase64(part);
      if (bytes === undefined) throw new ServiceError("decode_payload", `${what} is not base64`);
      return bytes;
    });
    return joined(parts);
  };
}

/** Bytes of several arrays in one. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
