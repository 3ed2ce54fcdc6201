/** What the tests in real browsers call: every kind of call that a page makes. */
import * as d from "../../src/design/mod.ts";

/** Who may read what is secret. */
export const jwt = d.JWTSecurity<string>("jwt", "Sign in first");

const Item = d.Type("Item", d.Field(1, "n", d.Int), d.Field(2, "text", d.String), d.Required("n"));
const Sold = d.Type(
  "Sold",
  d.Field(1, "item", d.String),
  d.Field(2, "left", d.Int),
  d.Field(3, "until", d.String),
  d.Required("item", "left"),
);
const Tick = d.Type(
  "Tick",
  d.Field(1, "n", d.String),
  d.Field(2, "process", d.Int, "Which process says so"),
  d.Required("n", "process"),
);

/** The service. */
export const market = d.Service(
  "market",
  d.Method(
    "echo",
    d.Description("Everything comes back; after the caller's end, how many there were"),
    d.StreamingPayload(Item),
    d.StreamingResult(Item),
    d.HTTP(d.GET("/echo")),
  ),
  d.Method(
    "follow",
    d.Description("Counts for ever, over a WebSocket"),
    d.Idempotent(),
    d.StreamingResult(Tick),
    d.HTTP(d.GET("/follow")),
  ),
  d.Method(
    "news",
    d.Description("Counts, as events"),
    d.Idempotent(),
    d.Payload(d.Field(1, "to", d.Int), d.Field(2, "after", d.String), d.Required("to")),
    d.StreamingResult(Tick),
    d.HTTP(
      d.POST("/news"),
      d.ServerSentEvents(d.SSEEventID("n"), d.SSERequestID("after")),
    ),
  ),
  d.Method(
    "buy",
    d.Payload(d.Field(1, "item", d.String), d.Field(2, "count", d.Int, d.Minimum(1)), d.Required("item")),
    d.Result(d.Field(1, "price", d.Float64), d.Required("price")),
    d.Error("sold_out", Sold),
    d.HTTP(d.POST("/buy"), d.Response("sold_out", d.StatusConflict)),
  ),
  d.Method(
    "auction",
    d.Description("Two bids, then an error"),
    d.Payload(d.Field(1, "item", d.String), d.Required("item")),
    d.StreamingResult(d.Int),
    d.Error("sold_out", Sold),
    d.HTTP(d.GET("/auction/{item}"), d.Response("sold_out", d.StatusConflict)),
  ),
  d.Method(
    "secrets",
    d.Security(jwt),
    d.Payload(d.TokenField(1, "token"), d.Required("token")),
    d.StreamingResult(d.String),
    d.HTTP(d.GET("/secrets")),
  ),
  d.Method(
    "upload",
    d.Payload(d.Field(1, "name", d.String), d.Required("name")),
    d.Result(d.Field(1, "size", d.Int), d.Field(2, "sum", d.Int), d.Required("size", "sum")),
    d.HTTP(d.PUT("/files/{name}"), d.SkipRequestBodyEncodeDecode()),
  ),
  d.Method(
    "download",
    d.Payload(d.Field(1, "size", d.Int), d.Required("size")),
    d.Result(d.Field(1, "name", d.String), d.Required("name")),
    d.HTTP(
      d.GET("/files/{size}"),
      d.SkipResponseBodyEncodeDecode(),
      d.Response(d.StatusOK, d.Header("name:x-name"), d.ContentType("application/octet-stream")),
    ),
  ),
);
