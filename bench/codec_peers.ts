/**
 * What the codecs of goats are measured against, for each kind of message.
 *
 * @module
 */
import { createFileRegistry, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { fileDescriptorSet } from "@x/goats/grpc";
import { Buffer } from "node:buffer";
import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { z } from "zod";
import type { Codec, JsonCodec } from "../src/codec/codec.ts";
import { jsonCodec } from "../src/codec/json.ts";
import { stringifyJson } from "../src/codec/json_text.ts";
import { protoService } from "../src/codec/proto.ts";
import { protoRoot } from "../src/codec/proto_root.ts";
import { GRPC, Method, Payload, Service } from "@x/goats/design";
import { Order, order, orderSchema, orderZod } from "./codec_order.ts";
import { Sample, Tick } from "./design.ts";
import { make } from "./messages.ts";
import { messages as pbjsStatic } from "./peers/grpc_messages.ts";

/** Kinds of messages. */
export const KINDS = ["sample", "tick", "order"] as const;
/** A kind of message. */
export type Kind = typeof KINDS[number];
/** What is timed. */
export type Job = "proto encode" | "proto decode" | "json encode" | "json decode";

/** So many messages take turns, that none is known by heart. */
const COUNT = 64;

const service = Service(
  "codec",
  Method("sample", Payload(Sample), GRPC()),
  Method("tick", Payload(Tick), GRPC()),
  Method("order", Payload(Order), GRPC()),
);

const schemas: Readonly<Record<Kind, object>> = {
  sample: {
    type: "object",
    required: ["cpu", "memory", "host", "at"],
    properties: {
      cpu: { type: "number", minimum: 0, maximum: 100 },
      memory: { type: "number", minimum: 0, maximum: 100 },
      host: { type: "string", maxLength: 64 },
      at: { type: "string", format: "date-time" },
    },
  },
  tick: { type: "object", required: ["n"], properties: { n: { type: "integer" } } },
  order: orderSchema,
};

const zods: Readonly<Record<Kind, z.ZodType>> = {
  sample: z.object({
    cpu: z.number().min(0).max(100),
    memory: z.number().min(0).max(100),
    host: z.string().max(64),
    at: z.iso.datetime({ offset: true }),
  }),
  tick: z.object({ n: z.int() }),
  order: orderZod,
};

/** Does a job `times` times; gives something of it, lest the engine leave it out. */
export type Run = (times: number) => unknown;

/** A loop of its own for each contender, as `new Function` makes it: a shared one would be of all of them. */
function loop(inputs: readonly unknown[], run: (input: never) => unknown): Run {
  const make = new Function(
    "inputs",
    "run",
    `return (times) => { let last; for (let n = 0; n < times; n++) last = run(inputs[n & ${
      COUNT - 1
    }]); return last; }`,
  );
  return make(inputs, run);
}

function messagesOf(kind: Kind): object[] {
  const of = kind === "order" ? order : make[kind];
  return Array.from({ length: COUNT }, (_, n) => of(n));
}

/** The contenders for each job, goats first. */
export function contenders(kind: Kind): Record<Job, Record<string, Run>> {
  const model = service.model;
  const attribute = model.methods[kind]!.payload!;
  const { schema, methods } = protoService(model);
  const proto: Codec<Uint8Array> = methods[kind]!.payload;
  const json: JsonCodec = jsonCodec(attribute, { root: "payload", context: `codec.${kind}` });
  const ours = messagesOf(kind);

  const bytes = ours.map((message) => new Uint8Array(proto.encode(message)));
  const buffers = bytes.map((one) => Buffer.from(one.buffer, one.byteOffset, one.byteLength));
  const name = methods[kind]!.path.split("/").pop()! + "Request";
  const reflected = protoRoot(schema).lookupType(name);
  const reflectedMessages = bytes.map((one) => reflected.decode(one));
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, fileDescriptorSet(service)));
  const desc = registry.getMessage(`${schema.package}.${name}`) as DescMessage;
  const bufMessages = bytes.map((one) => fromBinary(desc, one));

  const ajv = new Ajv({ discriminator: true });
  (addFormats as unknown as (ajv: Ajv) => void)(ajv);
  const valid: ValidateFunction = ajv.compile(schemas[kind]);
  const zod = zods[kind];
  const texts = ours.map((message) => json.encode(message));
  // What JSON can hold of them, for JSON.stringify.
  const plain = texts.map((text) => JSON.parse(text));

  const jobs: Record<Job, Record<string, Run>> = {
    "proto encode": {
      goats: loop(ours, proto.encode),
      protobufjs: loop(reflectedMessages, (message) => reflected.encode(message).finish()),
      "@bufbuild": loop(bufMessages, (message) => toBinary(desc, message)),
    },
    "proto decode": {
      goats: loop(bytes, proto.decode),
      protobufjs: loop(bytes, (one) => reflected.decode(one)),
      "protobufjs of Buffer": loop(buffers, (one) => reflected.decode(one)),
      "@bufbuild": loop(bytes, (one) => fromBinary(desc, one)),
    },
    "json encode": {
      goats: loop(ours, json.encode),
      "JSON.stringify": kind === "order"
        ? loop(ours, (message) => stringifyJson(message))
        : loop(plain, (message) => JSON.stringify(message)),
    },
    "json decode": {
      goats: loop(texts, json.decode),
      "JSON.parse": loop(texts, (text) => JSON.parse(text)),
      "JSON.parse + ajv": loop(texts, (text) => {
        const value = JSON.parse(text);
        if (!valid(value)) throw new Error(ajv.errorsText(valid.errors));
        return value;
      }),
      "JSON.parse + zod": loop(texts, (text) => zod.parse(JSON.parse(text))),
    },
  };
  if (kind !== "order") {
    const { encode, decode } = pbjsStatic[kind];
    jobs["proto encode"]["protobufjs static"] = loop(ours, encode);
    jobs["proto decode"]["protobufjs static"] = loop(buffers, decode);
  }
  return jobs;
}
