/**
 * `ws` on Node, at both ends. What it has no word for, unary calls, is node:http and Node's fetch.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import { type Kind, make } from "../messages.ts";
import { type Calls, type Peer, post, window } from "../peer.ts";

const HIGH_BYTES = 1024 * 1024;

async function sendMessages(socket: WebSocket, kind: Kind, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const text = JSON.stringify(make[kind](n));
    if (socket.bufferedAmount <= HIGH_BYTES) socket.send(text);
    else await new Promise((resolve) => socket.send(text, resolve)); // Until it was written.
  }
}

// deno-lint-ignore no-explicit-any
const parse = (data: RawData): any => JSON.parse(data.toString());

async function serve(): Promise<string> {
  const followers = new Set<WebSocket>();
  const server = createServer(async (request, response) => {
    const url = new URL(request.url!, "http://localhost");
    if (url.pathname === "/burst") {
      for (let n = 0; n < Number(url.searchParams.get("count")); n++) {
        const text = JSON.stringify(make.sample(n));
        for (const follower of followers) follower.send(text);
      }
      return void response.end();
    }
    let body = "";
    request.setEncoding("utf8");
    for await (const chunk of request) body += chunk;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(JSON.parse(body)));
  });
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", async (socket, request) => {
    const url = new URL(request.url!, "http://localhost");
    const [scenario, kind] = url.pathname.slice(1).split("_") as [string, Kind];
    if (scenario === "follow") {
      followers.add(socket);
      socket.on("close", () => followers.delete(socket));
    } else if (scenario === "flood") {
      let count = 0;
      socket.on("message", (data) => {
        if (parse(data) !== null) return void count++;
        socket.send(JSON.stringify({ count }));
        socket.close(1000);
      });
    } else if (scenario === "echo") {
      socket.on("message", (data) => {
        const message = parse(data);
        if (message === null) socket.close(1000);
        else socket.send(JSON.stringify(message));
      });
    } else {
      await sendMessages(socket, kind, Number(url.searchParams.get("count")));
      socket.close(1000);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function opened(socket: WebSocket): Promise<() => Promise<void>> {
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("open", () =>
      resolve(() => {
        socket.close(1000);
        return closed;
      }));
  });
}

function connect(server: string): Calls {
  const socketTo = (path: string) => new WebSocket(`${server.replace("http", "ws")}/${path}`);
  return {
    unary: (kind, message) => post(server, kind, message),
    push(kind, count) {
      const socket = socketTo(`push_${kind}?count=${count}`);
      let received = 0;
      socket.on("message", (data) => {
        parse(data);
        received++;
      });
      return new Promise((resolve) => socket.on("close", () => resolve(received)));
    },
    flood(kind, count) {
      const socket = socketTo(`flood_${kind}`);
      let received = 0;
      socket.on("open", async () => {
        await sendMessages(socket, kind, count);
        socket.send("null");
      });
      socket.on("message", (data) => received = parse(data).count);
      return new Promise((resolve) => socket.on("close", () => resolve(received)));
    },
    echo(kind, count, inFlight) {
      const socket = socketTo(`echo_${kind}`);
      let received = 0;
      const { open, answered } = window(
        count,
        inFlight,
        (n) => socket.send(JSON.stringify(make[kind](n))),
      );
      socket.on("open", open);
      socket.on("message", (data) => {
        parse(data);
        received++;
        if (answered()) socket.send("null");
      });
      return new Promise((resolve) => socket.on("close", () => resolve(received)));
    },
    follow(got) {
      const socket = socketTo("follow");
      socket.on("message", (data) => {
        parse(data);
        got();
      });
      return opened(socket);
    },
    async burst(count) {
      const response = await fetch(`${server}/burst?count=${count}`, { method: "POST" });
      await response.text();
    },
    idle: () => opened(socketTo("echo_sample")),
  };
}

/** `ws` on both sides. */
export const peer: Peer = { serve, connect };
