/**
 * Traces calls with OpenTelemetry, on either side and every transport.
 *
 * Needs `npm:@opentelemetry/api` alone. On Deno `OTEL_DENO=true` records and exports what it makes; elsewhere, an SDK
 * that was set up. Without either it does nothing, at next to no cost. No permission, no Deno API.
 *
 * @module
 */
import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  type TextMapSetter,
  trace,
} from "@opentelemetry/api";
import type { TransportName } from "../core/exchange.ts";
import type { CallOutcome, InterceptedCall, Interceptor } from "../core/interceptor.ts";
import { ServiceError } from "../errors/service_error.ts";
import { codeOf } from "../grpc/codes.ts";

/** Options of {@linkcode otel}. */
export interface OtelOptions {
  /** Name of the tracer. Default `"@x/goats"`. */
  readonly tracer?: string;
  /** Whether each message of a call, its results included, is an event of its span. Default `true`. */
  readonly messages?: boolean;
}

/** Names of systems that the semantic conventions know. */
const SYSTEMS: Readonly<Partial<Record<TransportName, string>>> = {
  grpc: "grpc",
  "grpc-web": "grpc",
  connect: "connect_rpc",
};

/** Transports whose calls come by a fetch handler and stay within its request. */
const FROM_FETCH: ReadonlySet<TransportName> = new Set(["http", "sse", "connect", "grpc-web"]);

/** A span and what it has seen. */
interface Traced {
  readonly span: Span;
  received: number;
  sent: number;
}

/** Codes that are the server's fault (OpenTelemetry's semantic conventions for gRPC); at a client every one is. */
const SERVER_FAULTS: ReadonlySet<number> = new Set([2, 4, 12, 13, 14, 15]);

/** gRPC's own. */
const CANCELLED = 1;
const UNKNOWN = 2;

/**
 * An interceptor that makes a span of every call: of kind `SERVER` or `CLIENT`, named `service/method`, with the
 * attributes of the semantic conventions (`rpc.system`, `rpc.service`, `rpc.method`, `rpc.grpc.status_code`,
 * `error.type`, …) and an event for each message. The trace goes on across the call: a client writes `traceparent` into
 * the headers (metadata) with the API's propagator, a server reads it. Neither payloads nor the text of errors are
 * recorded. Give it to servers and clients alike, first among their interceptors.
 *
 * @param options What is recorded
 *
 * @example
 * ```ts
 * import { implement } from "@x/goats";
 * import { otel } from "@x/goats/otel";
 * import { memoryClient } from "@x/goats/testing";
 * import { Method, Result, Service, String } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const hello = Service("hello", Method("greet", Result(String)));
 * const service = implement(hello, { greet: () => "Hello" }, { interceptors: [otel()] });
 *
 * await using client = memoryClient(service, { interceptors: [otel()] });
 * assertEquals(await client.greet(), "Hello");
 * ```
 */
export function otel(options: OtelOptions = {}): Interceptor {
  const { tracer: name = "@x/goats", messages = true } = options;
  const running = new WeakMap<InterceptedCall, Traced>();

  function start(call: InterceptedCall): { readonly traced: Traced; readonly within: Context } {
    const { request, side } = call;
    const server = side === "server";
    const parent = server ? parentOf(call) : context.active();
    const span = trace.getTracer(name).startSpan(`${request.service}/${request.method}`, {
      kind: server ? SpanKind.SERVER : SpanKind.CLIENT,
      startTime: call.startedAt,
      attributes: attributesOf(call),
    }, parent);
    const traced = { span, received: 0, sent: 0 };
    running.set(call, traced);
    return { traced, within: trace.setSpan(parent, span) };
  }

  function event(call: InterceptedCall, type: "SENT" | "RECEIVED"): void {
    const traced = running.get(call);
    if (traced === undefined) return;
    const id = type === "SENT" ? ++traced.sent : ++traced.received;
    traced.span.addEvent("rpc.message", { "rpc.message.type": type, "rpc.message.id": id });
  }

  return {
    open(call, next) {
      const { within } = start(call);
      if (call.side === "client") propagation.inject(within, call.request.headers, SETTER);
      return context.with(within, next);
    },
    ...(messages
      ? {
        receive: (_message: unknown, call: InterceptedCall) => event(call, "RECEIVED"),
        send: (_message: unknown, call: InterceptedCall) => event(call, "SENT"),
      }
      : {}),
    end(outcome, call) {
      // A call that failed before it could be opened has a span too.
      const { span } = running.get(call) ?? start(call).traced;
      running.delete(call);
      finish(span, outcome, call);
    },
  };
}

function attributesOf({ request, side }: InterceptedCall): Record<string, string | number> {
  const { transport, service, method, peer } = request;
  const attributes: Record<string, string | number> = {
    "rpc.system": SYSTEMS[transport] ?? "goats",
    "rpc.service": service,
    "rpc.method": method,
    "goats.transport": transport,
  };
  const [, host = peer, port] = /^(.*):(\d+)$/.exec(peer) ?? [];
  if (host === "") return attributes;
  const prefix = side === "client" ? "server" : "client";
  attributes[`${prefix}.address`] = host;
  if (port !== undefined) attributes[`${prefix}.port`] = Number(port);
  return attributes;
}

/**
 * Where a server's span hangs. The runtime has a span of its own for an HTTP request, which has read `traceparent`; in
 * a WebSocket that one has ended with the upgrade, and within grpc-js there is none.
 */
function parentOf({ request }: InterceptedCall): Context {
  const active = context.active();
  const { transport, headers } = request;
  if (FROM_FETCH.has(transport) && trace.getSpan(active)?.isRecording()) return active;
  return propagation.extract(transport === "memory" ? active : ROOT_CONTEXT, headers, GETTER);
}

function finish(span: Span, { ok, error, received, sent }: CallOutcome, call: InterceptedCall): void {
  span.setAttribute("goats.messages.received", received);
  span.setAttribute("goats.messages.sent", sent);
  const code = ok
    ? 0
    : error instanceof ServiceError
    ? codeOf(error, call.method)
    : isAbort(error)
    ? CANCELLED
    : UNKNOWN;
  if (call.request.transport === "grpc") span.setAttribute("rpc.grpc.status_code", code);
  if (!ok) {
    const type = error instanceof Error ? error.name : "aborted";
    span.setAttribute("error.type", type);
    if (error instanceof ServiceError) span.setAttribute("goats.error.id", error.id);
    if (call.side === "client" || SERVER_FAULTS.has(code)) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: type });
    }
  }
  span.end();
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

const GETTER: TextMapGetter<Headers> = {
  get: (headers, key) => headers.get(key) ?? undefined,
  keys: (headers) => [...headers.keys()],
};

const SETTER: TextMapSetter<Headers> = { set: (headers, key, value) => headers.set(key, value) };
