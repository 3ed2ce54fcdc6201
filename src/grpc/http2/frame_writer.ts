/**
 * Writes the frames of a client, one behind the other.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { byteSink } from "./byte_writer.ts";
import { hpackEncoder } from "./hpack_encoder.ts";
import { Flag, Frame, FRAME_BYTES, HEAD_BYTES, PREFACE, Setting } from "./protocol.ts";

/** Headers to send, as grpc-js makes them. */
export type Headers = Record<string, string | readonly string[] | undefined>;

/** What waits to be written to a connection. */
export interface FrameWriter {
  /** How many bytes there are. */
  readonly length: number;
  /** Takes them out. */
  take(): Uint8Array<ArrayBuffer>;
  /** What a client says first, and its settings. */
  begin(initialWindow: number): void;
  /**
   * The headers of a request.
   *
   * @throws {TypeError} When one cannot be sent: nothing is written then
   */
  headers(id: number, headers: Headers): void;
  /** Bytes of a stream, and whether it ends with them: 16 KiB at most. */
  data(id: number, bytes: Uint8Array, end: boolean): void;
  rstStream(id: number, code: number): void;
  /** Acknowledges settings. */
  settingsAck(): void;
  ping(payload: Uint8Array, ack: boolean): void;
  goaway(code: number, why: string): void;
  windowUpdate(id: number, bytes: number): void;
  /** Must be told the SETTINGS_HEADER_TABLE_SIZE of the peer. */
  setTableSize(bytes: number): void;
}

/** Enough for what stands before a field's name and value. */
const FIELD_BYTES = 16;

/** Where fields stand that come first. Nothing is inherited: any name is looked up. */
const PSEUDO: Readonly<Record<string, number | undefined>> = Object.assign(Object.create(null), {
  ":method": 0,
  ":scheme": 1,
  ":path": 2,
  ":authority": 3,
});

/** Makes a {@linkcode FrameWriter}. */
export function frameWriter(scheme: string): FrameWriter {
  const out = byteSink();
  const encoder = hpackEncoder();

  function head(length: number, type: number, flags: number, id: number): void {
    out.u24(length);
    out.u8(type);
    out.u8(flags);
    out.u32(id);
  }

  function setting(name: number, value: number): void {
    out.u16(name);
    out.u32(value);
  }

  function windowUpdate(id: number, bytes: number): void {
    head(4, Frame.windowUpdate, 0, id);
    out.u32(bytes);
  }

  function headers(id: number, headers: Headers): void {
    const fields: [name: string, value: string][] = [
      [":method", ""],
      [":scheme", scheme],
      [":path", ""],
      [":authority", ""],
    ];
    let most = 4 * FIELD_BYTES + 32;
    const add = (name: string, value: string) => {
      fields.push([name, value]);
      most += name.length + value.length + FIELD_BYTES;
    };
    // Own ones only: outside of Deno a header named `__proto__` has become the prototype, on its way through grpc-js.
    for (const name of Object.keys(headers)) {
      const value = headers[name];
      if (value === undefined) continue;
      const place = PSEUDO[name];
      if (typeof value !== "string") { for (const each of value) add(name, each); }
      else if (place === undefined) add(name, value);
      else {
        fields[place]![1] = value;
        most += value.length;
      }
    }
    // Nothing gets longer by being packed, but for what says how long it is.
    if (most > FRAME_BYTES) return largeHeaders(id, fields);
    const begin = out.length;
    head(0, Frame.headers, Flag.endHeaders, id);
    try {
      encoder.encode(fields, out);
    } catch (error) {
      out.reset(begin);
      throw error;
    }
    out.setU24(begin, out.length - begin - HEAD_BYTES);
  }

  function largeHeaders(id: number, fields: readonly [string, string][]): void {
    const packed = byteSink();
    encoder.encode(fields, packed);
    const block = packed.take();
    for (let at = 0; at < block.length; at += FRAME_BYTES) {
      const part = block.subarray(at, at + FRAME_BYTES);
      const last = at + FRAME_BYTES >= block.length;
      head(part.length, at === 0 ? Frame.headers : Frame.continuation, last ? Flag.endHeaders : 0, id);
      out.bytes(part);
    }
  }

  return {
    get length() {
      return out.length;
    },
    take: out.take,
    begin(initialWindow) {
      out.bytes(Buffer.from(PREFACE));
      head(12, Frame.settings, 0, 0);
      setting(Setting.enablePush, 0);
      setting(Setting.initialWindowSize, initialWindow);
    },
    headers,
    data(id, bytes, end) {
      head(bytes.length, Frame.data, end ? Flag.endStream : 0, id);
      out.bytes(bytes);
    },
    rstStream(id, code) {
      head(4, Frame.rstStream, 0, id);
      out.u32(code);
    },
    settingsAck: () => head(0, Frame.settings, Flag.ack, 0),
    ping(payload, ack) {
      head(8, Frame.ping, ack ? Flag.ack : 0, 0);
      out.bytes(payload);
    },
    goaway(code, why) {
      const data = Buffer.from(why);
      head(8 + data.length, Frame.goaway, 0, 0);
      out.u32(0);
      out.u32(code);
      out.bytes(data);
    },
    windowUpdate,
    setTableSize: encoder.setTableSize,
  };
}
