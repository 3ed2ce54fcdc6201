/**
 * What shows that several isolates serve: who answers, and a room that all of them share.
 *
 * @module
 */
import {
  Description,
  Field,
  GET,
  HTTP,
  Idempotent,
  Int64,
  Method,
  MinLength,
  Param,
  Payload,
  POST,
  Required,
  Result,
  Service,
  StreamingResult,
  String,
} from "@x/goats/design";

export const parallel = Service(
  "parallel",
  Description("News for everybody, whichever isolate they are connected to"),
  Method(
    "who",
    Description("Which isolate answers"),
    Result(String),
    HTTP(GET("/who")),
  ),
  Method(
    "tell",
    Description("Tell everybody something, by the isolate that answers"),
    Payload(Field(1, "text", String, "What to tell", MinLength(1)), Required("text")),
    Result(Int64),
    HTTP(POST("/tell")),
  ),
  Method(
    "news",
    Description(
      "What is told, whoever tells it. The first message says which isolate the reader is connected to",
    ),
    Idempotent(), // called anew when the connection is lost and the next one reaches another isolate
    Payload(Field(1, "since", Int64, "Number of the last news that is known, to go on after it")),
    StreamingResult(
      Field(1, "number", Int64, "Number of this news, the same for everybody; 0 for the first message"),
      Field(2, "text", String, "What was told"),
      Field(3, "by", String, "Isolate that took it"),
      Field(4, "to", String, "Isolate that the reader is connected to"),
      Required("number", "text", "by", "to"),
    ),
    HTTP(GET("/news"), Param("since")),
  ),
);
