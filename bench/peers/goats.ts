/**
 * goats, as a user would write it: one service, and one way to call it, whatever the transport.
 *
 * @module
 */
import { type ClientOf, implement } from "@x/goats";
import { room } from "@x/goats/rooms";
import { bench } from "../design.ts";
import { make, type Sample } from "../messages.ts";
import { type Calls, countOf } from "../peer.ts";

const lobby = room<Sample>("lobby");

/** The service of the benchmarks. */
export const benchService = implement(bench, {
  get_sample: ({ payload }) => payload,
  get_tick: ({ payload }) => payload,
  async *push_sample({ payload }) {
    for (let n = 0; n < payload.count; n++) yield make.sample(n);
  },
  async *push_tick({ payload }) {
    for (let n = 0; n < payload.count; n++) yield make.tick(n);
  },
  flood_sample: async ({ stream }) => ({ count: await countOf(stream) }),
  flood_tick: async ({ stream }) => ({ count: await countOf(stream) }),
  async echo_sample({ stream }) {
    for await (const message of stream) await stream.send(message);
  },
  async echo_tick({ stream }) {
    for await (const message of stream) await stream.send(message);
  },
  async follow({ stream }) {
    await lobby.join(stream).left;
  },
  async burst({ payload }) {
    for (let n = 0; n < payload.count; n++) await lobby.broadcast(make.sample(n));
  },
});

/** What jobs need of a client stream, whatever its messages. */
interface Uploading {
  send(message: unknown): Promise<void>;
  closeAndRecv(): Promise<{ count: number }>;
}

/** The same of a stream both ways. */
interface Echoing extends AsyncIterable<unknown> {
  readonly opened: Promise<unknown>;
  send(message: unknown): Promise<void>;
  recv(): Promise<unknown>;
  closeSend(): Promise<void>;
}

/** What a client does. */
export function goatsCalls(client: ClientOf<typeof bench>): Calls {
  async function pingpong(stream: Echoing, count: number, make: (n: number) => unknown): Promise<number> {
    let received = 0;
    for (let n = 0; n < count; n++) {
      await stream.send(make(n));
      if (await stream.recv() !== null) received++;
    }
    await stream.closeSend();
    await stream.recv();
    return received;
  }
  return {
    unary: (kind, message) =>
      kind === "sample" ? client.get_sample(message as never) : client.get_tick(message as never),
    push: (kind, count) =>
      countOf(kind === "sample" ? client.push_sample({ count }) : client.push_tick({ count })),
    async flood(kind, count) {
      const stream = (kind === "sample" ? client.flood_sample() : client.flood_tick()) as Uploading;
      for (let n = 0; n < count; n++) await stream.send(make[kind](n));
      return (await stream.closeAndRecv()).count;
    },
    async echo(kind, count, inFlight) {
      const stream = (kind === "sample" ? client.echo_sample() : client.echo_tick()) as Echoing;
      if (inFlight === 1) return await pingpong(stream, count, make[kind]);
      let sent = 0;
      let received = 0;
      while (sent < Math.min(inFlight, count)) await stream.send(make[kind](sent++));
      for await (const _message of stream) {
        received++;
        if (sent < count) await stream.send(make[kind](sent++));
        else if (received === count) await stream.closeSend();
      }
      return received;
    },
    async follow(got) {
      const stream = client.follow();
      await stream.opened;
      void (async () => {
        for await (const _message of stream) got();
      })().catch(() => {}); // Cancelled, as below.
      return () => stream.cancel();
    },
    burst: (count) => client.burst({ count }),
    async idle() {
      const stream = client.echo_sample();
      await stream.opened;
      return () => stream.cancel();
    },
  };
}
