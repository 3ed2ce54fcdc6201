/**
 * One end of a `goats.v1` stream, whatever connection carries it at the moment: numbering, flow control both ways,
 * batches, acknowledgement, and what is sent anew after a broken connection. See PROTOCOL.md.
 *
 * Both ends are alike. A session knows nothing of sockets: a {@linkcode Link} is attached, and lost, and another is
 * attached.
 *
 * @module
 */
import { type Inbox, inbox } from "../core/inbox.ts";
import { inNextTurn } from "../core/turn.ts";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import { type Frame, parseTogether, partsOf } from "./batch.ts";
import { type Control, decodeControl, encodeControl, type Grant } from "./control.ts";
import { exceeds } from "./text.ts";

/** What carries frames at the moment. */
export interface Link {
  /** Queues a text frame or a binary one. */
  send(data: string | Uint8Array<ArrayBuffer>): void;
}

/** How much a session takes before its reader has. */
export interface Window {
  /** Messages. */
  readonly messages: number;
  /** Their size in UTF-16 code units; exceeded by the last message alone. */
  readonly size: number;
}

/** What both ends may send before they are granted more. */
export const FIRST_WINDOW: Window = { messages: 64, size: 65_536 };

/** What a {@linkcode Session} needs to know. */
export interface SessionOptions {
  /** `service.method`, for messages. */
  readonly where: string;
  /** What is taken in advance of the reader. At least {@linkcode FIRST_WINDOW} is, until the first grant. */
  readonly window: Window;
  /** Largest message taken, in bytes of UTF-8. */
  readonly messageBytes: number;
  /** Told of control frames that the session has no use for itself. */
  readonly control: (control: Control) => void;
  /** Told when the peer breaks the rules. The session takes nothing more from it, but can still send. */
  readonly violated: (error: ServiceError) => void;
  /**
   * Largest frame that does not have to wait for the peer's acknowledgement of what little the runtime writes ahead of
   * it: until there is much to send, none is larger.
   */
  readonly smallFrame?: number;
  /** Whether something is sent soon after messages or a grant came, as a peer with `smallFrame` counts on. */
  readonly prompt?: boolean;
  /** Whether messages that come in one frame are parsed together. */
  readonly together?: boolean;
  /** Whether the peer has no messages to send (a method without streaming payload): then any is a violation. */
  readonly silentPeer?: boolean;
}

/** One end of a stream. */
export interface Session {
  /** What was received and not yet read. */
  readonly inbox: Inbox<Frame>;
  /** Queues a message: see `write` of the exchanges. */
  write(frame: string): void | Promise<void>;
  /**
   * Queues the last word behind all messages; it is sent again after each resume.
   *
   * @param last Makes it of the number of messages before it
   */
  finish(last: (messages: number) => Control): void;
  /** The same, but messages that were not sent yet are dropped. */
  finishNow(last: (messages: number) => Control): void;
  /** Whether the last word was handed to a link that is still attached. */
  finished(): boolean;
  /** Starts, or goes on, on a new link. A link attached before is let go of. */
  attach(link: Link): void;
  /** The link is lost: nothing is sent until another is attached. */
  detach(): void;
  /** Takes a frame of the attached link. */
  receive(data: string | ArrayBuffer): void;
  /** Sends a control frame at once, if a link is attached. */
  control(control: Control): void;
  /** How far the peer may send by now. */
  grant(): Grant;
  /** Takes the peer's word on where it stands after a resume: what it does not have is sent again. */
  resume(grant: Grant): ServiceError | undefined;
  /** Takes the peer's first grant. */
  start(grant: Grant): void;
  /**
   * Rejects waiting and later writes with what `why` makes, asked only if there are any; drops all that is kept. Leaves
   * nothing behind.
   */
  stop(why: () => unknown): void;
  /** Messages sent, or to be sent, that the peer has not acknowledged. */
  buffered(): { readonly messages: number; readonly bytes: number };
  /** Messages received in all. */
  received(): number;
}

/** A frame is closed at this size: more in one gains nothing (runtime.md, fact 6). */
const FRAME_SIZE = 64 * 1024;
/** From this much on the number of frames counts for more than how soon the first of them arrives. */
const BULK_SIZE = 16 * 1024;
/** So much may wait for a grant or a link before writers wait. */
const HIGH_MESSAGES = 1024;
const HIGH_SIZE = 256 * 1024;

