/**
 * One member of a room: what waits for it, and what becomes of what has no room.
 *
 * @module
 */
import { sharedAccessors } from "../core/shared_accessors.ts";
import type { SendPort, SharedLane } from "../core/send_port.ts";
import type { SharedMessage } from "../core/shared_message.ts";
import type { LeaveReason } from "./broker.ts";
import { Queue } from "./queue.ts";
import type { Member, Policy } from "./types.ts";

/** A message on its way to members. */
export interface Delivery {
  readonly seq: number;
  readonly message: SharedMessage;
}

/** What a member needs to know. */
export interface LocalMemberOptions<Data> {
  /** The connection, unique among all processes. */
  readonly key: string;
  readonly id: string;
  readonly data: Data;
  readonly port: SendPort;
  readonly policy: Policy;
  readonly buffer: number;
  /** Number of the last message that is not for it, as it came before. */
  readonly after: number;
  /** Makes the error that its stream ends with when it is too slow; the user's own, which may fail. */
  readonly overloaded: () => unknown;
  /** Makes the error in place of one that `overloaded` does not make. */
  readonly tooSlow: () => unknown;
  /** Told, once, that it is out. */
  readonly gone: (reason: LeaveReason) => void;
  /** Told that a message waits beyond the buffer, by the policy `"wait"`, and that none does any more. */
  readonly crowded: (is: boolean) => void;
}

/** A member of this process. */
export interface LocalMember<Data> extends Member<Data> {
  readonly key: string;
  readonly port: SendPort;
  /** See {@linkcode SendPort.lane}; absent until it got its first message. */
  readonly lane?: SharedLane;
  /** Sends a message, or does by its policy what is to be done without room. */
  take(delivery: Delivery): void;
  /** Takes messages of before, in front of those that wait; from then on messages flow. */
  start(replay: readonly Delivery[]): void;
  touch(at: number): void;
  /** Resolves when what waits is not beyond the buffer any more, or the member is out. */
  uncrowded(): Promise<void>;
  /** Takes it out; what waits is still written unless dropped. Does nothing the second time. */
  leave(reason: LeaveReason): void;
  /** Resolves once what waits is written, or the stream is over. */
  flushed(): Promise<void>;
  /** Drops what waits. */
  drop(): void;
  /** Takes it out and ends its stream. */
  fail(reason: LeaveReason, error: unknown): void;
}

/** Gives a member what of it changes. */
export const withActivity = sharedAccessors("lastActive", "buffered", "dropped");

/** Makes a {@linkcode LocalMember}. Nothing flows before `start`. */
export function localMember<Data>(options: LocalMemberOptions<Data>): LocalMember<Data> {
  const { id, data, key, port, policy, buffer, gone, crowded } = options;
  const since = Date.now();
  let lastActive = since;
  let waiting = new Queue<Delivery>();
  /** Room that messages of before were given beyond the buffer, until that is enough. */
  let extra = 0;
  let { after } = options;
  let dropped = 0;
  let blocked = true;
  /** Whether one that waited is being written: an interceptor that broadcasts as it sees it comes after those that wait. */
  let draining = false;
  let started = false;
  let out = false;
  let over = false;
  let isCrowded = false;
  let room: PromiseWithResolvers<void> | undefined;
  let flush: PromiseWithResolvers<void> | undefined;

  function ended(): void {
    over = true;
    waiting.clear();
    leave("ended");
    settle();
  }
  const forget = port.onOver(ended);

  function leave(reason: LeaveReason): void {
    if (out) return;
    out = true;
    if (!started) {
      // What it missed until now was never promised.
      started = true;
      waiting.clear();
    }
    gone(reason);
    settle();
  }

  /** Tells those who wait for this member what they wait for, if it is so. */
  function settle(): void {
    if (isCrowded && (out || waiting.size <= buffer + extra)) {
      isCrowded = false;
      crowded(false);
      room?.resolve();
      room = undefined;
    }
    if (waiting.size > 0 || !started) return;
    flush?.resolve();
    flush = undefined;
    if (out) forget();
  }

  function write({ message }: Delivery): void {
    let written: void | Promise<void>;
    try {
      const { lane } = self;
      if (lane === undefined || lane.call.over || lane.call.closed) {
        written = port.write(message);
        self.lane = port.lane();
      } else {
        written = lane.write(message.frame(lane.codec, lane.view));
        if (written !== undefined) lane.note(written);
      }
    } catch {
      // Either its call is over, which ends it here, or this message cannot be encoded for it.
      if (port.over()) ended();
      else dropped++;
      return;
    }
    if (written === undefined) return;
    blocked = true;
    written.then(go, () => {
      // An interceptor did not let it pass.
      if (!port.over()) dropped++;
      go();
    });
  }

  function go(): void {
    blocked = false;
    draining = true;
    while (!blocked && waiting.size > 0) write(waiting.shift()!);
    draining = false;
    if (waiting.size <= buffer) extra = 0;
    settle();
  }

  /** What its stream ends with, in any case an error. */
  function overload(): unknown {
    try {
      return options.overloaded() ?? options.tooSlow();
    } catch (thrown) {
      return thrown ?? options.tooSlow();
    }
  }

  const self = withActivity({
    id,
    data,
    key,
    port,
    since,
    lane: undefined as SharedLane | undefined,
    take(delivery: Delivery): void {
      if (out || delivery.seq <= after) return;
      if (!blocked && !draining) return write(delivery);
      if (draining || waiting.size < buffer + extra) return waiting.push(delivery);
      switch (policy) {
        case "wait":
          waiting.push(delivery);
          if (isCrowded) return;
          isCrowded = true;
          return crowded(true);
        case "drop-oldest":
          dropped++;
          if (waiting.size === 0) return;
          waiting.shift();
          return waiting.push(delivery);
        case "drop-newest":
          dropped++;
          return;
        case "disconnect":
          dropped++;
          return fail("overloaded", overload());
      }
    },
    start(replay: readonly Delivery[]): void {
      if (started) return;
      started = true;
      after = Math.max(after, replay.at(-1)?.seq ?? after);
      const live = waiting;
      waiting = new Queue(replay);
      for (let next = live.shift(); next !== undefined; next = live.shift()) {
        if (next.seq > after) waiting.push(next);
      }
      go();
      if (waiting.size > buffer) extra = waiting.size;
    },
    touch(at: number): void {
      lastActive = at;
    },
    uncrowded: (): Promise<void> =>
      isCrowded ? (room ??= Promise.withResolvers()).promise : Promise.resolve(),
    leave,
    flushed(): Promise<void> {
      if (over || waiting.size === 0) return Promise.resolve();
      return (flush ??= Promise.withResolvers()).promise;
    },
    drop() {
      waiting.clear();
      settle();
    },
    fail,
  }, {
    lastActive: () => lastActive,
    buffered: () => waiting.size,
    dropped: () => dropped,
  });
  return self;

  function fail(reason: LeaveReason, error: unknown): void {
    leave(reason);
    port.fail(error);
  }
}
