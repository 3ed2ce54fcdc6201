/**
 * connect-node in the gRPC benchmark: its gRPC transport over node:http2, and the messages of @bufbuild/protobuf, made
 * from the descriptors of the design.
 *
 * @module
 */
import { createFileRegistry, type DescService, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { connectNodeAdapter, createGrpcTransport } from "@connectrpc/connect-node";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { fileDescriptorSet } from "@x/goats/grpc";
import { bench } from "../design.ts";
import { type Kind, make, type Message } from "../messages.ts";
import { countOf, feed, type Peer } from "../peer.ts";

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, fileDescriptorSet(bench)));
const service = registry.getService("bench.Bench") as DescService;
const rpc = (name: string, kind: Kind) => `${name}${kind[0]!.toUpperCase()}${kind.slice(1)}`;

function handlers(kind: Kind) {
  const plain = (message: Message) => ({ ...message, $typeName: undefined, $unknown: undefined });
  return {
    [rpc("get", kind)]: plain,
    async *[rpc("push", kind)]({ count }: { count: number }) {
      for (let n = 0; n < count; n++) yield make[kind](n);
    },
    async [rpc("flood", kind)](requests: AsyncIterable<Message>) {
      return { count: await countOf(requests) };
    },
    async *[rpc("echo", kind)](requests: AsyncIterable<Message>) {
      for await (const message of requests) yield plain(message);
    },
  };
}

/** connect-node on both sides. */
export const peer: Peer = {
  async serve() {
    const server = createServer(connectNodeAdapter({
      routes: (router) =>
        void router.service(service, { ...handlers("sample"), ...handlers("tick") } as never),
    }));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  },
  connect(address) {
    const transport = createGrpcTransport({ baseUrl: `http://${address}` });
    // deno-lint-ignore no-explicit-any
    const client: Record<string, any> = createClient(service, transport);
    return {
      unary: (kind, message) => client[rpc("get", kind)]!(message),
      push: (kind, count) => countOf(client[rpc("push", kind)]!({ count })),
      async flood(kind, count) {
        async function* all(): AsyncGenerator<Message> {
          for (let n = 0; n < count; n++) yield make[kind](n);
        }
        return (await client[rpc("flood", kind)]!(all())).count;
      },
      async echo(kind, count, inFlight) {
        const { requests, sent } = feed(make[kind], count, inFlight);
        let received = 0;
        for await (const _message of client[rpc("echo", kind)]!(requests())) sent(++received);
        return received;
      },
    };
  },
};
