// A design for each kind of call and kind of data, run for real over every transport: what arrives is compared exactly.
import { assert, assertEquals } from "@std/assert";
import {
  GET,
  GRPC,
  HTTP,
  Method,
  Payload,
  POST,
  Result,
  ServerSentEvents,
  Service,
  StreamingPayload,
  StreamingResult,
} from "../../src/design/mod.ts";
import type { ServiceDesign } from "../../src/design/mod.ts";
import { type TransportName, withClient } from "../every_transport.ts";
import { type Block, blocks, type Sample } from "./blocks.ts";

// The designs are made at run time, so the compiler knows nothing of their types.
// deno-lint-ignore no-explicit-any
type Loose = any;

/** A design, and what runs over each transport. */
interface Design {
  readonly name: string;
  readonly design: ServiceDesign;
  readonly views: readonly (string | undefined)[];
  handler(view: string | undefined, seen: unknown[]): (call: Loose) => unknown;
  run(client: Loose, view: string | undefined, seen: unknown[]): Promise<void>;
}

type Shape = "unary" | "server" | "server as events" | "client" | "client alone" | "bidi";

/** Samples of a block; where the block is none, streams carry strings. */
const STRING = blocks.find(({ name }) => name === "String")!;

function outOf(sample: Sample, view: string | undefined): unknown {
  return sample.views === undefined ? sample.out : sample.views[view ?? "default"];
}

function design(shape: Shape, block: Block): Design {
  const stream = shape !== "unary";
  const data = stream && block.parts.length === 0 ? STRING : block;
  const opening = stream ? block.opening : undefined;
  const word = (make: Loose, parts: readonly unknown[]) => parts.length === 0 ? [] : [make(...parts)];
  const sent = data.resultParts ?? data.parts;
  const sends = shape === "client" || shape === "client alone" || shape === "bidi";
  const events = shape === "server as events";
  const receives = shape === "server" || shape === "bidi" || events;
  const parts = [
    ...word(Payload, stream ? opening?.parts ?? [] : data.parts),
    ...sends ? word(StreamingPayload, data.parts) : [],
    ...receives ? word(StreamingResult, sent) : shape === "client alone" ? [] : word(Result, sent),
    (HTTP as Loose)(
      stream ? GET("/m") : POST("/m"),
      ...opening?.http ?? [],
      ...events ? [ServerSentEvents()] : [],
    ),
    GRPC(),
  ];
  const service = (Service as Loose)("designs", (Method as Loose)("m", ...parts)) as ServiceDesign;
  const { samples } = data;
  const last = samples.at(-1)!;
  const open = (client: Loose) => opening === undefined ? client.m() : client.m(opening.sample.in);
  const opened = (seen: unknown[]) => {
    if (opening !== undefined) assertEquals(seen.shift(), opening.sample.out);
  };
  const outs = samples.map((sample) => sample.out);
  const results = (view: string | undefined) => samples.map((sample) => outOf(sample, view));

  return {
    name: `${shape}, ${block.name}`,
    design: service,
    views: shape === "client alone" ? [undefined] : [undefined, ...data.views ?? []],
    handler: (view, seen) => async ({ payload, stream, setView }) => {
      if (!opening && shape !== "unary") assertEquals(payload, undefined);
      if (opening || shape === "unary") seen.push(payload);
      if (view !== undefined) await (stream?.setView ?? setView)(view);
      switch (shape) {
        case "unary":
          return samples.find((_, index) => index === seen.length - 1)!.in;
        case "server":
        case "server as events":
          for (const sample of samples) await stream.send(sample.in);
          return;
        case "client":
          for await (const message of stream) seen.push(message);
          return last.in;
        case "client alone":
          for await (const message of stream) seen.push(message);
          return;
        case "bidi": {
          let index = 0;
          for await (const message of stream) {
            seen.push(message);
            await stream.send(samples[index++]!.in);
          }
        }
      }
    },
    async run(client, view, seen) {
      switch (shape) {
        case "unary": {
          const got: unknown[] = [];
          for (const sample of samples) got.push(await client.m(sample.in));
          assertEquals(seen, outs);
          assertEquals(got, results(view));
          return;
        }
        case "server":
        case "server as events": {
          const call = open(client);
          assertEquals(await Array.fromAsync(call), results(view));
          await call.closed;
          opened(seen);
          return;
        }
        case "client":
        case "client alone": {
          const call = open(client);
          for (const sample of samples) await call.send(sample.in);
          if (shape === "client") assertEquals(await call.closeAndRecv(), outOf(last, view));
          else await call.close();
          opened(seen);
          assertEquals(seen, outs);
          return;
        }
        case "bidi": {
          const call = open(client);
          for (const sample of samples) {
            await call.send(sample.in);
            assertEquals(await call.recv(), outOf(sample, view));
          }
          await call.closeSend();
          assertEquals(await call.recv(), null);
          await call.closed;
          opened(seen);
          assertEquals(seen, outs);
        }
      }
    },
  };
}

const shapes: readonly Shape[] = ["unary", "server", "server as events", "client", "client alone", "bidi"];
const designs = shapes.flatMap((shape) => blocks.map((block) => design(shape, block)));

Deno.test("there are 60 designs at least, all different", () => {
  assert(designs.length >= 60, `${designs.length}`);
  assertEquals(new Set(designs.map(({ name }) => name)).size, designs.length);
});

for (const transport of ["memory", "http", "grpc", "connect"] satisfies TransportName[]) {
  for (const { name, design, views, handler, run } of designs) {
    for (const view of views) {
      Deno.test({
        name: `design over ${transport}: ${name}${view === undefined ? "" : `, view ${view}`}`,
        sanitizeOps: true,
        sanitizeResources: true,
        async fn() {
          const seen: unknown[] = [];
          const handlers = { m: handler(view, seen) } as Loose;
          await withClient(transport, design, handlers, (client) => run(client, view, seen));
        },
      });
    }
  }
}
