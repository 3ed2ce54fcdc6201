/**
 * What one writes by hand with `Deno.serve`, `Deno.upgradeWebSocket`, `WebSocket`, `fetch` and `JSON`. No types; like goats
 * it is bounded, by looking at `bufferedAmount`.
 *
 * @module
 */
import { type Kind, make, type Message } from "../messages.ts";
import { type Calls, type Peer, post, window } from "../peer.ts";

/** What is done to what was received; throws for what is not as it should be. */
export type Check = (kind: Kind, message: unknown) => unknown;

const HIGH_BYTES = 1024 * 1024;

/** A socket's side that sends. */
interface Sending {
  readonly bufferedAmount: number;
  send(text: string): void;
}

/** Sends messages, and waits where the socket is full. */
export async function sendMessages(socket: Sending, kind: Kind, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    socket.send(JSON.stringify(make[kind](n)));
    if (socket.bufferedAmount <= HIGH_BYTES) continue;
    while (socket.bufferedAmount > 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Serves `/push_sample?count=…`, `/flood_tick`, `POST /get_tick` and so on. */
function handler(check: Check): (request: Request) => Response | Promise<Response> {
  const followers = new Set<WebSocket>();
  return async (request) => {
    const url = new URL(request.url);
    const [scenario, kind] = url.pathname.slice(1).split("_") as [string, Kind];
    const count = Number(url.searchParams.get("count"));
    if (scenario === "get") return Response.json(check(kind, await request.json()));
    if (scenario === "burst") {
      for (let n = 0; n < count; n++) {
        const text = JSON.stringify(make.sample(n));
        for (const follower of followers) follower.send(text);
      }
      return new Response();
    }
    const { socket, response } = Deno.upgradeWebSocket(request);
    if (scenario === "push") {
      socket.onopen = async () => {
        await sendMessages(socket, kind, count);
        socket.close(1000);
      };
    } else if (scenario === "flood") {
      let count = 0;
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        if (message !== null) {
          check(kind, message);
          count++;
          return;
        }
        socket.send(JSON.stringify({ count }));
        socket.close(1000);
      };
    } else if (scenario === "follow") {
      socket.onopen = () => followers.add(socket);
      socket.onclose = () => followers.delete(socket);
    } else {
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        if (message === null) socket.close(1000);
        else socket.send(JSON.stringify(check(kind, message)));
      };
    }
    return response;
  };
}

function opened(socket: WebSocket): Promise<() => Promise<void>> {
  const closed = new Promise<void>((resolve) => socket.onclose = () => resolve());
  return new Promise((resolve, reject) => {
    socket.onerror = () => reject(new Error("no WebSocket"));
    socket.onopen = () =>
      resolve(() => {
        socket.close(1000);
        return closed;
      });
  });
}

/** The client, for every server with these paths. */
export function rawCalls(server: string, check: Check): Calls {
  const socketTo = (path: string) => new WebSocket(`${server.replace("http", "ws")}/${path}`);
  return {
    unary: async (kind, message) => check(kind, await post(server, kind, message)),
    push(kind, count) {
      const socket = socketTo(`push_${kind}?count=${count}`);
      let received = 0;
      socket.onmessage = ({ data }) => {
        check(kind, JSON.parse(data));
        received++;
      };
      return new Promise((resolve) => socket.onclose = () => resolve(received));
    },
    flood(kind, count) {
      const socket = socketTo(`flood_${kind}`);
      let received = 0;
      socket.onopen = async () => {
        await sendMessages(socket, kind, count);
        socket.send("null");
      };
      socket.onmessage = ({ data }) => received = JSON.parse(data).count;
      return new Promise((resolve) => socket.onclose = () => resolve(received));
    },
    echo(kind, count, inFlight) {
      const socket = socketTo(`echo_${kind}`);
      let received = 0;
      const { open, answered } = window(
        count,
        inFlight,
        (n) => socket.send(JSON.stringify(make[kind](n))),
      );
      socket.onopen = open;
      socket.onmessage = ({ data }) => {
        check(kind, JSON.parse(data));
        received++;
        if (answered()) socket.send("null");
      };
      return new Promise((resolve) => socket.onclose = () => resolve(received));
    },
    follow(got) {
      const socket = socketTo("follow");
      socket.onmessage = ({ data }) => {
        check("sample", JSON.parse(data));
        got();
      };
      return opened(socket);
    },
    async burst(count) {
      const response = await fetch(`${server}/burst?count=${count}`, { method: "POST" });
      await response.body?.cancel();
    },
    idle: () => opened(socketTo("echo_sample")),
  };
}

/** By hand, with a check of what is received at both ends. */
export function rawPeer(check: Check): Peer {
  return {
    serve() {
      const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler(check));
      return Promise.resolve(`http://127.0.0.1:${server.addr.port}`);
    },
    connect: (server) => rawCalls(server, check),
  };
}

/** By hand, unchecked. */
export const peer: Peer = rawPeer((_kind: Kind, message: unknown): Message => message as Message);
