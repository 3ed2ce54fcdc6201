/** The service of design.ts, in goats: what peers call. */
import { implement } from "../../mod.ts";
import type { ServiceImplementation } from "../../src/core/endpoint.ts";
import { tripLog } from "./design.ts";

/** What the service saw of its calls. */
export interface Seen {
  /** Deadlines of calls, as ms from their start. */
  readonly timeouts: (number | undefined)[];
  /** Reasons with which the signals of calls aborted, by name. */
  readonly aborted: string[];
  /** What `upload` got. */
  readonly places: string[];
}

/** Makes the service, and a record of what it sees. */
export function tripLogService(): { service: ServiceImplementation; seen: Seen } {
  const seen: Seen = { timeouts: [], aborted: [], places: [] };
  const service = implement(tripLog, {
    async get_trip({ payload: { id, view }, request, response, setView, error }) {
      if (id === 404n) throw error("not_found", { id, hint: "größer 😀" });
      if (id === 503n) throw error("busy", "come again");
      if (id === 431n) throw error("busy", "größer ".repeat(10_000));
      if (id === 500n) throw new Error("secret");
      response.headers.set("x-heard", request.headers.get("x-ask") ?? "");
      response.headers.set("x-heard-bin", request.headers.get("x-ask-bin") ?? "");
      response.trailers.set("x-told", "bye");
      if (view !== undefined) await setView(view as "tiny");
      return {
        id,
        name: "Alps",
        stops: [{ place: "Chur", wait: -3 }, { place: "Arosa" }],
        tags: { height: 1775.5 },
        photo: new Uint8Array([0, 255, 1]),
        seats: 4_000_000_000,
      };
    },
    async *list_ids({ payload: { upto }, signal }) {
      signal.addEventListener("abort", () => seen.aborted.push(signal.reason.name));
      for (let id = 1; id <= upto; id++) yield id;
      if (upto === 50) throw new Error("fifty and no more");
    },
    async upload({ stream }) {
      let count = 0n;
      for await (const { place, wait } of stream) {
        seen.places.push(`${place} ${wait}`);
        count++;
      }
      return count;
    },
    async *talk({ stream, request, signal, error }) {
      seen.timeouts.push(request.deadline && request.deadline - Date.now());
      signal.addEventListener("abort", () => seen.aborted.push(signal.reason.name));
      let n = 0;
      for await (const { text } of stream) {
        if (text === "rude") throw error("rude", "mind your tongue");
        yield { text: text.toUpperCase(), n: n++ };
      }
      yield { text: "end", n: -1 };
    },
    ping() {},
    async *guide({ payload: { trip }, stream }) {
      for await (const { text } of stream) yield `${trip}: ${text}`;
    },
  });
  return { service, seen };
}
