/**
 * What the gRPC benchmark sends: the same messages by every library, in all kinds of call.
 *
 * @module
 */
import {
  CodeOK,
  Field,
  GRPC,
  Int,
  Method,
  Payload,
  Required,
  Response,
  Result,
  Service,
  StreamingPayload,
  StreamingResult,
} from "@x/goats/design";
import { type Kind, Sample, Tick } from "./ws_design.ts";

export { IN_FLIGHT, type Kind, make, Sample, Tick } from "./ws_design.ts";

const count = [Field(1, "count", Int), Required("count")] as const;
const offered = GRPC(Response(CodeOK));

export const bench = Service(
  "bench",
  Method("get_sample", Payload(Sample), Result(Sample), offered),
  Method("get_tick", Payload(Tick), Result(Tick), offered),
  Method("push_sample", Payload(...count), StreamingResult(Sample), offered),
  Method("push_tick", Payload(...count), StreamingResult(Tick), offered),
  Method("flood_sample", StreamingPayload(Sample), Result(...count), offered),
  Method("flood_tick", StreamingPayload(Tick), Result(...count), offered),
  Method("echo_sample", StreamingPayload(Sample), StreamingResult(Sample), offered),
  Method("echo_tick", StreamingPayload(Tick), StreamingResult(Tick), offered),
);

/**
 * What is measured: unary calls one at a time and 50 at a time, server to client, client to server, there and back on
 * one stream with many and with one message in flight.
 */
export type Scenario = "unary" | "unary50" | "push" | "flood" | "echo" | "pingpong";

/** One measurement, as the driver asks a client for it. */
export interface Job {
  readonly scenario: Scenario;
  readonly kind: Kind;
  readonly count: number;
}

/** A message of either kind. */
export type Message = object;

/** A library of the benchmark. */
export interface Library {
  /** Starts a server; resolves to `host:port`. */
  serve(): Promise<string>;
  /** Connects to it; gives what a client can do. Each resolves to the number of messages received, or counted. */
  connect(address: string): Calls;
}

/** The calls of a client. */
export interface Calls {
  unary(kind: Kind, message: Message): Promise<Message>;
  push(kind: Kind, count: number): Promise<number>;
  flood(kind: Kind, messages: Iterable<Message>): Promise<number>;
  /** Opens a stream both ways. */
  echo(kind: Kind, count: number, inFlight: number): Promise<number>;
}
