/**
 * Client streaming: Goa's guide to gRPC streaming, `analytics.process`.
 *
 * @module
 */
import {
  Bytes,
  CodeOK,
  Description,
  Field,
  Format,
  FormatDateTime,
  GET,
  GRPC,
  HTTP,
  Int64,
  Method,
  MinLength,
  Required,
  Response,
  Result,
  Service,
  StreamingPayload,
  String,
} from "@x/goats/design";

export const analytics = Service(
  "analytics",
  Description("Counts what happens"),
  Method(
    "process",
    Description("Process stream of analytics events"),
    StreamingPayload(
      Field(1, "event_type", String, "Type of event", MinLength(1)),
      Field(2, "timestamp", String, "Event timestamp", Format(FormatDateTime)),
      Field(3, "data", Bytes, "Event data"),
      Required("event_type", "timestamp", "data"),
    ),
    Result(
      Field(1, "processed_count", Int64, "Number of events processed"),
      Required("processed_count"),
    ),
    HTTP(GET("/process")),
    GRPC(Response(CodeOK)),
  ),
);
