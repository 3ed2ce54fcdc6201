/**
 * nice-grpc in the gRPC benchmark, over the same grpc-js, options and messages as the peer by hand.
 *
 * @module
 */
import { ChannelCredentials, createChannel, createClient, createServer } from "nice-grpc";
import { type Kind, make, type Message } from "../messages.ts";
import { countOf, feed, type Peer } from "../peer.ts";
import { definition } from "./grpc_messages.ts";

function handlers(kind: Kind) {
  return {
    [`get_${kind}`]: (request: Message) => Promise.resolve(request),
    async *[`push_${kind}`]({ count }: { count: number }) {
      for (let n = 0; n < count; n++) yield make[kind](n);
    },
    async [`flood_${kind}`](requests: AsyncIterable<Message>) {
      return { count: await countOf(requests) };
    },
    async *[`echo_${kind}`](requests: AsyncIterable<Message>) {
      yield* requests;
    },
  };
}

/** nice-grpc on both sides. */
export const peer: Peer = {
  async serve() {
    const server = createServer();
    server.add(definition as never, { ...handlers("sample"), ...handlers("tick") } as never);
    return `127.0.0.1:${await server.listen("127.0.0.1:0")}`;
  },
  connect(address) {
    // deno-lint-ignore no-explicit-any
    const client: Record<string, any> = createClient(
      definition as never,
      createChannel(address, ChannelCredentials.createInsecure(), {
        "grpc.per_rpc_retry_buffer_size": 64 * 1024,
      }),
    );
    return {
      unary: (kind, message) => client[`get_${kind}`](message),
      push: (kind, count) => countOf(client[`push_${kind}`]({ count })),
      async flood(kind, count) {
        async function* all(): AsyncGenerator<Message> {
          for (let n = 0; n < count; n++) yield make[kind](n);
        }
        return (await client[`flood_${kind}`](all())).count;
      },
      async echo(kind, count, inFlight) {
        const { requests, sent } = feed(make[kind], count, inFlight);
        let received = 0;
        for await (const _message of client[`echo_${kind}`](requests())) sent(++received);
        return received;
      },
    };
  },
};
