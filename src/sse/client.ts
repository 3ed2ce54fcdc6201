/**
 * A server stream as Server-Sent Events, at the client: fetch and a parser, as an `EventSource` can neither send headers
 * nor use any verb but GET, and does not say why it failed. Runs wherever fetch does, in browsers too.
 *
 * @module
 */
import { errorJsonCodec } from "../codec/error_json.ts";
import { runtimeView } from "../codec/view.ts";
import { type Backoff, SETTLED_MS, wait } from "../core/backoff.ts";
import { LONGEST } from "../core/deadline.ts";
import type { ClientExchange, ClientRequest, ResponseHead } from "../core/exchange.ts";
import { inbox } from "../core/inbox.ts";
import { isLost, markLost } from "../core/lost.ts";
import { onPageLeft } from "../core/page_left.ts";
import type { MethodModel } from "../design/model.ts";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import { EVENT_STREAM } from "./accept.ts";
import { END, ERROR, eventClientCodec } from "./codec.ts";
import { eventStreamParser, type ServerEvent } from "./event_stream.ts";
import { decodeNews, FORGOTTEN, LAST, STREAM, type StreamNews } from "./resume.ts";
import { silence } from "./silence.ts";

/** How to open a call. */
export interface SseClientOptions {
  readonly method: MethodModel;
  /** Sends a request, as `fetch` does. */
  readonly fetch: (request: Request) => Promise<Response>;
  /**
   * Makes the request, anew for each connection.
   *
   * @param signal Aborts when nobody waits for the answer any more
   * @param position What the header `goats-resume` is to say, when a stream is resumed or given up
   */
  readonly request: (signal: AbortSignal, position: string | undefined) => Promise<Request>;
  /** The error that a response which is no stream tells; it reads the body. */
  readonly refused: (response: Response) => Promise<ServiceError>;
  /** Largest event. */
  readonly messageBytes: number;
  /** When a lost connection is tried again; absent: never. */
  readonly waits?: Backoff;
  /** Silence after which a server is taken for dead. Default, and least: three of the intervals that it tells of. */
  readonly idleMs?: number;
  /** Time for the server to answer the first request; 0: any. Not where the view, and so the answer, is the handler's. */
  readonly openMs: number;
  /** See `ClientRequest.onState`. */
  readonly onState?: ClientRequest["onState"];
  /** Told the id of each event that has one, `undefined` when it is to be forgotten. */
  readonly seen: (id: string | undefined) => void;
  /** Told what goes on after the end of the call. */
  readonly background: (task: Promise<void>) => void;
}

/** Characters of events that may be unread; then no more is taken from the network, and in the end the server waits. */
const HELD = 64 * 1024;

/**
 * Characters of a stream from which on the server is told that its end has arrived, as it keeps them for this caller.
 * Of less it keeps many; a request for each would cost more.
 */
const LARGE = 64 * 1024;

/** What an event costs besides its data. */
const OVERHEAD = 64;

/** ms for a server to close the connection once it has ended the stream; then it is closed from here. */
const CLOSE_MS = 1000;

/**
 * ms that an answer is waited for when the call is given up before: a server that has let it in would otherwise see a
 * connection that is lost, and wait for its caller to come back.
 */
const PATIENCE_MS = 1000;

/** ms for a server to hear that a call is given up: the close of a client waits for it. */
const GIVE_BACK_MS = 3000;

/** Heartbeats after which a silent server is dead: it sends none in an interval in which it sent something else. */
const MISSED = 3;

/**
 * Opens a call. Never throws: what goes wrong rejects `opened`, `closed` and all else.
 *
 * Only the event `end` is a good end: a connection that closes before it was cut. A server that keeps the call is then
 * asked for what was missed; else the call ends with an `unavailable` that is marked as lost.
 *
 * `closed` does not wait for readers while what is unread is little (64 KiB); beyond it nothing more is taken from the
 * network, the end neither.
 */
