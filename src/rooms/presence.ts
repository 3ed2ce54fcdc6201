/**
 * Who is in a room, and those who want to be told.
 *
 * @module
 */
import { builtinError } from "../errors/builtin.ts";
import type { PresenceNews } from "./broker.ts";
import type { PresenceEvent } from "./types.ts";

/** Events that a reader may be behind. */
const BEHIND = 1000;

/** The presence of one room. */
export interface Presence<Data> {
  /** How many streams are read. */
  readonly watchers: number;
  /** Everybody there, by key of their connection. */
  readonly present: ReadonlyMap<string, PresenceNews<Data>>;
  /** Takes news; returns what to tell of it, or `undefined` when it is none. */
  take(news: PresenceNews<Data>): PresenceEvent<Data> | undefined;
  /** Makes a stream of events; `left` is called when nobody reads it any more. */
  watch(left: () => void): ReadableStream<PresenceEvent<Data>>;
  /** Ends the streams. */
  end(): void;
}

/**
 * Makes a {@linkcode Presence}.
 *
 * @param where What it is the presence of, for messages
 */
export function presence<Data>(where: string): Presence<Data> {
  const present = new Map<string, PresenceNews<Data>>();
  const connections = new Map<string, number>();
  const watchers = new Map<ReadableStreamDefaultController<PresenceEvent<Data>>, () => void>();

  const eventOf = (news: PresenceNews<Data>): PresenceEvent<Data> => ({
    ...news,
    connections: connections.get(news.id) ?? 0,
  });

  function tell(
    controller: ReadableStreamDefaultController<PresenceEvent<Data>>,
    event: PresenceEvent<Data>,
  ) {
    if (controller.desiredSize! > 0) return controller.enqueue(event);
    const left = watchers.get(controller);
    watchers.delete(controller);
    controller.error(
      builtinError("overloaded", `${where}: ${BEHIND} events of who comes and goes are unread`),
    );
    left?.();
  }

  return {
    present,
    get watchers() {
      return watchers.size;
    },
    take(news) {
      const { key, id, type } = news;
      if (present.has(key) === (type === "joined")) return undefined;
      const count = (connections.get(id) ?? 0) + (type === "joined" ? 1 : -1);
      if (count === 0) connections.delete(id);
      else connections.set(id, count);
      if (type === "joined") present.set(key, news);
      else present.delete(key);
      const event = eventOf(news);
      for (const controller of [...watchers.keys()]) tell(controller, event);
      return event;
    },
    watch(left) {
      let own: ReadableStreamDefaultController<PresenceEvent<Data>>;
      return new ReadableStream<PresenceEvent<Data>>({
        start(controller) {
          own = controller;
          watchers.set(controller, left);
          for (const news of present.values()) controller.enqueue(eventOf(news));
        },
        cancel() {
          watchers.delete(own);
          left();
        },
      }, { highWaterMark: present.size + BEHIND });
    },
    end() {
      for (const controller of watchers.keys()) controller.close();
      watchers.clear();
    },
  };
}
