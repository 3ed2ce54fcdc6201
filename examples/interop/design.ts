/**
 * gRPC's own interoperability services (grpc/grpc `src/proto/grpc/testing/{test,messages,empty}.proto`) in words: what
 * a `.proto` file that others wrote looks like as a design. `Package`, `Meta("struct:name:proto", …)` and
 * `Meta("struct:field:proto", …)` say where it differs from what goats would choose.
 *
 * An enum of protobuf is an int32 on the wire, and so it is here.
 *
 * @module
 */
import {
  ArrayOf,
  Boolean,
  Bytes,
  CodeAborted,
  CodeAlreadyExists,
  CodeCanceled,
  CodeDataLoss,
  CodeDeadlineExceeded,
  CodeFailedPrecondition,
  CodeInternal,
  CodeInvalidArgument,
  CodeNotFound,
  CodeOK,
  CodeOutOfRange,
  CodePermissionDenied,
  CodeResourceExhausted,
  CodeUnauthenticated,
  CodeUnavailable,
  CodeUnimplemented,
  CodeUnknown,
  Default,
  Error,
  Field,
  GRPC,
  Int32,
  Meta,
  Method,
  Package,
  Payload,
  Response,
  Result,
  Service,
  StreamingPayload,
  StreamingResult,
  String,
  Type,
} from "@x/goats/design";

/** `int32`, where goats would take `sint32`; absent means zero, as in every proto3 file without `optional`. */
const int32 = [Int32, Default(0), Meta("struct:field:proto", "int32")] as const;

const BoolValue = Type("BoolValue", Field(1, "value", Boolean, Default(false)));
/** A well-known type: its message is not written into our `.proto` file but imported. */
const boolValue = [
  BoolValue,
  Meta("struct:field:proto", "google.protobuf.BoolValue", "google/protobuf/wrappers.proto"),
] as const;

/** A message without fields, under its own name. */
const Nothing = Type("Nothing", Meta("struct:name:proto", "Empty"));

const Body = Type(
  "Payload",
  Field(1, "type", "PayloadType: 0 is COMPRESSABLE", ...int32),
  Field(2, "body", Bytes),
);

const EchoStatus = Type("EchoStatus", Field(1, "code", ...int32), Field(2, "message", String, Default("")));

const SimpleRequest = Type(
  "SimpleRequest",
  Field(1, "response_type", ...int32),
  Field(2, "response_size", ...int32),
  Field(3, "payload", Body),
  Field(4, "fill_username", Boolean),
  Field(5, "fill_oauth_scope", Boolean),
  Field(6, "response_compressed", ...boolValue),
  Field(7, "response_status", EchoStatus),
  Field(8, "expect_compressed", ...boolValue),
  Field(9, "fill_server_id", Boolean),
  Meta("struct:name:proto", "SimpleRequest"),
);

const SimpleResponse = Type(
  "SimpleResponse",
  Field(1, "payload", Body),
  Field(2, "username", String),
  Field(3, "oauth_scope", String),
  Field(4, "server_id", String),
  Field(6, "hostname", String),
  Meta("struct:name:proto", "SimpleResponse"),
);

const ResponseParameters = Type(
  "ResponseParameters",
  Field(1, "size", ...int32),
  Field(2, "interval_us", ...int32),
  Field(3, "compressed", ...boolValue),
);

const StreamingInputCallRequest = Type(
  "StreamingInputCallRequest",
  Field(1, "payload", Body),
  Field(2, "expect_compressed", ...boolValue),
  Meta("struct:name:proto", "StreamingInputCallRequest"),
);

const StreamingInputCallResponse = Type(
  "StreamingInputCallResponse",
  Field(1, "aggregated_payload_size", ...int32),
  Meta("struct:name:proto", "StreamingInputCallResponse"),
);

