/**
 * The isolate in which the rooms of all isolates meet: it numbers and keeps their messages, and knows who is there.
 *
 * @module
 */
import type {
  Broker,
  Channel,
  ChannelOptions,
  Entry,
  History,
  HistoryRange,
  PresenceNews,
  Publication,
} from "./broker.ts";

/** What an isolate asks of the hub, about a room that it has open by some channel of its own. */
export type Ask =
  & { readonly room: string; readonly channel: number }
  & (
    | { readonly type: "open"; readonly options: ChannelOptions }
    | { readonly type: "publish"; readonly publication: Publication<unknown>; readonly id: number }
    | { readonly type: "announce"; readonly news: PresenceNews<unknown> }
    | { readonly type: "history"; readonly range: HistoryRange; readonly id: number }
    | { readonly type: "close" }
  );

/** What the hub tells: all isolates, or the one that asked. */
export type Tell =
  & { readonly room: string }
  & (
    | {
      readonly type: "opened";
      readonly to: string;
      readonly channel: number;
      readonly last: number;
      readonly present: readonly PresenceNews<unknown>[];
    }
    | {
      readonly type: "entry";
      readonly entry: Entry<unknown>;
      /** Whose message it is, and which of theirs. */
      readonly from: string;
      readonly id: number;
    }
    | { readonly type: "presence"; readonly news: PresenceNews<unknown> }
    | {
      readonly type: "history";
      readonly to: string;
      readonly history: History<unknown>;
      readonly id: number;
    }
  );

/** Who has a room open: a channel of an isolate. */
interface User {
  readonly from: string;
  readonly people: Map<string, PresenceNews<unknown>>;
}

/** A room at the hub. */
interface Place {
  readonly channel: Channel<unknown, unknown>;
  /** The channels that have it open, and who is there by them. */
  readonly users: Map<string, User>;
}

/** Where the rooms of all isolates meet. */
export interface Hub {
  /** An isolate asks for something. */
  ask(from: string, ask: Ask): void;
  /** An isolate is gone, and everybody who was there by it. */
  gone(from: string): void;
}

/**
 * Makes a hub.
 *
 * @param broker Keeps the rooms
 * @param tell Tells the isolates
 */
export function hub(broker: Broker, tell: (one: Tell) => void): Hub {
  const places = new Map<string, Place>();
  /** Whose message is being published. */
  let publishing: { readonly from: string; readonly id: number } | undefined;

  function placeOf(room: string, options: ChannelOptions): Place {
    let place = places.get(room);
    if (place === undefined) {
      const channel = broker.open<unknown, unknown>(room, options, {
        entry: (entry) => tell({ type: "entry", room, entry, ...publishing! }),
        presence: (news) => tell({ type: "presence", room, news }),
        failed() {},
      });
      places.set(room, place = { channel, users: new Map() });
    }
    return place;
  }

  function close(room: string, user: string): void {
    const place = places.get(room);
    if (place === undefined || !place.users.delete(user) || place.users.size > 0) return;
    places.delete(room);
    place.channel.close();
  }

  return {
    ask(from, ask) {
      const { room, channel: number } = ask;
      const name = `${from} ${number}`;
      if (ask.type === "open") {
        const { channel, users } = placeOf(room, ask.options);
        const present = [...users.values()].flatMap(({ people }) => [...people.values()]);
        users.set(name, { from, people: new Map() });
        return tell({ type: "opened", room, to: from, channel: number, last: channel.last, present });
      }
      const place = places.get(room);
      const people = place?.users.get(name)?.people;
      if (place === undefined || people === undefined) return;
      switch (ask.type) {
        case "publish":
          publishing = { from, id: ask.id };
          place.channel.publish(ask.publication);
          break;
        case "announce":
          if (ask.news.type === "joined") people.set(ask.news.key, ask.news);
          else people.delete(ask.news.key);
          place.channel.announce(ask.news);
          break;
        case "history": {
          const history = place.channel.history(ask.range) as History<unknown>;
          tell({ type: "history", room, to: from, history, id: ask.id });
          break;
        }
        case "close":
          close(room, name);
      }
    },
    gone(from) {
      for (const [room, { channel, users }] of [...places]) {
        for (const [name, user] of [...users]) {
          if (user.from !== from) continue;
          for (const { key, id, data } of user.people.values()) {
            channel.announce({ type: "left", key, id, data, at: Date.now(), reason: "ended" });
          }
          close(room, name);
        }
      }
    },
  };
}
