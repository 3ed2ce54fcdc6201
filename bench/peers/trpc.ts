/**
 * tRPC v11 at both ends: subscriptions that are async generators over its WebSocket link, calls over its HTTP batch link,
 * all on one server, as its docs set it up. It has no streams to a server: `flood` is left out, and `echo` and ping-pong
 * are mutations over the WebSocket, which is the nearest.
 *
 * @module
 */
import {
  createTRPCClient,
  createWSClient,
  httpBatchLink,
  httpLink,
  splitLink,
  type TRPCWebSocketClient,
  wsLink,
} from "@trpc/client";
import { initTRPC } from "@trpc/server";
import { createHTTPHandler } from "@trpc/server/adapters/standalone";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
import { EventEmitter, on } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import { type Kind, make, type Message, type Sample } from "../messages.ts";
import { type Calls, type Closing, type Peer, window } from "../peer.ts";
import { schemas } from "./zod_schemas.ts";

const t = initTRPC.create();
const counted = t.procedure.input(z.object({ count: z.int() }));
const lobby = new EventEmitter().setMaxListeners(0);

/** As its subscriptions have no backpressure, the generator lets the loop turn: else one stream holds up all others. */
const TURN = 64;

function push(kind: Kind) {
  return counted.subscription(async function* ({ input, signal }): AsyncGenerator<Message> {
    for (let n = 0; n < input.count && !signal?.aborted; n++) {
      if (n % TURN === TURN - 1) await new Promise((resolve) => setImmediate(resolve));
      yield make[kind](n);
    }
  });
}

const router = t.router({
  get_sample: t.procedure.input(schemas.sample).mutation(({ input }) => input),
  get_tick: t.procedure.input(schemas.tick).mutation(({ input }) => input),
  push_sample: push("sample"),
  push_tick: push("tick"),
  follow: t.procedure.subscription(async function* ({ signal }): AsyncGenerator<Sample> {
    for await (const [message] of on(lobby, "message", { signal })) yield message;
  }),
  burst: counted.mutation(({ input }) => {
    for (let n = 0; n < input.count; n++) lobby.emit("message", make.sample(n));
  }),
});

async function serve(): Promise<string> {
  const server = createServer(createHTTPHandler({ router }));
  applyWSSHandler({ wss: new WebSocketServer({ server }), router });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function connect(url: string): Calls {
  const socket = () =>
    createWSClient({
      url: url.replace("http", "ws"),
      WebSocket: (globalThis.WebSocket ?? WebSocket) as typeof globalThis.WebSocket,
    });
  const clientOver = (client: TRPCWebSocketClient) =>
    createTRPCClient<typeof router>({
      links: [splitLink({
        condition: ({ type }) => type === "subscription",
        true: wsLink({ client }),
        false: httpBatchLink({ url }),
      })],
    });
  const main = socket();
  const client = clientOver(main);
  // A batch waits for a timer, which is worth it only when there is more than one call.
  const alone = createTRPCClient<typeof router>({ links: [httpLink({ url })] });
  const overSocket = createTRPCClient<typeof router>({ links: [wsLink({ client: main })] });

  function following(got: () => void): Promise<Closing> {
    const own = socket();
    return new Promise((resolve, reject) => {
      const subscription = clientOver(own).follow.subscribe(undefined, {
        onStarted: () =>
          resolve(async () => {
            subscription.unsubscribe();
            await own.close();
          }),
        onData: got,
        onError: reject,
      });
    });
  }

  return {
    unary(kind, message, atOnce) {
      const over = atOnce === 1 ? alone : client;
      const procedure = kind === "sample" ? over.get_sample : over.get_tick;
      return procedure.mutate(message as never);
    },
    push: (kind, count) =>
      new Promise((resolve, reject) => {
        let received = 0;
        const procedure = kind === "sample" ? client.push_sample : client.push_tick;
        procedure.subscribe({ count }, {
          onData: () => received++,
          onComplete: () => resolve(received),
          onError: reject,
        });
      }),
    echo(kind, count, inFlight) {
      const procedure = kind === "sample" ? overSocket.get_sample : overSocket.get_tick;
      return new Promise((resolve, reject) => {
        let received = 0;
        const { open, answered } = window(
          count,
          inFlight,
          (n) =>
            void procedure.mutate(make[kind](n) as never).then(() => {
              received++;
              if (answered()) resolve(received);
            }, reject),
        );
        open();
      });
    },
    follow: following,
    burst: (count) => client.burst.mutate({ count }),
    idle: () => following(() => {}),
  };
}

/** tRPC on both sides. */
export const peer: Peer = { serve, connect };
