/**
 * socket.io at both ends, by its WebSocket transport alone: an event is a message. What waits for a socket is bounded by
 * its `drain` event, as its docs tell.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type Socket } from "socket.io";
import { io, type Socket as ClientSocket } from "socket.io-client";
import { type Kind, make, type Message } from "../messages.ts";
import { type Calls, type Peer, window } from "../peer.ts";

/** Messages that may wait in engine.io. */
const HIGH = 1024;

/** What of engine.io's connection, the same at both ends, tells when it has room. */
interface Engine {
  readonly writeBuffer: readonly unknown[];
  once(event: "drain", then: () => void): unknown;
}

async function sendMessages(
  engine: Engine,
  send: (message: Message) => void,
  kind: Kind,
  count: number,
): Promise<void> {
  for (let n = 0; n < count; n++) {
    send(make[kind](n));
    if (engine.writeBuffer.length < HIGH) continue;
    await new Promise<void>((resolve) => engine.once("drain", resolve));
  }
}

async function serve(): Promise<string> {
  const http = createServer();
  const server = new Server(http, { transports: ["websocket"], serveClient: false });
  server.on("connection", (socket: Socket) => {
    let counted = 0;
    socket.on("get", (message: Message, answer: (message: Message) => void) => answer(message));
    socket.on("push", async (kind: Kind, count: number) => {
      await sendMessages(
        socket.conn as unknown as Engine,
        (message) => socket.emit("message", message),
        kind,
        count,
      );
      socket.emit("end");
    });
    socket.on("flood", () => counted++);
    socket.on("flooded", (answer: (counted: number) => void) => answer(counted));
    socket.on("echo", (message: Message) => socket.emit("message", message));
    socket.on("follow", async (answer: () => void) => {
      await socket.join("followers");
      answer();
    });
    socket.on("burst", (count: number) => {
      for (let n = 0; n < count; n++) server.to("followers").emit("message", make.sample(n));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

async function connect(url: string): Promise<Calls> {
  /** A connection of its own, as each stream of the other peers has. */
  async function open(): Promise<ClientSocket> {
    const socket = io(url, { transports: ["websocket"], forceNew: true, reconnection: false });
    await new Promise<void>((resolve, reject) => {
      socket.on("connect", resolve);
      socket.on("connect_error", reject);
    });
    return socket;
  }
  const closing = (socket: ClientSocket) => () => {
    const closed = new Promise<void>((resolve) => socket.on("disconnect", () => resolve()));
    socket.disconnect();
    return closed;
  };
  const main = await open();
  return {
    unary: (_kind, message) => main.emitWithAck("get", message),
    async push(kind, count) {
      const socket = await open();
      let received = 0;
      socket.on("message", () => received++);
      socket.emit("push", kind, count);
      await new Promise<void>((resolve) => socket.on("end", resolve));
      socket.disconnect();
      return received;
    },
    async flood(kind, count) {
      const socket = await open();
      await sendMessages(
        socket.io.engine as unknown as Engine,
        (message) => socket.emit("flood", message),
        kind,
        count,
      );
      const counted = await socket.emitWithAck("flooded");
      socket.disconnect();
      return counted;
    },
    async echo(kind, count, inFlight) {
      const socket = await open();
      let received = 0;
      const { open: begin, answered } = window(
        count,
        inFlight,
        (n) => socket.emit("echo", make[kind](n)),
      );
      await new Promise<void>((resolve) => {
        socket.on("message", () => {
          received++;
          if (answered()) resolve();
        });
        begin();
      });
      socket.disconnect();
      return received;
    },
    async follow(got) {
      const socket = await open();
      socket.on("message", got);
      await socket.emitWithAck("follow");
      return closing(socket);
    },
    burst: (count) => Promise.resolve(void main.emit("burst", count)),
    idle: async () => closing(await open()),
  };
}

/** socket.io on both sides. */
export const peer: Peer = { serve, connect };
