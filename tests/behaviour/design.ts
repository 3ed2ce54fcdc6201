/** The service of the behaviour table: one method per kind of call, each with a payload and an error of its own. */
import {
  Bytes,
  CodeNotFound,
  CodeOK,
  Default,
  Error,
  Field,
  GET,
  GRPC,
  HTTP,
  Int,
  Int64,
  Maximum,
  MaxLength,
  Method,
  Param,
  Payload,
  POST,
  Required,
  Response,
  Result,
  ServerSentEvents,
  Service,
  type SSEPart,
  StatusNotFound,
  StatusOK,
  StreamingPayload,
  StreamingResult,
  String,
  Type,
} from "../../src/design/mod.ts";

/** An error with a type of its own. */
const Missing = Type("Missing", Field(1, "id", String), Field(2, "tries", Int), Required("id", "tries"));

// deno-lint-ignore explicit-function-return-type
function design(most: number, longest: number, ...events: SSEPart[]) {
  /** What streams carry. */
  const Item = Type(
    "Item",
    Field(1, "n", Int, Maximum(most)),
    Field(2, "at", Int64),
    Field(3, "data", Bytes),
    Field(4, "note", String, Default("none")),
    Required("n"),
  );
  return Service(
    "table",
    Error("gone", Missing, "It is not there any more"),
    Method(
      "unary",
      Payload(Field(1, "n", Int), Field(2, "note", String, MaxLength(longest)), Required("n")),
      Result(Item),
      Error("refused"),
      HTTP(
        POST("/unary/{n}"),
        Response(StatusOK),
        Response("refused", StatusNotFound),
        Response("gone", StatusNotFound),
      ),
      GRPC(Response(CodeOK), Response("refused", CodeNotFound), Response("gone", CodeNotFound)),
    ),
    Method(
      "down",
      Payload(Field(1, "n", Int), Required("n")),
      StreamingResult(Item),
      Error("refused"),
      HTTP(GET("/down"), Param("n"), Response("refused", StatusNotFound), ...events),
      GRPC(Response(CodeOK), Response("refused", CodeNotFound)),
    ),
    Method(
      "up",
      Payload(Field(1, "n", Int), Required("n")),
      StreamingPayload(Item),
      Result(Field(1, "count", Int64), Field(2, "last", Int), Required("count")),
      Error("refused"),
      HTTP(GET("/up/{n}"), Response("refused", StatusNotFound)),
      GRPC(Response(CodeOK), Response("refused", CodeNotFound)),
    ),
    Method(
      "push",
      StreamingPayload(Item),
      Error("refused"),
      HTTP(GET("/push"), Response("refused", StatusNotFound)),
      GRPC(Response(CodeOK), Response("refused", CodeNotFound)),
    ),
    Method(
      "both",
      Payload(Field(1, "n", Int), Required("n")),
      StreamingPayload(Item),
      StreamingResult(Item),
      Error("refused"),
      HTTP(GET("/both"), Param("n"), Response("refused", StatusNotFound)),
      GRPC(Response(CodeOK), Response("refused", CodeNotFound)),
    ),
  );
}

/** An `n` beyond a million is invalid, a note of the payload beyond eight characters. */
export const table = design(1_000_000, 8);

/** The same with wider bounds: what it lets through, `table` refuses at the other end. */
export const loose = design(2_000_000_000, 1000);

/** A design as it is where `down` leaves as Server-Sent Events. */
export const withEvents: ReadonlyMap<unknown, typeof table> = new Map([
  [table, design(1_000_000, 8, ServerSentEvents())],
  [loose, design(2_000_000_000, 1000, ServerSentEvents())],
]);
