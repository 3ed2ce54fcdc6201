/** A service over each transport, with interceptors on both sides. */
import {
  CodeOK,
  Field,
  GET,
  GRPC,
  HTTP,
  Int,
  Method,
  Minimum,
  Param,
  Payload,
  Required,
  Response,
  Result,
  Service,
  StreamingPayload,
  StreamingResult,
} from "../src/design/mod.ts";
import { Error as ErrorWord } from "../src/design/mod.ts";
import {
  type ClientOf,
  type Handlers,
  httpClient,
  implement,
  type InterceptorOptions,
  serve,
} from "../mod.ts";
import type { MethodsOf, ServiceError } from "../mod.ts";
import { grpcClient } from "../src/grpc/mod.ts";
import { memoryClient } from "../src/memory/mod.ts";

const N = [Field(1, "n", Int, Minimum(-1_000_000)), Required("n")] as const;

export const numbers = Service(
  "numbers",
  Method(
    "double",
    Payload(Field(1, "n", Int, Minimum(-100)), Required("n")),
    Result(...N),
    ErrorWord("too_big"),
    HTTP(GET("/double/{n}"), Response("too_big", 422)),
    GRPC(Response(CodeOK)),
  ),
  Method(
    "count",
    Payload(Field(1, "to", Int, Minimum(0)), Required("to")),
    StreamingResult(...N),
    ErrorWord("too_big"),
    HTTP(GET("/count"), Param("to")),
    GRPC(Response(CodeOK)),
  ),
  Method("sum", StreamingPayload(...N), Result(...N), HTTP(GET("/sum")), GRPC(Response(CodeOK))),
  Method("echo", StreamingPayload(...N), StreamingResult(...N), HTTP(GET("/echo")), GRPC(Response(CodeOK))),
);

export type Numbers = MethodsOf<typeof numbers>;

const untilAbort = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

export const handlers: Handlers<Numbers> = {
  async double({ payload: { n }, signal, error }) {
    if (n > 1000) throw error("too_big", `${n}`);
    if (n === 999) await untilAbort(signal);
    return { n: n * 2 };
  },
  async *count({ payload: { to }, signal, error }) {
    for (let n = 1; n <= (to > 1000 ? 3 : to); n++) yield { n };
    if (to === 60) await untilAbort(signal);
    if (to > 1000) throw error("too_big");
  },
  async sum({ stream }) {
    let sum = 0;
    for await (const { n } of stream) sum += n;
    return { n: sum };
  },
  async *echo({ stream }) {
    for await (const message of stream) yield message;
  },
};

export interface Setup extends AsyncDisposable {
  readonly client: ClientOf<typeof numbers>;
  readonly errors: ServiceError[];
  readonly shutdown: (graceMs: number) => Promise<void>;
}

export interface Options {
  readonly server?: InterceptorOptions;
  readonly client?: InterceptorOptions;
  readonly handlers?: Partial<Handlers<Numbers>>;
}

export const transports = ["memory", "http", "grpc"] as const;

export async function setUp(transport: typeof transports[number], options: Options): Promise<Setup> {
  const service = implement(numbers, { ...handlers, ...options.handlers });
  const errors: ServiceError[] = [];
  const onError = (error: ServiceError) => errors.push(error);
  if (transport === "memory") {
    const client = memoryClient(service, { ...options.client, server: options.server, onError });
    return { client, errors, shutdown: () => client.close(), [Symbol.asyncDispose]: () => client.close() };
  }
  const server = await serve([service], { ...options.server, onError, [transport]: { port: 0 } });
  const client = transport === "http"
    ? httpClient(numbers, (server.http as unknown as { url: string }).url, options.client)
    : grpcClient(numbers, (server.grpc as unknown as { address: string }).address, options.client);
  return {
    client,
    errors,
    shutdown: (graceMs) => server.shutdown(graceMs),
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.shutdown(0);
    },
  };
}
