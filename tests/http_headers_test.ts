/** Header values that Deno cannot send end its process: none may come that far, whoever makes them. */
import { assertEquals } from "@std/assert";
import { implement } from "../src/core/implement.ts";
import * as d from "../src/design/mod.ts";
import type { ServiceError } from "../src/errors/service_error.ts";
import { httpClient } from "../src/http/client_mod.ts";
import { httpHandler } from "../src/http/handler.ts";

const Text = d.Type("Text", d.Field(1, "text", d.String), d.Required("text"));
const Bottle = d.ResultType(
  "application/vnd.text",
  d.TypeName("Shown"),
  d.Field(1, "text", d.String),
  d.View("default", "text"),
  d.View("tiny", "text"),
);
const design = d.Service(
  "headers",
  d.Error("bad", Text),
  d.Method(
    "result",
    d.Payload(Text),
    d.Result(Text),
    d.HTTP(d.POST("/result"), d.Response(d.StatusOK, d.Header("text:x-text"))),
  ),
  d.Method(
    "error",
    d.Payload(Text),
    d.HTTP(d.POST("/error"), d.Response("bad", d.StatusConflict, d.Header("text:x-text"))),
  ),
  d.Method("own", d.Payload(Text), d.HTTP(d.POST("/own")), d.GRPC()),
  d.Method("late", d.Payload(Text), d.HTTP(d.POST("/late")), d.GRPC()),
  d.Method("refused", d.Payload(Text), d.HTTP(d.POST("/refused")), d.GRPC()),
  d.Method(
    "events",
    d.Payload(Text),
    d.StreamingResult(Text),
    d.HTTP(d.POST("/events"), d.ServerSentEvents()),
    d.GRPC(),
  ),
  d.Method(
    "deaf",
    d.Payload(Text),
    d.StreamingResult(Text),
    d.HTTP(d.POST("/deaf"), d.ServerSentEvents()),
    d.GRPC(),
  ),
  d.Method(
    "socket",
    d.Payload(Text),
    d.StreamingResult(Bottle),
    d.HTTP(d.GET("/socket"), d.Param("text")),
    d.GRPC(),
  ),
);

const service = implement(design, {
  result: ({ payload }) => payload,
  error({ payload, error }) {
    throw error("bad", payload);
  },
  own: ({ payload, response }) => response.headers.set("x-own", payload.text),
  late: ({ payload, response }) => response.trailers.set("x-own", payload.text),
  refused({ payload, response, error }) {
    response.headers.set("x-own", payload.text);
    throw error("bad", payload);
  },
  async *events({ payload, response }) {
    response.headers.set("x-own", payload.text);
    yield payload;
  },
  async deaf({ payload, response, stream }) {
    response.headers.set("x-own", payload.text);
    // Whoever does not listen must not make the caller wait for ever.
    await stream.send(payload).catch(() => {});
  },
  async *socket({ payload, response }) {
    response.headers.set("x-own", payload.text);
    yield { text: payload.text };
  },
});

/** What a native WebSocket is not told: its handshake failed after the handler had begun, which a probe does not see. */
const UNTOLD = { http: "unavailable", connect: "fault" };

for (const protocol of ["http", "connect"] as const) {
  Deno.test({
    name: `${protocol}: a control character in a header value fails that call alone`,
    sanitizeOps: true,
    sanitizeResources: true,
    async fn() {
      const handler = httpHandler([service]);
      const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
      const client = httpClient(design, `http://127.0.0.1:${server.addr.port}`, { protocol, wire: "plain" });
      const told = (what: string) =>
        what === "error" || what === "refused" ? "bad" : what === "socket" ? UNTOLD[protocol] : "fault";
      for (const text of ["a\x01", "\x7f", "a\x1bb"]) {
        const asked: [string, () => Promise<unknown>][] = [
          ["result", () => client.result({ text })],
          ["error", () => client.error({ text })],
          ["own", () => client.own({ text })],
          ["late", () => client.late({ text })],
          ["refused", () => client.refused({ text })],
          ["events", () => Array.fromAsync(client.events({ text }))],
          ["deaf", () => Array.fromAsync(client.deaf({ text }))],
          ["socket", () => Array.fromAsync(client.socket({ text }))],
        ];
        for (const [what, ask] of asked) {
          const ended = await ask().then(() => "well", (error) => (error as ServiceError).name);
          assertEquals([what, ended], [what, told(what)]);
        }
      }
      assertEquals(await client.result({ text: "é\t" }).then(({ text }) => text.trim()), "é");
      await client.close();
      await handler.shutdown(0);
      await server.shutdown();
    },
  });
}
