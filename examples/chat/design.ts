/**
 * Both ways: Goa's guide to gRPC streaming, `chat.connect`. What is not in the guide is for people who come late, and
 * travels beside the stream.
 *
 * @module
 */
import {
  CodeOK,
  CodeResourceExhausted,
  Default,
  Description,
  Enum,
  Error,
  Field,
  Files,
  Format,
  FormatDateTime,
  GET,
  GRPC,
  HTTP,
  Int,
  Int64,
  Maximum,
  MaxLength,
  Metadata,
  Method,
  Minimum,
  MinLength,
  Param,
  Payload,
  Required,
  Response,
  ServerSentEvents,
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
    Payload(
      Field(1, "user_id", String, "Who it is", MinLength(1), MaxLength(64), Default("somebody")),
      Field(
        2,
        "last",
        Int,
        "How many messages of before to start with",
        Minimum(0),
        Maximum(100),
        Default(0),
      ),
      Field(3, "since", Int64, "Number of the last message heard, to go on after it"),
    ),
    StreamingPayload(
      Field(1, "message", String, "Chat message", MinLength(1), MaxLength(2000)),
      Field(2, "user_id", String, "User identifier", MinLength(1), MaxLength(64)),
      Required("message", "user_id"),
    ),
    StreamingResult(
      Field(1, "message", String, "Chat message"),
      Field(2, "user_id", String, "User identifier"),
      Field(3, "timestamp", String, "When the message came in", Format(FormatDateTime)),
      Field(4, "number", Int64, "Number of the message in this room"),
      Required("message", "user_id", "timestamp"),
    ),
    Error("too_slow", "Too many messages wait for you", Temporary()),
    HTTP(
      GET("/connect"),
      Param("user_id"),
      Param("last"),
      Param("since"),
      Response("too_slow", StatusTooManyRequests),
    ),
    GRPC(
      Metadata("user_id", "last", "since"),
      Response(CodeOK),
      Response("too_slow", CodeResourceExhausted),
    ),
  ),
  Method(
    "people",
    Description("Who is there, and who comes and goes"),
    StreamingResult(
      Field(1, "type", String, "What happened", Enum("joined", "left")),
      Field(2, "user_id", String, "User identifier"),
      Field(3, "connections", Int, "How many times they are in the room now"),
      Required("type", "user_id", "connections"),
    ),
    HTTP(GET("/people"), ServerSentEvents()),
    GRPC(Response(CodeOK)),
  ),
  Files("/chat", "examples/chat/page.html", "A page to talk on"),
);