const StreamingOutputCallRequest = Type(
  "StreamingOutputCallRequest",
  Field(1, "response_type", ...int32),
  Field(2, "response_parameters", ArrayOf(ResponseParameters)),
  Field(3, "payload", Body),
  Field(7, "response_status", EchoStatus),
  Meta("struct:name:proto", "StreamingOutputCallRequest"),
);

const StreamingOutputCallResponse = Type(
  "StreamingOutputCallResponse",
  Field(1, "payload", Body),
  Meta("struct:name:proto", "StreamingOutputCallResponse"),
);

/** The names of errors by code, as a caller asks for a status by its number. */
export const ERRORS = [
  "canceled",
  "unknown",
  "invalid_argument",
  "timeout",
  "not_found",
  "already_exists",
  "forbidden",
  "overloaded",
  "failed_precondition",
  "aborted",
  "out_of_range",
  "unimplemented",
  "fault",
  "unavailable",
  "data_loss",
  "unauthorized",
] as const;

export const test = Service(
  "test_service",
  Error("canceled"),
  Error("unknown"),
  Error("invalid_argument"),
  Error("timeout"),
  Error("not_found"),
  Error("already_exists"),
  Error("forbidden"),
  Error("overloaded"),
  Error("failed_precondition"),
  Error("aborted"),
  Error("out_of_range"),
  Error("unimplemented"),
  Error("fault"),
  Error("unavailable"),
  Error("data_loss"),
  Error("unauthorized"),
  GRPC(
    Package("grpc.testing"),
    Response("canceled", CodeCanceled),
    Response("unknown", CodeUnknown),
    Response("invalid_argument", CodeInvalidArgument),
    Response("timeout", CodeDeadlineExceeded),
    Response("not_found", CodeNotFound),
    Response("already_exists", CodeAlreadyExists),
    Response("forbidden", CodePermissionDenied),
    Response("overloaded", CodeResourceExhausted),
    Response("failed_precondition", CodeFailedPrecondition),
    Response("aborted", CodeAborted),
    Response("out_of_range", CodeOutOfRange),
    Response("unimplemented", CodeUnimplemented),
    Response("fault", CodeInternal),
    Response("unavailable", CodeUnavailable),
    Response("data_loss", CodeDataLoss),
    Response("unauthorized", CodeUnauthenticated),
  ),
  Method("empty_call", Payload(Nothing), Result(Nothing), GRPC(Response(CodeOK))),
  Method("unary_call", Payload(SimpleRequest), Result(SimpleResponse), GRPC(Response(CodeOK))),
  Method("cacheable_unary_call", Payload(SimpleRequest), Result(SimpleResponse), GRPC(Response(CodeOK))),
  Method(
    "streaming_output_call",
    Payload(StreamingOutputCallRequest),
    StreamingResult(StreamingOutputCallResponse),
    GRPC(Response(CodeOK)),
  ),
  Method(
    "streaming_input_call",
    StreamingPayload(StreamingInputCallRequest),
    Result(StreamingInputCallResponse),
    GRPC(Response(CodeOK)),
  ),
  Method(
    "full_duplex_call",
    StreamingPayload(StreamingOutputCallRequest),
    StreamingResult(StreamingOutputCallResponse),
    GRPC(Response(CodeOK)),
  ),
  Method(
    "half_duplex_call",
    StreamingPayload(StreamingOutputCallRequest),
    StreamingResult(StreamingOutputCallResponse),
    GRPC(Response(CodeOK)),
  ),
);

/** The rpc that no server of the test service implements; apart, as `implement` wants every method of a design. */
export const unimplementedMethod = Service(
  "test_service",
  GRPC(Package("grpc.testing")),
  Method("unimplemented_call", Payload(Nothing), Result(Nothing), GRPC(Response(CodeOK))),
);

/** The service that no server has. */
export const unimplementedService = Service(
  "unimplemented_service",
  GRPC(Package("grpc.testing")),
  Method("unimplemented_call", Payload(Nothing), Result(Nothing), GRPC(Response(CodeOK))),
);
