/** A stream for the browser test. */
import * as d from "../src/design/mod.ts";

/** Events with ids, asked for with a body: more than an `EventSource` can. */
export const ticker = d.Service(
  "ticker",
  d.Error("backwards"),
  d.Method(
    "ticks",
    d.Idempotent(),
    d.Payload(d.Field(1, "to", d.Int), d.Field(2, "after"), d.Required("to")),
    d.StreamingResult(d.Field(1, "id", d.String), d.Field(2, "wait", d.Int), d.Required("id")),
    d.HTTP(
      d.POST("/ticks"),
      d.ServerSentEvents(d.SSEEventID("id"), d.SSEEventRetry("wait"), d.SSERequestID("after")),
      d.Response("backwards", d.StatusBadRequest),
    ),
  ),
);
