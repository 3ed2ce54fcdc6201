/**
 * Random garbage on the inputs of a server that is up: HTTP bodies and queries, WebSocket frames, gRPC messages. Each
 * gets an answer that the contract knows, within a time; and afterwards the server serves as before.
 */
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Buffer } from "node:buffer";
import * as d from "../src/design/mod.ts";
import { implement } from "../src/core/implement.ts";
import { grpcServer } from "../src/grpc/mod.ts";
import { httpHandler } from "../src/http/handler.ts";

const Shape = d.Type(
  "Shape",
  d.Field(1, "id", d.Int64, d.Minimum(1)),
  d.Field(2, "names", d.MapOf(d.String, d.ArrayOf(d.String, d.MaxLength(9)))),
  d.Field(3, "any", d.Any),
  d.Field(4, "data", d.Bytes),
  d.OneOf("form", d.Field(5, "circle", d.Float32), d.Field(6, "label")),
  d.Required("id"),
);
const design = d.Service(
  "shapes",
  d.Method("put", d.Payload(Shape), d.Result(Shape), d.HTTP(d.POST("/put")), d.GRPC()),
  d.Method(
    "find",
    d.Payload(d.Field(1, "id", d.Int64), d.Required("id")),
    d.Result(d.Int64),
    d.HTTP(d.GET("/find"), d.Param("id")),
    d.GRPC(),
  ),
  d.Method("both", d.StreamingPayload(Shape), d.StreamingResult(Shape), d.HTTP(d.GET("/both")), d.GRPC()),
);
const service = implement(design, {
  put: ({ payload }) => payload,
  find: ({ payload }) => payload.id,
  async *both({ stream }) {
    for await (const shape of stream) yield shape;
  },
});

const SANITIZED = { sanitizeOps: true, sanitizeResources: true, sanitizeExit: true };
const NAMES = new Set([
  "decode_payload",
  "invalid_field_type",
  "missing_field",
  "missing_payload",
  "invalid_enum_value",
  "invalid_range",
  "invalid_length",
  "invalid_format",
]);
const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.json(),
  fc.record({ id: fc.jsonValue(), names: fc.jsonValue(), any: fc.jsonValue(), form: fc.jsonValue() }, {
    requiredKeys: [],
  })
    .map((value) => JSON.stringify(value)),
  fc.integer().map((id) => `{"id":${id}}`),
);

Deno.test({
  name: "garbage: HTTP bodies and queries",
  ...SANITIZED,
  async fn() {
    const handler = httpHandler([service]);
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
    const url = `http://127.0.0.1:${server.addr.port}`;
    const answer = async (response: Response): Promise<void> => {
      const body = await response.json();
      assert(
        response.status === 200 || response.status === 400 && NAMES.has(body.name),
        JSON.stringify(body),
      );
    };
    const headers = { "content-type": "application/json" };
    const bytes = fc.uint8Array({ maxLength: 80 }).map((bytes) => new Uint8Array(bytes));
    await fc.assert(
      fc.asyncProperty(fc.oneof(texts, bytes), async (body) => {
        await answer(await fetch(`${url}/put`, { method: "POST", headers, body }));
      }),
      { numRuns: 150 },
    );
    await fc.assert(
      fc.asyncProperty(fc.string(), async (id) => {
        await answer(await fetch(`${url}/find?id=${encodeURIComponent(id)}`));
      }),
      { numRuns: 100 },
    );
    await answer(await fetch(`${url}/put`, { method: "POST", headers, body: '{"id":1}' }));
    await handler.shutdown(0);
    await server.shutdown();
  },
});

/** The close code, and how many messages came before. */
function talk(
  url: string,
  frames: readonly (string | Uint8Array<ArrayBuffer>)[],
): Promise<{ code: number; reason: string }> {
  const socket = new WebSocket(url);
  const { promise, resolve, reject } = Promise.withResolvers<{ code: number; reason: string }>();
  const late = setTimeout(() => reject(new Error("no end after 5 s")), 5000);
  socket.onopen = () => {
    for (const frame of frames) socket.send(frame);
    socket.send("null");
  };
  socket.onclose = ({ code, reason }) => {
    clearTimeout(late);
    resolve({ code, reason });
  };
  return promise;
}

Deno.test({
  name: "garbage: WebSocket frames",
  ...SANITIZED,
  async fn() {
    const handler = httpHandler([service]);
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
    const url = `ws://127.0.0.1:${server.addr.port}/both`;
    const bytes = fc.uint8Array({ maxLength: 80 }).map((bytes) => new Uint8Array(bytes));
    // A lone surrogate never gets into a frame: WebSocket sends well-formed text alone.
    const frames = fc.array(fc.oneof({ arbitrary: texts, weight: 4 }, { arbitrary: bytes, weight: 1 }), {
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(frames, async (frames) => {
        const { code, reason } = await talk(url, frames);
        // 0: frames that arrive after the close drop the connection (runtime.md).
        assert([1000, 4400, 0].includes(code), `${code} ${reason}`);
        if (code === 4400) assert(NAMES.has(JSON.parse(reason).name), reason);
      }),
      { numRuns: 100 },
    );
    assertEquals((await talk(url, ['{"id":1}'])).code, 1000);
    assertEquals((await talk(url, ["{"])).code === 1000, false);
    await handler.shutdown(0);
    await server.shutdown();
  },
});

Deno.test({
  name: "garbage: gRPC messages",
  ...SANITIZED,
  async fn() {
    const server = grpcServer([service]);
    const { port } = await server.listen("127.0.0.1:0");
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    const same = (bytes: Buffer): Buffer => bytes;
    const call = (rpc: string, messages: readonly Uint8Array[]): Promise<number> =>
      new Promise((resolve) => {
        const deadline = Date.now() + 5000;
        const stream = client.makeBidiStreamRequest(`/shapes.Shapes/${rpc}`, same, same, new Metadata(), {
          deadline,
        });
        stream.on("data", () => {});
        stream.on("error", () => {});
        stream.on("status", ({ code }) => resolve(code));
        for (const message of messages) stream.write(Buffer.from(message));
        stream.end();
      });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      // As if it were a Shape, for longer.
      fc.tuple(fc.constantFrom(8, 18, 26, 34, 45, 50), fc.uint8Array({ maxLength: 40 }))
        .map(([tag, rest]) => new Uint8Array([tag, ...rest])),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (message) => {
        const code = await call("Put", [message]);
        assert(code === 0 || code === 3, `${code}`);
      }),
      { numRuns: 150 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(bytes, { maxLength: 4 }), async (messages) => {
        const code = await call("Both", messages);
        assert(code === 0 || code === 3, `${code}`);
      }),
      { numRuns: 100 },
    );
    assertEquals(await call("Put", [new Uint8Array([8, 2])]), 0);
    client.close();
    await server.shutdown(0);
  },
});
