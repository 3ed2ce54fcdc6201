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
  /** Makes the error of a body that ends within a message. Default: `decode_payload`. */
  readonly early?: () => ServiceError;
}

/** Reads envelopes, one after the other: the sender is made to wait for whoever reads. */
export interface EnvelopeReader {
  /**
   * Takes the next; `null` at the end. Rejects when the body ends within one or fails, and then always. There is no
   * promise for what is there already.
   */
  read(): Envelope | null | Promise<Envelope | null>;
  /** Lets go of the body. */
  cancel(): void;
}

/** Makes an {@linkcode EnvelopeReader}. */
export function envelopeReader(
  body: ReadableStream<Uint8Array> | null,
  { messageBytes, stallMs, text, what, early = cutShort(what) }: EnvelopeOptions,
): EnvelopeReader {
  const reader = body?.getReader();
  const decode = text ? base64Decoder(what) : undefined;
  let chunks: Uint8Array[] = [];
  /** Bytes of the first chunk that were taken. */
  let offset = 0;
  let size = 0;
  /** Of the envelope whose message is still to come. */
  let flags = 0;
  let length: number | undefined;
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

  /** Takes an envelope that is there; `undefined` when more has to come first. */
  function taken(): Envelope | null | undefined {
    if (length === undefined) {
      if (size < 5) {
        if (!ended) return undefined;
        if (size === 0) return null;
        throw early();
      }
      const head = take(5);
      flags = head[0]!;
      length = new DataView(head.buffer).getUint32(1);
      if (length > messageBytes) {
        throw builtinError("too_large", `${what} has a message larger than ${messageBytes} bytes`);
      }
    }
    if (size < length) {
      if (!ended) return undefined;
      throw early();
    }
    const data = take(length);
    length = undefined;
    return { flags, data };
  }

  function fail(error: unknown): Promise<never> {
    failed = { error };
    cancel();
    return Promise.reject(error);
  }

  async function waited(): Promise<Envelope | null> {
    try {
      for (;;) {
        await more();
        const found = taken();
        if (found !== undefined) return found;
      }
    } catch (error) {
      return await fail(error);
    }
  }

  return {
    read() {
      if (failed !== undefined) return Promise.reject(failed.error);
      try {
        const found = taken();
        return found === undefined ? waited() : found;
      } catch (error) {
        return fail(error);
      }
    },
    cancel,
  };
}

function cutShort(what: string): () => ServiceError {
  return () => new ServiceError("decode_payload", `${what} ends within a message`);
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