export function openEvents(options: SseClientOptions): ClientExchange<ServerEvent> {
  const { method, messageBytes, waits } = options;
  const codec = eventClientCodec(method);
  const where = `${method.service}.${method.name}`;
  const giveUp = new AbortController();
  const opened = Promise.withResolvers<ResponseHead>();
  const closed = Promise.withResolvers<Headers>();
  for (const { promise } of [opened, closed] as { promise: Promise<unknown> }[]) promise.catch(() => {});
  let held = 0;
  let room: (() => void) | undefined;
  const queue = inbox<ServerEvent>({
    taken(event) {
      held -= sizeOf(event);
      if (held <= HELD / 2) room?.();
    },
  });
  let over = false;
  /** Lets go of the connection: what a handler within the process answers knows nothing of the request's signal. */
  let leave: (() => void) | undefined;
  /** How to come back, while the server has the call. */
  let news: StreamNews | undefined;
  /** Whether the server was asked for the stream, and has not answered. */
  let asked = false;
  /** Events that came, and characters. */
  let count = 0;
  let size = 0;
  /** When the connection was lost, while it is. */
  let lostAt: number | undefined;

  function fail(error: unknown): void {
    if (over) return;
    over = true;
    if (!isLost(error)) giveBack();
    queue.fail(error);
    opened.reject(error);
    closed.reject(error);
  }

  /**
   * Tells a server that keeps the call for this caller that it need not: a cut would look the same to it.
   *
   * @param leaving Whether the user leaves the page, which ends all other requests
   */
  function giveBack(leaving = false): void {
    if (news === undefined) return;
    const position = `${news.token}.${LAST}`;
    news = undefined;
    options.background((async () => {
      const patience = new AbortController();
      const timer = setTimeout(() => patience.abort(), GIVE_BACK_MS);
      try {
        const request = await options.request(patience.signal, position);
        const response = await options.fetch(leaving ? new Request(request, { keepalive: true }) : request);
        await response.body?.cancel();
      } catch {
        // It will notice in the end.
      } finally {
        clearTimeout(timer);
      }
    })());
  }

  function cut(message: string, cause?: unknown): ServiceError {
    return markLost(builtinError("unavailable", `${where}: ${message}`, { cause }));
  }

  /** Opens a connection; an error that another one may mend is marked. */
  async function connect(signal: AbortSignal, asking: () => void): Promise<Response> {
    const position = news && `${news.token}.${count}`;
    const request = await options.request(signal, position);
    if (over) throw cut("the call is over");
    asking();
    let response: Response;
    try {
      asked = position === undefined;
      response = await options.fetch(request);
    } catch (cause) {
      const { origin } = new URL(request.url);
      throw cut(`cannot reach ${origin}: ${textOf(cause)}`, cause);
    } finally {
      asked = false;
    }
    if (position !== undefined && response.status === FORGOTTEN) {
      news = undefined;
      await response.body?.cancel();
      throw cut("the server no longer has the stream");
    }
    if (!response.ok) throw await options.refused(response);
    const type = response.headers.get("content-type") ?? "";
    if (type.split(";", 1)[0]!.trim().toLowerCase() !== EVENT_STREAM || response.body === null) {
      await response.body?.cancel();
      throw new ServiceError(
        "bad_response",
        `${where}: the server answered ${type || "nothing"}, not ${EVENT_STREAM}`,
      );
    }
    return response;
  }

  /** Takes what one connection brings. Returns the trailers at a good end; throws at any other. */
  async function receive(response: Response, watch: ReturnType<typeof silence>): Promise<Headers> {
    const reader = response.body!.getReader();
    leave = () => void reader.cancel().catch(() => {});
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const parser = eventStreamParser();
    const began = performance.now();
    try {
      for (;;) {
        const chunk = await next(reader);
        if (chunk === undefined) throw cut("the connection was closed before the end of the stream");
        watch.heard();
        lostAt = undefined;
        const text = decoder.decode(chunk, { stream: true });
        size += text.length;
        for (const event of parser.push(text)) {
          const trailers = take(event);
          if (trailers === undefined) continue;
          queue.end();
          await lastOf(reader);
          return trailers;
        }
        if (parser.held() > messageBytes) throw tooLarge();
        if (held > HELD && !over) {
          watch.pause();
          await new Promise<void>((resolve) => room = resolve);
          watch.heard();
        }
        room = undefined;
      }
    } finally {
      // Comments alone tell nothing: one that brings no more than that, and ends, would be tried again without end.
      if (performance.now() - began > SETTLED_MS) waits?.reset();
      // A connection that was read to its end has nothing left to cancel; of any other nobody wants more.
      leave();
    }
  }

  async function next(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array | undefined> {
    try {
      return (await reader.read()).value;
    } catch (cause) {
      throw cut(`the connection was cut: ${textOf(cause)}`, cause);
    }
  }

  /** A bound that is shorter than what the server may be silent for would cut what is well. */
  function idleMs({ heartbeatMs }: StreamNews): number {
    if (heartbeatMs === 0) return options.idleMs ?? 0;
    return Math.min(Math.max(options.idleMs ?? 0, MISSED * heartbeatMs), LONGEST);
  }

  /** Takes an event: gives the trailers when it is the last, and throws the error that it tells. */
  function take(event: ServerEvent): Headers | undefined {
    if (event.retry !== undefined) waits?.told(Number(event.retry));
    if (event.type === END) return trailersOf(event.data);
    if (event.type === ERROR) {
      if (event.lost || size < LARGE) news = undefined;
      const error = errorJsonCodec(method).decode(event.data ?? "") ??
        builtinError("fault", `${where}: the server sent an error that is none`);
      throw event.lost ? markLost(error) : error;
    }
    count++;
    if (event.id !== undefined) options.seen(event.id === "" ? undefined : event.id);
    if (!codec.takes(event) || queue.over) return undefined;
    waits?.reset();
    if (exceeds(event.data ?? "", messageBytes)) throw tooLarge();
    held += sizeOf(event);
    queue.push(event);
    return undefined;
  }

  function tooLarge(): ServiceError {
    return builtinError("too_large", `${where}: message is larger than ${messageBytes} bytes`);
  }

  /** One connection, to its end. */
  async function converse(first: boolean): Promise<Headers> {
    const connection = new AbortController();
    const abort = () => connection.abort(giveUp.signal.reason);
    giveUp.signal.addEventListener("abort", abort, { once: true });
    let silent = false;
    const watch = silence(() => {
      silent = true;
      connection.abort();
      leave?.();
    });
    const limit = news === undefined ? options.idleMs ?? 0 : idleMs(news);
    watch.limit(limit);
    // Making the request may take its time.
    if (first) watch.pause();
    try {
      const response = await connect(connection.signal, () => {
        if (!first || runtimeView(method) || options.openMs <= 0) return;
        watch.limit(options.openMs);
        watch.heard();
      });
      if (first) {
        news = waits && decodeNews(response.headers.get(STREAM) ?? "");
        watch.limit(news === undefined ? limit : idleMs(news));
      }
      if (over) {
        giveBack();
        await response.body?.cancel();
        throw cut("the call is over");
      }
      watch.heard();
      if (first) {
        opened.resolve({
          headers: response.headers,
          view: response.headers.get("goa-view") ?? undefined,
        });
      } else options.onState?.("open");
      return await receive(response, watch);
    } catch (error) {
      throw silent ? cut(`nothing was heard for ${watch.ms()} ms`, error) : error;
    } finally {
      watch.stop();
      leave = undefined;
      giveUp.signal.removeEventListener("abort", abort);
    }
  }

  /** Waits to come back to a server that keeps the call. Returns whether to go on. */
  async function pause(): Promise<boolean> {
    if (news === undefined || waits === undefined) return false;
    lostAt ??= performance.now();
    const left = news.resumeMs - (performance.now() - lostAt);
    const ms = left <= 0 ? undefined : waits.next();
    if (ms === undefined) return false;
    options.onState?.("paused");
    if (!await wait(Math.min(ms, left), giveUp.signal)) return false;
    options.onState?.("resuming");
    return true;
  }

  async function run(): Promise<void> {
    for (let first = true;; first = false) {
      try {
        const trailers = await converse(first);
        if (over) return;
        over = true;
        if (size >= LARGE) giveBack();
        closed.resolve(trailers);
        return;
      } catch (error) {
        if (over) return;
        if (!isLost(error) || !await pause()) return fail(error);
      }
    }
  }

  /** Waits for the answer of a server that may keep the call, to tell it that it need not. */
  async function takeLeave(reason: unknown): Promise<void> {
    const timer = setTimeout(() => giveUp.abort(reason), PATIENCE_MS);
    await running;
    clearTimeout(timer);
  }

  const stopWatching = onPageLeft(() => giveBack(true));
  closed.promise.then(stopWatching, stopWatching);
  const running = run();

  const noStream = () => Promise.reject(new TypeError(`Cannot send on ${where}: its caller sends nothing`));
  return {
    codec,
    opened: opened.promise,
    closed: closed.promise,
    read: queue.read,
    write: noStream,
    closeSend: noStream,
    cancel(reason) {
      if (over) return;
      over = true;
      queue.abort(reason);
      opened.reject(reason);
      closed.reject(reason);
      if (asked && waits !== undefined) return options.background(takeLeave(reason));
      giveUp.abort(reason);
      leave?.();
      room?.();
      giveBack();
    },
  };
}

/** Lets the server close the connection, so that it can be used again; closes it when it does not. */
async function lastOf(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const timer = setTimeout(() => void reader.cancel().catch(() => {}), CLOSE_MS);
  try {
    await reader.read();
  } catch {
    // The stream has ended well; how its connection ends is all the same.
  } finally {
    clearTimeout(timer);
  }
}

function sizeOf(event: ServerEvent): number {
  return (event.data?.length ?? 0) + (event.id?.length ?? 0) + OVERHEAD;
}

const utf8 = new TextEncoder();

/** Whether a text is longer than `bytes` in UTF-8. */
function exceeds(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && (text.length > bytes || utf8.encode(text).length > bytes);
}

/** The trailers in the data of the last event. Not all servers have any. */
function trailersOf(data: string | undefined): Headers {
  try {
    return new Headers(JSON.parse(data ?? "{}"));
  } catch {
    return new Headers();
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
