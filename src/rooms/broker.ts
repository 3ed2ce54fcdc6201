/**
 * What a room needs of whatever connects the processes that serve it: a log of messages with numbers, and news of who
 * comes and goes. `local_broker.ts` is the one within a process; others answer with promises where these do not.
 *
 * @module
 */

/** Why a member is not in a room any more. */
export type LeaveReason =
  /** It left. */
  | "left"
  /** Its stream has ended, whoever ended it. */
  | "ended"
  /** It was too slow, by the policy `"disconnect"`. */
  | "overloaded"
  /** The room was closed. */
  | "closed";

/** A message to be published. */
export interface Publication<T> {
  /** The message. */
  readonly message: T;
  /** Ids, or keys of connections, of those who shall not get it. */
  readonly except?: readonly string[];
}

/** A published message. */
export interface Entry<T> extends Publication<T> {
  /** Its number: one more than that of the message before. */
  readonly seq: number;
  /** When it was published, in ms since the epoch. */
  readonly at: number;
}

/** Which of the messages of before are asked for. */
export interface HistoryRange {
  /** Those after the one with this number. */
  readonly since?: number;
  /** At most so many, the latest. */
  readonly last?: number;
}

/** Messages of before. */
export interface History<T> {
  /** In order, without a gap between them. */
  readonly entries: readonly Entry<T>[];
  /** Whether messages after `since` are not kept any more. */
  readonly gap: boolean;
}

/** Somebody who comes or goes, as processes tell one another. */
export interface PresenceNews<Data> {
  /** What happened. */
  readonly type: "joined" | "left";
  /** The connection, unique among all processes. */
  readonly key: string;
  /** Who it is. */
  readonly id: string;
  /** What is known of them. */
  readonly data: Data;
  /** When, in ms since the epoch. */
  readonly at: number;
  /** Why they left. */
  readonly reason?: LeaveReason;
}

/** A room of one process, as its channel sees it. */
export interface Subscriber<T, Data> {
  /** Takes a message: every one that is published while the channel is open, in the order of their numbers. */
  entry(entry: Entry<T>): void;
  /** Takes news of members of any process, its own included; at first those who are there already. */
  presence(news: PresenceNews<Data>): void;
  /** The broker is lost, and its messages with it. */
  failed(error: unknown): void;
}

/** What a room wants of its channel. */
export interface ChannelOptions {
  /** Messages to keep for those who come late. */
  readonly history: number;
  /** How long to keep them, in ms. */
  readonly historyMs: number;
}

/** One process's end of a room. */
export interface Channel<T, Data> {
  /** Number of the last message that this end knows of. */
  readonly last: number;
  /** Gives a message its number, keeps it, and passes it to every subscriber, that of this end included. */
  publish(publication: Publication<T>): Entry<T> | Promise<Entry<T>>;
  /** Passes news of a member of this process to every subscriber, that of this end included. */
  announce(news: PresenceNews<Data>): void | Promise<void>;
  /** Messages of before. */
  history(range: HistoryRange): History<T> | Promise<History<T>>;
  /** Lets go of the channel: nobody in this process listens any more. */
  close(): void | Promise<void>;
}

/** Where rooms of one name meet. */
export interface Broker {
  /**
   * Opens a channel.
   *
   * @param name Name of the room
   * @param options What it keeps
   * @param subscriber What it tells
   */
  open<T, Data>(
    name: string,
    options: ChannelOptions,
    subscriber: Subscriber<T, Data>,
  ): Channel<T, Data>;
}
