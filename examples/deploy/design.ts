/**
 * What fits a host without a gRPC port: a page, a call, a stream over WebSocket.
 *
 * @module
 */
import {
  ContentType,
  Description,
  Field,
  GET,
  HTTP,
  Idempotent,
  Int,
  Maximum,
  Method,
  Minimum,
  Payload,
  POST,
  Required,
  Response,
  Result,
  Service,
  StatusOK,
  StreamingResult,
  String,
  Type,
} from "@x/goats/design";

const Total = Type(
  "Total",
  Field(1, "total", Int, "Sum of all that was added"),
  Field(2, "instance", String, "Which process counts: each has a total of its own"),
  Required("total", "instance"),
);

export const tally = Service(
  "tally",
  Description("Counts what everybody adds"),
  Method(
    "page",
    Description("A page that shows the total, and adds to it"),
    Result(String),
    HTTP(GET("/"), Response(StatusOK, ContentType("text/html; charset=utf-8"))),
  ),
  Method(
    "add",
    Description("Add to the total"),
    Payload(Field(1, "by", Int, "How much", Minimum(-100), Maximum(100)), Required("by")),
    Result(Total),
    HTTP(POST("/add")),
  ),
  Method(
    "watch",
    Description("Tell the total, now and each time it changes"),
    Idempotent(), // called anew when the process that served it is gone
    StreamingResult(Total),
    HTTP(GET("/watch")),
  ),
);
