/**
 * Rooms: what is broadcast there is sent to the streams of all who are in it, over whichever transports they came, at
 * the pace of each. With a bounded history for those who come late, and news of who comes and goes.
 *
 * Works in every runtime; needs no permission.
 *
 * @module
 */
export type { Sending } from "../core/call.ts";
export type { SendOptions } from "../core/send_room.ts";
export type {
  Broker,
  Channel,
  ChannelOptions,
  Entry,
  History,
  HistoryRange,
  LeaveReason,
  PresenceNews,
  Publication,
  Subscriber,
} from "./broker.ts";
export { isolateBroker } from "./isolate_broker.ts";
export type { IsolateBroker, IsolateBrokerOptions } from "./isolate_broker.ts";
export { localBroker } from "./local_broker.ts";
export { room, rooms } from "./rooms.ts";
export type {
  BroadcastOptions,
  JoinOptions,
  Member,
  Membership,
  Policy,
  PresenceEvent,
  Replay,
  Room,
  RoomOptions,
  Rooms,
  RoomsOptions,
} from "./types.ts";
