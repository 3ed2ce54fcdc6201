/**
 * A result type with views, streamed and by itself; an error with a status of its own.
 *
 * @module
 */
import {
  CodeNotFound,
  CodeOK,
  Default,
  Description,
  Enum,
  Error,
  Field,
  GET,
  GRPC,
  HTTP,
  Maximum,
  Method,
  Minimum,
  Param,
  Path,
  Payload,
  Required,
  Response,
  Result,
  ResultType,
  Service,
  StatusNotFound,
  StatusOK,
  StreamingResult,
  String,
  UInt32,
  View,
} from "@x/goats/design";

export const Bottle = ResultType(
  "application/vnd.goats.bottle",
  Description("A bottle of wine"),
  Field(1, "id", UInt32, "Number on the shelf", Minimum(1)),
  Field(2, "name", String, "Name of the wine"),
  Field(3, "winery", String, "Who made it"),
  Field(4, "vintage", UInt32, "Year of the harvest", Minimum(1900), Maximum(2100)),
  Field(5, "region", String, "Where it grew"),
  Field(6, "varietal", String, "Grape"),
  Required("id", "name", "winery", "vintage"),
  View("default", "id", "name", "winery", "vintage", "region", "varietal"),
  View("tiny", "id", "name"),
);

export const cellar = Service(
  "cellar",
  Description("A wine cellar"),
  HTTP(Path("/cellar")),
  Method(
    "list",
    Description("Stream the bottles, in the view asked for"),
    Payload(
      Field(
        1,
        "view",
        String,
        "How much of each bottle to tell",
        Enum("default", "tiny"),
        Default("default"),
      ),
    ),
    StreamingResult(Bottle),
    HTTP(GET("/bottles"), Param("view")),
    GRPC(Response(CodeOK)),
  ),
  Method(
    "show",
    Description("One bottle"),
    Payload(Field(1, "id", UInt32, "Number on the shelf", Minimum(1)), Required("id")),
    Result(Bottle),
    Error("not_found", "There is no such bottle"),
    HTTP(GET("/bottles/{id}"), Response(StatusOK), Response("not_found", StatusNotFound)),
    GRPC(Response(CodeOK), Response("not_found", CodeNotFound)),
  ),
);
