/** The service that pages call. */
import { delay } from "@std/async";
import { implement, ServiceError, type ServiceImplementation } from "../../mod.ts";
import type { HttpHandlerOptions } from "../../src/http/handler.ts";
import { jwt, market } from "./design.ts";

/** What a handler saw at its end, for tests that ask. */
export interface Ends {
  /** Reasons for which calls were told, by their signal, to end. */
  readonly reasons: unknown[];
}

/** The service; `ends` learns how streams ended. */
export function marketService(ends: Ends = { reasons: [] }): ServiceImplementation {
  const watch = (signal: AbortSignal) =>
    signal.addEventListener("abort", () => ends.reasons.push(signal.reason), { once: true });
  return implement(market, {
    async echo({ stream, signal }) {
      watch(signal);
      let count = 0;
      for await (const item of stream) {
        count++;
        await stream.send(item);
      }
      // The caller's side is closed; this one is not.
      await stream.send({ n: count, text: "end" });
    },
    async *follow({ signal }) {
      watch(signal);
      for (let n = 1;; n++) {
        yield { n: `${n}`, process: Deno.pid };
        await delay(10, { signal });
      }
    },
    async *news({ payload: { to, after }, signal }) {
      if (to > 10_000) watch(signal);
      for (let n = Number(after ?? 0) + 1; n <= to; n++) {
        yield { n: `${n}`, process: Deno.pid };
        // Slowly, when it goes on for long.
        if (to > 10_000) await delay(10, { signal });
      }
    },
    buy({ payload: { item, count = 1 }, error }) {
      if (item === "goat") throw error("sold_out", { item, left: 0, until: "Monday" });
      return { price: 1.5 * count };
    },
    async *auction({ payload: { item }, error }) {
      yield 1;
      yield 2;
      throw error("sold_out", { item, left: 3, until: "ü\nnoon" });
    },
    async *secrets({ auth }) {
      yield `for ${auth}`;
    },
    async upload({ body }) {
      let size = 0;
      let sum = 0;
      for await (const bytes of body) {
        size += bytes.length;
        for (const byte of bytes) sum += byte;
      }
      return { size, sum };
    },
    download: ({ payload: { size } }) => ({ result: { name: "zeros" }, body: zeros(size) }),
  });
}

/** Lets in who shows the one token that there is. */
export const auth: HttpHandlerOptions["auth"] = {
  [jwt.name]: (credentials: object) => {
    const { token } = credentials as { token: string };
    if (token !== "t0ken ü?") throw new ServiceError("unauthorized", "this token is not known");
    return "Ann";
  },
};

function zeros(size: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = size;
  return new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close();
      const some = Math.min(left, 16_384);
      left -= some;
      controller.enqueue(new Uint8Array(some));
    },
  });
}
