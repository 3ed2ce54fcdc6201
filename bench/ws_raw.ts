/**
 * The peer of the WebSocket benchmark: what one writes by hand with `Deno.upgradeWebSocket`, `WebSocket` and `JSON`.
 * No validation, no types; like goats it is bounded, by looking at `bufferedAmount`.
 *
 * @module
 */
import { IN_FLIGHT, type Job, type Kind, make } from "./ws_design.ts";

const HIGH_BYTES = 1024 * 1024;

async function drained(socket: WebSocket): Promise<void> {
  while (socket.bufferedAmount > 0) await new Promise((resolve) => setImmediate(resolve));
}

async function sendAll(socket: WebSocket, kind: Kind, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    socket.send(JSON.stringify(make[kind](n)));
    if (socket.bufferedAmount > HIGH_BYTES) await drained(socket);
  }
}

/** Serves `/push_sample?count=…`, `/flood_tick` and so on. */
export function rawHandler(request: Request): Response {
  const url = new URL(request.url);
  const [scenario, kind] = url.pathname.slice(1).split("_") as [string, Kind];
  const { socket, response } = Deno.upgradeWebSocket(request);
  if (scenario === "push") {
    socket.onopen = async () => {
      await sendAll(socket, kind, Number(url.searchParams.get("count")));
      socket.close(1000);
    };
  } else if (scenario === "flood") {
    let count = 0;
    socket.onmessage = ({ data }) => {
      if (JSON.parse(data) !== null) return void count++;
      socket.send(JSON.stringify(count));
      socket.close(1000);
    };
  } else {
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message === null) socket.close(1000);
      else socket.send(JSON.stringify(message));
    };
  }
  return response;
}

/** Runs a job against {@linkcode rawHandler}; gives the time in ms from the open socket to the last message. */
export async function rawJob(base: string, { scenario, kind, count }: Job): Promise<number> {
  const path = scenario === "pingpong" ? "echo" : scenario;
  const socket = new WebSocket(`${base.replace("http", "ws")}/${path}_${kind}?count=${count}`);
  const closed = Promise.withResolvers<void>();
  socket.onclose = () => closed.resolve();
  let received = 0;
  const done = Promise.withResolvers<void>();
  let began = 0;
  const begin = () => began = performance.now();
  if (scenario === "push") {
    socket.onopen = begin;
    socket.onmessage = ({ data }) => {
      JSON.parse(data);
      if (++received === count) done.resolve();
    };
  } else if (scenario === "flood") {
    socket.onmessage = ({ data }) => {
      received = JSON.parse(data);
      done.resolve();
    };
    socket.onopen = async () => {
      begin();
      await sendAll(socket, kind, count);
      socket.send("null");
    };
  } else {
    const window = scenario === "echo" ? IN_FLIGHT : 1;
    let sent = 0;
    const send = () => socket.send(JSON.stringify(make[kind](sent++)));
    socket.onopen = () => {
      begin();
      while (sent < Math.min(window, count)) send();
    };
    socket.onmessage = ({ data }) => {
      JSON.parse(data);
      if (++received === count) done.resolve();
      else if (sent < count) send();
    };
  }
  await done.promise;
  const ms = performance.now() - began;
  if (received !== count) throw new Error(`raw ${scenario}: ${received} of ${count} messages`);
  socket.close(1000);
  await closed.promise;
  return ms;
}
