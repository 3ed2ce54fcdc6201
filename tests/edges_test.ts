/** Values at the edges, on every transport: what contract §7 says of each. */
import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import * as d from "../src/design/mod.ts";
import { ServiceError } from "../src/errors/service_error.ts";
import { httpHandler } from "../src/http/handler.ts";
import { implement } from "../src/core/implement.ts";
import { everyTransport } from "./every_transport.ts";

interface Nest {
  inner?: Nest;
}
const Nest: d.Type<Nest> = d.Type("Nest", d.Field(1, "inner", () => Nest));
const Edge = d.Type(
  "Edge",
  d.Field(1, "i64", d.Int64),
  d.Field(2, "u64", d.UInt64),
  d.Field(3, "int", d.Int),
  d.Field(4, "f32", d.Float32),
  d.Field(5, "f64", d.Float64),
  d.Field(6, "text", d.String),
  d.Field(7, "bytes", d.Bytes),
  d.Field(8, "any", d.Any),
  d.Field(9, "nest", Nest),
  d.Field(10, "big", d.MapOf(d.Int64, d.UInt64)),
  d.Field(11, "names", d.MapOf(d.String, d.String)),
);
type Edge = d.InOf<typeof Edge>;

const edges = d.Service(
  "edges",
  d.Method("unary", d.Payload(Edge), d.Result(Edge), d.HTTP(d.POST("/unary")), d.GRPC()),
  d.Method(
    "both",
    d.StreamingPayload(Edge),
    d.StreamingResult(Edge),
    d.HTTP(d.GET("/both")),
    d.GRPC(),
  ),
  d.Method("whole", d.Payload(d.Any), d.Result(d.Any), d.HTTP(d.POST("/whole")), d.GRPC()),
  d.Method("blob", d.Payload(d.Bytes), d.Result(d.Bytes), d.HTTP(d.POST("/blob")), d.GRPC()),
  d.Method(
    "blobs",
    d.Payload(d.ArrayOf(d.Bytes)),
    d.Result(d.ArrayOf(d.Bytes)),
    d.HTTP(d.POST("/blobs")),
    d.GRPC(),
  ),
);

const handlers = {
  unary: ({ payload }: { payload: d.OutOf<typeof Edge> }) => payload,
  async *both({ stream }: { stream: AsyncIterable<d.OutOf<typeof Edge>> }) {
    for await (const message of stream) yield message;
  },
  whole: ({ payload }: { payload: unknown }) => payload,
  blob: ({ payload }: { payload: Uint8Array }) => payload,
  blobs: ({ payload }: { payload: readonly Uint8Array[] }) => payload,
};

const nested = (depth: number): Nest => {
  let nest: Nest = {};
  for (let level = 1; level < depth; level++) nest = { inner: nest };
  return nest;
};

const EXACT: Edge[] = [
  { i64: 2n ** 63n - 1n, u64: 2n ** 64n - 1n },
  { i64: -(2n ** 63n), u64: 0n },
  { i64: 9_007_199_254_740_993n, u64: 9_007_199_254_740_993n },
  { big: new Map([[-(2n ** 63n), 2n ** 64n - 1n], [9_007_199_254_740_993n, 0n]]) },
  { int: 2 ** 31 - 1 },
  { int: -(2 ** 31) },
  { f64: Number.MIN_VALUE },
  { f64: Number.MAX_VALUE },
  { f64: 0.1, f32: Math.fround(0.1) },
  { f32: Math.fround(1e-45) },
  { text: "" },
  { text: "\u0000\u0001\u2028\u2029\ufeff\uffff🐐" },
  { text: "x".repeat(2 ** 20 - 64) },
  { bytes: new Uint8Array() },
  { bytes: new Uint8Array([0, 127, 128, 255]) },
  { names: JSON.parse('{"__proto__":"p","constructor":"c","":"e"}') },
  { any: JSON.parse('{"__proto__":{"a":[null,0,-1.5,"",{}]}}') },
  { any: [] },
  { any: 1e300 },
  { nest: nested(100) },
];

everyTransport("values at the edges arrive as they were sent", edges, handlers, async (client) => {
  const stream = client.both();
  for (const value of EXACT) {
    assertEquals(await client.unary(value), value);
    await stream.send(value);
    assertEquals(await stream.recv(), value);
  }
  await stream.closeSend();
  assertEquals(await stream.recv(), null);
});

everyTransport("an Any may be null, as a whole and within", edges, handlers, async (client) => {
  for (const value of [null, [null], { a: null }, 0, "", false]) {
    assertEquals(await client.whole(value), value);
  }
});

everyTransport("-0 may become 0 in JSON, and only there", edges, handlers, async (client, transport) => {
  const { f64, f32, int } = await client.unary({ f64: -0, f32: -0, int: -0 });
  assert(f64 === 0 && f32 === 0 && int === 0);
  if (transport === "grpc") assert(Object.is(f64, -0) && Object.is(f32, -0));
});

const WRONG: readonly (readonly [string, unknown, string])[] = [
  ["NaN", { f64: NaN }, "invalid_field_type"],
  ["Infinity", { f64: Infinity }, "invalid_field_type"],
  ["-Infinity, 32 bits", { f32: -Infinity }, "invalid_field_type"],
  ["infinite in 32 bits", { f32: 1e39 }, "invalid_range"],
  ["NaN in Any", { any: [NaN] }, "invalid_field_type"],
  ["a lone surrogate", { text: "a\ud800" }, "invalid_format"],
  ["a lone low surrogate", { text: "\udc00a" }, "invalid_format"],
  ["a lone surrogate in Any", { any: { a: ["\ud800"] } }, "invalid_format"],
  ["a lone surrogate in a key", { names: { "\ud800": "x" } }, "invalid_format"],
  ["beyond 64 bits", { i64: 2n ** 63n }, "invalid_range"],
  ["below 64 bits", { i64: -(2n ** 63n) - 1n }, "invalid_range"],
  ["beyond 64 bits unsigned", { u64: 2n ** 64n }, "invalid_range"],
  ["negative unsigned", { u64: -1n }, "invalid_range"],
  ["a number for 64 bits", { i64: 1 }, "invalid_field_type"],
  ["a fraction", { int: 1.5 }, "invalid_field_type"],
  ["beyond the safe integers", { int: 2 ** 53 }, "invalid_field_type"],
  ["101 types deep", { nest: nested(1000) }, "invalid_length"],
];

