/**
 * A room in use: its members in this process, and its end of the channel.
 *
 * @module
 */
import { attempt } from "../core/attempt.ts";
import { messageOf } from "../core/null_message.ts";
import { sendPortOf, type SharedLane } from "../core/send_port.ts";
import { quiet } from "../core/send_room.ts";
import { type SharedMessage, sharedMessage } from "../core/shared_message.ts";
import { TransientMap } from "../core/transient.ts";
import { fairness } from "../core/turn.ts";
import { builtinError } from "../errors/builtin.ts";
import type { Broker, Channel, Entry, History, LeaveReason, PresenceNews } from "./broker.ts";
import { checkOptions } from "./check_options.ts";
import { type Delivery, type LocalMember, localMember, withActivity } from "./member.ts";
import { presence } from "./presence.ts";
import type {
  BroadcastOptions,
  JoinOptions,
  Member,
  Membership,
  PresenceEvent,
  Replay,
  Room,
  RoomOptions,
} from "./types.ts";

/** A room in use. */
export interface LiveRoom<T, Data> extends Pick<Room<T, Data>, "join" | "broadcast" | "presence" | "size"> {
  readonly members: readonly Member<Data>[];
  readonly lastActive: number;
  /** Opens its channel, first of all. */
  open(): void;
  /** Whether nobody is in it or looks at it. */
  readonly idle: boolean;
  close(error?: unknown): void;
}

/** What a live room is told. */
export interface LiveRoomOptions<T, Data> {
  readonly name: string;
  readonly options: RoomOptions<T, Data>;
  readonly broker: Broker;
  /** Told of who comes and goes. */
  readonly tell: (event: PresenceEvent<Data>) => void;
  /** Told that it may be idle now. */
  readonly idle: () => void;
  /** Told, before its members are, that its broker is lost: who comes from now on needs another. */
  readonly failed: () => void;
  /** Broadcasts in the room that has the name by now, for those who were in this one. */
  readonly again: Room<T, Data>["broadcast"];
}

/** Tells connections of all processes apart. */
const PROCESS = crypto.randomUUID();
let connections = 0;

const NO_REPLAY: Replay = { count: 0, gap: false };

