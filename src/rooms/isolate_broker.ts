/**
 * The broker between the isolates of one process: those of `deno serve --parallel`, and workers.
 *
 * @module
 */
import { builtinError } from "../errors/builtin.ts";
import type { ServiceError } from "../errors/service_error.ts";
import type {
  Broker,
  Channel,
  ChannelOptions,
  Entry,
  History,
  HistoryRange,
  Publication,
  Subscriber,
} from "./broker.ts";
import { type Ask, type Hub, hub, type Tell } from "./hub.ts";
import { localBroker } from "./local_broker.ts";
import { type Outbox, outbox } from "./outbox.ts";
import { teller } from "./teller.ts";

/** A broker that holds on to something until it is closed. */
export interface IsolateBroker extends Broker, AsyncDisposable {
  /**
   * Lets go of the other isolates: rooms that are open here fail as `unavailable`. Nothing becomes of those of others: the
   * isolate that keeps the rooms goes on to, and so lives on, until the others have let go as well.
   *
   * @returns Resolves once nothing is left that keeps the isolate alive
   */
  close(): Promise<void>;
}

/** How isolates find one another. */
export interface IsolateBrokerOptions {
  /** Isolates that say the same name meet. Default `"goats"`. */
  readonly name?: string;
}

/** What goes over the `BroadcastChannel`: everybody gets everything. */
type Letter =
  /** Who is the hub? */
  | { readonly type: "who"; readonly from: string }
  /** It is me. */
  | { readonly type: "lead"; readonly from: string }
  | { readonly type: "asks"; readonly from: string; readonly batch: number; readonly items: readonly Ask[] }
  | { readonly type: "tells"; readonly from: string; readonly batch: number; readonly items: readonly Tell[] }
  | { readonly type: "got"; readonly from: string; readonly to: string; readonly batch: number };

/** A room that is open here. */
interface Open {
  readonly channel: number;
  readonly subscriber: Subscriber<unknown, unknown>;
  last: number;
  /** Whether the hub knows of it. */
  ready: boolean;
}

/** Web Locks, as far as they are used here: Deno's types do not have them. */
interface Locks {
  request(name: string, options: { signal: AbortSignal }, held: () => unknown): Promise<unknown>;
}