everyTransport(
  "what no transport carries is refused before it leaves, and streams go on",
  edges,
  handlers,
  async (client) => {
    const stream = client.both();
    for (const [what, value, name] of WRONG) {
      for (const send of [() => client.unary(value as Edge), () => stream.send(value as Edge)]) {
        const error = await assertRejects(send);
        assertInstanceOf(error, ServiceError, what);
        assertEquals(error.name, name, what);
      }
    }
    await stream.send({ text: "still here" });
    assertEquals(await stream.recv(), { text: "still here" });
    await stream.closeSend();
    assertEquals(await stream.recv(), null);
  },
);

/** Bytes whose buffer went elsewhere, or has become too small for them. */
function detached(): Uint8Array[] {
  const moved = new Uint8Array([1, 2, 3]);
  structuredClone(moved.buffer, { transfer: [moved.buffer] });
  const buffer = new ArrayBuffer(8, { maxByteLength: 8 });
  const beyond = new Uint8Array(buffer, 4, 4);
  buffer.resize(2);
  return [moved, beyond];
}

everyTransport(
  "bytes that are gone are refused by name, not sent as none",
  edges,
  handlers,
  async (client) => {
    const stream = client.both();
    for (const bytes of detached()) {
      const calls: readonly (readonly [() => Promise<unknown>, string])[] = [
        [() => client.unary({ bytes }), 'edges.unary: invalid value detached bytes for "payload.bytes"'],
        [
          () => stream.send({ bytes }),
          'edges.both: invalid value detached bytes for "streaming_payload.bytes"',
        ],
        [() => client.blobs([new Uint8Array(), bytes]), 'detached bytes for "payload[1]"'],
        [() => client.blob(bytes), 'edges.blob: invalid value detached bytes for "payload"'],
      ];
      for (const [call, message] of calls) {
        const error = await assertRejects(call, ServiceError, `${message}, must be a byte array`);
        assertEquals((error as ServiceError).name, "invalid_field_type");
      }
    }
    for (const bytes of [new Uint8Array(), new Uint8Array(new ArrayBuffer(4), 4), new Uint8Array([7])]) {
      assertEquals(await client.blob(bytes), new Uint8Array(bytes));
      await stream.send({ bytes });
      assertEquals(await stream.recv(), { bytes: new Uint8Array(bytes) });
    }
    await stream.closeSend();
    assertEquals(await stream.recv(), null);
  },
);

Deno.test("bytes that are gone fit no type by themselves either", () => {
  const { validate } = Edge["~standard"];
  for (const bytes of detached()) {
    const { issues } = validate({ bytes }) as { issues?: readonly { message: string }[] };
    assertEquals(issues?.map(({ message }) => message), ["detached bytes is not Bytes"]);
  }
});

everyTransport("an Int has 32 bits on gRPC and Connect", edges, handlers, async (client, transport) => {
  if (transport === "memory" || transport === "http") {
    return assertEquals(await client.unary({ int: 2 ** 52 }), { int: 2 ** 52 });
  }
  const error = await assertRejects(() => client.unary({ int: 2 ** 31 }));
  assertInstanceOf(error, ServiceError);
  assertEquals(error.name, "invalid_range");
});

everyTransport(
  "a message beyond the limit is too_large, and nothing else breaks",
  edges,
  handlers,
  async (client, transport) => {
    const text = "x".repeat(5 * 2 ** 20);
    if (transport === "memory") return assertEquals((await client.unary({ text })).text?.length, text.length);
    const error = await assertRejects(() => client.unary({ text }));
    assertInstanceOf(error, ServiceError);
    assertEquals(error.name, "too_large");
    assertEquals(await client.unary({ text: "ok" }), { text: "ok" });
  },
);

Deno.test("hostile JSON: deep, wide or broken, it gives a declared error", async () => {
  const handler = httpHandler([implement(edges, handlers as never)]);
  const post = async (body: BodyInit): Promise<string> => {
    const headers = { "content-type": "application/json" };
    const response = await handler(new Request("http://localhost/unary", { method: "POST", headers, body }));
    return `${response.status} ${(await response.json()).name}`;
  };
  assertEquals(await post(`{"any":${"[".repeat(100_000)}${"]".repeat(100_000)}}`), "400 invalid_length");
  assertEquals(
    await post(`{"nest":${'{"inner":'.repeat(20_000)}{}${"}".repeat(20_000)}}`),
    "400 invalid_length",
  );
  assertEquals(await post("[".repeat(500_000)), "400 decode_payload");
  assertEquals(await post('{"text":"\\ud800"}'), "400 invalid_format");
  assertEquals(await post(new Uint8Array([0x7b, 0xff, 0x7d])), "400 decode_payload");
  assertEquals(await post('{"f64":1e400}'), "400 invalid_field_type");
  assertEquals(await post('{"i64":9223372036854775808}'), "400 invalid_range");
  assertEquals(await post('{"i64":"12x"}'), "400 invalid_field_type");
  assertEquals(await post(""), "200 undefined");
});
