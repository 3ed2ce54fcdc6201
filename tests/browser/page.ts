/**
 * The page, bundled for browsers; Node runs the same bundle. Each function is a user's day, called by the tests with the
 * URL of a server; what a user would see it shows, and what the tests compare it returns, as JSON.
 */
import {
  type ClientOf,
  errorOf,
  httpClient,
  ServiceError,
  type StreamState,
} from "../../src/http/client_mod.ts";
import type { HttpClientOptions } from "../../src/http/client.ts";
import { market } from "./design.ts";

interface Page {
  readonly document?: { getElementById(id: string): { textContent: string | null } | null };
}

/** Shows something: in its place on the page; in Node on a line. */
function show(id: string, text: string): void {
  const { document } = globalThis as Page;
  const place = document?.getElementById(id);
  if (place) place.textContent = text;
  else if (document === undefined) console.log(`${id}: ${text}`);
}

/** How the tests reconnect: soon. */
const SOON = { firstMs: 50, maxMs: 500 };

/** Clients of this page: a page has one for each server. */
const clients = new Map<string, ClientOf<typeof market>>();

function clientOf(url: string, options: HttpClientOptions = {}): ClientOf<typeof market> {
  const key = url + JSON.stringify(options);
  let client = clients.get(key);
  if (client === undefined) {
    clients.set(key, client = httpClient(market, url, { reconnect: SOON, ...options }));
  }
  return client;
}

/** What a test can compare of an error. */
function told(error: unknown): unknown {
  return error instanceof ServiceError ? [error.name, error.message] : `${error}`;
}

/** Ends all calls. */
export async function close(): Promise<void> {
  for (const client of clients.values()) await client.close();
  clients.clear();
}

