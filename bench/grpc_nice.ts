/**
 * nice-grpc in the gRPC benchmark, over the same grpc-js and the same messages as the peer by hand.
 *
 * @module
 */
import { createChannel, createClient, createServer } from "nice-grpc";
import { type Kind, type Library, make, type Message } from "./grpc_design.ts";
import { definition } from "./grpc_messages.ts";

function handlers(kind: Kind) {
  return {
    [`get_${kind}`]: (request: Message) => Promise.resolve(request),
    async *[`push_${kind}`]({ count }: { count: number }) {
      for (let n = 0; n < count; n++) yield make[kind](n);
    },
    async [`flood_${kind}`](requests: AsyncIterable<Message>) {
      let count = 0;
      for await (const _message of requests) count++;
      return { count };
    },
    async *[`echo_${kind}`](requests: AsyncIterable<Message>) {
      yield* requests;
    },
  };
}

/** nice-grpc on both sides. */
export const nice: Library = {
  async serve() {
    const server = createServer();
    server.add(definition as never, { ...handlers("sample"), ...handlers("tick") } as never);
    return `127.0.0.1:${await server.listen("127.0.0.1:0")}`;
  },
  connect(address) {
    // deno-lint-ignore no-explicit-any
    const client: Record<string, any> = createClient(definition as never, createChannel(address));
    return {
      unary: (kind, message) => client[`get_${kind}`](message),
      async push(kind, count) {
        let received = 0;
        for await (const _message of client[`push_${kind}`]({ count })) received++;
        return received;
      },
      async flood(kind, messages) {
        async function* all() {
          yield* messages;
        }
        return (await client[`flood_${kind}`](all())).count;
      },
      async echo(kind, count, inFlight) {
        const { requests, sent } = feed(kind, count, inFlight);
        let received = 0;
        for await (const _message of client[`echo_${kind}`](requests())) sent(++received);
        return received;
      },
    };
  },
};

/** Messages with so many in flight: a source that is told of each answer. */
export function feed(kind: Kind, count: number, inFlight: number) {
  let received = 0;
  let wake: (() => void) | undefined;
  return {
    async *requests(): AsyncGenerator<Message> {
      for (let n = 0; n < count; n++) {
        while (n - received >= inFlight) await new Promise<void>((resolve) => wake = resolve);
        yield make[kind](n);
      }
    },
    sent(answers: number) {
      received = answers;
      wake?.();
    },
  };
}
