/** A service with a stream on every wire, for the tests of limits and of the registry of connections. */
import { delay } from "@std/async";
import { type HttpHandler, httpHandler, type HttpHandlerOptions, implement } from "../mod.ts";

import * as d from "../src/design/mod.ts";

export const Key = d.APIKeySecurity("key");

export const app = d.Service(
  "app",
  d.Method(
    "talk",
    d.StreamingPayload(d.String),
    d.StreamingResult(d.String),
    d.HTTP(d.GET("/talk")),
  ),
  d.Method("ticks", d.StreamingResult(d.String), d.HTTP(d.GET("/ticks"), d.ServerSentEvents())),
  d.Method("ask", d.Payload(d.String), d.Result(d.String), d.HTTP(d.POST("/ask"))),
  d.Method(
    "secret",
    d.Security(Key),
    d.Payload(d.APIKeyField(1, Key, "token"), d.Required("token")),
    d.StreamingResult(d.String),
    d.HTTP(d.GET("/secret"), d.Header("token:x-token")),
  ),
);

/** Streams that last until their signal aborts, and tell of it. */
export interface Running extends AsyncDisposable {
  readonly handler: HttpHandler;
  readonly url: string;
  readonly port: number;
  /** Names and messages of what the signals of handlers aborted with. */
  readonly aborted: string[];
  /** What `onError` saw. */
  readonly errors: string[];
}

function untilAborted(signal: AbortSignal, aborted: string[]): Promise<never> {
  return new Promise((_, reject) => {
    const tell = () => {
      aborted.push(`${signal.reason.name}: ${signal.reason.message}`);
      reject(signal.reason);
    };
    if (signal.aborted) tell();
    else signal.addEventListener("abort", tell);
  });
}

export function run(options: HttpHandlerOptions = {}): Running {
  const aborted: string[] = [];
  const errors: string[] = [];
  const service = implement(app, {
    async talk({ stream, signal }) {
      const gone = untilAborted(signal, aborted);
      gone.catch(() => {});
      for await (const text of stream) {
        // Reads nothing more.
        if (text === "sleep") return await gone;
        if (text === "late") {
          await delay(700);
          for (;;) await stream.send("x".repeat(16_384));
        }
        // Sends more than anybody wants.
        if (text === "pour") { for (;;) await stream.send("x".repeat(16_384)); }
        await stream.send(text);
      }
    },
    async *ticks({ signal }) {
      yield "tick";
      await untilAborted(signal, aborted);
    },
    ask: ({ payload }) => payload,
    async *secret({ signal }) {
      yield "psst";
      await untilAborted(signal, aborted);
    },
  });
  const handler = httpHandler([service], {
    auth: { key: ({ token }) => ({ user: token }) },
    ...options,
    onError(error, call) {
      errors.push(`${error.name}: ${error.message}`);
      return options.onError?.(error, call);
    },
  });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  const { port } = server.addr;
  return {
    handler,
    url: `http://127.0.0.1:${port}`,
    port,
    aborted,
    errors,
    async [Symbol.asyncDispose]() {
      await handler.shutdown(0);
      await server.shutdown();
    },
  };
}
