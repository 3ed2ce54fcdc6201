/**
 * The design of the benchmarks: every kind of call, with both kinds of messages, on every transport.
 *
 * @module
 */
import {
  CodeOK,
  Field,
  Float32,
  Format,
  FormatDateTime,
  GET,
  GRPC,
  HTTP,
  Int,
  Maximum,
  MaxLength,
  Method,
  Minimum,
  Param,
  Payload,
  POST,
  Required,
  Response,
  Result,
  Service,
  StreamingPayload,
  StreamingResult,
  String,
  Type,
} from "@x/goats/design";

/** See messages.ts. */
export const Sample = Type(
  "Sample",
  Field(1, "cpu", Float32, Minimum(0), Maximum(100)),
  Field(2, "memory", Float32, Minimum(0), Maximum(100)),
  Field(3, "host", String, MaxLength(64)),
  Field(4, "at", String, Format(FormatDateTime)),
  Required("cpu", "memory", "host", "at"),
);

/** See messages.ts. */
export const Tick = Type("Tick", Field(1, "n", Int), Required("n"));

const count = [Field(1, "count", Int), Required("count")] as const;
const grpc = GRPC(Response(CodeOK));

export const bench = Service(
  "bench",
  Method("get_sample", Payload(Sample), Result(Sample), HTTP(POST("/get_sample")), grpc),
  Method("get_tick", Payload(Tick), Result(Tick), HTTP(POST("/get_tick")), grpc),
  Method(
    "push_sample",
    Payload(...count),
    StreamingResult(Sample),
    HTTP(GET("/push_sample"), Param("count")),
    grpc,
  ),
  Method(
    "push_tick",
    Payload(...count),
    StreamingResult(Tick),
    HTTP(GET("/push_tick"), Param("count")),
    grpc,
  ),
  Method("flood_sample", StreamingPayload(Sample), Result(...count), HTTP(GET("/flood_sample")), grpc),
  Method("flood_tick", StreamingPayload(Tick), Result(...count), HTTP(GET("/flood_tick")), grpc),
  Method(
    "echo_sample",
    StreamingPayload(Sample),
    StreamingResult(Sample),
    HTTP(GET("/echo_sample")),
    grpc,
  ),
  Method("echo_tick", StreamingPayload(Tick), StreamingResult(Tick), HTTP(GET("/echo_tick")), grpc),
  Method("follow", StreamingResult(Sample), HTTP(GET("/follow"))),
  Method("burst", Payload(...count), HTTP(POST("/burst"))),
);
