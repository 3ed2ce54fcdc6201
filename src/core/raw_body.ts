/**
 * Raw bodies: bytes that pass between a handler and its caller as they are, no faster than they are taken.
 *
 * @module
 */

/** What callers may give as a raw body. */
export type RawBody = ReadableStream<Uint8Array> | Blob | Uint8Array<ArrayBuffer>;

/** The answer of a method with a raw response body. */
export interface RawAnswer<R> {
  /** Travels in headers; absent for a method without Result. */
  readonly result: R;
  /** The body: read it to its end, or cancel it. The call lasts as long. */
  readonly body: ReadableStream<Uint8Array>;
}

/** A stream that ends, fails or is cancelled together with its call. */
export interface RelayedBody {
  /** What the other end reads. */
  readonly stream: ReadableStream<Uint8Array>;
  /** Ends it early: its reader sees `reason`, its source is cancelled with it. Does nothing after the end. */
  fail(reason: unknown): void;
}

/** What a relay tells, each at most once and one of them at most. */
export interface RelayListener {
  /** Everything was taken. */
  end?(): void;
  /** The source failed; returns what the reader is to see. */
  failed?(error: unknown): unknown;
  /** The reader wants no more. */
  cancelled?(reason: unknown): void;
}

/** Relays a stream chunk by chunk: nothing is taken from the source before somebody asks for it. */
export function relayBody(source: ReadableStream<Uint8Array>, told: RelayListener = {}): RelayedBody {
  const reader = source.getReader();
  let over = false;
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const drop = (reason: unknown) => void reader.cancel(reason).catch(() => {});
  const stream = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
    async pull() {
      let chunk: ReadableStreamReadResult<Uint8Array>;
      try {
        chunk = await reader.read();
        if (over) return;
        if (!chunk.done && !(chunk.value instanceof Uint8Array)) {
          const error = new TypeError("Cannot send a raw body: a chunk is no Uint8Array");
          drop(error);
          throw error;
        }
      } catch (error) {
        if (over) return;
        over = true;
        controller.error(told.failed === undefined ? error : told.failed(error));
        return;
      }
      if (!chunk.done) return controller.enqueue(chunk.value);
      over = true;
      controller.close();
      told.end?.();
    },
    cancel(reason) {
      if (over) return;
      over = true;
      drop(reason);
      told.cancelled?.(reason);
    },
  }, { highWaterMark: 0 });
  return {
    stream,
    fail(reason) {
      if (over) return;
      over = true;
      controller.error(reason);
      drop(reason);
    },
  };
}

/** A raw body as stream. */
export function streamOf(body: RawBody): ReadableStream<Uint8Array> {
  return body instanceof ReadableStream ? body : new Blob([body]).stream();
}

/** Whether a caller gave what can be a raw body. */
export function isRawBody(body: unknown): body is RawBody {
  return body instanceof ReadableStream || body instanceof Blob || body instanceof Uint8Array;
}

/** Parts what a handler returned into result and body. */
export function rawAnswer(returned: unknown, where: string): RawAnswer<unknown> {
  const given = returned as Partial<RawAnswer<unknown>> | ReadableStream<Uint8Array> | null | undefined;
  const answer = given instanceof ReadableStream ? { result: undefined, body: given } : given;
  if (!(answer?.body instanceof ReadableStream)) {
    throw new TypeError(`Cannot answer ${where}: its handler returned no ReadableStream for the body`);
  }
  return { result: answer.result, body: answer.body };
}

/** Tells whoever makes the body that a handler returned that it is not going to be sent. */
export function dropAnswer(returned: unknown, reason: unknown): void {
  const body = returned instanceof ReadableStream
    ? returned
    : (returned as { body?: unknown } | undefined)?.body;
  // One that is read by somebody else cannot be cancelled, and is no matter here.
  if (body instanceof ReadableStream) body.cancel(reason).catch(() => {});
}
