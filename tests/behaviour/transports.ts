/** The transports that the behaviour table runs over, each as a server and a client of given handlers. */
import { activeCalls } from "../../src/core/active_calls.ts";
import type { Handlers } from "../../src/core/call.ts";
import type { MethodsOf } from "../../src/design/infer.ts";
import { createClient } from "../../src/core/client.ts";
import type { ClientOf } from "../../src/core/client_types.ts";
import type { CallRequest } from "../../src/core/exchange.ts";
import { implement } from "../../src/core/implement.ts";
import type { MethodsTypes, ServiceDesign } from "../../src/design/method_types.ts";
import { grpcClient, grpcServer } from "../../src/grpc/mod.ts";
import { httpClient } from "../../src/http/client_mod.ts";
import { httpHandler } from "../../src/http/handler.ts";
import { memoryTransport } from "../../src/memory/transport.ts";
import type { ServiceError } from "../../src/errors/service_error.ts";
import { CLEAR, type Plan, proxy } from "./proxy.ts";
import { type table, withEvents } from "./design.ts";

/** A service that is up, and its caller. */
export interface Setup extends AsyncDisposable {
  readonly client: ClientOf<typeof table>;
  /** Cuts the network between the two without a word; absent where there is none. */
  readonly cut?: () => void;
  /** What `onError` saw so far. */
  readonly errors: { error: ServiceError; call: CallRequest }[];
  /** Calls that run at the server. */
  readonly running: () => number;
  readonly shutdown: (graceMs: number) => Promise<void>;
}

export interface SetupOptions {
  /** The design that the server implements and the one that the caller has. */
  readonly server: ServiceDesign<MethodsOf<typeof table>>;
  readonly client: ServiceDesign<MethodsOf<typeof table>>;
  readonly handlers: Partial<Handlers<MethodsOf<typeof table>>>;
  readonly limits?: { unreadMessages?: number; unreadBytes?: number };
}

export interface Transport {
  readonly name: "memory" | "ws" | "goats.v1" | "sse" | "grpc" | "connect";
  setUp(options: SetupOptions): Promise<Setup>;
}

function implementation<M extends MethodsTypes>(design: ServiceDesign<M>, handlers: object) {
  const all: Record<string, unknown> = {};
  for (const name of Object.keys(design.model.methods)) {
    all[name] = (handlers as Record<string, unknown>)[name] ?? (() => {
      throw new Error(`no handler for ${name}`);
    });
  }
  return implement(design, all as never);
}

const memory: Transport = {
  name: "memory",
  setUp({ server, client: design, handlers }) {
    const errors: Setup["errors"] = [];
    const active = activeCalls();
    const transport = memoryTransport(implementation(server, handlers), {
      active,
      onError: (error, call) => errors.push({ error, call }),
    });
    const client = createClient(design, transport);
    return Promise.resolve({
      client,
      errors,
      running: () => active.size,
      shutdown: (graceMs: number) => active.drain(graceMs),
      [Symbol.asyncDispose]: () => client.close(),
    });
  },
};

/** What is kept of a stream whose connection is lost, is kept this long. */
const RESUME_MS = 300;

const overHttp = (name: "ws" | "goats.v1" | "connect"): Transport => ({
  name,
  async setUp({ server: served, client: design, handlers, limits: given }) {
    const errors: Setup["errors"] = [];
    const limits = { resumeMs: RESUME_MS, ...given };
    let down = false;
    const handler = httpHandler([implementation(served, handlers)], {
      onError: (error, call) => errors.push({ error, call }),
      limits,
    });
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
    const refused: Plan = { faults: [{ kind: "cut", at: { direction: "up", bytes: 1 } }] };
    const between = await proxy(server.addr.port, () => down ? refused : CLEAR);
    const client = httpClient(design, `http://127.0.0.1:${between.port}`, {
      limits,
      ...(name === "connect" ? { protocol: name } : { wire: name === "ws" ? "plain" : name }),
    });
    return {
      client,
      errors,
      // For good: a stream that can find another way would go on.
      cut() {
        down = true;
        between.cut();
      },
      running: () => handler.calls,
      shutdown: (graceMs: number) => handler.shutdown(graceMs),
      async [Symbol.asyncDispose]() {
        await client.close();
        await handler.shutdown(0);
        await server.shutdown();
        await between.stop();
      },
    };
  },
});

const ws = overHttp("ws");

/** As `ws`, but that `down` leaves as Server-Sent Events: the other streams of its rows go on over WebSockets. */
const sse: Transport = {
  name: "sse",
  setUp: (options) =>
    ws.setUp({
      ...options,
      server: withEvents.get(options.server)!,
      client: withEvents.get(options.client)!,
    }),
};

const grpc: Transport = {
  name: "grpc",
  async setUp({ server: served, client: design, handlers }) {
    const errors: Setup["errors"] = [];
    const server = grpcServer([implementation(served, handlers)], {
      onError: (error, call) => errors.push({ error, call }),
    });
    const { port } = await server.listen("127.0.0.1:0");
    const between = await proxy(port);
    const client = grpcClient(design, `127.0.0.1:${between.port}`);
    return {
      client,
      errors,
      cut: between.cut,
      running: () => server.calls,
      shutdown: (graceMs) => server.shutdown(graceMs),
      async [Symbol.asyncDispose]() {
        await client.close();
        await server.shutdown(0);
        await between.stop();
      },
    };
  },
};

export const transports: readonly Transport[] = [
  memory,
  ws,
  overHttp("goats.v1"),
  sse,
  grpc,
  overHttp("connect"),
];
