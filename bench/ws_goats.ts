/**
 * The goats side of the WebSocket benchmark, as a user would write it.
 *
 * @module
 */
import { httpClient, type HttpClientOptions, implement } from "@x/goats";
import { bench, IN_FLIGHT, type Job, type Kind, make } from "./ws_design.ts";

async function countOf(stream: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _message of stream) count++;
  return count;
}

/** The service of the benchmark. */
export const benchService = implement(bench, {
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

/** What jobs need of a client stream, whatever its messages. */
interface Uploading {
  readonly opened: Promise<unknown>;
  send(message: unknown): Promise<void>;
  closeAndRecv(): Promise<number>;
}

/** The same of a stream both ways. */
interface Echoing extends AsyncIterable<unknown> {
  readonly opened: Promise<unknown>;
  send(message: unknown): Promise<void>;
  recv(): Promise<unknown>;
  closeSend(): Promise<void>;
}

/** Runs jobs over one wire. */
export function goatsJobs(base: string, options: HttpClientOptions): (job: Job) => Promise<number> {
  const client = httpClient(bench, base, options);

  async function push(kind: Kind, count: number): Promise<number> {
    const stream = kind === "sample" ? client.push_sample({ count }) : client.push_tick({ count });
    await stream.opened;
    const began = performance.now();
    const received = await countOf(stream);
    return checked("push", received, count, began);
  }

  async function flood(kind: Kind, count: number): Promise<number> {
    const stream = (kind === "sample" ? client.flood_sample() : client.flood_tick()) as Uploading;
    await stream.opened;
    const began = performance.now();
    for (let n = 0; n < count; n++) await stream.send(make[kind](n));
    const received = await stream.closeAndRecv();
    return checked("flood", received, count, began);
  }

  async function echo(kind: Kind, count: number): Promise<number> {
    const stream = (kind === "sample" ? client.echo_sample() : client.echo_tick()) as Echoing;
    await stream.opened;
    const began = performance.now();
    let sent = 0;
    let received = 0;
    while (sent < Math.min(IN_FLIGHT, count)) await stream.send(make[kind](sent++));
    for await (const _message of stream) {
      received++;
      if (sent < count) await stream.send(make[kind](sent++));
      else if (received === count) await stream.closeSend();
    }
    return checked("echo", received, count, began);
  }

  async function pingpong(kind: Kind, count: number): Promise<number> {
    const stream = (kind === "sample" ? client.echo_sample() : client.echo_tick()) as Echoing;
    await stream.opened;
    const began = performance.now();
    let received = 0;
    for (let n = 0; n < count; n++) {
      await stream.send(make[kind](n));
      if (await stream.recv() !== null) received++;
    }
    const ms = checked("pingpong", received, count, began);
    await stream.closeSend();
    await stream.recv();
    return ms;
  }

  const scenarios = { push, flood, echo, pingpong };
  return ({ scenario, kind, count }) => scenarios[scenario](kind, count);
}

function checked(what: string, received: number, count: number, began: number): number {
  if (received !== count) throw new Error(`${what}: ${received} of ${count} messages`);
  return performance.now() - began;
}
