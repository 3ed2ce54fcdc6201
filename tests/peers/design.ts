/** A service with a bit of everything; trip_log.proto is what Goa 3.25.3 makes of the same design. */
import {
  ArrayOf,
  Bytes,
  CodeNotFound,
  CodeOK,
  CodePermissionDenied,
  CodeUnavailable,
  Default,
  Error,
  Field,
  Float64,
  GRPC,
  Int,
  Int32,
  Int64,
  MapOf,
  Maximum,
  Method,
  Payload,
  Required,
  Response,
  Result,
  ResultType,
  Service,
  StreamingPayload,
  StreamingResult,
  String,
  Temporary,
  Type,
  TypeName,
  UInt,
  UInt32,
  View,
} from "../../src/design/mod.ts";

const Missing = Type("Missing", Field(1, "id", Int64), Field(2, "hint", String), Required("id"));

const Stop = Type("Stop", Field(1, "place", String), Field(2, "wait", Int), Required("place"));

const Trip = ResultType(
  "application/vnd.goats.trip",
  TypeName("Trip"),
  Field(1, "id", Int64),
  Field(2, "name", String),
  Field(3, "stops", ArrayOf(Stop)),
  Field(4, "tags", MapOf(String, Float64)),
  Field(5, "photo", Bytes),
  Field(6, "lead_url", String, Default("none")),
  Field(7, "seats", UInt32),
  Required("id", "name"),
  View("default", "id", "name", "stops", "tags", "photo", "lead_url", "seats"),
  View("tiny", "id", "name"),
);

export const tripLog = Service(
  "trip_log",
  Error("busy", Temporary()),
  Method(
    "get_trip",
    Payload(Field(1, "id", Int64), Field(2, "view", String), Required("id")),
    Result(Trip),
    Error("not_found", Missing),
    GRPC(Response(CodeOK), Response("not_found", CodeNotFound), Response("busy", CodeUnavailable)),
  ),
  Method(
    "list_ids",
    Payload(Field(1, "upto", Int, Maximum(1_000_000)), Required("upto")),
    StreamingResult(UInt),
    GRPC(Response(CodeOK)),
  ),
  Method("upload", StreamingPayload(Stop), Result(Int64), GRPC(Response(CodeOK))),
  Method(
    "talk",
    StreamingPayload(Field(1, "text", String), Required("text")),
    StreamingResult(Field(1, "text", String), Field(2, "n", Int32), Required("text", "n")),
    Error("rude"),
    GRPC(Response(CodeOK), Response("rude", CodePermissionDenied)),
  ),
  Method("ping", GRPC(Response(CodeOK))),
  Method(
    "guide",
    Payload(Field(1, "trip", Int64), Required("trip")),
    StreamingPayload(Field(1, "text", String), Required("text")),
    StreamingResult(String),
    GRPC(Response(CodeOK)),
  ),
);
