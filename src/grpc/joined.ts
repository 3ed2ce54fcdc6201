/**
 * Many messages in one write. A write of HTTP/2 costs several times what a message costs, and grpc-js has one under way
 * at a time: what is sent meanwhile goes out together.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Gate } from "./flow.ts";

/** Compressed or not, and the length. */
const PREFIX_BYTES = 5;

/** What may wait for the write under way before the sender is told to wait, and what one write carries at most. */
const ROOM = { messages: 64, bytes: 64 * 1024 };

/** From here on a message is worth a write of its own, and no copy. */
const LARGE_BYTES = 16 * 1024;

/**
 * Joins messages for grpc-js, which takes one at a time: it writes a prefix, then has the message copy itself behind it.
 * Ours copies all of them, each but the first with its own prefix, and corrects the length of the first.
 *
 * @param messages Two or more, none of them compressed
 */
export function joined(messages: readonly Uint8Array[]): Buffer {
  let length = -PREFIX_BYTES;
  for (const message of messages) length += PREFIX_BYTES + message.length;
  const frames = Buffer.allocUnsafe(length);
  const first = messages[0]!.length;
  let at = 0;
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i]!;
    if (i > 0) {
      frames[at] = 0;
      frames.writeUInt32BE(message.length, at + 1);
      at += PREFIX_BYTES;
    }
    frames.set(message, at);
    at += message.length;
  }
  const copy: Buffer["copy"] = (target, start = 0, ...range) => {
    if (start === PREFIX_BYTES) (target as Buffer).writeUInt32BE(first, 1);
    return Buffer.prototype.copy.call(frames, target as Uint8Array, start, ...range);
  };
  frames.copy = copy;
  return frames;
}

/** Sends messages, as many at a time as there are. */
export interface Sender {
  /** Sends one. Returns nothing while there is room for more, else a promise for the room. */
  send(message: Uint8Array): void | Promise<void>;
  /** Calls `next`, once, when all is handed over that was sent: for what comes after it. */
  finish(next: () => void): void;
}

/** What messages go to, one after the other. */
export interface Sink {
  /** `done` is called once the next message may follow. */
  write(message: Uint8Array, done: (error?: Error | null) => void): void;
}

/**
 * Makes a {@linkcode Sender}.
 *
 * @param room Where those wait for whom there is none
 * @param joins Whether messages may be joined: none is compressed behind this
 */
export function sender(sink: Sink, room: Gate, joins: boolean): Sender {
  const waiting: Uint8Array[] = [];
  let bytes = 0;
  let writing = false;
  let after: (() => void) | undefined;

  /** Takes what goes into the next write. */
  function next(): Uint8Array {
    let count = 0;
    if (joins) {
      for (let size = 0; count < waiting.length && waiting[count]!.length < LARGE_BYTES; count++) {
        size += waiting[count]!.length;
        if (size > ROOM.bytes) break;
      }
    }
    const messages = count <= 1 ? waiting.splice(0, 1) : waiting.splice(0, count);
    for (const message of messages) bytes -= message.length;
    return messages.length === 1 ? messages[0]! : joined(messages);
  }

  function written(error?: Error | null): void {
    // The call's end tells it better.
    if (error) return;
    if (waiting.length === 0) writing = false;
    else write();
    room.open();
  }

  function write(): void {
    sink.write(next(), written);
    if (waiting.length === 0) after?.();
  }

  return {
    send(message) {
      if (!writing) {
        writing = true;
        sink.write(message, written);
        return;
      }
      waiting.push(message);
      bytes += message.length;
      if (waiting.length >= ROOM.messages || bytes >= ROOM.bytes) return room.wait();
    },
    finish(next) {
      if (waiting.length === 0) next();
      else after = next;
    },
  };
}
