/**
 * The goats side of the gRPC benchmark, as a user would write it.
 *
 * @module
 */
import { implement } from "@x/goats";
import { grpcClient, grpcServer } from "@x/goats/grpc";
import { bench, type Kind, type Library, make, type Message } from "./grpc_design.ts";

async function countOf(stream: AsyncIterable<unknown>): Promise<{ count: number }> {
  let count = 0;
  for await (const _message of stream) count++;
  return { count };
}

const service = implement(bench, {
  get_sample: ({ payload }) => payload,
  get_tick: ({ payload }) => payload,
  async *push_sample({ payload }) {
    for (let n = 0; n < payload.count; n++) yield make.sample(n);
  },
  async *push_tick({ payload }) {
    for (let n = 0; n < payload.count; n++) yield make.tick(n);
  },
  flood_sample: ({ stream }) => countOf(stream),
  flood_tick: ({ stream }) => countOf(stream),
  async echo_sample({ stream }) {
    for await (const message of stream) await stream.send(message);
  },
  async echo_tick({ stream }) {
    for await (const message of stream) await stream.send(message);
  },
});

/** What the benchmark needs of a client stream, whatever its messages. */
interface Uploading {
  send(message: Message): Promise<void>;
  closeAndRecv(): Promise<{ count: number }>;
}

/** The same of a stream both ways. */
interface Echoing extends AsyncIterable<unknown> {
  send(message: Message): Promise<void>;
  closeSend(): Promise<void>;
}

/** goats on both sides. */
export const goats: Library = {
  async serve() {
    const { address } = await grpcServer([service]).listen("127.0.0.1:0");
    return address;
  },
  connect(address) {
    const client = grpcClient(bench, address);
    return {
      unary: (kind, message) =>
        kind === "sample" ? client.get_sample(message as never) : client.get_tick(message as never),
      async push(kind: Kind, count) {
        return (await countOf(
          kind === "sample" ? client.push_sample({ count }) : client.push_tick({ count }),
        )).count;
      },
      async flood(kind, messages) {
        const stream = (kind === "sample" ? client.flood_sample() : client.flood_tick()) as Uploading;
        for (const message of messages) await stream.send(message);
        return (await stream.closeAndRecv()).count;
      },
      async echo(kind, count, inFlight) {
        const stream = (kind === "sample" ? client.echo_sample() : client.echo_tick()) as Echoing;
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
    };
  },
};
