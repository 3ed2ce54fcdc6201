/**
 * Server streaming: Goa's guide to gRPC streaming, `monitor.watch`.
 *
 * @module
 */
import {
  CodeOK,
  Description,
  Field,
  Files,
  Float32,
  GET,
  GRPC,
  HTTP,
  Int,
  Maximum,
  Method,
  Minimum,
  Param,
  Payload,
  Required,
  Response,
  Service,
  StreamingResult,
} from "@x/goats/design";

export const monitor = Service(
  "monitor",
  Description("System metrics"),
  Method(
    "watch",
    Description("Stream system metrics"),
    Payload(
      Field(1, "interval", Int, "Sampling interval in seconds", Minimum(1), Maximum(3600)),
      Required("interval"),
    ),
    StreamingResult(
      Field(1, "cpu", Float32, "CPU usage percentage", Minimum(0), Maximum(100)),
      Field(2, "memory", Float32, "Memory usage percentage", Minimum(0), Maximum(100)),
      Required("cpu", "memory"),
    ),
    HTTP(GET("/watch"), Param("interval")),
    GRPC(Response(CodeOK)),
  ),
  Files("/monitor", "examples/monitor/page.html", "A page to watch it on"),
);
