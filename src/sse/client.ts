/**
 * A server stream as Server-Sent Events, at the client: fetch and a parser, as an `EventSource` can neither send headers
 * nor use any verb but GET, and does not say why it failed. Runs wherever fetch does, in browsers too.
 *
 * @module
 */
import { errorJsonCodec } from "../codec/error_json.ts";
import { backoff, type ResolvedReconnect, wait } from "../core/backoff.ts";
import type { ClientExchange, ResponseHead } from "../core/exchange.ts";
import { inbox } from "../core/inbox.ts";
import type { MethodModel } from "../design/model.ts";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import { EVENT_STREAM } from "./accept.ts";
import { END, ERROR, eventClientCodec } from "./codec.ts";
import { eventStreamParser, type ServerEvent } from "./event_stream.ts";

/** How to open a call. */
export interface SseClientOptions {
  readonly method: MethodModel;
  /** Sends a request, as `fetch` does. */
  readonly fetch: (request: Request) => Promise<Response>;
  /**
   * Makes the request, anew for each connection; the signal aborts when the call is given up. `lastEventId` is absent
   * the first time, and while no event had an id.
   */
  readonly request: (signal: AbortSignal, lastEventId: string | undefined) => Request | Promise<Request>;
  /** The error that a response which is no stream tells; it reads the body. */
  readonly refused: (response: Response) => Promise<ServiceError>;
  /** Largest event. */
  readonly messageBytes: number;
  /** When a lost connection is tried again; absent: never. */
  readonly reconnect?: ResolvedReconnect;
}

/** Characters of events that may be unread; then no more is taken from the network, and in the end the server waits. */
const HELD = 64 * 1024;

/** What an event costs besides its data. */
const OVERHEAD = 64;

/** ms for a server to close the connection once it has ended the stream; then it is closed from here. */
const CLOSE_MS = 1000;

/**
 * Opens a call. Never throws: what goes wrong rejects `opened`, `closed` and all else.
 *
 * Only the event `end` is a good end: a connection that closes before it was cut, which is `unavailable`. An
 * `Idempotent` method whose events have ids (`SSEEventID`) is then called anew, with the last id in `Last-Event-ID`.
 *
 * `closed` does not wait for readers while what is unread is little (64 KiB); beyond it nothing more is taken from the
 * network, the end neither.
 */
export function openEvents(options: SseClientOptions): ClientExchange<ServerEvent> {
  const { method, messageBytes, reconnect } = options;
  const codec = eventClientCodec(method);
  const where = `${method.service}.${method.name}`;
  const waits = reconnect !== undefined && method.idempotent === true && method.http?.sse?.id !== undefined
    ? backoff(reconnect)
    : undefined;
  const controller = new AbortController();
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
  let live = false;
  /** Lets go of the connection: what a handler within the process answers knows nothing of the request's signal. */
  let leave: (() => void) | undefined;
  let lastEventId: string | undefined;

  function fail(error: unknown): void {
    if (over) return;
    over = true;
    queue.fail(error);
    opened.reject(error);
    closed.reject(error);
  }

  function cut(message: string, cause?: unknown): ServiceError {
    return builtinError("unavailable", `${where}: ${message}`, { cause });
  }

  /** Opens a connection; an error that a new one may mend is `unavailable`. */
  async function connect(): Promise<Response> {
    const request = await options.request(controller.signal, lastEventId);
    let response: Response;
    try {
      response = await options.fetch(request);
    } catch (cause) {
      const { origin } = new URL(request.url);
      throw cut(`cannot reach ${origin}: ${textOf(cause)}`, cause);
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
  async function receive(response: Response): Promise<Headers> {
    const reader = response.body!.getReader();
    leave = () => void reader.cancel().catch(() => {});
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const parser = eventStreamParser();
    try {
      for (;;) {
        const chunk = await next(reader);
        if (chunk === undefined) throw cut("the connection was closed before the end of the stream");
        waits?.reset();
        for (const event of parser.push(decoder.decode(chunk, { stream: true }))) {
          const trailers = take(event);
          if (trailers === undefined) continue;
          queue.end();
          await lastOf(reader);
          return trailers;
        }
        if (parser.held > messageBytes) throw tooLarge();
        if (held > HELD && !over) await new Promise<void>((resolve) => room = resolve);
        room = undefined;
      }
    } finally {
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

  /** Takes an event: gives the trailers when it is the last, and throws the error that it tells. */
  function take(event: ServerEvent): Headers | undefined {
    if (event.retry !== undefined) waits?.told(Number(event.retry));
    if (event.id !== undefined) lastEventId = event.id === "" ? undefined : event.id;
    if (event.type === END) return trailersOf(event.data);
    if (event.type === ERROR) {
      throw errorJsonCodec(method).decode(event.data ?? "") ??
        builtinError("fault", `${where}: the server sent an error that is none`);
    }
    if (!codec.takes(event) || queue.over) return undefined;
    if (exceeds(event.data ?? "", messageBytes)) throw tooLarge();
    held += sizeOf(event);
    queue.push(event);
    return undefined;
  }

  function tooLarge(): ServiceError {
    return builtinError("too_large", `${where}: message is larger than ${messageBytes} bytes`);
  }

  async function run(): Promise<void> {
    for (;;) {
      try {
        const response = await connect();
        live = true;
        opened.resolve({
          headers: response.headers,
          view: response.headers.get("goa-view") ?? undefined,
        });
        const trailers = await receive(response);
        if (over) return;
        over = true;
        closed.resolve(trailers);
        return;
      } catch (error) {
        if (over) return;
        const lost = error instanceof ServiceError && error.name === "unavailable";
        // What the caller has not seen open yet, it may itself try again.
        const ms = lost && live ? waits?.next() : undefined;
        if (ms === undefined) return fail(error);
        if (!await wait(ms, controller.signal)) return;
      }
    }
  }

  void run();

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
      controller.abort(reason);
      leave?.();
      room?.();
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