/** What somebody here waits for. */
interface Pending {
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/** What is told of rooms that were lost, or let go of, while somebody still uses them. */
function gone(): ServiceError {
  return builtinError("unavailable", "rooms: the isolate that kept them has ended, or this one has let go");
}

/** ms after which an isolate that knows of no hub asks for it again. */
const ASK_AGAIN_MS = 1000;

/**
 * Makes a broker for the rooms of all isolates of one process that make one: each isolate of `deno serve --parallel`,
 * each worker. They find one another by a `BroadcastChannel` and Web Locks, in no given order; one of them numbers and
 * keeps the messages of all. When that one is lost, a terminated worker say, the rooms of the others fail as `unavailable`,
 * and those who come back meet at another. A broker keeps its isolate alive until it is closed.
 *
 * What is broadcast, and what is known of members, is cloned on its way (`structuredClone`). `broadcast` resolves once
 * the message has its number. A member gets what is broadcast elsewhere from the moment that its presence is told.
 *
 * @param options How they find one another
 * @throws {TypeError} Where there is no `BroadcastChannel`, or no Web Locks
 *
 * @example
 * ```ts
 * import { isolateBroker, room } from "@x/goats/rooms";
 * import { assertEquals } from "@std/assert";
 *
 * // Each isolate has this once, beside what it serves.
 * await using broker = isolateBroker({ name: "chat" });
 * const lobby = room<string>("lobby", { broker, history: 10 });
 *
 * assertEquals(await lobby.broadcast("hello") > 0, true);
 * lobby.close();
 * ```
 */
export function isolateBroker({ name = "goats" }: IsolateBrokerOptions = {}): IsolateBroker {
  const { locks } = navigator as { readonly locks?: Locks };
  if (typeof BroadcastChannel === "undefined" || locks === undefined) {
    throw new TypeError("Cannot make a broker of isolates: there is no BroadcastChannel, or no Web Locks");
  }
  const own = crypto.randomUUID();
  const prefix = `@x/goats/rooms ${name}`;
  const wire = new BroadcastChannel(prefix);
  /** Held for as long as this isolate takes part: who gets one of another learns that it is gone. */
  const leaving = new AbortController();
  const open = new Map<string, Set<Open>>();
  /** Of what is told here: where the hub is, what is asked meanwhile is told at once. */
  const order = teller<Open>();
  const pending = new Map<number, Pending>();
  let ids = 0;
  let there = false;
  /** Those who wait for room to publish, one after the other. */
  let publishing: Promise<void> | undefined;
  let leader: string | undefined;
  let closed = false;
  let stopped = false;
  /** Resolves once no other isolate needs the hub here. */
  let alone: PromiseWithResolvers<void> | undefined;
  let asking: ReturnType<typeof setInterval> | undefined;
  let asks: Outbox<Ask>;
  /** Of the hub: `undefined` elsewhere. */
  let center:
    | { readonly hub: Hub; readonly tells: Outbox<Tell>; readonly batches: Map<string, number> }
    | undefined;
  let lastBatch = 0;

  const post = (letter: Letter) => wire.postMessage(letter);

  /** Waits for a lock, and holds it until this isolate lets go. */
  function hold(lock: string, held: () => void): void {
    locks!.request(`${prefix} ${lock}`, { signal: leaving.signal }, () => {
      if (stopped) return;
      held();
      return new Promise<void>((resolve) => leaving.signal.addEventListener("abort", () => resolve()));
    }).catch(() => {}); // It let go before it had it.
  }

  /** Learns when an isolate is gone. */
  function outlive(isolate: string): void {
    locks!.request(`${prefix} ${isolate}`, { signal: leaving.signal }, () => {
      if (stopped || center?.batches.delete(isolate) !== true) return;
      center.hub.gone(isolate);
      center.tells.changed();
      if (center.batches.size === 0) alone?.resolve();
    }).catch(() => {}); // This one was gone first.
  }

  function newAsks(): Outbox<Ask> {
    return outbox<Ask>(
      (batch, items) => post({ type: "asks", from: own, batch, items }),
      () => leader === undefined ? undefined : [leader],
    );
  }

  /** The hub is gone with what it kept: who is in a room here cannot know what they missed. */
  function lost(): void {
    // Who opens a room anew as it fails asks the next one.
    leader = undefined;
    asks.stop();
    asks = newAsks();
    lastBatch = 0;
    early.length = 0;
    const error = gone();
    const [rooms, waiting] = [[...open.values()].flatMap((all) => [...all]), [...pending.values()]];
    open.clear();
    pending.clear();
    for (const { subscriber } of rooms) subscriber.failed(error);
    for (const { reject } of waiting) reject(error);
  }

  function lead(): void {
    if (leader !== undefined) lost();
    leader = own;
    clearInterval(asking);
    const batches = new Map<string, number>();
    const tells = outbox<Tell>(
      (batch, items) => post({ type: "tells", from: own, batch, items }),
      () => batches.keys(),
    );
    const middle = hub(localBroker(), (one) => {
      // First, as whoever takes it here may go on to the next.
      if (batches.size > 0) tells.push(one);
      take(one);
    });
    center = { hub: middle, tells, batches };
    for (const one of early.splice(0)) middle.ask(own, one);
    post({ type: "lead", from: own });
  }

  /** What was asked here before it was known where. */
  const early: Ask[] = [];

  function ask(one: Ask): void {
    if (center !== undefined) {
      order.settle();
      center.hub.ask(own, one);
    } else if (leader === undefined) early.push(one);
    else asks.push(one);
  }

  function follow(isolate: string): void {
    if (!there || isolate === leader || center !== undefined) return;
    if (leader !== undefined) lost();
    leader = isolate;
    clearInterval(asking);
    for (const one of early.splice(0)) asks.push(one);
  }

  function take(one: Tell): void {
    order.tell(open.get(one.room) ?? [], (room) => {
      switch (one.type) {
        case "opened":
          if (one.to !== own || room.channel !== one.channel) break;
          room.ready = true;
          room.last = one.last;
          for (const news of one.present) room.subscriber.presence(news);
          break;
        case "entry":
          if (!room.ready) break;
          room.last = one.entry.seq;
          room.subscriber.entry(one.entry);
          break;
        case "presence":
          if (room.ready) room.subscriber.presence(one.news);
      }
    });
    if (one.type === "entry" && one.from === own) settle(one.id, one.entry);
    if (one.type === "history" && one.to === own) settle(one.id, one.history);
  }

  function settle(id: number, answer: unknown): void {
    const one = pending.get(id);
    pending.delete(id);
    one?.resolve(answer);
  }

  /** Resolves once there is room to publish; `undefined` when there is. */
  function fullness(): Promise<void> | undefined {
    return (center?.tells ?? asks).room();
  }

  function request<R>(here: boolean, make: (id: number) => Ask): Promise<R> {
    if (!here) {
      return Promise.reject(builtinError("unavailable", "rooms: the room is not open here any more"));
    }
    const id = ++ids;
    return new Promise<R>((resolve, reject) => {
      pending.set(id, { resolve: resolve as (answer: unknown) => void, reject });
      ask(make(id));
    });
  }

  wire.onmessage = ({ data }: MessageEvent<Letter>) => {
    switch (data.type) {
      case "who":
        if (center !== undefined) post({ type: "lead", from: own });
        break;
      case "lead":
        follow(data.from);
        break;
      case "asks": {
        if (center === undefined) return;
        const { hub, tells, batches } = center;
        if (!batches.has(data.from)) {
          batches.set(data.from, 0);
          outlive(data.from);
        }
        post({ type: "got", from: own, to: data.from, batch: data.batch });
        if (data.batch <= batches.get(data.from)!) return;
        batches.set(data.from, data.batch);
        for (const one of data.items) hub.ask(data.from, one);
        tells.changed();
        break;
      }
      case "tells":
        if (data.from !== leader || center !== undefined) return;
        post({ type: "got", from: own, to: data.from, batch: data.batch });
        if (data.batch <= lastBatch) return;
        lastBatch = data.batch;
        for (const one of data.items) take(one);
        break;
      case "got":
        if (data.to !== own) return;
        if (center !== undefined) center.tells.acknowledged(data.batch, data.from);
        else asks.acknowledged(data.batch, data.from);
    }
  };

  asks = newAsks();
  // One's own first: who asks the hub for something must be seen to be there.
  hold(own, () => {
    there = true;
    hold("hub", lead);
    post({ type: "who", from: own });
    asking = setInterval(() => post({ type: "who", from: own }), ASK_AGAIN_MS);
  });

  async function letGo(): Promise<void> {
    closed = true;
    lost();
    if (center !== undefined && center.batches.size > 0) {
      center.hub.gone(own);
      alone = Promise.withResolvers();
      await alone.promise;
    }
    stopped = true;
    clearInterval(asking);
    asks.stop();
    center?.tells.stop();
    leaving.abort();
    wire.close();
  }

  let ending: Promise<void> | undefined;
  const close = () => ending ??= letGo();

  return {
    open<T, Data>(room: string, options: ChannelOptions, subscriber: Subscriber<T, Data>): Channel<T, Data> {
      const listener = subscriber as Subscriber<unknown, unknown>;
      const opened: Open = { channel: ++ids, subscriber: listener, last: 0, ready: false };
      const { channel } = opened;
      const here = () => open.get(room)?.has(opened) === true;
      if (closed) {
        queueMicrotask(() => listener.failed(gone()));
      } else {
        if (!open.has(room)) open.set(room, new Set());
        open.get(room)!.add(opened);
        ask({ type: "open", room, channel, options });
      }

      const send = (publication: Publication<T>): Promise<Entry<T>> =>
        request(here(), (id) => ({ type: "publish", room, channel, publication, id }));
      return {
        get last() {
          return opened.last;
        },
        publish(publication) {
          // Whom it goes to must be able to have it; and its sender may go on changing it.
          const copy = structuredClone(publication);
          const full = publishing ?? fullness();
          if (full === undefined) return send(copy);
          const mine = full.then(fullness);
          publishing = mine;
          return mine.then(() => {
            if (publishing === mine) publishing = undefined;
            return send(copy);
          });
        },
        announce(news) {
          // As above: what cannot be cloned is refused to who joins with it.
          if (here()) ask({ type: "announce", room, channel, news: structuredClone(news) });
        },
        history: (range: HistoryRange) =>
          request<History<T>>(here(), (id) => ({ type: "history", room, channel, range, id })),
        close() {
          if (!here()) return;
          const all = open.get(room)!;
          all.delete(opened);
          if (all.size === 0) open.delete(room);
          ask({ type: "close", room, channel });
        },
      };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
