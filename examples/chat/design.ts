/**
 * Both ways: Goa's guide to gRPC streaming, `chat.connect`.
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
  MaxLength,
  Method,
  MinLength,
  Required,
  Response,
  Service,
  StatusTooManyRequests,
  StreamingPayload,
  StreamingResult,
  String,
  Temporary,
} from "@x/goats/design";

export const chat = Service(
  "chat",
  Description("A room to talk in"),
  Method(
    "connect",
    Description("Establish bidirectional chat connection"),
    StreamingPayload(
      Field(1, "message", String, "Chat message", MinLength(1), MaxLength(2000)),
      Field(2, "user_id", String, "User identifier", MinLength(1), MaxLength(64)),
      Required("message", "user_id"),
    ),
    StreamingResult(
      Field(1, "message", String, "Chat message"),
      Field(2, "user_id", String, "User identifier"),
      Field(3, "timestamp", String, "When the message came in", Format(FormatDateTime)),
      Required("message", "user_id", "timestamp"),
    ),
    Error("too_slow", "Too many messages wait for you", Temporary()),
    HTTP(GET("/connect"), Response("too_slow", StatusTooManyRequests)),
    GRPC(Response(CodeOK), Response("too_slow", CodeResourceExhausted)),
  ),
);
