import { assertEquals, assertThrows } from "@std/assert";
import * as d from "../design/mod.ts";
import { ServiceError } from "../errors/service_error.ts";
import { eventClientCodec, eventServerCodec } from "./codec.ts";
import { eventStreamParser } from "./event_stream.ts";

const News = d.Type(
  "News",
  d.Field(1, "id", d.String),
  d.Field(2, "kind", d.String),
  d.Field(3, "body", d.Any),
  d.Field(4, "wait", d.UInt64),
  d.Field(5, "text", d.String),
  d.Field(6, "blob", d.Bytes),
  d.Field(7, "numbers", d.ArrayOf(d.Float64)),
);

const fields = [d.SSEEventID("id"), d.SSEEventType("kind"), d.SSEEventRetry("wait")] as const;
const service = d.Service(
  "s",
  d.Method("whole", d.StreamingResult(News), d.HTTP(d.GET("/whole"), d.ServerSentEvents(...fields))),
  ...["body", "text", "blob", "numbers"].map((name) =>
    d.Method(name, d.StreamingResult(News), d.HTTP(d.GET(`/${name}`), d.ServerSentEvents(name, ...fields)))
  ),
);

/** A generator of numbers that a seed replays. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

const SYMBOLS = [
  "a",
  " ",
  ":",
  "data: ",
  "\u00e9",
  "\u{1f600}",
  "\ufeff",
  "0",
  "{",
  "null",
  "true",
  '"',
  "\\",
];

Deno.test("fuzz: what is sent is what is received, whatever carries it and however it is cut", () => {
  const seed = Date.now() >>> 0;
  const next = random(seed);
  const text = (more: readonly string[] = []) =>
    Array.from({ length: next(6) }, () => [...SYMBOLS, ...more][next(SYMBOLS.length + more.length)]).join("");
  const maybe = <T>(name: string, make: () => T) => next(3) === 0 ? {} : { [name]: make() };
  const any = (): unknown =>
    [text(["\n", "\r"]), next(100), next(2) === 0, [text()], { a: text(["\r\n"]) }, -0.5][next(6)];
  for (const method of Object.values(service.model.methods)) {
    const server = eventServerCodec(method);
    const client = eventClientCodec(method);
    for (let round = 0; round < 500; round++) {
      const whole = method.name === "whole";
      const values = Array.from({ length: next(4) + 1 }, () => ({
        ...maybe("id", () => text()),
        ...maybe("kind", () => text()),
        ...maybe("wait", () => BigInt(next(2 ** 30)) * BigInt(next(2 ** 30)) * 16n),
        ...(whole || method.name === "body" ? maybe("body", any) : {}),
        ...(whole || method.name === "text" ? maybe("text", () => text(["\n"])) : {}),
        ...(whole || method.name === "blob"
          ? maybe("blob", () => Uint8Array.from({ length: next(9) }, () => next(256)))
          : {}),
        ...(whole || method.name === "numbers" ? maybe("numbers", () => [next(100) / 7]) : {}),
      }));
      const stream = values.map((value) => server.encode(value, "default")).join("");
      const parser = eventStreamParser();
      const got: unknown[] = [];
      for (let at = 0; at < stream.length;) {
        for (const event of parser.push(stream.slice(at, at += next(30) + 1))) {
          if (client.takes(event)) got.push(client.decode(event, "default"));
        }
      }
      assertEquals(got, values, `seed ${seed}, ${method.name}, round ${round}: ${JSON.stringify(stream)}`);
    }
  }
});

Deno.test("fuzz: any event is a message, none, or a declared error", () => {
  const seed = Date.now() >>> 0;
  const next = random(seed);
  const text = () => Array.from({ length: next(6) }, () => SYMBOLS[next(SYMBOLS.length)]).join("");
  for (const method of Object.values(service.model.methods)) {
    const client = eventClientCodec(method);
    for (let round = 0; round < 500; round++) {
      const event = {
        ...(next(2) === 0 ? { data: text() } : {}),
        ...(next(2) === 0 ? { id: text() } : {}),
        ...(next(2) === 0 ? { type: text() } : {}),
        ...(next(2) === 0 ? { retry: "9".repeat(next(30)) } : {}),
      };
      try {
        client.decode(event, "default");
      } catch (error) {
        if (!(error instanceof ServiceError)) {
          throw new Error(`seed ${seed}: ${JSON.stringify(event)}`, { cause: error });
        }
      }
    }
  }
});

Deno.test("retry cannot be negative", () => {
  const negative = d.Service(
    "s",
    d.Method(
      "m",
      d.StreamingResult(d.Field(1, "wait", d.Int)),
      d.HTTP(d.GET("/"), d.ServerSentEvents(d.SSEEventRetry("wait"))),
    ),
  );
  const codec = eventServerCodec(negative.model.methods["m"]!);
  assertEquals(codec.encode({ wait: 0 }, "default"), 'retry: 0\ndata: {"wait":0}\n\n');
  const error = assertThrows(() => codec.encode({ wait: -1 }, "default"), ServiceError);
  assertEquals([error.name, error.message], [
    "invalid_range",
    "s.m: result.wait must be greater or equal than 0 but got value -1",
  ]);
});
