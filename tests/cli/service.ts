/** What answers the calls of the tests. */
import { implement, ServiceError } from "@x/goats";
import { tools } from "./design.ts";

/** What a test watches. */
export interface Seen {
  /** Headers of the last call of `who`. */
  headers: Headers;
  /** Settled with the reason when the signal of `wait`, `wait_events`, `stay` or `endless` aborts. */
  aborted: PromiseWithResolvers<unknown>;
  /** Settled when the caller of `stay` has no more to say. */
  halfClosed: PromiseWithResolvers<void>;
  /** Items that `sink` has taken. */
  sunk: number;
}

/** A service, and what there is to watch of it. */
export function toolsService() {
  const seen: Seen = {
    headers: new Headers(),
    sunk: 0,
    aborted: Promise.withResolvers(),
    halfClosed: Promise.withResolvers(),
  };
  const untilAborted = (signal: AbortSignal) => {
    signal.addEventListener("abort", () => seen.aborted.resolve(signal.reason), { once: true });
    return new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  const service = implement(tools, {
    reflect: ({ payload }) => payload,
    double: ({ payload }) => payload * 2,
    find({ payload, error, setView, response }) {
      if (payload.id === 0) throw error("not_found", "nothing is called 0");
      if (payload.id === 1) throw error("taken", { by: "somebody", at: 9007199254740993n });
      if (payload.id === 2) setView("tiny");
      response.headers.set("x-found", "yes");
      response.trailers.set("x-after", "too");
      return { id: payload.id, name: "thing", notes: "none" };
    },
    async *count({ payload }) {
      for (let n = 0; n < payload.to; n++) yield { n, big: 9007199254740993n, data: new Uint8Array([1, 2]) };
    },
    async events({ payload, stream }) {
      if (stream === undefined) return { n: payload.to };
      for (let n = 0; n < payload.to; n++) await stream.send({ n });
    },
    async sum({ stream }) {
      let total = 0n;
      for await (const { n, big } of stream) total += BigInt(n) + (big ?? 0n);
      return { total };
    },
    async first({ stream }) {
      return (await stream.recv())!.n;
    },
    async *large() {
      yield new Uint8Array(5 * 1024 * 1024);
    },
    async sink({ stream }) {
      for await (const _item of stream) seen.sunk++;
    },
    async *echo({ payload, stream }) {
      for await (const item of stream) for (let i = 0; i < payload.times; i++) yield item;
    },
    async *things({ stream }) {
      await stream.setView("tiny");
      yield { id: 1, name: "a", notes: "b" };
    },
    secret({ payload }) {
      return `found ${payload.key.length} letters`;
    },
    who({ request }) {
      seen.headers = request.headers;
      return request.transport;
    },
    fail({ payload }) {
      if (payload.how === undefined) throw new Error("unexpected");
      throw new ServiceError(payload.how, payload.how === "rude" ? "\x1b[2Jboo\x9b" : "as you wish");
    },
    async *wait({ signal }) {
      yield 1;
      await untilAborted(signal);
    },
    async *wait_events({ signal }) {
      yield 1;
      await untilAborted(signal);
    },
    async *stay({ stream, signal }) {
      const over = untilAborted(signal);
      over.catch(() => {});
      yield* stream;
      seen.halfClosed.resolve();
      await over;
    },
    async *endless({ signal }) {
      untilAborted(signal).catch(() => {});
      for (let n = 0;; n++) yield { n };
    },
    upper: ({ body }) =>
      body.pipeThrough(new TextDecoderStream()).pipeThrough(
        new TransformStream({
          transform: (text, controller) => controller.enqueue(text.toUpperCase()),
        }),
      ).pipeThrough(new TextEncoderStream()),
  });
  return { service, seen };
}

/** How its servers verify keys. */
export const auth = {
  key({ token }: { readonly token: string }) {
    if (token !== "open sesame") throw new ServiceError("unauthorized", "no such key");
    return {};
  },
};
