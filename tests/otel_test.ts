/** Spans of calls, read from an exporter in memory. */
import { assertEquals } from "@std/assert";
import { context, propagation, SpanKind, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { BasicTracerProvider, type ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { otel } from "../src/otel/mod.ts";
import { setUp, transports } from "./interceptors_support.ts";

/** Spans that have ended. The SDK's own exporter in memory leaves a timer behind for each. */
const ended: ReadableSpan[] = [];
const none = () => Promise.resolve();
const processor = {
  onStart() {},
  onEnd: (span: ReadableSpan) => void ended.push(span),
  forceFlush: none,
  shutdown: none,
};
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [processor] }));
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

/** The spans of both sides, once they are there. */
async function spans(count = 2): Promise<{ server: ReadableSpan; client: ReadableSpan }> {
  for (let waited = 0; waited < 200 && ended.length < count; waited++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const all = ended.splice(0);
  assertEquals(all.length, count);
  return {
    server: all.find(({ kind }) => kind === SpanKind.SERVER)!,
    client: all.find(({ kind }) => kind === SpanKind.CLIENT)!,
  };
}

const messagesOf = (span: ReadableSpan) =>
  span.events.map(({ name, attributes }) =>
    [
      name,
      attributes?.["rpc.message.type"],
      attributes?.["rpc.message.id"],
    ].join(" ")
  );

for (const transport of transports) {
  const both = { server: { interceptors: [otel()] }, client: { interceptors: [otel()] } };

  Deno.test(`${transport}: a unary call has a span on each side, in one trace`, async () => {
    let within: string | undefined;
    await using setup = await setUp(transport, {
      ...both,
      handlers: {
        double({ payload }) {
          within = trace.getActiveSpan()?.spanContext().spanId;
          return payload;
        },
      },
    });
    const root = trace.getTracer("test").startSpan("root");
    await context.with(trace.setSpan(context.active(), root), () => setup.client.double({ n: 1 }));
    const { server, client } = await spans();
    assertEquals(client.parentSpanContext?.spanId, root.spanContext().spanId);
    assertEquals(server.parentSpanContext?.spanId, client.spanContext().spanId);
    assertEquals(server.spanContext().traceId, root.spanContext().traceId);
    assertEquals(within, server.spanContext().spanId);
    assertEquals([server.name, client.name], ["numbers/double", "numbers/double"]);
    for (const span of [server, client]) {
      assertEquals(span.attributes["rpc.system"], transport === "grpc" ? "grpc" : "goats");
      assertEquals(span.attributes["rpc.service"], "numbers");
      assertEquals(span.attributes["rpc.method"], "double");
      assertEquals(span.attributes["rpc.grpc.status_code"], transport === "grpc" ? 0 : undefined);
      assertEquals(span.status.code, 0);
    }
    assertEquals(messagesOf(server), ["rpc.message SENT 1"]);
    assertEquals(messagesOf(client), ["rpc.message RECEIVED 1"]);
    if (transport !== "memory") assertEquals(client.attributes["server.address"], "127.0.0.1");
  });

  Deno.test(`${transport}: a stream has an event for each message, and its span ends with it`, async () => {
    await using setup = await setUp(transport, both);
    const echo = setup.client.echo();
    for (const n of [1, 2]) {
      await echo.send({ n });
      await echo.recv();
    }
    assertEquals(ended.length, 0);
    await echo.closeSend();
    await echo.recv();
    const { server, client } = await spans();
    assertEquals(server.parentSpanContext?.spanId, client.spanContext().spanId);
    const [inward, outward] = ["RECEIVED", "SENT"].map((type) => `rpc.message ${type}`);
    assertEquals(messagesOf(server), [`${inward} 1`, `${outward} 1`, `${inward} 2`, `${outward} 2`]);
    assertEquals(messagesOf(client), [`${outward} 1`, `${inward} 1`, `${outward} 2`, `${inward} 2`]);
    assertEquals(server.attributes["goats.messages.sent"], 2);
    assertEquals(server.attributes["goats.transport"], transport === "http" ? "ws" : transport);
  });

  Deno.test(`${transport}: errors are told by name, and are the client's fault or the server's`, async () => {
    await using setup = await setUp(transport, {
      ...both,
      handlers: {
        double() {
          throw new Error("secret");
        },
      },
    });
    await setup.client.double({ n: 1 }).catch(() => {});
    const { server, client } = await spans();
    for (const span of [server, client]) {
      assertEquals(span.attributes["error.type"], "fault");
      assertEquals(span.attributes["rpc.grpc.status_code"], transport === "grpc" ? 13 : undefined);
      assertEquals(span.status, { code: 2, message: "fault" });
      assertEquals(JSON.stringify([span.attributes, span.status, span.events]).includes("secret"), false);
    }
    // The client's own validation refuses it before it is sent.
    await setup.client.double({ n: -200 }).catch(() => {});
    assertEquals((await spans(1)).client.attributes["error.type"], "invalid_range");
    const count = setup.client.count({ to: 60 });
    for await (const _ of count) break;
    const cancelled = await spans();
    assertEquals(cancelled.server.attributes["error.type"], "canceled");
    assertEquals(cancelled.server.status.code, 0);
    assertEquals(cancelled.client.status.code, 2);
  });
}

Deno.test("messages need not be events", async () => {
  await using setup = await setUp("memory", { server: { interceptors: [otel({ messages: false })] } });
  await setup.client.double({ n: 1 });
  assertEquals((await spans(1)).server.events, []);
});