/** Opens a room. */
export function liveRoom<T, Data>(
  { name, options, broker, tell, idle, failed, again }: LiveRoomOptions<T, Data>,
): LiveRoom<T, Data> {
  const { history = 0, historyMs = Infinity, stamp } = options;
  const where = `room "${name}"`;
  const members = new TransientMap<string, LocalMember<Data>>();
  /** Whose connection a member is, for `except`. */
  const keys = new WeakMap<object, string>();
  /** Members that the policy "wait" waits for. */
  const crowded = new Set<LocalMember<Data>>();
  const people = presence<Data>(where);
  const breathe = fairness();
  const arrived: { readonly delivery: Delivery; readonly except?: readonly string[] }[] = [];
  let delivering = false;
  let lastActive = Date.now();
  /** The message that is being published, in the form that its members get if its number is what it will be. */
  let prepared: Delivery | undefined;

  /** Messages kept for late members, as they get them: encoded once for them, too. */
  const deliveries = new WeakMap<Entry<T>, Delivery>();

  /** Those who left, as long as the broker has not told so. */
  const farewells = new Map<string, PresenceNews<Data>>();
  /** What the broker tells before it has given the channel, which those who are told may want to use. */
  let early: (() => void)[] | undefined = [];
  let closed: { readonly error: unknown } | undefined;

  let channel: Channel<T, Data>;

  function open(): void {
    const later = <News>(hear: (news: News) => void) => (news: News) =>
      early === undefined ? hear(news) : void early.push(() => hear(news));
    channel = broker.open<T, Data>(name, { history, historyMs }, {
      entry: later(arrive),
      presence: later(hear),
      failed: later(lose),
    });
    for (let next = early!.shift(); next !== undefined && closed === undefined; next = early!.shift()) next();
    early = undefined;
  }

  function arrive(entry: Entry<T>): void {
    arrived.push({ delivery: deliveryOf(entry), except: entry.except });
    // A member that goes, or somebody told of it, may broadcast: its message comes after this one for everybody.
    if (delivering) return;
    delivering = true;
    try {
      for (let next = arrived.shift(); next !== undefined; next = arrived.shift()) {
        deliver(next.delivery, next.except);
      }
    } finally {
      delivering = false;
    }
  }

  function hear(news: PresenceNews<Data>): void {
    if (news.type === "left") farewells.delete(news.key);
    const event = people.take(news);
    if (event !== undefined) tell(event);
  }

  function lose(error: unknown): void {
    if (closed !== undefined) return;
    failed();
    close(error);
  }

  /** Tells the others who has left; a broker that cannot is lost. */
  function sayFarewell(news: PresenceNews<Data>): void {
    farewells.set(news.key, news);
    attempt(() => channel.announce(news), lose);
  }

  /** Throws when a message is invalid for a member, as far as that can be told. */
  function checkFor(message: SharedMessage): void {
    let last: SharedLane | undefined;
    members.forEach(({ lane, port }) => {
      if (lane === undefined) return port.check(message);
      // Mostly all of them get the same frame.
      if (lane.codec === last?.codec && lane.view === last.view) return;
      last = lane;
      message.frame(lane.codec, lane.view);
    });
  }

  function deliver(delivery: Delivery, except: readonly string[] | undefined): void {
    members.forEach((member) => {
      if (except === undefined || !isExcepted(member, except)) member.take(delivery);
    });
  }

  function isExcepted({ key, id }: { readonly key: string; readonly id: string }, except: readonly string[]) {
    return except.includes(key) || except.includes(id);
  }

  function deliveryOf(entry: Entry<T>): Delivery {
    let delivery = deliveries.get(entry);
    if (delivery === undefined) {
      delivery = prepared?.seq === entry.seq ? prepared : anyDeliveryFor(entry);
      if (history > 0) deliveries.set(entry, delivery);
    }
    return delivery;
  }

  function deliveryFor(message: T, seq: number): Delivery {
    const told = stamp === undefined ? message : stamp(message, seq);
    return { seq, message: sharedMessage(messageOf(told, where, "result")) };
  }

  /** What has its number already is not refused any more: who cannot get it has it among those that were dropped. */
  function anyDeliveryFor({ message, seq }: Entry<T>): Delivery {
    try {
      return deliveryFor(message, seq);
    } catch (error) {
      const frame = () => {
        throw error;
      };
      return { seq, message: { message, frame } };
    }
  }

  function namesOf(except: BroadcastOptions["except"]): readonly string[] | undefined {
    if (except === undefined) return undefined;
    const all = Array.isArray(except) ? except : [except];
    return all.map((one: string | Member<unknown>) =>
      typeof one === "string" ? one : keys.get(one) ?? one.id
    );
  }

  async function settled(seq: number): Promise<number> {
    await Promise.all([...crowded].map((member) => member.uncrowded()));
    return seq;
  }

  function published(seq: number): Promise<number> {
    if (crowded.size > 0) return settled(seq);
    return breathe()?.then(() => seq) ?? Promise.resolve(seq);
  }

  function broadcast(message: T, { except }: BroadcastOptions = {}): Promise<number> {
    const before = prepared;
    try {
      const next = deliveryFor(message, channel.last + 1);
      checkFor(next.message);
      lastActive = Date.now();
      prepared = next;
      const entry = channel.publish({ message, except: namesOf(except) });
      if (entry instanceof Promise) {
        return quiet(entry.finally(idle).then(({ seq }) => published(seq)));
      }
      idle();
      return published(entry.seq);
    } catch (error) {
      idle();
      return quiet(Promise.reject(error));
    } finally {
      prepared = before;
    }
  }

  function join(
    stream: Parameters<Room<T, Data>["join"]>[0],
    { id, data, policy, buffer, overloaded, since, last }: JoinOptions<Data> = {},
  ): Membership<T, Data> {
    try {
      checkOptions(`join ${where}`, { buffer, since, last }, policy);
    } catch (error) {
      idle();
      throw error;
    }
    const port = sendPortOf(stream);
    if (port === undefined || port.over()) {
      idle();
      throw port?.refusal() ??
        new TypeError(`Cannot join ${where}: the stream is not that of a handler's call`);
    }
    const key = `${PROCESS}-${++connections}`;
    let announced = false;
    const refused = (error: unknown) => member.fail("closed", error);
    const left = Promise.withResolvers<LeaveReason>();
    const replayed = Promise.withResolvers<Replay>();
    const limit = buffer ?? options.buffer ?? 256;
    const tooSlow = () =>
      builtinError("overloaded", `${port.where}: more than ${limit} messages of ${where} wait`);
    const member = localMember<Data>({
      key,
      id: id ?? key,
      data: data as Data,
      port,
      policy: policy ?? options.policy ?? "disconnect",
      buffer: limit,
      after: channel.last,
      overloaded: overloaded ?? tooSlow,
      tooSlow,
      gone(reason) {
        members.delete(key);
        lastActive = Date.now();
        if (announced || people.present.has(key)) {
          sayFarewell({ type: "left", key, id: member.id, data: member.data, at: lastActive, reason });
        }
        replayed.resolve(NO_REPLAY);
        left.resolve(reason);
        idle();
      },
      crowded(is) {
        if (is) crowded.add(member);
        else crowded.delete(member);
      },
    });

    function start({ entries, gap }: History<T>): void {
      const mine = entries.filter(({ except }) => except === undefined || !isExcepted(member, except));
      replayed.resolve({ count: mine.length, gap });
      member.start(mine.map(deliveryOf));
    }

    members.set(key, member);
    lastActive = member.since;
    try {
      const past = since === undefined && last === undefined ? undefined : channel.history({ since, last });
      if (past instanceof Promise) past.then(start, refused);
      else start(past ?? { entries: [], gap: false });
      // What it was sent may have ended its call.
      announced = members.get(key) !== undefined;
      const told = announced && channel.announce({
        type: "joined",
        key,
        id: member.id,
        data: member.data,
        at: member.since,
      });
      if (told instanceof Promise) told.catch(refused);
    } catch (error) {
      // The broker does not take it, or what is known of it.
      announced = false;
      member.leave("closed");
      member.drop();
      throw error;
    }
    // Whoever was told of it may have closed the room, as may its broker.
    if (closed !== undefined) showOut(member, closed);
    const membership = membershipOf(member, left.promise, replayed.promise);
    keys.set(membership, key);
    keys.set(member, key);
    return membership;
  }

  function membershipOf(
    member: LocalMember<Data>,
    left: Promise<LeaveReason>,
    replayed: Promise<Replay>,
  ): Membership<T, Data> {
    const leave = () => {
      member.leave("left");
      return member.flushed();
    };
    return withActivity({
      id: member.id,
      data: member.data,
      since: member.since,
      left,
      replayed,
      broadcast(message: T) {
        member.touch(Date.now());
        return closed !== undefined
          ? again(message, { except: member.key })
          : broadcast(message, { except: member });
      },
      touch: () => member.touch(Date.now()),
      leave,
      [Symbol.asyncDispose]: leave,
      [Symbol.dispose]() {
        member.leave("left");
        member.drop();
      },
    }, {
      lastActive: () => member.lastActive,
      buffered: () => member.buffered,
      dropped: () => member.dropped,
    });
  }

  function showOut(member: LocalMember<Data>, { error }: { readonly error: unknown }): void {
    if (error === undefined) member.leave("closed");
    else member.fail("closed", error);
  }

  function close(error?: unknown): void {
    if (closed !== undefined) return;
    closed = { error };
    for (const member of members.all()) showOut(member, closed);
    // A broker that takes its time would tell of them when nobody listens any more.
    for (const news of [...farewells.values()]) hear(news);
    people.end();
    // It was let go of, whatever the broker makes of that.
    attempt(() => channel.close());
  }

  return {
    open,
    join,
    broadcast,
    presence: () => people.watch(idle),
    get size() {
      return people.present.size;
    },
    get members() {
      return [...people.present.values()].map((news) => members.get(news.key) ?? elsewhere(news));
    },
    get lastActive() {
      return lastActive;
    },
    get idle() {
      return members.size === 0 && people.watchers === 0;
    },
    close,
  };
}

/** A member of another process, as far as is known. */
function elsewhere<Data>(
  { id, data, at }: { readonly id: string; readonly data: Data; readonly at: number },
): Member<Data> {
  return { id, data, since: at, lastActive: at, buffered: 0, dropped: 0 };
}
