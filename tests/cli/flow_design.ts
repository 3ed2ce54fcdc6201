/** Streams of large items. */
import {
  Bytes,
  CodeOK,
  Field,
  GET,
  GRPC,
  HTTP,
  Int,
  Method,
  Param,
  Payload,
  Required,
  Response,
  Result,
  ServerSentEvents,
  Service,
  StreamingPayload,
  StreamingResult,
} from "@x/goats/design";

const item = [Field(1, "n", Int), Field(2, "data", Bytes), Required("n", "data")] as const;

/** One stream for each way. */
export const flow = Service(
  "flow",
  Method("up", StreamingPayload(...item), Result(Int), HTTP(GET("/up")), GRPC(Response(CodeOK))),
  Method(
    "down",
    Payload(Field(1, "count", Int), Required("count")),
    StreamingResult(...item),
    HTTP(GET("/down"), Param("count")),
    GRPC(Response(CodeOK)),
  ),
  Method(
    "events",
    Payload(Field(1, "count", Int), Required("count")),
    StreamingResult(...item),
    HTTP(GET("/events"), Param("count"), ServerSentEvents()),
  ),
  Method(
    "both",
    StreamingPayload(...item),
    StreamingResult(...item),
    HTTP(GET("/both")),
    GRPC(Response(CodeOK)),
  ),
);
