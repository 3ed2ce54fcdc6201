/**
 * Protobuf codecs with code made for their types and without are one and the same, and write what protobufjs writes, byte
 * by byte: for random types, random values of them and values put wrong, and for bytes that are cut or changed.
 */
import fc from "fast-check";
import { deepStrictEqual, ok } from "node:assert";
import { protoService } from "../src/codec/proto.ts";
import { protoRoot } from "../src/codec/proto_root.ts";
import { allowCode } from "../src/codec/source_writer.ts";
import * as d from "../src/design/mod.ts";
import { ServiceError } from "../src/errors/service_error.ts";
import { partOf, type Spec, specs, valuesOf } from "./random_types.ts";
import { odd, spoilt } from "./spoilt.ts";

// deno-lint-ignore no-explicit-any
const words: any = d;

function attempt(run: () => unknown): unknown {
  try {
    return { value: run() };
  } catch (error) {
    return error instanceof ServiceError ? `${error.name}: ${error.message}` : String(error);
  }
}

function without<T>(run: () => T): T {
  const before = allowCode(false);
  try {
    return run();
  } finally {
    allowCode(before);
  }
}

type Codec = { encode(value: unknown): Uint8Array; decode(bytes: Uint8Array): unknown };
type Pick = (methods: ReturnType<typeof protoService>["methods"]) => Codec;

/** Two codecs of the same type, with code and without; each of a design of its own. And what protobufjs makes of it. */
function both(make: () => unknown, pick: Pick = (methods) => methods["m"]!.payload) {
  const service = () => (make() as { model: Parameters<typeof protoService>[0] }).model;
  const quick = protoService(service());
  const fast = pick(quick.methods);
  const slow = pick(protoService(service()).methods);
  return {
    encode(value: unknown): Uint8Array | undefined {
      const a = attempt(() => fast.encode(value));
      const b = without(() => attempt(() => slow.encode(value)));
      if (typeof a === "string" || typeof b === "string") {
        deepStrictEqual(a, b);
        return undefined;
      }
      const [x, y] = [a, b].map((one) => [...(one as { value: Uint8Array }).value]);
      deepStrictEqual(x, y);
      return new Uint8Array(x!);
    },
    decode(bytes: Uint8Array): void {
      deepStrictEqual(
        attempt(() => fast.decode(bytes)),
        without(() => attempt(() => slow.decode(bytes))),
      );
    },
    /** Holds it against what protobufjs writes of what it reads, up to the order of maps: it has objects for them. */
    reference(bytes: Uint8Array, ordered: boolean): void {
      const type = protoRoot(quick.schema).lookupType("MRequest");
      const order = (list: Uint8Array) => ordered ? [...list] : [...list].sort((a, b) => a - b);
      deepStrictEqual(order(type.encode(type.decode(bytes)).finish()), order(bytes));
    },
  };
}

const payload = (...parts: unknown[]) =>
  words.Service("s", words.Method("m", words.Payload(...parts), words.GRPC()));
const ofSpec = (spec: Spec) => () =>
  payload(words.Type("Root", words.Field(1, "v", ...partOf(spec)), words.Required("v")));

const cases = specs.chain((spec) =>
  fc.record({
    spec: fc.constant(spec),
    value: valuesOf(spec),
    path: fc.array(fc.nat(8), { maxLength: 5 }),
    by: odd,
    at: fc.nat(),
    byte: fc.nat(255),
    more: fc.uint8Array({ maxLength: 12 }),
  })
);

Deno.test("property: with code and without, messages are written and read the same, as protobufjs writes them", () => {
  fc.assert(
    fc.property(cases, ({ spec, value, path, by, at, byte, more }) => {
      const codec = both(ofSpec(spec));
      const bytes = codec.encode({ v: value });
      ok(bytes !== undefined);
      codec.reference(bytes, !/"(?:map|any|tree)"/.test(JSON.stringify(spec)));
      codec.decode(bytes);
      const wrong = codec.encode(spoilt({ v: value }, path, by));
      if (wrong !== undefined) codec.decode(wrong);
      const index = bytes.length === 0 ? 0 : at % bytes.length;
      codec.decode(bytes.slice(0, index));
      if (bytes.length > 0) codec.decode(bytes.with(index, byte));
      codec.decode(new Uint8Array([...bytes, ...more]));
      codec.decode(new Uint8Array([...bytes.slice(0, index), ...more, ...bytes.slice(index)]));
      // Twice: the last of single fields counts, lists go on.
      codec.decode(new Uint8Array([...bytes, ...bytes]));
    }),
    { numRuns: 1500 },
  );
  ok(allowCode(true), "some code was none");
});
