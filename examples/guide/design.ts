/**
 * The three streams of Goa's guide to WebSockets: `listener`, `subscribe`, `echo`.
 *
 * @module
 */
import {
  CodeOK,
  CodeResourceExhausted,
  Description,
  Error,
  Field,
  Format,
  FormatDateTime,
  GET,
  GRPC,
  HTTP,
  Method,
  Required,
  Response,
  Service,
  StatusTooManyRequests,
  StreamingPayload,
  StreamingResult,
  String,
  Temporary,
} from "@x/goats/design";

export const guide = Service(
  "guide",
  Description("Streams one way, the other way, and both ways"),
  Method(
    "listener",
    Description("Listen to the caller, and tell the subscribers"),
    StreamingPayload(Field(1, "message", String, "Message content"), Required("message")),
    HTTP(GET("/listen")),
    GRPC(Response(CodeOK)),
  ),
  Method(
    "subscribe",
    Description("Tell what the listener hears"),
    StreamingResult(
      Field(1, "message", String, "Update content"),
      Field(2, "action", String, "Action type"),
      Field(3, "timestamp", String, "When it happened", Format(FormatDateTime)),
      Required("message", "action", "timestamp"),
    ),
    Error("too_slow", "Too many updates wait for you", Temporary()),
    HTTP(GET("/subscribe"), Response("too_slow", StatusTooManyRequests)),
    GRPC(Response(CodeOK), Response("too_slow", CodeResourceExhausted)),
  ),
  Method(
    "echo",
    Description("Say it again"),
    StreamingPayload(Field(1, "message", String, "Message to echo"), Required("message")),
    StreamingResult(Field(1, "message", String, "Echoed message"), Required("message")),
    HTTP(GET("/echo")),
    GRPC(Response(CodeOK)),
  ),
);
