import { createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  ArrayOf,
  CodeOK,
  Field,
  GRPC,
  Int,
  MapOf,
  Method,
  OneOf,
  Payload,
  Required,
  Response,
  Service,
  StreamingPayload,
  String,
  Type,
} from "../design/mod.ts";
import { fileDescriptorSet } from "../grpc/descriptors.ts";
import { protoService } from "./proto.ts";
import { fieldReader } from "./proto_reader.ts";
import { concat, rejoined } from "./proto_rejoin.ts";

interface Node {
  readonly name?: string;
  readonly left?: Node;
  readonly right?: Node;
  readonly counts?: readonly number[];
  readonly rows?: readonly (readonly number[])[];
  readonly nodes?: readonly Node[];
  readonly byName?: Record<string, Node>;
  readonly what?: { type: "text"; value: string } | { type: "node"; value: Node } | {
    type: "other";
    value: Node;
  };
}

// deno-lint-ignore no-explicit-any -- a type inside itself, whose words need not be told here
const Node: any = Type(
  "Node",
  Field(1, "name", String),
  Field(2, "left", () => Node),
  Field(300, "right", () => Node),
  Field(4, "counts", ArrayOf(Int)),
  Field(5, "rows", ArrayOf(ArrayOf(Int))),
  Field(6, "nodes", ArrayOf(() => Node)),
  Field(7, "byName", MapOf(String, () => Node)),
  OneOf("what", Field(8, "text", String), Field(9, "node", () => Node), Field(10, "other", () => Node)),
);
const Pair = Type("Pair", Field(1, "a", String), Field(2, "b", String), Required("a", "b"));

const tree = Service(
  "tree",
  Method("put", Payload(Field(1, "root", Node)), GRPC(Response(CodeOK))),
  Method("pair", Payload(Field(1, "pair", Pair), Required("pair")), GRPC(Response(CodeOK))),
  Method("talk", Payload(Pair), StreamingPayload(Int), GRPC(Response(CodeOK))),
);
const { put, pair, talk } = protoService(tree.model).methods;
const payload = createFileRegistry(fromBinary(FileDescriptorSetSchema, fileDescriptorSet(tree)))
  .getMessage("tree.PutRequest")!;

function nodes(depth: number): fc.Arbitrary<Node> {
  const flat = {
    name: fc.constantFrom("a", "", "größer"),
    counts: fc.array(fc.integer({ min: -5, max: 500 }), { maxLength: 3 }),
    rows: fc.array(fc.array(fc.nat(3), { maxLength: 2 }), { maxLength: 2 }),
  };
  const text = fc.record({ type: fc.constant("text"), value: fc.constantFrom("t", "") });
  const options = { requiredKeys: [], noNullPrototype: true };
  if (depth === 0) return fc.record({ ...flat, what: text }, options) as fc.Arbitrary<Node>;
  const inner = nodes(depth - 1);
  return fc.record({
    ...flat,
    left: inner,
    right: inner,
    nodes: fc.array(inner, { maxLength: 2 }),
    byName: fc.dictionary(fc.constantFrom("x", "y"), inner, { maxKeys: 2, noNullPrototype: true }),
    what: fc.oneof(text, fc.record({ type: fc.constantFrom("node", "other"), value: inner })),
  }, options) as fc.Arbitrary<Node>;
}

Deno.test("messages in parts: are what protobuf-es makes of them, however many parts there are", () => {
  let split = 0;
  fc.assert(
    fc.property(fc.array(nodes(2), { minLength: 1, maxLength: 4 }), (roots) => {
      const bytes = concat(roots.map((root) => put!.payload.encode({ root })));
      const merged = toBinary(payload, fromBinary(payload, bytes));
      if (roots.length > 1) split++;
      assertEquals(put!.payload.decode(bytes), put!.payload.decode(merged));
    }),
    { numRuns: 300 },
  );
  assert(split > 50, `${split}`);
});

const hex = (text: string) => Uint8Array.from(text.split(" "), (byte) => parseInt(byte, 16));

Deno.test("messages in parts: required attributes may be in any of them", () => {
  const bytes = hex("0a 03 0a 01 61 0a 03 12 01 62");
  assertEquals(pair!.payload.decode(bytes), { pair: { a: "a", b: "b" } });
});

Deno.test("messages in parts: the envelope of a payload beside a stream", () => {
  assertEquals(talk!.payload.decode(hex("0a 03 0a 01 61 0a 03 12 01 62")), { a: "a", b: "b" });
});

Deno.test("messages in parts: a union's other member takes away what one held", () => {
  // node: { name: "a" }, text: "t", node: { counts: [1] }
  const bytes = hex("0a 0c 4a 03 0a 01 61 42 01 74 4a 02 20 02");
  assertEquals(put!.payload.decode(bytes), { root: { what: { type: "node", value: { counts: [1] } } } });
});

Deno.test("messages in parts: whole ones, and what is none, stay as they are", () => {
  const schema = protoService(tree.model).schema.rpcs.find(({ method }) => method.name === "put")!.payload!;
  const whole = put!.payload.encode({ root: { name: "a", left: { right: {} }, nodes: [{}, { name: "b" }] } });
  for (const bytes of [whole, whole.subarray(0, 5), hex("0a 05 0a"), hex("ff ff"), new Uint8Array()]) {
    assert(rejoined(schema, bytes, fieldReader) === bytes);
  }
});

Deno.test("messages in parts: very many parts, of one that is long then", () => {
  const part = hex("0a 02 20 02");
  const bytes = new Uint8Array(4 * 250_000);
  for (let at = 0; at < bytes.length; at += 4) bytes.set(part, at);
  const { root } = put!.payload.decode(bytes) as { root: { counts: number[] } };
  assertEquals(root.counts.length, 250_000);
});
