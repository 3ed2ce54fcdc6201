/**
 * The peer of the gRPC benchmark: what one writes by hand with grpc-js and protobufjs. It honours backpressure, as goats
 * does.
 *
 * @module
 */
import {
  credentials,
  makeClientConstructor,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
} from "@grpc/grpc-js";
import { once } from "node:events";
import { type Kind, make, type Message } from "../messages.ts";
import { type Peer, window } from "../peer.ts";
import { definition } from "./grpc_messages.ts";

type Done = (error: null, value: unknown) => void;

function handlers(kind: Kind) {
  return {
    [`get_${kind}`]: (call: ServerUnaryCall<Message, Message>, done: Done) => done(null, call.request),
    async [`push_${kind}`](call: ServerWritableStream<{ count: number }, Message>) {
      for (let n = 0; n < call.request.count; n++) {
        if (!call.write(make[kind](n))) await once(call, "drain");
      }
      call.end();
    },
    [`flood_${kind}`](call: ServerReadableStream<Message, unknown>, done: Done) {
      let count = 0;
      call.on("data", () => count++);
      call.on("end", () => done(null, { count }));
    },
    [`echo_${kind}`](call: ServerDuplexStream<Message, Message>) {
      call.on("data", (message) => {
        if (call.write(message)) return;
        call.pause();
        call.once("drain", () => call.resume());
      });
      call.on("end", () => call.end());
    },
  };
}

// deno-lint-ignore no-explicit-any
type Client = Record<string, any>;

/** grpc-js by hand, with the channel option that goats sets by itself, so that nothing but its own work is compared. */
export const peer: Peer = {
  async serve() {
    const server = new Server();
    server.addService(definition, { ...handlers("sample"), ...handlers("tick") } as never);
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync(
        "127.0.0.1:0",
        ServerCredentials.createInsecure(),
        (error, port) => error === null ? resolve(port) : reject(error),
      )
    );
    return `127.0.0.1:${port}`;
  },
  connect(address) {
    const Made = makeClientConstructor(definition, "bench.Bench");
    const client: Client = new Made(address, credentials.createInsecure(), {
      "grpc.per_rpc_retry_buffer_size": 64 * 1024,
    });
    const settle = <T>(start: (done: (error: unknown, value: T) => void) => void): Promise<T> =>
      new Promise((resolve, reject) =>
        start((error, value) => error === null ? resolve(value) : reject(error))
      );
    return {
      unary: (kind, message) => settle((done) => client[`get_${kind}`](message, done)),
      push: (kind, count) =>
        new Promise((resolve, reject) => {
          const call = client[`push_${kind}`]({ count });
          let received = 0;
          call.on("data", () => received++);
          call.on("error", reject);
          call.on("end", () => resolve(received));
        }),
      flood: (kind, count) =>
        settle<{ count: number }>(async (done) => {
          const call = client[`flood_${kind}`](done);
          for (let n = 0; n < count; n++) if (!call.write(make[kind](n))) await once(call, "drain");
          call.end();
        }).then(({ count }) => count),
      echo: (kind, count, inFlight) =>
        new Promise((resolve, reject) => {
          const call = client[`echo_${kind}`]();
          let received = 0;
          const { open, answered } = window(count, inFlight, (n) => call.write(make[kind](n)));
          call.on("data", () => {
            received++;
            if (answered()) call.end();
          });
          call.on("error", reject);
          call.on("end", () => resolve(received));
          open();
        }),
    };
  },
};
