/**
 * What users see of rooms.
 *
 * @module
 */
import type { Sending } from "../core/call.ts";
import type { Broker, HistoryRange, LeaveReason, PresenceNews } from "./broker.ts";

/**
 * What becomes of a message for a member who has no room for it, once `buffer` messages wait already:
 *
 * - `"wait"`: it waits too, and the promise of `broadcast` with it;
 * - `"drop-oldest"`: the one that waits longest is dropped;
 * - `"drop-newest"`: it is dropped itself;
 * - `"disconnect"`: the member's stream ends with an error, `overloaded` unless `join` was told another.
 */
export type Policy = "wait" | "drop-oldest" | "drop-newest" | "disconnect";

/** How a room is. */
export interface RoomOptions<T, Data = undefined> {
  /** What becomes of messages for slow members; `join` may say otherwise. Default `"disconnect"`. */
  readonly policy?: Policy;
  /** Messages that may wait for a member, on top of those that its connection holds. Default 256. */
  readonly buffer?: number;
  /** Messages kept for those who come late. Default 0. */
  readonly history?: number;
  /** How long they are kept, in ms. Default: as long as there are not more than `history`. */
  readonly historyMs?: number;
  /**
   * Makes what members get of what was broadcast, once for all of them: to put the message's number into it, so that a
   * member can tell `since` which one to go on.
   */
  readonly stamp?: (message: T, seq: number) => T;
  /** Told of everybody who comes and goes. What it throws, or rejects with, is dropped. */
  readonly presence?: (event: PresenceEvent<Data>, room: Room<T, Data>) => void;
  /** Where rooms of one name meet. Default: in this process, those of this call alone. */
  readonly broker?: Broker;
}

/** How {@linkcode rooms} are: as one room is, and how they end. */
export interface RoomsOptions<T, Data = undefined> extends RoomOptions<T, Data> {
  /** ms that an empty room, and its history, is kept. Default 0: it is forgotten as the last member leaves. */
  readonly keepMs?: number;
}

/** How somebody joins. */
export interface JoinOptions<Data = undefined> extends HistoryRange {
  /** Who it is; the same for several connections of one person. Default: a name of its own for each. */
  readonly id?: string;
  /** What others shall know of them. */
  readonly data?: Data;
  /** See {@linkcode RoomOptions.policy}. */
  readonly policy?: Policy;
  /** See {@linkcode RoomOptions.buffer}. */
  readonly buffer?: number;
  /**
   * Makes the error that a member's stream ends with who is too slow; `call.error("too_slow")`, say. What it throws is
   * that error, too.
   */
  readonly overloaded?: () => unknown;
}

/** Somebody in a room. Properties tell how it is now. */
export interface Member<Data = undefined> {
  /** Who it is. */
  readonly id: string;
  /** What `join` was told of them. */
  readonly data: Data;
  /** When it joined, in ms since the epoch. */
  readonly since: number;
  /** When it last joined, broadcast or was {@linkcode Membership.touch}ed, in ms since the epoch. */
  readonly lastActive: number;
  /** Messages that wait for it here. 0 for members of other processes. */
  readonly buffered: number;
  /** Messages that it did not get, by its policy or because they could not be encoded for it. */
  readonly dropped: number;
}

/** What a member who came late was sent first. */
export interface Replay {
  /** How many messages. */
  readonly count: number;
  /** Whether there were more after `since`: not kept any more, or more than `last`. */
  readonly gap: boolean;
}

/** What `join` gives: a member, as its own handler has it. */
export interface Membership<T, Data = undefined> extends Member<Data>, AsyncDisposable, Disposable {
  /** Resolves once the member is out of the room, with the reason. Never rejects. */
  readonly left: Promise<LeaveReason>;
  /** What of the messages of before was put in front of the new ones. Never rejects. */
  readonly replayed: Promise<Replay>;
  /** Sends a message to everybody else in the room; see {@linkcode Room.broadcast}. */
  broadcast(message: T): Promise<number>;
  /** Takes down that the member was active now. */
  touch(): void;
  /**
   * Leaves the room: no message is added from now on. Resolves once those that wait were written, or the stream is over.
   * So does `await using`; `using` leaves and drops them.
   */
  leave(): Promise<void>;
}

/** Somebody has come or gone. */
export interface PresenceEvent<Data = undefined> extends PresenceNews<Data> {
  /** Connections with the same id in the room now: 1 for the first one that joined, 0 after the last has left. */
  readonly connections: number;
}

/** How a message is broadcast. */
export interface BroadcastOptions {
  /** Who shall not get it: memberships, or ids of members. */
  readonly except?: string | Member<unknown> | readonly (string | Member<unknown>)[];
}

/** A room: what is broadcast there is sent to the streams of all who are in it. */
export interface Room<T, Data = undefined> {
  /** Its name. */
  readonly name: string;
  /** How many members it has. */
  readonly size: number;
  /** Who is there. */
  readonly members: readonly Member<Data>[];
  /** When somebody last came, went or broadcast, in ms since the epoch; `undefined` for a room that is not in use. */
  readonly lastActive: number | undefined;
  /**
   * Lets a handler's stream in: it gets the messages of before that are asked for, then every message that is
   * broadcast, in the order of their numbers, until it leaves or its call is over.
   *
   * @throws What `stream.send` would reject with when the call is over
   * @throws {TypeError} When `stream` is not that of a handler's call
   */
  join(stream: Pick<Sending<T>, "send">, options?: JoinOptions<Data>): Membership<T, Data>;
  /**
   * Sends a message to every member; it must not be changed from then on.
   *
   * Nobody waits for a slow member unless the policy is `"wait"`, and what becomes of one member's stream is no matter to
   * the others, nor here. Rejects with a validation `ServiceError` when the message is invalid: then nobody gets it, and it
   * has no number. Never an unhandled rejection.
   *
   * @returns The message's number, once the members whose policy is `"wait"` have room
   */
  broadcast(message: T, options?: BroadcastOptions): Promise<number>;
  /**
   * Who comes and goes, as a stream that a handler can return: at first those who are there. It errors as `overloaded`
   * when its reader is 1,000 events behind.
   */
  presence(): ReadableStream<PresenceEvent<Data>>;
  /**
   * Shows everybody out: with an error, their streams end with it; without, they may go on.
   */
  close(error?: unknown): void;
}

/** Rooms by name, in memory while they are in use. */
export interface Rooms<T, Data = undefined> extends Disposable {
  /** How many rooms are in memory. */
  readonly size: number;
  /** Names of the rooms in memory. */
  names(): string[];
  /** The room of a name, which costs nothing until it is used. */
  get(name: string): Room<T, Data>;
  /** Closes and forgets all rooms; see {@linkcode Room.close}. They may be used again. */
  close(error?: unknown): void;
}
