/**
 * The broker within a process.
 *
 * @module
 */
import type {
  Broker,
  Channel,
  ChannelOptions,
  Entry,
  HistoryRange,
  PresenceNews,
  Publication,
  Subscriber,
} from "./broker.ts";
import { type Teller, teller } from "./teller.ts";

/** What the ends of one room share. */
interface Log {
  last: number;
  /** The oldest message kept is at `head`. */
  entries: Entry<unknown>[];
  head: number;
  readonly present: Map<string, PresenceNews<unknown>>;
  readonly subscribers: Set<Subscriber<unknown, unknown>>;
  /** Whom is told what. */
  readonly order: Teller<Subscriber<unknown, unknown>>;
}

/** How many numbers a millisecond has: far more than messages. */
const PER_MS = 1000;

/**
 * Makes a broker for the rooms of one process. A room that nobody has open is forgotten with its messages; numbers start
 * from the time, so that they grow even so, and from one run of the process to the next.
 *
 * Rooms have one of their own unless they are given another; two that are given the same one are the same room.
 *
 * @example
 * ```ts
 * import { localBroker, room } from "@x/goats/rooms";
 * import { assertEquals } from "@std/assert";
 *
 * const broker = localBroker();
 * const here = room<string>("lobby", { broker, history: 10 });
 * const there = room<string>("lobby", { broker, history: 10 });
 * assertEquals(await here.broadcast("hello") > 0, true);
 * here.close();
 * there.close();
 * ```
 */
export function localBroker(): Broker {
  const logs = new Map<string, Log>();
  let highest = 0;
  return {
    open<T, Data>(name: string, options: ChannelOptions, subscriber: Subscriber<T, Data>): Channel<T, Data> {
      let log = logs.get(name);
      if (log === undefined) {
        highest = Math.max(highest, Date.now() * PER_MS);
        log = {
          last: highest,
          entries: [],
          head: 0,
          present: new Map(),
          subscribers: new Set(),
          order: teller(),
        };
        logs.set(name, log);
      }
      const opened = log;
      const listener = subscriber as Subscriber<unknown, unknown>;
      for (const news of opened.present.values()) listener.presence(news);
      opened.subscribers.add(listener);
      return {
        ...localChannel(opened, options) as Omit<Channel<T, Data>, "last">,
        get last() {
          return opened.last;
        },
        close() {
          opened.subscribers.delete(listener);
          if (opened.subscribers.size > 0 || logs.get(name) !== opened) return;
          logs.delete(name);
          highest = Math.max(highest, opened.last);
        },
      };
    },
  };
}

function localChannel(
  log: Log,
  { history, historyMs }: ChannelOptions,
): Omit<Channel<unknown, unknown>, "close" | "last"> {
  function forget(): void {
    const oldest = Date.now() - historyMs;
    const { entries } = log;
    while (
      log.head < entries.length && (entries.length - log.head > history || entries[log.head]!.at < oldest)
    ) {
      entries[log.head++] = undefined as unknown as Entry<unknown>;
    }
    if (log.head > history && log.head * 2 >= entries.length) {
      log.entries = entries.slice(log.head);
      log.head = 0;
    }
  }

  return {
    publish({ message, except }: Publication<unknown>) {
      log.order.settle();
      const entry: Entry<unknown> = { seq: ++log.last, at: Date.now(), message, ...(except && { except }) };
      if (history > 0) {
        log.entries.push(entry);
        forget();
      }
      log.order.tell(log.subscribers, (subscriber) => subscriber.entry(entry));
      return entry;
    },
    announce(news) {
      log.order.settle();
      if (news.type === "joined") log.present.set(news.key, news);
      else log.present.delete(news.key);
      log.order.tell(log.subscribers, (subscriber) => subscriber.presence(news));
    },
    history({ since, last = Infinity }: HistoryRange) {
      forget();
      const kept = log.entries.length - log.head;
      // Without a gap, the oldest one kept tells how many are after `since`.
      const wanted = since === undefined ? (last === Infinity ? 0 : kept) : Math.max(0, log.last - since);
      const count = Math.min(wanted, kept, Math.max(0, last));
      return {
        entries: count === 0 ? [] : log.entries.slice(-count),
        gap: since !== undefined && (wanted > count || since > log.last),
      };
    },
  };
}
