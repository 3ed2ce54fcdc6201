/**
 * What the WebSocket benchmark sends: the same messages on every wire, in the three shapes of a stream.
 *
 * @module
 */
import {
  Field,
  Float32,
  Format,
  FormatDateTime,
  GET,
  HTTP,
  Int,
  Maximum,
  MaxLength,
  Method,
  Minimum,
  Param,
  Payload,
  Required,
  Result,
  Service,
  StreamingPayload,
  StreamingResult,
  String,
  Type,
} from "@x/goats/design";

/** A realistic message, about 100 characters of JSON. */
export const Sample = Type(
  "Sample",
  Field(1, "cpu", Float32, Minimum(0), Maximum(100)),
  Field(2, "memory", Float32, Minimum(0), Maximum(100)),
  Field(3, "host", String, MaxLength(64)),
  Field(4, "at", String, Format(FormatDateTime)),
  Required("cpu", "memory", "host", "at"),
);

/** Next to nothing: here only the cost per message counts. */
export const Tick = Type("Tick", Field(1, "n", Int), Required("n"));

const count = [Field(1, "count", Int), Required("count")] as const;

export const bench = Service(
  "bench",
  Method(
    "push_sample",
    Payload(...count),
    StreamingResult(Sample),
    HTTP(GET("/push_sample"), Param("count")),
  ),
  Method("push_tick", Payload(...count), StreamingResult(Tick), HTTP(GET("/push_tick"), Param("count"))),
  Method("flood_sample", StreamingPayload(Sample), Result(Int), HTTP(GET("/flood_sample"))),
  Method("flood_tick", StreamingPayload(Tick), Result(Int), HTTP(GET("/flood_tick"))),
  Method("echo_sample", StreamingPayload(Sample), StreamingResult(Sample), HTTP(GET("/echo_sample"))),
  Method("echo_tick", StreamingPayload(Tick), StreamingResult(Tick), HTTP(GET("/echo_tick"))),
);

const AT = new Date(0).toISOString();

/** Makes the messages, by kind: a new object each, as a program would. */
export const make = {
  sample: (n: number): { cpu: number; memory: number; host: string; at: string } => ({
    cpu: (n % 400) / 4,
    memory: 43.25,
    host: "web-7.eu-central.example.com",
    at: AT,
  }),
  tick: (n: number): { n: number } => ({ n }),
} as const;

/** Kinds of messages. */
export type Kind = keyof typeof make;

/** What is measured: server to client, client to server, there and back with many and with one message in flight. */
export type Scenario = "push" | "flood" | "echo" | "pingpong";

/** Messages in flight of `echo`; `pingpong` has one. */
export const IN_FLIGHT = 64;

/** One measurement, as the driver asks a client for it. */
export interface Job {
  readonly scenario: Scenario;
  readonly kind: Kind;
  readonly count: number;
}