/** Sends `count` messages, reads as many as they come, ends its side, reads the last word. */
export async function echo(url: string, count: number, options: HttpClientOptions = {}): Promise<unknown> {
  const states: StreamState[] = [];
  const stream = clientOf(url, options).echo({ onState: (state) => states.push(state) });
  await stream.opened;
  let rttAfter: number | undefined;
  const sending = (async () => {
    for (let n = 0; n < count; n++) await stream.send({ n, text: `message ${n} \n €` });
    // Whoever wants pings waits for one.
    while (options.heartbeatMs !== undefined && stream.rtt === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await stream.closeSend();
  })();
  let inOrder = 0;
  let last: unknown;
  for await (const item of stream) {
    if (item.text === "end") last = item;
    else if (item.n === inOrder && item.text === `message ${inOrder} \n €`) inOrder++;
    else throw new Error(`${item.n} came in place of ${inOrder}`);
    rttAfter = stream.rtt;
  }
  await sending;
  await stream.closed;
  show("messages", `${inOrder}`);
  return { inOrder, last, rtt: rttAfter, states, restarts: stream.restarts };
}

/** Follows until it was told by two processes, and shows how it is. */
export async function follow(url: string, method: "follow" | "news"): Promise<unknown> {
  const states: StreamState[] = [];
  const onState = (state: StreamState) => {
    if (states.at(-1) !== state) states.push(state);
    show("state", state);
  };
  const client = clientOf(url);
  const stream = method === "follow"
    ? client.follow({ onState })
    : client.news({ to: 1_000_000 }, { onState });
  const processes = new Set<number>();
  let before = 0;
  let first: number | undefined;
  for await (const { n, process } of stream) {
    processes.add(process);
    show("messages", n);
    if (processes.size === 1) before = Number(n);
    else first ??= Number(n);
    if (processes.size === 2 && Number(n) >= first! + 5) break;
  }
  show("restarts", `${stream.restarts}`);
  return { restarts: stream.restarts, states, before, first };
}

/** Reads events to their end. */
export async function news(url: string, to: number): Promise<unknown> {
  const stream = clientOf(url).news({ to });
  const numbers = await Array.fromAsync(stream, ({ n }) => Number(n));
  return { inOrder: numbers.every((n, i) => n === i + 1), count: numbers.length };
}

/** Buys what is there, and what is not: shows the error that the design declares. */
export async function buy(url: string): Promise<unknown> {
  const client = clientOf(url);
  const { price } = await client.buy({ item: "cheese", count: 4 });
  try {
    await client.buy({ item: "goat" });
  } catch (thrown) {
    const error = errorOf(market, "buy", thrown);
    if (error === undefined) throw thrown;
    const { item, left, until } = error.data;
    show("error", `${error.name}: ${item}, ${left} left, more on ${until}`);
    return { price, error: error.name, item, left, until };
  }
  return { price };
}

/** What the design does not allow. */
export async function invalid(url: string): Promise<unknown> {
  return await clientOf(url).buy({ item: "cheese", count: 0 }).then(() => "bought", told);
}

/** A stream that fails halfway. */
export async function auction(url: string, options: HttpClientOptions = {}): Promise<unknown> {
  const bids: number[] = [];
  try {
    for await (const bid of clientOf(url, options).auction({ item: "goat" })) bids.push(bid);
  } catch (thrown) {
    const error = errorOf(market, "auction", thrown);
    if (error === undefined) throw thrown;
    show("error", `${error.name}: ${error.data.item}, ${error.data.left} left`);
    return { bids, error: error.name, data: { ...error.data } };
  }
  return { bids };
}

/** What only those with a token may read. */
export async function secrets(url: string, token: string, options: HttpClientOptions = {}): Promise<unknown> {
  try {
    return await Array.fromAsync(clientOf(url, options).secrets({ token }));
  } catch (error) {
    show("error", error instanceof ServiceError ? `${error.name}: ${error.message}` : `${error}`);
    return told(error);
  }
}

/** Bodies as they are, each way; `streamed` as well as a stream, for which browsers want HTTP/2. */
export async function files(url: string, streamed: boolean): Promise<unknown> {
  const client = clientOf(url);
  const bytes = new Uint8Array(1_000_000).fill(3);
  const seen: unknown[] = [
    await client.upload({ name: "bytes" }, { body: bytes }),
    await client.upload({ name: "blob" }, { body: new Blob([bytes, bytes]) }),
  ];
  if (streamed) {
    const parts = [bytes.subarray(0, 10), bytes.subarray(10, 500_000)];
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const part = parts.shift();
        if (part === undefined) controller.close();
        else controller.enqueue(part);
      },
    });
    seen.push(await client.upload({ name: "stream" }, { body }));
  }
  const { result, body } = await client.download({ size: 3_000_000 });
  let size = 0;
  // Not every browser's streams can be iterated.
  for (const reader = body.getReader();;) {
    const { value, done } = await reader.read();
    if (done) break;
    size += value.length;
  }
  seen.push([result.name, size]);
  return seen;
}

/** Opens streams and keeps them, as a page that its user then leaves. */
export async function stay(url: string, options: HttpClientOptions = {}): Promise<void> {
  const client = clientOf(url, options);
  const talk = client.echo();
  await talk.send({ n: 1 });
  await talk.recv();
  await client.follow().recv();
  await client.news({ to: 1_000_000 }).recv();
}

/** Echoes several times over: connections that the first has shown to be of no use are not made again. */
export async function echoes(url: string, count: number, times: number): Promise<unknown> {
  let inOrder = 0;
  for (let time = 0; time < times; time++) {
    inOrder += (await echo(url, count) as { inOrder: number }).inOrder;
  }
  return { inOrder };
}

/** Follows for as long as the page is there, and shows how it is. */
export function remain(url: string): void {
  const stream = clientOf(url).follow({ onState: (state) => show("state", state) });
  void (async () => {
    try {
      for await (const { n } of stream) {
        show("messages", n);
        show("restarts", `${stream.restarts}`);
      }
    } catch (error) {
      show("error", `${error}`);
    }
  })();
}
