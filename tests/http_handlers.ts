/** Handlers of the HTTP tests' service. */
import type { Handlers } from "../src/core/call.ts";
import type { MethodsOf } from "../src/design/infer.ts";
import { builtinError, type BuiltinErrorName } from "../src/errors/builtin.ts";
import { ServiceError } from "../src/errors/service_error.ts";
import { stringifyJson } from "../src/codec/json_text.ts";
import type { shop, streams } from "./http_design.ts";

const bottle = { id: 1, name: "n", notes: "long" };

const BUILTIN = [
  "unavailable",
  "too_large",
  "overloaded",
  "unauthorized",
  "forbidden",
  "canceled",
  "unimplemented",
  "timeout",
];

export function shopHandlers(): Handlers<MethodsOf<typeof shop>> {
  return {
    places: ({ payload }) => Object.entries(payload).map(([name, value]) => `${name} ${text(value)}`),
    find: ({ payload }) => payload,
    echo: ({ payload }) => payload,
    text({ payload, response }) {
      if (payload === "headers") {
        response.headers.set("x-own", "1");
        response.headers.append("set-cookie", "a=1");
        response.headers.append("set-cookie", "b=2");
        response.headers.set("content-length", "1000");
        response.headers.set("content-type", "text/html");
        response.trailers.set("x-trailer", "2");
      }
      if (payload === "status") Object.defineProperty(response.trailers, "forEach", { value: null });
      return payload;
    },
    optional: ({ payload }) => payload,
    create: ({ payload }) => ({
      id: 9007199254740993n,
      location: "/things/9007199254740993",
      words: ["a", "b"],
      note: payload.name,
    }),
    remove() {},
    accept: ({ payload }) => ({ token: `t${payload.id}` }),
    nothing() {},
    map: ({ payload }) => payload,
    async show({ payload, setView }) {
      await setView(payload.view as "tiny");
      return bottle;
    },
    tiny: () => bottle,
    async list({ payload, setView }) {
      await setView(payload.view as "tiny");
      return [bottle];
    },
    fail({ payload: { how }, error }) {
      switch (how) {
        case "throw":
          throw new TypeError("secret");
        case "result":
          return 1 as unknown as string;
        case "missing":
        case "gone":
          throw error(how, { id: "b1", tries: 3 });
        case "word":
          throw error("word", "a word");
        case "undeclared":
          throw new ServiceError("undeclared", "never heard of");
        default:
          if (BUILTIN.includes(how)) throw builtinError(how as BuiltinErrorName, how);
          throw error(how as "busy", `it is ${how}`);
      }
    },
    "café": ({ payload }) => payload,
    wait: ({ payload }) => payload.n ?? new Promise<number>(() => {}),
  };
}

function text(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value)) return value.map(text).join();
  if (value instanceof Uint8Array) return value.join();
  return typeof value === "string" ? value : stringifyJson(value);
}

export function streamsHandlers(ran: () => void = () => {}): Handlers<MethodsOf<typeof streams>> {
  return {
    async *count({ payload, error, response }) {
      ran();
      response.headers.set("x-own", "1");
      if (payload.room === "closed") throw error("refused", "the room is closed");
      for (let i = 1n; i <= payload.to; i++) yield i;
    },
    async sum({ stream }) {
      ran();
      let sum = 0n;
      for await (const n of stream) sum += n;
      return sum;
    },
    async *bottles({ payload, stream }) {
      ran();
      await stream.setView(payload.view as "tiny");
      yield bottle;
    },
  };
}
