/** A served shop, and Connect's own clients of it. */
import {
  createFileRegistry,
  type DescMethodBiDiStreaming,
  type DescMethodClientStreaming,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type DescService,
  fromBinary,
  type Registry,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type CallOptions, createClient, type Transport } from "@connectrpc/connect";
import { delay } from "@std/async";
import type { Handlers } from "../../src/core/call.ts";
import { implement } from "../../src/core/implement.ts";
import type { MethodsOf } from "../../src/design/infer.ts";
import type { ServiceDesign } from "../../src/design/method_types.ts";
import { ServiceError } from "../../src/errors/service_error.ts";
import { fileDescriptorSet } from "../../src/grpc/descriptors.ts";
import { type HttpHandler, httpHandler, type HttpHandlerOptions } from "../../src/http/handler.ts";
import { shop } from "./design.ts";

/** What protobuf-es makes of a design, without its own library of types: descriptors at run time. */
export function registryOf(design: ServiceDesign): Registry {
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, fileDescriptorSet(design)));
}

/** A message as protobuf-es has it. */
// deno-lint-ignore no-explicit-any
export type Message = any;

/** Connect's client, whose types it would get from generated code. */
export type AnyClient = Record<
  string,
  (request: Message, options?: CallOptions) => Promise<Message> & AsyncIterable<Message>
>;

/** Connect's client of a design. */
export function connectClient(
  design: ServiceDesign,
  name: string,
  transport: Transport,
  idempotency?: number,
): AnyClient {
  const service = registryOf(design).getService(name) as DescService;
  for (const method of service.methods) if (idempotency !== undefined) Object.assign(method, { idempotency });
  type AnyMethod =
    | DescMethodUnary
    | DescMethodServerStreaming
    | DescMethodClientStreaming
    | DescMethodBiDiStreaming;
  return createClient(
    service as DescService & { method: Record<string, AnyMethod> },
    transport,
  ) as unknown as AnyClient;
}

/** The handlers, and what they have seen. */
export function shopHandlers(seen: string[] = []): Handlers<MethodsOf<typeof shop>> {
  return {
    echo: ({ payload, request, response }) => {
      seen.push(`echo by ${request.transport}`);
      for (const [name, value] of request.headers) {
        if (name.startsWith("x-")) response.headers.set(name, value);
      }
      response.trailers.set("x-done", "yes");
      return payload;
    },
    find: ({ payload, error, response }) => {
      response.trailers.set("x-found", "perhaps");
      if (payload.id === 404n) throw error("missing", { item_id: payload.id, hints: ["a", "ß"] });
      if (payload.id === 500n) throw new Error("secret detail");
      if (payload.id === 429n) throw error("busy", "come back");
      return `item ${payload.id} ${"x".repeat(Number(payload.id))}`;
    },
    async *list({ payload, error, response }) {
      response.headers.set("x-start", "1");
      response.trailers.set("x-sent", `${payload.to}`);
      for (let n = 1; n <= payload.to; n++) {
        yield thing(n, payload.size ?? 0);
      }
      if (payload.to === 3) throw error("missing", { item_id: 3n, hints: [] });
    },
    async sum({ payload, stream, error }) {
      let sum = payload.start;
      for await (const n of stream) sum += n;
      if (sum === 13) throw error("missing", { item_id: 13n, hints: [] });
      return BigInt(sum);
    },
    async talk({ stream }) {
      for await (const one of stream) await stream.send({ ...one, count: one.count + 1 });
    },
    nothing: () => {},
    wait: async ({ payload, signal }) => {
      try {
        await delay(payload.ms ?? 60_000, { signal });
      } catch {
        seen.push("aborted");
        throw signal.reason;
      }
      return "waited";
    },
    look: async ({ payload, setView }) => {
      await setView(payload.view as "tiny");
      return { id: 9007199254740993n, name: "n" };
    },
    beside: ({ payload }) => ({ b: payload.a + payload.key, mark: "marked", last: "later" }),
    secret: ({ payload, auth }) => `${auth.name} ${payload.q ?? ""}`.trim(),
  };
}

/** A thing as handlers send it. */
export function thing(n: number, size = 0) {
  return {
    item_id: BigInt(n),
    count: n,
    big: 18446744073709551615n,
    ratio: 1.5,
    data: new Uint8Array(size),
    flag: false,
    tags: [],
  };
}

/** A shop that is up. */
export interface Shop extends AsyncDisposable {
  readonly url: string;
  readonly handler: HttpHandler;
  readonly errors: ServiceError[];
  readonly seen: string[];
}

/** Serves the shop on a port of its own. */
export function serveShop(options: HttpHandlerOptions = {}, tls?: Deno.TlsCertifiedKeyPem): Shop {
  const seen: string[] = [];
  const errors: ServiceError[] = [];
  const handler = httpHandler([implement(shop, shopHandlers(seen))], {
    onError: (error) => void errors.push(error),
    auth: {
      jwt: ({ token }) => {
        if (token !== "t0ken") throw new ServiceError("unauthorized", "this token is not known");
        return { name: "Ann" };
      },
    },
    ...options,
  });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {}, ...tls }, handler);
  const { port } = server.addr;
  return {
    url: tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`,
    handler,
    errors,
    seen,
    async [Symbol.asyncDispose]() {
      await handler.shutdown(0);
      await server.shutdown();
    },
  };
}