/** Makes one end of a stream. */
export function session(options: SessionOptions): Session {
  const { where, window, messageBytes, smallFrame } = options;
  /** Messages that the peer has not acknowledged, the oldest first. */
  let log: string[] = [];
  /** Place in `log` of the first message not sent on this link. */
  let next = 0;
  /** Messages acknowledged, and their size. */
  let acked = 0;
  let ackedSize = 0;
  /** Size of the messages in `log` before and from `next` on. */
  let sentSize = 0;
  let unsentSize = 0;
  let allowed: Window = FIRST_WINDOW;
  let last: ((messages: number) => Control) | undefined;
  let lastSent = false;
  let link: Link | undefined;
  /** Whether messages may be sent on the link: after a resume only once the peer has said where it stands. */
  let ready = false;
  let began = false;
  let stopped: (() => unknown) | undefined;
  let room: PromiseWithResolvers<void> | undefined;
  let cancelFlush: (() => void) | undefined;

  let received = 0;
  let receivedSize = 0;
  let consumed = 0;
  let consumedSize = 0;
  /** What the peer was told that it may do. */
  let granted: Window = FIRST_WINDOW;
  let grantDue = false;
  /**
   * Whether messages leave one at a time: then one that answers a message is not kept for the end of the turn, as in a
   * talk to and fro. A second one in the same turn says that it was a mistake.
   */
  let alone = false;
  /** Whether messages came since the last one was sent. */
  let asked = false;
  /** Whether one left at once since the last flush at the end of a turn. */
  let hasty = false;
  /** Whether messages came since anything was sent. */
  let heard = false;
  /** Once this much is consumed a new grant is due: half a window, so that grants are rare and the peer never waits. */
  let grantAt = FIRST_WINDOW.messages >> 1;
  let grantAtSize = FIRST_WINDOW.size >> 1;
  let peerEnded = false;
  /** Whether the peer has broken the rules: it is not listened to any more. */
  let deaf = false;

  const queue = inbox<Frame>({ taken: (frame) => consume(1, frame.length) });

  function consume(messages: number, size: number): void {
    consumed += messages;
    consumedSize += size;
    if (consumed < grantAt && consumedSize < grantAtSize) return;
    if (grantDue || peerEnded) return;
    grantDue = true;
    plan();
  }

  function makeGrant(): Grant {
    granted = {
      messages: Math.max(consumed + window.messages, granted.messages),
      size: Math.max(consumedSize + window.size, granted.size),
    };
    grantDue = false;
    // What was granted and is not used up is worth a new grant when half of the window is.
    grantAt = granted.messages - (window.messages >> 1);
    grantAtSize = granted.size - Math.floor(window.size / 2);
    return { received, ...granted };
  }

  function plan(): void {
    if (cancelFlush === undefined && link !== undefined && stopped === undefined) {
      cancelFlush = inNextTurn(flushTurn);
    }
  }

  /** Has something sent by the end of the turn, as the peer may wait for that. */
  function listen(): void {
    if (!options.prompt || heard) return;
    heard = true;
    plan();
  }

  /** Sends what has gathered in a turn. */
  function flushTurn(): void {
    const before = acked + next;
    flush();
    const sent = acked + next - before;
    if (sent === 0) return;
    asked = false;
    alone = sent === 1 && !hasty;
    hasty = false;
  }

  /** Sends what may be sent; tells whether that was anything. */
  function flush(): boolean {
    cancelFlush?.();
    cancelFlush = undefined;
    if (link === undefined || stopped !== undefined) return false;
    const sent = ready && sendMessages(link);
    // Behind the messages: the second of two small writes waits for the peer's acknowledgement of the first (RFC 896).
    // That comes at once with whatever is sent, so where nothing else is, a grant is, for the peer's sake.
    const granting = grantDue || (heard && !sent);
    if (granting) link.send(encodeControl({ type: "grant", grant: makeGrant() }));
    heard = false;
    if (!ready) return granting;
    if (last !== undefined && !lastSent && next === log.length) {
      lastSent = true;
      link.send(encodeControl(last(acked + next)));
    }
    if (room !== undefined && log.length - next < HIGH_MESSAGES / 2 && unsentSize < HIGH_SIZE / 2) {
      const waiting = room;
      room = undefined;
      waiting.resolve();
    }
    return sent || granting;
  }

  /** Sends what may be sent; tells whether that was anything. */
  function sendMessages(to: Link): boolean {
    const most = smallFrame !== undefined && unsentSize < BULK_SIZE ? smallFrame : undefined;
    for (let sent = false;; sent = true) {
      const end = Math.min(log.length, allowed.messages - acked);
      // Absolute, as grants are.
      let size = ackedSize + sentSize;
      const start = size;
      const first = next;
      while (next < end && size < allowed.size && size - start < FRAME_SIZE) {
        const { length } = log[next]!;
        if (most !== undefined && next > first && size - start + next - first + length > most) break;
        size += length;
        next++;
      }
      if (next === first) return sent;
      sentSize += size - start;
      unsentSize -= size - start;
      const whole = first === 0 && next === log.length;
      to.send(
        next === first + 1 ? log[first]! : (whole ? log : log.slice(first, next)).join("\n"),
      );
    }
  }

  /** Forgets what the peer has. Returns whether that can be. */
  function acknowledge(count: number, limit: number): boolean {
    if (count < acked || count > limit) return false;
    const n = count - acked;
    if (n === 0) return true;
    let size = 0;
    if (n === log.length) size = sentSize + unsentSize;
    else for (let i = 0; i < n; i++) size += log[i]!.length;
    log = n === log.length ? [] : log.slice(n);
    acked = count;
    ackedSize += size;
    sentSize -= size;
    next -= n;
    return true;
  }

  function allow({ messages, size }: Grant): void {
    if (messages > allowed.messages || size > allowed.size) {
      allowed = { messages: Math.max(messages, allowed.messages), size: Math.max(size, allowed.size) };
    }
  }

  function violated(message: string): void {
    deaf = true;
    options.violated(new ServiceError("decode_payload", `${where}: the peer breaks goats.v1: ${message}`));
  }

  function take(text: string): void {
    if (peerEnded) return violated("a message follows the end");
    if (options.silentPeer) return violated("there are no messages to send");
    const frames = text.includes("\n") ? text.split("\n") : [text];
    const { length } = frames;
    const size = text.length - length + 1;
    received += length;
    receivedSize += size;
    asked = true;
    listen();
    // The size may be exceeded by the last message alone.
    const before = receivedSize - frames[length - 1]!.length;
    if (received > granted.messages || before >= granted.size) {
      return violated("it sent more than it was granted");
    }
    if (text.length * 3 > messageBytes && frames.some((frame) => exceeds(frame, messageBytes))) {
      deaf = true;
      options.violated(
        builtinError("too_large", `${where}: message is larger than ${messageBytes} bytes`),
      );
      return;
    }
    if (queue.discarded || queue.over) return consume(length, size);
    const messages = options.together ? parseTogether(frames) : frames;
    queue.pushAll(messages === frames ? partsOf(frames, text.length) : messages);
  }

  function takeControl(bytes: Uint8Array): void {
    let control: Control;
    try {
      control = decodeControl(bytes);
    } catch (cause) {
      return violated(`a control frame is malformed: ${(cause as Error).message}`);
    }
    switch (control.type) {
      case "grant":
        if (!acknowledge(control.grant.received, acked + next)) {
          return violated("it acknowledges what it never got");
        }
        allow(control.grant);
        // A message that the peer sends behind it waits for the acknowledgement of this grant (see `flush`).
        return flush() ? undefined : listen();
      case "ping":
        if (!acknowledge(control.received, acked + next)) {
          return violated("it acknowledges what it never got");
        }
        return send({ type: "pong", id: control.id, received });
      case "pong":
        if (!acknowledge(control.received, acked + next)) {
          return violated("it acknowledges what it never got");
        }
        break;
      case "end":
      case "error":
        if (control.messages !== received) {
          return violated(`it ends after ${control.messages} messages, of which ${received} arrived`);
        }
        // After a resume the last word is said again.
        if (peerEnded) return;
        peerEnded = true;
    }
    options.control(control);
  }

  function send(control: Control): void {
    link?.send(encodeControl(control));
  }

  function detach(): void {
    link = undefined;
    ready = false;
    heard = false;
    cancelFlush?.();
    cancelFlush = undefined;
  }

  return {
    inbox: queue,
    write(frame) {
      if (stopped !== undefined) return Promise.reject(stopped());
      log.push(frame);
      unsentSize += frame.length;
      if (alone && asked && ready && next === log.length - 1) {
        asked = false;
        hasty = true;
        flush();
        return;
      }
      if (cancelFlush === undefined) plan();
      if (log.length - next < HIGH_MESSAGES && unsentSize < HIGH_SIZE) return;
      if (room === undefined && ready) {
        flush();
        if (log.length - next < HIGH_MESSAGES && unsentSize < HIGH_SIZE) return;
      }
      if (room === undefined) {
        room = Promise.withResolvers();
        // Who waits is told; a write that nobody waits for must not end the process when it fails.
        room.promise.catch(() => {});
      }
      return room.promise;
    },
    finish(makes) {
      if (last !== undefined || stopped !== undefined) return;
      last = makes;
      plan();
    },
    finishNow(makes) {
      if (stopped !== undefined || lastSent) return;
      log.length = next;
      unsentSize = 0;
      last = makes;
      flush();
    },
    finished: () => lastSent && link !== undefined,
    attach(to) {
      detach();
      if (stopped !== undefined) return;
      link = to;
      lastSent = false;
      // The first link carries on from nothing; on a later one the peer has to say where it stands.
      ready = !began;
      began = true;
      if (ready && (log.length > 0 || last !== undefined || grantDue)) plan();
    },
    detach,
    receive(data) {
      if (link === undefined || stopped !== undefined || deaf) return;
      if (typeof data === "string") take(data);
      else takeControl(new Uint8Array(data));
    },
    control: send,
    grant: makeGrant,
    start(grant) {
      allow(grant);
      flush();
    },
    resume(grant) {
      if (!acknowledge(grant.received, acked + next)) {
        return new ServiceError("decode_payload", `${where}: the peer resumes where it never was`);
      }
      // All that is left was sent in vain, if it was sent.
      unsentSize += sentSize;
      sentSize = 0;
      next = 0;
      allow(grant);
      ready = true;
      flush();
      return undefined;
    },
    stop(why) {
      if (stopped !== undefined) return;
      stopped = why;
      detach();
      log = [];
      next = sentSize = unsentSize = 0;
      const waiting = room;
      room = undefined;
      waiting?.reject(why());
    },
    buffered: () => ({ messages: log.length, bytes: sentSize + unsentSize }),
    received: () => received,
  };
}
