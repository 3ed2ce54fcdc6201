/**
 * Rooms by name: in memory while they are in use.
 *
 * @module
 */
import { attempt } from "../core/attempt.ts";
import { startDeadline } from "../core/deadline.ts";
import { quiet } from "../core/send_room.ts";
import { checkOptions } from "./check_options.ts";
import { type LiveRoom, liveRoom } from "./live_room.ts";
import { localBroker } from "./local_broker.ts";
import type { Room, RoomOptions, Rooms, RoomsOptions } from "./types.ts";

/** A room in memory, and what forgets it after a while. */
interface Kept<T, Data> {
  readonly room: LiveRoom<T, Data>;
  stop?: () => void;
}

/**
 * Makes rooms that share their options. A room is in memory from the first use until it is empty, and `keepMs` longer.
 *
 * @example
 * ```ts
 * import { rooms } from "@x/goats/rooms";
 *
 * const lobbies = rooms<{ text: string }>({ history: 50, keepMs: 60_000 });
 * const seq = await lobbies.get("deno").broadcast({ text: "anybody?" });
 * console.assert(seq > 0 && lobbies.names().join() === "deno");
 * lobbies.close(); // forgets the room before its time
 * ```
 */
export function rooms<T, Data = undefined>(options: RoomsOptions<T, Data> = {}): Rooms<T, Data> {
  const { keepMs = 0, broker = localBroker() } = options;
  const { history, historyMs, buffer, policy } = options;
  checkOptions("make rooms", { history, historyMs, buffer, keepMs }, policy);
  const kept = new Map<string, Kept<T, Data>>();

  function forget(name: string, one: Kept<T, Data>): void {
    one.stop?.();
    if (kept.get(name) === one) kept.delete(name);
    one.room.close();
  }

  function open(name: string, handle: Room<T, Data>): LiveRoom<T, Data> {
    const known = kept.get(name);
    if (known !== undefined) {
      known.stop?.();
      known.stop = undefined;
      return known.room;
    }
    let closing = false;
    const room = liveRoom<T, Data>({
      name,
      options,
      broker,
      // One that fails must not end a member, nor keep others from joining, nor end the process when it is async.
      tell: (event) => attempt(() => options.presence?.(event, handle)),
      idle() {
        if (closing || !made.room.idle || kept.get(name) !== made) return;
        made.stop?.();
        made.stop = undefined;
        if (keepMs <= 0) {
          closing = true;
          forget(name, made);
        } else if (keepMs !== Infinity) {
          const one = made;
          made.stop = startDeadline(keepMs, () => forget(name, one));
        }
      },
      failed: () => drop(),
      again: handle.broadcast,
    });
    const made: Kept<T, Data> = { room };
    const drop = () => {
      if (kept.get(name) !== made) return;
      made.stop?.();
      kept.delete(name);
    };
    kept.set(name, made);
    try {
      // Whoever is told of those who are there already finds it.
      room.open();
    } catch (error) {
      drop();
      throw error;
    }
    return room;
  }

  function handleOf(name: string): Room<T, Data> {
    const live = () => kept.get(name)?.room;
    const handle: Room<T, Data> = {
      name,
      get size() {
        return live()?.size ?? 0;
      },
      get members() {
        return live()?.members ?? [];
      },
      get lastActive() {
        return live()?.lastActive;
      },
      join: (stream, how) => open(name, handle).join(stream, how),
      broadcast(message, how) {
        let live: LiveRoom<T, Data>;
        try {
          live = open(name, handle);
        } catch (error) {
          // Its broker does not let anybody in. Nobody has to look at what becomes of a message.
          return quiet(Promise.reject(error));
        }
        return live.broadcast(message, how);
      },
      presence: () => open(name, handle).presence(),
      close(error) {
        const one = kept.get(name);
        if (one === undefined) return;
        // First of all, lest its members' farewells find it.
        one.stop?.();
        kept.delete(name);
        one.room.close(error);
      },
    };
    return handle;
  }

  const close = (error?: unknown) => {
    for (const name of [...kept.keys()]) handleOf(name).close(error);
  };
  return {
    get size() {
      return kept.size;
    },
    names: () => [...kept.keys()],
    get: handleOf,
    close,
    [Symbol.dispose]: () => close(),
  };
}

/**
 * Makes one room, which is kept with its history for as long as it is referred to.
 *
 * @param name Its name
 * @param options How it is
 *
 * @example
 * ```ts
 * import { implement } from "@x/goats";
 * import { room } from "@x/goats/rooms";
 * import { memoryClient } from "@x/goats/testing";
 * import { Method, Service, StreamingPayload, StreamingResult, String } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const chat = Service("chat", Method("connect", StreamingPayload(String), StreamingResult(String)));
 * const lobby = room<string>("lobby", { history: 100 });
 * const service = implement(chat, {
 *   async connect({ stream }) {
 *     await using me = lobby.join(stream, { last: 10 });
 *     for await (const text of stream) await me.broadcast(text);
 *   },
 * });
 *
 * await using client = memoryClient(service);
 * await lobby.broadcast("welcome");
 * const [ada, grace] = [client.connect(), client.connect()];
 * assertEquals([await ada.recv(), await grace.recv()], ["welcome", "welcome"]);
 * await ada.send("hello");
 * assertEquals(await grace.recv(), "hello");
 * ```
 */
export function room<T, Data = undefined>(name: string, options: RoomOptions<T, Data> = {}): Room<T, Data> {
  return rooms<T, Data>({ ...options, keepMs: Infinity }).get(name);
}
